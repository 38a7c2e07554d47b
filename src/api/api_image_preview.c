/* Smaller copies of images, and the paths under which images and previews can be fetched. */
#include <unistd.h>

#include "api/api_int.h"
#include "api/ranges.h"
#include "media/media.h"
#include "media/preview_cache.h"
#include "store/store_image.h"

#define SIDE_MAX        8192
#define QUALITY_DEFAULT 70
#define RECIPE          "1" /* of how previews are made; a new one leaves the old files behind */

struct images_preview_in {
    int64_t id;
    struct opt_int width, height, quality;
    struct str method, ext;
};
const struct field images_preview_fields[] = {
    F_ID(REQUIRED, struct images_preview_in, id, "id", "the image"),
    F_INT(OPTIONAL, struct images_preview_in, width, "width", 0, SIDE_MAX,
          "pixels at most; 0 follows from the height"),
    F_INT(OPTIONAL, struct images_preview_in, height, "height", 0, SIDE_MAX,
          "pixels at most; 0 follows from the width"),
    F_INT(OPTIONAL, struct images_preview_in, quality, "quality", 1, 100, "70 when not given"),
    F_STR(OPTIONAL, struct images_preview_in, method, "method", 16,
          "fit into the box, fill (or fill-down) it and cut off what is over, force its"
          " proportions; auto fills when image and box are both upright or both not"),
    F_STR(OPTIONAL, struct images_preview_in, ext, "ext", 8, "jpeg, png or webp"),
    F_END};

static const struct {
    const char *ext, *format, *mime;
} formats[] = {
    {"jpeg", "jpeg", "image/jpeg"},
    {"jpg", "jpeg", "image/jpeg"},
    {"png", "png", "image/png"},
    {"webp", "webp", "image/webp"},
};

/* "auto" is decided here, and nothing is enlarged. */
static bool read_method(struct str name, const struct image *i, struct media_size *out)
{
    bool alike = (i->width > i->height) == (out->width > out->height);

    if (name.p == NULL || str_is(name, "fit"))
        out->method = MEDIA_FIT;
    else if (str_is(name, "auto"))
        out->method = alike ? MEDIA_FILL : MEDIA_FIT;
    else if (str_is(name, "fill") || str_is(name, "fill-down"))
        out->method = MEDIA_FILL;
    else if (str_is(name, "force"))
        out->method = MEDIA_FORCE;
    else
        return false;
    if (out->width > i->width)
        out->width = (int)i->width;
    if (out->height > i->height)
        out->height = (int)i->height;
    return true;
}

static enum err read_size(struct rq *rq, const struct images_preview_in *in, const struct image *i,
                          struct media_size *out)
{
    *out = (struct media_size){.width = (int)in->width.v,
                               .height = (int)in->height.v,
                               .quality = in->quality.set ? (int)in->quality.v : QUALITY_DEFAULT,
                               .format = in->ext.p ? NULL : "jpeg"};
    for (size_t k = 0; in->ext.p && k < ARRAY_LEN(formats); k++)
        if (str_is(in->ext, formats[k].ext))
            out->format = formats[k].format;
    if (out->format == NULL)
        return fail(&rq->call, ERR_INVALID, "ext", "\"ext\" must be jpeg, png or webp");
    if (!read_method(in->method, i, out))
        return fail(&rq->call, ERR_INVALID, "method",
                    "\"method\" must be fit, fill, fill-down, force or auto");
    return ERR_OK;
}

/* Media workers read whole files: a range is copied into one, which goes with *copy_out. */
static enum err open_bytes(struct rq *rq, const struct image *i, int *fd_out,
                           struct blob_writer **copy_out)
{
    struct blob_bytes bytes;
    enum err e = ranges_find(rq, i->hash, &bytes, fd_out);

    if (e != ERR_OK)
        return fail(&rq->call, ERR_INTERNAL, NULL, "the bytes of image %lld are missing",
                    (long long)i->id);
    if (bytes.whole)
        return ERR_OK;
    e = blob_begin(rq->api->blobs, copy_out, &rq->call.fault);
    if (e == ERR_OK)
        e = blob_add_range(*copy_out, *fd_out, bytes.at, bytes.size, &rq->call.fault);
    if (e == ERR_OK)
        e = blob_complete(*copy_out, &rq->call.fault);
    if (e != ERR_OK)
        close(*fd_out);
    return e;
}

static enum err make(struct rq *rq, const struct image *i, const struct media_size *size,
                     const struct sha256 *key)
{
    struct preview_cache *cache = rq->api->config.previews;
    struct fault *f = &rq->call.fault;
    struct preview_file file;
    struct blob_writer *copy = NULL;
    int fd = -1;
    enum err e = open_bytes(rq, i, &fd, &copy);

    if (e != ERR_OK) {
        blob_abort(copy);
        return e;
    }
    e = preview_cache_begin(cache, &file, f);
    if (e == ERR_OK) {
        e = media_resize(rq->api->config.media, copy ? blob_fd(copy) : fd, file.fd, size, f);
        if (e == ERR_OK)
            e = preview_cache_keep(cache, &file, key, &rq->http->file_size);
        if (e == ERR_OK)
            rq->http->file_fd = file.fd;
        else
            preview_cache_drop(cache, &file);
    }
    blob_abort(copy);
    close(fd);
    return e;
}

enum err images_preview(struct rq *rq, const void *input)
{
    const struct images_preview_in *in = input;
    struct arena *a = rq->call.arena;
    struct http_req *http = rq->http;
    struct media_size size;
    struct image i;
    enum err e = store_image_get(rq->call.db, in->id, &i);

    if (e == ERR_OK)
        e = read_size(rq, in, &i, &size);
    if (e == ERR_OK && i.hash.p == NULL)
        e = fail(&rq->call, ERR_NOT_FOUND, "id", "image %lld is remote: fetch it from its link",
                 (long long)i.id);
    if (e != ERR_OK)
        return e;
    struct str recipe = arena_printf(a, RECIPE " %s %s %d %d %d %d", i.hash.p, size.format,
                                     (int)size.method, size.width, size.height, size.quality);
    struct sha256 key = sha256_of(recipe);
    char text[SHA256_B64_SIZE];
    blob_hash_format(&key, text);
    if (!preview_cache_get(rq->api->config.previews, &key, &http->file_fd, &http->file_size))
        e = make(rq, &i, &size, &key);
    for (size_t k = 0; k < ARRAY_LEN(formats); k++)
        if (strcmp(size.format, formats[k].format) == 0)
            http->content_type = formats[k].mime;
    http->etag = arena_printf(a, "\"%s\"", text).p;
    return e;
}

/* ---- paths ---- */

/* The text up to the next '/', which is taken off; absent at the end. */
static struct str next_part(struct str *path)
{
    const char *slash = path->n ? memchr(path->p, '/', path->n) : NULL;
    struct str part = {path->p, slash ? (size_t)(slash - path->p) : path->n};

    if (path->n == 0)
        return STR_NULL;
    path->p += part.n + (slash != NULL);
    path->n -= part.n + (slash != NULL);
    return part;
}

/* The text up to the next ':'. */
static struct str next_word(struct str *s)
{
    const char *colon = s->n ? memchr(s->p, ':', s->n) : NULL;
    struct str word = {s->p, colon ? (size_t)(colon - s->p) : s->n};

    s->p += word.n + (colon != NULL);
    s->n -= word.n + (colon != NULL);
    return word;
}

static void add(struct rq *rq, const char *key, struct str value)
{
    struct query_param *p = arena_alloc(rq->call.arena, sizeof *p);

    if (p && value.n > 0 && !str_is(value, "None")) { /* what Python makes of a side not given */
        *p = (struct query_param){str_from(key), arena_str(rq->call.arena, value), rq->query};
        rq->query = p;
    }
}

/* "ext:jpeg/resize:fill:300:0:0/q:70/plain/": what clients put in front of the path of an image. */
static bool read_recipe(struct rq *rq, struct str *path)
{
    for (;;) {
        struct str rest = next_part(path), word = next_word(&rest);

        if (str_is(word, "plain"))
            return true;
        if (str_is(word, "ext")) {
            add(rq, "ext", rest);
        } else if (str_is(word, "q")) {
            add(rq, "quality", rest);
        } else if (str_is(word, "resize")) {
            add(rq, "method", next_word(&rest));
            add(rq, "width", next_word(&rest));
            add(rq, "height", next_word(&rest));
        } else {
            return false;
        }
    }
}

bool api__path_method(struct rq *rq, struct str path)
{
    struct str previews = STR("/previews/q/"), original = STR("images/original/");
    struct str files = STR("files/original/");
    bool preview = str_starts(path, previews);

    path.p += preview ? previews.n : 1;
    path.n -= preview ? previews.n : path.n > 0;
    if (!preview && str_starts(path, files)) {
        path.p += files.n;
        path.n -= files.n;
        add(rq, "id", next_part(&path));
        rq->ep = endpoint_find(STR("file-storage.download"));
        return true;
    }
    if ((preview && !read_recipe(rq, &path)) || !str_starts(path, original))
        return false;
    path.p += original.n;
    path.n -= original.n;
    add(rq, "id", next_part(&path));
    rq->ep = endpoint_find(preview ? STR("images.preview") : STR("images.download"));
    rq->http->cache_s = 3600;
    return true;
}
