/* From a matched endpoint row to a finished answer. The only caller of handlers: here, and nowhere
 * else, it is decided who may call what, on which thread and in which transaction.
 *
 *   READ   IO thread:  snapshot { authenticate, decode, access, handler }
 *   HEAVY  IO thread:  authenticate, decode
 *          heavy pool: snapshot { authenticate, access, handler }
 *   WRITE  IO thread:  authenticate, decode
 *          password or store pool: prepare, where the row has it
 *          writer:     transaction { authenticate, access, replay?, handler, remember answer }
 *
 * A large body moves the first step to the heavy pool. */
#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "api/api_int.h"
#include "api/replay.h"
#include "api/session.h"
#include "api/upload.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/store_figure.h"
#include "store/store_image.h"
#include "store/store_job.h"

#define INLINE_BODY_BYTES (64 * 1024) /* larger ones are parsed off the IO thread */
#define SLOW_MS           1000

/* ---- errors ---- */

static void write_validation(struct json_w *w, const struct fault *f)
{
    json_kv_arr(w, "details");
    json_obj(w);
    json_kv_lit(w, "message", f->message);
    json_kv_arr(w, "path");
    json_str(w, str_from(f->field));
    json_arr_end(w);
    json_kv_lit(w, "type", f->type[0] ? f->type : "any.invalid");
    json_kv_obj(w, "context");
    json_kv_lit(w, "key", f->field);
    json_kv_lit(w, "label", f->field);
    json_obj_end(w);
    json_obj_end(w);
    json_arr_end(w);
}

static void write_details(struct json_w *w, const struct fault *f, struct str conflicts)
{
    json_kv_obj(w, "details");
    if (f->type[0] || f->code == ERR_CONFLICT || f->code == ERR_NO_SPACE)
        json_kv_lit(w, "type",
                    f->type[0]                ? f->type
                    : f->code == ERR_CONFLICT ? "NONUNIQUE"
                                              : "NO_SPACE");
    json_kv_lit(w, "message", f->message[0] ? f->message : err_text(f->code));
    if (f->field[0])
        json_kv_lit(w, "field", f->field);
    if (f->code == ERR_CONFLICT) /* image uploads list the existing names here */
        json_kv_raw(w, "errors", conflicts.p ? conflicts : STR("[]"));
    json_obj_end(w);
}

static void reply_error(struct http_req *http, const struct fault *f, struct str conflicts)
{
    struct json_w w;

    buf_clear(&http->out);
    w = json_w_on(&http->out);
    http->parts = NULL; /* a handler may have got that far */
    http->more = NULL;
    if (http->file_fd >= 0)
        close(http->file_fd);
    http->file_fd = -1;
    http->content_type = "application/json";
    http->status = err_status(f->code);
    if (f->code == ERR_BUSY || f->code == ERR_NOMEM || f->code == ERR_RATE)
        http->retry_after_s = 1;
    json_obj(&w);
    json_kv_lit(&w, "error", err_text(f->code));
    if (f->code == ERR_INVALID && f->field[0])
        write_validation(&w, f);
    else
        write_details(&w, f, conflicts);
    json_obj_end(&w);
}

void api__reply_error(struct http_req *http, const struct fault *f)
{
    reply_error(http, f, STR_NULL);
}

/* ---- the steps ---- */

static void add_query(void *arg, struct str key, struct str value)
{
    struct rq *rq = arg;
    struct query_param *p = arena_alloc(rq->call.arena, sizeof *p);
    struct query_param **tail = &rq->query;

    if (p == NULL)
        return;
    *p = (struct query_param){arena_str(rq->call.arena, key), arena_str(rq->call.arena, value),
                              NULL};
    if (!str_is_utf8(key) || !str_is_utf8(value))
        fail(&rq->call, ERR_INVALID, "query", "the query string is not UTF-8");
    while (*tail)
        tail = &(*tail)->next;
    *tail = p;
}

static enum err parse_body(struct rq *rq)
{
    struct str text = buf_str(&rq->http->body);
    const char *error;

    http_each_query(rq->http, add_query, rq);
    if (rq->call.fault.code != ERR_OK)
        return rq->call.fault.code;
    if (rq->ep->upload) {
        if (rq->upload == NULL)
            return fail(&rq->call, ERR_INVALID, "body", "POST the content");
        upload_check(rq);
        rq->call.fault = rq->upload->fault;
        return rq->call.fault.code;
    }
    if (text.n == 0) /* an empty body with a JSON content type is what some clients send for {} */
        return ERR_OK;
    rq->body = json_parse(rq->call.arena, text, &error);
    if (rq->body == NULL)
        return fail(&rq->call, ERR_INVALID, "body", "the body is not JSON: %s", error);
    bool array = rq->ep->fields->name && strcmp(rq->ep->fields->name, FIELD_BODY) == 0;
    if (rq->body->type != JSON_OBJ && !(array && rq->body->type == JSON_ARR))
        return fail(&rq->call, ERR_INVALID, "body", "the body must be a JSON %s",
                    array ? "array" : "object");
    return ERR_OK;
}

/* x-job-id rides along on unrelated calls and may be garbage: then it says nothing. */
static int64_t job_header(struct rq *rq)
{
    struct str value = http_header(rq->http, "x-job-id");
    int64_t id = 0;

    return value.p && str_to_i64(value, &id) && id > 0 ? id : 0;
}

static enum err decode(struct rq *rq)
{
    enum err e = parse_body(rq);

    if (e != ERR_OK)
        return e;
    rq->job_id = job_header(rq);
    rq->input = arena_alloc(rq->call.arena, INPUT_BYTES_MAX);
    if (rq->input == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    return field_decode(&rq->call, rq->ep->fields, rq->body, rq->query, rq->input);
}

/* An API token, or the session of a browser. The browser sends its cookie by itself, so what
 * changes something must show that it comes from a page of ours. */
static enum err find_token(struct rq *rq)
{
    struct str token = http_header(rq->http, "x-api-key");
    bool read = rq->ep->tx != TX_WRITE && strcmp(rq->http->method, "GET") == 0;

    if (token.n > 0)
        rq->token_hash = token_hash(token);
    else if (!session_hash(rq->http, &rq->token_hash))
        return fail(&rq->call, ERR_UNAUTHENTICATED, NULL,
                    "send your API token in the x-api-key header");
    else if (!read && !session_csrf_ok(rq->api, rq->http))
        return fail(&rq->call, ERR_UNAUTHENTICATED, NULL, "the session needs its %s header",
                    SESSION_CSRF_HEADER);
    rq->token_hashed = true;
    return ERR_OK;
}

static enum err authenticate(struct rq *rq)
{
    struct call *c = &rq->call;
    enum err e = ERR_OK;

    if (rq->ep->scope == SCOPE_PUBLIC)
        return ERR_OK;
    if (!rq->token_hashed)
        e = find_token(rq);
    if (e != ERR_OK)
        return e;
    e = store_token_caller(c->db, &rq->token_hash, c->now_ms, &c->me);
    if (e == ERR_UNAUTHENTICATED)
        return fail(c, e, NULL, "the API token is not valid");
    /* an administrator who disabled themselves must be able to undo it with the same token */
    bool may_undo = c->me.is_admin && rq->ep->handler == users_disable;
    if (e == ERR_OK && c->me.disabled && !may_undo)
        return fail(c, ERR_FORBIDDEN, NULL, "this account is disabled");
    return e;
}

static void reset(struct rq *rq, struct db *db)
{
    db_use_arena(db, rq->call.arena);
    rq->call.db = db;
    rq->call.fault = (struct fault){0};
    rq->call.sight = (struct sight){0};
    rq->in_job = rq->via_job = false;
    rq->conflicts = STR_NULL;
    api__spill_drop(rq);
    buf_clear(&rq->http->out);
    rq->out = json_w_on(&rq->http->out);
}

enum err api__authenticate_early(struct rq *rq)
{
    rq->call.now_ms = rq->arrived_ms = clock_wall_ms();
    reset(rq, http_thread_data(rq->http));
    if (rq->call.db == NULL || db_begin(rq->call.db) != ERR_OK)
        return fail(&rq->call, ERR_BUSY, NULL, "the server is out of resources");
    enum err e = authenticate(rq);
    db_commit(rq->call.db);
    return e;
}

static const struct {
    unsigned sees;    /* any of these: the object exists for the caller */
    const char *what; /* in messages */
    const char *key;
} kinds[] = {
    [ACCESS_TEAM] = {PERM_TEAM, "Team", "teamId"},
    [ACCESS_WORKSPACE] = {PERM_VIEW, "Workspace", "workspaceId"},
    [ACCESS_PROJECT] = {PERM_VIEW, "Project", "projectId"},
    [ACCESS_DATASET] = {PERM_VIEW, "Dataset", "datasetId"},
    [ACCESS_IMAGE] = {PERM_VIEW, "Image", "imageId"},
    [ACCESS_FIGURE] = {PERM_VIEW, "Figure", "figureId"},
    [ACCESS_CLASS] = {PERM_VIEW, "Class", "classId"},
    [ACCESS_JOB] = {PERM_JOB_VIEW, "Job", "jobId"},
    [ACCESS_QUEUE] = {PERM_JOB_VIEW, "Labeling queue", "queueId"},
    [ACCESS_COLLECTION] = {PERM_VIEW, "Entities collection", "collectionId"},
    [ACCESS_WEBHOOK] = {PERM_EDIT, "Webhook", "webhookId"},
    [ACCESS_DELIVERY] = {PERM_EDIT, "Delivery", "deliveryId"},
    [ACCESS_ISSUE] = {PERM_ISSUE_VIEW, "Issue", "issueId"},
    [ACCESS_COMMENT] = {PERM_ISSUE_VIEW, "Comment", "commentId"},
    [ACCESS_GUIDE] = {PERM_VIEW, "Guide", "guideId"},
    [ACCESS_USER] = {PERM_USER_VIEW, "User", "userId"},
};

/* What the caller may not see and what does not exist answer the same. The sentence is the one that
 * clients look for. */
static enum err not_found(struct rq *rq, enum access_kind kind, int64_t id, const char *field)
{
    return fail(&rq->call, ERR_NOT_FOUND, field,
                "%s with %s %lld is either archived, doesn't exist or you don't have enough"
                " permissions to access",
                kinds[kind].what, kinds[kind].key, (long long)id);
}

/* Is it among what the job is made of? An image must be one of its images. */
static enum err is_of_job(struct rq *rq, enum access_kind kind, int64_t id,
                          const struct access *job, bool *out)
{
    switch (kind) {
    case ACCESS_PROJECT:
        *out = job->project_id == id;
        return ERR_OK;
    case ACCESS_DATASET:
        *out = job->dataset_id == id;
        return ERR_OK;
    case ACCESS_IMAGE:
        return store_job_has_entity(rq->call.db, rq->job_id, id, out);
    default:
        return ERR_OK;
    }
}

/* What the job of x-job-id changes. Labelers and reviewers without rights in the project (lacks)
 * see what their job is made of, and may annotate it while the job is theirs. Where its labeler
 * sees only what they made, nothing else exists for them. */
static enum err look_by_job(struct rq *rq, enum access_kind kind, int64_t id, bool lacks,
                            struct access *at)
{
    struct access job;
    bool listed = false;
    int64_t author = 0;
    enum err e = store_access(rq->call.db, ACCESS_JOB, rq->job_id, &rq->call.me, &job);

    if (e != ERR_OK || job.project_id != at->project_id)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    rq->in_job = true;
    rq->job_dataset_id = job.dataset_id;
    rq->call.sight = sight_of(&rq->call, &job);
    if (kind == ACCESS_FIGURE) {
        e = store_figure_place(rq->call.db, id, &id, &author);
        if (e == ERR_OK && rq->call.sight.figures_by && author != rq->call.me.user_id)
            e = ERR_NOT_FOUND;
        kind = ACCESS_IMAGE;
    }
    if (e == ERR_OK && lacks)
        e = is_of_job(rq, kind, id, &job, &listed);
    if (e != ERR_OK || !listed)
        return e;
    at->perms |= PERM_VIEW;
    if (kind != ACCESS_PROJECT && (job.perms & (PERM_JOB_LABEL | PERM_JOB_REVIEW)))
        at->perms |= PERM_ANNOTATE;
    rq->via_job = true;
    return ERR_OK;
}

/* Clients read the definitions of a project for their job without saying which job. */
static enum err grant_meta(struct rq *rq, int64_t project_id, struct access *at)
{
    bool works = false;
    enum err e = store_project_worked_on(rq->call.db, project_id, &rq->call.me, &works);

    if (works)
        at->perms |= PERM_VIEW;
    return e;
}

enum err rq_access(struct rq *rq, enum access_kind kind, int64_t id, unsigned need,
                   const char *field)
{
    struct access at;
    enum err e = store_access(rq->call.db, kind, id, &rq->call.me, &at);
    bool lacks = (at.perms & kinds[kind].sees) == 0 || (at.perms & need) == 0;

    if (e == ERR_OK && rq->job_id)
        e = look_by_job(rq, kind, id, lacks, &at);
    if (e == ERR_OK && rq->ep->handler == projects_meta && (at.perms & PERM_VIEW) == 0)
        e = grant_meta(rq, id, &at);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && (at.perms & kinds[kind].sees) == 0))
        return not_found(rq, kind, id, field);
    if (e == ERR_OK && (at.perms & need) == 0)
        return fail(&rq->call, ERR_FORBIDDEN, field, "your role does not allow this");
    rq->call.at = at;
    return e;
}

/* Which of them it is, for the message. */
static enum err first_missing(struct rq *rq, const int64_t *ids, size_t n, const char *field)
{
    struct image i;
    enum err e = ERR_OK;

    for (size_t k = 0; k < n && e == ERR_OK; k++) {
        e = store_image_get(rq->call.db, ids[k], &i);
        if (e == ERR_NOT_FOUND)
            return not_found(rq, ACCESS_IMAGE, ids[k], field);
    }
    return e == ERR_OK ? fail(&rq->call, ERR_INVALID, field, "\"%s\" names an image twice", field)
                       : e;
}

enum err rq_access_images(struct rq *rq, const int64_t *ids, size_t n, unsigned need,
                          const char *field)
{
    int64_t *datasets = NULL;
    size_t datasets_len = 0, found = 0, listed = 0;
    enum err e = store_image_datasets(rq->call.db, ids, n, &datasets, &datasets_len, &found);

    if (e == ERR_OK && found < n)
        return first_missing(rq, ids, n, field);
    for (size_t i = 0; i < datasets_len && e == ERR_OK; i++)
        e = rq_access(rq, ACCESS_DATASET, datasets[i], need, field);
    if (e != ERR_OK || !rq->via_job)
        return e;
    e = store_job_lists(rq->call.db, rq->job_id, ids, n, &listed);
    for (size_t i = 0; i < n && e == ERR_OK && listed < n; i++)
        e = rq_access(rq, ACCESS_IMAGE, ids[i], need, field); /* fails at the first it lacks */
    return e;
}

/* All jobs of a list, or none. An id of 0 takes the place of a job that was removed before. */
static enum err access_jobs(struct rq *rq, struct ids *ids)
{
    struct access first = {0};
    enum err e = ERR_OK;

    for (size_t i = 0; i < ids->n && e == ERR_OK; i++) {
        bool removed = false;

        e = store_job_was_removed(rq->call.db, ids->v[i], &rq->call.me, &removed);
        if (e == ERR_OK && removed) {
            ids->v[i] = 0;
            continue;
        }
        if (e == ERR_OK)
            e = rq_access(rq, ACCESS_JOB, ids->v[i], rq->ep->need, rq->ep->param);
        if (e == ERR_OK && first.team_id == 0)
            first = rq->call.at;
    }
    rq->call.at = first;
    return e;
}

static void *param_of(struct rq *rq)
{
    const struct field *f = rq->ep->fields;

    while (f->type != FIELD_TYPE_END && strcmp(f->name, rq->ep->param) != 0)
        f++;
    assert(f->type == FIELD_TYPE_ID || f->type == FIELD_TYPE_IDS);
    return (char *)rq->input + f->offset;
}

static enum err check_access(struct rq *rq)
{
    static const enum access_kind by_scope[] = {
        [SCOPE_TEAM] = ACCESS_TEAM,
        [SCOPE_WORKSPACE] = ACCESS_WORKSPACE,
        [SCOPE_PROJECT] = ACCESS_PROJECT,
        [SCOPE_DATASET] = ACCESS_DATASET,
        [SCOPE_IMAGE] = ACCESS_IMAGE,
        [SCOPE_FIGURE] = ACCESS_FIGURE,
        [SCOPE_CLASS] = ACCESS_CLASS,
        [SCOPE_JOB] = ACCESS_JOB,
        [SCOPE_QUEUE] = ACCESS_QUEUE,
        [SCOPE_USER] = ACCESS_USER,
        [SCOPE_COLLECTION] = ACCESS_COLLECTION,
        [SCOPE_WEBHOOK] = ACCESS_WEBHOOK,
        [SCOPE_DELIVERY] = ACCESS_DELIVERY,
        [SCOPE_ISSUE] = ACCESS_ISSUE,
        [SCOPE_COMMENT] = ACCESS_COMMENT,
        [SCOPE_GUIDE] = ACCESS_GUIDE,
    };

    switch (rq->ep->scope) {
    case SCOPE_PUBLIC:
    case SCOPE_LOGIN:
    case SCOPE_HANDLER:
        return ERR_OK;
    case SCOPE_INSTANCE:
        if (rq->call.me.is_admin)
            return ERR_OK;
        return fail(&rq->call, ERR_FORBIDDEN, NULL,
                    "only administrators of the instance may do this");
    case SCOPE_JOBS:
        return access_jobs(rq, param_of(rq));
    default:
        return rq_access(rq, by_scope[rq->ep->scope], *(int64_t *)param_of(rq), rq->ep->need,
                         rq->ep->param);
    }
}

/* Start or restart on a connection: nothing of an earlier attempt may be left. */
static enum err run_handler(struct rq *rq)
{
    enum err e = rq->ep->handler(rq, rq->input);

    if (e == ERR_OK && rq->call.arena->failed)
        e = fail(&rq->call, ERR_NOMEM, NULL, "the request needs too much memory");
    return e;
}

/* ---- finishing ---- */

static void log_request(struct rq *rq)
{
    int64_t took = clock_wall_ms() - rq->arrived_ms;
    bool bad = rq->http->status >= 500;

    if (bad)
        log_error("api", "%s %d: %s", rq->ep->name, rq->http->status, rq->call.fault.message);
    else if (took > SLOW_MS)
        log_warn("api", "%s %d took %lld ms", rq->ep->name, rq->http->status, (long long)took);
    else if (rq->api->config.log_requests)
        log_info("api", "%s %d %lld ms user %lld", rq->ep->name, rq->http->status, (long long)took,
                 (long long)rq->call.me.user_id);
}

static void finish(struct rq *rq, enum err e)
{
    if (e == ERR_OK && !rq->http->out.failed && !api__spill_finish(rq))
        e = fail(&rq->call, ERR_NO_SPACE, NULL, "no space for a long answer");
    api__spill_drop(rq);
    if (e == ERR_OK && rq->http->out.failed)
        e = fail(&rq->call, ERR_TOO_LARGE, NULL, "the answer is too large; ask for smaller pages");
    rq->http->status = 200;
    if (e != ERR_OK) {
        fail(&rq->call, e, NULL, "%s", err_text(e)); /* unless a better sentence is there */
        reply_error(rq->http, &rq->call.fault, rq->conflicts);
    }
    log_request(rq);
    replay_answered(rq, e);
}

static void finish_later(struct rq *rq, enum err e)
{
    finish(rq, e);
    http_resume(rq->http);
}

/* ---- reads ---- */

/* Test aid: what the statements of a read cost, in steps of the database's machine. */
static void note_steps(struct rq *rq, int64_t steps)
{
    struct str text = STR_NULL;

    if (rq->api->show_steps)
        text = arena_printf(rq->call.arena, "%lld", (long long)steps);
    if (text.p)
        http_add_line(rq->http, "X-Labeld-Steps", text.p);
}

/* The whole of a read, in one snapshot. */
static enum err run_read(struct rq *rq, struct db *db, bool decoded)
{
    int64_t steps = db_vm_steps(db);

    reset(rq, db);
    enum err e = db_begin(db);
    if (e != ERR_OK)
        return e;
    e = authenticate(rq);
    if (e == ERR_OK && !decoded)
        e = decode(rq);
    if (e == ERR_OK)
        replay_note_activity(rq);
    if (e == ERR_OK)
        e = check_access(rq);
    if (e == ERR_OK)
        e = run_handler(rq);
    enum err end = db_commit(db);
    note_steps(rq, db_vm_steps(db) - steps);
    return e == ERR_OK ? end : e;
}

static void heavy_read(struct pool_task *t, void *thread_data)
{
    struct rq *rq = (struct rq *)((char *)t - offsetof(struct rq, task));

    rq->heavy = true;
    finish_later(rq, run_read(rq, thread_data, true));
}

/* Authenticate and decode outside the transaction of the call: refuses what must not queue. */
static enum err screen(struct rq *rq, struct db *db)
{
    reset(rq, db);
    enum err e = db_begin(db);
    if (e != ERR_OK)
        return e;
    e = authenticate(rq);
    if (e == ERR_OK)
        e = decode(rq);
    if (e == ERR_OK && rq->ep->prepare) /* before work is spent on it */
        e = check_access(rq);
    db_commit(db);
    return e;
}

/* ---- writes ---- */

static enum err run_write(struct writer_op *op, struct db *db)
{
    struct rq *rq = (struct rq *)((char *)op - offsetof(struct rq, op));

    reset(rq, db);
    rq->replayed = false;
    enum err e = authenticate(rq);
    if (e == ERR_OK)
        e = check_access(rq);
    if (e == ERR_OK)
        e = replay_look_up(rq);
    if (e != ERR_OK || rq->replayed)
        return e;
    /* not when it came, and not before the snapshot was taken: else what the snapshot shows would
     * have been done later than this, in a log by date */
    rq->call.now_ms = clock_wall_ms();
    e = run_handler(rq);
    return e == ERR_OK ? replay_remember(rq) : e;
}

static void wrote(struct writer_op *op, enum err e)
{
    finish_later((struct rq *)((char *)op - offsetof(struct rq, op)), e);
}

static void submit_write(struct rq *rq)
{
    rq->op = (struct writer_op){.run = run_write, .done = wrote};
    if (!writer_submit(rq->api->writer, &rq->op))
        finish_later(rq, fail(&rq->call, ERR_BUSY, NULL, "too many changes are waiting"));
}

static void prepare_write(struct pool_task *t, void *thread_data)
{
    struct rq *rq = (struct rq *)((char *)t - offsetof(struct rq, task));

    if (rq->fetching) /* the only such step that may need to look something up */
        reset(rq, thread_data);
    int e = rq->ep->prepare(rq, rq->input);

    if (e == RQ_FETCH) {
        rq->fetching = true;
        if (!pool_submit(rq->api->fetch, &rq->task))
            finish_later(rq, fail(&rq->call, ERR_BUSY, NULL, "too many links are being followed"));
    } else if (e == ERR_OK)
        submit_write(rq);
    else
        finish_later(rq, e);
}

/* ---- from the IO thread ---- */

/* The request is decoded and deferred: send it to where it runs. */
static void pass_on(struct rq *rq)
{
    struct pool *pool = rq->ep->password         ? rq->api->password
                        : rq->ep->upload         ? rq->api->store
                        : rq->ep->tx == TX_MEDIA ? rq->api->media
                                                 : rq->api->heavy;

    replay_note_activity(rq);
    if (rq->ep->tx == TX_WRITE && rq->ep->prepare == NULL) {
        submit_write(rq);
        return;
    }
    rq->task.run = rq->ep->tx == TX_WRITE ? prepare_write : heavy_read;
    if (!pool_submit(pool, &rq->task))
        finish_later(rq, fail(&rq->call, ERR_BUSY, NULL, "too many requests are waiting"));
}

/* Parse a large body off the IO thread, then go on as usual. */
static void screen_large(struct pool_task *t, void *thread_data)
{
    struct rq *rq = (struct rq *)((char *)t - offsetof(struct rq, task));

    rq->heavy = true;
    if (rq->ep->tx == TX_READ) {
        finish_later(rq, run_read(rq, thread_data, false));
        return;
    }
    enum err e = screen(rq, thread_data);
    if (e != ERR_OK)
        finish_later(rq, e);
    else
        pass_on(rq);
}

static void defer_to_heavy(struct rq *rq, void (*run)(struct pool_task *t, void *thread_data))
{
    rq->task.run = run;
    http_defer(rq->http);
    if (!pool_submit(rq->api->heavy, &rq->task))
        finish_later(rq, fail(&rq->call, ERR_BUSY, NULL, "too many requests are waiting"));
}

void api__handle(struct rq *rq)
{
    struct db *db = http_thread_data(rq->http);
    enum err e;

    rq->call.now_ms = rq->arrived_ms = clock_wall_ms();
    replay_connection_used(rq);
    if (rq->ep->tx == TX_NONE) {
        rq->out = json_w_on(&rq->http->out);
        finish(rq, rq->ep->handler(rq, NULL));
    } else if (rq->http->body.n > INLINE_BODY_BYTES) {
        defer_to_heavy(rq, screen_large);
    } else if (rq->ep->tx == TX_READ) {
        e = run_read(rq, db, false);
        if (e == RQ_HEAVY)
            defer_to_heavy(rq, heavy_read);
        else
            finish(rq, e);
    } else {
        e = screen(rq, db);
        if (e == ERR_OK) {
            http_defer(rq->http);
            pass_on(rq);
        } else {
            finish(rq, e);
        }
    }
}

enum err rq_list(struct rq *rq, struct list l, const struct list_args *args,
                 int64_t per_page_default, void (*put)(struct rq *rq, struct db_query *row))
{
    struct list_query query = {0};
    enum err e = list_args_query(&rq->call, args, per_page_default, &query);

    if (e == ERR_OK)
        e = list_open(&l, &query, &rq->call.fault);
    if (e != ERR_OK)
        return e;
    list_envelope(&rq->out, &l);
    while (list_next(&l))
        put(rq, l.q);
    e = list_close(&l);
    list_envelope_end(&rq->out, &l);
    return e;
}

void rq_kv_digits(struct json_w *w, const char *name, int64_t v)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%lld", (long long)v);
    json_kv_lit(w, name, digits);
}

enum err rq_success(struct rq *rq)
{
    json_obj(&rq->out);
    json_kv_bool(&rq->out, "success", true);
    json_obj_end(&rq->out);
    return ERR_OK;
}
