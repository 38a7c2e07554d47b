/* Jobs: another round, rejecting, priorities. */
#include "api/api_job.h"
#include "domain/verdict.h"

#define USERS_MAX 1000
#define JOBS_MAX  1000

struct jobs_restart_in {
    int64_t id, reviewer_id;
    struct ids user_ids;
    struct str name, mode;
    struct opt_bool complete, reject;
};
const struct field jobs_restart_fields[] = {
    F_ID(REQUIRED, struct jobs_restart_in, id, "id", "the job"),
    F_IDS(OPTIONAL, struct jobs_restart_in, user_ids, "userIds", USERS_MAX,
          "labelers of the next round (default: the same)"),
    F_ID(OPTIONAL, struct jobs_restart_in, reviewer_id, "reviewerId",
         "its reviewer (default: the same)"),
    F_STR(OPTIONAL, struct jobs_restart_in, name, "name", 255,
          "its name (default: the old one and the number of the round)"),
    F_STR(OPTIONAL, struct jobs_restart_in, mode, "restartEntitiesMode", 16,
          "rejected (default) or not_accepted: which images"),
    F_BOOL(OPTIONAL, struct jobs_restart_in, reject, "rejectNotAcceptedEntities",
           "with not_accepted: they are rejected in the old job (default true)"),
    F_BOOL(OPTIONAL, struct jobs_restart_in, complete, "completeExisting",
           "the old job is completed (default true)"),
    F_END};

enum err jobs_restart(struct rq *rq, const void *input)
{
    const struct jobs_restart_in *in = input;
    bool not_accepted = str_is(in->mode, "not_accepted");
    struct job_created *jobs;
    struct job old;
    size_t len;

    if (in->mode.p && !not_accepted && !str_is(in->mode, "rejected"))
        return fail(&rq->call, ERR_INVALID, "restartEntitiesMode",
                    "\"restartEntitiesMode\" must be rejected or not_accepted");
    enum err e = store_job_get(rq->call.db, in->id, &old);
    const struct job_restart r = {
        .user_ids = in->user_ids.n ? in->user_ids.v : &old.user_id,
        .user_ids_len = in->user_ids.n ? in->user_ids.n : 1,
        .reviewer_id = in->reviewer_id ? in->reviewer_id : old.reviewer_id,
        .name = in->name,
        .not_accepted = not_accepted,
        .reject = not_accepted && (!in->reject.set || in->reject.v),
        .complete = !in->complete.set || in->complete.v,
    };
    if (e == ERR_OK)
        e = job_restart(&rq->call, in->id, &r, &jobs, &len);
    return e == ERR_OK ? rq_put_created(rq, jobs, len) : e;
}

struct jobs_reject_in {
    int64_t id;
    struct str mode, comment;
};
const struct field jobs_reject_fields[] = {
    F_ID(REQUIRED, struct jobs_reject_in, id, "id", "the job"),
    F_STR(OPTIONAL, struct jobs_reject_in, mode, "mode", 16,
          "all (default), or unmarked: those not accepted and not rejected yet"),
    F_STR(OPTIONAL, struct jobs_reject_in, comment, "comment", DESCRIPTION_CHARS_MAX,
          "why; kept for each image that is rejected now"),
    F_END};

enum err jobs_reject(struct rq *rq, const void *input)
{
    const struct jobs_reject_in *in = input;
    const struct verdict_comment comment = {.text = in->comment};
    bool unmarked = str_is(in->mode, "unmarked");

    if (in->mode.p && !unmarked && !str_is(in->mode, "all"))
        return fail(&rq->call, ERR_INVALID, "mode", "\"mode\" must be all or unmarked");
    enum err e = job_reject(&rq->call, in->id, unmarked, &comment);
    return e == ERR_OK ? rq_success(rq) : e;
}

struct jobs_bulk_set_priority_in {
    struct json_value *jobs;
};
const struct field jobs_bulk_set_priority_fields[] = {
    F_ARR(REQUIRED, struct jobs_bulk_set_priority_in, jobs, "jobs", "[{id, priority 1 to 5}]"),
    F_END};

enum err jobs_bulk_set_priority(struct rq *rq, const void *input)
{
    const struct jobs_bulk_set_priority_in *in = input;
    struct arena *a = rq->call.arena;
    enum err e = ERR_OK;
    size_t n = 0;

    for (struct json_value *v = json_first(a, in->jobs); v && e == ERR_OK; v = v->next, n++) {
        struct json_value *id = json_get(a, v, "id"), *priority = json_get(a, v, "priority");

        if (id == NULL || id->type != JSON_INT || priority == NULL || priority->type != JSON_INT ||
            priority->i < 1 || priority->i > 5 || n >= JOBS_MAX)
            return fail(&rq->call, ERR_INVALID, "jobs",
                        "jobs[%zu] must be {id, priority}, with a priority from 1 to 5", n);
        e = rq_access(rq, ACCESS_JOB, id->i, PERM_JOB_MANAGE, "jobs");
        if (e == ERR_OK)
            e = job_set_priority(&rq->call, id->i, priority->i);
    }
    return e == ERR_OK ? rq_success(rq) : e;
}
