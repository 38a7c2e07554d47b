/* State machines of jobs and of the images in them. The tables say who may do what; here is what a
 * change does. */
#include "domain/job_int.h"
#include "domain/queue.h"
#include "domain/verdict.h"
#include "domain/webhook.h"

static const struct {
    const char *from, *to;
    unsigned who;
} transitions[] = {
#define TRANSITION(from, to, who) {from, to, who},
#include "domain/job_status.tbl"
#undef TRANSITION
};

static const char *const statuses[] = {"pending",          "in_progress", "on_review",
                                       "review_completed", "completed",   "stopped"};

static const struct review {
    const char *status;
    unsigned who;
    int done, accepted, rejected;
} reviews[] = {
#define REVIEW(status, who, done, accepted, rejected) {status, who, done, accepted, rejected},
#include "domain/job_entity.tbl"
#undef REVIEW
};

bool job__known_status(struct str s)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (str_is(s, statuses[i]))
            return true;
    return false;
}

/* May the caller make this change? */
static enum err transition_check(struct call *c, const struct job *j, struct str to)
{
    if (str_is(to, "review_completed") && !j->intermediate_review)
        return fail(c, ERR_INVALID, "status", "the job has no quality check after the review");
    if (c->at.perms & PERM_JOB_MANAGE)
        return ERR_OK;
    for (size_t i = 0; i < ARRAY_LEN(transitions); i++) {
        if (!str_is(j->status, transitions[i].from) || !str_is(to, transitions[i].to) ||
            (c->at.perms & transitions[i].who) == 0)
            continue;
        if (str_is(to, "on_review") && j->disable_submit)
            return fail(c, ERR_FORBIDDEN, "status", "submitting is switched off for this job");
        if (str_is(to, "completed") && j->intermediate_review)
            return fail(c, ERR_FORBIDDEN, "status",
                        "a quality check follows: set review_completed instead");
        return ERR_OK;
    }
    return fail(c, ERR_FORBIDDEN, "status", "you may not change this job from %s to %s",
                j->status.p, to.p);
}

/* Time stamps say when a job last entered a stage; stages ahead of it have none. */
static void enter_status(struct job *j, struct str to, int64_t now_ms)
{
    bool from_review = str_is(j->status, "on_review");

    if (str_is(to, "pending"))
        j->started_at = 0;
    if (str_is(to, "in_progress") && j->started_at == 0)
        j->started_at = now_ms;
    if (str_is(to, "pending") || str_is(to, "in_progress"))
        j->annotation_finished_at = j->review_finished_at = 0;
    if (str_is(to, "on_review")) {
        j->annotation_finished_at = now_ms;
        j->review_finished_at = 0;
        if (j->started_at == 0)
            j->started_at = now_ms;
    }
    if (str_is(to, "review_completed") || (str_is(to, "completed") && from_review))
        j->review_finished_at = now_ms;
    j->finished_at = str_is(to, "completed") ? now_ms : 0;
    j->status = to;
}

static enum err job_event(struct call *c, const struct job *j, const char *action, struct str meta)
{
    return call_event(c, (struct event){.action = action,
                                        .team_id = j->team_id,
                                        .project_id = j->project_id,
                                        .dataset_id = j->dataset_id,
                                        .job_id = j->id,
                                        .meta = meta});
}

enum err job__move(struct call *c, struct job *j, struct str to)
{
    struct str meta = arena_printf(c->arena, "{\"from\":\"%s\",\"to\":\"%s\"}", j->status.p, to.p);

    enter_status(j, to, c->now_ms);
    enum err e = store_job_set_status(c->db, j, c->now_ms);
    if (e == ERR_OK)
        e = job_event(c, j, "update_job_status", meta);
    return e == ERR_OK && str_is(to, "completed") ? webhook_job_completed(c, j) : e;
}

enum err job_set_status(struct call *c, int64_t id, struct str status)
{
    struct job j;
    enum err e;

    if (!job__known_status(status))
        return fail(c, ERR_INVALID, "status", "\"%s\" is not a job status", status.p);
    e = store_job_get(c->db, id, &j);
    if (e != ERR_OK || str_eq(j.status, status))
        return e;
    e = transition_check(c, &j, status);
    return e == ERR_OK ? job__move(c, &j, status) : e;
}

static const struct review *find_review(struct str status)
{
    for (size_t i = 0; i < ARRAY_LEN(reviews); i++)
        if (str_is(status, reviews[i].status))
            return &reviews[i];
    return NULL;
}

bool job_known_review(struct str status)
{
    return find_review(status) != NULL;
}

/* A labeler confirms or takes back; what a reviewer has accepted is closed to them. */
static enum err review_check(struct call *c, const struct job *j, int64_t image_id, struct str from,
                             const struct review *to)
{
    int64_t tags = 0;
    enum err e = ERR_OK;

    if ((c->at.perms & to->who) == 0)
        return fail(c, ERR_FORBIDDEN, "status", "only a reviewer may set \"%s\"", to->status);
    if (str_is(str_from(to->status), "quality_check_accepted")) {
        if (!j->intermediate_review)
            return fail(c, ERR_INVALID, "status", "the job has no quality check after the review");
        if (j->queue_id == 0 && (c->at.perms & PERM_JOB_MANAGE) == 0)
            return fail(c, ERR_FORBIDDEN, "status", "the quality check is not the reviewer's");
    }
    if (c->at.perms & PERM_JOB_REVIEW)
        return ERR_OK;
    if (str_is(from, "accepted") || str_is(from, "quality_check_accepted"))
        return fail(c, ERR_FORBIDDEN, "entityId", "this image has been accepted already");
    if (to->done && j->disable_confirm)
        return fail(c, ERR_FORBIDDEN, "status", "confirming is switched off for this job");
    if (to->done && j->tags_min > 0)
        e = store_tags_on(c->db, image_id, &tags);
    if (e == ERR_OK && to->done && tags < j->tags_min)
        return fail(c, ERR_INVALID, "status", "this job wants at least %lld tags on each image",
                    (long long)j->tags_min);
    return e;
}

static enum err save_review(struct call *c, const struct job *j, int64_t image_id,
                            const struct review *from, const struct review *to)
{
    enum err e = store_job_entity_set(c->db, j->id, image_id, str_from(to->status), c->now_ms);

    if (e == ERR_OK)
        e = store_job_count_add(c->db, j->id, to->done - from->done, to->accepted - from->accepted,
                                to->rejected - from->rejected, c->now_ms);
    if (e == ERR_OK)
        e = verdict_follow(c, j, image_id, str_from(to->status));
    if (e == ERR_OK && j->queue_id)
        e = queue_follow(c, j, image_id, str_from(to->status));
    if (e != ERR_OK)
        return e;
    return call_event(c,
                      (struct event){
                          .action = "image_review_status_updated",
                          .team_id = j->team_id,
                          .project_id = j->project_id,
                          .dataset_id = j->dataset_id,
                          .job_id = j->id,
                          .image_id = image_id,
                          .meta = arena_printf(c->arena, "{\"reviewStatus\":\"%s\"}", to->status),
                      });
}

enum err job__review(struct call *c, const struct job *j, int64_t image_id, struct str from,
                     struct str to)
{
    return save_review(c, j, image_id, find_review(from), find_review(to));
}

enum err job_set_entity_status(struct call *c, int64_t id, int64_t image_id, struct str status,
                               const struct verdict_comment *comment)
{
    const struct review *to = find_review(status);
    struct str old;
    struct job j;
    enum err e;

    if (to == NULL)
        return fail(c, ERR_INVALID, "status", "\"%s\" is not a review status", status.p);
    e = store_job_get(c->db, id, &j);
    if (e == ERR_OK)
        e = store_job_entity_status(c->db, id, image_id, &old);
    if (e == ERR_NOT_FOUND)
        return fail(c, e, "entityId", "image %lld is not in job %lld", (long long)image_id,
                    (long long)id);
    bool same = e == ERR_OK && str_eq(old, status);
    if (e != ERR_OK || (same && comment->text.p == NULL))
        return e;
    e = review_check(c, &j, image_id, old, to);
    if (e == ERR_OK)
        e = verdict_comment(c, &j, image_id, status, comment);
    if (e != ERR_OK || same)
        return e;
    if (str_is(j.status, "pending") && (c->at.perms & PERM_JOB_LABEL))
        e = job__move(c, &j, STR("in_progress")); /* the first confirmed image is a start */
    return e == ERR_OK ? save_review(c, &j, image_id, find_review(old), to) : e;
}

static enum err count_entity(struct call *c, int64_t job_id, struct str status, int sign)
{
    const struct review *r = find_review(status);

    return store_job_count_add(c->db, job_id, sign * r->done, sign * r->accepted,
                               sign * r->rejected, c->now_ms);
}

enum err job__entity_leaves(struct call *c, int64_t job_id, int64_t image_id)
{
    struct str status;
    enum err e = store_job_entity_status(c->db, job_id, image_id, &status);

    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e == ERR_OK)
        e = store_job_entity_delete(c->db, job_id, image_id, c->now_ms);
    return e == ERR_OK ? count_entity(c, job_id, status, -1) : e;
}

enum err job__entity_joins(struct call *c, int64_t job_id, int64_t image_id, struct str status)
{
    enum err e = store_job_entity_add(c->db, job_id, image_id, status, c->now_ms);

    return e == ERR_OK ? count_entity(c, job_id, status, 1) : e;
}

enum err job_forget_image(struct call *c, int64_t image_id)
{
    struct job_entity *list = NULL;
    size_t n = 0;
    enum err e = store_jobs_of_image(c->db, image_id, &list, &n);

    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = job__entity_leaves(c, list[i].job_id, image_id);
    return e == ERR_OK ? queue_forget_image(c, image_id) : e;
}

enum err job_set_disabled(struct call *c, int64_t id, bool disabled)
{
    struct job j;
    bool changed = false;
    enum err e = store_job_get(c->db, id, &j);

    if (e == ERR_OK)
        e = store_job_set_disabled(c->db, id, disabled, c->now_ms, &changed);
    if (e != ERR_OK || !changed)
        return e;
    return job_event(c, &j, disabled ? "disable_job" : "restore_job", STR_NULL);
}

enum err job_remove(struct call *c, int64_t id)
{
    struct job j;
    bool changed = false;
    enum err e = store_job_get(c->db, id, &j);

    if (e == ERR_OK && j.queue_id)
        e = queue_forget_job(c, &j);
    if (e == ERR_OK)
        e = store_job_remove(c->db, id, c->now_ms, &changed);
    if (e != ERR_OK || !changed)
        return e;
    return job_event(c, &j, "remove_job", STR_NULL);
}
