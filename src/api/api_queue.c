/* Labeling queues. */
#include "api/rq.h"
#include "domain/queue.h"

#define USERS_MAX        1000
#define PER_PAGE_DEFAULT 500
#define QUEUES_MAX       1000

/* ---- answers ---- */

static void put_ids(struct json_w *w, const char *key, const struct queue_user *users, size_t n,
                    int kind)
{
    json_kv_arr(w, key);
    for (size_t i = 0; i < n; i++) {
        if (kind != 0 && (int)users[i].kind != kind)
            continue;
        json_obj(w);
        json_kv_i64(w, "id", kind ? users[i].user_id : users[i].job_id);
        json_obj_end(w);
    }
    json_arr_end(w);
}

static void put_queue(struct json_w *w, const struct queue *q, const struct queue_user *users,
                      size_t n)
{
    json_obj(w);
    json_kv_i64(w, "id", q->id);
    json_kv_str(w, "name", q->name);
    json_kv_i64(w, "teamId", q->team_id);
    json_kv_i64(w, "projectId", q->project_id);
    json_kv_id(w, "datasetId", q->collection_id ? 0 : q->dataset_id);
    json_kv_id(w, "collectionId", q->collection_id);
    json_kv_i64(w, "createdBy", q->created_by);
    json_kv_iso(w, "createdAt", q->created_at);
    json_kv_iso(w, "updatedAt", q->updated_at);
    json_kv_iso(w, "finishedAt", q->finished_at);
    json_kv_str(w, "status", q->status);
    json_kv_bool(w, "disabled", q->disabled);
    put_ids(w, "labelers", users, n, QUEUE_LABELER);
    put_ids(w, "reviewers", users, n, QUEUE_REVIEWER);
    put_ids(w, "qualityCheckUsers", users, n, QUEUE_CHECKER);
    put_ids(w, "jobs", users, n, 0);
    json_kv_i64(w, "entitiesCount", q->entities_count);
    json_kv_i64(w, "pendingCount", q->pending_count);
    json_kv_i64(w, "inProgressCount", q->in_progress_count);
    json_kv_i64(w, "annotatedCount", q->done_count + q->accepted_count + q->checked_count);
    json_kv_i64(w, "acceptedCount", q->accepted_count + q->checked_count);
    json_kv_i64(w, "checkedCount", q->checked_count);
    json_kv_raw(w, "meta", q->meta);
    json_kv_obj(w, "queueMeta");
    json_kv_bool(w, "reviewOwnAnnotationsAvailable", q->own_reviews);
    json_kv_bool(w, "skipCompleteAnnotationJobOnEmpty", q->keep_open);
    json_kv_i64(w, "leaseSeconds", q->lease_ms / 1000);
    json_obj_end(w);
    json_obj_end(w);
}

/* ---- reading ---- */

struct queue_in {
    int64_t id;
};
const struct field labeling_queues_info_fields[] = {
    F_ID(REQUIRED, struct queue_in, id, "id", "the queue"), F_END};

enum err labeling_queues_info(struct rq *rq, const void *input)
{
    int64_t id = ((const struct queue_in *)input)->id;
    struct queue_user *users = NULL;
    struct queue q;
    size_t n = 0;
    enum err e = store_queue_get(rq->call.db, id, &q);

    if (e == ERR_OK)
        e = store_queue_users(rq->call.db, &id, 1, &users, &n);
    if (e == ERR_OK)
        put_queue(&rq->out, &q, users, n);
    return e;
}

struct labeling_queues_list_in {
    int64_t team_id;
    struct opt_bool show_disabled;
    struct ids participants;
    struct list_args list;
};
const struct field labeling_queues_list_fields[] = {
    F_ID(REQUIRED, struct labeling_queues_list_in, team_id, "teamId", "the team"),
    F_BOOL(OPTIONAL, struct labeling_queues_list_in, show_disabled, "showDisabled",
           "archived ones too"),
    F_IDS(OPTIONAL, struct labeling_queues_list_in, participants, "participantUserIds", USERS_MAX,
          "only queues that any of them works in"),
    LIST_FIELDS(struct labeling_queues_list_in, list), F_END};

static enum err read_queues(struct rq *rq, struct list *l, struct queue **out, size_t *len_out)
{
    struct queue *list = NULL;
    size_t n = 0, cap = 0;

    while (list_next(l) && (list = arena_room(rq->call.arena, list, n, &cap, sizeof *list)) != NULL)
        store_queue_read(l->q, &list[n++]);
    *out = list;
    *len_out = list ? n : 0;
    return list_close(l);
}

static void put_with_users(struct rq *rq, const struct queue *q, const struct queue_user *users,
                           size_t n)
{
    size_t from = 0, to;

    while (from < n && users[from].queue_id != q->id)
        from++;
    for (to = from; to < n && users[to].queue_id == q->id;)
        to++;
    put_queue(&rq->out, q, users + from, to - from);
}

enum err labeling_queues_list(struct rq *rq, const void *input)
{
    const struct labeling_queues_list_in *in = input;
    bool all = rq->call.me.is_admin || (rq->call.at.perms & PERM_JOB_ALL);
    struct list l = LIST_MAKE(rq->call.db, LIST_QUEUES, in->team_id, rq->call.me.user_id, all,
                              in->show_disabled.v);
    struct list_query query = {0};
    struct queue_user *users = NULL;
    struct queue *queues = NULL;
    size_t n = 0, users_len = 0;
    struct list_predicate works = {.id = PREDICATE_QUEUE_WORKS};
    enum err e = list_args_query(&rq->call, &in->list, PER_PAGE_DEFAULT, &query);

    if (in->participants.set) {
        works.params[0] = list_ids(rq->call.db, in->participants.v, in->participants.n);
        query.predicates = &works;
        query.predicates_len = 1;
    }
    if (e == ERR_OK)
        e = list_open(&l, &query, &rq->call.fault);
    if (e == ERR_OK)
        e = read_queues(rq, &l, &queues, &n);
    int64_t *ids = arena_array(rq->call.arena, n + 1, sizeof *ids);
    if (ids == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < n; i++)
        ids[i] = queues[i].id;
    if (e == ERR_OK)
        e = store_queue_users(rq->call.db, ids, n, &users, &users_len);
    if (e != ERR_OK)
        return e;
    list_envelope(&rq->out, &l);
    for (size_t i = 0; i < n; i++)
        put_with_users(rq, &queues[i], users, users_len);
    list_envelope_end(&rq->out, &l);
    return ERR_OK;
}

/* ---- changes ---- */

struct labeling_queues_add_in {
    int64_t dataset_id, collection_id, reviewer_id;
    struct str name, readme, description;
    struct ids user_ids, reviewer_ids, checker_ids;
    struct json_value *meta, *queue_meta;
};
const struct field labeling_queues_add_fields[] = {
    F_STR(REQUIRED, struct labeling_queues_add_in, name, "name", 255, "its name"),
    F_ID(OPTIONAL, struct labeling_queues_add_in, dataset_id, "datasetId",
         "the images: a dataset's as they are now,"),
    F_ID(OPTIONAL, struct labeling_queues_add_in, collection_id, "collectionId",
         "or a collection's, the pool growing with it"),
    F_IDS(REQUIRED, struct labeling_queues_add_in, user_ids, "userIds", USERS_MAX, "labelers"),
    F_IDS(REQUIRED, struct labeling_queues_add_in, reviewer_ids, "reviewerIds", USERS_MAX,
          "reviewers"),
    F_ID(OPTIONAL, struct labeling_queues_add_in, reviewer_id, "reviewerId", "one more reviewer"),
    F_IDS(OPTIONAL, struct labeling_queues_add_in, checker_ids, "qualityCheckUserIds", USERS_MAX,
          "who checks what is accepted; goes with meta.enableIntermediateReview"),
    F_OBJ(OPTIONAL, struct labeling_queues_add_in, meta, "meta", "as of jobs.add"),
    F_OBJ(OPTIONAL, struct labeling_queues_add_in, queue_meta, "queueMeta",
          "reviewOwnAnnotationsAvailable, skipCompleteAnnotationJobOnEmpty (stay open when all is"
          " accepted), leaseSeconds (default: setting queue_lease_seconds)"),
    F_STR(OPTIONAL, struct labeling_queues_add_in, readme, "readme", 200000, "instructions"),
    F_STR(OPTIONAL, struct labeling_queues_add_in, description, "description", 255, "short text"),
    F_END};

/* The same ids with one more behind them; NULL: no memory. */
static int64_t *with_one_more(struct arena *a, const struct ids *ids, int64_t id)
{
    int64_t *v = arena_array(a, ids->n + 1, sizeof *v);

    if (v && ids->n > 0)
        memcpy(v, ids->v, ids->n * sizeof *v);
    if (v)
        v[ids->n] = id;
    return v;
}

static enum err find_images(struct rq *rq, const struct labeling_queues_add_in *in)
{
    if ((in->dataset_id != 0) == (in->collection_id != 0))
        return fail(&rq->call, ERR_INVALID, in->dataset_id ? "collectionId" : "datasetId",
                    "give either \"datasetId\" or \"collectionId\"");
    return in->dataset_id
               ? rq_access(rq, ACCESS_DATASET, in->dataset_id, rq->ep->need, "datasetId")
               : rq_access(rq, ACCESS_COLLECTION, in->collection_id, rq->ep->need, "collectionId");
}

enum err labeling_queues_add(struct rq *rq, const void *input)
{
    const struct labeling_queues_add_in *in = input;
    int64_t *reviewers = with_one_more(rq->call.arena, &in->reviewer_ids, in->reviewer_id);
    const struct queue_new n = {
        .name = in->name,
        .readme = in->readme,
        .description = in->description,
        .people = {.ids = {NULL, in->user_ids.v, reviewers, in->checker_ids.v},
                   .len = {0, in->user_ids.n, in->reviewer_ids.n + (in->reviewer_id != 0),
                           in->checker_ids.n}},
        .collection_id = in->collection_id,
        .meta = in->meta,
        .queue_meta = in->queue_meta,
    };
    int64_t id = 0;
    enum err e =
        reviewers ? find_images(rq, in) : fail(&rq->call, ERR_NOMEM, NULL, "out of memory");

    if (e == ERR_OK)
        e = queue_create(&rq->call, &n, &id);

    json_obj(&rq->out);
    json_kv_i64(&rq->out, "id", id);
    json_obj_end(&rq->out);
    return e;
}

struct labeling_queues_set_status_in {
    int64_t id;
    struct str status;
};
const struct field labeling_queues_set_status_fields[] = {
    F_ID(REQUIRED, struct labeling_queues_set_status_in, id, "id", "the queue"),
    F_STR(REQUIRED, struct labeling_queues_set_status_in, status, "status", 32,
          "as of jobs; stopped and completed queues hand out nothing"),
    F_END};

enum err labeling_queues_set_status(struct rq *rq, const void *input)
{
    const struct labeling_queues_set_status_in *in = input;
    enum err e = queue_set_status(&rq->call, in->id, in->status);

    return e == ERR_OK ? rq_success(rq) : e;
}

struct queue_people_in {
    int64_t id;
    struct ids user_ids, reviewer_ids, checker_ids;
};
#define PEOPLE_FIELDS                                                                              \
    F_ID(REQUIRED, struct queue_people_in, id, "id", "the queue"),                                 \
        F_IDS(OPTIONAL, struct queue_people_in, user_ids, "userIds", USERS_MAX, "labelers"),       \
        F_IDS(OPTIONAL, struct queue_people_in, reviewer_ids, "reviewerIds", USERS_MAX,            \
              "reviewers"),                                                                        \
        F_IDS(OPTIONAL, struct queue_people_in, checker_ids, "qualityCheckUserIds", USERS_MAX,     \
              "quality checkers")
const struct field labeling_queues_users_add_fields[] = {PEOPLE_FIELDS, F_END};
const struct field labeling_queues_users_remove_fields[] = {PEOPLE_FIELDS, F_END};

static enum err change_people(struct rq *rq, const struct queue_people_in *in,
                              enum err (*change)(struct call *, int64_t,
                                                 const struct queue_people *))
{
    const struct queue_people people = {
        .ids = {NULL, in->user_ids.v, in->reviewer_ids.v, in->checker_ids.v},
        .len = {0, in->user_ids.n, in->reviewer_ids.n, in->checker_ids.n}};

    if (in->user_ids.n + in->reviewer_ids.n + in->checker_ids.n == 0)
        return fail(&rq->call, ERR_INVALID, "userIds",
                    "\"userIds\", \"reviewerIds\" or \"qualityCheckUserIds\" is required");
    enum err e = change(&rq->call, in->id, &people);
    return e == ERR_OK ? rq_success(rq) : e;
}

enum err labeling_queues_users_add(struct rq *rq, const void *input)
{
    return change_people(rq, input, queue_add_users);
}

enum err labeling_queues_users_remove(struct rq *rq, const void *input)
{
    return change_people(rq, input, queue_remove_users);
}

const struct field labeling_queues_archive_fields[] = {
    F_ID(REQUIRED, struct queue_in, id, "id", "the queue"), F_END};
const struct field labeling_queues_unarchive_fields[] = {
    F_ID(REQUIRED, struct queue_in, id, "id", "the queue"), F_END};

enum err labeling_queues_archive(struct rq *rq, const void *input)
{
    enum err e = queue_set_disabled(&rq->call, ((const struct queue_in *)input)->id, true);

    return e == ERR_OK ? rq_success(rq) : e;
}

enum err labeling_queues_unarchive(struct rq *rq, const void *input)
{
    enum err e = queue_set_disabled(&rq->call, ((const struct queue_in *)input)->id, false);

    return e == ERR_OK ? rq_success(rq) : e;
}

struct labeling_queues_bulk_remove_in {
    struct ids ids;
};
const struct field labeling_queues_bulk_remove_fields[] = {
    F_IDS(REQUIRED, struct labeling_queues_bulk_remove_in, ids, "ids", QUEUES_MAX, "the queues"),
    F_END};

enum err labeling_queues_bulk_remove(struct rq *rq, const void *input)
{
    const struct labeling_queues_bulk_remove_in *in = input;
    enum err e = ERR_OK;

    for (size_t i = 0; i < in->ids.n && e == ERR_OK; i++) {
        bool removed = false; /* by an earlier call, or named twice in this one */

        e = store_queue_was_removed(rq->call.db, in->ids.v[i], &rq->call.me, &removed);
        if (e != ERR_OK || removed)
            continue;
        e = rq_access(rq, ACCESS_QUEUE, in->ids.v[i], PERM_JOB_MANAGE, "ids");
        if (e == ERR_OK)
            e = queue_remove(&rq->call, in->ids.v[i]);
    }
    return e == ERR_OK ? rq_success(rq) : e;
}

/* ---- work ---- */

const struct field labeling_queues_entities_get_next_fields[] = {
    F_ID(REQUIRED, struct queue_in, id, "id", "the caller's job of the queue"), F_END};

enum err labeling_queues_entities_get_next(struct rq *rq, const void *input)
{
    int64_t image_id = 0;
    enum err e = queue_pull(&rq->call, ((const struct queue_in *)input)->id, &image_id);

    json_obj(&rq->out);
    json_kv_id(&rq->out, "id", image_id);
    json_obj_end(&rq->out);
    return e;
}

struct queue_entity_in {
    int64_t id, entity_id;
};
#define ENTITY_FIELDS                                                                              \
    F_ID(REQUIRED, struct queue_entity_in, id, "id", "the caller's job of the queue"),             \
        F_ID(REQUIRED, struct queue_entity_in, entity_id, "entityId", "the image")
const struct field labeling_queues_entities_skip_fields[] = {ENTITY_FIELDS, F_END};
const struct field labeling_queues_entities_heartbeat_fields[] = {ENTITY_FIELDS, F_END};

enum err labeling_queues_entities_skip(struct rq *rq, const void *input)
{
    const struct queue_entity_in *in = input;
    enum err e = queue_skip(&rq->call, in->id, in->entity_id);

    return e == ERR_OK ? rq_success(rq) : e;
}

enum err labeling_queues_entities_heartbeat(struct rq *rq, const void *input)
{
    const struct queue_entity_in *in = input;
    enum err e = queue_heartbeat(&rq->call, in->id, in->entity_id);

    return e == ERR_OK ? rq_success(rq) : e;
}
