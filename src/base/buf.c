/* Growing byte buffer. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BYTES_FIRST 1024u

void buf_init(struct buf *b, size_t bytes_max)
{
    *b = (struct buf){.bytes_max = bytes_max};
}

void buf_finish(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.bytes_max = b->bytes_max};
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

bool buf_grow(struct buf *b, size_t n)
{
    size_t first = b->bytes_max < BYTES_FIRST ? b->bytes_max : BYTES_FIRST;
    size_t cap = b->cap ? b->cap : first;

    if (b->failed || n > b->bytes_max - b->n) {
        b->failed = true;
        return false;
    }
    while (cap - b->n < n)
        cap = cap > b->bytes_max / 2 ? b->bytes_max : cap * 2;
    char *p = realloc(b->p, cap);
    if (p == NULL) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || !buf_reserve(b, (size_t)n + 1))
        return;
    va_start(ap, fmt);
    vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}
