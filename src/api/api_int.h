/* Shared by the files of api/ only. */
#ifndef API_API_INT_H
#define API_API_INT_H

#include <stdatomic.h>

#include "api/api.h"
#include "api/event_hub.h"
#include "api/rq.h"

#define ACTIVITY_SLOTS 4096

struct job_cache;
struct login_limit;

struct api {
    struct api_config config;
    struct http_server *http;
    struct writer *writer;
    struct blob_store *blobs;
    struct pool *heavy;    /* large reads, large request bodies */
    struct pool *password; /* argon2 */
    struct pool *media;    /* waits for labeld-media */
    struct pool *fetch;    /* waits for other servers */
    struct pool *store;    /* waits for the disk: bytes of uploads */
    struct event_hub *events;
    struct delivery_agent *_Atomic deliveries; /* set while the writer may already run */
    struct job_cache *job_cache;
    struct login_limit *login_limit;
    int64_t swept_ms; /* when orphaned bytes were swept last, monotonic; 0 = not yet */
    bool check_cache; /* tests: compare every hit with a fresh rendering */
    bool show_steps;  /* tests: say what each read cost */
    struct str jwt_key;
    char jwt_key_text[45];
    /* what each token asked last, by token id: see replay.h */
    _Atomic uint64_t activity[ACTIVITY_SLOTS];
};

/* dispatch.c */
void api__begin(struct rq *rq);
void api__handle(struct rq *rq);
void api__reply_error(struct http_req *http, const struct fault *f);

/* Who calls? In a snapshot of its own, before the body is read. The fault is in the call. */
enum err api__authenticate_early(struct rq *rq);

/* api_image_preview.c: paths of images and previews are calls with the fields in the path. Sets
 * rq->ep and the fields; false: no such path. */
bool api__path_method(struct rq *rq, struct str path);

/* The API call that a request is. */
struct rq *api__rq_of(struct http_req *r);

/* api_event.c: the answer has ended; was it a stream of events? */
void api__stream_end(struct rq *rq);

/* spill.c: forget the file of a long answer; or make it the answer. false: disk is full. */
void api__spill_drop(struct rq *rq);
bool api__spill_finish(struct rq *rq);

/* sweep.c: call often; does something once a day. */
void api__sweep(struct api *a);

/* leases.c: call often. */
void api__release_leases(struct api *a);

/* routes.c: what is not a method of the API. false: no such path. */
struct route {
    const char *path;
    size_t body_max;
    void (*handle)(struct api *a, struct http_req *r);
};
const struct route *api__route_find(struct str path);

/* api_account.c */
void api__account_login(struct api *a, struct http_req *r);
void api__session_login(struct api *a, struct http_req *r);
void api__setup(struct api *a, struct http_req *r);

/* session.c */
void api__session(struct api *a, struct http_req *r);
void api__renew_token(struct api *a, struct http_req *r);

/* assets.c. false: the path is no file or page of the web UI. */
bool api__asset(struct http_req *r);

#endif
