/* The one way to change the database: operations queued here run in order, each atomic, and each is
 * told its outcome after the commit that holds it is on disk.
 *
 * SQLite: one thread takes all that waits, runs each operation in a savepoint of one transaction
 * and commits once (group commit). PostgreSQL: several threads, a transaction for each operation,
 * run again when the server found a conflict between two of them. */
#ifndef DB_WRITER_H
#define DB_WRITER_H

#include "db/db.h"

struct writer;

struct writer_op {
    /* Do the work. Anything but ERR_OK undoes it. May run more than once (PostgreSQL). */
    enum err (*run)(struct writer_op *op, struct db *db);
    /* Outcome, after the commit. Called exactly once, on a writer thread; op may be freed. */
    void (*done)(struct writer_op *op, enum err e);
    enum err outcome;       /* internal */
    struct writer_op *next; /* internal */
};

struct writer_config {
    struct db_options db;
    int threads;            /* PostgreSQL only */
    size_t queue_max;       /* operations that may wait */
    size_t batch_max;       /* operations in one commit */
    int checkpoint_pages;   /* SQLite: copy the log back when it is longer */
    const char *guest_lock; /* SQLite: file that other processes lock while they write; or NULL */
    /* around each transaction, on writer thread number `writer`; ended comes after the commit,
     * before the outcome is told */
    void (*began)(void *ctx, int writer, struct db *db);
    void (*ended)(void *ctx, int writer);
    void *ctx;
};

/* Opens its own connections and prepares every statement. */
enum err writer_start(const struct writer_config *config, struct writer **out, struct fault *f);

/* false: too many wait already, op was not taken. */
bool writer_submit(struct writer *w, struct writer_op *op);

/* Finish what was submitted, then stop. */
void writer_stop(struct writer *w);

#endif
