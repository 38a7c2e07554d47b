/* Copying and erasing the content of datasets. */
#include "store/store_clone.h"

#include "store/store_int.h"
#include "store/store_project.h"

static enum err run_pair(struct db *db, enum stmt stmt, const struct clone_pair *p)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, p->from);
    db_bind_i64(q, p->into);
    db_bind_i64(q, p->project_id);
    return db_run(q);
}

enum err store_clone_images(struct db *db, const struct clone_pair *p, bool figures,
                            int64_t created_by_id, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_CLONE_IMAGES);
    int64_t images = 0, bytes = 0, remote = 0;

    db_bind_i64(q, p->from);
    db_bind_i64(q, p->into);
    db_bind_i64(q, p->project_id);
    db_bind_i64(q, now_ms);
    db_bind_i64(q, figures);
    db_bind_id(q, created_by_id);
    enum err e = db_run(q);
    if (e != ERR_OK)
        return e;
    q = db_query(db, STMT_DATASET_TOTALS);
    db_bind_i64(q, p->into);
    if (db_step(q)) {
        images = db_col_i64(q, 0);
        bytes = db_col_i64(q, 1);
        remote = db_col_i64(q, 2);
    }
    e = db_end(q);
    if (e == ERR_OK)
        e = run_pair(db, STMT_CLONE_RANGES, p);
    return e == ERR_OK ? store_images_counted(db, p->project_id, p->into, images, bytes, remote)
                       : e;
}

enum err store_clone_image_tags(struct db *db, const struct clone_pair *p)
{
    return run_pair(db, STMT_CLONE_IMAGE_TAGS, p);
}

enum err store_clone_figures(struct db *db, const struct clone_pair *p)
{
    return run_pair(db, STMT_CLONE_FIGURES, p);
}

enum err store_clone_figure_tags(struct db *db, const struct clone_pair *p)
{
    return run_pair(db, STMT_CLONE_FIGURE_TAGS, p);
}

enum err store_clone_has_parents(struct db *db, int64_t project_id, bool *out)
{
    struct db_query *q = db_query(db, STMT_CLONE_HAS_PARENTS);

    db_bind_i64(q, project_id);
    *out = db_step(q);
    return db_end(q);
}

enum err store_clone_parents(struct db *db, const struct clone_pair *p)
{
    return run_pair(db, STMT_CLONE_PARENTS, p);
}

static enum err run_id(struct db *db, enum stmt stmt, int64_t id)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, id);
    return db_run(q);
}

enum err store_clone_parents_drop(struct db *db, int64_t project_id)
{
    return run_id(db, STMT_CLONE_PARENTS_DROP, project_id);
}

/* ---- erasing ---- */

static enum err read_archived(struct db *db, enum stmt stmt, int64_t id, struct archived *out)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        *out = (struct archived){db_col_i64(q, 0), db_col_i64(q, 1), db_col_i64(q, 2)};
    return store__end_found(q, found);
}

enum err store_project_archived(struct db *db, int64_t id, struct archived *out)
{
    return read_archived(db, STMT_PROJECT_ARCHIVED, id, out);
}

enum err store_dataset_archived(struct db *db, int64_t id, struct archived *out)
{
    return read_archived(db, STMT_DATASET_ARCHIVED, id, out);
}

static enum err read_ids(struct db *db, enum stmt stmt, int64_t id, int64_t **out, size_t *len_out)
{
    struct db_query *q = db_query(db, stmt);
    int64_t *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = db_col_i64(q, 0);
    *out = list;
    *len_out = list ? n : 0;
    return db_end(q);
}

enum err store_datasets_ever(struct db *db, int64_t project_id, int64_t **out, size_t *len_out)
{
    return read_ids(db, STMT_DATASETS_EVER, project_id, out, len_out);
}

enum err store_datasets_ever_below(struct db *db, int64_t id, int64_t **out, size_t *len_out)
{
    return read_ids(db, STMT_DATASETS_EVER_BELOW, id, out, len_out);
}

enum err store_datasets_erase(struct db *db, const int64_t *ids, size_t n, int64_t now_ms)
{
    static const struct {
        enum stmt stmt;
        bool timed;
    } steps[] = {{STMT_ERASE_IMAGE_TAG_VERDICTS, false},
                 {STMT_ERASE_FIGURE_TAG_VERDICTS, false},
                 {STMT_ERASE_IMAGE_TAGS, false},
                 {STMT_ERASE_FIGURE_TAGS, false},
                 {STMT_ERASE_VERSIONS, false},
                 {STMT_ERASE_COLLECTED, false},
                 {STMT_ERASE_RANGES, false},
                 {STMT_ERASE_FIGURES, true},
                 {STMT_ERASE_IMAGES, true},
                 {STMT_ERASE_DATASETS, false}};
    struct str list = store__id_array(db, ids, n);
    enum err e = ERR_OK;

    for (size_t i = 0; i < ARRAY_LEN(steps) && e == ERR_OK; i++) {
        struct db_query *q = db_query(db, steps[i].stmt);

        db_bind_str(q, list);
        if (steps[i].timed)
            db_bind_i64(q, now_ms);
        e = db_run(q);
    }
    return e;
}

enum err store_project_erase(struct db *db, int64_t id)
{
    return run_id(db, STMT_ERASE_PROJECT, id);
}
