/* Images. */
#include "api/image_filters.h"
#include "api/put.h"
#include "base/clock.h"
#include "domain/image.h"
#include "store/store_collection.h"

#define PER_PAGE_DEFAULT 10000
#define IMAGES_MAX       10000

/* The tags of images that the caller sees; and of their figures only those counted. */
static enum err load_seen(struct rq *rq, struct image *images, size_t n, struct tag **tags,
                          size_t *tags_len)
{
    int64_t *ids = arena_array(rq->call.arena, n + 1, sizeof *ids);

    for (size_t i = 0; ids && i < n; i++)
        ids[i] = images[i].id;
    if (ids == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    enum err e = rq_tags(rq, TAG_OF_IMAGE, &(struct ids){ids, n, true}, tags, tags_len);
    if (e == ERR_OK && rq->call.sight.figures_by)
        e = store_images_count_by(rq->call.db, images, n, rq->call.sight.figures_by);
    return e;
}

static enum err reply_image(struct rq *rq, struct image *i)
{
    struct tag *tags = NULL;
    size_t n = 0;
    enum err e = load_seen(rq, i, 1, &tags, &n);

    if (e == ERR_OK)
        put_image(rq, i, tags, n);
    return e;
}

struct images_info_in {
    int64_t id;
};
const struct field images_info_fields[] = {
    F_ID(REQUIRED, struct images_info_in, id, "id", "the image"),
    F_IGNORED("forceMetadataForLinks", "metadata is always there"), F_END};

enum err images_info(struct rq *rq, const void *input)
{
    const struct images_info_in *in = input;
    struct image i;
    enum err e = store_image_get(rq->call.db, in->id, &i);

    return e == ERR_OK ? reply_image(rq, &i) : e;
}

struct images_list_in {
    int64_t project_id, dataset_id;
    struct opt_bool recursive;
    struct json_value *filters;
    struct list_args list;
};
const struct field images_list_fields[] = {
    F_ID(OPTIONAL, struct images_list_in, project_id, "projectId",
         "all images of this project; give this or datasetId"),
    F_ID(OPTIONAL, struct images_list_in, dataset_id, "datasetId", "images of this dataset"),
    F_BOOL(OPTIONAL, struct images_list_in, recursive, "recursive",
           "with datasetId: also those of the datasets below it"),
    F_IGNORED("forceMetadataForLinks", "metadata is always there"),
    F_ARR(OPTIONAL, struct images_list_in, filters, "filters",
          "[{type, data}]: images_filename, images_tag, objects_tag, objects_class,"
          " objects_annotator, tagged_by_annotator, job, entities_collection"),
    F_IGNORED("fields", "names of fields; all are answered"),
    F_IGNORED("extraFields", "all are answered"),
    LIST_FIELDS(struct images_list_in, list),
    F_END};

/* Which list serves the request, with its parameters. The object has been checked. */
static struct list choose_list(struct rq *rq, const struct images_list_in *in)
{
    struct db *db = rq->call.db;

    if (rq->in_job) /* whoever asks */
        return LIST_MAKE(db, LIST_IMAGES_OF_JOB, rq->job_id, in->dataset_id);
    if (in->dataset_id == 0)
        return LIST_MAKE(db, LIST_IMAGES_OF_PROJECT, in->project_id);
    if (in->recursive.v)
        return LIST_MAKE(db, LIST_IMAGES_BELOW, in->dataset_id);
    return LIST_MAKE(db, LIST_IMAGES, in->dataset_id);
}

/* The object that was named. */
static enum err check_list(struct rq *rq, const struct images_list_in *in)
{
    if (in->project_id == 0 && in->dataset_id == 0)
        return fail(&rq->call, ERR_INVALID, "datasetId",
                    "\"datasetId\" or \"projectId\" is required");
    return in->dataset_id ? rq_access(rq, ACCESS_DATASET, in->dataset_id, PERM_VIEW, "datasetId")
                          : rq_access(rq, ACCESS_PROJECT, in->project_id, PERM_VIEW, "projectId");
}

/* Of a filter by a collection: how well each image fits it. */
static enum err load_scores(struct rq *rq, const struct list_query *query, struct image *images,
                            size_t n)
{
    enum err e = ERR_OK;

    for (size_t i = 0; i < query->predicates_len && e == ERR_OK; i++) {
        const struct list_predicate *p = &query->predicates[i];

        if (p->id == PREDICATE_IMAGE_IN_COLLECTION && !p->negated)
            e = store_collection_score(rq->call.db, p->params[0].i, images, n);
    }
    return e;
}

enum err images_list(struct rq *rq, const void *input)
{
    const struct images_list_in *in = input;
    struct list_query query = {0};
    struct image *images = NULL;
    struct tag *tags = NULL;
    size_t n = 0, cap = 0, tags_len = 0;
    enum err e = check_list(rq, in);

    if (e == ERR_OK)
        e = list_args_query(&rq->call, &in->list, PER_PAGE_DEFAULT, &query);
    if (e == ERR_OK)
        e = image_filters_read(rq, in->filters, false, &query);
    struct list l = choose_list(rq, in);
    if (e == ERR_OK)
        e = list_open(&l, &query, &rq->call.fault);
    if (e != ERR_OK)
        return e;
    while (list_next(&l) &&
           (images = arena_room(rq->call.arena, images, n, &cap, sizeof *images)) != NULL)
        store_image_read(l.q, &images[n++]);
    e = list_close(&l);
    n = images ? n : 0;
    if (e == ERR_OK)
        e = load_seen(rq, images, n, &tags, &tags_len);
    if (e == ERR_OK)
        e = load_scores(rq, &query, images, n);
    if (e != ERR_OK)
        return e;
    list_envelope(&rq->out, &l);
    for (size_t i = 0; i < n; i++) {
        size_t count;
        const struct tag *own = tags_of(tags, tags_len, images[i].id, &count);

        put_image(rq, &images[i], own, count);
        rq_spill(rq);
    }
    list_envelope_end(&rq->out, &l);
    return ERR_OK;
}

/* ---- changes ---- */

struct images_bulk_remove_in {
    struct ids image_ids;
};
const struct field images_bulk_remove_fields[] = {
    F_IDS(REQUIRED, struct images_bulk_remove_in, image_ids, "imageIds", IMAGES_MAX,
          "the images; those that are gone already are fine"),
    F_END};

enum err images_bulk_remove(struct rq *rq, const void *input)
{
    const struct images_bulk_remove_in *in = input;
    enum err e = ERR_OK;

    for (size_t i = 0; i < in->image_ids.n && e == ERR_OK; i++) {
        struct image image;
        bool gone = false;

        e = store_image_was_removed(rq->call.db, in->image_ids.v[i], &rq->call.me, &gone);
        if (e != ERR_OK || gone)
            continue;
        e = rq_access(rq, ACCESS_IMAGE, in->image_ids.v[i], PERM_EDIT, "imageIds");
        if (e == ERR_OK)
            e = store_image_get(rq->call.db, in->image_ids.v[i], &image);
        if (e == ERR_OK)
            e = image_remove(&rq->call, &image);
    }
    return e == ERR_OK ? rq_success(rq) : e;
}

struct images_edit_info_in {
    int64_t id;
    struct str name, description;
    struct json_value *meta;
};
const struct field images_edit_info_fields[] = {
    F_ID(REQUIRED, struct images_edit_info_in, id, "id", "the image"),
    F_STR(OPTIONAL, struct images_edit_info_in, name, "name", NAME_CHARS_MAX, "new name"),
    F_STR(OPTIONAL, struct images_edit_info_in, description, "description", DESCRIPTION_CHARS_MAX,
          "a remark"),
    F_OBJ(OPTIONAL, struct images_edit_info_in, meta, "meta", "replaces the old one"), F_END};

enum err images_edit_info(struct rq *rq, const void *input)
{
    const struct images_edit_info_in *in = input;
    const struct image_change change = {in->name, in->description, in->meta};
    struct image i;
    enum err e = store_image_get(rq->call.db, in->id, &i);

    if (e == ERR_OK)
        e = image_edit(&rq->call, &i, &change);
    return e == ERR_OK ? reply_image(rq, &i) : e;
}

/* Calls that name several images with one more thing for each: [{id, KEY}]. */
struct images_each_in {
    struct json_value *images;
};
#define EACH_FIELDS(doc)                                                                           \
    {                                                                                              \
        F_ARR(REQUIRED, struct images_each_in, images, "images", doc), F_END                       \
    }
const struct field images_bulk_set_custom_sort_fields[] = EACH_FIELDS("[{id, customSort}]");
const struct field images_embeddings_updated_at_update_fields[] =
    EACH_FIELDS("[{id, embeddingsUpdatedAt}]: a time, or null for never");

/* Run f on each image the caller may edit, with the value of `key`. */
static enum err for_each(struct rq *rq, struct json_value *images, const char *key,
                         enum err (*f)(struct rq *rq, struct image *i, struct json_value *value))
{
    struct arena *a = rq->call.arena;
    enum err e = ERR_OK;
    size_t n = 0;

    for (struct json_value *v = json_first(a, images); v && e == ERR_OK; v = v->next, n++) {
        struct json_value *id = json_get(a, v, "id");
        struct image i;

        if (id == NULL || id->type != JSON_INT || n >= IMAGES_MAX)
            return fail(&rq->call, ERR_INVALID, "images", "images[%zu]: \"id\" must be an image",
                        n);
        e = rq_access(rq, ACCESS_IMAGE, id->i, PERM_EDIT, "images");
        if (e == ERR_OK)
            e = store_image_get(rq->call.db, id->i, &i);
        if (e == ERR_OK)
            e = f(rq, &i, json_get(a, v, key));
    }
    return e == ERR_OK ? rq_success(rq) : e;
}

static enum err set_sort(struct rq *rq, struct image *i, struct json_value *value)
{
    if (value == NULL || value->type != JSON_STR)
        return fail(&rq->call, ERR_INVALID, "customSort", "\"customSort\" must be a string");
    return image_set_sort(&rq->call, i, value->s);
}

enum err images_bulk_set_custom_sort(struct rq *rq, const void *input)
{
    return for_each(rq, ((const struct images_each_in *)input)->images, "customSort", set_sort);
}

static enum err set_embedded(struct rq *rq, struct image *i, struct json_value *value)
{
    int64_t ms = 0;

    if (value && value->type != JSON_NULL &&
        (value->type != JSON_STR || !clock_parse(value->s, &ms)))
        return fail(&rq->call, ERR_INVALID, "embeddingsUpdatedAt",
                    "\"embeddingsUpdatedAt\" must be an ISO 8601 time or null");
    return store_image_set_embedded(rq->call.db, i->id, ms);
}

enum err images_embeddings_updated_at_update(struct rq *rq, const void *input)
{
    return for_each(rq, ((const struct images_each_in *)input)->images, "embeddingsUpdatedAt",
                    set_embedded);
}

struct images_update_links_in {
    struct json_value *images;
    struct opt_bool clear;
};
const struct field images_update_links_fields[] = {
    F_ARR(REQUIRED, struct images_update_links_in, images, "images", "[{id, link}]"),
    F_BOOL(OPTIONAL, struct images_update_links_in, clear, "clearLocalDataSource",
           "forget the bytes that are here; the images live at their links from now on"),
    F_END};

static enum err set_link(struct rq *rq, struct image *i, struct json_value *value)
{
    const struct images_update_links_in *in = rq->input;

    if (value == NULL || value->type != JSON_STR)
        return fail(&rq->call, ERR_INVALID, "link", "\"link\" must be a string");
    return image_set_link(&rq->call, i, value->s, in->clear.v);
}

enum err images_update_links(struct rq *rq, const void *input)
{
    return for_each(rq, ((const struct images_update_links_in *)input)->images, "link", set_link);
}
