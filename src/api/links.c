/* Following links to images. */
#include "api/links.h"

#include "api/api_int.h"
#include "base/clock.h"
#include "blob/blob.h"
#include "media/media.h"
#include "net/fetch.h"

#define LINK_BYTES_MAX     (512ll << 20)
#define LINK_TIMEOUT_MS    60000
#define CALL_TIMEOUT_MS    300000 /* for all links of a call */
#define LINK_REDIRECTS_MAX 5

static bool add_piece(void *writer, struct str piece, struct fault *f)
{
    return blob_add(writer, piece.p, piece.n, f) == ERR_OK;
}

/* What is wrong with a link is the caller's matter, however it shows: never a status that clients
 * repeat the whole call on. A full disk is not. */
static enum err blame_link(struct rq *rq, enum err e, const struct fault *f)
{
    bool ours = e == ERR_NO_SPACE || e == ERR_NOMEM || e == ERR_INTERNAL || e == ERR_BUSY;

    return fail(&rq->call, ours ? e : ERR_INVALID, "link", "%s", f->message);
}

static enum err keep(struct rq *rq, struct blob_writer *writer, struct blob_info *out)
{
    struct media_info info = {0};
    struct fault f = {0};
    struct sha256 hash;
    char text[SHA256_B64_SIZE];
    enum err e = blob_complete(writer, &f);

    if (e == ERR_OK)
        e = media_probe(rq->api->config.media, blob_fd(writer), &info, &f);
    if (e == ERR_OK)
        e = blob_commit(writer, &hash, &out->size, &f);
    else
        blob_abort(writer);
    if (e != ERR_OK)
        return blame_link(rq, e, &f);
    blob_hash_format(&hash, text);
    out->hash = arena_str(rq->call.arena, str_from(text));
    out->mime = arena_str(rq->call.arena, str_from(info.mime));
    out->width = info.width;
    out->height = info.height;
    return ERR_OK;
}

static enum err fetch_one(struct rq *rq, const char *url, int64_t left_ms, struct blob_info *out)
{
    struct blob_writer *writer = NULL;
    struct fault f = {0};
    int status = 0;
    enum err e = blob_begin(rq->api->blobs, &writer, &f);
    const struct fetch get = {
        .url = url,
        .field = "link",
        .sink = add_piece,
        .ctx = writer,
        .bytes_max = LINK_BYTES_MAX,
        .timeout_ms = left_ms < LINK_TIMEOUT_MS ? (long)left_ms : LINK_TIMEOUT_MS,
        .redirects_max = LINK_REDIRECTS_MAX,
        .allow_private = rq->api->config.private_addresses,
    };

    if (e == ERR_OK)
        e = fetch_run(&get, &status, &f);
    if (e == ERR_OK && status / 100 != 2)
        e = fault_set(&f, ERR_INVALID, "link", "the server of the link answered %d", status);
    if (e == ERR_OK)
        return keep(rq, writer, out);
    blob_abort(writer);
    return blame_link(rq, e, &f);
}

enum err links_fetch(struct rq *rq, struct image_new *list, size_t n, struct blob_info *fetched)
{
    int64_t end_ms = clock_mono_ms() + CALL_TIMEOUT_MS;
    enum err e = ERR_OK;

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        int64_t left_ms = end_ms - clock_mono_ms();

        if (list[i].link.p == NULL)
            continue;
        e = left_ms > 0 ? fetch_one(rq, list[i].link.p, left_ms, &fetched[i])
                        : fail(&rq->call, ERR_INVALID, "link",
                               "the links before it took too long; send fewer in one call");
        list[i].hash = fetched[i].hash;
        if (e != ERR_OK)
            fault_prefix(&rq->call.fault, "images[%zu]: ", i);
    }
    return e;
}
