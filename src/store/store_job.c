/* Rows of jobs. */
#include "store/store_job.h"

#include <stdlib.h>

#include "store/store_access.h"
#include "store/store_int.h"
#include "store/store_job_count.h"

#define JOB_COLUMNS_COUNT 45 /* of JOB_COLUMNS: what follows them starts here */

static void read_job(struct db_query *q, struct job *out)
{
    int i = 0;

    out->id = db_col_i64(q, i++);
    out->team_id = db_col_i64(q, i++);
    out->project_id = db_col_i64(q, i++);
    out->dataset_id = db_col_i64(q, i++);
    out->name = db_col_str(q, i++);
    out->readme = db_col_str(q, i++);
    out->description = db_col_str(q, i++);
    out->created_by = db_col_i64(q, i++);
    out->user_id = db_col_i64(q, i++);
    out->reviewer_id = db_col_i64(q, i++);
    out->status = db_col_str(q, i++);
    out->disabled = db_col_i64(q, i++) != 0;
    out->queue_id = db_col_i64(q, i++);
    out->exam_id = db_col_i64(q, i++);
    out->priority = db_col_i64(q, i++);
    out->guide_id = db_col_i64(q, i++);
    out->images_count = db_col_i64(q, i++);
    out->done_count = db_col_i64(q, i++);
    out->accepted_count = db_col_i64(q, i++);
    out->rejected_count = db_col_i64(q, i++);
    out->figures_limit = db_col_i64(q, i++);
    out->tags_limit = db_col_i64(q, i++);
    out->range_start = db_col_i64(q, i++);
    out->range_end = db_col_i64(q, i++);
    out->by_ids = db_col_i64(q, i++) != 0;
    out->dynamic_classes = db_col_i64(q, i++) != 0;
    out->dynamic_tags = db_col_i64(q, i++) != 0;
    out->disable_confirm = db_col_i64(q, i++) != 0;
    out->disable_submit = db_col_i64(q, i++) != 0;
    out->intermediate_review = db_col_i64(q, i++) != 0;
    out->allow_restore = db_col_i64(q, i++) != 0;
    out->custom_data = db_col_str(q, i++);
    out->meta_more = db_col_str(q, i++);
    out->created_at = db_col_i64(q, i++);
    out->updated_at = db_col_i64(q, i++);
    out->started_at = db_col_i64(q, i++);
    out->annotation_finished_at = db_col_i64(q, i++);
    out->review_finished_at = db_col_i64(q, i++);
    out->finished_at = db_col_i64(q, i++);
    out->rev = db_col_i64(q, i++);
    out->round = db_col_i64(q, i++);
    out->src_job_id = db_col_i64(q, i++);
    out->tags_min = db_col_i64(q, i++);
    out->own_figures = db_col_i64(q, i++) != 0;
    out->own_tags = db_col_i64(q, i++) != 0;
}

enum err store_job_get(struct db *db, int64_t id, struct job *out)
{
    struct db_query *q = db_query(db, STMT_JOB_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        read_job(q, out);
    return store__end_found(q, found);
}

static void read_view(struct db_query *q, struct job_view *out)
{
    int i = JOB_COLUMNS_COUNT;

    read_job(q, &out->job);
    out->workspace_id = db_col_i64(q, i++);
    out->workspace_title = db_col_str(q, i++);
    out->project_title = db_col_str(q, i++);
    out->dataset_title = db_col_str(q, i++);
    out->manager_login = db_col_str(q, i++);
    out->labeler_login = db_col_str(q, i++);
    out->reviewer_login = db_col_str(q, i++);
}

/* The view of job_id; views and the rows asking come in the same order, so *at only moves on. */
static struct job_view *view_of(struct job_view *views, size_t n, size_t *at, int64_t job_id)
{
    while (*at < n && views[*at].job.id < job_id)
        ++*at;
    return *at < n && views[*at].job.id == job_id ? &views[*at] : NULL;
}

static enum err load_labels(struct db *db, struct str ids, struct job_view *views, size_t n)
{
    struct db_query *q = db_query(db, STMT_JOBS_LOAD_LABELS);
    struct job_label *list = NULL;
    size_t len = 0, cap = 0, at = 0;

    db_bind_str(q, ids);
    while (db_step(q) && (list = arena_room(db_arena(db), list, len, &cap, sizeof *list)) != NULL)
        list[len++] = (struct job_label){
            .job_id = db_col_i64(q, 0),
            .kind = (enum job_label_kind)db_col_i64(q, 1),
            .ref_id = db_col_i64(q, 2),
            .name = db_col_str(q, 3),
            .positive = db_col_i64(q, 4) != 0,
        };
    for (size_t i = 0; list && i < len; i++) {
        struct job_view *v = view_of(views, n, &at, list[i].job_id);

        if (v && v->labels_len++ == 0)
            v->labels = &list[i];
    }
    return db_end(q);
}

/* By name, descending: sorting the few of each job here is cheaper than all of them in the engine.
 */
static int compare_entities(const void *a, const void *b)
{
    const struct job_entity *x = a, *y = b;
    int c = str_cmp(y->name, x->name);

    return c ? c : (y->image_id > x->image_id) - (y->image_id < x->image_id);
}

static enum err load_entities(struct db *db, struct str ids, struct job_view *views, size_t n)
{
    struct db_query *q = db_query(db, STMT_JOBS_LOAD_ENTITIES);
    struct job_entity *list = NULL;
    size_t len = 0, cap = 0, at = 0;

    db_bind_str(q, ids);
    while (db_step(q) && (list = arena_room(db_arena(db), list, len, &cap, sizeof *list)) != NULL)
        list[len++] = (struct job_entity){
            .job_id = db_col_i64(q, 0),
            .image_id = db_col_i64(q, 1),
            .name = db_col_str(q, 2),
            .status = db_col_str(q, 3),
        };
    for (size_t i = 0; list && i < len; i++) {
        struct job_view *v = view_of(views, n, &at, list[i].job_id);

        if (v && v->entities_len++ == 0)
            v->entities = &list[i];
    }
    for (size_t i = 0; i < n; i++)
        if (views[i].entities_len > 1)
            qsort(views[i].entities, views[i].entities_len, sizeof *list, compare_entities);
    return db_end(q);
}

enum err store_jobs_load(struct db *db, const int64_t *ids, size_t n, bool with_entities,
                         struct job_view **out, size_t *len_out)
{
    struct str array = store__id_array(db, ids, n);
    struct job_view *views = arena_array(db_arena(db), n, sizeof *views);
    struct db_query *q = db_query(db, STMT_JOBS_LOAD);
    size_t len = 0;

    *out = views;
    db_bind_str(q, array);
    while (views && len < n && db_step(q))
        read_view(q, &views[len++]);
    enum err e = db_end(q);
    if (e == ERR_OK && views == NULL)
        e = ERR_NOMEM;
    if (e == ERR_OK)
        e = load_labels(db, array, views, len);
    if (e == ERR_OK && with_entities)
        e = load_entities(db, array, views, len);
    *len_out = len;
    return e;
}

enum err store_job_insert(struct db *db, struct job *j, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_JOB_INSERT);

    db_bind_i64(q, j->team_id);
    db_bind_i64(q, j->project_id);
    db_bind_i64(q, j->dataset_id);
    db_bind_str(q, j->name);
    db_bind_str(q, j->readme);
    db_bind_str(q, j->description);
    db_bind_i64(q, j->created_by);
    db_bind_i64(q, j->user_id);
    db_bind_id(q, j->reviewer_id);
    db_bind_i64(q, j->images_count);
    db_bind_id(q, j->figures_limit);
    db_bind_id(q, j->tags_limit);
    db_bind_id(q, j->range_start);
    db_bind_id(q, j->range_end);
    db_bind_i64(q, j->by_ids);
    db_bind_i64(q, j->dynamic_classes);
    db_bind_i64(q, j->dynamic_tags);
    db_bind_i64(q, j->disable_confirm);
    db_bind_i64(q, j->disable_submit);
    db_bind_i64(q, j->intermediate_review);
    db_bind_i64(q, j->allow_restore);
    db_bind_id(q, j->guide_id);
    db_bind_str(q, j->custom_data);
    db_bind_str(q, j->meta_more);
    db_bind_i64(q, j->round);
    db_bind_id(q, j->src_job_id);
    db_bind_id(q, j->queue_id);
    db_bind_id(q, j->priority);
    db_bind_id(q, j->tags_min);
    db_bind_i64(q, j->own_figures);
    db_bind_i64(q, j->own_tags);
    db_bind_i64(q, now_ms);
    db_bind_id(q, j->queue_kind);
    return db_insert(q, &j->id);
}

enum err store_job_label_insert(struct db *db, const struct job_label *l, int64_t pos)
{
    struct db_query *q = db_query(db, STMT_JOB_LABEL_INSERT);

    db_bind_i64(q, l->job_id);
    db_bind_i64(q, l->kind);
    db_bind_i64(q, pos);
    db_bind_i64(q, l->ref_id);
    db_bind_i64(q, l->positive);
    return db_run(q);
}

enum err store_job_entity_insert(struct db *db, int64_t job_id, int64_t image_id)
{
    struct db_query *q = db_query(db, STMT_JOB_ENTITY_INSERT);

    db_bind_i64(q, job_id);
    db_bind_i64(q, image_id);
    return db_run(q);
}

void store__bind_rule(struct db *db, struct db_query *q, const struct id_rule *r)
{
    db_bind_str(q, store__id_array(db, r->with, r->with_len));
    db_bind_i64(q, (int64_t)r->with_len);
    db_bind_str(q, store__id_array(db, r->without, r->without_len));
}

enum err store_job_pick(struct db *db, const struct job_pick *pick, int64_t **out, size_t *len_out)
{
    struct db_query *q = db_query(db, pick->ids ? STMT_JOB_PICK_IDS : STMT_JOB_PICK_DATASET);
    int64_t *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, pick->dataset_id);
    store__bind_rule(db, q, &pick->tags);
    store__bind_rule(db, q, &pick->classes);
    if (pick->ids)
        db_bind_str(q, store__id_array(db, pick->ids, pick->ids_len));
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = db_col_i64(q, 0);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_job_count_ids(struct db *db, const struct job_pick *pick, int64_t *count_out)
{
    struct db_query *q = db_query(db, STMT_JOB_COUNT_IDS);

    db_bind_i64(q, pick->dataset_id);
    db_bind_str(q, store__id_array(db, pick->ids, pick->ids_len));
    *count_out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}

enum err store_job_set_status(struct db *db, const struct job *j, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_JOB_SET_STATUS);

    db_bind_i64(q, j->id);
    db_bind_str(q, j->status);
    db_bind_id(q, j->started_at);
    db_bind_id(q, j->annotation_finished_at);
    db_bind_id(q, j->review_finished_at);
    db_bind_id(q, j->finished_at);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_job_set_disabled(struct db *db, int64_t id, bool disabled, int64_t now_ms,
                                bool *changed_out)
{
    struct db_query *q = db_query(db, STMT_JOB_SET_DISABLED);

    db_bind_i64(q, id);
    db_bind_i64(q, disabled);
    db_bind_i64(q, now_ms);
    return store__run_changed(db, q, changed_out);
}

enum err store_job_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out)
{
    struct db_query *q = db_query(db, STMT_JOB_REMOVE);

    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    return store__run_changed(db, q, changed_out);
}

static void bind_flag(struct db_query *q, int flag)
{
    if (flag < 0)
        db_bind_null(q);
    else
        db_bind_i64(q, flag);
}

enum err store_job_edit(struct db *db, int64_t id, const struct job_edit *edit, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_JOB_EDIT);

    db_bind_i64(q, id);
    db_bind_str(q, edit->custom_data);
    db_bind_id(q, edit->user_id);
    db_bind_id(q, edit->reviewer_id);
    bind_flag(q, edit->disable_confirm);
    bind_flag(q, edit->disable_submit);
    bind_flag(q, edit->intermediate_review);
    db_bind_str(q, edit->meta_more);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_job_entity_status(struct db *db, int64_t job_id, int64_t image_id,
                                 struct str *status_out)
{
    struct db_query *q = db_query(db, STMT_JOB_ENTITY_GET);

    db_bind_i64(q, job_id);
    db_bind_i64(q, image_id);
    bool found = db_step(q);
    if (found)
        *status_out = db_col_str(q, 0);
    return store__end_found(q, found);
}

enum err store_job_entity_set(struct db *db, int64_t job_id, int64_t image_id, struct str status,
                              int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_JOB_ENTITY_SET);

    db_bind_i64(q, job_id);
    db_bind_i64(q, image_id);
    db_bind_str(q, status);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_job_set_priority(struct db *db, int64_t id, int64_t priority, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_JOB_SET_PRIORITY);

    db_bind_i64(q, id);
    db_bind_i64(q, priority);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_job_entities(struct db *db, int64_t id, struct job_entity **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_JOB_ENTITIES);
    struct job_entity *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct job_entity){
            .job_id = id, .image_id = db_col_i64(q, 0), .status = db_col_str(q, 1)};
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_job_labels(struct db *db, int64_t id, struct job_label **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_JOB_LABELS);
    struct job_label *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct job_label){.job_id = id,
                                       .kind = (enum job_label_kind)db_col_i64(q, 0),
                                       .ref_id = db_col_i64(q, 1),
                                       .positive = db_col_i64(q, 2) != 0};
    *out = list;
    *len_out = n;
    return db_end(q);
}

static enum err count_by(struct db *db, enum stmt stmt, int64_t image_id, int64_t user_id,
                         int64_t *out)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, image_id);
    db_bind_i64(q, user_id);
    *out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}

enum err store_figures_by(struct db *db, int64_t image_id, int64_t user_id, int64_t *out)
{
    return count_by(db, STMT_FIGURES_BY, image_id, user_id, out);
}

enum err store_tags_by(struct db *db, int64_t image_id, int64_t user_id, int64_t *out)
{
    return count_by(db, STMT_TAGS_BY, image_id, user_id, out);
}

enum err store_jobs_of_image(struct db *db, int64_t image_id, struct job_entity **out,
                             size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_JOBS_OF_IMAGE);
    struct job_entity *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, image_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct job_entity){
            .job_id = db_col_i64(q, 0), .image_id = image_id, .status = db_col_str(q, 1)};
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_job_entity_delete(struct db *db, int64_t job_id, int64_t image_id, int64_t now_ms)
{
    enum err e = store__count_entity(db, job_id, image_id, -1);
    if (e != ERR_OK)
        return e;

    struct db_query *q = db_query(db, STMT_JOB_ENTITY_DELETE);
    db_bind_i64(q, job_id);
    db_bind_i64(q, image_id);
    e = db_run(q);
    if (e != ERR_OK)
        return e;
    q = db_query(db, STMT_JOB_IMAGES_ADD);
    db_bind_i64(q, job_id);
    db_bind_i64(q, -1);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_job_count_add(struct db *db, int64_t id, int64_t done, int64_t accepted,
                             int64_t rejected, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_JOB_COUNT_ADD);

    db_bind_i64(q, id);
    db_bind_i64(q, done);
    db_bind_i64(q, accepted);
    db_bind_i64(q, rejected);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_job_was_removed(struct db *db, int64_t id, const struct caller *who, bool *out)
{
    struct db_query *q = db_query(db, STMT_JOB_WAS_REMOVED);

    db_bind_i64(q, id);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, PERM_JOB_ALL);
    *out = db_step(q);
    return db_end(q);
}

enum err store_job_removed_named(struct db *db, const struct job *j, int64_t created_by,
                                 int64_t *id_out)
{
    struct db_query *q = db_query(db, STMT_JOB_REMOVED_NAMED);

    db_bind_i64(q, j->dataset_id);
    db_bind_str(q, j->name);
    db_bind_i64(q, created_by);
    bool found = db_step(q);
    if (found)
        *id_out = db_col_i64(q, 0);
    return store__end_found(q, found);
}

enum err store_job_bring_back(struct db *db, const struct job *j, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_JOB_BRING_BACK);

    db_bind_i64(q, j->id);
    db_bind_i64(q, j->user_id);
    db_bind_id(q, j->reviewer_id);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_tags_on(struct db *db, int64_t image_id, int64_t *out)
{
    struct db_query *q = db_query(db, STMT_IMAGE_TAGS_COUNT);

    db_bind_i64(q, image_id);
    *out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}
