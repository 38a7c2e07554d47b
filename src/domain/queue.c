/* Labeling queues as a whole: making them, who works in them, their status. */
#include "domain/guide.h"
#include "domain/queue_int.h"
#include "domain/setting.h"
#include "domain/webhook.h"
#include "store/store_team.h"

#define LEASE_S_MAX (7 * 24 * 3600)
#define USERS_MAX   1000

static const struct {
    const char *field; /* in requests */
    const char *task;  /* in the names of jobs, by which some clients find them */
} kinds[] = {
    [QUEUE_LABELER] = {"userIds", "annotation"},
    [QUEUE_REVIEWER] = {"reviewerIds", "review"},
    [QUEUE_CHECKER] = {"qualityCheckUserIds", "quality check"},
};

enum err queue__event(struct call *c, const struct queue *q, const char *action)
{
    return call_event(
        c, (struct event){.action = action,
                          .team_id = q->team_id,
                          .project_id = q->project_id,
                          .dataset_id = q->collection_id ? 0 : q->dataset_id,
                          .meta = arena_printf(c->arena, "{\"queueId\":%lld}", (long long)q->id)});
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
    if (e == ERR_OK && (lease == NULL || lease->type == JSON_NULL)) {
        e = setting_get(c, SETTING_QUEUE_LEASE_SECONDS, &q->lease_ms);
        q->lease_ms *= 1000;
    }
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
    j.reviewer_id = kind == QUEUE_LABELER ? 0 : user_id;
    j.queue_id = q->id;
    j.queue_kind = kind;
    j.by_ids = true;
    j.name = arena_printf(c->arena, "%.*s (%s)", STR_CUT(q->name, 200), kinds[kind].task);
    enum err e = job__insert(c, p, &j, NULL, 0);
    const struct queue_user u = {
        .queue_id = q->id, .user_id = user_id, .kind = kind, .job_id = j.id};
    return e == ERR_OK ? store_queue_user_insert(c->db, &u) : e;
}

static enum err add_users(struct call *c, const struct queue *q, const struct job_plan *p,
                          const struct queue_people *people)
{
    struct queue_user *had = NULL;
    size_t had_len = 0;
    enum err e = store_queue_users(c->db, &q->id, 1, &had, &had_len);

    for (enum queue_user_kind kind = QUEUE_LABELER; kind <= QUEUE_CHECKER; kind++) {
        for (size_t i = 0; i < people->len[kind] && e == ERR_OK; i++) {
            int64_t user = people->ids[kind][i];
            bool there = false;

            for (size_t k = 0; k < had_len; k++)
                there = there || (had[k].user_id == user && had[k].kind == kind);
            for (size_t k = 0; k < i; k++)
                there = there || people->ids[kind][k] == user;
            if (!there)
                e = add_user(c, q, p, user, kind);
        }
    }
    return e;
}

/* Members of the team, all of them. */
static enum err check_people(struct call *c, const struct queue_people *people)
{
    enum err e = ERR_OK;

    for (enum queue_user_kind kind = QUEUE_LABELER; kind <= QUEUE_CHECKER; kind++) {
        if (people->len[kind] > USERS_MAX)
            return fail(c, ERR_INVALID, kinds[kind].field, "\"%s\" names at most %d people",
                        kinds[kind].field, USERS_MAX);
        for (size_t i = 0; i < people->len[kind] && e == ERR_OK; i++)
            e = job__member_check(c, people->ids[kind][i], kinds[kind].field);
    }
    return e;
}

/* Checkers only where there is something to check. */
static enum err check_checkers(struct call *c, const struct queue_people *people, bool wants_check)
{
    if (people->len[QUEUE_CHECKER] > 0 && !wants_check)
        return fail(c, ERR_INVALID, kinds[QUEUE_CHECKER].field,
                    "the queue has no quality check: set \"meta.enableIntermediateReview\"");
    return ERR_OK;
}

enum err queue__fill(struct call *c, int64_t queue_id, const int64_t *images, size_t n)
{
    const struct queue_moves moves = {.all = (int64_t)n, .at = {(int64_t)n}};
    enum err e = ERR_OK;

    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = store_queue_entity_insert(c->db, queue_id, images[i]);
    return e == ERR_OK ? store_queue_count(c->db, queue_id, &moves, c->now_ms) : e;
}

/* What new jobs of the queue have in common. The plan is checked with somebody. */
static enum err plan_jobs(struct call *c, const struct queue *q, struct json_value *meta,
                          const struct queue_people *people, struct job_plan *p)
{
    struct job_new as_job = {
        .name = q->name, .readme = q->readme, .description = q->description, .meta = meta};

    for (int kind = QUEUE_LABELER; kind <= QUEUE_CHECKER && as_job.user_ids_len == 0; kind++) {
        as_job.user_ids = people->ids[kind];
        as_job.user_ids_len = people->len[kind] > 0;
    }
    return job__plan(c, &as_job, p);
}

/* The images, and where its jobs stand. A collection may be empty now and grow later. */
static enum err pick_images(struct call *c, const struct job_plan *p, struct queue *q,
                            int64_t **images, size_t *n)
{
    enum err e;

    if (q->collection_id == 0) {
        e = job__pick(c, p, q->dataset_id, true, images, n);
        return e == ERR_OK && *n == 0 ? fail(c, ERR_INVALID, "datasetId", "No images found") : e;
    }
    if (p->entity_ids || p->job.range_start || p->job.range_end)
        return fail(c, ERR_INVALID, p->entity_ids ? "meta.entityIds" : "meta.range",
                    "the collection says which images: leave out ids and range");
    e = store_collection_home(c->db, q->collection_id, q->project_id, &q->dataset_id);
    if (e == ERR_OK && q->dataset_id == 0)
        return fail(c, ERR_INVALID, "collectionId", "the project has no dataset yet");
    return e;
}

enum err queue_create(struct call *c, const struct queue_new *n, int64_t *id_out)
{
    struct queue q = {.team_id = c->at.team_id,
                      .project_id = c->at.project_id,
                      .dataset_id = c->at.dataset_id,
                      .collection_id = n->collection_id,
                      .name = n->name,
                      .readme = or_empty(n->readme),
                      .description = or_empty(n->description),
                      .created_by = c->me.user_id,
                      .meta = n->meta ? n->meta->raw : STR("{}")};
    struct job_plan p = {0};
    int64_t *images = NULL;
    size_t len = 0;
    enum err e = n->people.len[QUEUE_LABELER] > 0
                     ? check_people(c, &n->people)
                     : fail(c, ERR_INVALID, "userIds", "\"userIds\" must name a labeler");

    if (e == ERR_OK)
        e = plan_jobs(c, &q, n->meta, &n->people, &p);
    if (e == ERR_OK)
        e = guide_check(c, p.job.guide_id, "meta.guide");
    q.wants_check = p.job.intermediate_review;
    if (e == ERR_OK)
        e = check_checkers(c, &n->people, q.wants_check);
    if (e == ERR_OK && q.wants_check && n->people.len[QUEUE_CHECKER] == 0)
        return fail(c, ERR_INVALID, "qualityCheckUserIds",
                    "\"qualityCheckUserIds\" must say who makes the quality check");
    if (e == ERR_OK)
        e = read_queue_meta(c, n->queue_meta, &q);
    if (e == ERR_OK)
        e = pick_images(c, &p, &q, &images, &len);
    if (e == ERR_OK)
        e = store_queue_insert(c->db, &q, c->now_ms);
    if (e == ERR_OK)
        e = queue__fill(c, q.id, images, len);
    if (e == ERR_OK)
        e = add_users(c, &q, &p, &n->people);
    if (e == ERR_OK)
        e = queue__event(c, &q, "create_queue");
    *id_out = q.id;
    return e == ERR_OK && q.collection_id ? queue__follow_collection(c, &q) : e;
}

enum err queue_add_users(struct call *c, int64_t id, const struct queue_people *people)
{
    struct job_plan p = {0};
    struct queue q;
    enum err e = store_queue_get(c->db, id, &q);

    if (e == ERR_OK)
        e = check_people(c, people);
    if (e == ERR_OK)
        e = check_checkers(c, people, q.wants_check);
    if (e == ERR_OK)
        e = plan_jobs(c, &q, json_parse_copy(c->arena, q.meta), people, &p);
    if (e == ERR_OK)
        e = add_users(c, &q, &p, people);
    return e == ERR_OK ? queue__event(c, &q, "update_queue") : e;
}

/* ---- leaving ---- */

static bool named(const struct queue_people *people, const struct queue_user *u)
{
    for (size_t i = 0; i < people->len[u->kind]; i++)
        if (people->ids[u->kind][i] == u->user_id)
            return true;
    return false;
}

/* Everybody who is named works in the queue, or did. */
static enum err check_leavers(struct call *c, int64_t id, const struct queue_people *people)
{
    enum err e = ERR_OK;

    for (enum queue_user_kind kind = QUEUE_LABELER; kind <= QUEUE_CHECKER; kind++) {
        for (size_t i = 0; i < people->len[kind] && e == ERR_OK; i++) {
            const struct queue_user u = {
                .queue_id = id, .user_id = people->ids[kind][i], .kind = kind};
            bool was = false;

            e = store_queue_user_was(c->db, &u, &was);
            if (e == ERR_OK && !was)
                return fail(c, ERR_INVALID, kinds[kind].field, "user %lld does no %s in the queue",
                            (long long)u.user_id, kinds[kind].task);
        }
    }
    return e;
}

/* A queue goes on only with those it could be made with. */
static enum err check_who_stays(struct call *c, const struct queue *q, const struct queue_user *had,
                                size_t n, const struct queue_people *people)
{
    size_t leave[QUEUE_CHECKER + 1] = {0}, stay[QUEUE_CHECKER + 1] = {0};

    for (size_t i = 0; i < n; i++)
        (named(people, &had[i]) ? leave : stay)[had[i].kind]++;
    for (enum queue_user_kind kind = QUEUE_LABELER; kind <= QUEUE_CHECKER; kind++) {
        bool needed = kind == QUEUE_LABELER || (kind == QUEUE_CHECKER && q->wants_check);

        if (needed && leave[kind] > 0 && stay[kind] == 0)
            return fail(c, ERR_INVALID, kinds[kind].field,
                        "nobody would be left for the %s: add somebody first", kinds[kind].task);
    }
    return ERR_OK;
}

static enum err let_go(struct call *c, const struct queue_user *u)
{
    struct job j;
    enum err e = store_job_get(c->db, u->job_id, &j);

    if (e == ERR_OK)
        e = queue_forget_job(c, &j);
    if (e == ERR_OK && u->kind != QUEUE_LABELER)
        e = store_job_no_reviewer(c->db, j.id, c->now_ms);
    if (e == ERR_OK && !str_is(j.status, "completed") && !str_is(j.status, "stopped"))
        e = job__move(c, &j, STR("stopped"));
    return e;
}

enum err queue_remove_users(struct call *c, int64_t id, const struct queue_people *people)
{
    struct queue_user *had = NULL;
    bool changed = false;
    struct queue q;
    size_t n = 0;
    enum err e = store_queue_get(c->db, id, &q);

    if (e == ERR_OK)
        e = check_leavers(c, id, people);
    if (e == ERR_OK)
        e = store_queue_users(c->db, &id, 1, &had, &n);
    if (e == ERR_OK)
        e = check_who_stays(c, &q, had, n, people);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        if (!named(people, &had[i]))
            continue;
        changed = true;
        e = let_go(c, &had[i]);
    }
    return e == ERR_OK && changed ? queue__event(c, &q, "update_queue") : e;
}

enum err queue_forget_user(struct call *c, int64_t user_id, int64_t team_id)
{
    struct queue_user *places = NULL;
    size_t n = 0;
    enum err e = store_queues_of_user(c->db, user_id, team_id, &places, &n);

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        bool last_of_queue = i + 1 == n || places[i + 1].queue_id != places[i].queue_id;
        struct queue q;

        e = let_go(c, &places[i]);
        if (e != ERR_OK || !last_of_queue)
            continue;
        e = store_queue_get(c->db, places[i].queue_id, &q);
        if (e == ERR_OK)
            e = queue__event(c, &q, "update_queue");
    }
    return e;
}

enum err queue_set_user(struct call *c, const struct job *j, int64_t user_id)
{
    enum err e = store_queue_user_set(c->db, j->id, user_id);

    if (e == ERR_CONFLICT)
        return fail(c, ERR_INVALID, "userId", "user %lld works in the queue already",
                    (long long)user_id);
    return e;
}

/* ---- status ---- */

/* Do something with each job of the queue that is still there. */
static enum err each_job(struct call *c, int64_t id, enum err (*act)(struct call *, struct job *))
{
    struct queue_user *users = NULL;
    size_t n = 0;
    enum err e = store_queue_users(c->db, &id, 1, &users, &n);

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        struct job j;

        e = store_job_get(c->db, users[i].job_id, &j);
        e = e == ERR_OK ? act(c, &j) : e == ERR_NOT_FOUND ? ERR_OK : e;
    }
    return e;
}

static enum err complete_job(struct call *c, struct job *j)
{
    return str_is(j->status, "completed") ? ERR_OK : job__move(c, j, STR("completed"));
}

static enum err open_job(struct call *c, struct job *j)
{
    return str_is(j->status, "completed") ? job__move(c, j, STR("in_progress")) : ERR_OK;
}

static enum err archive_job(struct call *c, struct job *j)
{
    return job_set_disabled(c, j->id, true);
}

static enum err unarchive_job(struct call *c, struct job *j)
{
    return job_set_disabled(c, j->id, false);
}

static enum err remove_job(struct call *c, struct job *j)
{
    return job_remove(c, j->id);
}

enum err queue_set_status(struct call *c, int64_t id, struct str status)
{
    struct queue q;
    enum err e = store_queue_get(c->db, id, &q);
    bool completes = str_is(status, "completed"), was = str_is(q.status, "completed");

    if (!job__known_status(status))
        return fail(c, ERR_INVALID, "status", "\"%.*s\" is not a status of queues",
                    STR_CUT(status, 60));
    if (e != ERR_OK || str_eq(q.status, status))
        return e;
    e = store_queue_set_status(c->db, id, status, completes ? c->now_ms : 0, c->now_ms);
    if (e == ERR_OK && (completes || was))
        e = each_job(c, id, completes ? complete_job : open_job);
    if (e == ERR_OK && was && q.collection_id)
        e = queue__follow_collection(c, &q); /* what has come meanwhile */
    if (e == ERR_OK)
        e = queue__event(c, &q, "update_queue_status");
    return e == ERR_OK && completes ? webhook_queue_completed(c, &q) : e;
}

enum err queue__end(struct call *c, int64_t id)
{
    struct queue q;
    enum err e = store_queue_get(c->db, id, &q);

    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    int64_t finished = q.checked_count + (q.wants_check ? 0 : q.accepted_count);
    if (e != ERR_OK || q.entities_count == 0 || finished < q.entities_count || q.keep_open ||
        str_is(q.status, "completed"))
        return e;
    e = each_job(c, id, complete_job);
    if (e == ERR_OK)
        e = store_queue_set_status(c->db, id, STR("completed"), c->now_ms, c->now_ms);
    if (e == ERR_OK)
        e = queue__event(c, &q, "complete_queue");
    return e == ERR_OK ? webhook_queue_completed(c, &q) : e;
}

enum err queue_set_disabled(struct call *c, int64_t id, bool disabled)
{
    bool changed = false;
    struct queue q;
    enum err e = store_queue_get(c->db, id, &q);

    if (e == ERR_OK)
        e = store_queue_set_disabled(c->db, id, disabled, c->now_ms, &changed);
    if (e != ERR_OK || !changed)
        return e;
    e = each_job(c, id, disabled ? archive_job : unarchive_job);
    return e == ERR_OK ? queue__event(c, &q, disabled ? "disable_queue" : "restore_queue") : e;
}

enum err queue_remove(struct call *c, int64_t id)
{
    bool changed = false;
    struct queue q;
    enum err e = store_queue_get(c->db, id, &q);

    if (e == ERR_OK)
        e = store_queue_remove(c->db, id, c->now_ms, &changed);
    if (e != ERR_OK || !changed)
        return e;
    e = each_job(c, id, remove_job);
    return e == ERR_OK ? queue__event(c, &q, "remove_queue") : e;
}
