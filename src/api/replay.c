/* The replay journal: rules in replay.h. */
#include "api/replay.h"

#include <stdlib.h>

#include "api/api_int.h"
#include "base/clock.h"

/* The last journalled answer of a connection, whose arrival is still open. */
struct pending {
    struct sha256 key;
    int64_t answered_at;
};

/* A journal write nobody waits for. */
struct settle_op {
    struct writer_op op;
    struct pending what;
    bool arrived; /* for certain: forget it. Otherwise: note a clean close */
    int64_t now_ms;
};

static uint64_t short_key(const struct sha256 *key)
{
    uint64_t k;

    memcpy(&k, key->b, sizeof k);
    return k | 1; /* never 0 */
}

static bool is_named(const struct rq *rq)
{
    return http_header(rq->http, "x-operation-id").n > 0;
}

static struct sha256 make_key(struct rq *rq)
{
    struct str op = http_header(rq->http, "x-operation-id");
    struct sha256_ctx *h = sha256_begin();

    /* a named call may be repeated by a later session of the same person */
    sha256_add(h, op.p ? &rq->call.me.user_id : &rq->call.me.token_id, sizeof(int64_t));
    sha256_add(h, rq->ep->name, strlen(rq->ep->name) + 1);
    sha256_add(h, op.p ? op.p : "", op.n);
    sha256_add(h, &rq->http->body.n, sizeof rq->http->body.n);
    sha256_add(h, rq->http->body.p ? rq->http->body.p : "", rq->http->body.n);
    for (const struct query_param *q = rq->query; q; q = q->next) {
        sha256_add(h, q->key.p, q->key.n + 1);
        sha256_add(h, q->value.p, q->value.n + 1);
    }
    return sha256_end(h);
}

void replay_note_activity(struct rq *rq)
{
    bool journal = rq->ep->repeat == REPEAT_JOURNAL;
    uint64_t asked = 1;

    if (rq->call.me.token_id == 0)
        return;
    if (journal) {
        rq->replay_key = make_key(rq);
        asked = short_key(&rq->replay_key);
    }
    size_t slot = (size_t)rq->call.me.token_id % ACTIVITY_SLOTS;
    rq->lone_repeat = atomic_exchange(&rq->api->activity[slot], asked) == asked && journal;
}

static bool repeats(const struct rq *rq, const struct replay_entry *entry)
{
    int64_t age = rq->arrived_ms - entry->answered_at;
    int64_t since_close = rq->arrived_ms - entry->settled_at;

    if (is_named(rq))
        return age <= REPLAY_NAMED_MS;
    if (age > REPLAY_MS)
        return false;
    if (entry->settled_at == 0)
        return true;
    return rq->lone_repeat && since_close >= REPLAY_BACKOFF_MIN_MS &&
           since_close <= REPLAY_BACKOFF_MAX_MS;
}

enum err replay_look_up(struct rq *rq)
{
    struct replay_entry entry;

    if (rq->ep->repeat != REPEAT_JOURNAL)
        return ERR_OK;
    enum err e = store_replay_get(rq->call.db, &rq->replay_key, &entry);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e != ERR_OK || !repeats(rq, &entry))
        return e;
    rq->replayed = true;
    rq->answered_at = entry.answered_at;
    json_raw(&rq->out, entry.answer);
    return ERR_OK;
}

enum err replay_remember(struct rq *rq)
{
    if (rq->ep->repeat != REPEAT_JOURNAL)
        return ERR_OK;
    rq->answered_at = rq->arrived_ms;
    return store_replay_put(rq->call.db, &rq->replay_key, buf_str(&rq->http->out), is_named(rq),
                            rq->answered_at);
}

void replay_answered(struct rq *rq, enum err e)
{
    void **slot = http_conn_data(rq->http);

    if (e != ERR_OK || rq->ep->repeat != REPEAT_JOURNAL || slot == NULL)
        return;
    struct pending *p = *slot ? *slot : malloc(sizeof *p);
    if (p)
        *p = (struct pending){rq->replay_key, rq->answered_at};
    *slot = p;
}

static enum err run_settle(struct writer_op *op, struct db *db)
{
    const struct settle_op *s = (const struct settle_op *)op;
    /* arrived for certain: as if it had been settled long ago */
    int64_t at = s->arrived ? s->now_ms - REPLAY_BACKOFF_MAX_MS - 1 : s->now_ms;

    return store_replay_settle(db, &s->what.key, s->what.answered_at, at);
}

static void settled(struct writer_op *op, enum err e)
{
    (void)e; /* at worst a deliberate repeat gets the old answer */
    free(op);
}

static void settle(struct api *a, const struct pending *p, bool arrived)
{
    struct settle_op *s = malloc(sizeof *s);

    if (s == NULL)
        return;
    *s = (struct settle_op){.op = {.run = run_settle, .done = settled},
                            .what = *p,
                            .arrived = arrived,
                            .now_ms = clock_wall_ms()};
    if (!writer_submit(a->writer, &s->op))
        free(s);
}

void replay_connection_used(struct rq *rq)
{
    void **slot = http_conn_data(rq->http);

    if (slot == NULL || *slot == NULL)
        return;
    settle(rq->api, *slot, true);
    free(*slot);
    *slot = NULL;
}

void replay_connection_closed(void *conn_data, enum http_close how, void *ctx)
{
    if (how == HTTP_CLOSE_CLEAN)
        settle(ctx, conn_data, false);
    free(conn_data);
}

static enum err run_sweep(struct writer_op *op, struct db *db)
{
    const struct settle_op *s = (const struct settle_op *)op;

    return store_replay_sweep(db, s->now_ms - REPLAY_MS, s->now_ms - REPLAY_NAMED_MS);
}

void replay_sweep(struct api *a)
{
    struct settle_op *s = malloc(sizeof *s);

    if (s == NULL)
        return;
    *s = (struct settle_op){.op = {.run = run_sweep, .done = settled}, .now_ms = clock_wall_ms()};
    if (!writer_submit(a->writer, &s->op))
        free(s);
}
