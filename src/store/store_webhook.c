/* Rows of webhooks and deliveries. */
#include "store/store_webhook.h"

#include "store/store_int.h"

void store_webhook_read(struct db_query *q, struct webhook *out)
{
    *out = (struct webhook){
        .id = db_col_i64(q, 0),
        .team_id = db_col_i64(q, 1),
        .action = db_col_str(q, 2),
        .url = db_col_str(q, 3),
        .meta = db_col_str(q, 4),
        .secret = db_col_str(q, 5),
        .created_at = db_col_i64(q, 6),
        .updated_at = db_col_i64(q, 7),
    };
}

enum err store_webhook_get(struct db *db, int64_t id, struct webhook *out)
{
    struct db_query *q = db_query(db, STMT_WEBHOOK_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        store_webhook_read(q, out);
    return store__end_found(q, found);
}

enum err store_webhooks_of(struct db *db, int64_t team_id, struct str action, struct webhook **out,
                           size_t *n_out)
{
    struct db_query *q = db_query(db, STMT_WEBHOOKS_OF);
    struct webhook *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, team_id);
    db_bind_str(q, action);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        store_webhook_read(q, &list[n++]);
    *out = list;
    *n_out = list ? n : 0;
    return db_end(q);
}

enum err store_webhooks_count(struct db *db, int64_t team_id, int64_t *out)
{
    struct db_query *q = db_query(db, STMT_WEBHOOKS_COUNT);

    db_bind_i64(q, team_id);
    *out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}

enum err store_webhook_insert(struct db *db, struct webhook *w, int64_t user_id, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_WEBHOOK_INSERT);

    db_bind_i64(q, w->team_id);
    db_bind_str(q, w->action);
    db_bind_str(q, w->url);
    db_bind_str(q, w->meta);
    db_bind_str(q, w->secret);
    db_bind_id(q, user_id);
    db_bind_i64(q, now_ms);
    return db_insert(q, &w->id);
}

enum err store_webhook_update(struct db *db, const struct webhook *w, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_WEBHOOK_UPDATE);

    db_bind_i64(q, w->id);
    db_bind_str(q, w->action);
    db_bind_str(q, w->url);
    db_bind_str(q, w->meta);
    db_bind_str(q, w->secret);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_webhook_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out)
{
    struct db_query *q = db_query(db, STMT_WEBHOOK_REMOVE);

    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    enum err e = store__run_changed(db, q, changed_out);
    if (e != ERR_OK)
        return e;
    q = db_query(db, STMT_DELIVERIES_CANCEL);
    db_bind_i64(q, id);
    return db_run(q);
}

enum err store_webhook_was_removed(struct db *db, int64_t id, const struct caller *who, bool *out)
{
    struct db_query *q = db_query(db, STMT_WEBHOOK_WAS_REMOVED);

    db_bind_i64(q, id);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, PERM_EDIT);
    *out = db_step(q);
    return db_end(q);
}

/* ---- deliveries ---- */

void store_delivery_read(struct db_query *q, struct delivery *out)
{
    *out = (struct delivery){
        .id = db_col_i64(q, 0),
        .webhook_id = db_col_i64(q, 1),
        .uid = db_col_str(q, 2),
        .event = db_col_str(q, 3),
        .body = db_col_str(q, 4),
        .is_test = db_col_i64(q, 5) != 0,
        .state = db_col_str(q, 6),
        .attempts = db_col_i64(q, 7),
        .attempts_max = db_col_i64(q, 8),
        .next_at = db_col_i64(q, 9),
        .status = db_col_i64(q, 10),
        .error = db_col_str(q, 11),
        .duration_ms = db_col_i64(q, 12),
        .created_at = db_col_i64(q, 13),
        .tried_at = db_col_i64(q, 14),
    };
}

enum err store_delivery_insert(struct db *db, int64_t team_id, struct delivery *d)
{
    struct db_query *q = db_query(db, STMT_DELIVERY_INSERT);

    db_bind_i64(q, d->webhook_id);
    db_bind_i64(q, team_id);
    db_bind_str(q, d->uid);
    db_bind_str(q, d->event);
    db_bind_str(q, d->body);
    db_bind_i64(q, d->is_test);
    db_bind_i64(q, d->attempts_max);
    db_bind_i64(q, d->next_at);
    return db_insert(q, &d->id);
}

static enum err get_delivery(struct db_query *q, struct delivery *out)
{
    bool found = db_step(q);

    if (found)
        store_delivery_read(q, out);
    return store__end_found(q, found);
}

enum err store_delivery_get(struct db *db, int64_t id, struct delivery *out)
{
    struct db_query *q = db_query(db, STMT_DELIVERY_GET);

    db_bind_i64(q, id);
    return get_delivery(q, out);
}

enum err store_delivery_due(struct db *db, int64_t now_ms, int64_t except, int64_t *webhook_out)
{
    struct db_query *q = db_query(db, STMT_DELIVERY_DUE);

    db_bind_i64(q, now_ms);
    db_bind_i64(q, except);
    bool found = db_step(q);
    *webhook_out = found ? db_col_i64(q, 0) : 0;
    return store__end_found(q, found);
}

enum err store_delivery_next_at(struct db *db, int64_t except, int64_t *out)
{
    struct db_query *q = db_query(db, STMT_DELIVERY_NEXT_AT);

    db_bind_i64(q, except);
    bool found = db_step(q) && !db_col_is_null(q, 0);
    *out = found ? db_col_i64(q, 0) : 0;
    return store__end_found(q, found);
}

enum err store_delivery_of(struct db *db, int64_t webhook_id, int64_t now_ms, struct delivery *out)
{
    struct db_query *q = db_query(db, STMT_DELIVERY_OF);

    db_bind_i64(q, webhook_id);
    db_bind_i64(q, now_ms);
    return get_delivery(q, out);
}

enum err store_delivery_tried(struct db *db, const struct delivery *d, int64_t due_ms)
{
    struct db_query *q = db_query(db, STMT_DELIVERY_TRIED);

    db_bind_i64(q, d->id);
    db_bind_str(q, d->state);
    db_bind_id(q, d->next_at);
    db_bind_id(q, d->status);
    db_bind_str(q, d->error);
    db_bind_i64(q, d->duration_ms);
    db_bind_i64(q, d->tried_at);
    db_bind_i64(q, due_ms);
    return db_run(q);
}

enum err store_delivery_again(struct db *db, int64_t id, int64_t attempts, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_DELIVERY_AGAIN);

    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    db_bind_i64(q, attempts);
    return db_run(q);
}

enum err store_deliveries_forget(struct db *db, int64_t before_ms)
{
    struct db_query *q = db_query(db, STMT_DELIVERIES_FORGET);

    db_bind_i64(q, before_ms);
    return db_run(q);
}

enum err store_queue_jobs_count(struct db *db, int64_t queue_id, int64_t *total, int64_t *completed)
{
    struct db_query *q = db_query(db, STMT_QUEUE_JOBS_COUNT);

    db_bind_i64(q, queue_id);
    *total = db_step(q) ? db_col_i64(q, 0) : 0;
    *completed = db_col_i64(q, 1);
    return db_end(q);
}
