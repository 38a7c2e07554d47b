/* Images within files of teams: an archive is uploaded once, its images are where they are in it.
 */
#include "api/ranges.h"

#include <unistd.h>

#include "api/api_int.h"
#include "base/clock.h"
#include "media/media.h"
#include "store/store_file.h"
#include "store/store_range.h"

#define RANGE_BYTES_MAX (512ll << 20)
#define CALL_TIMEOUT_MS 300000 /* for all ranges of a call */

/* The file of the team, which must be that of the dataset: who sees the images may read it. */
static enum err find_file(struct rq *rq, int64_t id, struct team_file *out)
{
    enum err e = store_file_for(rq->call.db, id, &rq->call.me, out);

    if (e == ERR_NOT_FOUND || (e == ERR_OK && out->team_id != rq->call.at.team_id))
        return fail(&rq->call, ERR_INVALID, "teamFileId", "the team has no file %lld",
                    (long long)id);
    return e;
}

/* The file that is read from; ranges mostly come from one. */
struct reading {
    struct team_file file;
    int fd; /* -1: none yet */
};

static enum err open_file(struct rq *rq, struct reading *r, int64_t id)
{
    struct sha256 hash;
    int64_t size;

    if (r->fd >= 0 && r->file.id == id)
        return ERR_OK;
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    enum err e = find_file(rq, id, &r->file);
    if (e != ERR_OK)
        return e;
    if (!blob_hash_parse(r->file.hash, &hash) ||
        blob_read(rq->api->blobs, &hash, &r->fd, &size) != ERR_OK)
        return fail(&rq->call, ERR_INTERNAL, NULL, "the bytes of file %lld are missing",
                    (long long)id);
    return ERR_OK;
}

/* Media workers look at files of their own: a copy, which goes again. */
static enum err look(struct rq *rq, const struct reading *r, const struct image_range *range,
                     struct blob_info *out)
{
    int64_t size = range->end - range->start;
    struct blob_writer *w = NULL;
    struct media_info info = {0};
    char text[SHA256_B64_SIZE];
    enum err e = blob_begin(rq->api->blobs, &w, &rq->call.fault);

    if (e != ERR_OK)
        return e;
    e = blob_add_range(w, r->fd, range->start, size, &rq->call.fault);
    if (e == ERR_OK)
        e = blob_complete(w, &rq->call.fault);
    if (e == ERR_OK)
        e = media_probe(rq->api->config.media, blob_fd(w), &info, &rq->call.fault);
    if (e == ERR_OK) {
        struct sha256 hash = blob_hash(w);

        blob_hash_format(&hash, text);
        *out = (struct blob_info){.hash = arena_str(rq->call.arena, str_from(text)),
                                  .mime = arena_str(rq->call.arena, str_from(info.mime)),
                                  .size = size,
                                  .width = info.width,
                                  .height = info.height,
                                  .start = range->start};
    }
    blob_abort(w);
    return e;
}

static enum err read_one(struct rq *rq, struct reading *r, struct image_new *n,
                         struct blob_info *found)
{
    enum err e = open_file(rq, r, n->file_id);

    if (e != ERR_OK)
        return e;
    if (n->range.end > r->file.size)
        return fail(&rq->call, ERR_INVALID, "sourceBlob",
                    "\"offsetEnd\" %lld lies behind the end of file %lld, which has %lld bytes",
                    (long long)n->range.end, (long long)n->file_id, (long long)r->file.size);
    if (n->range.end - n->range.start > RANGE_BYTES_MAX)
        return fail(&rq->call, ERR_INVALID, "sourceBlob", "a range may have at most %lld bytes",
                    (long long)RANGE_BYTES_MAX);
    n->range.hash = r->file.hash;
    e = look(rq, r, &n->range, found);
    n->hash = found->hash;
    return e;
}

enum err ranges_read(struct rq *rq, struct image_new *list, size_t n, struct blob_info *found)
{
    int64_t end_ms = clock_mono_ms() + CALL_TIMEOUT_MS;
    struct reading r = {.fd = -1};
    enum err e = ERR_OK;

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        if (list[i].file_id == 0)
            continue;
        e = clock_mono_ms() < end_ms
                ? read_one(rq, &r, &list[i], &found[i])
                : fail(&rq->call, ERR_INVALID, "images",
                       "the ranges before it took too long; send fewer in one call");
        if (e != ERR_OK)
            fault_prefix(&rq->call.fault, "images[%zu]: ", i);
    }
    if (r.fd >= 0)
        close(r.fd);
    return e;
}

enum err ranges_keep(struct rq *rq, struct image_new *list, size_t n, struct blob_info *found)
{
    struct team_file file = {0};
    int64_t source = 0;
    enum err e = ERR_OK;

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        if (list[i].file_id == 0)
            continue;
        if (file.id != list[i].file_id) {
            e = find_file(rq, list[i].file_id, &file);
            if (e == ERR_OK)
                e = store_source_put(rq->call.db, file.team_id, file.hash, file.size,
                                     rq->call.now_ms, &source);
        }
        if (e == ERR_OK && !str_eq(file.hash, list[i].range.hash))
            e = fail(&rq->call, ERR_INVALID, "teamFileId",
                     "file %lld was replaced while its images were being read", (long long)file.id);
        found[i].source_id = list[i].range.source_id = source;
        list[i].range.team_id = file.team_id;
    }
    return e;
}

static enum err get_size(struct blob_store *blobs, const struct sha256 *hash, int *fd_out,
                         int64_t *size_out)
{
    return fd_out ? blob_read(blobs, hash, fd_out, size_out) : blob_size_of(blobs, hash, size_out);
}

enum err ranges_find(struct rq *rq, struct str hash64, struct blob_bytes *out, int *fd_out)
{
    struct blob_store *blobs = rq->api->blobs;
    struct blob_place place;
    int64_t file_size = 0;
    enum err e;

    if (!blob_hash_parse(hash64, &out->file))
        return ERR_NOT_FOUND;
    out->at = 0;
    out->whole = true;
    e = get_size(blobs, &out->file, fd_out, &out->size);
    if (e != ERR_NOT_FOUND)
        return e;
    e = store_blob_place(rq->call.db, hash64, &place);
    if (e != ERR_OK || !blob_hash_parse(place.hash, &out->file))
        return e == ERR_OK ? ERR_NOT_FOUND : e;
    e = get_size(blobs, &out->file, fd_out, &file_size);
    if (e == ERR_OK && place.at + place.size > file_size) {
        if (fd_out)
            close(*fd_out);
        e = ERR_NOT_FOUND;
    }
    if (e != ERR_OK && fd_out)
        *fd_out = -1;
    out->at = place.at;
    out->size = place.size;
    out->whole = place.at == 0 && place.size == file_size;
    return e;
}
