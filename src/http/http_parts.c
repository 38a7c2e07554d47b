/* Answers made of parts: text and files in turn, such as a multipart body with many images. A file
 * is opened when its turn comes, so an answer of a thousand files costs one descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "http/http_int.h"

#define BLOCK_BYTES (256 * 1024)

int64_t http__parts_size(const struct http_part *p)
{
    int64_t n = 0;

    for (; p; p = p->next)
        n += p->path ? p->size : (int64_t)p->bytes.n;
    return n;
}

static int64_t part_size(const struct http_part *p)
{
    return p->path ? p->size : (int64_t)p->bytes.n;
}

/* The next bytes of the file of the current part; 0 or less when they are not there. */
static ssize_t read_file(struct http__state *s, char *out, size_t max)
{
    ssize_t n;

    if (s->part_fd < 0)
        s->part_fd = openat(s->part->dir_fd, s->part->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (s->part_fd < 0)
        return -1;
    do
        n = pread(s->part_fd, out, max, s->part->at + s->part_at);
    while (n < 0 && errno == EINTR);
    return n;
}

static ssize_t read_part(struct http__state *s, char *out, size_t max)
{
    int64_t left = part_size(s->part) - s->part_at;
    size_t want = (int64_t)max < left ? max : (size_t)left;

    if (s->part->path)
        return read_file(s, out, want);
    memcpy(out, s->part->bytes.p + s->part_at, want);
    return (ssize_t)want;
}

static void next_part(struct http__state *s)
{
    if (s->part_fd >= 0)
        close(s->part_fd);
    s->part_fd = -1;
    s->part_at = 0;
    s->part = s->part->next;
}

/* libmicrohttpd wants bytes; it asks in order. */
static ssize_t fill(void *cls, uint64_t pos, char *out, size_t max)
{
    struct http__state *s = cls;
    size_t n = 0;

    (void)pos;
    while (s->part && n < max) {
        ssize_t got = 0;

        if (s->part_at < part_size(s->part)) {
            got = read_part(s, out + n, max - n);
            if (got <=
                0) { /* the file is gone or shorter: the length that was announced is wrong */
                log_error("http", "a file of an answer cannot be read");
                return MHD_CONTENT_READER_END_WITH_ERROR;
            }
        }
        n += (size_t)got;
        s->part_at += got;
        if (s->part_at >= part_size(s->part))
            next_part(s);
    }
    return n > 0 ? (ssize_t)n : MHD_CONTENT_READER_END_OF_STREAM;
}

struct MHD_Response *http__parts_response(struct http_req *r)
{
    r->state->part = r->parts;
    return MHD_create_response_from_callback((uint64_t)http__parts_size(r->parts), BLOCK_BYTES,
                                             fill, r->state, NULL);
}
