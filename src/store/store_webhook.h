/* Webhooks and what is sent to them. */
#ifndef STORE_STORE_WEBHOOK_H
#define STORE_STORE_WEBHOOK_H

#include "store/store_access.h"

struct webhook {
    int64_t id, team_id;
    struct str action, url;
    struct str meta; /* JSON object */
    struct str secret;
    int64_t created_at, updated_at;
};

struct delivery {
    int64_t id, webhook_id;
    struct str uid, event;
    struct str body; /* JSON object */
    bool is_test;
    struct str state; /* pending, delivered, failed, cancelled */
    int64_t attempts, attempts_max;
    int64_t next_at;  /* ms; 0 = nothing is left to do */
    int64_t status;   /* HTTP, of the last attempt; 0 = no answer */
    struct str error; /* absent = none */
    int64_t duration_ms;
    int64_t created_at, tried_at;
};

enum err store_webhook_get(struct db *db, int64_t id, struct webhook *out);
void store_webhook_read(struct db_query *q, struct webhook *out);
/* Those of a team that wait for this action. */
enum err store_webhooks_of(struct db *db, int64_t team_id, struct str action, struct webhook **out,
                           size_t *n_out);
enum err store_webhooks_count(struct db *db, int64_t team_id, int64_t *out);
enum err store_webhook_insert(struct db *db, struct webhook *w, int64_t user_id, int64_t now_ms);
enum err store_webhook_update(struct db *db, const struct webhook *w, int64_t now_ms);
/* With it goes what was not sent yet. */
enum err store_webhook_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out);
/* Was it removed before, by somebody who may do what the caller may? */
enum err store_webhook_was_removed(struct db *db, int64_t id, const struct caller *who, bool *out);

/* Of *d: webhook_id, uid, event, body, is_test, attempts_max, next_at. Fills d->id. */
enum err store_delivery_insert(struct db *db, int64_t team_id, struct delivery *d);
enum err store_delivery_get(struct db *db, int64_t id, struct delivery *out);
void store_delivery_read(struct db_query *q, struct delivery *out);
/* A webhook, but not `except`, that something should be sent to by now. ERR_NOT_FOUND: none. */
enum err store_delivery_due(struct db *db, int64_t now_ms, int64_t except, int64_t *webhook_out);
/* When the next one is due, not counting those of webhook `except`. ERR_NOT_FOUND: none. */
enum err store_delivery_next_at(struct db *db, int64_t except, int64_t *out);
/* The oldest one that should be sent to the webhook. ERR_NOT_FOUND. */
enum err store_delivery_of(struct db *db, int64_t webhook_id, int64_t now_ms, struct delivery *out);
/* How the attempt that was due then ended: state, next_at, status, error, duration_ms, tried_at of
 * *d. Does nothing when the delivery was cancelled or asked for again meanwhile. */
enum err store_delivery_tried(struct db *db, const struct delivery *d, int64_t due_ms);
/* Send it again, with this many attempts. */
enum err store_delivery_again(struct db *db, int64_t id, int64_t attempts, int64_t now_ms);
/* Those that were done with before that. */
enum err store_deliveries_forget(struct db *db, int64_t before_ms);

/* Jobs of a queue, and how many of them are completed. */
enum err store_queue_jobs_count(struct db *db, int64_t queue_id, int64_t *total,
                                int64_t *completed);

#endif
