/* Group commit. */
#include "db/writer.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"

#define THREADS_MAX 16
#define RETRIES_MAX 20
#define CROWDED_MAX 4 /* tries among others before an operation gets the engine for itself */

struct writer {
    struct writer_config config;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;
    struct writer_op *first, *last;
    size_t waiting;
    bool stopping;
    /* not guarded */
    pthread_t threads[THREADS_MAX];
    struct db *dbs[THREADS_MAX];
    int threads_len;
    int guest_fd;
    /* PostgreSQL: shared by every try, taken whole by an operation that kept colliding with others
     * of this process, so that it gets through instead of being answered "busy" */
    pthread_rwlock_t alone;
};

/* Take up to max operations; NULL: stopping and nothing is left. */
static struct writer_op *take(struct writer *w, size_t max)
{
    struct writer_op *list, **tail = &list;

    pthread_mutex_lock(&w->lock);
    while (w->first == NULL && !w->stopping)
        pthread_cond_wait(&w->work, &w->lock);
    list = w->first;
    for (size_t n = 0; n < max && *tail; n++) {
        tail = &(*tail)->next;
        w->waiting--;
    }
    w->first = *tail;
    if (w->first == NULL)
        w->last = NULL;
    *tail = NULL;
    pthread_mutex_unlock(&w->lock);
    return list;
}

/* Run one operation in its savepoint. false: the transaction itself is gone. */
static bool run_in_savepoint(struct db *db, struct writer_op *op)
{
    op->outcome = db_savepoint(db);
    if (op->outcome == ERR_OK) {
        op->outcome = op->run(op, db);
        if (op->outcome == ERR_OK)
            op->outcome = db_release(db);
        else if (db_in_transaction(db))
            db_rollback_to_savepoint(db);
    }
    return db_in_transaction(db);
}

static void fail_between(struct writer_op *from, struct writer_op *to, enum err e)
{
    for (; from != to; from = from->next)
        if (from->outcome == ERR_OK)
            from->outcome = e;
}

/* One transaction for operations from `op` on; returns the first one it did not get to, because the
 * engine gave the transaction up (disk full, out of memory) half-way. */
static struct writer_op *run_group(struct db *db, struct writer_op *op)
{
    struct writer_op *group = op;
    enum err e = db_begin(db);

    if (e != ERR_OK) {
        for (; op; op = op->next)
            op->outcome = e;
        return NULL;
    }
    for (; op; op = op->next) {
        if (run_in_savepoint(db, op))
            continue;
        e = op->outcome == ERR_OK ? ERR_INTERNAL : op->outcome;
        op->outcome = e;
        fail_between(group, op, e); /* they were undone with it */
        return op->next;
    }
    e = db_commit(db);
    if (e != ERR_OK)
        fail_between(group, NULL, e);
    return NULL;
}

static void report(struct writer_op *list)
{
    while (list) {
        struct writer_op *next = list->next;

        list->done(list, list->outcome);
        list = next;
    }
}

/* A commit of another process must not meet a checkpoint of ours: SQLite before 3.51.3 can lose
 * pages then. Guests hold this lock while they write. */
static void checkpoint(struct writer *w, struct db *db)
{
    if (w->guest_fd >= 0 && flock(w->guest_fd, LOCK_EX | LOCK_NB) != 0)
        return; /* a guest is writing: next time */
    db_checkpoint(db, w->config.checkpoint_pages);
    if (w->guest_fd >= 0)
        flock(w->guest_fd, LOCK_UN);
}

static void sqlite_main(struct writer *w, struct db *db)
{
    struct writer_op *list;

    while ((list = take(w, w->config.batch_max)) != NULL) {
        w->config.began(w->config.ctx, 0, db);
        for (struct writer_op *rest = list; rest;)
            rest = run_group(db, rest);
        w->config.ended(w->config.ctx, 0);
        report(list);
        checkpoint(w, db);
    }
}

/* One operation in a transaction of its own; ERR_BUSY = the server wants it repeated. */
static enum err run_alone(struct db *db, struct writer_op *op)
{
    enum err e = db_begin(db);

    if (e != ERR_OK)
        return e;
    e = op->run(op, db);
    if (e == ERR_OK)
        return db_commit(db);
    db_rollback(db);
    return e;
}

/* Run it, again and again while the server says it collided with another one. */
static enum err run_through(struct writer *w, struct db *db, struct writer_op *op)
{
    enum err e = ERR_BUSY;

    for (int i = 0; i < RETRIES_MAX && e == ERR_BUSY; i++) {
        if (i > 0)
            usleep((useconds_t)(rand() % (1000 << i % CROWDED_MAX)));
        if (i < CROWDED_MAX)
            pthread_rwlock_rdlock(&w->alone);
        else
            pthread_rwlock_wrlock(&w->alone);
        e = run_alone(db, op);
        pthread_rwlock_unlock(&w->alone);
    }
    return e;
}

static void pg_main(struct writer *w, int number, struct db *db)
{
    struct writer_op *op;

    while ((op = take(w, 1)) != NULL) {
        w->config.began(w->config.ctx, number, db);
        op->outcome = run_through(w, db, op);
        w->config.ended(w->config.ctx, number);
        report(op);
    }
}

struct thread_arg {
    struct writer *w;
    int number;
    struct db *db;
};

static void *writer_main(void *p)
{
    struct thread_arg arg = *(struct thread_arg *)p;

    free(p);
    pthread_setname_np(pthread_self(), "writer");
    if (db_engine(arg.db) == DB_PG)
        pg_main(arg.w, arg.number, arg.db);
    else
        sqlite_main(arg.w, arg.db);
    return NULL;
}

static enum err start_thread(struct writer *w, struct fault *f)
{
    struct thread_arg *arg = malloc(sizeof *arg);
    struct db *db;
    enum err e = arg ? db_open(&w->config.db, &db, f) : ERR_NOMEM;

    if (e != ERR_OK) {
        free(arg);
        return fault_set(f, e, NULL, "cannot open the database");
    }
    if (w->threads_len == 0) /* once: a statement with a mistake stops the start */
        e = db_prepare_all(db, f);
    *arg = (struct thread_arg){w, w->threads_len, db};
    if (e == ERR_OK && pthread_create(&w->threads[w->threads_len], NULL, writer_main, arg) != 0)
        e = fault_set(f, ERR_INTERNAL, NULL, "cannot start a thread");
    if (e != ERR_OK) {
        db_close(db);
        free(arg);
        return e;
    }
    w->dbs[w->threads_len++] = db;
    return ERR_OK;
}

static void no_one_began(void *ctx, int writer, struct db *db)
{
    (void)ctx;
    (void)writer;
    (void)db;
}

static void no_one_ended(void *ctx, int writer)
{
    (void)ctx;
    (void)writer;
}

enum err writer_start(const struct writer_config *config, struct writer **out, struct fault *f)
{
    struct writer *w = calloc(1, sizeof *w);
    pthread_rwlockattr_t writers_first;
    enum err e;

    if (w == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    w->config = *config;
    if (w->config.began == NULL)
        w->config.began = no_one_began;
    if (w->config.ended == NULL)
        w->config.ended = no_one_ended;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    pthread_rwlockattr_init(&writers_first);
    pthread_rwlockattr_setkind_np(&writers_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&w->alone, &writers_first);
    w->guest_fd =
        config->guest_lock ? open(config->guest_lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    e = start_thread(w, f);
    if (e == ERR_OK && db_engine(w->dbs[0]) == DB_PG)
        for (int i = 1; i < config->threads && i < THREADS_MAX && e == ERR_OK; i++)
            e = start_thread(w, f);
    if (e != ERR_OK) {
        writer_stop(w);
        return e;
    }
    *out = w;
    return ERR_OK;
}

bool writer_submit(struct writer *w, struct writer_op *op)
{
    op->next = NULL;
    pthread_mutex_lock(&w->lock);
    bool room = w->waiting < w->config.queue_max && !w->stopping;
    if (room) {
        *(w->last ? &w->last->next : &w->first) = op;
        w->last = op;
        w->waiting++;
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return room;
}

void writer_stop(struct writer *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->threads_len; i++) {
        pthread_join(w->threads[i], NULL);
        db_close(w->dbs[i]);
    }
    if (w->guest_fd >= 0)
        close(w->guest_fd);
    free(w);
}
