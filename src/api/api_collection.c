/* Collections of images. */
#include "api/rq.h"
#include "domain/collection.h"

#include <math.h>

#define PER_PAGE_DEFAULT 500
#define ITEMS_MAX        100000

static bool asks_for_meta(const struct strs *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (str_is(names->v[i], "meta"))
            return true;
    return false;
}

/* Clients look for every key in meta first, so it is only there when it is asked for. */
static void put_collection(struct json_w *w, const struct collection *c, bool meta)
{
    json_obj(w);
    json_kv_i64(w, "id", c->id);
    json_kv_str(w, "name", c->name);
    json_kv_i64(w, "teamId", c->team_id);
    json_kv_i64(w, "projectId", c->project_id);
    json_kv_iso(w, "createdAt", c->created_at);
    json_kv_iso(w, "updatedAt", c->updated_at);
    json_kv_str(w, "description", c->description);
    json_kv_str(w, "type", c->type);
    if (meta)
        json_kv_raw(w, "meta", c->meta);
    json_obj_end(w);
}

static enum err reply_collection(struct rq *rq, int64_t id, bool meta)
{
    struct collection c;
    enum err e = store_collection_get(rq->call.db, id, &c);

    if (e == ERR_OK)
        put_collection(&rq->out, &c, meta);
    return e;
}

struct entities_collections_info_in {
    int64_t id;
    struct strs extra_fields;
};
#define EXTRA_FIELDS(T) F_STRS(OPTIONAL, T, extra_fields, "extraFields", 50, "meta: answer it too")
const struct field entities_collections_info_fields[] = {
    F_ID(REQUIRED, struct entities_collections_info_in, id, "id", "the collection"),
    EXTRA_FIELDS(struct entities_collections_info_in), F_END};

enum err entities_collections_info(struct rq *rq, const void *input)
{
    const struct entities_collections_info_in *in = input;

    return reply_collection(rq, in->id, asks_for_meta(&in->extra_fields));
}

struct entities_collections_list_in {
    int64_t project_id;
    struct str type;
    struct strs extra_fields;
    struct list_args list;
};
const struct field entities_collections_list_fields[] = {
    F_ID(REQUIRED, struct entities_collections_list_in, project_id, "projectId", "the project"),
    F_STR(OPTIONAL, struct entities_collections_list_in, type, "type", 16,
          "default, aiSearch, or all (which is the default)"),
    EXTRA_FIELDS(struct entities_collections_list_in),
    LIST_FIELDS(struct entities_collections_list_in, list), F_END};

static void put_collection_row(struct rq *rq, struct db_query *row)
{
    const struct entities_collections_list_in *in = rq->input;
    struct collection c;

    store_collection_read(row, &c);
    put_collection(&rq->out, &c, asks_for_meta(&in->extra_fields));
}

enum err entities_collections_list(struct rq *rq, const void *input)
{
    const struct entities_collections_list_in *in = input;
    static const char *const types[] = {"all", "default", "aiSearch"};
    size_t which = 0;

    while (in->type.p && which < ARRAY_LEN(types) && !str_is(in->type, types[which]))
        which++;
    if (which == ARRAY_LEN(types))
        return fail(&rq->call, ERR_INVALID, "type",
                    "\"type\" must be \"default\", \"aiSearch\" or \"all\"");
    struct list l = LIST_MAKE(rq->call.db, LIST_COLLECTIONS, in->project_id, (int64_t)which);
    return rq_list(rq, l, &in->list, PER_PAGE_DEFAULT, put_collection_row);
}

struct entities_collections_add_in {
    int64_t project_id;
    struct str name, description, type;
    struct json_value *meta;
};
const struct field entities_collections_add_fields[] = {
    F_ID(REQUIRED, struct entities_collections_add_in, project_id, "projectId", "the project"),
    F_STR(REQUIRED, struct entities_collections_add_in, name, "name", 255, "unique in the project"),
    F_STR(OPTIONAL, struct entities_collections_add_in, description, "description", 5000,
          "short text"),
    F_STR(OPTIONAL, struct entities_collections_add_in, type, "type", 16,
          "default, or aiSearch: found by a model"),
    F_OBJ(OPTIONAL, struct entities_collections_add_in, meta, "meta",
          "of an aiSearch one: aiSearchKey; kept as it is sent"),
    F_END};

enum err entities_collections_add(struct rq *rq, const void *input)
{
    const struct entities_collections_add_in *in = input;
    struct collection_new n = {in->name, in->description, in->type, in->meta};
    int64_t id;
    enum err e = collection_create(&rq->call, &n, &id);

    return e == ERR_OK ? reply_collection(rq, id, true) : e;
}

struct entities_collections_edit_info_in {
    int64_t id;
    struct str name, description;
};
const struct field entities_collections_edit_info_fields[] = {
    F_ID(REQUIRED, struct entities_collections_edit_info_in, id, "id", "the collection"),
    F_STR(OPTIONAL, struct entities_collections_edit_info_in, name, "name", 255, "new name"),
    F_STR(OPTIONAL, struct entities_collections_edit_info_in, description, "description", 5000,
          "short text"),
    F_END};

enum err entities_collections_edit_info(struct rq *rq, const void *input)
{
    const struct entities_collections_edit_info_in *in = input;
    enum err e = collection_edit(&rq->call, in->id, in->name, in->description);

    return e == ERR_OK ? reply_collection(rq, in->id, false) : e;
}

struct entities_collections_remove_in {
    int64_t id;
    struct opt_bool hard_delete;
};
const struct field entities_collections_remove_fields[] = {
    F_ID(REQUIRED, struct entities_collections_remove_in, id, "id", "the collection"),
    F_BOOL(OPTIONAL, struct entities_collections_remove_in, hard_delete, "hardDelete",
           "true: which images were in it is forgotten, too"),
    F_END};

enum err entities_collections_remove(struct rq *rq, const void *input)
{
    const struct entities_collections_remove_in *in = input;
    enum err e = collection_remove(&rq->call, in->id, in->hard_delete.v);

    return e == ERR_OK ? rq_success(rq) : e;
}

/* ---- content ---- */

static enum err reply_result(struct rq *rq, const struct collection_result *r)
{
    struct json_w *w = &rq->out;

    json_obj(w);
    json_kv_arr(w, "missing");
    for (size_t i = 0; i < r->missing_len; i++)
        json_i64(w, r->missing[i]);
    json_arr_end(w);
    json_kv_arr(w, "items");
    for (size_t i = 0; i < r->items_len; i++) {
        json_obj(w);
        json_kv_i64(w, "id", r->items[i].id);
        json_kv_i64(w, "entityId", r->items[i].image_id);
        json_kv_iso(w, "createdAt", r->items[i].created_at);
        json_obj_end(w);
    }
    json_arr_end(w);
    json_obj_end(w);
    return ERR_OK;
}

struct entities_collections_items_bulk_add_in {
    int64_t collection_id;
    struct ids entity_ids;
    struct json_value *entity_items;
};
const struct field entities_collections_items_bulk_add_fields[] = {
    F_ID(REQUIRED, struct entities_collections_items_bulk_add_in, collection_id, "collectionId",
         "the collection"),
    F_IDS(OPTIONAL, struct entities_collections_items_bulk_add_in, entity_ids, "entityIds",
          ITEMS_MAX, "the images; give these or entityItems"),
    F_ARR(OPTIONAL, struct entities_collections_items_bulk_add_in, entity_items, "entityItems",
          "[{entityId, meta: {score}}]: images with how well they fit"),
    F_END};

static enum err read_item(struct call *c, struct json_value *v, size_t index,
                          struct collection_item *out)
{
    struct json_value *id = json_get(c->arena, v, "entityId");
    struct json_value *score = json_get(c->arena, json_get(c->arena, v, "meta"), "score");

    if (id == NULL || id->type != JSON_INT || id->i < 1)
        return fail(c, ERR_INVALID, "entityItems",
                    "entityItems[%zu].entityId must be the id of an image", index);
    *out = (struct collection_item){.image_id = id->i, .score = (double)NAN};
    if (score == NULL || score->type == JSON_NULL)
        return ERR_OK;
    if (score->type != JSON_INT && score->type != JSON_REAL)
        return fail(c, ERR_INVALID, "entityItems", "entityItems[%zu].meta.score must be a number",
                    index);
    out->score = score->type == JSON_INT ? (double)score->i : score->d;
    return ERR_OK;
}

enum err entities_collections_items_bulk_add(struct rq *rq, const void *input)
{
    const struct entities_collections_items_bulk_add_in *in = input;
    size_t n = in->entity_ids.set ? in->entity_ids.n : json_count(rq->call.arena, in->entity_items);
    struct collection_item *items = arena_array(rq->call.arena, n + 1, sizeof *items);
    struct collection_result result;
    enum err e = ERR_OK;
    size_t i = 0;

    if (in->entity_ids.set == (in->entity_items != NULL))
        return fail(&rq->call, ERR_INVALID, "entityIds",
                    "one of \"entityIds\" and \"entityItems\" is required");
    if (n > ITEMS_MAX)
        return fail(&rq->call, ERR_INVALID, "entityItems", "at most %d items in one call",
                    ITEMS_MAX);
    if (items == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (; in->entity_ids.set && i < n; i++)
        items[i] = (struct collection_item){.image_id = in->entity_ids.v[i], .score = (double)NAN};
    for (struct json_value *v = json_first(rq->call.arena, in->entity_items); v && e == ERR_OK;
         v = v->next, i++)
        e = read_item(&rq->call, v, i, &items[i]);
    if (e == ERR_OK)
        e = collection_add(&rq->call, in->collection_id, items, n, &result);
    return e == ERR_OK ? reply_result(rq, &result) : e;
}

struct entities_collections_items_bulk_remove_in {
    int64_t collection_id;
    struct ids entity_ids;
};
const struct field entities_collections_items_bulk_remove_fields[] = {
    F_ID(REQUIRED, struct entities_collections_items_bulk_remove_in, collection_id, "collectionId",
         "the collection"),
    F_IDS(REQUIRED, struct entities_collections_items_bulk_remove_in, entity_ids, "entityIds",
          ITEMS_MAX, "the images"),
    F_END};

enum err entities_collections_items_bulk_remove(struct rq *rq, const void *input)
{
    const struct entities_collections_items_bulk_remove_in *in = input;
    struct collection_result result;
    enum err e =
        collection_take(&rq->call, in->collection_id, in->entity_ids.v, in->entity_ids.n, &result);

    return e == ERR_OK ? reply_result(rq, &result) : e;
}
