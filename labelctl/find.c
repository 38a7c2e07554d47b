/* Things that people give by name, or not at all: team, workspace, users, roles. */
#include "ctl.h"

#include <stdlib.h>
#include <string.h>

/* An id of the environment or the .env files; 0: not set. */
static int from_environment(struct ctl *c, const char *name, int64_t *id)
{
    struct label_env *env;
    const char *text;
    int code = CTL_DONE;

    if (label_env_load(&env, &c->error) != LABEL_OK)
        return ctl_failed(c);
    text = label_env_get(env, name);
    *id = 0;
    if (text && (!ctl_read_id(text, id) || *id == 0))
        code = ctl_fail(c, CTL_USAGE, "%s is '%s', which is no id", name, text);
    label_free(env);
    return code;
}

int ctl_team(struct ctl *c, int64_t *id)
{
    struct label_team_list *teams;
    int code = CTL_DONE;

    *id = ctl_id(c, "team");
    if (*id == 0)
        code = from_environment(c, "TEAM_ID", id);
    if (*id || code != CTL_DONE)
        return code;
    if (label_team_get_list(c->api, NULL, &teams, &c->error) != LABEL_OK)
        return ctl_failed(c);
    if (teams->n == 1)
        *id = teams->items[0].id;
    else
        code = ctl_fail(c, CTL_USAGE, "you are in %zu teams: please give --team ID%s", teams->n,
                        teams->n ? " (labelctl team list)" : "");
    label_free(teams);
    return code;
}

int ctl_workspace(struct ctl *c, int64_t *id)
{
    struct label_workspace_list *all;
    int64_t team;
    int code = CTL_DONE;

    *id = ctl_id(c, "workspace");
    if (*id == 0 && ctl_id(c, "team") == 0)
        code = from_environment(c, "WORKSPACE_ID", id);
    if (*id == 0 && code == CTL_DONE)
        code = ctl_team(c, &team);
    if (*id || code != CTL_DONE)
        return code;
    if (label_workspace_get_list(c->api, team, NULL, &all, &c->error) != LABEL_OK)
        return ctl_failed(c);
    if (all->n == 1)
        *id = all->items[0].id;
    else
        code = ctl_fail(c, CTL_USAGE,
                        "team %lld has %zu workspaces: please give --workspace ID"
                        " (labelctl workspace list)",
                        (long long)team, all->n);
    label_free(all);
    return code;
}

int ctl_user(struct ctl *c, int64_t team_id, const char *id_or_login, int64_t *id)
{
    struct label_user *user;
    int code;

    if (ctl_read_id(id_or_login, id) && *id > 0)
        return CTL_DONE;
    if (team_id == 0) {
        code = ctl_team(c, &team_id);
        if (code != CTL_DONE)
            return code;
    }
    label_user_get_member_info_by_login(c->api, team_id, id_or_login, &user, &c->error);
    if (c->error.err == LABEL_ERR_NOT_FOUND &&
        label_user_get_info_by_login(c->api, id_or_login, &user, NULL) == LABEL_OK)
        c->error.err = LABEL_OK; /* an administrator knows those of no team, too */
    if (c->error.err == LABEL_ERR_NOT_FOUND)
        return ctl_fail(c, CTL_NOT_FOUND, "there is no user '%s' in team %lld", id_or_login,
                        (long long)team_id);
    if (c->error.err != LABEL_OK)
        return ctl_failed(c);
    *id = user->id;
    label_free(user);
    return CTL_DONE;
}

int ctl_users(struct ctl *c, int64_t team_id, const char *option, struct label_ids *ids)
{
    struct label_names names = ctl_names(c, option);
    int64_t *items = ctl_alloc(c, (names.n + 1) * sizeof *items);
    int code = CTL_DONE;

    for (size_t i = 0; i < names.n && code == CTL_DONE; i++)
        code = ctl_user(c, team_id, names.items[i], &items[i]);
    *ids = (struct label_ids){items, names.n};
    return code;
}

int64_t ctl_role(const char *name)
{
    static const char *const roles[] = {
        [LABEL_ROLE_ADMIN] = "admin",         [LABEL_ROLE_DEVELOPER] = "developer",
        [LABEL_ROLE_ANNOTATOR] = "annotator", [LABEL_ROLE_VIEWER] = "viewer",
        [LABEL_ROLE_REVIEWER] = "reviewer",   [LABEL_ROLE_MANAGER] = "manager",
    };

    for (size_t i = 1; i < ARRAY_LEN(roles); i++) {
        if (strcmp(name, roles[i]) == 0)
            return (int64_t)i;
    }
    return 0;
}

bool ctl_is_status(const char *text)
{
    static const char *const all[] = {LABEL_JOB_PENDING,   LABEL_JOB_IN_PROGRESS,
                                      LABEL_JOB_ON_REVIEW, LABEL_JOB_REVIEW_COMPLETED,
                                      LABEL_JOB_COMPLETED, LABEL_JOB_STOPPED};

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (strcmp(text, all[i]) == 0)
            return true;
    }
    return false;
}

/* JSON text into memory of the run; what is no UTF-8 becomes null, which the server refuses. */
static const char *keep_json(struct ctl *c, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *copy = ctl_format(c, "%s", text ? text : "null");

    free(text);
    json_decref(json);
    return copy;
}

size_t ctl_name_filter(struct ctl *c, struct label_filter *filter)
{
    const char *name = ctl_text(c, "name");

    if (name == NULL)
        return 0;
    *filter = (struct label_filter){"name", "=", keep_json(c, json_string(name))};
    return 1;
}

const char *ctl_json_names(struct ctl *c, const struct label_names *names)
{
    json_t *array = json_array();

    for (size_t i = 0; i < names->n; i++)
        json_array_append_new(array, json_string(names->items[i]));
    return keep_json(c, array);
}
