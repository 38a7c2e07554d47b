/* Once a day: bytes that nobody refers to, while the server runs. */
#include <stdlib.h>

#include "api/api_int.h"
#include "base/clock.h"
#include "base/log.h"
#include "domain/sweep.h"

#define EVERY_MS (24 * 3600 * 1000LL)

/* First the rows, on the writer, then the files, on the heavy pool. */
struct sweep {
    struct writer_op op;
    struct pool_task task;
    struct api *api;
};

static enum err run_rows(struct writer_op *op, struct db *db)
{
    struct call c = {.db = db, .now_ms = clock_wall_ms()};

    (void)op;
    return sweep_rows(&c, SWEEP_AGE_S);
}

static void run_files(struct pool_task *t, void *thread_data)
{
    struct sweep *s = (struct sweep *)((char *)t - offsetof(struct sweep, task));

    if (thread_data) {
        int64_t removed = sweep_files(thread_data, s->api->blobs, SWEEP_AGE_S);

        if (removed > 0)
            log_info("sweep", "removed %lld files that no image is made of", (long long)removed);
    }
    free(s);
}

static void rows_done(struct writer_op *op, enum err e)
{
    struct sweep *s = (struct sweep *)((char *)op - offsetof(struct sweep, op));

    if (e != ERR_OK || !pool_submit(s->api->heavy, &s->task))
        free(s); /* tomorrow */
}

void api__sweep(struct api *a)
{
    int64_t now = clock_mono_ms();
    struct sweep *s;

    if (a->swept_ms != 0 && now - a->swept_ms < EVERY_MS)
        return;
    a->swept_ms = now;
    s = malloc(sizeof *s);
    if (s == NULL)
        return;
    *s = (struct sweep){
        .op = {.run = run_rows, .done = rows_done}, .task = {.run = run_files}, .api = a};
    if (!writer_submit(a->writer, &s->op))
        free(s);
}
