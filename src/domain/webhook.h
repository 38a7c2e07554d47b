/* Webhooks: who wants to be told of what, and what is told. Deliveries are rows written with the
 * change they tell of (an outbox); sending them is api/delivery.h. */
#ifndef DOMAIN_WEBHOOK_H
#define DOMAIN_WEBHOOK_H

#include "domain/call.h"
#include "store/store_job.h"
#include "store/store_queue.h"
#include "store/store_webhook.h"
#include "json/json_read.h"

struct webhook_new {
    struct str action, url;
    struct str secret;       /* absent: one is made */
    struct json_value *meta; /* NULL = nothing */
};

/* In team c->at.team_id. */
enum err webhook_create(struct call *c, const struct webhook_new *n, int64_t *id_out);

/* Absent members stay, in meta too. */
enum err webhook_edit(struct call *c, int64_t id, const struct webhook_new *n);

/* What was not sent yet is cancelled. Repeating changes nothing. */
enum err webhook_remove(struct call *c, int64_t id);

/* Send payload (text of an object) as a test to webhook id, or (0) to all of the team that wait for
 * the action; once, without repeats. */
struct webhook_test {
    int64_t id;
    struct str action, payload;
};
enum err webhook_test(struct call *c, const struct webhook_test *t, struct delivery **out,
                      size_t *n_out);

/* Send it again, whatever became of it, under its uid. */
enum err webhook_redeliver(struct call *c, int64_t delivery_id);

/* What happened; each once, in the transaction of the change. */
enum err webhook_job_completed(struct call *c, const struct job *j);
enum err webhook_queue_completed(struct call *c, const struct queue *q);

/* How a webhook wants its deliveries, from its meta. */
struct webhook_options {
    int64_t retries, delay_s;
    bool follow, verify;        /* redirects, certificates */
    struct json_value *headers; /* object of strings, or NULL */
};
struct webhook_options webhook_options(struct arena *a, struct str meta);

#define WEBHOOK_LOG_DAYS 30 /* deliveries are kept that long */

#endif
