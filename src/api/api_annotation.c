/* Annotations: everything that is drawn and said on an image, read and replaced as a whole. */
#include "api/put.h"
#include "domain/annotation.h"

#define IMAGES_MAX       1000
#define PER_PAGE_DEFAULT 50

/* Fields of all reads. Metadata of remote images is always there, masks are never unpacked. */
#define READ_FIELDS(T)                                                                             \
    F_BOOL(OPTIONAL, T, integers, "integerCoords", "round coordinates down to whole pixels"),      \
        F_BOOL(OPTIONAL, T, big_data, "withCustomBigData", "with customBigData"),                  \
        F_IGNORED("forceMetadataForLinks", "metadata is always there")

struct annotations_info_in {
    int64_t image_id;
    struct opt_bool integers, big_data;
};
const struct field annotations_info_fields[] = {
    F_ID(REQUIRED, struct annotations_info_in, image_id, "imageId", "the image"),
    READ_FIELDS(struct annotations_info_in), F_END};

enum err annotations_info(struct rq *rq, const void *input)
{
    const struct annotations_info_in *in = input;
    const struct annotation_options o = {in->integers.v, in->big_data.v};
    struct image i;
    enum err e = store_image_get(rq->call.db, in->image_id, &i);

    return e == ERR_OK ? put_annotations(rq, &i, 1, &o) : e;
}

struct annotations_bulk_info_in {
    int64_t dataset_id;
    struct ids image_ids;
    struct opt_bool integers, big_data;
};
const struct field annotations_bulk_info_fields[] = {
    F_ID(OPTIONAL, struct annotations_bulk_info_in, dataset_id, "datasetId",
         "their dataset; they must be in it"),
    F_IDS(REQUIRED, struct annotations_bulk_info_in, image_ids, "imageIds", IMAGES_MAX,
          "the images"),
    READ_FIELDS(struct annotations_bulk_info_in), F_END};

static enum err check_dataset(struct rq *rq, int64_t dataset_id, const struct image *images,
                              size_t n)
{
    for (size_t i = 0; i < n && dataset_id; i++)
        if (images[i].dataset_id != dataset_id)
            return fail(&rq->call, ERR_INVALID, "datasetId", "image %lld is not in dataset %lld",
                        (long long)images[i].id, (long long)dataset_id);
    return ERR_OK;
}

enum err annotations_bulk_info(struct rq *rq, const void *input)
{
    const struct annotations_bulk_info_in *in = input;
    const struct annotation_options o = {in->integers.v, in->big_data.v};
    struct image *images = NULL;
    size_t n = 0;
    enum err e = rq_access_images(rq, in->image_ids.v, in->image_ids.n, PERM_VIEW, "imageIds");

    if (e == ERR_OK)
        e = store_images(rq->call.db, in->image_ids.v, in->image_ids.n, &images, &n);
    if (e == ERR_OK)
        e = check_dataset(rq, in->dataset_id, images, n);
    if (e != ERR_OK)
        return e;
    json_arr(&rq->out);
    e = put_annotations(rq, images, n, &o);
    json_arr_end(&rq->out);
    return e;
}

struct annotations_list_in {
    int64_t dataset_id;
    struct opt_bool integers, big_data;
    struct list_args list;
};
const struct field annotations_list_fields[] = {
    F_ID(REQUIRED, struct annotations_list_in, dataset_id, "datasetId", "the dataset"),
    READ_FIELDS(struct annotations_list_in), LIST_FIELDS(struct annotations_list_in, list), F_END};

enum err annotations_list(struct rq *rq, const void *input)
{
    const struct annotations_list_in *in = input;
    const struct annotation_options o = {in->integers.v, in->big_data.v};
    struct list l = rq->in_job
                        ? LIST_MAKE(rq->call.db, LIST_IMAGES_OF_JOB, rq->job_id, in->dataset_id)
                        : LIST_MAKE(rq->call.db, LIST_IMAGES, in->dataset_id);
    struct list_query query = {0};
    struct image *images = NULL;
    size_t n = 0, cap = 0;
    enum err e = list_args_query(&rq->call, &in->list, PER_PAGE_DEFAULT, &query);

    if (e == ERR_OK)
        e = list_open(&l, &query, &rq->call.fault);
    if (e != ERR_OK)
        return e;
    while (list_next(&l) &&
           (images = arena_room(rq->call.arena, images, n, &cap, sizeof *images)) != NULL)
        store_image_read(l.q, &images[n++]);
    e = list_close(&l);
    if (e != ERR_OK)
        return e;
    list_envelope(&rq->out, &l);
    e = put_annotations(rq, images, images ? n : 0, &o);
    list_envelope_end(&rq->out, &l);
    return e;
}

/* ---- changes ---- */

struct annotations_bulk_add_in {
    int64_t dataset_id;
    struct json_value *annotations;
    struct opt_bool skip_bounds;
};
const struct field annotations_bulk_add_fields[] = {
    F_ID(REQUIRED, struct annotations_bulk_add_in, dataset_id, "datasetId", "the dataset"),
    F_ARR(REQUIRED, struct annotations_bulk_add_in, annotations, "annotations",
          "[{imageId, annotation}]: each replaces what is on its image"),
    F_BOOL(OPTIONAL, struct annotations_bulk_add_in, skip_bounds, "skipBoundsValidation",
           "objects may reach outside their image"),
    F_END};

struct annotations {
    struct annotation_in *v;
    int64_t *image_ids;
    size_t n;
};

enum err annotations_bulk_add_prepare(struct rq *rq, const void *input)
{
    const struct annotations_bulk_add_in *in = input;
    struct call *c = &rq->call;
    struct annotations *a = arena_alloc(c->arena, sizeof *a);
    size_t count = json_count(c->arena, in->annotations);
    enum err e = ERR_OK;

    if (count > IMAGES_MAX)
        return fail(c, ERR_INVALID, "annotations", "at most %d annotations in one call",
                    IMAGES_MAX);
    if (a) {
        a->v = arena_array(c->arena, count + 1, sizeof *a->v);
        a->image_ids = arena_array(c->arena, count + 1, sizeof *a->image_ids);
    }
    if (a == NULL || a->v == NULL || a->image_ids == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *v = json_first(c->arena, in->annotations); v && e == ERR_OK;
         v = v->next) {
        e = annotation_read(c, v, &a->v[a->n]);
        a->image_ids[a->n] = a->v[a->n].image_id;
        a->n++;
    }
    rq->parsed = a;
    return e == ERR_OK && c->arena->failed ? fail(c, ERR_TOO_LARGE, NULL, "too much at once") : e;
}

/* The image of an annotation; images are ordered by id. */
static const struct image *image_of(const struct image *images, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (images[i].id == id)
            return &images[i];
    return NULL;
}

enum err annotations_bulk_add(struct rq *rq, const void *input)
{
    const struct annotations_bulk_add_in *in = input;
    const struct annotations *a = rq->parsed;
    struct image *images = NULL;
    struct labeling l;
    size_t n = 0;
    enum err e = rq_access_images(rq, a->image_ids, a->n, PERM_ANNOTATE, "annotations");

    if (e == ERR_OK)
        e = store_images(rq->call.db, a->image_ids, a->n, &images, &n);
    if (e == ERR_OK)
        e = check_dataset(rq, in->dataset_id, images, n);
    if (e == ERR_OK)
        e = labeling_open(&l, &rq->call, rq->job_id);
    l.skip_bounds = in->skip_bounds.v;
    for (size_t i = 0; i < a->n && e == ERR_OK; i++)
        e = annotation_put(&l, image_of(images, n, a->v[i].image_id), &a->v[i]);
    return e == ERR_OK ? rq_success(rq) : e;
}

struct annotations_bulk_copy_in {
    struct ids src, dest;
    struct opt_bool keep_dates;
};
const struct field annotations_bulk_copy_fields[] = {
    F_IDS(REQUIRED, struct annotations_bulk_copy_in, src, "srcImageIds", IMAGES_MAX,
          "images to copy from"),
    F_IDS(REQUIRED, struct annotations_bulk_copy_in, dest, "destImageIds", IMAGES_MAX,
          "images to copy onto, in the same order"),
    F_BOOL(OPTIONAL, struct annotations_bulk_copy_in, keep_dates, "preserveSourceDate",
           "objects keep the times of their source"),
    F_END};

enum err annotations_bulk_copy(struct rq *rq, const void *input)
{
    const struct annotations_bulk_copy_in *in = input;
    struct image *images = NULL;
    struct labeling l;
    size_t n = 0;
    enum err e;

    if (in->src.n != in->dest.n)
        return fail(&rq->call, ERR_INVALID, "destImageIds",
                    "\"srcImageIds\" and \"destImageIds\" must be of the same length");
    for (size_t i = 0; i < in->src.n; i++) { /* one image may be the source of several */
        e = rq_access(rq, ACCESS_IMAGE, in->src.v[i], PERM_VIEW, "srcImageIds");
        if (e != ERR_OK)
            return e;
    }
    e = rq_access_images(rq, in->dest.v, in->dest.n, PERM_ANNOTATE, "destImageIds");
    if (e == ERR_OK)
        e = store_images(rq->call.db, in->dest.v, in->dest.n, &images, &n);
    for (size_t i = 0; i < n && e == ERR_OK; i++)
        if (images[i].project_id != rq->call.at.project_id)
            e = fail(&rq->call, ERR_INVALID, "destImageIds", "images of one project at a time");
    if (e == ERR_OK)
        e = labeling_open(&l, &rq->call, rq->job_id);
    l.keep_dates = in->keep_dates.v;
    l.skip_bounds = true;
    for (size_t i = 0; i < in->dest.n && e == ERR_OK; i++)
        if (in->src.v[i] != in->dest.v[i]) /* onto itself: nothing to do, nothing to lose */
            e = annotation_copy(&l, in->src.v[i], image_of(images, n, in->dest.v[i]));
    return e == ERR_OK ? rq_success(rq) : e;
}
