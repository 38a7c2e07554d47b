/* Projects. */
#include "api/rq.h"
#include "base/clock.h"
#include "domain/project.h"

#define PER_PAGE_DEFAULT 500

/* full: also what the list leaves out (settings, custom data that would slow it down). */
static void put_project(struct json_w *w, const struct project *p, bool full)
{
    json_obj(w);
    json_kv_i64(w, "id", p->id);
    json_kv_str(w, "name", p->name);
    json_kv_str(w, "description", p->description);
    rq_kv_digits(w, "size", p->size);
    json_kv_str(w, "readme", p->readme);
    json_kv_i64(w, "workspaceId", p->workspace_id);
    json_kv_i64(w, "teamId", p->team_id);
    json_kv_i64(w, "imagesCount", p->images_count);
    json_kv_i64(w, "itemsCount", p->images_count);
    json_kv_i64(w, "datasetsCount", p->datasets_count);
    json_kv_iso(w, "createdAt", p->created_at);
    json_kv_iso(w, "updatedAt", p->updated_at);
    json_kv_str(w, "type", p->type);
    json_kv_null(w, "referenceImageUrl");
    json_kv_raw(w, "customData", p->custom_data);
    json_kv_raw(w, "backupArchive", STR("{}"));
    json_kv_raw(w, "importSettings", STR("{}"));
    json_kv_id(w, "createdBy", p->created_by);
    json_kv_i64(w, "localEntitiesCount", p->images_count - p->remote_count);
    json_kv_i64(w, "remoteEntitiesCount", p->remote_count);
    json_kv_bool(w, "embeddingsEnabled", p->embeddings_on);
    json_kv_iso(w, "embeddingsUpdatedAt", p->embedded_at);
    json_kv_bool(w, "embeddingsInProgress", p->embeddings_busy);
    if (full) {
        json_kv_raw(w, "settings", p->settings);
        json_kv_null(w, "version");
    }
    json_obj_end(w);
}

static enum err reply_project(struct rq *rq, int64_t id)
{
    struct project p;
    enum err e = store_project_get(rq->call.db, id, &p);

    if (e == ERR_OK)
        put_project(&rq->out, &p, true);
    return e;
}

struct projects_list_in {
    int64_t workspace_id, group_id;
    struct list_args list;
};
const struct field projects_list_fields[] = {
    F_ID(OPTIONAL, struct projects_list_in, workspace_id, "workspaceId", "only of this workspace"),
    F_ID(OPTIONAL, struct projects_list_in, group_id, "groupId", "only of this team"),
    F_IGNORED("fields", "names of fields; all are answered"),
    LIST_FIELDS(struct projects_list_in, list), F_END};

static void put_project_row(struct rq *rq, struct db_query *row)
{
    struct project p;

    store_project_read(row, &p);
    put_project(&rq->out, &p, false);
}

enum err projects_list(struct rq *rq, const void *input)
{
    const struct projects_list_in *in = input;
    struct list l = LIST_MAKE(rq->call.db, LIST_PROJECTS, in->workspace_id, rq->call.me.user_id,
                              rq->call.me.is_admin, PERM_VIEW, in->group_id);
    enum err e = ERR_OK;

    if (in->workspace_id)
        e = rq_access(rq, ACCESS_WORKSPACE, in->workspace_id, PERM_VIEW, "workspaceId");
    if (e == ERR_OK && in->group_id)
        e = rq_access(rq, ACCESS_TEAM, in->group_id, PERM_VIEW, "groupId");
    return e == ERR_OK ? rq_list(rq, l, &in->list, PER_PAGE_DEFAULT, put_project_row) : e;
}

struct projects_list_all_in {
    struct list_args list;
};
const struct field projects_list_all_fields[] = {
    F_IGNORED("skipExported", "nothing is exported to elsewhere"),
    F_IGNORED("accountType", "accounts are all of one type"),
    F_IGNORED("extraFields", "all are answered"), LIST_FIELDS(struct projects_list_all_in, list),
    F_END};

enum err projects_list_all(struct rq *rq, const void *input)
{
    const struct projects_list_all_in *in = input;
    struct list l =
        LIST_MAKE(rq->call.db, LIST_PROJECTS, 0, rq->call.me.user_id, true, PERM_VIEW, 0);

    return rq_list(rq, l, &in->list, PER_PAGE_MAX, put_project_row);
}

struct project_in {
    int64_t id;
};
#define PROJECT_FIELD F_ID(REQUIRED, struct project_in, id, "id", "the project")
const struct field projects_info_fields[] = {
    PROJECT_FIELD, F_IGNORED("extraFields", "names of fields; all are answered"), F_END};

enum err projects_info(struct rq *rq, const void *input)
{
    return reply_project(rq, ((const struct project_in *)input)->id);
}

struct projects_add_in {
    int64_t workspace_id;
    struct str name, description, readme, type;
    struct json_value *settings, *custom_data;
};
const struct field projects_add_fields[] = {
    F_ID(REQUIRED, struct projects_add_in, workspace_id, "workspaceId", "where to create it"),
    F_STR(REQUIRED, struct projects_add_in, name, "name", 255, "unique in the workspace"),
    F_STR(OPTIONAL, struct projects_add_in, description, "description", 5000, "short text"),
    F_STR(OPTIONAL, struct projects_add_in, readme, "readme", 200000, "markdown"),
    F_STR(OPTIONAL, struct projects_add_in, type, "type", 32, "images (default)"),
    F_OBJ(OPTIONAL, struct projects_add_in, settings, "settings", "see projects.settings.update"),
    F_OBJ(OPTIONAL, struct projects_add_in, custom_data, "customData", "kept as it is sent"),
    F_END};

enum err projects_add(struct rq *rq, const void *input)
{
    const struct projects_add_in *in = input;
    struct project_new n = {
        .name = in->name,
        .description = in->description,
        .readme = in->readme,
        .type = in->type,
        .settings = in->settings,
        .custom_data = in->custom_data,
    };
    int64_t id;
    enum err e = project_create(&rq->call, &n, &id);

    return e == ERR_OK ? reply_project(rq, id) : e;
}

struct projects_edit_info_in {
    int64_t id;
    struct str name, description, readme, type;
    struct json_value *custom_data;
    struct opt_bool silent, embeddings;
    struct str embedded_at;
};
const struct field projects_edit_info_fields[] = {
    F_ID(REQUIRED, struct projects_edit_info_in, id, "id", "the project"),
    F_STR(OPTIONAL, struct projects_edit_info_in, name, "name", 255, "new name"),
    F_STR(OPTIONAL, struct projects_edit_info_in, description, "description", 5000, "short text"),
    F_STR(OPTIONAL, struct projects_edit_info_in, readme, "readme", 200000, "markdown"),
    F_STR(OPTIONAL, struct projects_edit_info_in, type, "type", 32, "images"),
    F_OBJ(OPTIONAL, struct projects_edit_info_in, custom_data, "customData", "replaces the old"),
    F_BOOL(OPTIONAL, struct projects_edit_info_in, silent, "silent", "true leaves updatedAt alone"),
    F_BOOL(OPTIONAL, struct projects_edit_info_in, embeddings, "embeddingsEnabled",
           "whether programs are to index its images"),
    F_STR(OPTIONAL, struct projects_edit_info_in, embedded_at, "embeddingsUpdatedAt", 40,
          "when one last did: an ISO 8601 time"),
    F_END};

enum err projects_edit_info(struct rq *rq, const void *input)
{
    const struct projects_edit_info_in *in = input;
    struct project_change change = {
        .name = in->name,
        .description = in->description,
        .readme = in->readme,
        .type = in->type,
        .custom_data = in->custom_data,
        .silent = in->silent.v,
        .embeddings = !in->embeddings.set ? 0
                      : in->embeddings.v  ? 1
                                          : -1,
    };
    enum err e = ERR_OK;

    if (in->embedded_at.p && !clock_parse(in->embedded_at, &change.embedded_at))
        e = fail(&rq->call, ERR_INVALID, "embeddingsUpdatedAt",
                 "\"embeddingsUpdatedAt\" must be an ISO 8601 time");
    if (e == ERR_OK)
        e = project_edit(&rq->call, &change);

    return e == ERR_OK ? reply_project(rq, in->id) : e;
}

struct projects_workspace_set_in {
    int64_t id, workspace_id;
};
const struct field projects_workspace_set_fields[] = {
    F_ID(REQUIRED, struct projects_workspace_set_in, id, "id", "the project"),
    F_ID(REQUIRED, struct projects_workspace_set_in, workspace_id, "workspaceId",
         "a workspace of the same team"),
    F_END};

enum err projects_workspace_set(struct rq *rq, const void *input)
{
    const struct projects_workspace_set_in *in = input;
    struct access project = rq->call.at;
    enum err e = rq_access(rq, ACCESS_WORKSPACE, in->workspace_id, PERM_EDIT, "workspaceId");

    if (e == ERR_OK && rq->call.at.team_id != project.team_id)
        e = fail(&rq->call, ERR_INVALID, "workspaceId",
                 "workspace %lld is of another team than the project", (long long)in->workspace_id);
    rq->call.at = project;
    if (e == ERR_OK)
        e = project_move(&rq->call, in->workspace_id);
    return e == ERR_OK ? rq_success(rq) : e;
}

const struct field projects_archive_fields[] = {PROJECT_FIELD, F_END};

enum err projects_archive(struct rq *rq, const void *input)
{
    enum err e = project_archive(&rq->call);

    (void)input;
    return e == ERR_OK ? rq_success(rq) : e;
}

struct projects_settings_update_in {
    int64_t id;
    struct json_value *settings;
};
const struct field projects_settings_update_fields[] = {
    F_ID(REQUIRED, struct projects_settings_update_in, id, "id", "the project"),
    F_OBJ(REQUIRED, struct projects_settings_update_in, settings, "settings",
          "keys to set; the others stay"),
    F_END};

enum err projects_settings_update(struct rq *rq, const void *input)
{
    const struct projects_settings_update_in *in = input;
    struct project_change change = {.settings = in->settings};
    enum err e = project_edit(&rq->call, &change);

    return e == ERR_OK ? rq_success(rq) : e;
}

struct projects_embeddings_in {
    int64_t id;
    struct opt_bool busy;
    struct str error;
};
const struct field projects_embeddings_in_progress_update_fields[] = {
    F_ID(REQUIRED, struct projects_embeddings_in, id, "id", "the project"),
    F_BOOL(REQUIRED, struct projects_embeddings_in, busy, "embeddingsInProgress",
           "whether a program is at it"),
    F_STR(OPTIONAL, struct projects_embeddings_in, error, "errorMessage", 5000,
          "what went wrong; kept in the log"),
    F_END};

enum err projects_embeddings_in_progress_update(struct rq *rq, const void *input)
{
    const struct projects_embeddings_in *in = input;
    enum err e = project_set_embedding(&rq->call, in->busy.v, in->error);

    return e == ERR_OK ? rq_success(rq) : e;
}
