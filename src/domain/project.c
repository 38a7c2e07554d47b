/* Rules of projects and datasets. */
#include "domain/project.h"

#include "domain/queue.h"
#include "domain/team.h"
#include "json/json_merge.h"
#include "json/json_write.h"

#define CUSTOM_DATA_BYTES_MAX (4u << 20)

/* An object as text, exactly as it was sent; {} when absent. */
static enum err object_text(struct call *c, struct json_value *v, const char *field,
                            struct str *out)
{
    *out = v ? v->raw : STR("{}");
    if (out->n > CUSTOM_DATA_BYTES_MAX)
        return fail(c, ERR_TOO_LARGE, field, "\"%s\" must be at most %u bytes", field,
                    CUSTOM_DATA_BYTES_MAX);
    return ERR_OK;
}

static bool one_of(struct str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(s, words[i]))
            return true;
    return false;
}

/* The keys clients read strictly must have the type they read. */
static enum err setting_check(struct call *c, struct json_value *v)
{
    static const char *const interfaces[] = {"default",
                                             "medical_imaging_single",
                                             "images_with_16_color",
                                             "multispectral",
                                             "overlay",
                                             "multi_view",
                                             "image_matting",
                                             "fisheye"};
    bool null = v->type == JSON_NULL;

    if (str_is(v->key, "groupImages") || str_is(v->key, "groupImagesSync")) {
        if (v->type != JSON_BOOL)
            return fail(c, ERR_INVALID, "settings",
                        "settings.groupImages and"
                        " settings.groupImagesSync must be booleans");
    } else if (str_is(v->key, "groupImagesByTagId")) {
        if (!null && v->type != JSON_INT)
            return fail(c, ERR_INVALID, "settings", "settings.groupImagesByTagId must be an id");
    } else if (str_is(v->key, "labelingInterface")) {
        if (!null && (v->type != JSON_STR || !one_of(v->s, interfaces, ARRAY_LEN(interfaces))))
            return fail(c, ERR_INVALID, "settings", "settings.labelingInterface is not known");
    } else if (str_is(v->key, "advancedSettings")) {
        if (v->type != JSON_OBJ)
            return fail(c, ERR_INVALID, "settings", "settings.advancedSettings must be an object");
    }
    return ERR_OK;
}

static enum err merge_settings(struct call *c, struct str base, struct json_value *change,
                               struct str *out)
{
    enum err e = ERR_OK;

    for (struct json_value *v = json_first(c->arena, change); v && e == ERR_OK; v = v->next)
        e = setting_check(c, v);
    *out = json_merge(c->arena, base, change, NULL, NULL, CUSTOM_DATA_BYTES_MAX);
    if (e == ERR_OK && out->p == NULL)
        e = fail(c, ERR_TOO_LARGE, "settings", "\"settings\" is too large");
    return e;
}

static enum err type_check(struct call *c, struct str type)
{
    if (str_is(type, "images"))
        return ERR_OK;
    return fail(c, ERR_INVALID, "type", "\"type\" must be \"images\": other data is not supported");
}

static enum err texts_check(struct call *c, struct str name, struct str description,
                            struct str readme)
{
    enum err e = name.p ? name_check(c, name, "name", NAME_CHARS_MAX) : ERR_OK;

    if (e == ERR_OK)
        e = text_check(c, or_empty(description), "description", DESCRIPTION_CHARS_MAX);
    return e == ERR_OK ? text_check(c, or_empty(readme), "readme", README_CHARS_MAX) : e;
}

static enum err taken(struct call *c, const char *what, struct str name)
{
    return fail(c, ERR_CONFLICT, "name", "a %s named \"" STR_FMT "\" exists already", what,
                STR_ARG(name));
}

enum err project_create(struct call *c, const struct project_new *n, int64_t *id_out)
{
    struct project p = {
        .workspace_id = c->at.workspace_id,
        .team_id = c->at.team_id,
        .name = n->name,
        .description = or_empty(n->description),
        .readme = or_empty(n->readme),
        .type = n->type.p ? n->type : STR("images"),
        .created_by = c->me.user_id,
    };
    enum err e = texts_check(c, n->name, n->description, n->readme);

    if (e == ERR_OK)
        e = type_check(c, p.type);
    if (e == ERR_OK)
        e = merge_settings(c, STR("{}"), n->settings, &p.settings);
    if (e == ERR_OK)
        e = object_text(c, n->custom_data, "customData", &p.custom_data);
    if (e == ERR_OK)
        e = store_project_insert(c->db, &p, c->now_ms);
    if (e == ERR_CONFLICT)
        return taken(c, "project", n->name);
    *id_out = p.id;
    return e == ERR_OK
               ? call_event(c, (struct event){.action = "create_project", .project_id = p.id})
               : e;
}

enum err project_edit(struct call *c, const struct project_change *change)
{
    struct project_edit edit = {
        .name = change->name,
        .description = change->description,
        .readme = change->readme,
        .type = change->type,
        .silent = change->silent,
        .embeddings = change->embeddings,
        .embedded_at = change->embedded_at,
    };
    struct project old;
    enum err e = texts_check(c, change->name, change->description, change->readme);

    if (e == ERR_OK && change->type.p)
        e = type_check(c, change->type);
    if (e == ERR_OK)
        e = store_project_get(c->db, c->at.project_id, &old);
    if (e == ERR_OK && change->settings)
        e = merge_settings(c, old.settings, change->settings, &edit.settings);
    if (e == ERR_OK && change->custom_data)
        e = object_text(c, change->custom_data, "customData", &edit.custom_data);
    if (e == ERR_OK)
        e = store_project_update(c->db, c->at.project_id, &edit, c->now_ms);
    if (e == ERR_CONFLICT)
        return taken(c, "project", change->name);
    if (e == ERR_OK && change->name.p)
        e = store_names_changed(c->db);
    return e == ERR_OK ? call_event(c, (struct event){.action = "update_project",
                                                      .project_id = c->at.project_id})
                       : e;
}

enum err project_set_embedding(struct call *c, bool busy, struct str error)
{
    struct buf text;
    struct json_w w;
    bool changed = false;
    enum err e = text_check(c, or_empty(error), "errorMessage", DESCRIPTION_CHARS_MAX);

    if (e == ERR_OK)
        e = store_project_set_embedding(c->db, c->at.project_id, busy, &changed);
    if (e != ERR_OK || (!changed && error.n == 0))
        return e;
    buf_init(&text, DESCRIPTION_CHARS_MAX * 12);
    w = json_w_on(&text);
    json_obj(&w);
    json_kv_bool(&w, "embeddingsInProgress", busy);
    if (error.n > 0)
        json_kv_str(&w, "errorMessage", error);
    json_obj_end(&w);
    e = call_event(c, (struct event){.action = "update_project",
                                     .project_id = c->at.project_id,
                                     .meta = buf_str(&text)});
    buf_finish(&text);
    return e;
}

enum err project_archive(struct call *c)
{
    int64_t id = c->at.project_id, owner;
    bool changed = false;
    enum err e = store_project_owner(c->db, id, &owner);

    if (e == ERR_OK)
        e = owner_check(c, owner, "project");
    if (e == ERR_OK)
        e = store_project_archive(c->db, id, c->now_ms, &changed);
    return e == ERR_OK
               ? call_event(c, (struct event){.action = "disable_project", .project_id = id})
               : e;
}

enum err project_move(struct call *c, int64_t workspace_id)
{
    int64_t id = c->at.project_id;
    enum err e = store_project_set_workspace(c->db, id, workspace_id, c->now_ms);

    if (e == ERR_CONFLICT)
        return fail(c, e, "workspaceId", "workspace %lld has a project of this name already",
                    (long long)workspace_id);
    if (e == ERR_OK) /* jobs show where they are */
        e = store_names_changed(c->db);
    return e == ERR_OK ? call_event(c, (struct event){.action = "update_project", .project_id = id})
                       : e;
}

static enum err dataset_event(struct call *c, const char *action, int64_t dataset_id)
{
    return call_event(
        c,
        (struct event){.action = action, .project_id = c->at.project_id, .dataset_id = dataset_id});
}

/* Must be a dataset of the project c->at. */
static enum err parent_check(struct call *c, int64_t parent_id, const char *field)
{
    struct dataset parent;
    enum err e = store_dataset_get(c->db, parent_id, &parent);

    if (e == ERR_NOT_FOUND || (e == ERR_OK && parent.project_id != c->at.project_id))
        return fail(c, ERR_INVALID, field, "dataset %lld is not in this project",
                    (long long)parent_id);
    return e;
}

enum err dataset_create(struct call *c, const struct dataset_new *n, int64_t *id_out)
{
    struct dataset d = {
        .project_id = c->at.project_id,
        .parent_id = n->parent_id,
        .name = n->name,
        .description = or_empty(n->description),
        .created_by = c->me.user_id,
    };
    enum err e = texts_check(c, n->name, n->description, STR_NULL);

    if (e == ERR_OK)
        e = file_name_check(c, n->name, "name");
    if (e == ERR_OK)
        e = object_text(c, n->custom_data, "customData", &d.custom_data);
    if (e == ERR_OK && n->parent_id != 0)
        e = parent_check(c, n->parent_id, "parentId");
    if (e == ERR_OK)
        e = store_dataset_insert(c->db, &d, c->now_ms);
    if (e == ERR_CONFLICT)
        return taken(c, "dataset", n->name);
    *id_out = d.id;
    if (e == ERR_OK)
        e = store_project_touch(c->db, d.project_id, c->now_ms);
    return e == ERR_OK ? dataset_event(c, "create_dataset", d.id) : e;
}

enum err dataset_change(struct call *c, int64_t id, struct str name, struct str description,
                        struct json_value *custom_data)
{
    struct dataset_edit edit = {.name = name, .description = description};
    enum err e = texts_check(c, name, description, STR_NULL);

    if (e == ERR_OK && name.p)
        e = file_name_check(c, name, "name");
    if (e == ERR_OK && custom_data)
        e = object_text(c, custom_data, "customData", &edit.custom_data);
    if (e == ERR_OK)
        e = store_dataset_update(c->db, id, &edit, c->now_ms);
    if (e == ERR_CONFLICT)
        return taken(c, "dataset", name);
    if (e == ERR_OK && name.p)
        e = store_names_changed(c->db);
    return e == ERR_OK ? dataset_event(c, "update_dataset", id) : e;
}

enum err dataset_move(struct call *c, int64_t id, int64_t parent_id)
{
    bool below = false;
    enum err e = parent_check(c, parent_id, "destId");

    if (e == ERR_OK)
        e = store_dataset_is_below(c->db, id, parent_id, &below);
    if (e == ERR_OK && below)
        return fail(c, ERR_INVALID, "destId", "a dataset cannot be moved into itself");
    if (e == ERR_OK)
        e = store_dataset_set_parent(c->db, id, parent_id, c->now_ms);
    if (e == ERR_CONFLICT)
        return fail(c, e, "destId", "dataset %lld has a dataset of this name already",
                    (long long)parent_id);
    return e == ERR_OK ? dataset_event(c, "update_dataset", id) : e;
}

enum err dataset_archive(struct call *c, int64_t id)
{
    int64_t owner;
    bool changed = false;
    enum err e = store_dataset_owner(c->db, id, &owner);

    if (e == ERR_OK)
        e = owner_check(c, owner, "dataset");
    if (e == ERR_OK)
        e = queue_forget_dataset(c, id);
    if (e == ERR_OK)
        e = store_dataset_archive(c->db, id, c->at.project_id, c->now_ms, &changed);
    if (e == ERR_OK)
        e = store_project_touch(c->db, c->at.project_id, c->now_ms);
    return e == ERR_OK ? dataset_event(c, "disable_dataset", id) : e;
}

enum err dataset_set_favorite(struct call *c, int64_t id, bool favorite)
{
    bool changed = false;
    enum err e = store_dataset_set_favorite(c->db, id, favorite, &changed);

    return e == ERR_OK && changed ? dataset_event(c, "update_dataset", id) : e;
}
