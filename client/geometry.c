/* Geometries of alpha masks, which travel by themselves, as parts of forms and of answers. */
#include "client.h"

#include "masks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 100

/* ---- up ---- */

static void send_geometries(struct lb_op *op, const struct label_geometry *items, size_t n)
{
    struct lb_part parts[2 * BATCH] = {0};
    char ids[BATCH][24];
    struct lb_request request = {.path = "/public/api/v3/figures.bulk.upload.geometry",
                                 .name = "figures.bulk.upload.geometry",
                                 .kind = LB_WRITE,
                                 .json = true,
                                 .parts = parts,
                                 .n_parts = 2 * n};
    struct lb_answer answer;

    for (size_t i = 0; i < n; i++) {
        struct lb_part *id = &parts[2 * i], *geometry = id + 1;
        const char *json = items[i].geometry_json;

        snprintf(ids[i], sizeof ids[i], "%lld", (long long)items[i].figure_id);
        snprintf(id->name, sizeof id->name, "figureId");
        id->data = ids[i];
        id->n = strlen(ids[i]);
        snprintf(geometry->name, sizeof geometry->name, "geometry");
        snprintf(geometry->file_name, sizeof geometry->file_name, "%lld",
                 (long long)items[i].figure_id);
        geometry->type = "application/octet-stream";
        geometry->data = json ? json : "";
        geometry->n = strlen(geometry->data);
    }
    lb_send(op, &request, &answer);
    lb_answer_drop(&answer);
}

enum label_err label_figure_upload_geometries(struct label_api *api,
                                              const struct label_geometry *items, size_t n,
                                              struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    for (size_t i = 0; i < n && !lb_failed(&op); i += BATCH)
        send_geometries(&op, items + i, n - i < BATCH ? n - i : BATCH);
    return lb_end(&op);
}

/* ---- down ---- */

struct geometries {
    const json_t *ids;
    json_t *found; /* in the order of ids; null: has not come */
    size_t now;
    char *data; /* of the part that comes */
    size_t n, cap;
};

static bool part_begin(struct lb_op *op, void *ctx, const char *name)
{
    struct geometries *g = ctx;
    int64_t id = strtoll(name, NULL, 10);

    g->n = 0;
    for (g->now = 0; g->now < json_array_size(g->ids); g->now++) {
        if (json_integer_value(json_array_get(g->ids, g->now)) == id)
            return true;
    }
    lb_fail(op, LABEL_ERR_ANSWER, NULL, "the geometry of figure %.20s was not asked for", name);
    return false;
}

static bool part_data(struct lb_op *op, void *ctx, const char *p, size_t n)
{
    struct geometries *g = ctx;

    if (g->cap - g->n < n) {
        char *more = realloc(g->data, 2 * (g->n + n));

        if (more == NULL) {
            lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
            return false;
        }
        g->data = more;
        g->cap = 2 * (g->n + n);
    }
    memcpy(g->data + g->n, p, n);
    g->n += n;
    return true;
}

static bool part_end(struct lb_op *op, void *ctx)
{
    struct geometries *g = ctx;
    json_t *json = g->n ? json_loadb(g->data, g->n, 0, NULL) : NULL;

    if (json == NULL) {
        lb_fail(op, LABEL_ERR_ANSWER, NULL, "the geometry of figure %lld is no JSON",
                (long long)json_integer_value(json_array_get(g->ids, g->now)));
        return false;
    }
    json_array_set_new(g->found, g->now, json);
    return true;
}

/* Geometries of up to BATCH figures, in the order of ids; NULL: op has failed. */
static json_t *fetch_geometries(struct lb_op *op, json_t *ids)
{
    struct geometries g = {.ids = ids, .found = json_array()};
    struct lb_taker taker = {part_begin, part_data, part_end, &g};

    for (size_t i = 0; i < json_array_size(ids); i++)
        json_array_append_new(g.found, json_null());
    lb_call_parts(op, "figures.bulk.download.geometry", json_pack("{s:O}", "ids", ids), &taker);
    free(g.data);
    for (size_t i = 0; i < json_array_size(ids) && !lb_failed(op); i++) {
        if (json_is_null(json_array_get(g.found, i)))
            lb_fail(op, LABEL_ERR_ANSWER, NULL, "the geometry of figure %lld did not come",
                    (long long)json_integer_value(json_array_get(ids, i)));
    }
    if (!lb_failed(op))
        return g.found;
    json_decref(g.found);
    return NULL;
}

/* The same for any number; consumes ids. */
static json_t *fetch_all(struct lb_op *op, json_t *ids)
{
    json_t *all = json_array();

    for (size_t i = 0; i < json_array_size(ids) && !lb_failed(op); i += BATCH) {
        json_t *some = json_array(), *found;

        for (size_t k = i; k < i + BATCH && k < json_array_size(ids); k++)
            json_array_append(some, json_array_get(ids, k));
        found = fetch_geometries(op, some);
        json_array_extend(all, found);
        json_decref(found);
        json_decref(some);
    }
    json_decref(ids);
    return all;
}

static const struct lb_field names_fields[] = {
    {"geometries", LB_NAMES, 0, NULL},
    LB_FIELD_END,
};
static const struct lb_shape shape_names = {"list of geometries", sizeof(struct label_names),
                                            names_fields};

enum label_err label_figure_download_geometries(struct label_api *api,
                                                const struct label_ids *figure_ids,
                                                struct label_names **geometries,
                                                struct label_error *error)
{
    json_t *found, *texts = json_array();
    struct lb_op op;

    lb_begin(&op, api, error);
    found = fetch_all(&op, lb_ids(figure_ids));
    for (size_t i = 0; i < json_array_size(found); i++) {
        char *text = json_dumps(json_array_get(found, i), JSON_COMPACT);

        lb_append(texts, text ? json_string(text) : NULL);
        free(text);
    }
    json_decref(found);
    *geometries = lb_result(&op, &shape_names, json_pack("{s:o}", "geometries", texts));
    return lb_end(&op);
}

/* ---- in annotations ---- */

static bool is_bare_mask(const json_t *object)
{
    const char *type = json_string_value(json_object_get(object, "geometryType"));

    return type && strcmp(type, "alpha_mask") == 0 && json_object_get(object, "bitmap") == NULL;
}

void lb_fill_masks(struct lb_op *op, json_t *annotations)
{
    json_t *masks = json_array(), *ids = json_array(), *one, *object, *found;
    size_t i, k;

    json_array_foreach (annotations, i, one) {
        const json_t *objects = json_object_get(json_object_get(one, "annotation"), "objects");

        json_array_foreach (objects, k, object) {
            if (is_bare_mask(object)) {
                json_array_append(masks, object);
                json_array_append(ids, json_object_get(object, "id"));
            }
        }
    }
    if (json_array_size(masks) != json_array_size(ids))
        lb_fail(op, LABEL_ERR_ANSWER, "id", "an alpha mask of an annotation has no id");
    found = fetch_all(op, ids);
    json_array_foreach (found, i, one)
        json_object_set(json_array_get(masks, i), "bitmap", one);
    json_decref(found);
    json_decref(masks);
}
