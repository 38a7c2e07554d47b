/* Images going out: single, with ranges, and many in one multipart answer. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "api/api_int.h"
#include "api/put.h"
#include "api/ranges.h"
#include "base/hash.h"
#include "blob/blob.h"
#include "store/store_range.h"

#define IMAGES_MAX 1000

struct images_download_in {
    int64_t id;
};
const struct field images_download_fields[] = {
    F_ID(REQUIRED, struct images_download_in, id, "id", "the image"), F_END};

static enum err no_bytes(struct rq *rq, const struct image *i)
{
    return fail(&rq->call, ERR_NOT_FOUND, "id", "image %lld is remote: fetch it from its link",
                (long long)i->id);
}

enum err rq_send_image(struct rq *rq, const struct image *i)
{
    struct http_req *http = rq->http;
    struct blob_bytes bytes;

    if (i->hash.p == NULL)
        return no_bytes(rq, i);
    if (ranges_find(rq, i->hash, &bytes, &http->file_fd) != ERR_OK)
        return fail(&rq->call, ERR_INTERNAL, NULL, "the bytes of image %lld are missing",
                    (long long)i->id);
    http->file_at = bytes.at;
    http->file_size = bytes.size;
    http->content_type = i->mime.p;
    http->file_hash = i->hash.p;
    http->etag = arena_printf(rq->call.arena, "\"%s\"", i->hash.p).p;
    return ERR_OK;
}

enum err images_download(struct rq *rq, const void *input)
{
    const struct images_download_in *in = input;
    struct image i;
    enum err e = store_image_get(rq->call.db, in->id, &i);

    return e == ERR_OK ? rq_send_image(rq, &i) : e;
}

struct images_data_download_in {
    int64_t id, project_id;
    struct str download_id;
};
const struct field images_data_download_fields[] = {
    F_ID(OPTIONAL, struct images_data_download_in, id, "id", "the image"),
    F_ID(OPTIONAL, struct images_data_download_in, project_id, "projectId", "with downloadId"),
    F_STR(OPTIONAL, struct images_data_download_in, download_id, "downloadId", 64,
          "instead of id: the whole file that an image of the project is a range of"),
    F_END};

/* A labeler sees the images of their job, not all that lies beside them in the file. */
static enum err send_source(struct rq *rq, const struct images_data_download_in *in)
{
    struct http_req *http = rq->http;
    struct blob_place source;
    struct sha256 hash;
    enum err e = rq_access(rq, ACCESS_PROJECT, in->project_id, PERM_VIEW, "projectId");

    if (e == ERR_OK)
        e = rq->via_job
                ? ERR_NOT_FOUND
                : store_source_of_project(rq->call.db, in->project_id, in->download_id, &source);
    if (e == ERR_NOT_FOUND)
        return fail(&rq->call, e, "downloadId", "no image of this project is a range of that file");
    if (e == ERR_OK && (!blob_hash_parse(source.hash, &hash) ||
                        blob_read(rq->api->blobs, &hash, &http->file_fd, &http->file_size)))
        return fail(&rq->call, ERR_INTERNAL, NULL, "the bytes of the file are missing");
    if (e != ERR_OK)
        return e;
    http->content_type = "application/octet-stream";
    http->file_hash = source.hash.p;
    http->etag = arena_printf(rq->call.arena, "\"%s\"", source.hash.p).p;
    return ERR_OK;
}

enum err images_data_download(struct rq *rq, const void *input)
{
    const struct images_data_download_in *in = input;
    struct images_download_in image = {in->id};

    if ((in->id != 0) == (in->download_id.p != NULL))
        return fail(&rq->call, ERR_INVALID, "id", "one of \"id\" and \"downloadId\" is required");
    if (in->id == 0 && in->project_id == 0)
        return fail(&rq->call, ERR_INVALID, "projectId", "\"projectId\" is required");
    if (in->id == 0)
        return send_source(rq, in);
    enum err e = rq_access(rq, ACCESS_IMAGE, in->id, PERM_VIEW, "id");
    return e == ERR_OK ? images_download(rq, &image) : e;
}

/* ---- multipart answers ---- */

void parts_begin(struct rq *rq, struct parts *p)
{
    unsigned char random[12];
    char text[24];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        memset(random, 'x', sizeof random); /* it only has to be rare, not secret */
    b64url_encode(random, sizeof random, text);
    *p = (struct parts){.rq = rq, .last = &rq->http->parts};
    p->boundary = arena_printf(rq->call.arena, "labeld%s", text);
    rq->http->content_type =
        arena_printf(rq->call.arena, "multipart/form-data; boundary=%s", p->boundary.p).p;
}

static struct http_part *add(struct parts *p)
{
    struct http_part *part = arena_alloc(p->rq->call.arena, sizeof *part);

    if (part) {
        *p->last = part;
        p->last = &part->next;
    }
    return part;
}

/* In front of a part; clients read the name, one of them as the whole of this header. */
static void add_head(struct parts *p, struct str name)
{
    struct http_part *part = add(p);

    if (part)
        part->bytes = arena_printf(
            p->rq->call.arena, "%s--%s\r\nContent-Disposition: form-data; name=\"%.*s\"\r\n\r\n",
            p->count++ ? "\r\n" : "", p->boundary.p, (int)name.n, name.p);
}

void parts_add_bytes(struct parts *p, struct str name, struct str bytes)
{
    add_head(p, name);
    struct http_part *part = add(p);
    if (part)
        part->bytes = bytes;
}

enum err parts_add_blob(struct parts *p, struct str name, struct str hash64)
{
    struct blob_bytes bytes;
    char path[BLOB_PATH_SIZE];
    enum err e = ranges_find(p->rq, hash64, &bytes, NULL);

    if (e != ERR_OK)
        return e;
    blob_path(&bytes.file, path);
    add_head(p, name);
    struct http_part *part = add(p);
    if (part) {
        part->dir_fd = blob_dir(p->rq->api->blobs);
        part->path = arena_str(p->rq->call.arena, str_from(path)).p;
        part->at = bytes.at;
        part->size = bytes.size;
    }
    return ERR_OK;
}

void parts_end(struct parts *p)
{
    struct http_part *part = add(p);

    if (part)
        part->bytes =
            arena_printf(p->rq->call.arena, "%s--%s--\r\n", p->count ? "\r\n" : "", p->boundary.p);
}

struct images_bulk_download_in {
    int64_t dataset_id;
    struct ids image_ids;
};
const struct field images_bulk_download_fields[] = {
    F_ID(OPTIONAL, struct images_bulk_download_in, dataset_id, "datasetId", "their dataset"),
    F_IDS(REQUIRED, struct images_bulk_download_in, image_ids, "imageIds", IMAGES_MAX,
          "the images"),
    F_END};

enum err images_bulk_download(struct rq *rq, const void *input)
{
    const struct images_bulk_download_in *in = input;
    struct image *images = NULL;
    struct parts p;
    size_t n = 0;
    enum err e = rq_access_images(rq, in->image_ids.v, in->image_ids.n, PERM_VIEW, "imageIds");

    if (e == ERR_OK)
        e = store_images(rq->call.db, in->image_ids.v, in->image_ids.n, &images, &n);
    if (e != ERR_OK)
        return e;
    parts_begin(rq, &p);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        char name[24];

        snprintf(name, sizeof name, "%lld", (long long)images[i].id);
        if (in->dataset_id && images[i].dataset_id != in->dataset_id)
            e = fail(&rq->call, ERR_INVALID, "imageIds", "image %s is not in this dataset", name);
        else if (images[i].hash.p == NULL)
            e = no_bytes(rq, &images[i]);
        else
            e = parts_add_blob(&p, str_from(name), images[i].hash);
    }
    parts_end(&p);
    return e;
}

struct images_by_hash_in {
    struct strs hashes;
};
const struct field images_bulk_download_by_hash_fields[] = {
    F_STRS(REQUIRED, struct images_by_hash_in, hashes, "hashes", IMAGES_MAX, "content hashes"),
    F_END};

enum err images_bulk_download_by_hash(struct rq *rq, const void *input)
{
    const struct images_by_hash_in *in = input;
    struct parts p;
    enum err e = ERR_OK;

    parts_begin(rq, &p);
    for (size_t i = 0; i < in->hashes.n && e == ERR_OK; i++) {
        struct blob_info b;

        e = store_blob_for(rq->call.db, in->hashes.v[i], &rq->call.me, &b);
        if (e == ERR_OK)
            e = parts_add_blob(&p, in->hashes.v[i], in->hashes.v[i]);
        if (e == ERR_NOT_FOUND)
            e = fail(&rq->call, e, "hashes", "hashes[%zu] is not here", i);
    }
    parts_end(&p);
    return e;
}
