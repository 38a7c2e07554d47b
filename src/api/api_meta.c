/* Definitions of a project: classes and tags. */
#include "api/rq.h"
#include "domain/annotation.h"
#include "domain/meta.h"
#include "store/store_project.h"

#define PER_PAGE_DEFAULT 500
#define TAGS_MAX         1000

struct project_in {
    int64_t id;
};
#define PROJECT_FIELD F_ID(REQUIRED, struct project_in, id, "id", "the project")

static void put_meta_class(struct json_w *w, const struct object_class *c)
{
    json_obj(w);
    json_kv_i64(w, "id", c->id);
    json_kv_str(w, "title", c->name);
    json_kv_str(w, "shape", c->shape);
    json_kv_str(w, "color", c->color);
    json_kv_raw(w, "geometry_config", c->geometry_config);
    json_kv_str(w, "hotkey", c->hotkey);
    json_kv_str(w, "description", c->description);
    json_obj_end(w);
}

static void put_meta_tag(struct json_w *w, const struct tag_meta *t, const struct meta *m)
{
    json_obj(w);
    json_kv_i64(w, "id", t->id);
    json_kv_str(w, "name", t->name);
    json_kv_str(w, "value_type", t->value_type);
    if (t->options.p) /* for the other types the key must be absent */
        json_kv_raw(w, "values", t->options);
    json_kv_str(w, "color", t->color);
    json_kv_str(w, "hotkey", t->hotkey);
    json_kv_str(w, "applicable_type", t->applicable_type);
    json_kv_str(w, "target_type", t->target_type);
    json_kv_arr(w, "classes");
    for (size_t i = 0; i < m->tag_classes_len; i++)
        if (m->tag_classes[i].tag_id == t->id)
            json_str(w, m->tag_classes[i].class_name);
    json_arr_end(w);
    json_splice(w, t->more);
    json_obj_end(w);
}

static enum err reply_meta(struct rq *rq, int64_t project_id)
{
    struct json_w *w = &rq->out;
    struct project p;
    struct meta m = {0};
    enum err e = store_project_get(rq->call.db, project_id, &p);

    if (e == ERR_OK)
        e = meta_load(rq->call.db, project_id, &m);
    if (e != ERR_OK)
        return e;
    json_obj(w);
    json_kv_arr(w, "classes");
    for (size_t i = 0; i < m.classes_len; i++)
        put_meta_class(w, &m.classes[i]);
    json_arr_end(w);
    json_kv_arr(w, "tags");
    for (size_t i = 0; i < m.tags_len; i++)
        put_meta_tag(w, &m.tags[i], &m);
    json_arr_end(w);
    json_kv_str(w, "projectType", p.type);
    json_obj_end(w);
    return ERR_OK;
}

const struct field projects_meta_fields[] = {PROJECT_FIELD, F_END};

enum err projects_meta(struct rq *rq, const void *input)
{
    return reply_meta(rq, ((const struct project_in *)input)->id);
}

struct projects_meta_update_in {
    int64_t id;
    struct json_value *meta;
};
const struct field projects_meta_update_fields[] = {
    F_ID(REQUIRED, struct projects_meta_update_in, id, "id", "the project"),
    F_OBJ(REQUIRED, struct projects_meta_update_in, meta, "meta",
          "ProjectMeta JSON: classes and tags; items that are not there stay as they are"),
    F_END};

enum err projects_meta_update(struct rq *rq, const void *input)
{
    const struct projects_meta_update_in *in = input;
    enum err e = meta_merge(&rq->call, in->meta);

    return e == ERR_OK ? reply_meta(rq, in->id) : e;
}

struct meta_remove_in {
    int64_t id, project_id;
};
const struct field projects_classes_remove_fields[] = {
    F_ID(REQUIRED, struct meta_remove_in, id, "id", "the class"),
    F_ID(REQUIRED, struct meta_remove_in, project_id, "projectId", "its project"), F_END};
const struct field projects_tags_remove_fields[] = {
    F_ID(REQUIRED, struct meta_remove_in, id, "id", "the tag"),
    F_ID(REQUIRED, struct meta_remove_in, project_id, "projectId", "its project"), F_END};

enum err projects_classes_remove(struct rq *rq, const void *input)
{
    const struct meta_remove_in *in = input;
    enum err e = class_remove(&rq->call, in->id);

    return e == ERR_OK ? rq_success(rq) : e;
}

enum err projects_tags_remove(struct rq *rq, const void *input)
{
    const struct meta_remove_in *in = input;
    enum err e = tag_meta_remove(&rq->call, in->id);

    return e == ERR_OK ? rq_success(rq) : e;
}

static void put_class(struct json_w *w, const struct object_class *c)
{
    json_obj(w);
    json_kv_i64(w, "id", c->id);
    json_kv_str(w, "name", c->name);
    json_kv_str(w, "description", c->description);
    json_kv_str(w, "shape", c->shape);
    json_kv_str(w, "color", c->color);
    json_kv_raw(w, "settings", c->settings);
    json_kv_str(w, "hotkey", c->hotkey);
    json_kv_iso(w, "createdAt", c->created_at);
    json_kv_iso(w, "updatedAt", c->updated_at);
    json_obj_end(w);
}

static enum err reply_class(struct rq *rq, int64_t id)
{
    struct object_class c;
    enum err e = store_class_get(rq->call.db, id, &c);

    if (e == ERR_OK)
        put_class(&rq->out, &c);
    return e;
}

struct object_classes_list_in {
    int64_t project_id;
    struct list_args list;
};
const struct field object_classes_list_fields[] = {
    F_ID(REQUIRED, struct object_classes_list_in, project_id, "projectId", "the project"),
    LIST_FIELDS(struct object_classes_list_in, list), F_END};

static void put_class_row(struct rq *rq, struct db_query *row)
{
    struct object_class c;

    store_class_read(row, &c);
    put_class(&rq->out, &c);
}

enum err object_classes_list(struct rq *rq, const void *input)
{
    const struct object_classes_list_in *in = input;

    return rq_list(rq, LIST_MAKE(rq->call.db, LIST_CLASSES, in->project_id), &in->list,
                   PER_PAGE_DEFAULT, put_class_row);
}

struct tags_list_in {
    int64_t project_id;
    struct list_args list;
    struct tag_class *classes; /* what ties tags to classes; filled by the handler */
    size_t classes_len;
};
const struct field tags_list_fields[] = {
    F_ID(REQUIRED, struct tags_list_in, project_id, "projectId", "the project"),
    LIST_FIELDS(struct tags_list_in, list), F_END};

static void put_tag_row(struct rq *rq, struct db_query *row)
{
    const struct tags_list_in *in = rq->input;
    struct json_w *w = &rq->out;
    struct tag_meta t;

    store_tag_meta_read(row, &t);
    json_obj(w);
    json_kv_i64(w, "id", t.id);
    json_kv_i64(w, "projectId", in->project_id);
    json_kv_str(w, "name", t.name);
    json_kv_obj(w, "settings");
    json_kv_str(w, "type", t.value_type);
    if (t.options.p)
        json_kv_raw(w, "values", t.options);
    json_kv_str(w, "applicableType", t.applicable_type);
    json_kv_str(w, "targetType", t.target_type);
    json_kv_arr(w, "classes");
    for (size_t i = 0; i < in->classes_len; i++)
        if (in->classes[i].tag_id == t.id)
            json_i64(w, in->classes[i].class_id);
    json_arr_end(w);
    json_obj_end(w);
    json_kv_str(w, "color", t.color);
    json_kv_str(w, "hotkey", t.hotkey);
    json_kv_iso(w, "createdAt", t.created_at);
    json_kv_iso(w, "updatedAt", t.updated_at);
    json_obj_end(w);
}

enum err tags_list(struct rq *rq, const void *input)
{
    struct tags_list_in *in = rq->input;
    enum err e = store_tag_classes(rq->call.db, in->project_id, &in->classes, &in->classes_len);

    (void)input;
    return e == ERR_OK ? rq_list(rq, LIST_MAKE(rq->call.db, LIST_TAGS, in->project_id), &in->list,
                                 PER_PAGE_DEFAULT, put_tag_row)
                       : e;
}

struct tags_bulk_add_in {
    int64_t project_id;
    struct json_value *tags;
};
const struct field tags_bulk_add_fields[] = {
    F_ID(REQUIRED, struct tags_bulk_add_in, project_id, "projectId", "the project"),
    F_ARR(REQUIRED, struct tags_bulk_add_in, tags, "tags",
          "[{title, color, hotkey, settings: {type, values, applicableType, targetType, classes}}];"
          " classes: ids; all are made or none"),
    F_END};

static void put_made_tag(struct json_w *w, const struct tag_meta *t)
{
    json_obj(w);
    json_kv_i64(w, "id", t->id);
    json_kv_str(w, "title", t->name);
    json_obj_end(w);
}

enum err tags_bulk_add(struct rq *rq, const void *input)
{
    const struct tags_bulk_add_in *in = input;
    struct arena *a = rq->call.arena;
    enum err e = ERR_OK;
    size_t n = 0;

    if (json_count(a, in->tags) > TAGS_MAX)
        return fail(&rq->call, ERR_INVALID, "tags", "at most %d tags in one call", TAGS_MAX);
    json_arr(&rq->out);
    for (struct json_value *v = json_first(a, in->tags); v && e == ERR_OK; v = v->next, n++) {
        struct json_value *tag = NULL;
        struct tag_meta made;

        e = tag_settings_read(&rq->call, v, &tag);
        if (e == ERR_OK)
            e = meta_tag_put(&rq->call, tag, 0, &made);
        if (e == ERR_OK)
            put_made_tag(&rq->out, &made);
        else
            fault_prefix(&rq->call.fault, "tags[%zu]: ", n);
    }
    json_arr_end(&rq->out);
    return e;
}

struct tags_edit_info_in {
    int64_t id;
    struct str title, color, hotkey;
    struct json_value *settings;
};
const struct field tags_edit_info_fields[] = {
    F_ID(REQUIRED, struct tags_edit_info_in, id, "id", "the tag"),
    F_STR(REQUIRED, struct tags_edit_info_in, title, "title", 255, "its name from now on"),
    F_STR(OPTIONAL, struct tags_edit_info_in, color, "color", 7, "#RRGGBB"),
    F_STR(OPTIONAL, struct tags_edit_info_in, hotkey, "hotkey", 32, "key that picks it"),
    F_OBJ(OPTIONAL, struct tags_edit_info_in, settings, "settings",
          "those to change: as in tags.bulk.add"),
    F_END};

enum err tags_edit_info(struct rq *rq, const void *input)
{
    const struct tags_edit_info_in *in = input;
    struct json_value *tag = NULL;
    struct tag_meta now;
    int64_t project = 0;
    enum err e = store_tag_project(rq->call.db, in->id, &project);

    if (e == ERR_NOT_FOUND)
        return fail(&rq->call, e, "id", "there is no tag %lld here", (long long)in->id);
    if (e == ERR_OK)
        e = rq_access(rq, ACCESS_PROJECT, project, PERM_EDIT, "id");
    if (e == ERR_OK)
        e = tag_settings_read(&rq->call, rq->body, &tag);
    if (e == ERR_OK)
        e = meta_tag_put(&rq->call, tag, in->id, &now);
    if (e == ERR_OK)
        put_made_tag(&rq->out, &now);
    return e;
}

struct object_class_in {
    int64_t id;
};
const struct field object_classes_info_fields[] = {
    F_ID(REQUIRED, struct object_class_in, id, "id", "the class"), F_END};

enum err object_classes_info(struct rq *rq, const void *input)
{
    return reply_class(rq, ((const struct object_class_in *)input)->id);
}

struct object_classes_edit_info_in {
    int64_t id;
    struct str name, description, hotkey, shape, color;
    struct json_value *settings;
};
const struct field object_classes_edit_info_fields[] = {
    F_ID(REQUIRED, struct object_classes_edit_info_in, id, "id", "the class"),
    F_STR(OPTIONAL, struct object_classes_edit_info_in, name, "name", 255, "new name"),
    F_STR(OPTIONAL, struct object_classes_edit_info_in, description, "description", 5000, "text"),
    F_STR(OPTIONAL, struct object_classes_edit_info_in, hotkey, "hotkey", 32, "key that picks it"),
    F_STR(OPTIONAL, struct object_classes_edit_info_in, shape, "shape", 32, "new shape"),
    F_STR(OPTIONAL, struct object_classes_edit_info_in, color, "color", 7, "#RRGGBB"),
    F_OBJ(OPTIONAL, struct object_classes_edit_info_in, settings, "settings",
          "availableShapes for classes of shape any"),
    F_END};

enum err object_classes_edit_info(struct rq *rq, const void *input)
{
    const struct object_classes_edit_info_in *in = input;
    struct class_change change = {
        .name = in->name,
        .shape = in->shape,
        .color = in->color,
        .hotkey = in->hotkey,
        .description = in->description,
        .settings = in->settings,
    };
    enum err e = class_change(&rq->call, in->id, &change);

    return e == ERR_OK ? reply_class(rq, in->id) : e;
}
