/* liblabel: users, roles, teams, workspaces, the activity log. Include <label/label.h>; its rules
 * on ownership and errors hold here (base.h). */
#ifndef LABEL_PEOPLE_H
#define LABEL_PEOPLE_H

#include <label/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- roles ---- */

/* api.role.DefaultRole */
enum label_role_id {
    LABEL_ROLE_ADMIN = 1,
    LABEL_ROLE_DEVELOPER = 2,
    LABEL_ROLE_ANNOTATOR = 3,
    LABEL_ROLE_VIEWER = 4,
    LABEL_ROLE_REVIEWER = 5,
    LABEL_ROLE_MANAGER = 6,
};

struct label_role {
    int64_t id;
    const char *role; /* "annotator" ... */
    const char *created_at, *updated_at;
};

struct label_role_list {
    const struct label_role *items;
    size_t n;
};

/* The roles that members can have. *roles is the caller's; label_free() it. */
LABEL_API enum label_err label_role_get_list(struct label_api *api,
                                             const struct label_list_options *options,
                                             struct label_role_list **roles,
                                             struct label_error *error);

/* ---- users ---- */

struct label_user {
    int64_t id;
    const char *login;
    const char *role; /* in the team that was asked for; or "admin" of the instance; NULL: none */
    int64_t role_id;
    const char *name, *email;
    int64_t logins; /* how often they logged in */
    bool disabled;
    bool is_restricted; /* no team of their own */
    const char *last_login, *created_at, *updated_at;
};

struct label_user_list {
    const struct label_user *items;
    size_t n;
};

/* A team of a user, and their role in it. */
struct label_membership {
    int64_t id; /* of the team */
    const char *name;
    int64_t role_id;
    const char *role;
};

struct label_membership_list {
    const struct label_membership *items;
    size_t n;
};

/* One account. *user is the caller's; label_free() it. LABEL_ERR_NOT_FOUND: none that one may see.
 */
LABEL_API enum label_err label_user_get_info_by_id(struct label_api *api, int64_t id,
                                                   struct label_user **user,
                                                   struct label_error *error);

/* One account by its login; for administrators of the instance. *user is the caller's; label_free()
 * it. LABEL_ERR_NOT_FOUND: no such login. */
LABEL_API enum label_err label_user_get_info_by_login(struct label_api *api, const char *login,
                                                      struct label_user **user,
                                                      struct label_error *error);

/* The account of the token. *user is the caller's; label_free() it. LABEL_ERR_TOKEN: no valid
 * token. */
LABEL_API enum label_err label_user_get_my_info(struct label_api *api, struct label_user **user,
                                                struct label_error *error);

/* All accounts; for administrators of the instance. *users is the caller's; label_free() it. */
LABEL_API enum label_err label_user_get_list(struct label_api *api,
                                             const struct label_list_options *options,
                                             struct label_user_list **users,
                                             struct label_error *error);

/* A new account. */
struct label_user_options {
    const char *login;    /* required, unique */
    const char *password; /* required, 8 to 256 bytes */
    bool is_restricted;   /* no team of their own */
    const char *name, *email;
};

/* Create an account; for administrators of the instance. *user is the caller's; label_free() it.
 * LABEL_ERR_INVALID: login taken, password too short ... */
LABEL_API enum label_err label_user_create(struct label_api *api,
                                           const struct label_user_options *options,
                                           struct label_user **user, struct label_error *error);

/* Change password or name, NULL: leave it; one's own, or anybody's as administrator. *user, as it
 * is then, is the caller's; label_free() it. LABEL_ERR_ARGUMENT: both are NULL. */
LABEL_API enum label_err label_user_update(struct label_api *api, int64_t id, const char *password,
                                           const char *name, struct label_user **user,
                                           struct label_error *error);

/* Disable an account, or enable it again; for administrators of the instance. LABEL_ERR_NOT_FOUND:
 * no such account. */
LABEL_API enum label_err label_user_disable(struct label_api *api, int64_t id,
                                            struct label_error *error);
LABEL_API enum label_err label_user_enable(struct label_api *api, int64_t id,
                                           struct label_error *error);

/* Teams of an account that one may know of. *teams is the caller's; label_free() it. */
LABEL_API enum label_err label_user_get_teams(struct label_api *api, int64_t id,
                                              struct label_membership_list **teams,
                                              struct label_error *error);

/* Make an account a member of a team: by id, or by login. LABEL_ERR_INVALID: a role that is none.
 */
LABEL_API enum label_err label_user_add_to_team(struct label_api *api, int64_t user_id,
                                                int64_t team_id, int64_t role_id,
                                                struct label_error *error);
LABEL_API enum label_err label_user_add_to_team_by_login(struct label_api *api, const char *login,
                                                         int64_t team_id, int64_t role_id,
                                                         struct label_error *error);

/* Take a member out of a team. LABEL_ERR_NOT_FOUND: no member. */
LABEL_API enum label_err label_user_remove_from_team(struct label_api *api, int64_t user_id,
                                                     int64_t team_id, struct label_error *error);

/* Give a member another role. LABEL_ERR_NOT_FOUND: no member. */
LABEL_API enum label_err label_user_change_team_role(struct label_api *api, int64_t user_id,
                                                     int64_t team_id, int64_t role_id,
                                                     struct label_error *error);

/* Members of a team, with their roles in it. *users is the caller's; label_free() it. */
LABEL_API enum label_err label_user_get_team_members(struct label_api *api, int64_t team_id,
                                                     struct label_user_list **users,
                                                     struct label_error *error);

/* Role of an account in a team. *membership is the caller's; label_free() it. LABEL_ERR_NOT_FOUND:
 * no member. */
LABEL_API enum label_err label_user_get_team_role(struct label_api *api, int64_t user_id,
                                                  int64_t team_id,
                                                  struct label_membership **membership,
                                                  struct label_error *error);

/* A member of a team, by id or by login. *user is the caller's; label_free() it.
 * LABEL_ERR_NOT_FOUND: no member. */
LABEL_API enum label_err label_user_get_member_info_by_id(struct label_api *api, int64_t team_id,
                                                          int64_t user_id, struct label_user **user,
                                                          struct label_error *error);
LABEL_API enum label_err label_user_get_member_info_by_login(struct label_api *api, int64_t team_id,
                                                             const char *login,
                                                             struct label_user **user,
                                                             struct label_error *error);

/* ---- teams ---- */

struct label_team {
    int64_t id;
    const char *name, *description;
    const char *role; /* the caller's in it; NULL: none */
    const char *created_at, *updated_at;
};

struct label_team_list {
    const struct label_team *items;
    size_t n;
};

/* Teams of the caller. *teams is the caller's; label_free() it. */
LABEL_API enum label_err label_team_get_list(struct label_api *api,
                                             const struct label_list_options *options,
                                             struct label_team_list **teams,
                                             struct label_error *error);

/* One team, by id or by name. *team is the caller's; label_free() it. LABEL_ERR_NOT_FOUND: none
 * that one may see. */
LABEL_API enum label_err label_team_get_info_by_id(struct label_api *api, int64_t id,
                                                   struct label_team **team,
                                                   struct label_error *error);
LABEL_API enum label_err label_team_get_info_by_name(struct label_api *api, const char *name,
                                                     struct label_team **team,
                                                     struct label_error *error);

/* Create a team; description may be NULL. *team is the caller's; label_free() it.
 * LABEL_ERR_INVALID: name taken. */
LABEL_API enum label_err label_team_create(struct label_api *api, const char *name,
                                           const char *description, struct label_team **team,
                                           struct label_error *error);

/* ---- activity ---- */

/* Which events; all zero: those of the whole team. */
struct label_activity_filter {
    int64_t user_id, project_id, job_id;
    const struct label_names *actions; /* "create_project", "annotation_duration" ... */
    const char *start_date, *end_date; /* ISO 8601, both included */
    int64_t labeler_id;                /* of review events */
    const char *review_status;         /* "done", "accepted", "rejected" */
    int64_t limit;                     /* newest first; 0: all */
};

struct label_event {
    int64_t id;
    int64_t user_id;
    const char *action, *date, *user;
    int64_t project_id;
    const char *project;
    int64_t dataset_id;
    const char *dataset;
    int64_t image_id;
    const char *image;
    int64_t class_id;
    const char *class_name;
    int64_t figure_id, job_id;
    const char *job;
    int64_t tag_id;
    const char *tag;
    const char *meta_json; /* details of the action */
};

struct label_event_list {
    const struct label_event *items;
    size_t n;
};

/* api.team.get_activity(), get_member_activity() and api.labeling_job.get_activity(): what happened
 * in a team, newest first. filter may be NULL. *events is the caller's; label_free() it.
 * LABEL_ERR_FORBIDDEN: the role does not show the log. */
LABEL_API enum label_err label_team_get_activity(struct label_api *api, int64_t team_id,
                                                 const struct label_activity_filter *filter,
                                                 struct label_event_list **events,
                                                 struct label_error *error);

/* ---- workspaces ---- */

struct label_workspace {
    int64_t id;
    const char *name, *description;
    int64_t team_id;
    const char *created_at, *updated_at;
};

struct label_workspace_list {
    const struct label_workspace *items;
    size_t n;
};

/* Workspaces of a team. *workspaces is the caller's; label_free() it. */
LABEL_API enum label_err label_workspace_get_list(struct label_api *api, int64_t team_id,
                                                  const struct label_list_options *options,
                                                  struct label_workspace_list **workspaces,
                                                  struct label_error *error);

/* One workspace, by id or by name. *workspace is the caller's; label_free() it.
 * LABEL_ERR_NOT_FOUND: none that one may see. */
LABEL_API enum label_err label_workspace_get_info_by_id(struct label_api *api, int64_t id,
                                                        struct label_workspace **workspace,
                                                        struct label_error *error);
LABEL_API enum label_err label_workspace_get_info_by_name(struct label_api *api, int64_t team_id,
                                                          const char *name,
                                                          struct label_workspace **workspace,
                                                          struct label_error *error);

/* Create a workspace; description may be NULL. *workspace is the caller's; label_free() it.
 * LABEL_ERR_INVALID: name taken. */
LABEL_API enum label_err label_workspace_create(struct label_api *api, int64_t team_id,
                                                const char *name, const char *description,
                                                struct label_workspace **workspace,
                                                struct label_error *error);

#ifdef __cplusplus
}
#endif

#endif
