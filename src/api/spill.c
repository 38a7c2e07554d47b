/* Answers that outgrow memory go on in a file without a name, from which they are sent. So a list
 * of a million figures costs a megabyte, and a slow client holds no snapshot of the database. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "api/api_int.h"

#define SPILL_BYTES (1u << 20)

static bool write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t written = write(fd, p, n);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        p += written;
        n -= (size_t)written;
    }
    return true;
}

static void spill(struct rq *rq)
{
    struct buf *out = &rq->http->out;

    if (rq->spill_fd < 0)
        rq->spill_fd = open(rq->api->config.blob_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (rq->spill_fd < 0 || !write_all(rq->spill_fd, out->p, out->n)) {
        out->failed = true;
        return;
    }
    rq->spilled += (int64_t)out->n;
    out->n = 0;
}

void rq_spill(struct rq *rq)
{
    if (rq->http->out.n >= SPILL_BYTES && !rq->http->out.failed)
        spill(rq);
}

void api__spill_drop(struct rq *rq)
{
    if (rq->spill_fd >= 0)
        close(rq->spill_fd);
    rq->spill_fd = -1;
    rq->spilled = 0;
}

bool api__spill_finish(struct rq *rq)
{
    if (rq->spill_fd < 0)
        return true;
    spill(rq);
    if (rq->http->out.failed)
        return false;
    rq->http->file_fd = rq->spill_fd;
    rq->http->file_at = 0;
    rq->http->file_size = rq->spilled;
    rq->http->no_range = true;
    rq->spill_fd = -1;
    return true;
}
