/* Answers of several parts: multipart/form-data, taken apart as they come. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOUNDARY_MAX 70 /* characters, of the standard */
#define HEAD_MAX     4096
#define NAME_MAX     128

enum where { BEFORE, HEAD, INSIDE, AFTER };

struct parts {
    const struct lb_taker *taker;
    enum where where;
    char delimiter[BOUNDARY_MAX + 5]; /* "\r\n--" and the boundary */
    size_t n_delimiter;
    char *data; /* what came and is not done with */
    size_t n, cap;
};

static bool bad(struct lb_op *op, const char *what)
{
    lb_fail(op, LABEL_ERR_ANSWER, NULL, "a part of the answer is not what it should be: %s", what);
    return false;
}

static bool begin(struct lb_op *op, void *ctx)
{
    struct parts *p = ctx;

    (void)op;
    p->where = BEFORE;
    p->n = p->n_delimiter = 0;
    return true;
}

static bool add(struct lb_op *op, struct parts *p, const char *data, size_t n)
{
    if (p->cap - p->n < n) {
        size_t cap = 2 * (p->n + n);
        char *more = realloc(p->data, cap);

        if (more == NULL) {
            lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
            return false;
        }
        p->data = more;
        p->cap = cap;
    }
    memcpy(p->data + p->n, data, n);
    p->n += n;
    return true;
}

/* The first boundary is found like the others, as if a line came before it. */
static bool set_boundary(struct lb_op *op, struct parts *p, const char *content_type)
{
    const char *found = content_type ? strstr(content_type, "boundary=") : NULL;
    size_t n;

    if (found == NULL)
        return bad(op, "no boundary");
    found += strlen("boundary=");
    found += *found == '"';
    n = strcspn(found, "\"; ");
    if (n == 0 || n > BOUNDARY_MAX)
        return bad(op, "no boundary");
    snprintf(p->delimiter, sizeof p->delimiter, "\r\n--%.*s", (int)n, found);
    p->n_delimiter = strlen(p->delimiter);
    return add(op, p, "\r\n", 2);
}

/* Content of a part, or what stands before the first one: n bytes of it, up to the next delimiter
 * or to what may become one. true: it is a delimiter. */
static bool find_delimiter(const struct parts *p, size_t from, size_t *n)
{
    const char *at = p->data + from, *end = p->data + p->n, *cr;

    while ((cr = memchr(at, '\r', (size_t)(end - at))) != NULL) {
        size_t left = (size_t)(end - cr);

        if (memcmp(cr, p->delimiter, left < p->n_delimiter ? left : p->n_delimiter) == 0) {
            *n = (size_t)(cr - p->data) - from;
            return left >= p->n_delimiter;
        }
        at = cr + 1;
    }
    *n = p->n - from;
    return false;
}

/* Content-Disposition: form-data; name="..." */
static bool take_head(struct lb_op *op, struct parts *p, const char *head, size_t n)
{
    const char *found = memmem(head, n, " name=\"", 7), *end;
    char name[NAME_MAX];

    if (found == NULL)
        return bad(op, "no name");
    found += 7;
    end = memchr(found, '"', n - (size_t)(found - head));
    if (end == NULL || (size_t)(end - found) >= sizeof name)
        return bad(op, "no name");
    snprintf(name, sizeof name, "%.*s", (int)(end - found), found);
    return p->taker->begin(op, p->taker->ctx, name);
}

/* Do one step at *at; false: more bytes are needed, or it has failed. */
static bool step(struct lb_op *op, struct parts *p, size_t *at)
{
    const char *here = p->data + *at, *end;
    size_t left = p->n - *at, n;
    bool found;

    switch (p->where) {
    case BEFORE:
    case INSIDE:
        found = find_delimiter(p, *at, &n);
        if (p->where == INSIDE && n > 0 && !p->taker->data(op, p->taker->ctx, here, n))
            return false;
        *at += n;
        if (!found || left - n < p->n_delimiter + 2)
            return false; /* and what comes behind it */
        if (p->where == INSIDE && !p->taker->end(op, p->taker->ctx))
            return false;
        here += n + p->n_delimiter;
        *at += p->n_delimiter + 2;
        p->where = memcmp(here, "--", 2) == 0 ? AFTER : HEAD;
        return true;
    case HEAD:
        end = memmem(here, left, "\r\n\r\n", 4);
        if (end == NULL)
            return left > HEAD_MAX ? bad(op, "its head is too long") : false;
        p->where = INSIDE;
        *at += (size_t)(end - here) + 4;
        return take_head(op, p, here, (size_t)(end - here));
    case AFTER:
        *at = p->n;
        break;
    }
    return false;
}

static bool take(struct lb_op *op, void *ctx, const char *content_type, const char *data, size_t n)
{
    struct parts *p = ctx;
    size_t at = 0;

    if (p->n_delimiter == 0 && !set_boundary(op, p, content_type))
        return false;
    if (!add(op, p, data, n))
        return false;
    while (step(op, p, &at))
        ;
    p->n -= at;
    memmove(p->data, p->data + at, p->n);
    return !lb_failed(op);
}

void lb_call_parts(struct lb_op *op, const char *method, json_t *body, const struct lb_taker *taker)
{
    struct parts p = {.taker = taker};
    struct lb_sink sink = {begin, take, &p};
    struct lb_request request = {.name = method, .kind = LB_READ, .sink = &sink};
    struct lb_answer answer;

    lb_send_json(op, &request, body, &answer);
    lb_answer_drop(&answer);
    free(p.data);
}
