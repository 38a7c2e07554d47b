/* Rows of projects and datasets, and the counters they keep. */
#include "store/store_project.h"

#include "store/store_int.h"

void store_project_read(struct db_query *q, struct project *out)
{
    *out = (struct project){
        .id = db_col_i64(q, 0),
        .workspace_id = db_col_i64(q, 1),
        .team_id = db_col_i64(q, 2),
        .name = db_col_str(q, 3),
        .description = db_col_str(q, 4),
        .readme = db_col_str(q, 5),
        .type = db_col_str(q, 6),
        .settings = db_col_str(q, 7),
        .custom_data = db_col_str(q, 8),
        .images_count = db_col_i64(q, 9),
        .datasets_count = db_col_i64(q, 10),
        .size = db_col_i64(q, 11),
        .created_by = db_col_i64(q, 12),
        .created_at = db_col_i64(q, 13),
        .updated_at = db_col_i64(q, 14),
        .preview_image_id = db_col_i64(q, 15),
        .remote_count = db_col_i64(q, 16),
        .embeddings_on = db_col_i64(q, 17),
        .embeddings_busy = db_col_i64(q, 18),
        .embedded_at = db_col_i64(q, 19),
    };
}

void store_dataset_read(struct db_query *q, struct dataset *out)
{
    *out = (struct dataset){
        .id = db_col_i64(q, 0),
        .project_id = db_col_i64(q, 1),
        .parent_id = db_col_i64(q, 2),
        .name = db_col_str(q, 3),
        .description = db_col_str(q, 4),
        .custom_data = db_col_str(q, 5),
        .images_count = db_col_i64(q, 6),
        .size = db_col_i64(q, 7),
        .created_by = db_col_i64(q, 8),
        .created_at = db_col_i64(q, 9),
        .updated_at = db_col_i64(q, 10),
        .team_id = db_col_i64(q, 11),
        .workspace_id = db_col_i64(q, 12),
        .preview_image_id = db_col_i64(q, 13),
        .favorite = db_col_i64(q, 14),
    };
}

static enum err read_project(struct db_query *q, struct project *out)
{
    bool found = db_step(q);

    if (found)
        store_project_read(q, out);
    return store__end_found(q, found);
}

enum err store_project_get(struct db *db, int64_t id, struct project *out)
{
    struct db_query *q = db_query(db, STMT_PROJECT_GET);

    db_bind_i64(q, id);
    return read_project(q, out);
}

enum err store_project_by_name(struct db *db, int64_t workspace_id, struct str name,
                               struct project *out)
{
    struct db_query *q = db_query(db, STMT_PROJECT_BY_NAME);

    db_bind_i64(q, workspace_id);
    db_bind_str(q, name);
    return read_project(q, out);
}

enum err store_project_insert(struct db *db, struct project *p, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_PROJECT_INSERT);

    db_bind_i64(q, p->workspace_id);
    db_bind_i64(q, p->team_id);
    db_bind_str(q, p->name);
    db_bind_str(q, p->description);
    db_bind_str(q, p->readme);
    db_bind_str(q, p->type);
    db_bind_str(q, p->settings);
    db_bind_str(q, p->custom_data);
    db_bind_id(q, p->created_by);
    db_bind_i64(q, now_ms);
    return db_insert(q, &p->id);
}

enum err store_project_update(struct db *db, int64_t id, const struct project_edit *edit,
                              int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_PROJECT_UPDATE);

    db_bind_i64(q, id);
    db_bind_str(q, edit->name);
    db_bind_str(q, edit->description);
    db_bind_str(q, edit->readme);
    db_bind_str(q, edit->custom_data);
    db_bind_str(q, edit->settings);
    db_bind_str(q, edit->type);
    db_bind_id(q, edit->silent ? 0 : now_ms);
    if (edit->embeddings == 0)
        db_bind_null(q);
    else
        db_bind_i64(q, edit->embeddings > 0);
    db_bind_id(q, edit->embedded_at);
    return db_run(q);
}

static enum err set_flag(struct db *db, enum stmt stmt, int64_t id, bool on, bool *changed_out)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, id);
    db_bind_i64(q, on);
    return store__run_changed(db, q, changed_out);
}

enum err store_project_set_embedding(struct db *db, int64_t id, bool busy, bool *changed_out)
{
    return set_flag(db, STMT_PROJECT_SET_EMBEDDING, id, busy, changed_out);
}

enum err store_dataset_set_favorite(struct db *db, int64_t id, bool favorite, bool *changed_out)
{
    return set_flag(db, STMT_DATASET_SET_FAVORITE, id, favorite, changed_out);
}

enum err store_project_set_workspace(struct db *db, int64_t id, int64_t workspace_id,
                                     int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_PROJECT_SET_WORKSPACE);

    db_bind_i64(q, id);
    db_bind_i64(q, workspace_id);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_project_touch(struct db *db, int64_t id, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_PROJECT_TOUCH);

    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_project_owner(struct db *db, int64_t id, int64_t *user_out)
{
    return store__owner(db, STMT_PROJECT_OWNER, id, user_out);
}

enum err store_project_archive(struct db *db, int64_t id, int64_t now_ms, bool *changed_out)
{
    static const enum stmt steps[] = {STMT_JOBS_OF_PROJECT_REMOVE, STMT_QUEUES_OF_PROJECT_REMOVE,
                                      STMT_DATASETS_OF_PROJECT_ARCHIVE, STMT_PROJECT_ARCHIVE};

    return store__archive(db, steps, ARRAY_LEN(steps), id, now_ms, changed_out);
}

static enum err read_dataset(struct db_query *q, struct dataset *out)
{
    bool found = db_step(q);

    if (found)
        store_dataset_read(q, out);
    return store__end_found(q, found);
}

enum err store_dataset_get(struct db *db, int64_t id, struct dataset *out)
{
    struct db_query *q = db_query(db, STMT_DATASET_GET);

    db_bind_i64(q, id);
    return read_dataset(q, out);
}

enum err store_dataset_by_name(struct db *db, int64_t project_id, int64_t parent_id,
                               struct str name, struct dataset *out)
{
    struct db_query *q = db_query(db, STMT_DATASET_BY_NAME);

    db_bind_i64(q, project_id);
    db_bind_i64(q, parent_id);
    db_bind_str(q, name);
    return read_dataset(q, out);
}

enum err store_datasets(struct db *db, int64_t project_id, struct dataset **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_DATASETS_OF_PROJECT);
    struct dataset *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, project_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        store_dataset_read(q, &list[n++]);
    *out = list;
    *len_out = list ? n : 0;
    return db_end(q);
}

static enum err project_counted(struct db *db, int64_t project_id, int64_t datasets, int64_t images,
                                int64_t bytes, int64_t remote)
{
    struct db_query *q = db_query(db, STMT_PROJECT_COUNT_ADD);

    db_bind_i64(q, project_id);
    db_bind_i64(q, datasets);
    db_bind_i64(q, images);
    db_bind_i64(q, bytes);
    db_bind_i64(q, remote);
    return db_run(q);
}

enum err store_dataset_insert(struct db *db, struct dataset *d, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_DATASET_INSERT);

    db_bind_i64(q, d->project_id);
    db_bind_id(q, d->parent_id);
    db_bind_str(q, d->name);
    db_bind_str(q, d->description);
    db_bind_str(q, d->custom_data);
    db_bind_id(q, d->created_by);
    db_bind_i64(q, now_ms);
    enum err e = db_insert(q, &d->id);
    return e == ERR_OK ? project_counted(db, d->project_id, 1, 0, 0, 0) : e;
}

enum err store_dataset_update(struct db *db, int64_t id, const struct dataset_edit *edit,
                              int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_DATASET_UPDATE);

    db_bind_i64(q, id);
    db_bind_str(q, edit->name);
    db_bind_str(q, edit->description);
    db_bind_str(q, edit->custom_data);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_dataset_set_parent(struct db *db, int64_t id, int64_t parent_id, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_DATASET_SET_PARENT);

    db_bind_i64(q, id);
    db_bind_id(q, parent_id);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_dataset_is_below(struct db *db, int64_t tree_id, int64_t id, bool *out)
{
    struct db_query *q = db_query(db, STMT_DATASET_IS_BELOW);

    db_bind_i64(q, tree_id);
    db_bind_i64(q, id);
    *out = db_step(q);
    return db_end(q);
}

enum err store_dataset_owner(struct db *db, int64_t id, int64_t *user_out)
{
    return store__owner(db, STMT_DATASET_OWNER, id, user_out);
}

enum err store_dataset_archive(struct db *db, int64_t id, int64_t project_id, int64_t now_ms,
                               bool *changed_out)
{
    static const enum stmt steps[] = {STMT_JOBS_OF_DATASET_TREE_REMOVE,
                                      STMT_QUEUES_OF_DATASET_TREE_REMOVE,
                                      STMT_DATASET_TREE_ARCHIVE};
    struct db_query *q = db_query(db, STMT_DATASET_TREE_TOTALS);
    int64_t datasets = 0, images = 0, bytes = 0, remote = 0;

    db_bind_i64(q, id);
    if (db_step(q)) {
        datasets = db_col_i64(q, 0);
        images = db_col_i64(q, 1);
        bytes = db_col_i64(q, 2);
        remote = db_col_i64(q, 3);
    }
    enum err e = db_end(q);
    if (e == ERR_OK) /* jobs first: the tree is found through datasets that are not archived yet */
        e = store__archive(db, steps, ARRAY_LEN(steps), id, now_ms, changed_out);
    return e == ERR_OK ? project_counted(db, project_id, -datasets, -images, -bytes, -remote) : e;
}

enum err store_images_counted(struct db *db, int64_t project_id, int64_t dataset_id, int64_t images,
                              int64_t bytes, int64_t remote)
{
    struct db_query *q = db_query(db, STMT_DATASET_COUNT_ADD);

    db_bind_i64(q, dataset_id);
    db_bind_i64(q, images);
    db_bind_i64(q, bytes);
    db_bind_i64(q, remote);
    enum err e = db_run(q);
    return e == ERR_OK ? project_counted(db, project_id, 0, images, bytes, remote) : e;
}

enum err store_names_changed(struct db *db)
{
    return db_run(db_query(db, STMT_EPOCH_NAMES_BUMP));
}

enum err store_names_epoch(struct db *db, int64_t *out)
{
    struct db_query *q = db_query(db, STMT_EPOCH_NAMES);

    *out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}
