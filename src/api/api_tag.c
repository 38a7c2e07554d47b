/* Tags on images and on figures. The kinds of tags of a project are in api_meta.c. */
#include <stdlib.h>

#include "api/put.h"
#include "domain/annotation.h"
#include "json/json_merge.h"

#define IMAGES_MAX 10000
#define TAGS_MAX   10000

static struct tag_place on_image(const struct image *i)
{
    return (struct tag_place){TAG_OF_IMAGE, i->id, 0, i->id, i->dataset_id};
}

static struct tag_place on_figure(const struct figure *f)
{
    return (struct tag_place){TAG_OF_FIGURE, f->id, f->class_id, f->image_id, f->dataset_id};
}

static void put_added(struct json_w *w, int64_t id, const struct tag_place *place,
                      const struct tag_in *in)
{
    json_obj(w);
    json_kv_i64(w, "id", id);
    json_kv_id(w, "tagId", in->tag_id);
    json_kv_i64(w, place->kind == TAG_OF_IMAGE ? "entityId" : "figureId", place->owner_id);
    json_kv_raw(w, "value", in->value ? in->value->raw : STR_NULL);
    json_obj_end(w);
}

/* ---- on images ---- */

struct image_tags_add_in {
    int64_t tag_id;
    struct ids ids;
    struct json_value *value;
};
const struct field image_tags_bulk_add_to_image_fields[] = {
    F_ID(REQUIRED, struct image_tags_add_in, tag_id, "tagId", "the tag"),
    F_IDS(REQUIRED, struct image_tags_add_in, ids, "ids", IMAGES_MAX, "the images"),
    F_ANY(OPTIONAL, struct image_tags_add_in, value, "value", "its value, when it takes one"),
    F_END};

enum err image_tags_bulk_add_to_image(struct rq *rq, const void *input)
{
    const struct image_tags_add_in *in = input;
    const struct tag_in tag = {.tag_id = in->tag_id, .value = in->value, .custom_data = STR("{}")};
    struct image *images = NULL;
    struct labeling l;
    size_t n = 0;
    enum err e = rq_access_images(rq, in->ids.v, in->ids.n, PERM_ANNOTATE, "ids");

    if (e == ERR_OK)
        e = store_images(rq->call.db, in->ids.v, in->ids.n, &images, &n);
    if (e == ERR_OK)
        e = labeling_open(&l, &rq->call, rq->job_id);
    json_arr(&rq->out);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        struct tag_place place = on_image(&images[i]);
        int64_t id = 0;

        e = tag_add(&l, &place, &tag, &id);
        put_added(&rq->out, id, &place, &tag);
    }
    json_arr_end(&rq->out);
    return e;
}

/* Somebody else's, in a job whose labeler sees only their own? */
static bool is_hidden(struct rq *rq, const struct tag *t)
{
    return rq->call.sight.tags_by && !str_eq(t->created_by, rq->call.me.login);
}

/* A tag on an image or a figure by its own id, its place, and the right to change it. */
static enum err open_tag(struct rq *rq, enum tag_owner kind, int64_t id, struct labeling *l,
                         struct tag *t, struct tag_place *place)
{
    struct call *c = &rq->call;
    struct image i;
    struct figure f;
    enum err e = store_tag_get(c->db, kind, id, t);

    if (e == ERR_OK)
        e = rq_access(rq, kind == TAG_OF_IMAGE ? ACCESS_IMAGE : ACCESS_FIGURE, t->owner_id,
                      PERM_ANNOTATE, "id");
    if (e == ERR_NOT_FOUND || (e == ERR_OK && is_hidden(rq, t)))
        return fail(c, ERR_NOT_FOUND, "id",
                    "there is no such tag, or you don't have enough permissions");
    if (e == ERR_OK && kind == TAG_OF_IMAGE) {
        e = store_image_get(c->db, t->owner_id, &i);
        *place = on_image(&i);
    } else if (e == ERR_OK) {
        e = store_figure_get(c->db, t->owner_id, &f);
        *place = on_figure(&f);
    }
    return e == ERR_OK ? labeling_open(l, c, rq->job_id) : e;
}

struct tag_value_in {
    int64_t id;
    struct json_value *value;
};
const struct field image_tags_update_tag_value_fields[] = {
    F_ID(REQUIRED, struct tag_value_in, id, "id", "the tag on its image"),
    F_ANY(OPTIONAL, struct tag_value_in, value, "value", "the new value"), F_END};

enum err image_tags_update_tag_value(struct rq *rq, const void *input)
{
    const struct tag_value_in *in = input;
    struct labeling l;
    struct tag_place place;
    struct tag t;
    enum err e = open_tag(rq, TAG_OF_IMAGE, in->id, &l, &t, &place);

    if (e == ERR_OK)
        e = tag_set_value(&l, &place, &t, in->value);
    return e == ERR_OK ? rq_success(rq) : e;
}

struct image_tag_remove_in {
    int64_t id, image_id, tag_id;
};
const struct field image_tags_remove_from_image_fields[] = {
    F_ID(REQUIRED, struct image_tag_remove_in, image_id, "imageId", "the image"),
    F_ID(OPTIONAL, struct image_tag_remove_in, tag_id, "tagId", "the kind of tag"),
    F_ID(REQUIRED, struct image_tag_remove_in, id, "id", "the tag on the image"), F_END};

/* Remove one tag of a place; one that is gone already is fine. */
static enum err remove_one(struct rq *rq, const struct tag_place *place, int64_t id, int64_t tag_id)
{
    struct labeling l;
    struct tag t;
    enum err e = store_tag_get(rq->call.db, place->kind, id, &t);

    if (e == ERR_NOT_FOUND)
        return rq_success(rq);
    if (e == ERR_OK && is_hidden(rq, &t))
        return fail(&rq->call, ERR_NOT_FOUND, "id", "tag %lld does not stand there", (long long)id);
    if (e == ERR_OK && (t.owner_id != place->owner_id || (tag_id && t.tag_id != tag_id)))
        return fail(&rq->call, ERR_INVALID, "id", "tag %lld does not stand there", (long long)id);
    if (e == ERR_OK)
        e = labeling_open(&l, &rq->call, rq->job_id);
    if (e == ERR_OK)
        e = tag_remove(&l, place, &t);
    return e == ERR_OK ? rq_success(rq) : e;
}

enum err image_tags_remove_from_image(struct rq *rq, const void *input)
{
    const struct image_tag_remove_in *in = input;
    struct image i;
    enum err e = store_image_get(rq->call.db, in->image_id, &i);
    struct tag_place place = on_image(&i);

    return e == ERR_OK ? remove_one(rq, &place, in->id, in->tag_id) : e;
}

struct image_tags_remove_in {
    struct ids tag_ids, ids;
};
const struct field image_tags_bulk_remove_from_images_fields[] = {
    F_IDS(REQUIRED, struct image_tags_remove_in, tag_ids, "tagIds", 1000, "kinds of tags"),
    F_IDS(REQUIRED, struct image_tags_remove_in, ids, "ids", IMAGES_MAX, "the images"), F_END};

static bool among(const struct ids *ids, int64_t id)
{
    for (size_t i = 0; i < ids->n; i++)
        if (ids->v[i] == id)
            return true;
    return false;
}

enum err image_tags_bulk_remove_from_images(struct rq *rq, const void *input)
{
    const struct image_tags_remove_in *in = input;
    struct image *images = NULL;
    struct tag *tags = NULL;
    struct labeling l;
    size_t n = 0, tags_len = 0;
    enum err e = rq_access_images(rq, in->ids.v, in->ids.n, PERM_ANNOTATE, "ids");

    if (e == ERR_OK)
        e = store_images(rq->call.db, in->ids.v, in->ids.n, &images, &n);
    if (e == ERR_OK)
        e = rq_tags(rq, TAG_OF_IMAGE, &in->ids, &tags, &tags_len);
    if (e == ERR_OK)
        e = labeling_open(&l, &rq->call, rq->job_id);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        struct tag_place place = on_image(&images[i]);
        size_t count;
        const struct tag *own = tags_of(tags, tags_len, images[i].id, &count);

        for (size_t k = 0; k < count && e == ERR_OK; k++)
            if (among(&in->tag_ids, own[k].tag_id))
                e = tag_remove(&l, &place, &own[k]);
    }
    return e == ERR_OK ? rq_success(rq) : e;
}

/* ---- several tags at once ---- */

struct tags_bulk_add_in {
    int64_t project_id;
    struct json_value *tags;
};
const struct field tags_entities_bulk_add_fields[] = {
    F_ID(REQUIRED, struct tags_bulk_add_in, project_id, "projectId", "the project of the images"),
    F_ARR(REQUIRED, struct tags_bulk_add_in, tags, "tags", "[{tagId, entityId, value}]"), F_END};
const struct field figures_tags_bulk_add_fields[] = {
    F_ID(REQUIRED, struct tags_bulk_add_in, project_id, "projectId", "the project of the figures"),
    F_ARR(REQUIRED, struct tags_bulk_add_in, tags, "tags", "[{tagId, figureId, value}]"), F_END};

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The owners that the tags name, each once, ascending. */
static enum err owners_of(struct rq *rq, const struct tag_in *tags, size_t n, const char *field,
                          struct ids *out)
{
    int64_t *ids = arena_array(rq->call.arena, n + 1, sizeof *ids);
    size_t distinct = 0;

    if (ids == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < n; i++) {
        if (tags[i].owner_id == 0)
            return fail(&rq->call, ERR_INVALID, field, "tags[%zu]: \"%s\" is required", i, field);
        ids[i] = tags[i].owner_id;
    }
    qsort(ids, n, sizeof *ids, by_id);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || ids[i] != ids[distinct - 1])
            ids[distinct++] = ids[i];
    *out = (struct ids){ids, distinct, true};
    return ERR_OK;
}

static enum err read_bulk(struct rq *rq, const struct tags_bulk_add_in *in, struct tag_in **tags,
                          size_t *n)
{
    if (json_count(rq->call.arena, in->tags) > TAGS_MAX)
        return fail(&rq->call, ERR_INVALID, "tags", "at most %d tags in one call", TAGS_MAX);
    return tags_read(&rq->call, in->tags, "tags", tags, n);
}

/* The places of the tags, by owner; all are in the project. */
static enum err image_places(struct rq *rq, const struct ids *owners, int64_t project_id,
                             struct tag_place *out)
{
    struct image *images = NULL;
    size_t n = 0;
    enum err e = rq_access_images(rq, owners->v, owners->n, PERM_ANNOTATE, "entityId");

    if (e == ERR_OK)
        e = store_images(rq->call.db, owners->v, owners->n, &images, &n);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        out[i] = on_image(&images[i]);
        if (images[i].project_id != project_id)
            e = fail(&rq->call, ERR_INVALID, "projectId", "image %lld is of another project",
                     (long long)images[i].id);
    }
    return e;
}

static enum err figure_places(struct rq *rq, const struct ids *owners, int64_t project_id,
                              struct tag_place *out)
{
    struct figures list = {0};
    enum err e = rq_load_figures(rq, owners, false, PERM_ANNOTATE, "figureId", &list);

    if (e == ERR_OK && list.n < owners->n)
        return fail(&rq->call, ERR_NOT_FOUND, "figureId", "some of these figures were removed");
    for (size_t i = 0; i < list.n && e == ERR_OK; i++) {
        out[i] = on_figure(&list.v[i]);
        if (list.v[i].project_id != project_id)
            e = fail(&rq->call, ERR_INVALID, "projectId", "figure %lld is of another project",
                     (long long)list.v[i].id);
    }
    return e;
}

static const struct tag_place *place_of(const struct tag_place *places, const struct ids *owners,
                                        int64_t id)
{
    int64_t *at = bsearch(&id, owners->v, owners->n, sizeof *owners->v, by_id);

    return &places[at - owners->v];
}

static enum err add_all(struct rq *rq, const struct tags_bulk_add_in *in, enum tag_owner kind)
{
    struct tag_place *places = NULL;
    struct tag_in *tags = NULL;
    struct labeling l;
    struct ids owners = {0};
    size_t n = 0;
    const char *field = kind == TAG_OF_IMAGE ? "entityId" : "figureId";
    enum err e = read_bulk(rq, in, &tags, &n);

    if (e == ERR_OK)
        e = owners_of(rq, tags, n, field, &owners);
    if (e == ERR_OK)
        places = arena_array(rq->call.arena, owners.n + 1, sizeof *places);
    if (e == ERR_OK && places == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    if (e == ERR_OK && owners.n > 0)
        e = kind == TAG_OF_IMAGE ? image_places(rq, &owners, in->project_id, places)
                                 : figure_places(rq, &owners, in->project_id, places);
    if (e == ERR_OK)
        e = labeling_open(&l, &rq->call, rq->job_id);
    json_arr(&rq->out);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        const struct tag_place *place = place_of(places, &owners, tags[i].owner_id);
        int64_t id = 0;

        e = tag_add(&l, place, &tags[i], &id);
        if (e != ERR_OK)
            fault_prefix(&rq->call.fault, "tags[%zu]: ", i);
        put_added(&rq->out, id, place, &tags[i]);
    }
    json_arr_end(&rq->out);
    return e;
}

enum err tags_entities_bulk_add(struct rq *rq, const void *input)
{
    return add_all(rq, input, TAG_OF_IMAGE);
}

enum err figures_tags_bulk_add(struct rq *rq, const void *input)
{
    return add_all(rq, input, TAG_OF_FIGURE);
}

/* ---- on one figure ---- */

struct figures_tags_list_in {
    int64_t id;
};
const struct field figures_tags_list_fields[] = {
    F_ID(REQUIRED, struct figures_tags_list_in, id, "id", "the figure"), F_END};

enum err figures_tags_list(struct rq *rq, const void *input)
{
    int64_t id = ((const struct figures_tags_list_in *)input)->id;
    struct tag *tags = NULL;
    size_t n = 0;
    enum err e = rq_tags(rq, TAG_OF_FIGURE, &(struct ids){&id, 1, true}, &tags, &n);

    json_arr(&rq->out);
    for (size_t i = 0; i < n; i++)
        put_tag(&rq->out, &tags[i], TAG_OF_FIGURE);
    json_arr_end(&rq->out);
    return e;
}

struct object_tag_add_in {
    int64_t tag_id, figure_id;
    struct json_value *value;
};
const struct field object_tags_add_to_object_fields[] = {
    F_ID(REQUIRED, struct object_tag_add_in, tag_id, "tagId", "the tag"),
    F_ID(REQUIRED, struct object_tag_add_in, figure_id, "figureId", "the figure"),
    F_ANY(OPTIONAL, struct object_tag_add_in, value, "value", "its value, when it takes one"),
    F_END};

enum err object_tags_add_to_object(struct rq *rq, const void *input)
{
    const struct object_tag_add_in *in = input;
    const struct tag_in tag = {.tag_id = in->tag_id, .value = in->value, .custom_data = STR("{}")};
    struct labeling l;
    struct figure f;
    int64_t id = 0;
    enum err e = store_figure_get(rq->call.db, in->figure_id, &f);

    if (e == ERR_OK)
        e = labeling_open(&l, &rq->call, rq->job_id);
    if (e != ERR_OK)
        return e;
    struct tag_place place = on_figure(&f);
    e = tag_add(&l, &place, &tag, &id);
    put_added(&rq->out, id, &place, &tag);
    return e;
}

struct object_tag_remove_in {
    int64_t id, figure_id, tag_id;
};
const struct field object_tags_remove_from_figure_fields[] = {
    F_ID(REQUIRED, struct object_tag_remove_in, figure_id, "figureId", "the figure"),
    F_ID(OPTIONAL, struct object_tag_remove_in, tag_id, "tagId", "the kind of tag"),
    F_ID(REQUIRED, struct object_tag_remove_in, id, "id", "the tag on the figure"), F_END};

enum err object_tags_remove_from_figure(struct rq *rq, const void *input)
{
    const struct object_tag_remove_in *in = input;
    struct figure f;
    enum err e = store_figure_get(rq->call.db, in->figure_id, &f);
    struct tag_place place = on_figure(&f);

    return e == ERR_OK ? remove_one(rq, &place, in->id, in->tag_id) : e;
}

/* ---- custom data ---- */

struct tag_custom_data_in {
    int64_t id;
    struct json_value *custom_data;
    struct str strategy;
};
#define CUSTOM_DATA_FIELDS                                                                         \
    F_ID(REQUIRED, struct tag_custom_data_in, id, "id", "the tag where it stands"),                \
        F_OBJ(REQUIRED, struct tag_custom_data_in, custom_data, "customData", "any object"),       \
        F_STR(OPTIONAL, struct tag_custom_data_in, strategy, "updateStrategy", 10,                 \
              "merge (default): key by key; replace")
const struct field image_tags_custom_data_update_fields[] = {CUSTOM_DATA_FIELDS, F_END};
const struct field object_tags_custom_data_update_fields[] = {CUSTOM_DATA_FIELDS, F_END};

static enum err update_custom_data(struct rq *rq, const struct tag_custom_data_in *in,
                                   enum tag_owner kind)
{
    bool replace = str_is(in->strategy, "replace");
    struct call *c = &rq->call;
    struct labeling l;
    struct tag_place place;
    struct tag t;

    if (in->strategy.p && !replace && !str_is(in->strategy, "merge"))
        return fail(c, ERR_INVALID, "updateStrategy",
                    "\"updateStrategy\" must be merge or replace");
    enum err e = open_tag(rq, kind, in->id, &l, &t, &place);
    if (e != ERR_OK)
        return e;
    struct str text = json_merge(c->arena, replace ? STR("{}") : t.custom_data, in->custom_data,
                                 NULL, NULL, MORE_MAX);
    if (text.p == NULL)
        return fail(c, ERR_INVALID, "customData", "\"customData\" must be at most %u bytes",
                    MORE_MAX);
    e = tag_set_custom(&l, &t, kind, text);
    if (e == ERR_OK)
        e = call_event(c, (struct event){.action = "update_tag_custom_data",
                                         .project_id = l.project_id,
                                         .dataset_id = place.dataset_id,
                                         .image_id = place.image_id,
                                         .figure_id = kind == TAG_OF_FIGURE ? t.owner_id : 0,
                                         .tag_id = t.tag_id});
    json_obj(&rq->out);
    json_kv_raw(&rq->out, "customData", text);
    json_obj_end(&rq->out);
    return e;
}

enum err image_tags_custom_data_update(struct rq *rq, const void *input)
{
    return update_custom_data(rq, input, TAG_OF_IMAGE);
}

enum err object_tags_custom_data_update(struct rq *rq, const void *input)
{
    return update_custom_data(rq, input, TAG_OF_FIGURE);
}
