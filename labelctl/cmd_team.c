/* team, workspace, activity, call. */
#include "ctl.h"

#include <string.h>

static const struct column team_columns[] = {
    {"ID", "id", COL_NUMBER},
    {"NAME", "name", COL_TEXT},
    {"ROLE", "role", COL_TEXT},
    {"DESCRIPTION", "description", COL_TEXT},
    {0},
};

static const struct column workspace_columns[] = {
    {"ID", "id", COL_NUMBER},           {"NAME", "name", COL_TEXT},
    {"TEAM", "teamId", COL_NUMBER},     {"DESCRIPTION", "description", COL_TEXT},
    {"CREATED", "createdAt", COL_TIME}, {0},
};

static const struct column event_columns[] = {
    {"TIME", "date", COL_TIME},       {"USER", "user", COL_TEXT},
    {"ACTION", "action", COL_TEXT},   {"PROJECT", "project", COL_TEXT},
    {"DATASET", "dataset", COL_TEXT}, {"IMAGE", "image", COL_TEXT},
    {"JOB", "job", COL_TEXT},         {0},
};

#define EVENTS_STANDARD 50

int run_team_list(struct ctl *c)
{
    struct label_team_list *teams;

    if (label_team_get_list(c->api, NULL, &teams, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, teams, team_columns);
}

int run_team_info(struct ctl *c)
{
    struct label_team *team;

    if (label_team_get_info_by_id(c->api, ctl_arg_id(c, 0), &team, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, team, team_columns);
}

int run_team_create(struct ctl *c)
{
    const char *description = ctl_text(c, "description");
    struct label_team *team;

    if (label_team_create(c->api, ctl_arg(c, 0), description, &team, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, team, team_columns);
}

int run_workspace_list(struct ctl *c)
{
    struct label_workspace_list *all;
    int64_t team;
    int code = ctl_team(c, &team);

    if (code != CTL_DONE)
        return code;
    if (label_workspace_get_list(c->api, team, NULL, &all, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, all, workspace_columns);
}

int run_workspace_info(struct ctl *c)
{
    struct label_workspace *one;

    if (label_workspace_get_info_by_id(c->api, ctl_arg_id(c, 0), &one, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, one, workspace_columns);
}

int run_workspace_create(struct ctl *c)
{
    const char *description = ctl_text(c, "description");
    struct label_workspace *one;
    int64_t team;
    int code = ctl_team(c, &team);

    if (code != CTL_DONE)
        return code;
    if (label_workspace_create(c->api, team, ctl_arg(c, 0), description, &one, &c->error) !=
        LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, one, workspace_columns);
}

int run_activity(struct ctl *c)
{
    struct label_names users = ctl_names(c, "user"), actions = ctl_names(c, "type");
    struct label_activity_filter filter = {
        .project_id = ctl_id(c, "project"),
        .job_id = ctl_id(c, "job"),
        .actions = actions.n ? &actions : NULL,
        .start_date = ctl_text(c, "from"),
        .end_date = ctl_text(c, "until"),
        .limit = ctl_text(c, "limit") ? ctl_id(c, "limit") : EVENTS_STANDARD,
    };
    struct label_event_list *events;
    int64_t team;
    int code = ctl_team(c, &team);

    if (code == CTL_DONE && users.n > 1)
        code = ctl_usage(c, "--user can be given once here");
    if (code == CTL_DONE && users.n == 1)
        code = ctl_user(c, team, users.items[0], &filter.user_id);
    if (code != CTL_DONE)
        return code;
    if (label_team_get_activity(c->api, team, &filter, &events, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, events, event_columns);
}

int run_call(struct ctl *c)
{
    const char *body = ctl_arg(c, 1);
    char *answer;

    if (body && strcmp(body, "-") == 0 && (body = ctl_read_file(c, "-")) == NULL)
        return CTL_FAILED;
    if (label_post(c->api, ctl_arg(c, 0), body, &answer, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_json(c, answer);
}
