/* Bytes of images, down, over several connections: into memory or into files, one at a time or,
 * where they are of one dataset, many in one answer. */
#include "client.h"

#include "images.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define BATCH_FILES_MAX 64
#define BATCH_BYTES_MAX (8 << 20)

/* ---- files that are there completely or not at all ---- */

/* Written under another name beside path. */
struct file {
    const char *path;
    char part[4096];
    int fd; /* -1: not open */
};

static bool failed(struct lb_op *op, const char *path)
{
    lb_fail(op, LABEL_ERR_FILE, NULL, "%s: %s", path, strerror(errno));
    return false;
}

static bool file_open(struct lb_op *op, struct file *f, const char *path)
{
    f->path = path;
    if (snprintf(f->part, sizeof f->part, "%s.part", path) >= (int)sizeof f->part) {
        lb_fail(op, LABEL_ERR_ARGUMENT, "path", "the path '%.40s...' is too long", path);
        return false;
    }
    f->fd = open(f->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return f->fd >= 0 || failed(op, f->part);
}

static bool file_add(struct lb_op *op, struct file *f, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t k = write(f->fd, p, n);

        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return failed(op, f->part);
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static void file_drop(struct file *f)
{
    if (f->fd >= 0) {
        close(f->fd);
        unlink(f->part);
    }
    f->fd = -1;
}

/* *bytes: how many it has. */
static bool file_keep(struct lb_op *op, struct file *f, int64_t *bytes)
{
    int fd = f->fd;

    *bytes = lseek(fd, 0, SEEK_CUR);
    f->fd = -1;
    if (close(fd) == 0 && rename(f->part, f->path) == 0)
        return true;
    failed(op, f->path);
    unlink(f->part);
    return false;
}

/* ---- one image ---- */

static void download(struct lb_op *op, int64_t id, const struct lb_sink *sink,
                     struct lb_answer *answer)
{
    struct lb_request request = {.name = "images.download", .kind = LB_READ, .sink = sink};

    lb_send_json(op, &request, json_pack("{s:I}", "id", (json_int_t)id), answer);
}

enum label_err label_image_download_bytes(struct label_api *api, int64_t id,
                                          struct label_bytes **bytes, struct label_error *error)
{
    struct label_bytes *result;
    struct lb_answer answer;
    unsigned char *data;
    struct lb_op op;

    lb_begin(&op, api, error);
    download(&op, id, NULL, &answer);
    result = lb_result_bytes(&op, NULL, sizeof *result);
    data = result ? lb_result_alloc(&op, result, answer.n + 1) : NULL;
    if (data) {
        memcpy(data, answer.data, answer.n);
        result->data = data;
        result->n = answer.n;
    }
    lb_answer_drop(&answer);
    *bytes = result;
    return lb_end(&op);
}

static bool file_begin(struct lb_op *op, void *ctx)
{
    struct file *f = ctx;

    return (lseek(f->fd, 0, SEEK_SET) == 0 && ftruncate(f->fd, 0) == 0) || failed(op, f->part);
}

static bool file_take(struct lb_op *op, void *ctx, const char *type, const char *p, size_t n)
{
    (void)type;
    return file_add(op, ctx, p, n);
}

static void download_file(struct lb_op *op, int64_t id, const char *path, int64_t *bytes)
{
    struct file file;
    struct lb_sink sink = {file_begin, file_take, &file};
    struct lb_answer answer;

    if (!file_open(op, &file, path))
        return;
    download(op, id, &sink, &answer);
    lb_answer_drop(&answer);
    if (lb_failed(op))
        file_drop(&file);
    else
        file_keep(op, &file, bytes);
}

enum label_err label_image_download_path(struct label_api *api, int64_t id, const char *path,
                                         struct label_error *error)
{
    struct lb_op op;
    int64_t bytes;

    lb_begin(&op, api, error);
    download_file(&op, id, path, &bytes);
    return lb_end(&op);
}

/* ---- many ---- */

struct downloads {
    const struct label_download *in;
    size_t *ends; /* of batches: the item behind the last */
    pthread_mutex_t lock;
    size_t items_done; /* under lock, and one thread in the progress function at a time */
    int64_t bytes_done;
};

static bool tell(struct lb_op *op, struct downloads *d, int64_t bytes)
{
    const struct label_progress *p = &d->in->progress;

    pthread_mutex_lock(&d->lock);
    d->items_done++;
    d->bytes_done += bytes;
    if (p->fn && !p->fn(p->ctx, d->items_done, d->in->n, d->bytes_done))
        lb_fail(op, LABEL_ERR_CANCELLED, NULL, "cancelled");
    pthread_mutex_unlock(&d->lock);
    return !lb_failed(op);
}

/* Images of one answer. */
struct batch {
    struct downloads *all;
    const struct label_download_item *items;
    size_t n, now;              /* the one that comes */
    bool done[BATCH_FILES_MAX]; /* before an attempt failed, or in this one */
    struct file file;
};

static bool part_begin(struct lb_op *op, void *ctx, const char *name)
{
    struct batch *b = ctx;
    int64_t id = strtoll(name, NULL, 10);

    file_drop(&b->file); /* of an attempt that was cut */
    for (b->now = 0; b->now < b->n && b->items[b->now].id != id; b->now++)
        ;
    if (b->now < b->n)
        return file_open(op, &b->file, b->items[b->now].path);
    lb_fail(op, LABEL_ERR_ANSWER, NULL, "images.bulk.download: '%.20s' was not asked for", name);
    return false;
}

static bool part_data(struct lb_op *op, void *ctx, const char *p, size_t n)
{
    return file_add(op, &((struct batch *)ctx)->file, p, n);
}

static bool part_end(struct lb_op *op, void *ctx)
{
    struct batch *b = ctx;
    bool again = b->done[b->now];
    int64_t bytes;

    if (!file_keep(op, &b->file, &bytes))
        return false;
    b->done[b->now] = true;
    return again || tell(op, b->all, bytes);
}

static void download_batch(struct lb_op *op, struct downloads *d, size_t first, size_t n)
{
    struct batch b = {.all = d, .items = d->in->items + first, .n = n, .file.fd = -1};
    struct lb_taker taker = {part_begin, part_data, part_end, &b};
    json_t *ids = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(ids, json_integer(b.items[i].id));
    lb_call_parts(
        op, "images.bulk.download",
        json_pack("{s:I,s:o}", "datasetId", (json_int_t)d->in->dataset_id, "imageIds", ids),
        &taker);
    file_drop(&b.file);
    for (size_t i = 0; i < n && !lb_failed(op); i++) {
        if (!b.done[i])
            lb_fail(op, LABEL_ERR_ANSWER, NULL, "images.bulk.download: image %lld did not come",
                    (long long)b.items[i].id);
    }
}

static void work(struct lb_op *op, size_t i, void *ctx)
{
    struct downloads *d = ctx;
    size_t first = i ? d->ends[i - 1] : 0, n = d->ends[i] - first;
    int64_t bytes = 0;

    if (n > 1) {
        download_batch(op, d, first, n);
        return;
    }
    download_file(op, d->in->items[first].id, d->in->items[first].path, &bytes);
    if (!lb_failed(op))
        tell(op, d, bytes);
}

/* Cut into batches, of one image where the dataset is not known; how many that are. */
static size_t cut(struct downloads *d)
{
    size_t batches = 0;

    for (size_t i = 0; i < d->in->n;) {
        int64_t bytes = 0;

        for (size_t k = 0; i < d->in->n && k < BATCH_FILES_MAX && bytes < BATCH_BYTES_MAX; k++) {
            bytes += d->in->dataset_id ? d->in->items[i].size : BATCH_BYTES_MAX;
            i++;
        }
        d->ends[batches++] = i;
    }
    return batches;
}

enum label_err label_image_download_paths(struct label_api *api, const struct label_download *in,
                                          struct label_error *error)
{
    struct downloads d = {
        .in = in, .lock = PTHREAD_MUTEX_INITIALIZER, .ends = calloc(in->n + 1, sizeof(size_t))};
    struct lb_op op;
    struct lb_crew crew = {.op = &op, .work = work, .ctx = &d};

    lb_begin(&op, api, error);
    if (d.ends == NULL)
        lb_fail(&op, LABEL_ERR_MEMORY, NULL, "out of memory");
    else
        crew.n = cut(&d);
    lb_crew_run(&crew);
    free(d.ends);
    pthread_mutex_destroy(&d.lock);
    return lb_end(&op);
}
