/* Users, roles, teams, workspaces, the activity log. */
#include "client.h"

static const struct lb_field role_fields[] = {
    LB_FIELD(struct label_role, LB_INT, "id", id),
    LB_FIELD(struct label_role, LB_TEXT, "role", role),
    LB_FIELD(struct label_role, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_role, LB_TEXT, "updatedAt", updated_at),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_role = {"role", sizeof(struct label_role), role_fields};

static const struct lb_field user_fields[] = {
    LB_FIELD(struct label_user, LB_INT, "id", id),
    LB_FIELD(struct label_user, LB_TEXT, "login", login),
    LB_FIELD(struct label_user, LB_TEXT, "role", role),
    LB_FIELD(struct label_user, LB_INT, "roleId", role_id),
    LB_FIELD(struct label_user, LB_TEXT, "name", name),
    LB_FIELD(struct label_user, LB_TEXT, "email", email),
    LB_FIELD(struct label_user, LB_INT, "logins", logins),
    LB_FIELD(struct label_user, LB_BOOL, "disabled", disabled),
    LB_FIELD(struct label_user, LB_BOOL, "isRestricted", is_restricted),
    LB_FIELD(struct label_user, LB_TEXT, "lastLogin", last_login),
    LB_FIELD(struct label_user, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_user, LB_TEXT, "updatedAt", updated_at),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_user = {"user", sizeof(struct label_user), user_fields};

static const struct lb_field membership_fields[] = {
    LB_FIELD(struct label_membership, LB_INT, "id", id),
    LB_FIELD(struct label_membership, LB_TEXT, "name", name),
    LB_FIELD(struct label_membership, LB_INT, "roleId", role_id),
    LB_FIELD(struct label_membership, LB_TEXT, "role", role),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_membership = {"membership", sizeof(struct label_membership),
                                             membership_fields};

static const struct lb_field team_fields[] = {
    LB_FIELD(struct label_team, LB_INT, "id", id),
    LB_FIELD(struct label_team, LB_TEXT, "name", name),
    LB_FIELD(struct label_team, LB_TEXT, "description", description),
    LB_FIELD(struct label_team, LB_TEXT, "role", role),
    LB_FIELD(struct label_team, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_team, LB_TEXT, "updatedAt", updated_at),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_team = {"team", sizeof(struct label_team), team_fields};

static const struct lb_field event_fields[] = {
    LB_FIELD(struct label_event, LB_INT, "id", id),
    LB_FIELD(struct label_event, LB_INT, "userId", user_id),
    LB_FIELD(struct label_event, LB_TEXT, "action", action),
    LB_FIELD(struct label_event, LB_TEXT, "date", date),
    LB_FIELD(struct label_event, LB_TEXT, "user", user),
    LB_FIELD(struct label_event, LB_INT, "projectId", project_id),
    LB_FIELD(struct label_event, LB_TEXT, "project", project),
    LB_FIELD(struct label_event, LB_INT, "datasetId", dataset_id),
    LB_FIELD(struct label_event, LB_TEXT, "dataset", dataset),
    LB_FIELD(struct label_event, LB_INT, "imageId", image_id),
    LB_FIELD(struct label_event, LB_TEXT, "image", image),
    LB_FIELD(struct label_event, LB_INT, "classId", class_id),
    LB_FIELD(struct label_event, LB_TEXT, "class", class_name),
    LB_FIELD(struct label_event, LB_INT, "figureId", figure_id),
    LB_FIELD(struct label_event, LB_INT, "jobId", job_id),
    LB_FIELD(struct label_event, LB_TEXT, "job", job),
    LB_FIELD(struct label_event, LB_INT, "tagId", tag_id),
    LB_FIELD(struct label_event, LB_TEXT, "tag", tag),
    LB_FIELD(struct label_event, LB_JSON, "meta", meta_json),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_event = {"event", sizeof(struct label_event), event_fields};

static const struct lb_field workspace_fields[] = {
    LB_FIELD(struct label_workspace, LB_INT, "id", id),
    LB_FIELD(struct label_workspace, LB_TEXT, "name", name),
    LB_FIELD(struct label_workspace, LB_TEXT, "description", description),
    LB_FIELD(struct label_workspace, LB_INT, "teamId", team_id),
    LB_FIELD(struct label_workspace, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_workspace, LB_TEXT, "updatedAt", updated_at),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_workspace = {"workspace", sizeof(struct label_workspace),
                                            workspace_fields};

/* ---- roles and users ---- */

enum label_err label_role_get_list(struct label_api *api, const struct label_list_options *options,
                                   struct label_role_list **roles, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *roles = lb_list(&op, "roles.list", json_object(), options, &lb_shape_role);
    return lb_end(&op);
}

static struct label_user *get_user(struct lb_op *op, int64_t id)
{
    return lb_get(op, "users.info", LB_READ, json_pack("{s:I}", "id", (json_int_t)id),
                  &lb_shape_user);
}

enum label_err label_user_get_info_by_id(struct label_api *api, int64_t id,
                                         struct label_user **user, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *user = get_user(&op, id);
    return lb_end(&op);
}

enum label_err label_user_get_info_by_login(struct label_api *api, const char *login,
                                            struct label_user **user, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *user = lb_by_name(&op, "users.list", json_object(), "login", login, &lb_shape_user);
    return lb_end(&op);
}

enum label_err label_user_get_my_info(struct label_api *api, struct label_user **user,
                                      struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *user = lb_get(&op, "users.me", LB_READ, json_object(), &lb_shape_user);
    return lb_end(&op);
}

enum label_err label_user_get_list(struct label_api *api, const struct label_list_options *options,
                                   struct label_user_list **users, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *users = lb_list(&op, "users.list", json_object(), options, &lb_shape_user);
    return lb_end(&op);
}

enum label_err label_user_create(struct label_api *api, const struct label_user_options *options,
                                 struct label_user **user, struct label_error *error)
{
    json_t *body = json_pack("{s:b}", "isRestricted", options->is_restricted);
    json_t *answer;
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_put_text(body, "login", options->login ? options->login : "");
    lb_put_text(body, "password", options->password ? options->password : "");
    lb_put_text(body, "name", options->name ? options->name : "");
    lb_put_text(body, "email", options->email ? options->email : "");
    answer = lb_call(&op, "users.add", LB_WRITE, body);
    *user = get_user(&op, json_integer_value(json_object_get(answer, "userId")));
    json_decref(answer);
    return lb_end(&op);
}

enum label_err label_user_update(struct label_api *api, int64_t id, const char *password,
                                 const char *name, struct label_user **user,
                                 struct label_error *error)
{
    json_t *body = json_pack("{s:I}", "id", (json_int_t)id);
    struct lb_op op;

    lb_begin(&op, api, error);
    if (password == NULL && name == NULL)
        lb_fail(&op, LABEL_ERR_ARGUMENT, "name", "password or name must be given");
    lb_put_text(body, "password", password);
    lb_put_text(body, "name", name);
    lb_do(&op, "users.editInfo", body);
    *user = get_user(&op, id);
    return lb_end(&op);
}

static enum label_err set_disabled(struct label_api *api, int64_t id, bool disable,
                                   struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, "users.disable", json_pack("{s:I,s:b}", "id", (json_int_t)id, "disable", disable));
    return lb_end(&op);
}

enum label_err label_user_disable(struct label_api *api, int64_t id, struct label_error *error)
{
    return set_disabled(api, id, true, error);
}

enum label_err label_user_enable(struct label_api *api, int64_t id, struct label_error *error)
{
    return set_disabled(api, id, false, error);
}

/* ---- users in teams ---- */

/* The teams of a user as JSON; a new reference. */
static json_t *get_teams(struct lb_op *op, int64_t user_id)
{
    json_t *info =
        lb_call(op, "users.info", LB_READ, json_pack("{s:I}", "id", (json_int_t)user_id));
    json_t *teams = json_incref(json_object_get(info, "teams"));

    json_decref(info);
    return teams;
}

enum label_err label_user_get_teams(struct label_api *api, int64_t id,
                                    struct label_membership_list **teams, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *teams = lb_result_list(&op, &lb_shape_membership, get_teams(&op, id));
    return lb_end(&op);
}

enum label_err label_user_get_team_role(struct label_api *api, int64_t user_id, int64_t team_id,
                                        struct label_membership **membership,
                                        struct label_error *error)
{
    json_t *teams, *found = json_array(), *team;
    struct lb_op op;
    size_t i;

    lb_begin(&op, api, error);
    teams = get_teams(&op, user_id);
    json_array_foreach (teams, i, team) {
        if (json_integer_value(json_object_get(team, "id")) == team_id)
            json_array_append(found, team);
    }
    json_decref(teams);
    *membership = lb_result_first(&op, &lb_shape_membership, found);
    return lb_end(&op);
}

enum label_err label_user_add_to_team_by_login(struct label_api *api, const char *login,
                                               int64_t team_id, int64_t role_id,
                                               struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, "members.add",
          json_pack("{s:s,s:I,s:I}", "login", login, "teamId", (json_int_t)team_id, "roleId",
                    (json_int_t)role_id));
    return lb_end(&op);
}

enum label_err label_user_add_to_team(struct label_api *api, int64_t user_id, int64_t team_id,
                                      int64_t role_id, struct label_error *error)
{
    struct label_user *user;
    enum label_err err = label_user_get_info_by_id(api, user_id, &user, error);

    if (err == LABEL_OK)
        err = label_user_add_to_team_by_login(api, user->login, team_id, role_id, error);
    label_free(user);
    return err;
}

enum label_err label_user_remove_from_team(struct label_api *api, int64_t user_id, int64_t team_id,
                                           struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, "members.remove",
          json_pack("{s:I,s:I}", "id", (json_int_t)user_id, "teamId", (json_int_t)team_id));
    return lb_end(&op);
}

enum label_err label_user_change_team_role(struct label_api *api, int64_t user_id, int64_t team_id,
                                           int64_t role_id, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, "members.editInfo",
          json_pack("{s:I,s:I,s:I}", "id", (json_int_t)user_id, "teamId", (json_int_t)team_id,
                    "roleId", (json_int_t)role_id));
    return lb_end(&op);
}

enum label_err label_user_get_team_members(struct label_api *api, int64_t team_id,
                                           struct label_user_list **users,
                                           struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *users = lb_list(&op, "members.list", json_pack("{s:I}", "teamId", (json_int_t)team_id), NULL,
                     &lb_shape_user);
    return lb_end(&op);
}

enum label_err label_user_get_member_info_by_id(struct label_api *api, int64_t team_id,
                                                int64_t user_id, struct label_user **user,
                                                struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *user = lb_get(&op, "members.info", LB_READ,
                   json_pack("{s:I,s:I}", "teamId", (json_int_t)team_id, "id", (json_int_t)user_id),
                   &lb_shape_user);
    return lb_end(&op);
}

enum label_err label_user_get_member_info_by_login(struct label_api *api, int64_t team_id,
                                                   const char *login, struct label_user **user,
                                                   struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *user = lb_by_name(&op, "members.list", json_pack("{s:I}", "teamId", (json_int_t)team_id),
                       "login", login, &lb_shape_user);
    return lb_end(&op);
}

/* ---- teams ---- */

enum label_err label_team_get_list(struct label_api *api, const struct label_list_options *options,
                                   struct label_team_list **teams, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *teams = lb_list(&op, "teams.list", json_object(), options, &lb_shape_team);
    return lb_end(&op);
}

enum label_err label_team_get_info_by_id(struct label_api *api, int64_t id,
                                         struct label_team **team, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *team = lb_get(&op, "teams.info", LB_READ, json_pack("{s:I}", "id", (json_int_t)id),
                   &lb_shape_team);
    return lb_end(&op);
}

enum label_err label_team_get_info_by_name(struct label_api *api, const char *name,
                                           struct label_team **team, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *team = lb_by_name(&op, "teams.list", json_object(), "name", name, &lb_shape_team);
    return lb_end(&op);
}

enum label_err label_team_create(struct label_api *api, const char *name, const char *description,
                                 struct label_team **team, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *team =
        lb_get(&op, "teams.add", LB_WRITE,
               json_pack("{s:s,s:s}", "name", name, "description", description ? description : ""),
               &lb_shape_team);
    return lb_end(&op);
}

/* ---- activity ---- */

static json_t *activity_body(int64_t team_id, const struct label_activity_filter *f)
{
    json_t *filters = json_array();

    if (f->user_id)
        lb_filter(filters, "userId", "=", json_integer(f->user_id));
    if (f->project_id)
        lb_filter(filters, "projectId", "=", json_integer(f->project_id));
    if (f->job_id)
        lb_filter(filters, "jobId", "=", json_integer(f->job_id));
    if (f->labeler_id)
        lb_filter(filters, "labelerId", "=", json_integer(f->labeler_id));
    if (f->review_status)
        lb_filter(filters, "reviewStatus", "=", json_string(f->review_status));
    if (f->actions)
        lb_filter(filters, "type", "in", lb_names(f->actions));
    if (f->start_date)
        lb_filter(filters, "date", ">=", json_string(f->start_date));
    if (f->end_date)
        lb_filter(filters, "date", "<=", json_string(f->end_date));
    return json_pack("{s:I,s:o}", "teamId", (json_int_t)team_id, "filter", filters);
}

enum label_err label_team_get_activity(struct label_api *api, int64_t team_id,
                                       const struct label_activity_filter *filter,
                                       struct label_event_list **events, struct label_error *error)
{
    struct label_activity_filter all = {0};
    struct label_list_options options = {.limit = filter ? filter->limit : 0};
    struct lb_op op;

    lb_begin(&op, api, error);
    *events = lb_list(&op, "teams.activity", activity_body(team_id, filter ? filter : &all),
                      &options, &lb_shape_event);
    return lb_end(&op);
}

/* ---- workspaces ---- */

enum label_err label_workspace_get_list(struct label_api *api, int64_t team_id,
                                        const struct label_list_options *options,
                                        struct label_workspace_list **workspaces,
                                        struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *workspaces = lb_list(&op, "workspaces.list", json_pack("{s:I}", "teamId", (json_int_t)team_id),
                          options, &lb_shape_workspace);
    return lb_end(&op);
}

enum label_err label_workspace_get_info_by_id(struct label_api *api, int64_t id,
                                              struct label_workspace **workspace,
                                              struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *workspace = lb_get(&op, "workspaces.info", LB_READ, json_pack("{s:I}", "id", (json_int_t)id),
                        &lb_shape_workspace);
    return lb_end(&op);
}

enum label_err label_workspace_get_info_by_name(struct label_api *api, int64_t team_id,
                                                const char *name,
                                                struct label_workspace **workspace,
                                                struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *workspace =
        lb_by_name(&op, "workspaces.list", json_pack("{s:I}", "teamId", (json_int_t)team_id),
                   "name", name, &lb_shape_workspace);
    return lb_end(&op);
}

enum label_err label_workspace_create(struct label_api *api, int64_t team_id, const char *name,
                                      const char *description, struct label_workspace **workspace,
                                      struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *workspace = lb_get(&op, "workspaces.add", LB_WRITE,
                        json_pack("{s:I,s:s,s:s}", "teamId", (json_int_t)team_id, "name", name,
                                  "description", description ? description : ""),
                        &lb_shape_workspace);
    return lb_end(&op);
}
