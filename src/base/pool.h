/* A few threads that run tasks from a bounded queue. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* Work for a pool; embed it in what it works on. */
struct pool_task {
    void (*run)(struct pool_task *t, void *thread_data);
    struct pool_task *next; /* internal */
};

struct pool_config {
    const char *name; /* of its threads, as top and gdb show them; at most 15 characters */
    int threads;
    size_t queue_max;
    /* data of each thread, such as a database connection; NULL = none */
    void *(*thread_begin)(void *ctx);
    void (*thread_end)(void *thread_data, void *ctx);
    void *ctx;
};

struct pool *pool_start(const struct pool_config *config); /* NULL: out of memory or threads */

/* false: the queue is full, t was not taken. */
bool pool_submit(struct pool *p, struct pool_task *t);

/* Finish what was submitted, then stop. NULL is fine. */
void pool_stop(struct pool *p);

#endif
