/* Annotations of images. */
#include "client.h"

#include "masks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOWNLOAD_BATCH   50
#define UPLOAD_BATCH     100
#define UPLOAD_BYTES_MAX (4u << 20)

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

/* ---- down ---- */

enum label_err label_annotation_download(struct label_api *api, int64_t image_id,
                                         struct label_annotation **annotation,
                                         struct label_error *error)
{
    struct lb_op op;
    json_t *json, *list;

    lb_begin(&op, api, error);
    json = lb_call(&op, "annotations.info", LB_READ,
                   json_pack("{s:I,s:b}", "imageId", (json_int_t)image_id, "integerCoords", false));
    list = json_pack("[O?]", json);
    lb_fill_masks(&op, list);
    json_decref(list);
    *annotation = lb_result(&op, &lb_shape_annotation, json);
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
    json_t **batches; /* what has come, in order; NULL: it goes to take */
    enum label_err (*take)(void *ctx, size_t first, const struct label_annotation_list *list,
                           struct label_error *error);
    void *ctx;
};

/* In the order of ids; consumes answer. */
static json_t *in_order(struct lb_op *op, const struct label_ids *ids, json_t *answer)
{
    json_t *list = json_array(), *one, *found;
    size_t next = 0, n = json_array_size(answer);

    for (size_t i = 0; i < ids->n && !lb_failed(op); i++) {
        found = NULL;
        for (size_t k = 0; k < n && found == NULL; k++) { /* mostly they come as asked for */
            one = json_array_get(answer, (next + k) % n);
            if (json_integer_value(json_object_get(one, "imageId")) == ids->items[i]) {
                found = one;
                next = (next + k + 1) % n;
            }
        }
        if (found)
            json_array_append(list, found);
        else
            lb_fail(op, LABEL_ERR_NOT_FOUND, "image_ids", "there is no annotation of image %lld",
                    (long long)ids->items[i]);
    }
    json_decref(answer);
    return list;
}

static void download_batch(struct lb_op *op, size_t i, void *ctx)
{
    struct download *d = ctx;
    size_t first = i * DOWNLOAD_BATCH, left = d->ids->n - first;
    struct label_ids some = {d->ids->items + first, left < DOWNLOAD_BATCH ? left : DOWNLOAD_BATCH};
    struct label_annotation_list *list;
    json_t *answer = lb_call(op, "annotations.bulk.info", LB_READ,
                             json_pack("{s:I,s:o,s:b}", "datasetId", (json_int_t)d->dataset_id,
                                       "imageIds", lb_ids(&some), "integerCoords", false));

    if (!lb_failed(op))
        answer = in_order(op, &some, answer);
    lb_fill_masks(op, answer);
    if (d->batches) {
        d->batches[i] = answer;
        return;
    }
    list = lb_result_list(op, &lb_shape_annotation, answer);
    if (list && d->take(d->ctx, first, list, op->error) != LABEL_OK && !lb_failed(op))
        lb_fail(op, LABEL_ERR_CANCELLED, NULL, "cancelled");
    label_free(list);
}

static size_t batches_of(const struct label_ids *ids)
{
    return (ids->n + DOWNLOAD_BATCH - 1) / DOWNLOAD_BATCH;
}

enum label_err label_annotation_download_batch(struct label_api *api, int64_t dataset_id,
                                               const struct label_ids *image_ids,
                                               struct label_annotation_list **annotations,
                                               struct label_error *error)
{
    struct download d = {.dataset_id = dataset_id, .ids = image_ids};
    struct lb_op op;
    struct lb_crew crew = {.op = &op, .work = download_batch, .ctx = &d};
    json_t *all = json_array();

    lb_begin(&op, api, error);
    d.batches = calloc(batches_of(image_ids) + 1, sizeof(json_t *));
    if (d.batches == NULL)
        lb_fail(&op, LABEL_ERR_MEMORY, NULL, "out of memory");
    crew.n = batches_of(image_ids);
    lb_crew_run(&crew);
    for (size_t i = 0; d.batches && i < crew.n; i++) {
        json_array_extend(all, d.batches[i]);
        json_decref(d.batches[i]);
    }
    free(d.batches);
    *annotations = lb_result_list(&op, &lb_shape_annotation, all);
    return lb_end(&op);
}

enum label_err label_annotation_download_each(
    struct label_api *api, int64_t dataset_id, const struct label_ids *image_ids,
    enum label_err (*take)(void *ctx, size_t first, const struct label_annotation_list *list,
                           struct label_error *error),
    void *ctx, struct label_error *error)
{
    struct download d = {.dataset_id = dataset_id, .ids = image_ids, .take = take, .ctx = ctx};
    struct lb_op op;
    struct lb_crew crew = {
        .op = &op, .work = download_batch, .ctx = &d, .n = batches_of(image_ids)};

    lb_begin(&op, api, error);
    lb_crew_run(&crew);
    return lb_end(&op);
}

/* ---- up ---- */

struct annotate {
    int64_t dataset_id;
    const struct label_annotation_upload *items;
    size_t *ends; /* of batches: the item behind the last */
};

/* Is it one JSON object to its end, so that it cannot become part of anything but its place in a
 * body? Whether all inside is right the server finds out. */
static bool is_object(const char *text)
{
    size_t depth = 0;
    bool quoted = false;

    if (text == NULL || *(text += strspn(text, " \t\r\n")) != '{')
        return false;
    for (; *text; text++) {
        if (quoted) {
            quoted = *text != '"';
            if (*text == '\\' && text[1])
                text++;
        } else if (*text == '"') {
            quoted = true;
        } else if (*text == '{' || *text == '[') {
            depth++;
        } else if ((*text == '}' || *text == ']') && --depth == 0) {
            return text[1 + strspn(text + 1, " \t\r\n")] == '\0';
        }
    }
    return false;
}

/* Annotations are most of an upload's bytes: they become part of the body as they are. */
static char *body_of(const struct annotate *a, size_t first, size_t end)
{
    size_t room = 64, n;
    char *body;

    for (size_t k = first; k < end; k++)
        room += strlen(a->items[k].annotation_json) + 64;
    body = malloc(room);
    if (body == NULL)
        return NULL;
    n = (size_t)snprintf(body, room, "{\"datasetId\":%lld,\"annotations\":[",
                         (long long)a->dataset_id);
    for (size_t k = first; k < end; k++)
        n += (size_t)snprintf(body + n, room - n, "%s{\"imageId\":%lld,\"annotation\":%s}",
                              k > first ? "," : "", (long long)a->items[k].image_id,
                              a->items[k].annotation_json);
    snprintf(body + n, room - n, "]}");
    return body;
}

/* After a refusal: was it because one of them is no JSON? */
static void find_fault(struct lb_op *op, const struct annotate *a, size_t first, size_t end)
{
    struct label_error refusal = *op->error;

    for (size_t k = first; k < end; k++) {
        memset(op->error, 0, sizeof *op->error);
        json_decref(lb_parse(op, "annotation_json", a->items[k].annotation_json));
        if (lb_failed(op))
            return;
    }
    *op->error = refusal;
}

static void upload_batch(struct lb_op *op, size_t i, void *ctx)
{
    const struct annotate *a = ctx;
    size_t first = i ? a->ends[i - 1] : 0, end = a->ends[i];
    struct lb_request request = {.name = "annotations.bulk.add", .kind = LB_WRITE, .json = true};
    struct lb_answer answer;

    for (size_t k = first; k < end; k++) {
        if (is_object(a->items[k].annotation_json))
            continue;
        find_fault(op, a, k, k + 1);
        lb_fail(op, LABEL_ERR_ARGUMENT, "annotation_json", "annotation %zu is no JSON object", k);
        return;
    }
    lb_send_text(op, &request, body_of(a, first, end), &answer);
    lb_answer_drop(&answer);
    if (op->error->err == LABEL_ERR_INVALID)
        find_fault(op, a, first, end);
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
