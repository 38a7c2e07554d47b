/* Growing byte buffer with a cap and a sticky error: append freely, ask once at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

struct buf {
    char *p;          /* owned; NULL while empty */
    size_t n;         /* bytes in use */
    size_t cap;       /* bytes allocated */
    size_t bytes_max; /* never grows past this */
    bool failed;      /* the cap or the machine's memory was reached; content is incomplete */
};

void buf_init(struct buf *b, size_t bytes_max);
void buf_finish(struct buf *b);

/* Empty it, keep the memory, clear the error. */
void buf_clear(struct buf *b);

/* Make room for n more bytes. false (and failed set) when that is not possible. */
bool buf_grow(struct buf *b, size_t n);

static inline bool buf_reserve(struct buf *b, size_t n)
{
    return b->cap - b->n >= n || buf_grow(b, n);
}

static inline void buf_add(struct buf *b, const void *p, size_t n)
{
    if (buf_reserve(b, n)) {
        memcpy(b->p + b->n, p, n);
        b->n += n;
    }
}

static inline void buf_add_char(struct buf *b, char c)
{
    if (buf_reserve(b, 1))
        b->p[b->n++] = c;
}

#define BUF_ADD_LIT(b, lit) buf_add(b, "" lit, sizeof(lit) - 1)

static inline void buf_add_str(struct buf *b, struct str s)
{
    if (s.n > 0)
        buf_add(b, s.p, s.n);
}

void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}

#endif
