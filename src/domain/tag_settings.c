/* Tags in the spelling of the methods that make and change single ones. */
#include "domain/meta.h"
#include "json/json_write.h"

#define TAG_BYTES_MAX (1u << 20)

/* A member of "settings" and its name in a ProjectMeta; others keep theirs. */
static const struct {
    const char *here, *meta;
} names[] = {
    {"type", "value_type"},
    {"applicableType", "applicable_type"},
    {"targetType", "target_type"},
    {"frameRangeMinLength", "frame_range_min_length"},
    {"frameRangeMaxLength", "frame_range_max_length"},
    {"isDefault", "default"},
    {"defaultValue", "default_value"},
};

static enum err add_classes(struct call *c, struct json_w *w, struct json_value *ids)
{
    struct meta m = {0};
    enum err e = meta_load(c->db, c->at.project_id, &m);

    if (ids->type != JSON_ARR)
        return fail(c, ERR_INVALID, "settings.classes", "\"classes\" must be an array of ids");
    json_kv_arr(w, "classes");
    for (struct json_value *v = json_first(c->arena, ids); v && e == ERR_OK; v = v->next) {
        const struct object_class *class =
            v->type == JSON_INT && v->i > 0 ? meta_class(&m, v->i, STR_NULL) : NULL;

        if (class)
            json_str(w, class->name);
        else
            e = fail(c, ERR_INVALID, "settings.classes", "the project has no class %.*s",
                     STR_CUT(v->raw, 40));
    }
    json_arr_end(w);
    return e;
}

static enum err add_settings(struct call *c, struct json_w *w, struct json_value *settings)
{
    enum err e = ERR_OK;

    if (settings == NULL || settings->type == JSON_NULL)
        return ERR_OK;
    if (settings->type != JSON_OBJ)
        return fail(c, ERR_INVALID, "settings", "\"settings\" must be an object");
    for (struct json_value *v = json_first(c->arena, settings); v && e == ERR_OK; v = v->next) {
        struct str name = v->key;

        if (v->type == JSON_NULL)
            continue;
        if (str_is(name, "classes")) {
            e = add_classes(c, w, v);
            continue;
        }
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
            if (str_is(v->key, names[i].here))
                name = str_from(names[i].meta);
        json_key_str(w, name);
        json_raw(w, v->raw);
    }
    return e;
}

static void add(struct call *c, struct json_w *w, struct json_value *v, const char *here,
                const char *meta)
{
    struct json_value *m = json_get(c->arena, v, here);

    if (m && m->type != JSON_NULL)
        json_kv_raw(w, meta, m->raw);
}

enum err tag_settings_read(struct call *c, struct json_value *v, struct json_value **out)
{
    struct json_w w;
    struct buf text;
    enum err e;

    if (v->type != JSON_OBJ)
        return fail(c, ERR_INVALID, "tags", "a tag must be an object");
    buf_init(&text, TAG_BYTES_MAX);
    w = json_w_on(&text);
    json_obj(&w);
    add(c, &w, v, "title", "name");
    add(c, &w, v, "color", "color");
    add(c, &w, v, "hotkey", "hotkey");
    e = add_settings(c, &w, json_get(c->arena, v, "settings"));
    json_obj_end(&w);
    *out = e == ERR_OK && !text.failed ? json_parse_copy(c->arena, buf_str(&text)) : NULL;
    buf_finish(&text);
    return e == ERR_OK && *out == NULL ? fail(c, ERR_INVALID, "tags", "the tag is too large") : e;
}
