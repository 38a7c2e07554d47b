/* Images but their bytes. */
#include "client.h"

#include "images.h"

#define REMOVE_BATCH 1000
#define HASHES_BATCH 5000

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

void lb_check_made(struct lb_op *op, const json_t *made, size_t n)
{
    if (!lb_failed(op) && json_array_size(made) != n)
        lb_fail(op, LABEL_ERR_ANSWER, NULL, "images.bulk.add: an answer for %zu images, not %zu", n,
                json_array_size(made));
}

enum label_err label_image_upload_sources(struct label_api *api, int64_t dataset_id,
                                          const struct label_image_source *sources, size_t n,
                                          struct label_image_list **images,
                                          struct label_error *error)
{
    json_t *list = json_array(), *made;
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
    made = lb_call(&op, "images.bulk.add", LB_WRITE,
                   json_pack("{s:I,s:o}", "datasetId", (json_int_t)dataset_id, "images", list));
    lb_check_made(&op, made, n);
    *images = lb_result_list(&op, &lb_shape_image, made);
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
