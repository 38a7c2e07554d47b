/* Reading objects, tags and annotations of requests. */
#include "domain/object.h"

#include "json/json_write.h"

static struct json_value *given(struct call *c, struct json_value *v, const char *key)
{
    struct json_value *m = json_get(c->arena, v, key);

    return m && m->type != JSON_NULL ? m : NULL;
}

static enum err get_text(struct call *c, struct json_value *v, const char *key, struct str *out)
{
    struct json_value *m = given(c, v, key);

    if (m && m->type != JSON_STR)
        return fail(c, ERR_INVALID, key, "\"%s\" must be a string", key);
    if (m)
        *out = m->s;
    return m ? text_check(c, m->s, key, DESCRIPTION_CHARS_MAX) : ERR_OK;
}

static enum err get_id(struct call *c, struct json_value *v, const char *key, int64_t *out)
{
    struct json_value *m = given(c, v, key);

    if (m && (m->type != JSON_INT || m->i < 1))
        return fail(c, ERR_INVALID, key, "\"%s\" must be the id of an object", key);
    if (m)
        *out = m->i;
    return ERR_OK;
}

static enum err get_flag(struct call *c, struct json_value *v, const char *key, bool *out)
{
    struct json_value *m = given(c, v, key);

    if (m && m->type != JSON_BOOL)
        return fail(c, ERR_INVALID, key, "\"%s\" must be a boolean", key);
    *out = m && m->b;
    return ERR_OK;
}

/* A JSON object that is only kept; absent gives {}. */
static enum err get_object(struct call *c, struct json_value *v, const char *key, size_t bytes_max,
                           struct str *out)
{
    struct json_value *m = given(c, v, key);

    if (m && m->type != JSON_OBJ)
        return fail(c, ERR_INVALID, key, "\"%s\" must be an object", key);
    if (m && m->raw.n > bytes_max)
        return fail(c, ERR_INVALID, key, "\"%s\" must be at most %zu bytes long", key, bytes_max);
    *out = m ? m->raw : STR("{}");
    return ERR_OK;
}

/* ---- tags ---- */

static enum err read_tag(struct call *c, struct json_value *v, struct tag_in *out)
{
    enum err e;

    if (v->type == JSON_STR) { /* an old short form: the name alone */
        *out = (struct tag_in){.name = v->s, .custom_data = STR("{}")};
        return ERR_OK;
    }
    if (v->type != JSON_OBJ)
        return fail(c, ERR_INVALID, "tags", "a tag must be an object");
    e = get_id(c, v, "tagId", &out->tag_id);
    if (e == ERR_OK)
        e = get_text(c, v, "name", &out->name);
    if (e == ERR_OK)
        e = get_id(c, v, given(c, v, "figureId") ? "figureId" : "entityId", &out->owner_id);
    if (e == ERR_OK)
        e = get_object(c, v, "customData", MORE_MAX, &out->custom_data);
    out->value = given(c, v, "value");
    if (e == ERR_OK && out->tag_id == 0 && out->name.p == NULL)
        return fail(c, ERR_INVALID, "tags", "a tag needs \"tagId\" or \"name\"");
    return e;
}

enum err tags_read(struct call *c, struct json_value *list, const char *field, struct tag_in **out,
                   size_t *len_out)
{
    size_t n = 0;

    *out = NULL;
    *len_out = 0;
    if (list == NULL || list->type == JSON_NULL)
        return ERR_OK;
    if (list->type != JSON_ARR)
        return fail(c, ERR_INVALID, field, "\"%s\" must be an array of tags", field);
    size_t count = json_count(c->arena, list);
    struct tag_in *tags = arena_array(c->arena, count + 1, sizeof *tags);
    for (struct json_value *v = json_first(c->arena, list); v && tags; v = v->next, n++) {
        enum err e = read_tag(c, v, &tags[n]);

        if (e != ERR_OK) {
            fault_prefix(&c->fault, "%s[%zu]: ", field, n);
            return e;
        }
    }
    *out = tags;
    *len_out = count;
    return tags ? ERR_OK : fail(c, ERR_NOMEM, NULL, "out of memory");
}

/* ---- objects ---- */

/* Keys we understand, or make ourselves and never take from a client. */
static const char *const known[] = {
    "id",       "classId",      "classTitle", "description", "geometryType", "shape",
    "tags",     "labelerLogin", "createdAt",  "updatedAt",   "nnCreated",    "nnUpdated",
    "priority", "customData",   "meta",       "entityId",    "imageId",      "geometry",
    "objectId", "projectId",    "datasetId",  "area",        "geometryMeta", "createdBy",
};

static bool is_known(const struct geometry_type *type, struct str key)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_is(key, known[i]))
            return true;
    return geometry_has_key(type, key);
}

/* Everything else the client sent with the object: it gets it back. */
static enum err collect_more(struct call *c, struct json_value *v, struct object_in *out)
{
    struct buf text;
    struct json_w w;

    buf_init(&text, MORE_MAX);
    w = json_w_on(&text);
    json_obj(&w);
    for (struct json_value *m = json_first(c->arena, v); m; m = m->next) {
        if (is_known(out->geometry.type, m->key) || m->type == JSON_NULL)
            continue;
        json_key_str(&w, m->key);
        json_raw(&w, m->raw);
    }
    json_obj_end(&w);
    bool fits = !text.failed;
    out->more = fits ? arena_str(c->arena, buf_str(&text)) : STR_NULL;
    buf_finish(&text);
    if (!fits)
        return fail(c, ERR_INVALID, "objects", "an object carries more than 64 KB of other keys");
    return out->more.p ? ERR_OK : fail(c, ERR_NOMEM, NULL, "out of memory");
}

static enum err read_geometry(struct call *c, struct json_value *v, struct object_in *out)
{
    struct json_value *nested = given(c, v, "geometry");
    struct str name = STR_NULL;
    enum err e = get_text(c, v, "geometryType", &name);

    if (e == ERR_OK && name.p == NULL)
        e = get_text(c, v, "shape", &name);
    if (e != ERR_OK)
        return e;
    if (name.p == NULL)
        return fail(c, ERR_INVALID, "geometryType", "\"geometryType\" is required");
    const struct geometry_type *type = geometry_type(name);
    if (type == NULL)
        return fail(c, ERR_INVALID, "geometryType", "\"%.*s\" is not a geometry of images",
                    STR_CUT(name, 40));
    if (nested && nested->type != JSON_OBJ)
        return fail(c, ERR_INVALID, "geometry", "\"geometry\" must be an object");
    return geometry_read(c, type, nested ? nested : v, &out->geometry);
}

static enum err read_priority(struct call *c, struct json_value *v, struct object_in *out)
{
    struct json_value *m = given(c, v, "priority");

    if (m && (m->type != JSON_INT || m->i < 0 || m->i > INT32_MAX))
        return fail(c, ERR_INVALID, "priority", "\"priority\" must be an integer of at least 0");
    out->has_priority = m != NULL;
    out->priority = m ? m->i : 0;
    return ERR_OK;
}

static enum err read_texts(struct call *c, struct json_value *v, struct object_in *out)
{
    enum err e = get_text(c, v, "classTitle", &out->class_title);

    if (e == ERR_OK)
        e = get_text(c, v, "description", &out->description);
    if (e == ERR_OK)
        e = get_object(c, v, "customData", MORE_MAX, &out->custom_data);
    if (e == ERR_OK)
        e = get_object(c, v, "meta", MORE_MAX, &out->meta);
    out->description = or_empty(out->description);
    return e;
}

static enum err read_object(struct call *c, struct json_value *v, struct object_in *out)
{
    enum err e;

    if (v->type != JSON_OBJ)
        return fail(c, ERR_INVALID, "objects", "must be an object");
    e = get_id(c, v, "id", &out->id);
    if (e == ERR_OK)
        e = get_id(c, v, "entityId", &out->image_id);
    if (e == ERR_OK)
        e = get_id(c, v, "classId", &out->class_id);
    if (e == ERR_OK)
        e = read_texts(c, v, out);
    if (e == ERR_OK)
        e = get_flag(c, v, "nnCreated", &out->nn_created);
    if (e == ERR_OK)
        e = get_flag(c, v, "nnUpdated", &out->nn_updated);
    if (e == ERR_OK)
        e = read_priority(c, v, out);
    if (e == ERR_OK)
        e = read_geometry(c, v, out);
    if (e == ERR_OK)
        e = collect_more(c, v, out);
    if (e == ERR_OK)
        e = tags_read(c, given(c, v, "tags"), "tags", &out->tags, &out->tags_len);
    return e;
}

enum err object_read(struct call *c, struct json_value *v, struct object_in *out)
{
    *out = (struct object_in){0};
    return read_object(c, v, out);
}

/* ---- annotations ---- */

static enum err read_objects(struct call *c, struct json_value *list, struct annotation_in *out)
{
    size_t n = 0;

    if (list == NULL || list->type != JSON_ARR)
        return fail(c, ERR_INVALID, "objects", "\"annotation.objects\" must be an array");
    out->objects_len = json_count(c->arena, list);
    out->objects = arena_array(c->arena, out->objects_len + 1, sizeof *out->objects);
    if (out->objects == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *v = json_first(c->arena, list); v; v = v->next, n++) {
        enum err e = object_read(c, v, &out->objects[n]);

        if (e != ERR_OK) {
            fault_prefix(&c->fault, "objects[%zu]: ", n);
            return e;
        }
    }
    return ERR_OK;
}

enum err annotation_read(struct call *c, struct json_value *item, struct annotation_in *out)
{
    struct json_value *a = given(c, item, "annotation");
    enum err e = get_id(c, item, "imageId", &out->image_id);

    if (e == ERR_OK && out->image_id == 0)
        return fail(c, ERR_INVALID, "imageId", "\"imageId\" is required");
    if (e == ERR_OK && (a == NULL || a->type != JSON_OBJ))
        return fail(c, ERR_INVALID, "annotation", "\"annotation\" must be an object");
    if (e == ERR_OK)
        e = get_text(c, a, "description", &out->description);
    if (e == ERR_OK && given(c, a, "customBigData"))
        e = get_object(c, a, "customBigData", BIG_DATA_MAX, &out->big_data);
    if (e == ERR_OK)
        e = tags_read(c, given(c, a, "tags"), "tags", &out->tags, &out->tags_len);
    if (e == ERR_OK)
        e = read_objects(c, given(c, a, "objects"), out);
    if (e != ERR_OK && out->image_id)
        fault_prefix(&c->fault, "image %lld: ", (long long)out->image_id);
    return e;
}
