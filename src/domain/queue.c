/* Rules of labeling queues. */
#include "domain/queue.h"

#include "domain/job_int.h"
#include "domain/webhook.h"
#include "store/store_team.h"

#define LEASE_MS    (30 * 60 * 1000LL)
#define LEASE_S_MAX (7 * 24 * 3600)
#define USERS_MAX   1000

/* ---- counters: in the pool, in progress, done, accepted ---- */

static int place_of(struct str status)
{
    if (status.p == NULL)
        return 0;
    if (str_is(status, "done"))
        return 2;
    return str_is(status, "accepted") || str_is(status, "quality_check_accepted") ? 3 : 1;
}

static enum err move(struct call *c, struct queue_entity *e, struct str to)
{
    int64_t moves[4] = {0};

    moves[place_of(e->status)]--;
    moves[place_of(to)]++;
    e->status = to;
    enum err err = store_queue_entity_put(c->db, e);
    return err == ERR_OK ? store_queue_count(c->db, e->queue_id, moves, c->now_ms) : err;
}

/* ---- making ---- */

static enum err get_flag(struct call *c, struct json_value *meta, const char *key, bool *out)
{
    struct json_value *v = json_get(c->arena, meta, key);

    if (v && v->type != JSON_NULL && v->type != JSON_BOOL)
        return fail(c, ERR_INVALID, "queueMeta", "\"queueMeta.%s\" must be a boolean", key);
    *out = v && v->type == JSON_BOOL && v->b;
    return ERR_OK;
}

static enum err read_queue_meta(struct call *c, struct json_value *meta, struct queue *q)
{
    struct json_value *lease = json_get(c->arena, meta, "leaseSeconds");
    enum err e = get_flag(c, meta, "reviewOwnAnnotationsAvailable", &q->own_reviews);

    if (e == ERR_OK)
        e = get_flag(c, meta, "skipCompleteAnnotationJobOnEmpty", &q->keep_open);
    q->lease_ms = LEASE_MS;
    if (e == ERR_OK && lease && lease->type != JSON_NULL) {
        if (lease->type != JSON_INT || lease->i < 1 || lease->i > LEASE_S_MAX)
            return fail(c, ERR_INVALID, "queueMeta",
                        "\"queueMeta.leaseSeconds\" must be 1 to %d seconds", LEASE_S_MAX);
        q->lease_ms = lease->i * 1000;
    }
    return e;
}

/* The job of one of them: it begins empty. */
static enum err add_user(struct call *c, const struct queue *q, const struct job_plan *p,
                         int64_t user_id, enum queue_user_kind kind)
{
    struct job j = p->job;

    j.dataset_id = q->dataset_id;
    j.user_id = user_id;
    j.reviewer_id = kind == QUEUE_REVIEWER ? user_id : 0;
    j.queue_id = q->id;
    j.by_ids = true;
    j.name = arena_printf(c->arena, "%.*s (%s)", STR_CUT(q->name, 200),
                          kind == QUEUE_REVIEWER ? "review" : "annotation");
    enum err e = job__insert(c, p, &j, NULL, 0);
    const struct queue_user u = {
        .queue_id = q->id, .user_id = user_id, .kind = kind, .job_id = j.id};
    return e == ERR_OK ? store_queue_user_insert(c->db, &u) : e;
}

static enum err check_reviewers(struct call *c, const int64_t *ids, size_t n)
{
    enum err e = ERR_OK;

    if (n > USERS_MAX)
        return fail(c, ERR_INVALID, "reviewerIds", "at most %d reviewers", USERS_MAX);
    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = job__member_check(c, ids[i], "reviewerIds");
    return e;
}

static enum err add_users(struct call *c, const struct queue *q, const struct job_plan *p,
                          const int64_t *ids, size_t n, enum queue_user_kind kind)
{
    struct queue_user *had = NULL;
    size_t had_len = 0;
    enum err e = store_queue_users(c->db, &q->id, 1, &had, &had_len);

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        bool there = false;

        for (size_t k = 0; k < had_len; k++)
            there = there || (had[k].user_id == ids[i] && had[k].kind == kind);
        if (!there)
            e = add_user(c, q, p, ids[i], kind);
        if (e == ERR_CONFLICT)
            e = fail(c, ERR_INVALID, "userIds", "user %lld is named twice", (long long)ids[i]);
    }
    return e;
}

static enum err record(struct call *c, const struct queue *q, const char *action)
{
    return call_event(
        c, (struct event){.action = action,
                          .team_id = q->team_id,
                          .project_id = q->project_id,
                          .dataset_id = q->dataset_id,
                          .meta = arena_printf(c->arena, "{\"queueId\":%lld}", (long long)q->id)});
}

static enum err fill_pool(struct call *c, struct queue *q, const int64_t *images, size_t n)
{
    q->entities_count = (int64_t)n;
    enum err e = store_queue_insert(c->db, q, c->now_ms);
    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = store_queue_entity_insert(c->db, q->id, images[i]);
    return e;
}

enum err queue_create(struct call *c, const struct queue_new *n, int64_t *id_out)
{
    const struct job_new as_job = {.name = n->name,
                                   .readme = n->readme,
                                   .description = n->description,
                                   .user_ids = n->labelers,
                                   .user_ids_len = n->labelers_len,
                                   .meta = n->meta};
    struct queue q = {.team_id = c->at.team_id,
                      .project_id = c->at.project_id,
                      .dataset_id = c->at.dataset_id,
                      .name = n->name,
                      .created_by = c->me.user_id,
                      .meta = n->meta ? n->meta->raw : STR("{}")};
    struct job_plan p = {0};
    int64_t *images = NULL;
    size_t len = 0;
    enum err e = job__plan(c, &as_job, &p);

    if (e == ERR_OK)
        e = check_reviewers(c, n->reviewers, n->reviewers_len);
    if (e == ERR_OK)
        e = read_queue_meta(c, n->queue_meta, &q);
    if (e == ERR_OK)
        e = job__pick(c, &p, q.dataset_id, true, &images, &len);
    if (e == ERR_OK && len == 0)
        return fail(c, ERR_INVALID, "datasetId", "No images found");
    if (e == ERR_OK)
        e = fill_pool(c, &q, images, len);
    if (e == ERR_OK)
        e = add_users(c, &q, &p, n->labelers, n->labelers_len, QUEUE_LABELER);
    if (e == ERR_OK)
        e = add_users(c, &q, &p, n->reviewers, n->reviewers_len, QUEUE_REVIEWER);
    *id_out = q.id;
    return e == ERR_OK ? record(c, &q, "create_queue") : e;
}

enum err queue_add_users(struct call *c, int64_t id, const int64_t *labelers, size_t labelers_len,
                         const int64_t *reviewers, size_t reviewers_len)
{
    struct job_plan p = {0};
    struct job_new as_job = {.user_ids = labelers, .user_ids_len = labelers_len};
    struct queue q;
    enum err e = store_queue_get(c->db, id, &q);

    if (e != ERR_OK)
        return e;
    as_job.name = q.name;
    as_job.meta = json_parse_copy(c->arena, q.meta);
    if (labelers_len == 0) { /* the plan is checked with somebody */
        as_job.user_ids = reviewers;
        as_job.user_ids_len = reviewers_len;
    }
    e = job__plan(c, &as_job, &p);
    if (e == ERR_OK)
        e = check_reviewers(c, reviewers, reviewers_len);
    if (e == ERR_OK)
        e = add_users(c, &q, &p, labelers, labelers_len, QUEUE_LABELER);
    if (e == ERR_OK)
        e = add_users(c, &q, &p, reviewers, reviewers_len, QUEUE_REVIEWER);
    return e == ERR_OK ? record(c, &q, "update_queue") : e;
}

enum err queue_set_status(struct call *c, int64_t id, struct str status)
{
    struct queue q;
    enum err e = store_queue_get(c->db, id, &q);

    if (!job__known_status(status))
        return fail(c, ERR_INVALID, "status", "\"%.*s\" is not a status of queues",
                    STR_CUT(status, 60));
    if (e != ERR_OK || str_eq(q.status, status))
        return e;
    e = store_queue_set_status(c->db, id, status, str_is(status, "completed") ? c->now_ms : 0,
                               c->now_ms);
    if (e == ERR_OK)
        e = record(c, &q, "update_queue_status");
    return e == ERR_OK && str_is(status, "completed") ? webhook_queue_completed(c, &q) : e;
}

/* ---- pulling ---- */

/* Back into the pool, out of the job that held it. */
static enum err release(struct call *c, struct queue_entity *e)
{
    int64_t job_id = e->job_id;

    e->job_id = 0;
    e->lease_until = 0;
    enum err err = move(c, e, STR_NULL);
    return err == ERR_OK ? job__entity_leaves(c, job_id, e->image_id) : err;
}

/* Whoever held them has given no sign of life. */
static enum err release_expired(struct call *c, int64_t queue_id)
{
    struct queue_entity *list = NULL;
    size_t n = 0;
    enum err e = store_queue_expired(c->db, queue_id, c->now_ms, &list, &n);

    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = release(c, &list[i]);
    return e;
}

/* The caller's place in the queue that the job belongs to. */
static enum err open_job(struct call *c, int64_t job_id, struct job *j, struct queue_user *u,
                         struct queue *q)
{
    enum err e = store_job_get(c->db, job_id, j);

    if (e == ERR_OK)
        e = store_queue_user_of_job(c->db, job_id, u);
    if (e == ERR_NOT_FOUND)
        return fail(c, ERR_INVALID, "id", "job %lld is not of a queue", (long long)job_id);
    if (e == ERR_OK)
        e = store_queue_get(c->db, u->queue_id, q);
    if (e == ERR_OK && (str_is(q->status, "stopped") || str_is(q->status, "completed")))
        return fail(c, ERR_FORBIDDEN, "id", "the queue is %s", q->status.p);
    return e;
}

static enum err pull_to_label(struct call *c, const struct queue *q, const struct job *j,
                              struct queue_entity *e)
{
    enum err err = store_queue_next(c->db, q->id, e);

    if (err != ERR_OK)
        return err;
    e->job_id = j->id;
    e->lease_until = c->now_ms + q->lease_ms;
    err = move(c, e, STR("none"));
    return err == ERR_OK ? store_job_entity_add(c->db, j->id, e->image_id, STR("none"), c->now_ms)
                         : err;
}

static enum err pull_to_review(struct call *c, const struct queue *q, const struct job *j,
                               struct queue_entity *e)
{
    enum err err = store_queue_next_review(c->db, q->id, q->own_reviews ? 0 : c->me.user_id, e);

    if (err != ERR_OK)
        return err;
    e->review_job_id = j->id;
    err = store_queue_entity_put(c->db, e);
    return err == ERR_OK ? job__entity_joins(c, j->id, e->image_id, STR("done")) : err;
}

enum err queue_pull(struct call *c, int64_t job_id, int64_t *image_id_out)
{
    struct queue_entity entity = {0};
    struct queue_user u;
    struct queue q;
    struct job j;
    enum err e = open_job(c, job_id, &j, &u, &q);

    *image_id_out = 0;
    if (e != ERR_OK)
        return e;
    e = release_expired(c, q.id);
    if (e == ERR_OK)
        e = store_queue_held(c->db, q.id, job_id, &entity);
    if (e == ERR_OK) {
        *image_id_out = entity.image_id;
        return ERR_OK;
    }
    if (e == ERR_NOT_FOUND)
        e = u.kind == QUEUE_REVIEWER ? pull_to_review(c, &q, &j, &entity)
                                     : pull_to_label(c, &q, &j, &entity);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e == ERR_OK && str_is(j.status, "pending"))
        e = job__move(c, &j, STR("in_progress"));
    if (e == ERR_OK && str_is(q.status, "pending"))
        e = store_queue_set_status(c->db, q.id, STR("in_progress"), 0, c->now_ms);
    *image_id_out = entity.image_id;
    return e;
}

/* The image that the caller holds unconfirmed. */
static enum err held(struct call *c, int64_t job_id, int64_t image_id, struct queue *q,
                     struct queue_entity *out)
{
    struct queue_user u;
    struct job j;
    enum err e = open_job(c, job_id, &j, &u, q);

    if (e == ERR_OK)
        e = store_queue_entity_get(c->db, q->id, image_id, out);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && out->job_id != job_id))
        return fail(c, ERR_NOT_FOUND, "entityId", "job %lld does not hold image %lld",
                    (long long)job_id, (long long)image_id);
    if (e == ERR_OK && !str_is(out->status, "none"))
        return fail(c, ERR_INVALID, "entityId", "image %lld is %s already", (long long)image_id,
                    out->status.p);
    return e;
}

enum err queue_heartbeat(struct call *c, int64_t job_id, int64_t image_id)
{
    struct queue_entity entity;
    struct queue q;
    enum err e = held(c, job_id, image_id, &q, &entity);

    entity.lease_until = c->now_ms + q.lease_ms;
    return e == ERR_OK ? store_queue_entity_put(c->db, &entity) : e;
}

enum err queue_skip(struct call *c, int64_t job_id, int64_t image_id)
{
    struct queue_entity entity;
    struct queue q;
    enum err e = held(c, job_id, image_id, &q, &entity);

    if (e == ERR_OK)
        e = release(c, &entity);
    return e == ERR_OK ? store_queue_entity_skipped(c->db, q.id, image_id) : e;
}

/* ---- following reviews ---- */

/* A verdict in a reviewer's job counts in the labeler's, which is where rejected images go on. */
static enum err pass_on(struct call *c, const struct queue_entity *e, struct str to)
{
    struct job labelers;
    struct str from;
    enum err err = store_job_get(c->db, e->job_id, &labelers);

    if (err == ERR_NOT_FOUND)
        return ERR_OK; /* its job was removed */
    if (err == ERR_OK)
        err = store_job_entity_status(c->db, labelers.id, e->image_id, &from);
    if (err == ERR_OK && !str_eq(from, to))
        err = job__review(c, &labelers, e->image_id, from, to);
    if (err == ERR_OK && str_is(to, "rejected") && !str_is(labelers.status, "in_progress"))
        err = job__move(c, &labelers, STR("in_progress"));
    return err;
}

static enum err end_queue(struct call *c, int64_t id)
{
    struct queue_user *users = NULL;
    struct queue q;
    size_t n = 0;
    enum err e = store_queue_get(c->db, id, &q);

    if (e != ERR_OK || q.accepted_count < q.entities_count || q.keep_open ||
        str_is(q.status, "completed"))
        return e;
    e = store_queue_users(c->db, &id, 1, &users, &n);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        struct job j;

        e = store_job_get(c->db, users[i].job_id, &j);
        if (e == ERR_OK && !str_is(j.status, "completed"))
            e = job__move(c, &j, STR("completed"));
        if (e == ERR_NOT_FOUND)
            e = ERR_OK;
    }
    if (e == ERR_OK)
        e = store_queue_set_status(c->db, id, STR("completed"), c->now_ms, c->now_ms);
    if (e == ERR_OK)
        e = record(c, &q, "complete_queue");
    return e == ERR_OK ? webhook_queue_completed(c, &q) : e;
}

enum err queue_follow(struct call *c, const struct job *j, int64_t image_id, struct str to)
{
    struct queue_entity entity;
    enum err e = store_queue_entity_get(c->db, j->queue_id, image_id, &entity);

    if (e == ERR_NOT_FOUND || (e == ERR_OK && str_eq(entity.status, to)))
        return ERR_OK;
    bool reviewed_here = entity.review_job_id == j->id;
    if (e == ERR_OK && str_is(to, "rejected") && entity.review_job_id) { /* any reviewer's, again */
        int64_t reviewer_job = entity.review_job_id;

        entity.review_job_id = 0;
        e = job__entity_leaves(c, reviewer_job, image_id);
    }
    entity.lease_until = 0;
    if (e == ERR_OK)
        e = move(c, &entity, to);
    if (e == ERR_OK && reviewed_here)
        e = pass_on(c, &entity, to);
    return e == ERR_OK ? end_queue(c, j->queue_id) : e;
}

enum err queue_forget_image(struct call *c, int64_t image_id)
{
    struct queue_entity *list = NULL;
    size_t n = 0;
    enum err e = store_queues_of_image(c->db, image_id, &list, &n);

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        int64_t moves[4] = {0};

        moves[place_of(list[i].status)]--;
        e = store_queue_entity_delete(c->db, list[i].queue_id, image_id);
        if (e == ERR_OK)
            e = store_queue_count(c->db, list[i].queue_id, moves, c->now_ms);
        if (e == ERR_OK)
            e = end_queue(c, list[i].queue_id);
    }
    return e;
}
