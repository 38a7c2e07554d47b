/* Datasets. */
#include "api/rq.h"
#include "domain/project.h"

#define PER_PAGE_DEFAULT 500

/* In lists custom_data must be absent unless asked for: clients use the rows as dictionary keys,
 * which an object would break. */
static void put_dataset(struct json_w *w, const struct dataset *d, bool custom_data)
{
    json_obj(w);
    json_kv_i64(w, "id", d->id);
    json_kv_str(w, "name", d->name);
    json_kv_str(w, "description", d->description);
    rq_kv_digits(w, "size", d->size);
    json_kv_i64(w, "projectId", d->project_id);
    json_kv_i64(w, "imagesCount", d->images_count);
    json_kv_i64(w, "itemsCount", d->images_count);
    json_kv_iso(w, "createdAt", d->created_at);
    json_kv_iso(w, "updatedAt", d->updated_at);
    json_kv_null(w, "referenceImageUrl");
    json_kv_i64(w, "teamId", d->team_id);
    json_kv_i64(w, "workspaceId", d->workspace_id);
    json_kv_id(w, "parentId", d->parent_id);
    json_kv_id(w, "createdBy", d->created_by);
    json_kv_bool(w, "isFavorite", d->favorite);
    if (custom_data)
        json_kv_raw(w, "customData", d->custom_data);
    json_obj_end(w);
}

static enum err reply_dataset(struct rq *rq, int64_t id)
{
    struct dataset d;
    enum err e = store_dataset_get(rq->call.db, id, &d);

    if (e == ERR_OK)
        put_dataset(&rq->out, &d, true);
    return e;
}

struct datasets_list_in {
    int64_t project_id;
    struct opt_bool recursive;
    struct strs extra_fields;
    struct list_args list;
};
const struct field datasets_list_fields[] = {
    F_ID(REQUIRED, struct datasets_list_in, project_id, "projectId", "the project"),
    F_BOOL(OPTIONAL, struct datasets_list_in, recursive, "recursive",
           "true: all levels; false (default): those without a parent. A filter on parentId gives"
           " the direct children of one"),
    F_STRS(OPTIONAL, struct datasets_list_in, extra_fields, "extraFields", 50,
           "customData: answer it too"),
    LIST_FIELDS(struct datasets_list_in, list), F_END};

static bool asks_for(const struct strs *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (str_is(names->v[i], name))
            return true;
    return false;
}

static void put_dataset_row(struct rq *rq, struct db_query *row)
{
    const struct datasets_list_in *in = rq->input;
    struct dataset d;

    store_dataset_read(row, &d);
    put_dataset(&rq->out, &d, asks_for(&in->extra_fields, "customData"));
}

enum err datasets_list(struct rq *rq, const void *input)
{
    const struct datasets_list_in *in = input;
    struct list l = LIST_MAKE(rq->call.db, LIST_DATASETS, in->project_id, in->recursive.v,
                              rq->via_job ? rq->job_dataset_id : 0);

    return rq_list(rq, l, &in->list, PER_PAGE_DEFAULT, put_dataset_row);
}

struct datasets_list_all_in {
    struct strs extra_fields;
    struct list_args list;
};
const struct field datasets_list_all_fields[] = {
    F_STRS(OPTIONAL, struct datasets_list_all_in, extra_fields, "extraFields", 50,
           "customData: answer it too"),
    LIST_FIELDS(struct datasets_list_all_in, list), F_END};

static void put_any_dataset(struct rq *rq, struct db_query *row)
{
    const struct datasets_list_all_in *in = rq->input;
    struct dataset d;

    store_dataset_read(row, &d);
    put_dataset(&rq->out, &d, asks_for(&in->extra_fields, "customData"));
}

enum err datasets_list_all(struct rq *rq, const void *input)
{
    const struct datasets_list_all_in *in = input;

    return rq_list(rq, list_make(rq->call.db, LIST_DATASETS_OF_ALL, NULL, 0), &in->list,
                   PER_PAGE_MAX, put_any_dataset);
}

struct dataset_in {
    int64_t id;
};
#define DATASET_FIELD F_ID(REQUIRED, struct dataset_in, id, "id", "the dataset")
const struct field datasets_info_fields[] = {DATASET_FIELD, F_END};

enum err datasets_info(struct rq *rq, const void *input)
{
    return reply_dataset(rq, ((const struct dataset_in *)input)->id);
}

struct datasets_add_in {
    int64_t project_id, parent_id;
    struct str name, description;
    struct json_value *custom_data;
};
const struct field datasets_add_fields[] = {
    F_ID(REQUIRED, struct datasets_add_in, project_id, "projectId", "the project"),
    F_STR(REQUIRED, struct datasets_add_in, name, "name", 255, "unique under its parent"),
    F_STR(OPTIONAL, struct datasets_add_in, description, "description", 5000, "short text"),
    F_ID(OPTIONAL, struct datasets_add_in, parent_id, "parentId", "dataset to put it under"),
    F_OBJ(OPTIONAL, struct datasets_add_in, custom_data, "customData", "kept as it is sent"),
    F_END};

enum err datasets_add(struct rq *rq, const void *input)
{
    const struct datasets_add_in *in = input;
    struct dataset_new n = {in->parent_id, in->name, in->description, in->custom_data};
    int64_t id;
    enum err e = dataset_create(&rq->call, &n, &id);

    return e == ERR_OK ? reply_dataset(rq, id) : e;
}

struct datasets_edit_info_in {
    int64_t id;
    struct str name, description;
    struct json_value *custom_data;
};
const struct field datasets_edit_info_fields[] = {
    F_ID(REQUIRED, struct datasets_edit_info_in, id, "id", "the dataset"),
    F_STR(OPTIONAL, struct datasets_edit_info_in, name, "name", 255, "new name"),
    F_STR(OPTIONAL, struct datasets_edit_info_in, description, "description", 5000, "short text"),
    F_OBJ(OPTIONAL, struct datasets_edit_info_in, custom_data, "customData", "replaces the old"),
    F_END};

enum err datasets_edit_info(struct rq *rq, const void *input)
{
    const struct datasets_edit_info_in *in = input;
    enum err e = dataset_change(&rq->call, in->id, in->name, in->description, in->custom_data);

    return e == ERR_OK ? reply_dataset(rq, in->id) : e;
}

const struct field datasets_archive_fields[] = {DATASET_FIELD, F_END};

enum err datasets_archive(struct rq *rq, const void *input)
{
    enum err e = dataset_archive(&rq->call, ((const struct dataset_in *)input)->id);

    return e == ERR_OK ? rq_success(rq) : e;
}

struct datasets_move_in {
    int64_t src_id, dest_id;
};
const struct field datasets_move_fields[] = {
    F_ID(REQUIRED, struct datasets_move_in, src_id, "srcId", "dataset to move"),
    F_ID(REQUIRED, struct datasets_move_in, dest_id, "destId", "dataset to put it under"), F_END};

enum err datasets_move(struct rq *rq, const void *input)
{
    const struct datasets_move_in *in = input;
    enum err e = dataset_move(&rq->call, in->src_id, in->dest_id);

    return e == ERR_OK ? rq_success(rq) : e;
}

struct datasets_favorite_in {
    int64_t id;
    struct opt_bool favorite;
};
const struct field datasets_favorite_change_fields[] = {
    F_ID(REQUIRED, struct datasets_favorite_in, id, "id", "the dataset"),
    F_BOOL(REQUIRED, struct datasets_favorite_in, favorite, "isFavorite", "pinned or not"), F_END};

enum err datasets_favorite_change(struct rq *rq, const void *input)
{
    const struct datasets_favorite_in *in = input;
    enum err e = dataset_set_favorite(&rq->call, in->id, in->favorite.v);

    return e == ERR_OK ? rq_success(rq) : e;
}
