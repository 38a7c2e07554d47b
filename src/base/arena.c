/* Bump allocator with a cap; chunks double so that big requests need few of them. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_BYTES_MIN (16u * 1024)
#define ALIGN           16u

struct arena_chunk {
    struct arena_chunk *older;
    size_t size;
    _Alignas(ALIGN) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t bytes_max)
{
    *a = (struct arena){.bytes_max = bytes_max};
}

void arena_finish(struct arena *a)
{
    while (a->chunk) {
        struct arena_chunk *older = a->chunk->older;

        free(a->chunk);
        a->chunk = older;
    }
    a->used = a->total = 0;
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *keep = a->chunk;

    while (keep && keep->older) {
        struct arena_chunk *older = keep->older;

        free(keep);
        keep = older;
    }
    if (keep && keep->size > CHUNK_BYTES_MIN) { /* idle requests hold little */
        free(keep);
        keep = NULL;
    }
    a->chunk = keep;
    a->used = 0;
    a->total = keep ? keep->size : 0;
    a->failed = false;
}

static bool add_chunk(struct arena *a, size_t n)
{
    size_t size = a->chunk ? a->chunk->size * 2 : CHUNK_BYTES_MIN;

    if (size < n)
        size = n;
    if (size > a->bytes_max - a->total)
        size = n; /* near the cap: no more than asked for */
    if (n > a->bytes_max - a->total)
        return false;
    struct arena_chunk *c = malloc(sizeof *c + size);
    if (c == NULL)
        return false;
    c->older = a->chunk;
    c->size = size;
    a->chunk = c;
    a->used = 0;
    a->total += size;
    return true;
}

void *arena_alloc(struct arena *a, size_t n)
{
    size_t rounded = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);

    if (rounded < n ||
        ((a->chunk == NULL || rounded > a->chunk->size - a->used) && !add_chunk(a, rounded))) {
        a->failed = true;
        return NULL;
    }
    void *p = a->chunk->bytes + a->used;
    a->used += rounded;
    return memset(p, 0, rounded);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        bytes = SIZE_MAX;
    return arena_alloc(a, bytes);
}

void *arena_room(struct arena *a, void *p, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return p;
    size_t wider = *cap ? *cap * 2 : 8;
    void *grown = arena_array(a, wider, size);
    if (grown == NULL)
        return NULL;
    if (n > 0)
        memcpy(grown, p, n * size);
    *cap = wider;
    return grown;
}

struct str arena_str(struct arena *a, struct str s)
{
    if (s.p == NULL)
        return STR_NULL;
    char *p = arena_alloc(a, s.n + 1);
    if (p == NULL)
        return STR_NULL;
    memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (p == NULL)
        return STR_NULL;
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return (struct str){p, (size_t)n};
}
