/* Rules of webhooks, and the outbox. */
#include "domain/webhook.h"

#include <sodium.h>
#include <strings.h>

#include "base/clock.h"
#include "json/json_merge.h"
#include "json/json_write.h"

#define URL_CHARS_MAX    2048
#define META_BYTES_MAX   (16u << 10)
#define TEAM_HOOKS_MAX   100
#define RETRIES_MAX      50
#define DELAY_S_MAX      86400
#define HEADERS_MAX      32
#define HEADER_BYTES_MAX 4096
#define SECRET_CHARS_MIN 16
#define SECRET_CHARS_MAX 255
#define PAYLOAD_BYTES    (256u << 10)

#define JOB_COMPLETED       "labeling_job.completed"
#define QUEUE_JOB_COMPLETED "labeling_queue.job.completed"
#define QUEUE_COMPLETED     "labeling_queue.completed"

/* ---- checks ---- */

static enum err action_check(struct call *c, struct str action)
{
    if (str_is(action, JOB_COMPLETED) || str_is(action, QUEUE_JOB_COMPLETED) ||
        str_is(action, QUEUE_COMPLETED))
        return ERR_OK;
    return fail(c, ERR_INVALID, "action",
                "\"action\" must be one of " JOB_COMPLETED ", " QUEUE_JOB_COMPLETED
                ", " QUEUE_COMPLETED);
}

/* Where it leads is checked when it is used: names can lead elsewhere by then. */
static enum err url_check(struct call *c, struct str url)
{
    size_t scheme = str_starts(url, STR("http://")) ? 7 : str_starts(url, STR("https://")) ? 8 : 0;
    enum err e = text_check(c, url, "url", URL_CHARS_MAX);

    if (e != ERR_OK)
        return e;
    if (scheme == 0 || url.n == scheme || strchr("/?#:", url.p[scheme]))
        return fail(c, ERR_INVALID, "url", "\"url\" must be an http or https address");
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] <= ' ' || url.p[i] == 0x7f)
            return fail(c, ERR_INVALID, "url", "\"url\" must not hold spaces");
    return ERR_OK;
}

/* An explicit null takes the default back. */
static bool is_absent(const struct json_value *v)
{
    return v == NULL || v->type == JSON_NULL;
}

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("()<>@,;:\\\"/[]?={}", s.p[i]))
            return false;
    return s.n > 0;
}

/* Headers that are ours, or that would change how the request is framed. */
static bool is_reserved(struct str name)
{
    static const char *const names[] = {
        "host",       "content-length", "content-type", "transfer-encoding",
        "connection", "upgrade",        "keep-alive",   "expect",
        "te",         "trailer"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (name.n == strlen(names[i]) && strncasecmp(name.p, names[i], name.n) == 0)
            return true;
    return name.n >= 9 && strncasecmp(name.p, "x-labeld-", 9) == 0;
}

static enum err headers_check(struct call *c, struct json_value *headers)
{
    size_t bytes = 0;

    if (is_absent(headers))
        return ERR_OK;
    if (headers->type != JSON_OBJ || json_count(c->arena, headers) > HEADERS_MAX)
        return fail(c, ERR_INVALID, "meta.headers",
                    "\"meta.headers\" must be an object with at most %d members", HEADERS_MAX);
    for (struct json_value *v = json_first(c->arena, headers); v; v = v->next) {
        if (!is_token(v->key) || is_reserved(v->key))
            return fail(c, ERR_INVALID, "meta.headers", "%.*s cannot be set as a header",
                        STR_CUT(v->key, 60));
        if (v->type != JSON_STR || str_has_control(v->s))
            return fail(c, ERR_INVALID, "meta.headers", "the header %.*s must be a line of text",
                        STR_CUT(v->key, 60));
        bytes += v->key.n + v->s.n;
    }
    if (bytes > HEADER_BYTES_MAX)
        return fail(c, ERR_INVALID, "meta.headers", "\"meta.headers\" must be at most %d bytes",
                    HEADER_BYTES_MAX);
    return ERR_OK;
}

static enum err number_check(struct call *c, struct json_value *meta, const char *key, int64_t max)
{
    struct json_value *v = json_get(c->arena, meta, key);
    char field[32];

    snprintf(field, sizeof field, "meta.%s", key);
    if (is_absent(v) || (v->type == JSON_INT && v->i >= 0 && v->i <= max))
        return ERR_OK;
    return fail(c, ERR_INVALID, field, "\"%s\" must be a number from 0 to %lld", field,
                (long long)max);
}

static enum err flag_check(struct call *c, struct json_value *meta, const char *key)
{
    struct json_value *v = json_get(c->arena, meta, key);
    char field[32];

    snprintf(field, sizeof field, "meta.%s", key);
    if (is_absent(v) || v->type == JSON_BOOL)
        return ERR_OK;
    return fail(c, ERR_INVALID, field, "\"%s\" must be a boolean", field);
}

static enum err meta_check(struct call *c, struct json_value *meta)
{
    enum err e = number_check(c, meta, "retriesCount", RETRIES_MAX);

    if (e == ERR_OK)
        e = number_check(c, meta, "retriesDelay", DELAY_S_MAX);
    if (e == ERR_OK)
        e = flag_check(c, meta, "followRedirect");
    if (e == ERR_OK)
        e = flag_check(c, meta, "rejectUnauthorized");
    return e == ERR_OK ? headers_check(c, json_get(c->arena, meta, "headers")) : e;
}

static enum err secret_check(struct call *c, struct str secret)
{
    if (secret.n < SECRET_CHARS_MIN || secret.n > SECRET_CHARS_MAX || str_has_control(secret))
        return fail(c, ERR_INVALID, "secret", "\"secret\" must be %d to %d characters",
                    SECRET_CHARS_MIN, SECRET_CHARS_MAX);
    return ERR_OK;
}

/* Lay what is given over *w, checked. */
static enum err apply(struct call *c, const struct webhook_new *n, struct webhook *w)
{
    enum err e = n->action.p ? action_check(c, n->action) : ERR_OK;

    if (e == ERR_OK && n->url.p)
        e = url_check(c, n->url);
    if (e == ERR_OK && n->secret.p)
        e = secret_check(c, n->secret);
    if (e == ERR_OK && n->meta)
        e = meta_check(c, n->meta);
    if (e != ERR_OK)
        return e;
    w->action = n->action.p ? n->action : w->action;
    w->url = n->url.p ? n->url : w->url;
    w->secret = n->secret.p ? n->secret : w->secret;
    w->meta = json_merge(c->arena, w->meta, n->meta, NULL, is_absent, META_BYTES_MAX);
    if (w->meta.p == NULL)
        return fail(c, ERR_TOO_LARGE, "meta", "\"meta\" must be at most %u bytes", META_BYTES_MAX);
    return ERR_OK;
}

static enum err record(struct call *c, const char *action, int64_t id)
{
    return call_event(
        c, (struct event){.action = action,
                          .meta = arena_printf(c->arena, "{\"webhookId\":%lld}", (long long)id)});
}

static struct str random_hex(struct arena *a)
{
    unsigned char random[16];
    char text[sizeof random * 2 + 1];

    randombytes_buf(random, sizeof random);
    sodium_bin2hex(text, sizeof text, random, sizeof random);
    return arena_str(a, str_from(text));
}

enum err webhook_create(struct call *c, const struct webhook_new *n, int64_t *id_out)
{
    struct webhook w = {.team_id = c->at.team_id,
                        .meta = STR("{\"retriesCount\":5,\"retriesDelay\":10,\"headers\":{},"
                                    "\"followRedirect\":true,\"rejectUnauthorized\":true}"),
                        .secret = random_hex(c->arena)};
    int64_t count = 0;
    enum err e = apply(c, n, &w);

    if (e == ERR_OK)
        e = store_webhooks_count(c->db, w.team_id, &count);
    if (e == ERR_OK && count >= TEAM_HOOKS_MAX)
        return fail(c, ERR_INVALID, "teamId", "a team can have %d webhooks", TEAM_HOOKS_MAX);
    if (e == ERR_OK)
        e = store_webhook_insert(c->db, &w, c->me.user_id, c->now_ms);
    *id_out = w.id;
    return e == ERR_OK ? record(c, "create_webhook", w.id) : e;
}

enum err webhook_edit(struct call *c, int64_t id, const struct webhook_new *n)
{
    struct webhook w;
    enum err e = store_webhook_get(c->db, id, &w);

    if (e == ERR_OK)
        e = apply(c, n, &w);
    if (e == ERR_OK)
        e = store_webhook_update(c->db, &w, c->now_ms);
    return e == ERR_OK ? record(c, "update_webhook", id) : e;
}

enum err webhook_remove(struct call *c, int64_t id)
{
    bool changed = false;
    enum err e = store_webhook_remove(c->db, id, c->now_ms, &changed);

    return e == ERR_OK && changed ? record(c, "remove_webhook", id) : e;
}

struct webhook_options webhook_options(struct arena *a, struct str meta)
{
    struct json_value *m = json_parse_copy(a, meta);
    struct json_value *retries = json_get(a, m, "retriesCount");
    struct json_value *delay = json_get(a, m, "retriesDelay");
    struct json_value *follow = json_get(a, m, "followRedirect");
    struct json_value *verify = json_get(a, m, "rejectUnauthorized");
    struct json_value *headers = json_get(a, m, "headers");

    return (struct webhook_options){
        .retries = retries ? retries->i : 5,
        .delay_s = delay ? delay->i : 10,
        .follow = follow == NULL || follow->b,
        .verify = verify == NULL || verify->b,
        .headers = headers && headers->type == JSON_OBJ ? headers : NULL,
    };
}

/* ---- the outbox ---- */

static struct str make_body(struct call *c, struct str event, int64_t team_id, struct str data)
{
    struct buf text;
    struct str out;

    buf_init(&text, PAYLOAD_BYTES * 2);
    struct json_w w = json_w_on(&text);
    json_obj(&w);
    json_kv_str(&w, "event", event);
    json_kv_iso(&w, "timestamp", c->now_ms);
    json_kv_i64(&w, "team_id", team_id);
    json_kv_raw(&w, "data", data);
    json_obj_end(&w);
    out = text.failed ? STR_NULL : arena_str(c->arena, buf_str(&text));
    buf_finish(&text);
    return out;
}

static enum err put(struct call *c, const struct webhook *w, struct delivery *d)
{
    d->webhook_id = w->id;
    d->uid = random_hex(c->arena);
    d->attempts_max = d->is_test ? 1 : webhook_options(c->arena, w->meta).retries + 1;
    d->next_at = c->now_ms;
    if (d->body.p == NULL || d->uid.p == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    return store_delivery_insert(c->db, w->team_id, d);
}

/* Tell everybody who waits for it. data is made only then. */
static enum err fire(struct call *c, const char *event, int64_t team_id,
                     void (*put_data)(struct json_w *w, struct call *c, const void *what),
                     const void *what)
{
    struct delivery d = {.event = str_from(event)};
    struct webhook *hooks = NULL;
    struct buf data;
    size_t n = 0;
    enum err e = store_webhooks_of(c->db, team_id, d.event, &hooks, &n);

    if (e != ERR_OK || n == 0)
        return e;
    buf_init(&data, PAYLOAD_BYTES);
    struct json_w w = json_w_on(&data);
    json_obj(&w);
    put_data(&w, c, what);
    json_obj_end(&w);
    d.body = make_body(c, d.event, team_id, buf_str(&data));
    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = put(c, &hooks[i], &d);
    buf_finish(&data);
    return e;
}

static void put_job_data(struct json_w *w, struct call *c, const void *what)
{
    const struct job *j = what;

    if (j->queue_id)
        json_kv_i64(w, "queue_id", j->queue_id);
    json_kv_i64(w, "job_id", j->id);
    json_kv_str(w, "job_name", j->name);
    json_kv_i64(w, "project_id", j->project_id);
    json_kv_i64(w, "dataset_id", j->dataset_id);
    json_kv_lit(w, "status", "completed");
    json_kv_obj(w, "completed_by");
    json_kv_i64(w, "user_id", c->me.user_id);
    json_kv_str(w, "user_login", c->me.login);
    json_obj_end(w);
}

enum err webhook_job_completed(struct call *c, const struct job *j)
{
    return fire(c, j->queue_id ? QUEUE_JOB_COMPLETED : JOB_COMPLETED, j->team_id, put_job_data, j);
}

struct queue_data {
    const struct queue *queue;
    int64_t total, completed;
};

static void put_queue_data(struct json_w *w, struct call *c, const void *what)
{
    const struct queue_data *d = what;

    (void)c;
    json_kv_i64(w, "queue_id", d->queue->id);
    json_kv_str(w, "queue_name", d->queue->name);
    json_kv_i64(w, "total_jobs", d->total);
    json_kv_i64(w, "completed_jobs", d->completed);
    json_kv_lit(w, "status", "completed");
}

enum err webhook_queue_completed(struct call *c, const struct queue *q)
{
    struct queue_data d = {.queue = q};
    enum err e = store_queue_jobs_count(c->db, q->id, &d.total, &d.completed);

    return e == ERR_OK ? fire(c, QUEUE_COMPLETED, q->team_id, put_queue_data, &d) : e;
}

/* ---- by hand ---- */

/* Which webhooks a test goes to. */
static enum err find_tested(struct call *c, const struct webhook_test *t, struct webhook **hooks,
                            size_t *n)
{
    if (t->id == 0) {
        enum err e = store_webhooks_of(c->db, c->at.team_id, t->action, hooks, n);

        if (e == ERR_OK && *n == 0)
            return fail(c, ERR_NOT_FOUND, "action", "no webhook of the team waits for that");
        return e;
    }
    *hooks = arena_alloc(c->arena, sizeof **hooks);
    if (*hooks == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    *n = 1;
    enum err e = store_webhook_get(c->db, t->id, *hooks);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && (*hooks)->team_id != c->at.team_id))
        return fail(c, ERR_NOT_FOUND, "id", "the team has no webhook %lld", (long long)t->id);
    return e;
}

enum err webhook_test(struct call *c, const struct webhook_test *t, struct delivery **out,
                      size_t *n_out)
{
    struct webhook *hooks = NULL;
    size_t n = 0;
    enum err e = ERR_OK;

    if (t->action.p)
        e = action_check(c, t->action);
    else if (t->id == 0)
        e = fail(c, ERR_INVALID, "id", "one of \"id\" and \"action\" is required");
    if (e == ERR_OK && t->payload.n > PAYLOAD_BYTES)
        e = fail(c, ERR_TOO_LARGE, "payload", "\"payload\" must be at most %u bytes",
                 PAYLOAD_BYTES);
    if (e == ERR_OK)
        e = find_tested(c, t, &hooks, &n);
    if (e != ERR_OK)
        return e;
    *out = arena_array(c->arena, n + 1, sizeof **out);
    if (*out == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        struct delivery *d = &(*out)[i];

        d->is_test = true;
        d->event = t->action.p ? t->action : hooks[i].action;
        d->body = make_body(c, d->event, hooks[i].team_id, t->payload);
        e = put(c, &hooks[i], d);
    }
    *n_out = n;
    return e == ERR_OK ? record(c, "test_webhook", t->id) : e;
}

enum err webhook_redeliver(struct call *c, int64_t delivery_id)
{
    struct delivery d;
    struct webhook w;
    enum err e = store_delivery_get(c->db, delivery_id, &d);

    if (e == ERR_OK)
        e = store_webhook_get(c->db, d.webhook_id, &w);
    if (e == ERR_NOT_FOUND)
        return fail(c, e, "id", "the webhook of this delivery was removed");
    if (e == ERR_OK)
        e = store_delivery_again(c->db, delivery_id, webhook_options(c->arena, w.meta).retries + 1,
                                 c->now_ms);
    return e == ERR_OK ? record(c, "redeliver_webhook", w.id) : e;
}
