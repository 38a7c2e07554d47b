/* Rows of labeling queues. */
#include "store/store_queue.h"

#include "store/store_int.h"
#include "store/store_job_count.h"

void store_queue_read(struct db_query *q, struct queue *out)
{
    *out = (struct queue){
        .id = db_col_i64(q, 0),
        .team_id = db_col_i64(q, 1),
        .project_id = db_col_i64(q, 2),
        .dataset_id = db_col_i64(q, 3),
        .collection_id = db_col_i64(q, 4),
        .name = db_col_str(q, 5),
        .readme = db_col_str(q, 6),
        .description = db_col_str(q, 7),
        .created_by = db_col_i64(q, 8),
        .status = db_col_str(q, 9),
        .disabled = db_col_i64(q, 10) != 0,
        .own_reviews = db_col_i64(q, 11) != 0,
        .keep_open = db_col_i64(q, 12) != 0,
        .wants_check = db_col_i64(q, 13) != 0,
        .lease_ms = db_col_i64(q, 14),
        .meta = db_col_str(q, 15),
        .entities_count = db_col_i64(q, 16),
        .pending_count = db_col_i64(q, 17),
        .in_progress_count = db_col_i64(q, 18),
        .done_count = db_col_i64(q, 19),
        .accepted_count = db_col_i64(q, 20),
        .checked_count = db_col_i64(q, 21),
        .created_at = db_col_i64(q, 22),
        .updated_at = db_col_i64(q, 23),
        .finished_at = db_col_i64(q, 24),
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
    db_bind_id(q, n->collection_id);
    db_bind_str(q, n->name);
    db_bind_str(q, n->readme);
    db_bind_str(q, n->description);
    db_bind_i64(q, n->created_by);
    db_bind_i64(q, n->own_reviews);
    db_bind_i64(q, n->keep_open);
    db_bind_i64(q, n->wants_check);
    db_bind_i64(q, n->lease_ms);
    db_bind_str(q, n->meta);
    db_bind_i64(q, n->entities_count);
    db_bind_i64(q, now_ms);
    return db_insert(q, &n->id);
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

enum err store_queue_set_disabled(struct db *db, int64_t id, bool disabled, int64_t now_ms,
                                  bool *changed_out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_SET_DISABLED);

    db_bind_i64(q, id);
    db_bind_i64(q, disabled);
    db_bind_i64(q, now_ms);
    return store__run_changed(db, q, changed_out);
}

enum err store_queue_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_REMOVE);

    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    return store__run_changed(db, q, changed_out);
}

enum err store_queue_was_removed(struct db *db, int64_t id, const struct caller *who, bool *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_WAS_REMOVED);

    db_bind_i64(q, id);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, PERM_JOB_ALL);
    *out = db_step(q);
    return db_end(q);
}

static void read_user(struct db_query *q, struct queue_user *out)
{
    *out = (struct queue_user){.queue_id = db_col_i64(q, 0),
                               .user_id = db_col_i64(q, 1),
                               .kind = (enum queue_user_kind)db_col_i64(q, 2),
                               .job_id = db_col_i64(q, 3)};
}

static enum err all_users(struct db *db, struct db_query *q, struct queue_user **out,
                          size_t *len_out)
{
    struct queue_user *list = NULL;
    size_t n = 0, cap = 0;

    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        read_user(q, &list[n++]);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_queue_users(struct db *db, const int64_t *ids, size_t n_ids, struct queue_user **out,
                           size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_USERS);

    db_bind_str(q, store__id_array(db, ids, n_ids));
    return all_users(db, q, out, len_out);
}

enum err store_queues_of_user(struct db *db, int64_t user_id, int64_t team_id,
                              struct queue_user **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_QUEUES_OF_USER);

    db_bind_i64(q, user_id);
    db_bind_i64(q, team_id);
    return all_users(db, q, out, len_out);
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

enum err store_queue_user_set(struct db *db, int64_t job_id, int64_t user_id)
{
    struct db_query *q = db_query(db, STMT_QUEUE_USER_SET);

    db_bind_i64(q, job_id);
    db_bind_i64(q, user_id);
    return db_run(q);
}

enum err store_queue_user_delete(struct db *db, int64_t job_id)
{
    struct db_query *q = db_query(db, STMT_QUEUE_USER_DELETE);

    db_bind_i64(q, job_id);
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

enum err store_queue_user_was(struct db *db, const struct queue_user *u, bool *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_USER_WAS);

    db_bind_i64(q, u->queue_id);
    db_bind_i64(q, u->user_id);
    db_bind_i64(q, u->kind);
    *out = db_step(q);
    return db_end(q);
}

enum err store_queue_first_job(struct db *db, int64_t queue_id, int64_t *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_FIRST_JOB);

    db_bind_i64(q, queue_id);
    *out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}

enum err store_job_no_reviewer(struct db *db, int64_t job_id, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_JOB_NO_REVIEWER);

    db_bind_i64(q, job_id);
    db_bind_i64(q, now_ms);
    return db_run(q);
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
        .check_job_id = db_col_i64(q, 5),
        .held_by = db_col_i64(q, 6),
        .lease_until = db_col_i64(q, 7),
        .reviewed_at = db_col_i64(q, 8),
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
    db_bind_id(q, e->check_job_id);
    db_bind_id(q, e->held_by);
    db_bind_id(q, e->lease_until);
    db_bind_id(q, e->reviewed_at);
    return db_run(q);
}

enum err store_queue_entity_skipped(struct db *db, int64_t queue_id, int64_t image_id)
{
    struct db_query *q = db_query(db, STMT_QUEUE_ENTITY_SKIPPED);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, image_id);
    return db_run(q);
}

enum err store_queue_entity_delete(struct db *db, int64_t queue_id, int64_t image_id)
{
    struct db_query *q = db_query(db, STMT_QUEUE_ENTITY_DELETE);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, image_id);
    return db_run(q);
}

enum err store_queue_count(struct db *db, int64_t id, const struct queue_moves *m, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_QUEUE_COUNT);

    db_bind_i64(q, id);
    db_bind_i64(q, m->all);
    for (int i = 0; i < QUEUE_PLACES; i++)
        db_bind_i64(q, m->at[i]);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_queue_held(struct db *db, int64_t job_id, struct queue_entity *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_HELD);

    db_bind_i64(q, job_id);
    return one_entity(q, out);
}

enum err store_queue_came_back(struct db *db, int64_t queue_id, int64_t job_id,
                               struct queue_entity *out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_CAME_BACK);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, job_id);
    return one_entity(q, out);
}

enum err store_queue_next(struct db *db, int64_t queue_id, enum queue_user_kind kind,
                          int64_t but_of, struct queue_entity *out)
{
    static const enum stmt by_kind[] = {[QUEUE_LABELER] = STMT_QUEUE_NEXT,
                                        [QUEUE_REVIEWER] = STMT_QUEUE_NEXT_REVIEW,
                                        [QUEUE_CHECKER] = STMT_QUEUE_NEXT_CHECK};
    struct db_query *q = db_query(db, by_kind[kind]);

    db_bind_i64(q, queue_id);
    if (kind != QUEUE_LABELER)
        db_bind_i64(q, but_of);
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
    struct db_query *q = db_query(db, queue_id ? STMT_QUEUE_EXPIRED : STMT_QUEUES_EXPIRED);

    if (queue_id)
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

enum err store_queue_of_job(struct db *db, int64_t queue_id, int64_t job_id,
                            struct queue_entity **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_ENTITIES_OF_JOB);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, job_id);
    return all_entities(db, q, out, len_out);
}

enum err store_queues_of_collection(struct db *db, int64_t collection_id, struct queue **out,
                                    size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_QUEUES_OF_COLLECTION);
    struct queue *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, collection_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        store_queue_read(q, &list[n++]);
    *out = list;
    *len_out = n;
    return db_end(q);
}

static enum err all_ids(struct db *db, struct db_query *q, int64_t **out, size_t *len_out)
{
    int64_t *list = NULL;
    size_t n = 0, cap = 0;

    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = db_col_i64(q, 0);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_queue_missing(struct db *db, const struct queue *queue, const struct job_pick *pick,
                             int64_t **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_MISSING);

    db_bind_i64(q, queue->collection_id);
    store__bind_rule(db, q, &pick->tags);
    store__bind_rule(db, q, &pick->classes);
    db_bind_i64(q, queue->id);
    return all_ids(db, q, out, len_out);
}

enum err store_queue_surplus(struct db *db, int64_t queue_id, int64_t collection_id, int64_t **out,
                             size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_SURPLUS);

    db_bind_i64(q, queue_id);
    db_bind_i64(q, collection_id);
    return all_ids(db, q, out, len_out);
}

static enum err losing(struct db *db, enum stmt stmt, int64_t dataset_id, int64_t **out,
                       size_t *len_out)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, dataset_id);
    return all_ids(db, q, out, len_out);
}

enum err store_queues_losing(struct db *db, int64_t dataset_id, int64_t **out, size_t *len_out)
{
    return losing(db, STMT_QUEUES_LOSING, dataset_id, out, len_out);
}

enum err store_jobs_losing(struct db *db, int64_t dataset_id, int64_t **out, size_t *len_out)
{
    return losing(db, STMT_JOBS_LOSING, dataset_id, out, len_out);
}

/* The statements in order; only the first takes the time. */
static enum err lose(struct db *db, const enum stmt *steps, size_t n, const int64_t params[3])
{
    enum err e = ERR_OK;

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        struct db_query *q = db_query(db, steps[i]);

        for (int k = 0; k < (i == 0 ? 3 : 2); k++)
            db_bind_i64(q, params[k]);
        e = db_run(q);
    }
    return e;
}

enum err store_queue_lose(struct db *db, int64_t queue_id, int64_t dataset_id, int64_t now_ms)
{
    static const enum stmt steps[] = {STMT_QUEUE_COUNT_LOSE, STMT_QUEUE_ENTITIES_LOSE};

    return lose(db, steps, ARRAY_LEN(steps), (const int64_t[]){dataset_id, queue_id, now_ms});
}

enum err store_job_lose(struct db *db, int64_t job_id, int64_t dataset_id, int64_t now_ms)
{
    static const enum stmt steps[] = {STMT_JOB_COUNT_LOSE, STMT_COUNT_LOSE, STMT_COUNT_LOSE_TAGS,
                                      STMT_JOB_ENTITIES_LOSE};

    return lose(db, steps, ARRAY_LEN(steps), (const int64_t[]){dataset_id, job_id, now_ms});
}

enum err store_collection_home(struct db *db, int64_t collection_id, int64_t project_id,
                               int64_t *out)
{
    struct db_query *q = db_query(db, STMT_COLLECTION_HOME);

    db_bind_i64(q, collection_id);
    db_bind_i64(q, project_id);
    *out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
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
    if (e == ERR_OK)
        e = store__count_entity(db, job_id, image_id, 1);
    if (e != ERR_OK)
        return e;
    q = db_query(db, STMT_JOB_IMAGES_ADD);
    db_bind_i64(q, job_id);
    db_bind_i64(q, 1);
    db_bind_i64(q, now_ms);
    return db_run(q);
}
