/* Images but their bytes, and annotations. */
#include "client.h"

#include "images.h"

#define REMOVE_BATCH     1000
#define HASHES_BATCH     5000
#define DOWNLOAD_BATCH   50 /* annotations */
#define UPLOAD_BATCH     100
#define UPLOAD_BYTES_MAX (4u << 20)

static const struct lb_field image_tag_fields[] = {
    LB_FIELD(struct label_image_tag, LB_INT, "id", id),
    LB_FIELD(struct label_image_tag, LB_INT, "tagId", tag_id),
    LB_FIELD(struct label_image_tag, LB_TEXT, "name", name),
    LB_FIELD(struct label_image_tag, LB_JSON, "value", value_json),
    LB_FIELD(struct label_image_tag, LB_TEXT, "labelerLogin", labeler_login),
    LB_FIELD(struct label_image_tag, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_image_tag, LB_TEXT, "updatedAt", updated_at),
    LB_FIELD_END,
};
static const struct lb_shape shape_image_tag = {"tag", sizeof(struct label_image_tag),
                                                image_tag_fields};

static const struct lb_field image_fields[] = {
    LB_FIELD(struct label_image, LB_INT, "id", id),
    LB_FIELD(struct label_image, LB_TEXT, "name", name),
    LB_FIELD(struct label_image, LB_TEXT, "description", description),
    LB_FIELD(struct label_image, LB_TEXT, "link", link),
    LB_FIELD(struct label_image, LB_TEXT, "hash", hash),
    LB_FIELD(struct label_image, LB_TEXT, "mime", mime),
    LB_FIELD(struct label_image, LB_INT, "size", size),
    LB_FIELD(struct label_image, LB_INT, "width", width),
    LB_FIELD(struct label_image, LB_INT, "height", height),
    LB_FIELD(struct label_image, LB_INT, "labelsCount", labels_count),
    LB_FIELD(struct label_image, LB_INT, "datasetId", dataset_id),
    LB_FIELD(struct label_image, LB_INT, "projectId", project_id),
    LB_FIELD(struct label_image, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_image, LB_TEXT, "updatedAt", updated_at),
    LB_FIELD(struct label_image, LB_TEXT, "createdBy", created_by),
    LB_FIELD(struct label_image, LB_JSON, "meta", meta_json),
    LB_FIELD(struct label_image, LB_TEXT, "fullStorageUrl", full_storage_url),
    LB_FIELD_LIST(struct label_image, "tags", tags, &shape_image_tag),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_image = {"image", sizeof(struct label_image), image_fields};

static const struct lb_field annotation_fields[] = {
    LB_FIELD(struct label_annotation, LB_INT, "imageId", image_id),
    LB_FIELD(struct label_annotation, LB_TEXT, "imageName", image_name),
    LB_FIELD(struct label_annotation, LB_JSON, "annotation", annotation_json),
    LB_FIELD(struct label_annotation, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_annotation, LB_TEXT, "updatedAt", updated_at),
    LB_FIELD(struct label_annotation, LB_INT, "datasetId", dataset_id),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_annotation = {"annotation", sizeof(struct label_annotation),
                                             annotation_fields};

/* ---- images ---- */

enum label_err label_image_get_list(struct label_api *api, const struct label_image_filter *filter,
                                    struct label_image_list **images, struct label_error *error)
{
    json_t *body = json_pack("{s:b}", "recursive", filter->recursive);
    struct lb_op op;

    lb_begin(&op, api, error);
    if ((filter->dataset_id != 0) == (filter->project_id != 0))
        lb_fail(&op, LABEL_ERR_ARGUMENT, "dataset_id", "give a dataset or a project");
    lb_put_id(body, "datasetId", filter->dataset_id);
    lb_put_id(body, "projectId", filter->project_id);
    if (filter->only_labelled)
        lb_put(body, "filters",
               json_pack("[{s:s,s:{s:i,s:i,s:b,s:n}}]", "type", "objects_class", "data", "from", 1,
                         "to", 9999, "include", true, "classId"));
    *images = lb_list(&op, "images.list", body, &filter->list, &lb_shape_image);
    return lb_end(&op);
}

enum label_err label_image_get_info_by_id(struct label_api *api, int64_t id,
                                          struct label_image **image, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *image = lb_get(&op, "images.info", LB_READ, json_pack("{s:I}", "id", (json_int_t)id),
                    &lb_shape_image);
    return lb_end(&op);
}

enum label_err label_image_get_info_by_name(struct label_api *api, int64_t dataset_id,
                                            const char *name, struct label_image **image,
                                            struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *image = lb_by_name(&op, "images.list", json_pack("{s:I}", "datasetId", (json_int_t)dataset_id),
                        "name", name, &lb_shape_image);
    return lb_end(&op);
}

json_t *lb_images_by_id(struct lb_op *op, int64_t dataset_id, json_t *ids)
{
    json_t *filters = json_array();

    lb_filter(filters, "id", "in", ids);
    return lb_pages(op, "images.list",
                    json_pack("{s:I,s:o}", "datasetId", (json_int_t)dataset_id, "filter", filters),
                    NULL);
}

enum label_err label_image_upload_sources(struct label_api *api, int64_t dataset_id,
                                          const struct label_image_source *sources, size_t n,
                                          struct label_image_list **images,
                                          struct label_error *error)
{
    json_t *list = json_array();
    struct lb_op op;

    lb_begin(&op, api, error);
    for (size_t i = 0; i < n; i++) {
        const struct label_image_source *s = &sources[i];
        json_t *one = json_object();

        if ((s->hash != NULL) + (s->link != NULL) + (s->image_id != 0) != 1)
            lb_fail(&op, LABEL_ERR_ARGUMENT, "sources",
                    "image %zu: hash, link or image, one of them", i);
        lb_put_text(one, "title", s->name ? s->name : "");
        lb_put_text(one, "hash", s->hash);
        lb_put_text(one, "link", s->link);
        lb_put_id(one, "imageId", s->image_id);
        lb_put(one, "meta", lb_parse(&op, "meta_json", s->meta_json));
        lb_append(list, one);
    }
    *images = lb_result_list(
        &op, &lb_shape_image,
        lb_call(&op, "images.bulk.add", LB_WRITE,
                json_pack("{s:I,s:o}", "datasetId", (json_int_t)dataset_id, "images", list)));
    return lb_end(&op);
}

static const struct lb_field names_fields[] = {
    {"hashes", LB_NAMES, 0, NULL},
    LB_FIELD_END,
};
static const struct lb_shape shape_names = {"list of hashes", sizeof(struct label_names),
                                            names_fields};

json_t *lb_existing_hashes(struct lb_op *op, json_t *hashes)
{
    return lb_call(op, "images.internal.hashes.list", LB_READ, hashes);
}

enum label_err label_image_check_existing_hashes(struct label_api *api,
                                                 const struct label_names *hashes,
                                                 struct label_names **existing,
                                                 struct label_error *error)
{
    json_t *all = json_array();
    struct lb_op op;

    lb_begin(&op, api, error);
    for (size_t i = 0; i < hashes->n && !lb_failed(&op); i += HASHES_BATCH) {
        size_t left = hashes->n - i;
        struct label_names some = {hashes->items + i, left < HASHES_BATCH ? left : HASHES_BATCH};
        json_t *found = lb_existing_hashes(&op, lb_names(&some));

        json_array_extend(all, found);
        json_decref(found);
    }
    *existing = lb_result(&op, &shape_names, json_pack("{s:o}", "hashes", all));
    return lb_end(&op);
}

enum label_err label_image_edit(struct label_api *api, int64_t id,
                                const struct label_image_edit *edit, struct label_image **image,
                                struct label_error *error)
{
    json_t *body = json_pack("{s:I}", "id", (json_int_t)id);
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_put_text(body, "name", edit->name);
    lb_put_text(body, "description", edit->description);
    lb_put(body, "meta", lb_parse(&op, "meta_json", edit->meta_json));
    *image = lb_get(&op, "images.editInfo", LB_WRITE, body, &lb_shape_image);
    return lb_end(&op);
}

enum label_err label_image_remove_batch(struct label_api *api, const struct label_ids *ids,
                                        struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    for (size_t i = 0; i < ids->n && !lb_failed(&op); i += REMOVE_BATCH) {
        size_t left = ids->n - i;
        struct label_ids some = {ids->items + i, left < REMOVE_BATCH ? left : REMOVE_BATCH};

        lb_do(&op, "images.bulk.remove", json_pack("{s:o}", "imageIds", lb_ids(&some)));
    }
    return lb_end(&op);
}

enum label_err label_image_remove(struct label_api *api, int64_t id, struct label_error *error)
{
    return label_image_remove_batch(api, &(struct label_ids){&id, 1}, error);
}

enum label_err label_image_add_tag(struct label_api *api, const struct label_ids *ids,
                                   int64_t tag_id, const char *value_json,
                                   struct label_error *error)
{
    json_t *body = json_pack("{s:I,s:o}", "tagId", (json_int_t)tag_id, "ids", lb_ids(ids));
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_put(body, "value", lb_parse(&op, "value_json", value_json));
    lb_do(&op, "image-tags.bulk.add-to-image", body);
    return lb_end(&op);
}

/* ---- annotations ---- */

enum label_err label_annotation_download(struct label_api *api, int64_t image_id,
                                         struct label_annotation **annotation,
                                         struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *annotation =
        lb_get(&op, "annotations.info", LB_READ,
               json_pack("{s:I,s:b}", "imageId", (json_int_t)image_id, "integerCoords", false),
               &lb_shape_annotation);
    return lb_end(&op);
}

enum label_err label_annotation_get_list(struct label_api *api, int64_t dataset_id,
                                         const struct label_list_options *options,
                                         struct label_annotation_list **annotations,
                                         struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *annotations =
        lb_list(&op, "annotations.list", json_pack("{s:I}", "datasetId", (json_int_t)dataset_id),
                options, &lb_shape_annotation);
    return lb_end(&op);
}

struct download {
    int64_t dataset_id;
    const struct label_ids *ids;
    json_t **answers; /* of each image */
};

/* One batch of annotations, put where their images stand. */
static void download_batch(struct lb_op *op, size_t i, void *ctx)
{
    struct download *d = ctx;
    size_t first = i * DOWNLOAD_BATCH, left = d->ids->n - first, k;
    struct label_ids some = {d->ids->items + first, left < DOWNLOAD_BATCH ? left : DOWNLOAD_BATCH};
    json_t *answer = lb_call(op, "annotations.bulk.info", LB_READ,
                             json_pack("{s:I,s:o,s:b}", "datasetId", (json_int_t)d->dataset_id,
                                       "imageIds", lb_ids(&some), "integerCoords", false));
    json_t *one;

    json_array_foreach (answer, k, one) {
        int64_t id = json_integer_value(json_object_get(one, "imageId"));

        for (size_t at = first; at < first + some.n; at++) {
            if (d->ids->items[at] == id && d->answers[at] == NULL)
                d->answers[at] = json_incref(one);
        }
    }
    json_decref(answer);
    for (size_t at = first; at < first + some.n && !lb_failed(op); at++) {
        if (d->answers[at] == NULL)
            lb_fail(op, LABEL_ERR_NOT_FOUND, "image_ids", "there is no annotation of image %lld",
                    (long long)d->ids->items[at]);
    }
}

enum label_err label_annotation_download_batch(struct label_api *api, int64_t dataset_id,
                                               const struct label_ids *image_ids,
                                               struct label_annotation_list **annotations,
                                               struct label_error *error)
{
    struct lb_op op;
    struct download d = {dataset_id, image_ids, calloc(image_ids->n + 1, sizeof(json_t *))};
    struct lb_crew crew = {.op = &op,
                           .work = download_batch,
                           .ctx = &d,
                           .n = (image_ids->n + DOWNLOAD_BATCH - 1) / DOWNLOAD_BATCH};
    json_t *all = json_array();

    lb_begin(&op, api, error);
    if (d.answers == NULL)
        lb_fail(&op, LABEL_ERR_MEMORY, NULL, "out of memory");
    lb_crew_run(&crew);
    for (size_t i = 0; d.answers && i < image_ids->n; i++) {
        if (d.answers[i])
            json_array_append_new(all, d.answers[i]);
    }
    free(d.answers);
    *annotations = lb_result_list(&op, &lb_shape_annotation, all);
    return lb_end(&op);
}

struct annotate {
    int64_t dataset_id;
    const struct label_annotation_upload *items;
    size_t *ends; /* of batches: the item behind the last */
};

static void upload_batch(struct lb_op *op, size_t i, void *ctx)
{
    const struct annotate *a = ctx;
    json_t *list = json_array();

    for (size_t k = i ? a->ends[i - 1] : 0; k < a->ends[i]; k++) {
        json_t *json = lb_parse(op, "annotation_json", a->items[k].annotation_json);

        lb_append(list, json_pack("{s:I,s:o?}", "imageId", (json_int_t)a->items[k].image_id,
                                  "annotation", json));
    }
    lb_do(op, "annotations.bulk.add",
          json_pack("{s:I,s:o}", "datasetId", (json_int_t)a->dataset_id, "annotations", list));
}

/* Cut n items into batches; how many those are. */
static size_t cut(struct annotate *a, size_t n)
{
    size_t batches = 0;

    for (size_t i = 0; i < n;) {
        size_t bytes = 0;

        for (size_t k = 0; i < n && k < UPLOAD_BATCH && bytes < UPLOAD_BYTES_MAX; k++, i++)
            bytes += a->items[i].annotation_json ? strlen(a->items[i].annotation_json) : 0;
        a->ends[batches++] = i;
    }
    return batches;
}

enum label_err label_annotation_upload_jsons(struct label_api *api, int64_t dataset_id,
                                             const struct label_annotation_upload *items, size_t n,
                                             struct label_error *error)
{
    struct lb_op op;
    struct annotate a = {dataset_id, items, calloc(n + 1, sizeof(size_t))};
    struct lb_crew crew = {.op = &op, .work = upload_batch, .ctx = &a};

    lb_begin(&op, api, error);
    if (a.ends == NULL)
        lb_fail(&op, LABEL_ERR_MEMORY, NULL, "out of memory");
    else
        crew.n = cut(&a, n);
    lb_crew_run(&crew);
    free(a.ends);
    return lb_end(&op);
}

enum label_err label_annotation_upload_json(struct label_api *api, int64_t image_id,
                                            const char *annotation_json, struct label_error *error)
{
    struct label_annotation_upload one = {image_id, annotation_json};
    struct label_image *image;
    enum label_err err = label_image_get_info_by_id(api, image_id, &image, error);

    if (err == LABEL_OK)
        err = label_annotation_upload_jsons(api, image->dataset_id, &one, 1, error);
    label_free(image);
    return err;
}

enum label_err label_annotation_copy_batch(struct label_api *api,
                                           const struct label_ids *src_image_ids,
                                           const struct label_ids *dst_image_ids,
                                           struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    if (src_image_ids->n != dst_image_ids->n)
        return lb_fail(&op, LABEL_ERR_ARGUMENT, "dst_image_ids",
                       "%zu images to copy from, but %zu to copy onto", src_image_ids->n,
                       dst_image_ids->n);
    lb_do(&op, "annotations.bulk.copy",
          json_pack("{s:o,s:o}", "srcImageIds", lb_ids(src_image_ids), "destImageIds",
                    lb_ids(dst_image_ids)));
    return lb_end(&op);
}
