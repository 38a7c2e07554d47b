/* The threads that send deliveries. */
#include "api/delivery.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "domain/setting.h"
#include "domain/webhook.h"
#include "net/fetch.h"

#define THREADS           2
#define LOOK_EVERY_MS     60000 /* when nothing is known to be due */
#define COLLECT_MS        50    /* commits come in crowds */
#define ATTEMPT_MS        10000
#define ANSWER_BYTES_MAX  (1 << 20)
#define REDIRECTS_MAX     5
#define SCRATCH_BYTES_MAX (4u << 20)
#define OWN_HEADERS       8
#define ERROR_BYTES_MAX   300

struct delivery_agent {
    struct writer *writer;
    atomic_bool stopping;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    uint64_t looks;        /* grows when there may be news */
    int64_t busy[THREADS]; /* the webhook that each thread is at; 0 = none */
    /* not guarded */
    struct worker {
        struct delivery_agent *agent;
        int number;
        pthread_t thread;
        bool started;
        struct db *db;
        struct arena arena; /* of one delivery */
    } workers[THREADS];
};

/* ---- recording what became of an attempt ---- */

struct record_op {
    struct writer_op op;
    const struct delivery *delivery;
    int64_t due_ms;
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
};

static enum err run_record(struct writer_op *op, struct db *db)
{
    const struct record_op *r = (struct record_op *)op;

    return store_delivery_tried(db, r->delivery, r->due_ms);
}

static void record_done(struct writer_op *op, enum err e)
{
    struct record_op *r = (struct record_op *)op;

    if (e != ERR_OK)
        log_error("webhook", "cannot record delivery %lld", (long long)r->delivery->id);
    pthread_mutex_lock(&r->lock);
    r->is_done = true;
    pthread_cond_signal(&r->done);
    pthread_mutex_unlock(&r->lock);
}

/* Wait for the commit: only then may the same delivery be looked up again. */
static void record(struct worker *w, const struct delivery *d, int64_t due_ms)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    struct record_op r = {
        .op = {.run = run_record, .done = record_done}, .delivery = d, .due_ms = due_ms};

    pthread_mutex_init(&r.lock, NULL);
    pthread_cond_init(&r.done, NULL);
    while (!writer_submit(w->agent->writer, &r.op))
        nanosleep(&pause, NULL); /* the writer outlives us, and its queue gets shorter */
    pthread_mutex_lock(&r.lock);
    while (!r.is_done)
        pthread_cond_wait(&r.done, &r.lock);
    pthread_mutex_unlock(&r.lock);
    pthread_cond_destroy(&r.done);
    pthread_mutex_destroy(&r.lock);
}

/* ---- an attempt ---- */

/* "t=1700000000,v1=HEX": HMAC-SHA-256 of "t.body" under the webhook's secret. The time is signed
 * too, so that a receiver can tell an old request that somebody sends again. */
static struct str signature(struct arena *a, const struct webhook *h, const struct delivery *d)
{
    static const char digits[] = "0123456789abcdef";
    long long now_s = (long long)(clock_wall_ms() / 1000);
    struct str text = arena_printf(a, "%lld.%.*s", now_s, STR_ARG(d->body));
    struct sha256 mac = hmac_sha256(h->secret, text);
    char hex[2 * SHA256_SIZE + 1] = "";

    for (size_t i = 0; i < SHA256_SIZE; i++) {
        hex[2 * i] = digits[mac.b[i] >> 4];
        hex[2 * i + 1] = digits[mac.b[i] & 15];
    }
    return arena_printf(a, "X-Labeld-Signature: t=%lld,v1=%s", now_s, hex);
}

/* "Name: value" for each, NULL at the end; NULL when memory is out. */
static const char *const *headers(struct arena *a, const struct webhook *h,
                                  const struct delivery *d, struct json_value *own)
{
    const char **list = arena_array(a, json_count(a, own) + OWN_HEADERS, sizeof *list);
    size_t n = 0;

    if (list == NULL)
        return NULL;
    list[n++] = "Content-Type: application/json";
    list[n++] = "Expect:"; /* no waiting for leave to send the body */
    list[n++] = arena_printf(a, "X-Labeld-Event: %.*s", STR_ARG(d->event)).p;
    list[n++] = arena_printf(a, "X-Labeld-Delivery: %.*s", STR_ARG(d->uid)).p;
    list[n++] = signature(a, h, d).p;
    if (d->is_test)
        list[n++] = "X-Labeld-Test: 1";
    for (struct json_value *v = json_first(a, own); v; v = v->next)
        list[n++] = v->s.n > 0 ? arena_printf(a, "%.*s: %.*s", STR_ARG(v->key), STR_ARG(v->s)).p
                               : arena_printf(a, "%.*s;", STR_ARG(v->key)).p;
    return a->failed ? NULL : list;
}

/* false: given up because the server stops. */
static bool post(struct worker *w, const struct webhook *h, struct delivery *d, bool allow_private)
{
    struct webhook_options o = webhook_options(&w->arena, h->meta);
    struct fault f = {0};
    int64_t began = clock_mono_ms();
    int status = 0;
    const struct fetch r = {
        .url = h->url.p,
        .field = "",
        .post = &d->body,
        .headers = headers(&w->arena, h, d, o.headers),
        .bytes_max = ANSWER_BYTES_MAX,
        .timeout_ms = ATTEMPT_MS,
        .redirects_max = o.follow ? REDIRECTS_MAX : 0,
        .allow_private = allow_private,
        .any_certificate = !o.verify,
        .cancel = &w->agent->stopping,
    };
    enum err e =
        r.headers ? fetch_run(&r, &status, &f) : fault_set(&f, ERR_NOMEM, NULL, "out of memory");

    if (e != ERR_OK && atomic_load(&w->agent->stopping))
        return false;
    bool arrived = status / 100 == 2 && (e == ERR_OK || e == ERR_TOO_LARGE);
    bool last = d->attempts + 1 >= d->attempts_max;
    d->status = status;
    d->tried_at = clock_wall_ms();
    d->duration_ms = clock_mono_ms() - began;
    d->state = arrived ? STR("delivered") : last ? STR("failed") : STR("pending");
    d->next_at = arrived || last ? 0 : d->tried_at + o.delay_s * 1000;
    d->error = arrived ? STR_NULL
               : e == ERR_OK
                   ? arena_printf(&w->arena, "the answer was HTTP %d", status)
                   : arena_printf(&w->arena, "%.*s", STR_CUT(str_from(f.message), ERROR_BYTES_MAX));
    return true;
}

/* What is to be sent, in one snapshot. */
static enum err load(struct worker *w, int64_t webhook_id, struct webhook *h, struct delivery *d,
                     int64_t *allow_private)
{
    struct call c = {.db = w->db, .arena = &w->arena};
    enum err e = db_begin(w->db);

    if (e != ERR_OK)
        return e;
    e = store_delivery_of(w->db, webhook_id, clock_wall_ms(), d);
    if (e == ERR_OK)
        e = store_webhook_get(w->db, webhook_id, h);
    if (e == ERR_OK)
        e = setting_get(&c, SETTING_PRIVATE_ADDRESSES, allow_private);
    db_commit(w->db);
    return e;
}

static void send_next(struct worker *w, int64_t webhook_id)
{
    int64_t allow_private = 0;
    struct webhook h;
    struct delivery d;

    if (load(w, webhook_id, &h, &d, &allow_private) != ERR_OK)
        return;
    int64_t due_ms = d.next_at;
    if (post(w, &h, &d, allow_private))
        record(w, &d, due_ms);
}

/* ---- the loop ---- */

/* The webhook the other thread is at; deliveries of one webhook go out in order. */
static int64_t others(const struct worker *w)
{
    pthread_mutex_lock(&w->agent->lock);
    int64_t id = w->agent->busy[1 - w->number];
    pthread_mutex_unlock(&w->agent->lock);
    return id;
}

static bool claim(struct worker *w, int64_t webhook_id)
{
    struct delivery_agent *a = w->agent;

    pthread_mutex_lock(&a->lock);
    bool free_now = webhook_id == 0 || a->busy[1 - w->number] != webhook_id;
    if (free_now)
        a->busy[w->number] = webhook_id;
    pthread_mutex_unlock(&a->lock);
    return free_now;
}

/* false: nothing is due. */
static bool work(struct worker *w)
{
    int64_t id = 0;

    arena_reset(&w->arena);
    if (store_delivery_due(w->db, clock_wall_ms(), others(w), &id) != ERR_OK)
        return false;
    if (claim(w, id)) {
        send_next(w, id);
        claim(w, 0);
    }
    return true;
}

/* Until news come or the next one is due. */
static void rest(struct worker *w, uint64_t seen)
{
    struct delivery_agent *a = w->agent;
    int64_t next = 0, wait_ms = LOOK_EVERY_MS;
    struct timespec until;

    if (store_delivery_next_at(w->db, others(w), &next) == ERR_OK) {
        wait_ms = next - clock_wall_ms();
        wait_ms = wait_ms < 1 ? 1 : wait_ms > LOOK_EVERY_MS ? LOOK_EVERY_MS : wait_ms;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&a->lock);
    int rc = 0;
    while (rc == 0 && a->looks == seen && !atomic_load(&a->stopping))
        rc = pthread_cond_timedwait(&a->wake, &a->lock, &until);
    pthread_mutex_unlock(&a->lock);
    const struct timespec pause = {.tv_nsec = COLLECT_MS * 1000 * 1000};
    nanosleep(&pause, NULL);
}

static uint64_t looks_so_far(struct delivery_agent *a)
{
    pthread_mutex_lock(&a->lock);
    uint64_t n = a->looks;
    pthread_mutex_unlock(&a->lock);
    return n;
}

static void *worker_main(void *p)
{
    struct worker *w = p;

    pthread_setname_np(pthread_self(), "webhook");
    while (!atomic_load(&w->agent->stopping)) {
        uint64_t seen = looks_so_far(w->agent);

        if (!work(w))
            rest(w, seen);
    }
    return NULL;
}

static bool start_worker(struct delivery_agent *a, int number, const struct db_options *read)
{
    struct worker *w = &a->workers[number];
    struct fault f = {0};

    w->agent = a;
    w->number = number;
    arena_init(&w->arena, SCRATCH_BYTES_MAX);
    if (db_open(read, &w->db, &f) != ERR_OK) {
        log_error("webhook", "%s", f.message);
        return false;
    }
    db_use_arena(w->db, &w->arena);
    w->started = pthread_create(&w->thread, NULL, worker_main, w) == 0;
    return w->started;
}

struct delivery_agent *delivery_start(const struct db_options *read, struct writer *writer)
{
    struct delivery_agent *a = calloc(1, sizeof *a);
    pthread_condattr_t monotonic;
    bool ok = a != NULL;

    if (!ok)
        return NULL;
    a->writer = writer;
    pthread_mutex_init(&a->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&a->wake, &monotonic);
    for (int i = 0; i < THREADS && ok; i++)
        ok = start_worker(a, i, read);
    if (ok)
        return a;
    delivery_stop(a);
    delivery_destroy(a);
    return NULL;
}

void delivery_look(struct delivery_agent *a)
{
    if (a == NULL)
        return;
    pthread_mutex_lock(&a->lock);
    a->looks++;
    pthread_cond_broadcast(&a->wake);
    pthread_mutex_unlock(&a->lock);
}

void delivery_stop(struct delivery_agent *a)
{
    if (a == NULL)
        return;
    atomic_store(&a->stopping, true);
    delivery_look(a);
    for (int i = 0; i < THREADS; i++) {
        if (a->workers[i].started)
            pthread_join(a->workers[i].thread, NULL);
        a->workers[i].started = false;
        db_close(a->workers[i].db);
        a->workers[i].db = NULL;
        arena_finish(&a->workers[i].arena);
    }
}

void delivery_destroy(struct delivery_agent *a)
{
    free(a);
}
