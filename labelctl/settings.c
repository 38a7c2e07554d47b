/* meta.json and a project: classes, tags, and the settings of its interface. */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

/* The tag of that name or id; NULL: there is none. */
static const json_t *find_tag(const json_t *meta, const char *key, const json_t *value)
{
    const json_t *tag;
    size_t i;

    json_array_foreach (json_object_get(meta, "tags"), i, tag) {
        if (!json_is_null(value) && json_equal(json_object_get(tag, key), value))
            return tag;
    }
    return NULL;
}

static json_t *value_or(json_t *object, const char *key, json_t *otherwise)
{
    json_t *value = json_object_get(object, key);

    if (value == NULL || json_is_null(value))
        return otherwise;
    json_decref(otherwise);
    return json_incref(value);
}

/* ---- down ---- */

static json_t *local_settings(const json_t *meta, json_t *server)
{
    json_t *id = json_object_get(server, "groupImagesByTagId"), *local;
    const json_t *tag = find_tag(meta, "id", id);

    local = json_pack("{s:{s:o,s:O?,s:O?,s:o}}", "multiView", "enabled",
                      value_or(server, "groupImages", json_false()), "tagName",
                      json_object_get(tag, "name"), "tagId", id, "isSynced",
                      value_or(server, "groupImagesSync", json_false()));
    if (json_is_string(json_object_get(server, "labelingInterface")))
        json_object_set(local, "labelingInterface", json_object_get(server, "labelingInterface"));
    return local;
}

json_t *settings_get_meta(struct ctl *c, int64_t project_id, int *code)
{
    struct label_project_meta *meta;
    char *text, *settings;
    json_t *json, *server;

    if (label_project_get_meta(c->api, project_id, &meta, &c->error) != LABEL_OK) {
        *code = ctl_failed(c);
        return NULL;
    }
    text = label_json(meta);
    json = text ? json_loads(text, 0, NULL) : NULL;
    label_free(text);
    label_free(meta);
    if (label_project_get_settings(c->api, project_id, &settings, &c->error) != LABEL_OK) {
        json_decref(json);
        *code = ctl_failed(c);
        return NULL;
    }
    server = json_loads(settings, 0, NULL);
    json_object_set_new(json, "projectSettings", local_settings(json, server));
    json_decref(server);
    label_free(settings);
    return json;
}

/* ---- up ---- */

/* The server's settings for what meta.json says; tags have ids of their own there. NULL: nothing.
 */
static char *server_settings(const json_t *local, const json_t *made)
{
    const json_t *view = json_object_get(local, "multiView"), *tag;
    json_t *server = json_object();
    char *text;

    tag = find_tag(made, "name", json_object_get(view, "tagName"));
    if (json_is_boolean(json_object_get(view, "enabled")))
        json_object_set(server, "groupImages", json_object_get(view, "enabled"));
    if (json_is_boolean(json_object_get(view, "isSynced")))
        json_object_set(server, "groupImagesSync", json_object_get(view, "isSynced"));
    if (tag)
        json_object_set(server, "groupImagesByTagId", json_object_get(tag, "id"));
    if (json_is_string(json_object_get(local, "labelingInterface")))
        json_object_set(server, "labelingInterface", json_object_get(local, "labelingInterface"));
    text = json_object_size(server) ? json_dumps(server, JSON_COMPACT) : NULL;
    json_decref(server);
    return text;
}

int settings_put_meta(struct ctl *c, int64_t project_id, json_t *meta)
{
    json_t *local = json_object_get(meta, "projectSettings"), *copy = json_copy(meta);
    struct label_project_meta *made;
    enum label_err err;
    char *text, *now;
    json_t *made_json;

    json_object_del(copy, "projectSettings");
    text = json_dumps(copy, JSON_COMPACT);
    json_decref(copy);
    err = label_project_update_meta(c->api, project_id, text, &made, &c->error);
    free(text);
    if (err != LABEL_OK)
        return ctl_failed(c);
    now = label_json(made);
    made_json = now ? json_loads(now, 0, NULL) : NULL;
    text = server_settings(local, made_json);
    json_decref(made_json);
    label_free(now);
    label_free(made);
    if (text)
        err = label_project_update_settings(c->api, project_id, text, &c->error);
    free(text);
    return err == LABEL_OK ? CTL_DONE : ctl_failed(c);
}
