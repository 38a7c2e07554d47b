/* Objects that several methods answer with. */
#include "api/put.h"

#include "domain/geometry.h"

#define RUN_MAX 50 /* images whose figures one query reads */

void put_tag(struct json_w *w, const struct tag *t, enum tag_owner kind)
{
    json_obj(w);
    json_kv_i64(w, "id", t->id);
    json_kv_i64(w, "tagId", t->tag_id);
    json_kv_str(w, "name", t->name);
    if (kind == TAG_OF_IMAGE || t->value.p)
        json_kv_raw(w, "value", t->value);
    json_kv_str(w, "labelerLogin", t->created_by);
    json_kv_iso(w, "createdAt", t->created_at);
    json_kv_iso(w, "updatedAt", t->updated_at);
    json_kv_i64(w, kind == TAG_OF_IMAGE ? "entityId" : "figureId", t->owner_id);
    json_kv_raw(w, "customData", t->custom_data);
    json_obj_end(w);
}

enum err rq_tags(struct rq *rq, enum tag_owner kind, const struct ids *owners, struct tag **out,
                 size_t *len_out)
{
    const struct tag_pick pick = {kind, owners->v, owners->n, rq->call.sight.tags_by};

    return store_tags_of(rq->call.db, &pick, out, len_out);
}

const struct tag *tags_of(const struct tag *tags, size_t n, int64_t owner_id, size_t *len_out)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (tags[middle].owner_id < owner_id)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low; high < n && tags[high].owner_id == owner_id;)
        high++;
    *len_out = high - low;
    return tags + low;
}

static void put_tags(struct json_w *w, const struct tag *tags, size_t n, enum tag_owner kind)
{
    json_kv_arr(w, "tags");
    for (size_t i = 0; i < n; i++)
        put_tag(w, &tags[i], kind);
    json_arr_end(w);
}

/* Where the bytes of an image can be fetched, with the token; clients make previews of it by
 * putting "previews/q/..." in front (api/api_image_preview.c). The hash in it makes it safe to
 * cache. */
static struct str path_of(struct arena *a, const struct image *i)
{
    const char *slash = memchr(i->mime.p, '/', i->mime.n);
    char tag[9] = "";

    if (i->hash.p == NULL || slash == NULL)
        return STR_NULL;
    for (size_t k = 0; k < 8; k++)
        tag[k] = i->hash.p[k] == '/' ? '_' : i->hash.p[k] == '+' ? '-' : i->hash.p[k];
    return arena_printf(a, "/images/original/%lld/%s.%s", (long long)i->id, tag, slash + 1);
}

static void put_places(struct rq *rq, const struct image *i)
{
    struct str host = http_header(rq->http, "Host");
    struct str proto = http_header(rq->http, "X-Forwarded-Proto");
    struct str path = path_of(rq->call.arena, i);

    json_kv_str(&rq->out, "pathOriginal", path);
    json_kv_str(&rq->out, "fullStorageUrl",
                path.p && host.p ? arena_printf(rq->call.arena, "%s://%.*s%s",
                                                str_is(proto, "https") ? "https" : "http",
                                                (int)host.n, host.p, path.p)
                                 : STR_NULL);
}

void put_image(struct rq *rq, const struct image *i, const struct tag *tags, size_t tags_len)
{
    struct json_w *w = &rq->out;

    json_obj(w);
    json_kv_i64(w, "id", i->id);
    json_kv_str(w, "name", i->name);
    json_kv_str(w, "description", i->description);
    json_kv_str(w, "link", i->link);
    json_kv_str(w, "hash", i->hash);
    json_kv_str(w, "mime", i->hash.p ? i->mime : STR_NULL); /* clients make an ending of it */
    json_kv_i64(w, "size", i->size);
    json_kv_i64(w, "width", i->width);
    json_kv_i64(w, "height", i->height);
    json_kv_i64(w, "labelsCount", i->labels_count);
    json_kv_i64(w, "datasetId", i->dataset_id);
    json_kv_i64(w, "projectId", i->project_id);
    json_kv_id(w, "parentId", i->parent_id);
    json_kv_iso(w, "createdAt", i->created_at);
    json_kv_iso(w, "updatedAt", i->updated_at);
    json_kv_iso(w, "embeddingsUpdatedAt", i->embedded_at);
    if (i->scored) {
        json_kv_obj(w, "aiSearchMeta");
        json_kv_real(w, "score", i->score);
        json_obj_end(w);
    }
    json_kv_raw(w, "meta", i->meta);
    put_places(rq, i);
    put_tags(w, tags, tags_len, TAG_OF_IMAGE);
    json_kv_str(w, "createdBy", i->created_by);
    if (i->range.source_id) {
        json_kv_i64(w, "relatedDataId", i->range.source_id);
        json_kv_str(w, "downloadId", i->range.hash);
        json_kv_i64(w, "offsetStart", i->range.start);
        json_kv_i64(w, "offsetEnd", i->range.end);
    }
    json_obj_end(w);
}

/* ---- annotations ---- */

/* Two queries over the same figures in the same order, read side by side: nothing is kept. */
struct cursor {
    struct rq *rq;
    const struct annotation_options *options;
    struct db_query *figures, *tags;
    bool figure_there, tag_there;
    struct figure figure; /* views of the current rows */
    struct tag tag;
};

static void next_figure(struct cursor *k)
{
    k->figure_there = db_step(k->figures);
    if (k->figure_there)
        store_figure_view(k->figures, &k->figure);
}

static void next_tag(struct cursor *k)
{
    k->tag_there = db_step(k->tags);
    if (k->tag_there)
        store_tag_view(k->tags, &k->tag);
}

/* The geometry's own keys stand beside the others. That of an alpha mask is asked for by itself. */
static void put_geometry(struct json_w *w, const struct figure *f, bool integers)
{
    if (str_is(f->type, "alpha_mask"))
        return;
    if (integers)
        geometry_splice_integers(w, f->geometry);
    else
        json_splice(w, f->geometry);
}

static void put_object(struct cursor *k)
{
    struct json_w *w = &k->rq->out;
    const struct figure *f = &k->figure;

    json_obj(w);
    json_kv_i64(w, "id", f->id);
    json_kv_i64(w, "classId", f->class_id);
    json_kv_str(w, "classTitle", f->class_name);
    json_kv_str(w, "description", f->description);
    json_kv_str(w, "geometryType", f->type);
    json_kv_str(w, "labelerLogin", f->created_by);
    json_kv_iso(w, "createdAt", f->created_at);
    json_kv_iso(w, "updatedAt", f->updated_at);
    json_kv_arr(w, "tags");
    for (; k->tag_there && k->tag.owner_id == f->id; next_tag(k))
        put_tag(w, &k->tag, TAG_OF_FIGURE);
    json_arr_end(w);
    put_geometry(w, f, k->options->integers);
    json_kv_bool(w, "nnCreated", f->nn_created);
    json_kv_bool(w, "nnUpdated", f->nn_updated);
    if (f->has_priority)
        json_kv_i64(w, "priority", f->priority);
    if (!str_is(f->custom_data, "{}"))
        json_kv_raw(w, "customData", f->custom_data);
    if (!str_is(f->meta, "{}"))
        json_kv_raw(w, "meta", f->meta);
    json_splice(w, f->more);
    json_obj_end(w);
}

static enum err put_annotation(struct cursor *k, const struct image *i, const struct tag *tags,
                               size_t tags_len)
{
    struct json_w *w = &k->rq->out;
    struct str big_data = STR_NULL;
    enum err e = ERR_OK;

    if (k->options->big_data)
        e = store_image_big_data(k->rq->call.db, i->id, &big_data);
    json_obj(w);
    json_kv_i64(w, "imageId", i->id);
    json_kv_str(w, "imageName", i->name);
    json_kv_obj(w, "annotation");
    json_kv_str(w, "description", i->description);
    put_tags(w, tags, tags_len, TAG_OF_IMAGE);
    json_kv_obj(w, "size");
    json_kv_i64(w, "height", i->height);
    json_kv_i64(w, "width", i->width);
    json_obj_end(w);
    json_kv_arr(w, "objects");
    for (; k->figure_there && k->figure.image_id == i->id; next_figure(k)) {
        put_object(k);
        rq_spill(k->rq);
    }
    json_arr_end(w);
    if (big_data.p)
        json_kv_raw(w, "customBigData", big_data);
    json_obj_end(w);
    json_kv_iso(w, "createdAt", i->created_at);
    json_kv_iso(w, "updatedAt", i->annotated_at ? i->annotated_at : i->updated_at);
    json_kv_i64(w, "datasetId", i->dataset_id);
    json_obj_end(w);
    return e;
}

/* Images of ascending ids. */
static enum err put_run(struct rq *rq, const struct image *images, size_t n,
                        const struct annotation_options *o)
{
    struct db *db = rq->call.db;
    struct cursor k = {.rq = rq, .options = o};
    struct buf ids;
    int64_t list[RUN_MAX] = {0};
    struct tag *tags = NULL;
    size_t tags_len = 0;

    for (size_t i = 0; i < n; i++)
        list[i] = images[i].id;
    const struct sight sight = rq->call.sight;
    const struct tag_pick pick = {TAG_OF_IMAGE, list, n, sight.tags_by};
    enum err e = store_tags_of(db, &pick, &tags, &tags_len);
    if (e != ERR_OK)
        return e;
    buf_init(&ids, RUN_MAX * 24);
    for (size_t i = 0; i < n; i++)
        buf_printf(&ids, "%c%lld", i ? ',' : '[', (long long)list[i]);
    buf_add_char(&ids, ']');
    k.figures = store_figures_open(db, buf_str(&ids), sight.figures_by);
    k.tags = store_figure_tags_open(db, buf_str(&ids), sight.figures_by, sight.tags_by);
    next_figure(&k);
    next_tag(&k);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        size_t count;
        const struct tag *of_image = tags_of(tags, tags_len, images[i].id, &count);

        e = put_annotation(&k, &images[i], of_image, count);
    }
    enum err end_tags = db_end(k.tags), end_figures = db_end(k.figures);
    buf_finish(&ids);
    return e != ERR_OK ? e : end_figures != ERR_OK ? end_figures : end_tags;
}

enum err put_annotations(struct rq *rq, const struct image *images, size_t n,
                         const struct annotation_options *o)
{
    enum err e = ERR_OK;

    for (size_t from = 0, to; from < n && e == ERR_OK; from = to) {
        for (to = from + 1; to < n && to - from < RUN_MAX && images[to].id > images[to - 1].id;)
            to++;
        e = put_run(rq, images + from, to - from, o);
    }
    return e;
}
