/* Images coming in: bytes first, by content hash, then the images made of them. */
#include <sys/stat.h>

#include "api/api_int.h"
#include "api/links.h"
#include "api/put.h"
#include "api/ranges.h"
#include "api/upload.h"
#include "domain/image.h"
#include "media/media.h"

#define HASHES_MAX 10000
#define IMAGES_MAX 10000

/* ---- which bytes are here? ---- */

struct images_hashes_in {
    struct strs hashes;
};
const struct field images_internal_hashes_list_fields[] = {
    F_STRS(REQUIRED, struct images_hashes_in, hashes, FIELD_BODY, HASHES_MAX,
           "the body is a bare array of content hashes"),
    F_END};

enum err images_internal_hashes_list(struct rq *rq, const void *input)
{
    const struct images_hashes_in *in = input;

    json_arr(&rq->out);
    for (size_t i = 0; i < in->hashes.n; i++) {
        struct blob_info b;
        enum err e = store_blob_for(rq->call.db, in->hashes.v[i], &rq->call.me, &b);

        if (e == ERR_OK)
            json_str(&rq->out, in->hashes.v[i]);
        else if (e != ERR_NOT_FOUND)
            return e;
    }
    json_arr_end(&rq->out);
    return ERR_OK;
}

/* ---- bytes ---- */

struct images_bulk_upload_in {
    int64_t unused;
};
const struct field images_bulk_upload_fields[] = {F_END};
const struct upload_plan images_bulk_upload_upload = {
    .to_blobs = true, .parts_max = 1000, .bytes_max = 16ull << 30, .text_max = 1u << 20};

/* What became of one part. */
struct uploaded {
    struct blob_info blob;
    char hash[SHA256_B64_SIZE];
    struct fault fault; /* why it is no image */
};

/* Are they images, and which? What is none is dropped with the request. */
static enum err probe_parts(struct rq *rq, struct uploaded *list)
{
    const struct upload *u = rq->upload;
    int *fds = arena_array(rq->call.arena, u->n + 1, sizeof *fds);
    struct media_info *infos = arena_array(rq->call.arena, u->n + 1, sizeof *infos);
    struct fault *faults = arena_array(rq->call.arena, u->n + 1, sizeof *faults);

    if (fds == NULL || infos == NULL || faults == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < u->n; i++)
        fds[i] = blob_fd(u->parts[i].writer);
    if (media_probe_all(rq->api->config.media, fds, u->n, infos, faults) != ERR_OK)
        return fail(&rq->call, ERR_BUSY, NULL, "the media worker cannot be started");
    for (size_t i = 0; i < u->n; i++) {
        list[i].fault = faults[i];
        list[i].blob.width = infos[i].width;
        list[i].blob.height = infos[i].height;
        list[i].blob.mime = arena_str(rq->call.arena, str_from(infos[i].mime));
    }
    return ERR_OK;
}

/* Keep all that are images. */
static enum err keep_parts(struct rq *rq, struct uploaded *list)
{
    struct upload *u = rq->upload;
    struct blob_writer **writers = arena_array(rq->call.arena, u->n + 1, sizeof *writers);
    struct sha256 *hashes = arena_array(rq->call.arena, u->n + 1, sizeof *hashes);
    int64_t *sizes = arena_array(rq->call.arena, u->n + 1, sizeof *sizes);
    size_t n = 0;

    if (writers == NULL || hashes == NULL || sizes == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < u->n; i++) {
        if (list[i].fault.code == ERR_OK) {
            writers[n++] = u->parts[i].writer;
            u->parts[i].writer = NULL;
        }
    }
    enum err e = blob_commit_all(writers, n, hashes, sizes, &rq->call.fault);
    for (size_t i = 0, k = 0; i < u->n; i++) {
        if (list[i].fault.code == ERR_OK) {
            blob_hash_format(&hashes[k], list[i].hash);
            list[i].blob.hash = str_from(list[i].hash);
            list[i].blob.size = sizes[k++];
        }
    }
    return e;
}

enum err images_bulk_upload_prepare(struct rq *rq, const void *input)
{
    struct upload *u = rq->upload;
    struct uploaded *list = arena_array(rq->call.arena, u->n + 1, sizeof *list);

    (void)input;
    if (list == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < u->n; i++)
        if (u->parts[i].writer == NULL)
            return fail(&rq->call, ERR_INVALID, "body", "part \"%s\" is no file",
                        u->parts[i].name.p);
    rq->parsed = list;
    enum err e = probe_parts(rq, list);
    return e == ERR_OK ? keep_parts(rq, list) : e;
}

enum err images_bulk_upload(struct rq *rq, const void *input)
{
    const struct uploaded *list = rq->parsed;
    struct json_w *w = &rq->out;
    enum err e = ERR_OK;

    (void)input;
    json_arr(w);
    for (size_t i = 0; i < rq->upload->n && e == ERR_OK; i++) {
        json_obj(w);
        if (list[i].fault.code == ERR_OK) {
            e = store_blob_insert(rq->call.db, &list[i].blob, rq->call.me.user_id, rq->call.now_ms);
            json_kv_str(w, "hash", list[i].blob.hash);
            json_kv_str(w, "mime", list[i].blob.mime);
            json_kv_i64(w, "size", list[i].blob.size);
            json_kv_i64(w, "width", list[i].blob.width);
            json_kv_i64(w, "height", list[i].blob.height);
        } else {
            json_kv_arr(w, "errors");
            json_obj(w);
            json_kv_lit(w, "message", list[i].fault.message);
            json_obj_end(w);
            json_arr_end(w);
        }
        json_obj_end(w);
    }
    json_arr_end(w);
    return e;
}

/* ---- images ---- */

struct images_bulk_add_in {
    int64_t dataset_id;
    struct json_value *images;
    struct opt_bool fetch_links;
};
const struct field images_bulk_add_fields[] = {
    F_ID(REQUIRED, struct images_bulk_add_in, dataset_id, "datasetId", "the dataset"),
    F_ARR(
        REQUIRED, struct images_bulk_add_in, images, "images",
        "[{title, hash or link or imageId or teamFileId with sourceBlob: {offsetStart, offsetEnd},"
        " meta, parentId}]"),
    F_BOOL(OPTIONAL, struct images_bulk_add_in, fetch_links, "forceMetadataForLinks",
           "true: images with a link are fetched now, so that they can be shown and downloaded from"
           " here; otherwise they stay remote"),
    F_IGNORED("skipValidation", "names and hashes are always checked"), F_END};

static enum err copied_image(struct rq *rq, const struct image_new *n)
{
    struct access dataset = rq->call.at;
    enum err e = rq_access(rq, ACCESS_IMAGE, n->src_image_id, PERM_VIEW, "imageId");

    rq->call.at = dataset;
    return e;
}

/* Names that are taken, for clients that choose other names or replace: every one of them. */
static void list_conflicts(struct rq *rq, const struct image_names *taken)
{
    struct buf text;
    struct json_w w;

    buf_init(&text, 8u << 20);
    w = json_w_on(&text);
    json_arr(&w);
    for (size_t i = 0; i < taken->n; i++) {
        json_obj(&w);
        json_kv_i64(&w, "id", taken->v[i].id);
        json_kv_str(&w, "name", taken->v[i].name);
        json_obj_end(&w);
    }
    json_arr_end(&w);
    rq->conflicts = arena_str(rq->call.arena, buf_str(&text));
    buf_finish(&text);
}

/* What the call asks for, and the bytes that its links and ranges led to. */
struct wanted {
    struct image_new *list;
    struct blob_info *found; /* for each; hash.p == NULL: nothing was looked for */
    size_t n;
};

enum err images_bulk_add_prepare(struct rq *rq, const void *input)
{
    const struct images_bulk_add_in *in = input;
    struct wanted *w = arena_alloc(rq->call.arena, sizeof *w);
    size_t links = 0, ranges = 0;

    if (w == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    enum err e = images_read(&rq->call, in->images, IMAGES_MAX, &w->list, &w->n);
    if (e != ERR_OK)
        return e;
    w->found = arena_array(rq->call.arena, w->n + 1, sizeof *w->found);
    for (size_t i = 0; i < w->n; i++) {
        links += in->fetch_links.v && w->list[i].link.p;
        ranges += w->list[i].file_id != 0;
    }
    if (links + ranges > 0 && !rq->fetching)
        return RQ_FETCH;
    if (w->found == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    if (links > 0)
        e = links_fetch(rq, w->list, w->n, w->found);
    if (e == ERR_OK && ranges > 0)
        e = ranges_read(rq, w->list, w->n, w->found);
    rq->parsed = w;
    return e;
}

/* Before the images are made of them. */
static enum err record_found(struct rq *rq, const struct wanted *w)
{
    enum err e = ranges_keep(rq, w->list, w->n, w->found);

    for (size_t i = 0; i < w->n && e == ERR_OK; i++)
        if (w->found[i].hash.p)
            e = store_blob_insert(rq->call.db, &w->found[i], rq->call.me.user_id, rq->call.now_ms);
    return e;
}

enum err images_bulk_add(struct rq *rq, const void *input)
{
    const struct images_bulk_add_in *in = input;
    const struct wanted *w = rq->parsed;
    struct call *c = &rq->call;
    struct image_names taken = {0};
    struct image *made = NULL;
    enum err e = ERR_OK;

    for (size_t i = 0; i < w->n && e == ERR_OK; i++)
        if (w->list[i].src_image_id)
            e = copied_image(rq, &w->list[i]);
    if (e == ERR_OK)
        e = record_found(rq, w);
    if (e == ERR_OK)
        e = images_create(c, in->dataset_id, w->list, w->n, &made, &taken);
    if (taken.n > 0)
        list_conflicts(rq, &taken);
    json_arr(&rq->out);
    for (size_t i = 0; i < w->n && e == ERR_OK; i++) {
        put_image(rq, &made[i], NULL, 0);
        rq_spill(rq);
    }
    json_arr_end(&rq->out);
    return e;
}
