/* Rows of labeling queues. */
#include "store/store_queue.h"

#include "store/store_int.h"

void store_queue_read(struct db_query *q, struct queue *out)
{
    *out = (struct queue){
        .id = db_col_i64(q, 0),
        .team_id = db_col_i64(q, 1),
        .project_id = db_col_i64(q, 2),
        .dataset_id = db_col_i64(q, 3),
        .name = db_col_str(q, 4),
        .created_by = db_col_i64(q, 5),
        .status = db_col_str(q, 6),
        .disabled = db_col_i64(q, 7) != 0,
        .own_reviews = db_col_i64(q, 8) != 0,
        .keep_open = db_col_i64(q, 9) != 0,
        .lease_ms = db_col_i64(q, 10),
        .meta = db_col_str(q, 11),
        .entities_count = db_col_i64(q, 12),
        .pending_count = db_col_i64(q, 13),
        .in_progress_count = db_col_i64(q, 14),
        .done_count = db_col_i64(q, 15),
        .accepted_count = db_col_i64(q, 16),
        .created_at = db_col_i64(q, 17),
        .updated_at = db_col_i64(q, 18),
        .finished_at = db_col_i64(q, 19),
    };
}

enum err store_queue_get(struct db *db, int64_t id, struct queue *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        store_queue_read(q, out);
    return store__end_found(q, found);
}

enum err store_queue_insert(struct db *db, struct queue *n, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_QUEUE_INSERT);

    db_bind_i64(q, n->team_id);
    db_bind_i64(q, n->project_id);
    db_bind_i64(q, n->dataset_id);
    db_bind_str(q, n->name);
    db_bind_i64(q, n->created_by);
    db_bind_i64(q, n->own_reviews);
    db_bind_i64(q, n->keep_open);
    db_bind_i64(q, n->lease_ms);
    db_bind_str(q, n->meta);
    db_bind_i64(q, n->entities_count);
    db_bind_i64(q, now_ms);
    return store__insert(q, &n->id);
}

enum err store_queue_set_status(struct db *db, int64_t id, struct str status, int64_t finished_at,
                                int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_QUEUE_SET_STATUS);

    db_bind_i64(q, id);
    db_bind_str(q, status);
    db_bind_id(q, finished_at);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

static void read_user(struct db_query *q, struct queue_user *out)
{
    *out = (struct queue_user){.queue_id = db_col_i64(q, 0),
                               .user_id = db_col_i64(q, 1),
                               .kind = (enum queue_user_kind)db_col_i64(q, 2),
                               .job_id = db_col_i64(q, 3)};
}

enum err store_queue_users(struct db *db, const int64_t *ids, size_t n_ids, struct queue_user **out,
                           size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_USERS);
    struct queue_user *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_str(q, store__id_array(db, ids, n_ids));
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        read_user(q, &list[n++]);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_queue_user_insert(struct db *db, const struct queue_user *u)
{
    struct db_query *q = db_query(db, STMT_QUEUE_USER_INSERT);

    db_bind_i64(q, u->queue_id);
    db_bind_i64(q, u->user_id);
    db_bind_i64(q, u->kind);
    db_bind_i64(q, u->job_id);
    return db_run(q);
}

enum err store_queue_user_of_job(struct db *db, int64_t job_id, struct queue_user *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_USER_OF_JOB);

    db_bind_i64(q, job_id);
    bool found = db_step(q);
    if (found)
        read_user(q, out);
    return store__end_found(q, found);
}

enum err store_queue_entity_insert(struct db *db, int64_t queue_id, int64_t image_id)
{
    struct db_query *q = db_query(db, STMT_QUEUE_ENTITY_INSERT);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, image_id);
    return db_run(q);
}

static void read_entity(struct db_query *q, struct queue_entity *out)
{
    *out = (struct queue_entity){
        .queue_id = db_col_i64(q, 0),
        .image_id = db_col_i64(q, 1),
        .status = db_col_str(q, 2),
        .job_id = db_col_i64(q, 3),
        .review_job_id = db_col_i64(q, 4),
        .lease_until = db_col_i64(q, 5),
    };
}

static enum err one_entity(struct db_query *q, struct queue_entity *out)
{
    bool found = db_step(q);

    if (found)
        read_entity(q, out);
    return store__end_found(q, found);
}

enum err store_queue_entity_get(struct db *db, int64_t queue_id, int64_t image_id,
                                struct queue_entity *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_ENTITY_GET);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, image_id);
    return one_entity(q, out);
}

enum err store_queue_entity_put(struct db *db, const struct queue_entity *e)
{
    struct db_query *q = db_query(db, STMT_QUEUE_ENTITY_PUT);

    db_bind_i64(q, e->queue_id);
    db_bind_i64(q, e->image_id);
    db_bind_str(q, e->status);
    db_bind_id(q, e->job_id);
    db_bind_id(q, e->review_job_id);
    db_bind_id(q, e->lease_until);
    return db_run(q);
}

enum err store_queue_entity_skipped(struct db *db, int64_t queue_id, int64_t image_id)
{
    struct db_query *q = db_query(db, STMT_QUEUE_ENTITY_SKIPPED);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, image_id);
    return db_run(q);
}

enum err store_queue_count(struct db *db, int64_t id, const int64_t moves[4], int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_QUEUE_COUNT);

    db_bind_i64(q, id);
    for (int i = 0; i < 4; i++)
        db_bind_i64(q, moves[i]);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_queue_held(struct db *db, int64_t queue_id, int64_t job_id, struct queue_entity *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_HELD);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, job_id);
    return one_entity(q, out);
}

enum err store_queue_next(struct db *db, int64_t queue_id, struct queue_entity *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_NEXT);

    db_bind_i64(q, queue_id);
    return one_entity(q, out);
}

enum err store_queue_next_review(struct db *db, int64_t queue_id, int64_t user_id,
                                 struct queue_entity *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_NEXT_REVIEW);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, user_id);
    return one_entity(q, out);
}

static enum err all_entities(struct db *db, struct db_query *q, struct queue_entity **out,
                             size_t *len_out)
{
    struct queue_entity *list = NULL;
    size_t n = 0, cap = 0;

    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        read_entity(q, &list[n++]);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_queue_expired(struct db *db, int64_t queue_id, int64_t now_ms,
                             struct queue_entity **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_EXPIRED);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, now_ms);
    return all_entities(db, q, out, len_out);
}

enum err store_queues_of_image(struct db *db, int64_t image_id, struct queue_entity **out,
                               size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_QUEUES_OF_IMAGE);

    db_bind_i64(q, image_id);
    return all_entities(db, q, out, len_out);
}

enum err store_queue_entity_delete(struct db *db, int64_t queue_id, int64_t image_id)
{
    struct db_query *q = db_query(db, STMT_QUEUE_ENTITY_DELETE);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, image_id);
    enum err e = db_run(q);
    if (e != ERR_OK)
        return e;
    q = db_query(db, STMT_QUEUE_ENTITIES_LESS);
    db_bind_i64(q, queue_id);
    return db_run(q);
}

enum err store_job_entity_add(struct db *db, int64_t job_id, int64_t image_id, struct str status,
                              int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_JOB_ENTITY_ADD);

    db_bind_i64(q, job_id);
    db_bind_i64(q, image_id);
    db_bind_str(q, status);
    db_bind_i64(q, now_ms);
    enum err e = db_run(q);
    if (e != ERR_OK)
        return e;
    q = db_query(db, STMT_JOB_IMAGES_ADD);
    db_bind_i64(q, job_id);
    db_bind_i64(q, 1);
    db_bind_i64(q, now_ms);
    return db_run(q);
}
