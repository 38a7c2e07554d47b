/* Webhooks and the log of what was sent to them. */
#include "api/rq.h"
#include "domain/webhook.h"

#define PER_PAGE_DEFAULT 500
#define REMOVE_MAX       1000

static void put_webhook(struct json_w *w, const struct webhook *h, bool secret)
{
    json_obj(w);
    json_kv_i64(w, "id", h->id);
    json_kv_str(w, "action", h->action);
    json_kv_str(w, "url", h->url);
    json_kv_i64(w, "teamId", h->team_id);
    json_kv_raw(w, "meta", h->meta);
    if (secret)
        json_kv_str(w, "secret", h->secret);
    json_kv_iso(w, "createdAt", h->created_at);
    json_kv_iso(w, "updatedAt", h->updated_at);
    json_obj_end(w);
}

static enum err reply_id(struct rq *rq, int64_t id)
{
    json_obj(&rq->out);
    json_kv_i64(&rq->out, "id", id);
    json_obj_end(&rq->out);
    return ERR_OK;
}

struct webhooks_add_in {
    int64_t team_id;
    struct str url, action, secret;
    struct json_value *meta;
};
#define META_DOC                                                                                   \
    "retriesCount (5), retriesDelay (10, seconds), headers {}, followRedirect (true),"             \
    " rejectUnauthorized (true); other keys are kept"
const struct field webhooks_add_fields[] = {
    F_ID(REQUIRED, struct webhooks_add_in, team_id, "teamId", "the team"),
    F_STR(REQUIRED, struct webhooks_add_in, url, "url", 2048, "where to POST to"),
    F_STR(REQUIRED, struct webhooks_add_in, action, "action", 64,
          "labeling_job.completed, labeling_queue.job.completed or labeling_queue.completed"),
    F_OBJ(OPTIONAL, struct webhooks_add_in, meta, "meta", META_DOC),
    F_STR(OPTIONAL, struct webhooks_add_in, secret, "secret", 255,
          "key of the signatures; otherwise one is made"),
    F_END};

enum err webhooks_add(struct rq *rq, const void *input)
{
    const struct webhooks_add_in *in = input;
    const struct webhook_new n = {in->action, in->url, in->secret, in->meta};
    int64_t id;
    enum err e = webhook_create(&rq->call, &n, &id);

    return e == ERR_OK ? reply_id(rq, id) : e;
}

struct webhooks_update_in {
    int64_t id;
    struct str url, action, secret;
    struct json_value *meta;
};
const struct field webhooks_update_fields[] = {
    F_ID(REQUIRED, struct webhooks_update_in, id, "id", "the webhook"),
    F_STR(OPTIONAL, struct webhooks_update_in, url, "url", 2048, "where to POST to"),
    F_STR(OPTIONAL, struct webhooks_update_in, action, "action", 64, "what to tell of"),
    F_OBJ(OPTIONAL, struct webhooks_update_in, meta, "meta", "the keys that change"),
    F_STR(OPTIONAL, struct webhooks_update_in, secret, "secret", 255, "key of the signatures"),
    F_END};

enum err webhooks_update(struct rq *rq, const void *input)
{
    const struct webhooks_update_in *in = input;
    const struct webhook_new n = {in->action, in->url, in->secret, in->meta};
    enum err e = webhook_edit(&rq->call, in->id, &n);

    return e == ERR_OK ? reply_id(rq, in->id) : e;
}

struct webhooks_info_in {
    int64_t id;
};
const struct field webhooks_info_fields[] = {
    F_ID(REQUIRED, struct webhooks_info_in, id, "id", "the webhook"), F_END};

enum err webhooks_info(struct rq *rq, const void *input)
{
    struct webhook h;
    enum err e = store_webhook_get(rq->call.db, ((const struct webhooks_info_in *)input)->id, &h);

    if (e == ERR_OK)
        put_webhook(&rq->out, &h, true);
    return e;
}

struct webhooks_list_in {
    int64_t team_id;
    struct list_args list;
};
const struct field webhooks_list_fields[] = {
    F_ID(REQUIRED, struct webhooks_list_in, team_id, "teamId", "the team"),
    LIST_FIELDS(struct webhooks_list_in, list), F_END};

static void put_webhook_row(struct rq *rq, struct db_query *row)
{
    struct webhook h;

    store_webhook_read(row, &h);
    put_webhook(&rq->out, &h, false);
}

enum err webhooks_list(struct rq *rq, const void *input)
{
    const struct webhooks_list_in *in = input;

    return rq_list(rq, LIST_MAKE(rq->call.db, LIST_WEBHOOKS, in->team_id), &in->list,
                   PER_PAGE_DEFAULT, put_webhook_row);
}

struct webhooks_bulk_remove_in {
    struct ids ids;
};
const struct field webhooks_bulk_remove_fields[] = {
    F_IDS(REQUIRED, struct webhooks_bulk_remove_in, ids, "ids", REMOVE_MAX, "the webhooks"), F_END};

enum err webhooks_bulk_remove(struct rq *rq, const void *input)
{
    const struct webhooks_bulk_remove_in *in = input;
    enum err e = ERR_OK;

    for (size_t i = 0; i < in->ids.n && e == ERR_OK; i++) {
        bool removed = false;

        e = store_webhook_was_removed(rq->call.db, in->ids.v[i], &rq->call.me, &removed);
        if (e != ERR_OK || removed)
            continue;
        e = rq_access(rq, ACCESS_WEBHOOK, in->ids.v[i], rq->ep->need, "ids");
        if (e == ERR_OK)
            e = webhook_remove(&rq->call, in->ids.v[i]);
    }
    return e == ERR_OK ? rq_success(rq) : e;
}

struct webhooks_test_in {
    int64_t team_id, id;
    struct str action;
    struct json_value *payload;
};
const struct field webhooks_test_fields[] = {
    F_ID(REQUIRED, struct webhooks_test_in, team_id, "teamId", "the team"),
    F_ID(OPTIONAL, struct webhooks_test_in, id, "id", "the webhook; or all of the action"),
    F_STR(OPTIONAL, struct webhooks_test_in, action, "action", 64, "event to simulate"),
    F_OBJ(OPTIONAL, struct webhooks_test_in, payload, "payload", "data of the event"), F_END};

enum err webhooks_test(struct rq *rq, const void *input)
{
    const struct webhooks_test_in *in = input;
    const struct webhook_test t = {.id = in->id,
                                   .action = in->action.n > 0 ? in->action : STR_NULL,
                                   .payload = in->payload ? in->payload->raw : STR("{}")};
    struct delivery *sent = NULL;
    size_t n = 0;
    enum err e = webhook_test(&rq->call, &t, &sent, &n);

    if (e != ERR_OK)
        return e;
    json_obj(&rq->out);
    json_kv_bool(&rq->out, "success", true);
    json_kv_arr(&rq->out, "deliveries");
    for (size_t i = 0; i < n; i++) {
        json_obj(&rq->out);
        json_kv_i64(&rq->out, "id", sent[i].id);
        json_kv_i64(&rq->out, "webhookId", sent[i].webhook_id);
        json_obj_end(&rq->out);
    }
    json_arr_end(&rq->out);
    json_obj_end(&rq->out);
    return ERR_OK;
}

/* ---- the log ---- */

static void put_delivery(struct json_w *w, const struct delivery *d)
{
    json_obj(w);
    json_kv_i64(w, "id", d->id);
    json_kv_i64(w, "webhookId", d->webhook_id);
    json_kv_str(w, "uid", d->uid);
    json_kv_str(w, "event", d->event);
    json_kv_raw(w, "body", d->body);
    json_kv_bool(w, "test", d->is_test);
    json_kv_str(w, "state", d->state);
    json_kv_i64(w, "attempts", d->attempts);
    json_kv_iso(w, "nextAt", d->next_at);
    json_kv_id(w, "status", d->status);
    json_kv_str(w, "error", d->error);
    json_kv_i64(w, "durationMs", d->duration_ms);
    json_kv_iso(w, "createdAt", d->created_at);
    json_kv_iso(w, "triedAt", d->tried_at);
    json_obj_end(w);
}

struct webhooks_deliveries_info_in {
    int64_t id;
};
const struct field webhooks_deliveries_info_fields[] = {
    F_ID(REQUIRED, struct webhooks_deliveries_info_in, id, "id", "the delivery"), F_END};

enum err webhooks_deliveries_info(struct rq *rq, const void *input)
{
    struct delivery d;
    enum err e = store_delivery_get(rq->call.db,
                                    ((const struct webhooks_deliveries_info_in *)input)->id, &d);

    if (e == ERR_OK)
        put_delivery(&rq->out, &d);
    return e;
}

const struct field webhooks_deliveries_list_fields[] = {
    F_ID(REQUIRED, struct webhooks_list_in, team_id, "teamId", "the team"),
    LIST_FIELDS(struct webhooks_list_in, list), F_END};

static void put_delivery_row(struct rq *rq, struct db_query *row)
{
    struct delivery d;

    store_delivery_read(row, &d);
    put_delivery(&rq->out, &d);
    rq_spill(rq);
}

enum err webhooks_deliveries_list(struct rq *rq, const void *input)
{
    const struct webhooks_list_in *in = input;

    return rq_list(rq, LIST_MAKE(rq->call.db, LIST_DELIVERIES, in->team_id), &in->list,
                   PER_PAGE_DEFAULT, put_delivery_row);
}

const struct field webhooks_deliveries_redeliver_fields[] = {
    F_ID(REQUIRED, struct webhooks_deliveries_info_in, id, "id", "the delivery"), F_END};

enum err webhooks_deliveries_redeliver(struct rq *rq, const void *input)
{
    enum err e =
        webhook_redeliver(&rq->call, ((const struct webhooks_deliveries_info_in *)input)->id);

    return e == ERR_OK ? rq_success(rq) : e;
}
