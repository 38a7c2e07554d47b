/* Once a minute: images of queues that somebody holds beyond their lease go back. Pulling does not
 * wait for this; it is for the counters of queues in which nobody pulls. */
#include <stdlib.h>

#include "api/api_int.h"
#include "base/clock.h"
#include "domain/queue.h"

#define MEMORY_BYTES_MAX (8u << 20)

static enum err run(struct writer_op *op, struct db *db)
{
    struct call c = {.db = db, .now_ms = clock_wall_ms()};
    struct arena *before = db_arena(db), arena;

    (void)op;
    arena_init(&arena, MEMORY_BYTES_MAX);
    c.arena = &arena;
    db_use_arena(db, &arena);
    enum err e = queue_release_expired(&c, 0);
    db_use_arena(db, before);
    arena_finish(&arena);
    return e;
}

static void done(struct writer_op *op, enum err e)
{
    (void)e; /* in a minute again */
    free(op);
}

void api__release_leases(struct api *a)
{
    struct writer_op *op = malloc(sizeof *op);

    if (op == NULL)
        return;
    *op = (struct writer_op){.run = run, .done = done};
    if (!writer_submit(a->writer, op))
        free(op);
}
