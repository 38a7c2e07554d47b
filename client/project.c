/* Projects and their meta. */
#include "client.h"

#include <string.h>

static const struct lb_field project_fields[] = {
    LB_FIELD(struct label_project, LB_INT, "id", id),
    LB_FIELD(struct label_project, LB_TEXT, "name", name),
    LB_FIELD(struct label_project, LB_TEXT, "description", description),
    LB_FIELD(struct label_project, LB_TEXT, "readme", readme),
    LB_FIELD(struct label_project, LB_TEXT, "size", size),
    LB_FIELD(struct label_project, LB_TEXT, "type", type),
    LB_FIELD(struct label_project, LB_INT, "workspaceId", workspace_id),
    LB_FIELD(struct label_project, LB_INT, "teamId", team_id),
    LB_FIELD(struct label_project, LB_INT, "imagesCount", images_count),
    LB_FIELD(struct label_project, LB_INT, "datasetsCount", datasets_count),
    LB_FIELD(struct label_project, LB_INT, "createdBy", created_by_id),
    LB_FIELD(struct label_project, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_project, LB_TEXT, "updatedAt", updated_at),
    LB_FIELD(struct label_project, LB_JSON, "customData", custom_data_json),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_project = {"project", sizeof(struct label_project), project_fields};

static const struct lb_field class_fields[] = {
    LB_FIELD(struct label_class, LB_INT, "id", id),
    LB_FIELD(struct label_class, LB_TEXT, "title", name),
    LB_FIELD(struct label_class, LB_TEXT, "shape", shape),
    LB_FIELD(struct label_class, LB_TEXT, "color", color),
    LB_FIELD(struct label_class, LB_TEXT, "hotkey", hotkey),
    LB_FIELD(struct label_class, LB_TEXT, "description", description),
    LB_FIELD_END,
};
static const struct lb_shape shape_class = {"class", sizeof(struct label_class), class_fields};

static const struct lb_field tag_meta_fields[] = {
    LB_FIELD(struct label_tag_meta, LB_INT, "id", id),
    LB_FIELD(struct label_tag_meta, LB_TEXT, "name", name),
    LB_FIELD(struct label_tag_meta, LB_TEXT, "value_type", value_type),
    LB_FIELD(struct label_tag_meta, LB_NAMES, "values", values),
    LB_FIELD(struct label_tag_meta, LB_TEXT, "color", color),
    LB_FIELD(struct label_tag_meta, LB_TEXT, "hotkey", hotkey),
    LB_FIELD(struct label_tag_meta, LB_TEXT, "applicable_type", applicable_type),
    LB_FIELD(struct label_tag_meta, LB_NAMES, "classes", classes),
    LB_FIELD_END,
};
static const struct lb_shape shape_tag_meta = {"tag", sizeof(struct label_tag_meta),
                                               tag_meta_fields};

static const struct lb_field meta_fields[] = {
    LB_FIELD_LIST(struct label_project_meta, "classes", classes, &shape_class),
    LB_FIELD_LIST(struct label_project_meta, "tags", tags, &shape_tag_meta),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_project_meta = {"project meta", sizeof(struct label_project_meta),
                                               meta_fields};

enum label_err label_project_get_list(struct label_api *api, int64_t workspace_id, int64_t team_id,
                                      const struct label_list_options *options,
                                      struct label_project_list **projects,
                                      struct label_error *error)
{
    json_t *body = json_object();
    struct lb_op op;

    lb_begin(&op, api, error);
    if (workspace_id)
        lb_put_id(body, "workspaceId", workspace_id);
    else
        lb_put_id(body, "groupId", team_id);
    *projects = lb_list(&op, "projects.list", body, options, &lb_shape_project);
    return lb_end(&op);
}

enum label_err label_project_get_info_by_id(struct label_api *api, int64_t id,
                                            struct label_project **project,
                                            struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *project = lb_get(&op, "projects.info", LB_READ, json_pack("{s:I}", "id", (json_int_t)id),
                      &lb_shape_project);
    return lb_end(&op);
}

enum label_err label_project_get_info_by_name(struct label_api *api, int64_t workspace_id,
                                              const char *name, struct label_project **project,
                                              struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *project = lb_by_name(&op, "projects.list",
                          json_pack("{s:I}", "workspaceId", (json_int_t)workspace_id), "name", name,
                          &lb_shape_project);
    return lb_end(&op);
}

enum label_err label_project_create(struct label_api *api, int64_t workspace_id, const char *name,
                                    const char *description, struct label_project **project,
                                    struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *project =
        lb_get(&op, "projects.add", LB_WRITE,
               json_pack("{s:I,s:s,s:s,s:s}", "workspaceId", (json_int_t)workspace_id, "name", name,
                         "description", description ? description : "", "type", "images"),
               &lb_shape_project);
    return lb_end(&op);
}

enum label_err label_project_get_or_create(struct label_api *api, int64_t workspace_id,
                                           const char *name, const char *description,
                                           struct label_project **project,
                                           struct label_error *error)
{
    struct label_error own;
    struct label_error *e = error ? error : &own;
    enum label_err err = label_project_get_info_by_name(api, workspace_id, name, project, e);

    if (err == LABEL_ERR_NOT_FOUND && e->http_status == 200)
        err = label_project_create(api, workspace_id, name, description, project, e);
    return err;
}

enum label_err label_project_edit_info(struct label_api *api, int64_t id,
                                       const struct label_project_edit *edit,
                                       struct label_project **project, struct label_error *error)
{
    json_t *body = json_pack("{s:I}", "id", (json_int_t)id);
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_put_text(body, "name", edit->name);
    lb_put_text(body, "description", edit->description);
    lb_put_text(body, "readme", edit->readme);
    lb_put(body, "customData", lb_parse(&op, "custom_data_json", edit->custom_data_json));
    *project = lb_get(&op, "projects.editInfo", LB_WRITE, body, &lb_shape_project);
    return lb_end(&op);
}

enum label_err label_project_remove(struct label_api *api, int64_t id, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, "projects.archive", json_pack("{s:I}", "id", (json_int_t)id));
    return lb_end(&op);
}

/* ---- meta ---- */

enum label_err label_project_get_meta(struct label_api *api, int64_t id,
                                      struct label_project_meta **meta, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *meta = lb_get(&op, "projects.meta", LB_READ, json_pack("{s:I}", "id", (json_int_t)id),
                   &lb_shape_project_meta);
    return lb_end(&op);
}

/* Merge meta, which is consumed. */
static json_t *update_meta(struct lb_op *op, int64_t id, json_t *meta)
{
    return lb_call(op, "projects.meta.update", LB_WRITE,
                   json_pack("{s:I,s:o}", "id", (json_int_t)id, "meta", meta));
}

enum label_err label_project_update_meta(struct label_api *api, int64_t id, const char *meta_json,
                                         struct label_project_meta **meta,
                                         struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *meta = lb_result(&op, &lb_shape_project_meta,
                      update_meta(&op, id, lb_parse(&op, "meta_json", meta_json ? meta_json : "")));
    return lb_end(&op);
}

/* Classes or tags as JSON, by the table that reads them; ids are the server's. */
static json_t *list_of(const struct lb_shape *shape, const void *items, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) {
        const char *from = (const char *)items + i * shape->size;
        json_t *one = json_object();

        for (const struct lb_field *f = shape->fields; f->key; f++) {
            struct label_names names = {0};
            const char *text = NULL;

            if (f->type == LB_TEXT)
                memcpy(&text, from + f->offset, sizeof text);
            else if (f->type == LB_NAMES)
                memcpy(&names, from + f->offset, sizeof names);
            lb_put_text(one, f->key, text);
            if (names.n > 0)
                lb_put(one, f->key, lb_names(&names));
        }
        lb_append(list, one);
    }
    return list;
}

static enum label_err append(struct label_api *api, int64_t id, const char *key, json_t *list,
                             struct label_error *error)
{
    json_t *meta = json_pack("{s:[],s:[]}", "classes", "tags");
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_put(meta, key, list);
    json_decref(update_meta(&op, id, meta));
    return lb_end(&op);
}

enum label_err label_project_append_classes(struct label_api *api, int64_t id,
                                            const struct label_class *classes, size_t n,
                                            struct label_error *error)
{
    return append(api, id, "classes", list_of(&shape_class, classes, n), error);
}

enum label_err label_project_append_tags(struct label_api *api, int64_t id,
                                         const struct label_tag_meta *tags, size_t n,
                                         struct label_error *error)
{
    return append(api, id, "tags", list_of(&shape_tag_meta, tags, n), error);
}

static enum label_err remove_item(struct label_api *api, const char *method, int64_t project_id,
                                  int64_t id, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, method,
          json_pack("{s:I,s:I}", "id", (json_int_t)id, "projectId", (json_int_t)project_id));
    return lb_end(&op);
}

enum label_err label_project_remove_class(struct label_api *api, int64_t project_id,
                                          int64_t class_id, struct label_error *error)
{
    return remove_item(api, "projects.classes.remove", project_id, class_id, error);
}

enum label_err label_project_remove_tag(struct label_api *api, int64_t project_id, int64_t tag_id,
                                        struct label_error *error)
{
    return remove_item(api, "projects.tags.remove", project_id, tag_id, error);
}

/* ---- statistics and settings ---- */

enum label_err label_project_get_stats(struct label_api *api, int64_t id, char **stats_json,
                                       struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *stats_json = lb_result_text(
        &op, lb_call(&op, "projects.stats", LB_READ, json_pack("{s:I}", "id", (json_int_t)id)));
    return lb_end(&op);
}

enum label_err label_project_get_settings(struct label_api *api, int64_t id, char **settings_json,
                                          struct label_error *error)
{
    json_t *info;
    struct lb_op op;

    lb_begin(&op, api, error);
    info = lb_call(&op, "projects.info", LB_READ, json_pack("{s:I}", "id", (json_int_t)id));
    *settings_json = lb_result_text(&op, json_incref(json_object_get(info, "settings")));
    json_decref(info);
    return lb_end(&op);
}

enum label_err label_project_update_settings(struct label_api *api, int64_t id,
                                             const char *settings_json, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, "projects.settings.update",
          json_pack("{s:I,s:o}", "id", (json_int_t)id, "settings",
                    lb_parse(&op, "settings_json", settings_json ? settings_json : "")));
    return lb_end(&op);
}
