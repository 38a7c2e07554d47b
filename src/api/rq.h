/* One API request on its way through the server, and what an endpoint handler works with. */
#ifndef API_RQ_H
#define API_RQ_H

#include "api/endpoint.h"
#include "api/list_args.h"
#include "base/hash.h"
#include "base/pool.h"
#include "db/writer.h"
#include "domain/call.h"
#include "http/http.h"

struct api;

struct rq {
    struct call call;  /* context of the domain: database, caller, access, time, fault */
    struct json_w out; /* the answer; dropped when the handler fails */
    const struct endpoint *ep;
    struct http_req *http;
    struct api *api;
    void *input;            /* the endpoint's struct, decoded */
    struct upload *upload;  /* the parts of a streamed body; NULL = none */
    int64_t job_id;         /* of the x-job-id header; 0 = none. Not checked yet */
    bool in_job;            /* it is one the caller sees, of the object's project */
    bool via_job;           /* the object is visible only because of that job */
    int64_t job_dataset_id; /* with in_job */
    bool heavy;             /* running on the heavy pool */
    bool fetching;          /* running on the pool that waits for other servers */
    struct str prepared;    /* what the endpoint's prepare step made: a password hash, */
    void *parsed; /* or what it read from the body (arena); the handler must not change it */

    /* the server's own business */
    struct sha256 token_hash;
    bool token_hashed;
    struct json_value *body;
    struct query_param *query;
    struct writer_op op;
    struct pool_task task;
    enum err outcome;
    struct str conflicts; /* JSON array for "details.errors" of ERR_CONFLICT; absent = none */
    int spill_fd;         /* file with the first `spilled` bytes of a long answer; -1 = none */
    int64_t spilled;
    struct event_stream *stream; /* the answer is one (api_event.c); NULL = not */
    int64_t arrived_ms;          /* wall clock; call.now_ms of a change is when it is made */
    struct sha256 replay_key;
    bool replayed;    /* out holds the answer of an earlier, equal call */
    bool lone_repeat; /* the token asked nothing else since that call */
    int64_t answered_at;
};

/* Resolve an object the row of the endpoint does not name: find it, check that the caller has any
 * bit of `need` on it, make it rq->call.at. ERR_NOT_FOUND or ERR_FORBIDDEN with field named. */
enum err rq_access(struct rq *rq, enum access_kind kind, int64_t id, unsigned need,
                   const char *field);

/* All these images exist and the caller has any bit of `need` on each; at most `max` of them.
 * rq->call.at is the dataset of the last. Each of the ids counts once. */
enum err rq_access_images(struct rq *rq, const int64_t *ids, size_t n, unsigned need,
                          const char *field);

/* A read that turned out to be large: run the handler again on the heavy pool. Use as
 * `if (too_much && !rq->heavy) return RQ_HEAVY;` before anything is written to rq->out. */
#define RQ_HEAVY ERR__MAX

/* The same for a step before the transaction that must wait for other servers: run it again on the
 * pool for that, where rq->fetching is set. */
#define RQ_FETCH (ERR__MAX + 1)

/* Answer a list: open it as the request asks, write the envelope with put(rq, row) for each row. */
enum err rq_list(struct rq *rq, struct list l, const struct list_args *args,
                 int64_t per_page_default, void (*put)(struct rq *rq, struct db_query *row));

/* Call between the elements of a long answer: keeps what is in memory small. */
void rq_spill(struct rq *rq);

/* "name": "1234": sizes are strings of digits on this wire. */
void rq_kv_digits(struct json_w *w, const char *name, int64_t v);

/* {"success": true} */
enum err rq_success(struct rq *rq);

#endif
