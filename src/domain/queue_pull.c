/* Images on their way through a queue: handing out, taking back, verdicts. */
#include "domain/queue_int.h"

/* ---- counters: in the pool, in progress, done, accepted, checked ---- */

static int place_of(struct str status)
{
    if (status.p == NULL)
        return 0;
    if (str_is(status, "done"))
        return 2;
    if (str_is(status, "quality_check_accepted"))
        return 4;
    return str_is(status, "accepted") ? 3 : 1;
}

enum err queue__entity_move(struct call *c, struct queue_entity *e, struct str to)
{
    struct queue_moves moves = {0};

    moves.at[place_of(e->status)]--;
    moves.at[place_of(to)]++;
    e->status = to;
    enum err err = store_queue_entity_put(c->db, e);
    return err == ERR_OK ? store_queue_count(c->db, e->queue_id, &moves, c->now_ms) : err;
}

static enum err record(struct call *c, const struct job *j, int64_t image_id, const char *action)
{
    return call_event(c, (struct event){.action = action,
                                        .team_id = j->team_id,
                                        .project_id = j->project_id,
                                        .dataset_id = j->dataset_id,
                                        .job_id = j->id,
                                        .image_id = image_id,
                                        .meta = arena_printf(c->arena, "{\"queueId\":%lld}",
                                                             (long long)j->queue_id)});
}

/* ---- giving back ---- */

/* Whoever holds it does so no more: a labeler's goes back to the pool, a reviewer's waits for
 * another one. */
static enum err release(struct call *c, struct queue_entity *e, const char *action)
{
    int64_t holder = e->held_by;
    struct str to = holder == e->job_id ? STR_NULL : e->status;
    struct job j;

    if (holder == e->job_id)
        e->job_id = 0;
    else if (holder == e->review_job_id)
        e->review_job_id = 0;
    else
        e->check_job_id = 0;
    e->held_by = 0;
    e->lease_until = 0;
    enum err err = queue__entity_move(c, e, to);
    if (err == ERR_OK)
        err = job__entity_leaves(c, holder, e->image_id);
    if (err == ERR_OK)
        err = store_job_get(c->db, holder, &j);
    if (err == ERR_NOT_FOUND)
        return ERR_OK; /* its job was removed */
    return err == ERR_OK ? record(c, &j, e->image_id, action) : err;
}

enum err queue_release_expired(struct call *c, int64_t queue_id)
{
    struct queue_entity *list = NULL;
    size_t n = 0;
    enum err e = store_queue_expired(c->db, queue_id, c->now_ms, &list, &n);

    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = release(c, &list[i], "release_image");
    return e;
}

/* ---- pulling ---- */

/* The caller's place in the queue that the job belongs to. */
struct place {
    struct job job;
    struct queue_user user;
    struct queue queue;
};

static enum err find_place(struct call *c, int64_t job_id, struct place *p)
{
    enum err e = store_job_get(c->db, job_id, &p->job);

    if (e == ERR_OK)
        e = store_queue_user_of_job(c->db, job_id, &p->user);
    if (e == ERR_OK)
        e = store_queue_get(c->db, p->user.queue_id, &p->queue);
    if (e == ERR_NOT_FOUND)
        return fail(c, ERR_INVALID, "id", "job %lld is not of a queue", (long long)job_id);
    if (e == ERR_OK && (str_is(p->queue.status, "stopped") || str_is(p->queue.status, "completed")))
        return fail(c, ERR_FORBIDDEN, "id", "the queue is %s", p->queue.status.p);
    return e;
}

/* A free image becomes the caller's. */
static enum err take(struct call *c, const struct place *p, struct queue_entity *e)
{
    enum err err = store_queue_next(c->db, p->queue.id, p->user.kind,
                                    p->queue.own_reviews ? 0 : p->job.user_id, e);

    if (err != ERR_OK)
        return err;
    e->held_by = p->job.id;
    e->lease_until = c->now_ms + p->queue.lease_ms;
    if (p->user.kind == QUEUE_LABELER)
        e->job_id = p->job.id;
    else if (p->user.kind == QUEUE_REVIEWER)
        e->review_job_id = p->job.id;
    else
        e->check_job_id = p->job.id;
    err = queue__entity_move(c, e, e->status.p ? e->status : STR("none"));
    if (err == ERR_OK)
        err = job__entity_joins(c, p->job.id, e->image_id, e->status);
    return err == ERR_OK ? record(c, &p->job, e->image_id, "pull_image") : err;
}

/* The first pull starts the job and the queue. */
static enum err start(struct call *c, struct place *p)
{
    enum err e = ERR_OK;

    if (str_is(p->job.status, "pending"))
        e = job__move(c, &p->job, STR("in_progress"));
    if (e == ERR_OK && str_is(p->queue.status, "pending"))
        e = store_queue_set_status(c->db, p->queue.id, STR("in_progress"), 0, c->now_ms);
    return e;
}

enum err queue_pull(struct call *c, int64_t job_id, int64_t *image_id_out)
{
    struct queue_entity entity = {0};
    struct place p;
    enum err e = find_place(c, job_id, &p);

    *image_id_out = 0;
    if (e == ERR_OK)
        e = queue_release_expired(c, p.queue.id);
    if (e == ERR_OK)
        e = store_queue_held(c->db, job_id, &entity);
    if (e == ERR_OK) { /* asking again is a sign of life */
        entity.lease_until = c->now_ms + p.queue.lease_ms;
        *image_id_out = entity.image_id;
        return store_queue_entity_put(c->db, &entity);
    }
    if (e == ERR_NOT_FOUND)
        e = take(c, &p, &entity);
    if (e == ERR_NOT_FOUND && p.user.kind == QUEUE_LABELER)
        e = store_queue_came_back(c->db, p.queue.id, job_id, &entity);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    *image_id_out = entity.image_id;
    return e == ERR_OK ? start(c, &p) : e;
}

/* The image that the caller's job holds. */
static enum err held(struct call *c, int64_t job_id, int64_t image_id, struct place *p,
                     struct queue_entity *out)
{
    enum err e = find_place(c, job_id, p);

    if (e != ERR_OK)
        return e;
    e = store_queue_entity_get(c->db, p->queue.id, image_id, out);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && out->held_by != job_id))
        return fail(c, ERR_NOT_FOUND, "entityId", "job %lld does not hold image %lld",
                    (long long)job_id, (long long)image_id);
    return e;
}

enum err queue_heartbeat(struct call *c, int64_t job_id, int64_t image_id)
{
    struct queue_entity entity;
    struct place p;
    enum err e = held(c, job_id, image_id, &p, &entity);

    if (e != ERR_OK)
        return e;
    entity.lease_until = c->now_ms + p.queue.lease_ms;
    return store_queue_entity_put(c->db, &entity);
}

enum err queue_sign_of_life(struct call *c, const struct job *j, int64_t image_id)
{
    struct queue_entity entity;
    struct queue q;
    enum err e = store_queue_entity_get(c->db, j->queue_id, image_id, &entity);

    if (e == ERR_OK)
        e = store_queue_get(c->db, j->queue_id, &q);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && entity.held_by != j->id))
        return ERR_OK;
    entity.lease_until = c->now_ms + q.lease_ms;
    return e == ERR_OK ? store_queue_entity_put(c->db, &entity) : e;
}

enum err queue_skip(struct call *c, int64_t job_id, int64_t image_id)
{
    struct queue_entity entity;
    struct place p;
    enum err e = held(c, job_id, image_id, &p, &entity);

    if (e == ERR_OK)
        e = release(c, &entity, "skip_image");
    return e == ERR_OK ? store_queue_entity_skipped(c->db, p.queue.id, image_id) : e;
}

/* ---- following reviews ---- */

/* A verdict counts in every job that has the image; in a labeler's, rejected ones go on. */
static enum err pass_on(struct call *c, int64_t job_id, const struct queue_entity *e)
{
    struct str from;
    struct job j;
    enum err err = store_job_get(c->db, job_id, &j);

    if (err == ERR_OK)
        err = store_job_entity_status(c->db, job_id, e->image_id, &from);
    if (err == ERR_NOT_FOUND)
        return ERR_OK; /* the job was removed */
    if (err == ERR_OK && !str_eq(from, e->status))
        err = job__review(c, &j, e->image_id, from, e->status);
    return err;
}

/* A submitted job opens again for what came back; when nobody works in it any more, that goes to
 * the pool. */
static enum err send_back(struct call *c, struct queue_entity *e)
{
    struct queue_user place;
    struct job j;
    enum err err = store_queue_user_of_job(c->db, e->job_id, &place);

    if (err == ERR_OK)
        err = store_job_get(c->db, e->job_id, &j);
    if (err == ERR_NOT_FOUND) {
        err = job__entity_leaves(c, e->job_id, e->image_id);
        e->job_id = 0;
        return err == ERR_OK ? queue__entity_move(c, e, STR_NULL) : err;
    }
    if (err != ERR_OK || str_is(j.status, "in_progress") || str_is(j.status, "stopped"))
        return err;
    return job__move(c, &j, STR("in_progress"));
}

/* Who has the image from now on: reviewers keep what they take back themselves, all others lose
 * what they did not decide. Jobs that lose it are in lost[]. */
static void hand_on(struct queue_entity *e, int64_t by, struct str to, int64_t lost[2])
{
    bool checked = str_is(to, "quality_check_accepted"), accepted = str_is(to, "accepted");
    bool done = str_is(to, "done");
    bool review_stays = checked || accepted || (done && by == e->review_job_id);
    bool check_stays = checked || (accepted && by == e->check_job_id);

    lost[0] = review_stays ? 0 : e->review_job_id;
    lost[1] = check_stays ? 0 : e->check_job_id;
    e->review_job_id = review_stays ? e->review_job_id : 0;
    e->check_job_id = check_stays ? e->check_job_id : 0;
    e->held_by = str_is(to, "none") ? e->job_id
                 : done             ? e->review_job_id
                 : accepted         ? e->check_job_id
                                    : 0;
}

enum err queue_follow(struct call *c, const struct job *j, int64_t image_id, struct str to)
{
    struct queue_entity entity;
    struct queue q;
    int64_t lost[2];
    enum err e = store_queue_entity_get(c->db, j->queue_id, image_id, &entity);

    if (e == ERR_OK)
        e = store_queue_get(c->db, j->queue_id, &q);
    bool has = e == ERR_OK && (entity.job_id == j->id || entity.review_job_id == j->id ||
                               entity.check_job_id == j->id);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && (!has || str_eq(entity.status, to))))
        return ERR_OK;
    if (e != ERR_OK)
        return e;
    hand_on(&entity, j->id, to, lost);
    entity.lease_until = entity.held_by ? c->now_ms + q.lease_ms : 0;
    entity.reviewed_at = str_is(to, "none") || str_is(to, "done") ? 0 : c->now_ms;
    e = queue__entity_move(c, &entity, to);
    for (int i = 0; i < 2 && e == ERR_OK; i++)
        e = lost[i] ? job__entity_leaves(c, lost[i], image_id) : ERR_OK;
    const int64_t jobs[] = {entity.job_id, entity.review_job_id, entity.check_job_id};
    for (size_t i = 0; i < ARRAY_LEN(jobs) && e == ERR_OK; i++)
        e = jobs[i] && jobs[i] != j->id ? pass_on(c, jobs[i], &entity) : ERR_OK;
    if (e == ERR_OK && str_is(to, "rejected"))
        e = send_back(c, &entity);
    return e == ERR_OK ? queue__end(c, j->queue_id) : e;
}

/* ---- what goes away ---- */

enum err queue_forget_image(struct call *c, int64_t image_id)
{
    struct queue_entity *list = NULL;
    size_t n = 0;
    enum err e = store_queues_of_image(c->db, image_id, &list, &n);

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        struct queue_moves moves = {.all = -1};

        moves.at[place_of(list[i].status)]--;
        e = store_queue_entity_delete(c->db, list[i].queue_id, image_id);
        if (e == ERR_OK)
            e = store_queue_count(c->db, list[i].queue_id, &moves, c->now_ms);
        if (e == ERR_OK)
            e = queue__end(c, list[i].queue_id);
    }
    return e;
}

enum err queue_forget_job(struct call *c, const struct job *j)
{
    struct queue_entity *list = NULL;
    size_t n = 0;
    enum err e = store_queue_of_job(c->db, j->queue_id, j->id, &list, &n);

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        if (list[i].job_id == j->id && str_is(list[i].status, "rejected"))
            list[i].held_by = j->id;
        if (list[i].held_by == j->id)
            e = release(c, &list[i], "release_image");
    }
    return e == ERR_OK ? store_queue_user_delete(c->db, j->id) : e;
}
