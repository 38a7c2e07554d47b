/* Figures: single objects on images. */
#include <stdlib.h>

#include "api/image_filters.h"
#include "api/put.h"
#include "domain/annotation.h"

#define FIGURES_MAX      10000 /* in one call */
#define PER_PAGE_DEFAULT 500

/* ---- answers ---- */

/* What a figure's "geometry" holds in this answer. */
enum geometry_form { GEOMETRY_NONE, GEOMETRY_AS_SENT, GEOMETRY_INTEGERS };

static void put_geometry(struct json_w *w, const struct figure *f, enum geometry_form form)
{
    if (form == GEOMETRY_AS_SENT) {
        json_kv_raw(w, "geometry", f->geometry);
        return;
    }
    json_kv_obj(w, "geometry");
    geometry_splice_integers(w, f->geometry);
    json_obj_end(w);
}

static void put_box(struct json_w *w, const struct figure *f)
{
    if (!f->placed) {
        json_kv_null(w, "geometryMeta");
        return;
    }
    json_kv_obj(w, "geometryMeta");
    json_kv_arr(w, "bbox");
    json_i64(w, f->top);
    json_i64(w, f->left);
    json_i64(w, f->bottom);
    json_i64(w, f->right);
    json_arr_end(w);
    json_obj_end(w);
}

static void put_figure(struct json_w *w, const struct figure *f, const struct tag *tags,
                       size_t tags_len, enum geometry_form form)
{
    json_obj(w);
    json_kv_i64(w, "id", f->id);
    json_kv_i64(w, "entityId", f->image_id);
    json_kv_i64(w, "imageId", f->image_id);
    json_kv_null(w, "objectId");
    json_kv_null(w, "frameIndex");
    json_kv_i64(w, "classId", f->class_id);
    json_kv_i64(w, "projectId", f->project_id);
    json_kv_i64(w, "datasetId", f->dataset_id);
    json_kv_str(w, "geometryType", f->type);
    if (form != GEOMETRY_NONE)
        put_geometry(w, f, form);
    put_box(w, f);
    if (f->placed)
        json_kv_real(w, "area", f->area);
    else
        json_kv_null(w, "area");
    json_kv_str(w, "description", f->description);
    if (f->has_priority)
        json_kv_i64(w, "priority", f->priority);
    else
        json_kv_null(w, "priority");
    json_kv_raw(w, "meta", f->meta);
    json_kv_raw(w, "customData", f->custom_data);
    json_kv_bool(w, "nnCreated", f->nn_created);
    json_kv_bool(w, "nnUpdated", f->nn_updated);
    json_kv_str(w, "labelerLogin", f->created_by);
    json_kv_iso(w, "createdAt", f->created_at);
    json_kv_iso(w, "updatedAt", f->updated_at);
    json_kv_arr(w, "tags");
    for (size_t i = 0; i < tags_len; i++)
        put_tag(w, &tags[i], TAG_OF_FIGURE);
    json_arr_end(w);
    json_splice(w, f->more);
    json_obj_end(w);
}

/* ---- reading ---- */

struct figures_info_in {
    int64_t id;
    struct opt_bool integers;
};
const struct field figures_info_fields[] = {
    F_ID(REQUIRED, struct figures_info_in, id, "id", "the figure"),
    F_BOOL(OPTIONAL, struct figures_info_in, integers, "integerCoords",
           "round coordinates down to whole pixels"),
    F_IGNORED("decompressBitmap", "masks are never unpacked"),
    F_IGNORED("fields", "all are answered"), F_END};

enum err figures_info(struct rq *rq, const void *input)
{
    const struct figures_info_in *in = input;
    struct figure f;
    struct tag *tags = NULL;
    size_t n = 0;
    enum err e = store_figure_get(rq->call.db, in->id, &f);

    if (e == ERR_OK)
        e = rq_tags(rq, TAG_OF_FIGURE, &(struct ids){&f.id, 1, true}, &tags, &n);
    if (e == ERR_OK)
        put_figure(&rq->out, &f, tags, n, in->integers.v ? GEOMETRY_INTEGERS : GEOMETRY_AS_SENT);
    return e;
}

struct figures_list_in {
    int64_t dataset_id;
    struct strs fields;
    struct opt_bool integers;
    struct json_value *filters;
    struct list_args list;
};
const struct field figures_list_fields[] = {
    F_ID(REQUIRED, struct figures_list_in, dataset_id, "datasetId", "the dataset"),
    F_IGNORED("projectId", "the project of the dataset"),
    F_STRS(OPTIONAL, struct figures_list_in, fields, "fields", 100,
           "without \"geometry\" in them, geometries are left out"),
    F_BOOL(OPTIONAL, struct figures_list_in, integers, "integerCoords",
           "round coordinates down to whole pixels (default true)"),
    F_ARR(OPTIONAL, struct figures_list_in, filters, "filters",
          "[{type, data}]: objects_class, objects_tag, objects_annotator"),
    LIST_FIELDS(struct figures_list_in, list),
    F_END};

static enum geometry_form form_of(const struct figures_list_in *in)
{
    bool wanted = !in->fields.set || in->fields.n == 0;

    for (size_t i = 0; i < in->fields.n; i++)
        wanted = wanted || str_is(in->fields.v[i], "geometry");
    if (!wanted)
        return GEOMETRY_NONE;
    return in->integers.set && !in->integers.v ? GEOMETRY_AS_SENT : GEOMETRY_INTEGERS;
}

static enum err read_page(struct rq *rq, struct list *l, struct figure **out, size_t *len_out)
{
    struct figure *list = NULL;
    size_t n = 0, cap = 0;

    while (list_next(l) && (list = arena_room(rq->call.arena, list, n, &cap, sizeof *list)) != NULL)
        store_figure_read(l->q, &list[n++]);
    *out = list;
    *len_out = list ? n : 0;
    return list_close(l);
}

/* An alpha mask comes without its geometry: figures.bulk.download.geometry has it. */
static void hide_mask(struct figure *f)
{
    if (str_is(f->type, "alpha_mask"))
        f->geometry = STR("{}");
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static enum err load_tags(struct rq *rq, const struct figure *figures, size_t n, struct tag **out,
                          size_t *len_out)
{
    int64_t *ids = arena_array(rq->call.arena, n + 1, sizeof *ids);

    for (size_t i = 0; ids && i < n; i++)
        ids[i] = figures[i].id;
    if (ids == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    qsort(ids, n, sizeof *ids, by_id);
    return rq_tags(rq, TAG_OF_FIGURE, &(struct ids){ids, n, true}, out, len_out);
}

enum err figures_list(struct rq *rq, const void *input)
{
    const struct figures_list_in *in = input;
    struct list l = rq->in_job ? LIST_MAKE(rq->call.db, LIST_FIGURES_OF_JOB, in->dataset_id,
                                           rq->job_id, rq->call.sight.figures_by)
                               : LIST_MAKE(rq->call.db, LIST_FIGURES, in->dataset_id);
    struct list_query query = {0};
    struct figure *figures = NULL;
    struct tag *tags = NULL;
    size_t n = 0, tags_len = 0;
    enum err e = list_args_query(&rq->call, &in->list, PER_PAGE_DEFAULT, &query);

    if (e == ERR_OK)
        e = image_filters_read(rq, in->filters, true, &query);

    if (e == ERR_OK)
        e = list_open(&l, &query, &rq->call.fault);
    if (e == ERR_OK)
        e = read_page(rq, &l, &figures, &n);
    if (e == ERR_OK)
        e = load_tags(rq, figures, n, &tags, &tags_len);
    if (e != ERR_OK)
        return e;
    list_envelope(&rq->out, &l);
    for (size_t i = 0; i < n; i++) {
        size_t count;
        const struct tag *own = tags_of(tags, tags_len, figures[i].id, &count);

        hide_mask(&figures[i]);
        put_figure(&rq->out, &figures[i], own, count, form_of(in));
        rq_spill(rq);
    }
    list_envelope_end(&rq->out, &l);
    return ERR_OK;
}

/* ---- adding ---- */

struct figures_bulk_add_in {
    int64_t entity_id, dataset_id;
    struct json_value *figures;
    struct opt_bool skip_bounds;
};
const struct field figures_bulk_add_fields[] = {
    F_ID(OPTIONAL, struct figures_bulk_add_in, entity_id, "entityId", "the image they are on"),
    F_ID(OPTIONAL, struct figures_bulk_add_in, dataset_id, "datasetId",
         "or their dataset, with an entityId in each"),
    F_ARR(REQUIRED, struct figures_bulk_add_in, figures, "figures",
          "[{classId or classTitle, geometryType, geometry, tags, ...}]"),
    F_BOOL(OPTIONAL, struct figures_bulk_add_in, skip_bounds, "skipBoundsValidation",
           "figures may reach outside their image"),
    F_END};

struct new_figures {
    struct object_in *v;
    int64_t *image_ids; /* each once, ascending */
    size_t n, images_len;
};

/* The images that are named, each once. */
static void collect_images(struct new_figures *a)
{
    size_t n = 0;

    for (size_t i = 0; i < a->n; i++)
        a->image_ids[i] = a->v[i].image_id;
    qsort(a->image_ids, a->n, sizeof *a->image_ids, by_id);
    for (size_t i = 0; i < a->n; i++)
        if (i == 0 || a->image_ids[i] != a->image_ids[n - 1])
            a->image_ids[n++] = a->image_ids[i];
    a->images_len = n;
}

enum err figures_bulk_add_prepare(struct rq *rq, const void *input)
{
    const struct figures_bulk_add_in *in = input;
    struct call *c = &rq->call;
    struct new_figures *a = arena_alloc(c->arena, sizeof *a);
    size_t count = json_count(c->arena, in->figures);

    if (count > FIGURES_MAX)
        return fail(c, ERR_INVALID, "figures", "at most %d figures in one call", FIGURES_MAX);
    if (in->entity_id == 0 && in->dataset_id == 0)
        return fail(c, ERR_INVALID, "entityId", "\"entityId\" or \"datasetId\" is required");
    if (a) {
        a->v = arena_array(c->arena, count + 1, sizeof *a->v);
        a->image_ids = arena_array(c->arena, count + 1, sizeof *a->image_ids);
    }
    if (a == NULL || a->v == NULL || a->image_ids == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *v = json_first(c->arena, in->figures); v; v = v->next) {
        struct object_in *o = &a->v[a->n];
        enum err e = object_read(c, v, o);

        if (e == ERR_OK && in->entity_id)
            o->image_id = in->entity_id;
        if (e == ERR_OK && o->image_id == 0)
            e = fail(c, ERR_INVALID, "entityId", "\"entityId\" is required");
        if (e != ERR_OK) {
            fault_prefix(&c->fault, "figures[%zu]: ", a->n);
            return e;
        }
        a->n++;
    }
    collect_images(a);
    rq->parsed = a;
    return c->arena->failed ? fail(c, ERR_TOO_LARGE, NULL, "too much at once") : ERR_OK;
}

static const struct image *image_of(const struct image *images, size_t n, int64_t id)
{
    for (size_t low = 0, high = n; low < high;) {
        size_t middle = low + (high - low) / 2;

        if (images[middle].id == id)
            return &images[middle];
        if (images[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void put_id(struct json_w *w, int64_t id)
{
    json_obj(w);
    json_kv_i64(w, "id", id);
    json_obj_end(w);
}

enum err figures_bulk_add(struct rq *rq, const void *input)
{
    const struct figures_bulk_add_in *in = input;
    const struct new_figures *a = rq->parsed;
    struct image *images = NULL;
    struct labeling l;
    size_t n = 0;
    enum err e = rq_access_images(rq, a->image_ids, a->images_len, PERM_ANNOTATE, "entityId");

    if (e == ERR_OK)
        e = store_images(rq->call.db, a->image_ids, a->images_len, &images, &n);
    for (size_t i = 0; i < n && e == ERR_OK; i++)
        if (images[i].project_id != rq->call.at.project_id ||
            (in->dataset_id && images[i].dataset_id != in->dataset_id))
            e = fail(&rq->call, ERR_INVALID, "datasetId", "image %lld is not in this dataset",
                     (long long)images[i].id);
    if (e == ERR_OK)
        e = labeling_open(&l, &rq->call, rq->job_id);
    l.skip_bounds = in->skip_bounds.v;
    json_arr(&rq->out);
    for (size_t i = 0; i < a->n && e == ERR_OK; i++) {
        int64_t id = 0;

        e = figure_add(&l, image_of(images, n, a->v[i].image_id), &a->v[i], -1, &id);
        if (e != ERR_OK)
            fault_prefix(&rq->call.fault, "figures[%zu]: ", i);
        put_id(&rq->out, id);
    }
    json_arr_end(&rq->out);
    return e;
}

/* ---- changing one ---- */

struct figures_edit_info_in {
    int64_t id, class_id;
    struct json_value *tags, *geometry, *custom_data;
    struct opt_bool nn_created, nn_updated;
    struct opt_int seen_at;
    struct str description;
};
const struct field figures_edit_info_fields[] = {
    F_ID(REQUIRED, struct figures_edit_info_in, id, "id", "the figure"),
    F_ARR(OPTIONAL, struct figures_edit_info_in, tags, "tags", "its tags from now on"),
    F_OBJ(OPTIONAL, struct figures_edit_info_in, geometry, "geometry", "keys of the geometry"),
    F_BOOL(OPTIONAL, struct figures_edit_info_in, nn_created, "nnCreated", "made by a model"),
    F_BOOL(OPTIONAL, struct figures_edit_info_in, nn_updated, "nnUpdated", "changed by a model"),
    F_ID(OPTIONAL, struct figures_edit_info_in, class_id, "classId", "another class"),
    F_OBJ(OPTIONAL, struct figures_edit_info_in, custom_data, "customData", "replaces it"),
    F_STR(OPTIONAL, struct figures_edit_info_in, description, "description", DESCRIPTION_CHARS_MAX,
          "a remark"),
    F_INT(OPTIONAL, struct figures_edit_info_in, seen_at, "seenAt", 1, INT64_MAX,
          "milliseconds of the updatedAt that the caller has seen: 409 when somebody else has"
          " changed the figure since"),
    F_END};

/* A figure with its image, and the definitions that a change of it is checked with. */
static enum err open_figure(struct rq *rq, int64_t id, struct labeling *l, struct figure *f,
                            struct image *i)
{
    enum err e = store_figure_get(rq->call.db, id, f);

    if (e == ERR_OK)
        e = store_image_get(rq->call.db, f->image_id, i);
    return e == ERR_OK ? labeling_open(l, &rq->call, rq->job_id) : e;
}

enum err figures_edit_info(struct rq *rq, const void *input)
{
    const struct figures_edit_info_in *in = input;
    struct figure_change change = {
        .geometry = in->geometry,
        .custom_data = in->custom_data,
        .class_id = in->class_id,
        .description = in->description,
        .has_flags = in->nn_created.set || in->nn_updated.set,
        .nn_created = in->nn_created.v,
        .nn_updated = in->nn_updated.v,
        .has_tags = in->tags != NULL,
        .seen_ms = in->seen_at.v,
    };
    struct tag_in *tags = NULL;
    struct labeling l;
    struct figure f;
    struct image i;
    enum err e = open_figure(rq, in->id, &l, &f, &i);

    if (e == ERR_OK)
        e = tags_read(&rq->call, in->tags, "tags", &tags, &change.tags_len);
    change.tags = tags;
    if (e == ERR_OK)
        e = figure_edit(&l, &i, &f, &change);
    return e == ERR_OK ? rq_success(rq) : e;
}

struct figures_priority_update_in {
    int64_t id;
    struct opt_int priority;
};
const struct field figures_priority_update_fields[] = {
    F_ID(REQUIRED, struct figures_priority_update_in, id, "id", "the figure"),
    F_INT(REQUIRED, struct figures_priority_update_in, priority, "priority", 0, INT32_MAX,
          "figures are drawn in ascending order"),
    F_END};

enum err figures_priority_update(struct rq *rq, const void *input)
{
    const struct figures_priority_update_in *in = input;
    struct labeling l;
    struct figure f;
    struct image i;
    enum err e = open_figure(rq, in->id, &l, &f, &i);

    if (e == ERR_OK)
        e = figure_set_priority(&l, &f, in->priority.v);
    return e == ERR_OK ? rq_success(rq) : e;
}

struct figures_custom_data_update_in {
    int64_t id;
    struct json_value *custom_data;
};
const struct field figures_custom_data_update_fields[] = {
    F_ID(REQUIRED, struct figures_custom_data_update_in, id, "id", "the figure"),
    F_OBJ(REQUIRED, struct figures_custom_data_update_in, custom_data, "customData",
          "replaces what is there"),
    F_END};

enum err figures_custom_data_update(struct rq *rq, const void *input)
{
    const struct figures_custom_data_update_in *in = input;
    const struct figure_change change = {.custom_data = in->custom_data};
    struct labeling l;
    struct figure f;
    struct image i;
    enum err e = open_figure(rq, in->id, &l, &f, &i);

    if (e == ERR_OK && in->custom_data->raw.n > MORE_MAX)
        e = fail(&rq->call, ERR_INVALID, "customData", "\"customData\" must be at most %u bytes",
                 MORE_MAX);
    if (e == ERR_OK)
        e = figure_edit(&l, &i, &f, &change);
    return e == ERR_OK ? rq_success(rq) : e;
}

/* ---- removing, restoring ---- */

struct figure_ids_in {
    struct ids ids;
};
const struct field figures_bulk_remove_fields[] = {
    F_IDS(REQUIRED, struct figure_ids_in, ids, "figureIds", FIGURES_MAX, "the figures"), F_END};
const struct field figures_bulk_restore_fields[] = {
    F_IDS(REQUIRED, struct figure_ids_in, ids, "figureIds", FIGURES_MAX, "the figures"), F_END};

/* Where the caller sees only their own figures, those of others do not exist. */
static enum err check_authors(struct rq *rq, const struct figures *list,
                              const struct figure *others, size_t others_len, const char *field)
{
    struct str me = rq->call.me.login;
    bool hidden = false;

    for (size_t i = 0; i < list->n; i++)
        hidden = hidden || !str_eq(list->v[i].created_by, me);
    for (size_t i = 0; i < others_len; i++)
        hidden = hidden || !str_eq(others[i].created_by, me);
    return rq->call.sight.figures_by && hidden
               ? fail(&rq->call, ERR_NOT_FOUND, field, "some of these figures do not exist")
               : ERR_OK;
}

enum err rq_load_figures(struct rq *rq, const struct ids *ids, bool removed, unsigned need,
                         const char *field, struct figures *out)
{
    struct call *c = &rq->call;
    struct figure *others = NULL;
    size_t others_len = 0, n = 0;
    struct figure_pick pick = {ids->v, ids->n, removed, 0};
    enum err e = store_figures(c->db, &pick, &out->v, &out->n);

    pick.removed = !removed;
    if (e == ERR_OK)
        e = store_figures(c->db, &pick, &others, &others_len);
    if (e != ERR_OK)
        return e;
    int64_t *images = arena_array(c->arena, out->n + others_len + 1, sizeof *images);
    if (images == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < out->n; i++)
        images[n++] = out->v[i].image_id;
    for (size_t i = 0; i < others_len; i++)
        images[n++] = others[i].image_id;
    if (n < ids->n)
        return fail(c, ERR_NOT_FOUND, field,
                    "%zu of these figures are removed with their image, don't exist, are named"
                    " twice, or you don't have enough permissions to access them",
                    ids->n - n);
    qsort(images, n, sizeof *images, by_id);
    size_t distinct = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || images[i] != images[distinct - 1])
            images[distinct++] = images[i];
    e = rq_access_images(rq, images, distinct, need, field);
    return e == ERR_OK ? check_authors(rq, out, others, others_len, field) : e;
}

static enum err remove_or_restore(struct rq *rq, const struct ids *ids, bool restore)
{
    struct figures list = {0};
    struct labeling l;
    enum err e = rq_load_figures(rq, ids, restore, PERM_ANNOTATE, "figureIds", &list);

    if (e == ERR_OK)
        e = labeling_open(&l, &rq->call, rq->job_id);
    for (size_t i = 0; i < list.n && e == ERR_OK; i++)
        e = restore ? figure_restore(&l, &list.v[i]) : figure_remove(&l, &list.v[i]);
    return e == ERR_OK ? rq_success(rq) : e;
}

enum err figures_bulk_remove(struct rq *rq, const void *input)
{
    const struct figure_ids_in *in = input;

    return remove_or_restore(rq, &in->ids, false);
}

enum err figures_bulk_restore(struct rq *rq, const void *input)
{
    const struct figure_ids_in *in = input;

    return remove_or_restore(rq, &in->ids, true);
}
