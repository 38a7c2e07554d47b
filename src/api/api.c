/* Starting and stopping the API server, and routing a request to its row. */
#include "api/api.h"

#include <stdlib.h>

#include "api/api_int.h"
#include "api/delivery.h"
#include "api/job_cache.h"
#include "api/replay.h"
#include "api/upload.h"
#include "auth/login_limit.h"
#include "auth/token.h"
#include "base/log.h"
#include "store/store_setting.h"

#define API_PREFIX       "/public/api/v3"
#define READ_BODY_MAX    (4u << 20)
#define WRITE_BODY_MAX   (16u << 20)
#define JOB_CACHE_BYTES  (24u << 20)
#define JOB_CACHE_LARGE  (32u << 20)
#define QUEUE_MAX        4096
#define BATCH_MAX        256
#define CHECKPOINT_PAGES 2000 /* 8 MB of log */
#define PASSWORD_THREADS 2
#define PASSWORD_QUEUE   64
#define MEDIA_THREADS    4 /* they wait for workers and for the disk */
#define MEDIA_QUEUE      1024
#define FETCH_THREADS    4
#define FETCH_QUEUE      256
#define STORE_THREADS    16 /* they wait for the disk: more of them share a flush */
#define STORE_QUEUE      1024

static struct db_options read_options(const struct api *a)
{
    return (struct db_options){.target = a->config.db_target,
                               .mode = DB_READ,
                               .stmts = store_stmts,
                               .stmts_len = STMT__MAX};
}

/* A reading connection for a thread. Without one the thread answers 503. */
static void *open_reader_as(struct api *a, bool keep_snapshot)
{
    struct db_options o = read_options(a);
    struct fault f = {0};
    struct db *db = NULL;

    o.keep_snapshot = keep_snapshot;
    if (db_open(&o, &db, &f) != ERR_OK)
        log_error("api", "%s", f.message);
    return db;
}

static void *open_reader(void *ctx)
{
    return open_reader_as(ctx, false);
}

/* IO threads answer many small calls in one round of events: those share a snapshot. */
static void *open_round_reader(void *ctx)
{
    return open_reader_as(ctx, true);
}

static void end_round(void *db, void *ctx)
{
    (void)ctx;
    if (db)
        db_settle(db);
}

static void close_reader(void *db, void *ctx)
{
    (void)ctx;
    db_close(db);
}

/* ---- requests ---- */

/* A request is either a call of the API or one of the other routes. */
struct target {
    struct rq rq; /* rq.ep == NULL: not a method */
    const struct route *route;
};

/* "/public/api/v3//jobs.info" to "jobs.info"; absent for other paths. */
static struct str method_name(struct str path)
{
    struct str prefix = STR(API_PREFIX);

    while (path.n > 1 && path.p[0] == '/' && path.p[1] == '/') { /* a doubled slash in front */
        path.p++;
        path.n--;
    }
    if (!str_starts(path, prefix) || path.n == prefix.n || path.p[prefix.n] != '/')
        return STR_NULL;
    path.p += prefix.n;
    path.n -= prefix.n;
    while (path.n > 0 && path.p[0] == '/') {
        path.p++;
        path.n--;
    }
    return path;
}

static void on_begin(struct http_req *r, void *ctx)
{
    struct target *t = arena_alloc(&r->arena, sizeof *t);
    struct str name = method_name(r->path);

    r->app_data = t;
    r->body_max = READ_BODY_MAX; /* read also what nobody will look at: then the answer arrives */
    if (t == NULL)
        return;
    t->route = api__route_find(r->path);
    if (t->route)
        r->body_max = t->route->body_max;
    t->rq.http = r;
    t->rq.api = ctx;
    t->rq.spill_fd = -1;
    t->rq.call.arena = &r->arena;
    if (name.p == NULL) {
        api__path_method(&t->rq, r->path);
        return;
    }
    t->rq.ep = endpoint_find(name);
    if (t->rq.ep && t->rq.ep->tx == TX_WRITE)
        r->body_max = WRITE_BODY_MAX;
    if (t->rq.ep && t->rq.ep->upload && strcmp(r->method, "POST") == 0)
        upload_begin(&t->rq);
}

/* What is new is looked up once for all streams of the thread. */
static void on_round(void *thread_data, void *ctx)
{
    if (thread_data)
        event_hub_round(((struct api *)ctx)->events, thread_data);
}

static void reply_no_such_path(struct http_req *r)
{
    struct fault f = {0};

    fault_set(&f, ERR_NOT_FOUND, NULL, "there is no %.*s here; /openapi.json lists what there is",
              STR_CUT(r->path, 100));
    api__reply_error(r, &f);
}

static void reply_bad_verb(struct http_req *r)
{
    struct fault f = {0};

    fault_set(&f, ERR_INVALID, NULL, "use GET, POST, PUT or DELETE");
    api__reply_error(r, &f);
}

static bool is_verb(const char *method)
{
    static const char *const verbs[] = {"GET", "POST", "PUT", "DELETE", "HEAD"};

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (strcmp(method, verbs[i]) == 0)
            return true;
    return false;
}

static void on_handle(struct http_req *r, void *ctx)
{
    struct target *t = r->app_data;
    struct fault f = {0};

    r->status = 200;
    if (t == NULL || http_thread_data(r) == NULL) {
        fault_set(&f, ERR_BUSY, NULL, "the server is out of resources");
        api__reply_error(r, &f);
    } else if (strcmp(r->method, "OPTIONS") == 0) {
        r->content_type = "text/plain"; /* the headers are the answer */
    } else if (!is_verb(r->method)) {
        reply_bad_verb(r);
    } else if (t->rq.ep) {
        api__handle(&t->rq);
    } else if (t->route) {
        t->route->handle(ctx, r);
    } else if (!api__asset(r)) {
        reply_no_such_path(r);
    }
}

struct rq *api__rq_of(struct http_req *r)
{
    return &((struct target *)r->app_data)->rq;
}

static void on_end(struct http_req *r, bool sent, void *ctx)
{
    struct target *t = r->app_data;

    if (t && t->rq.ep) {
        upload_drop(t->rq.upload);
        api__stream_end(&t->rq);
    }
    (void)sent;
    (void)ctx;
}

/* ---- life ---- */

/* What must be known before anything runs: the key that signs logins, made once and kept in the
 * database, and where the events stand. */
static enum err look_up(struct api *a, struct fault *f)
{
    struct db_options o = read_options(a);
    struct arena scratch;
    struct str key;
    struct db *db;
    enum err e = db_open(&o, &db, f);

    if (e != ERR_OK)
        return e;
    arena_init(&scratch, 4096 * 16);
    db_use_arena(db, &scratch);
    e = store_setting_get(db, STR("jwt_key"), &key);
    if (e == ERR_OK && key.n < sizeof a->jwt_key_text)
        memcpy(a->jwt_key_text, key.p, key.n);
    else
        e = fault_set(f, ERR_INTERNAL, NULL, "the database has no jwt_key; run labeld migrate");
    a->jwt_key = str_from(a->jwt_key_text);
    event_hub_settled(a->events, db, NULL);
    db_close(db);
    arena_finish(&scratch);
    return e;
}

static void on_begin_write(void *ctx, int writer, struct db *db)
{
    event_hub_began(((struct api *)ctx)->events, writer, db);
}

/* Something is committed: whoever sends news looks whether it is for them. */
static void on_end_write(void *ctx, int writer)
{
    struct api *a = ctx;

    event_hub_ended(a->events, writer);
    delivery_look(atomic_load(&a->deliveries));
}

static enum err start_writer(struct api *a, struct fault *f)
{
    struct writer_config config = {
        .db = read_options(a),
        .threads = a->config.heavy_threads * 2,
        .queue_max = QUEUE_MAX,
        .batch_max = BATCH_MAX,
        .checkpoint_pages = CHECKPOINT_PAGES,
        .guest_lock = a->config.guest_lock,
        .began = on_begin_write,
        .ended = on_end_write,
        .ctx = a,
    };

    config.db.mode = DB_WRITE;
    return writer_start(&config, &a->writer, f);
}

static enum err start_deliveries(struct api *a, struct fault *f)
{
    struct db_options o = read_options(a);

    atomic_store(&a->deliveries, delivery_start(&o, a->writer));
    return a->deliveries ? ERR_OK : fault_set(f, ERR_NOMEM, NULL, "cannot start threads");
}

static enum err start_pools(struct api *a, struct fault *f)
{
    struct pool_config config = {.name = "heavy",
                                 .threads = a->config.heavy_threads,
                                 .queue_max = QUEUE_MAX,
                                 .thread_begin = open_reader,
                                 .thread_end = close_reader,
                                 .ctx = a};

    a->heavy = pool_start(&config);
    config.name = "password";
    config.threads = PASSWORD_THREADS;
    config.queue_max = PASSWORD_QUEUE;
    a->password = pool_start(&config);
    config.name = "media";
    config.threads = MEDIA_THREADS;
    config.queue_max = MEDIA_QUEUE;
    a->media = pool_start(&config);
    config.name = "fetch";
    config.threads = FETCH_THREADS;
    config.queue_max = FETCH_QUEUE;
    a->fetch = pool_start(&config);
    config.name = "store";
    config.threads = STORE_THREADS;
    config.queue_max = STORE_QUEUE;
    config.thread_begin = NULL;
    config.thread_end = NULL;
    a->store = pool_start(&config);
    a->job_cache = job_cache_create(JOB_CACHE_BYTES, JOB_CACHE_LARGE);
    a->login_limit = login_limit_create();
    if (a->heavy && a->password && a->media && a->fetch && a->store && a->job_cache &&
        a->login_limit)
        return ERR_OK;
    return fault_set(f, ERR_NOMEM, NULL, "cannot start threads");
}

enum err api_start(const struct api_config *config, struct api **out, struct fault *f)
{
    struct api *a = calloc(1, sizeof *a);
    struct http_app app = {.begin = on_begin,
                           .handle = on_handle,
                           .end = on_end,
                           .closed = replay_connection_closed,
                           .round = on_round,
                           .rest = end_round,
                           .thread_begin = open_round_reader,
                           .thread_end = close_reader,
                           .ctx = a};

    if (a == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    a->config = *config;
    a->blobs = config->blobs;
    a->check_cache = getenv("LABELD_CHECK_CACHE") != NULL;
    a->show_steps = getenv("LABELD_SHOW_STEPS") != NULL;
    a->events = event_hub_create();
    enum err e = a->events ? look_up(a, f) : fault_set(f, ERR_NOMEM, NULL, "out of memory");
    if (e == ERR_OK)
        e = start_writer(a, f);
    if (e == ERR_OK)
        e = start_deliveries(a, f);
    if (e == ERR_OK)
        e = start_pools(a, f);
    if (e == ERR_OK)
        e = http_start(&config->http, &app, &a->http, f);
    if (e != ERR_OK) {
        api_stop(a, 0);
        return e;
    }
    event_hub_attach(a->events, a->http);
    replay_sweep(a);
    *out = a;
    return ERR_OK;
}

int api_port(const struct api *a)
{
    return http_port(a->http);
}

void api_tick(struct api *a)
{
    replay_sweep(a);
    api__sweep(a);
    api__release_leases(a);
}

void api_stop(struct api *a, int grace_ms)
{
    delivery_stop(a->deliveries);
    if (a->http) {
        event_hub_attach(a->events, NULL);
        http_stop(a->http, grace_ms);
    }
    pool_stop(a->heavy);
    pool_stop(a->password);
    pool_stop(a->media);
    pool_stop(a->fetch);
    pool_stop(a->store);
    writer_stop(a->writer); /* last: it closes the database in good order */
    job_cache_destroy(a->job_cache);
    login_limit_destroy(a->login_limit);
    event_hub_destroy(a->events);
    delivery_destroy(a->deliveries);
    free(a);
}
