/* Bump allocator: everything of one request lives here and goes at once. Capped. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>

#include "base/str.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunk; /* newest; older ones are linked behind it */
    size_t used;               /* bytes handed out of the newest chunk */
    size_t total;              /* bytes held in all chunks */
    size_t bytes_max;          /* cap on total */
    bool failed;               /* an allocation was refused since the last reset */
};

/* Memory for at most bytes_max bytes. Allocates nothing yet. */
void arena_init(struct arena *a, size_t bytes_max);

/* Free everything. */
void arena_finish(struct arena *a);

/* Forget all allocations but keep one chunk for the next request. */
void arena_reset(struct arena *a);

/* n zeroed bytes, aligned for any type; NULL when the cap or the machine's memory is reached. */
void *arena_alloc(struct arena *a, size_t n);

/* Array of n zeroed elements; NULL also when n * size overflows. */
void *arena_array(struct arena *a, size_t n, size_t size);

/* Make room for element n of a growing array of *cap elements: p itself, or a larger copy of it.
 * NULL when memory is out. Start with p = NULL and *cap = 0. */
void *arena_room(struct arena *a, void *p, size_t n, size_t *cap, size_t size);

/* NUL-terminated copies; .p == NULL when memory is out. An absent s stays absent. */
struct str arena_str(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
