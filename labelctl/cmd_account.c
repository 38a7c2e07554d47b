/* login, logout, user: who one is, and accounts. */
#include "ctl.h"

#include <stdio.h>
#include <string.h>

static const struct column user_columns[] = {
    {"ID", "id", COL_NUMBER},
    {"LOGIN", "login", COL_TEXT},
    {"ROLE", "role", COL_TEXT},
    {"NAME", "name", COL_TEXT},
    {"DISABLED", "disabled", COL_YES},
    {"LAST LOGIN", "lastLogin", COL_TIME},
    {0},
};

static const struct column one_user[] = {
    {"id", "id", COL_NUMBER},
    {"login", "login", COL_TEXT},
    {"name", "name", COL_TEXT},
    {"e-mail", "email", COL_TEXT},
    {"role", "role", COL_TEXT},
    {"disabled", "disabled", COL_YES},
    {"restricted", "isRestricted", COL_YES},
    {"logins", "logins", COL_NUMBER},
    {"last login", "lastLogin", COL_TIME},
    {"created", "createdAt", COL_TIME},
    {"teams", "teams", COL_LIST},
    {0},
};

/* ---- who one is ---- */

/* A handle by --token-stdin, or by login and password. */
static int log_in(struct ctl *c, struct label_settings *settings)
{
    const char *login = ctl_text(c, "login"), *secret;
    enum label_err err;
    int code = CTL_DONE;

    if (login == NULL && !ctl_flag(c, "token-stdin")) {
        if (ctl_flag(c, "password-stdin") || !ctl_is_terminal(0))
            return ctl_usage(c, "please give --login NAME, or --token-stdin");
        login = ctl_secret(c, "login", &code);
        if (login == NULL)
            return code;
    }
    secret = ctl_secret(c, ctl_flag(c, "token-stdin") ? "token" : "password", &code);
    if (secret == NULL)
        return code;
    settings->token = secret;
    err = ctl_flag(c, "token-stdin")
              ? label_open(settings, &c->api, &c->error)
              : label_open_from_credentials(settings, login, secret, &c->api, &c->error);
    return err == LABEL_OK ? CTL_DONE : ctl_failed(c);
}

int run_login(struct ctl *c)
{
    struct label_settings settings = ctl_settings(c);
    struct label_user *me;
    int code;

    settings.server_address = ctl_arg(c, 0);
    if (ctl_flag(c, "token-stdin") && (ctl_flag(c, "password-stdin") || ctl_flag(c, "login")))
        return ctl_usage(c, "a token needs neither --login nor --password-stdin");
    code = log_in(c, &settings);
    if (code != CTL_DONE)
        return code;
    if (label_user_get_my_info(c->api, &me, &c->error) != LABEL_OK)
        return ctl_failed(c);
    code = ctl_config_save(c, label_server_address(c->api), label_token(c->api));
    if (code == CTL_DONE)
        ctl_did(c, "user", me->id, ctl_format(c, "%s is logged in", me->login));
    label_free(me);
    return code == CTL_DONE ? ctl_did_all(c) : code;
}

int run_logout(struct ctl *c)
{
    int code = ctl_config_forget(c);

    if (code == CTL_DONE)
        ctl_note(c, "server and token are forgotten");
    return code;
}

int run_user_me(struct ctl *c)
{
    struct label_user *me;

    if (label_user_get_my_info(c->api, &me, &c->error) != LABEL_OK)
        return ctl_failed(c);
    ctl_note(c, "on %s", label_server_address(c->api));
    return ctl_show_one(c, me, one_user);
}

/* ---- accounts ---- */

int run_user_list(struct ctl *c)
{
    struct label_user_list *users;
    int64_t team;
    int code;

    if (ctl_flag(c, "all")) {
        if (label_user_get_list(c->api, NULL, &users, &c->error) != LABEL_OK)
            return ctl_failed(c);
        return ctl_show_list(c, users, user_columns);
    }
    code = ctl_team(c, &team);
    if (code != CTL_DONE)
        return code;
    if (label_user_get_team_members(c->api, team, &users, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, users, user_columns);
}

int run_user_info(struct ctl *c)
{
    struct label_user *user;
    int64_t id;
    int code = ctl_user(c, 0, ctl_arg(c, 0), &id);

    if (code != CTL_DONE)
        return code;
    if (label_user_get_info_by_id(c->api, id, &user, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, user, one_user);
}

int run_user_create(struct ctl *c)
{
    struct label_user_options options = {
        .login = ctl_arg(c, 0),
        .is_restricted = ctl_flag(c, "restricted"),
        .name = ctl_text(c, "name"),
        .email = ctl_text(c, "email"),
    };
    struct label_user *user;
    int code;

    options.password = ctl_secret(c, "password", &code);
    if (options.password == NULL)
        return code;
    if (label_user_create(c->api, &options, &user, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, user, one_user);
}

int run_user_update(struct ctl *c)
{
    const char *name = ctl_text(c, "name"), *password = NULL;
    struct label_user *user;
    int64_t id;
    int code;

    if (name == NULL && !ctl_flag(c, "password-stdin"))
        return ctl_usage(c, "please give --name or --password-stdin");
    code = ctl_user(c, 0, ctl_arg(c, 0), &id);
    if (code == CTL_DONE && ctl_flag(c, "password-stdin")) {
        password = ctl_secret(c, "password", &code);
        if (password == NULL)
            return code;
    }
    if (code != CTL_DONE)
        return code;
    if (label_user_update(c->api, id, password, name, &user, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, user, one_user);
}

/* The same for each USER of the command line, up to the first failure. */
static int for_each_user(struct ctl *c, int64_t team, const char *done,
                         enum label_err (*act)(struct ctl *c, int64_t team, int64_t id))
{
    int code = CTL_DONE;

    for (size_t i = 0; i < c->n_args && code == CTL_DONE; i++) {
        int64_t id;

        code = ctl_user(c, team, ctl_arg(c, i), &id);
        if (code == CTL_DONE && act(c, team, id) != LABEL_OK)
            code = ctl_failed(c);
        if (code == CTL_DONE)
            ctl_did(c, "user", id, done);
    }
    ctl_did_all(c);
    return code;
}

static enum label_err disable(struct ctl *c, int64_t team, int64_t id)
{
    (void)team;
    return label_user_disable(c->api, id, &c->error);
}

static enum label_err enable(struct ctl *c, int64_t team, int64_t id)
{
    (void)team;
    return label_user_enable(c->api, id, &c->error);
}

static enum label_err change_role(struct ctl *c, int64_t team, int64_t id)
{
    return label_user_change_team_role(c->api, id, team, ctl_role(ctl_text(c, "role")), &c->error);
}

static enum label_err take_out(struct ctl *c, int64_t team, int64_t id)
{
    return label_user_remove_from_team(c->api, id, team, &c->error);
}

int run_user_disable(struct ctl *c)
{
    return for_each_user(c, 0, "disabled", disable);
}

int run_user_enable(struct ctl *c)
{
    return for_each_user(c, 0, "enabled", enable);
}

int run_user_role(struct ctl *c)
{
    int64_t team;
    int code = ctl_team(c, &team);

    return code == CTL_DONE ? for_each_user(c, team, ctl_text(c, "role"), change_role) : code;
}

int run_user_remove(struct ctl *c)
{
    int64_t team;
    int code = ctl_team(c, &team);

    return code == CTL_DONE ? for_each_user(c, team, "removed from the team", take_out) : code;
}

int run_user_add(struct ctl *c)
{
    int64_t team, role = ctl_role(ctl_text(c, "role"));
    int code = ctl_team(c, &team);

    for (size_t i = 0; i < c->n_args && code == CTL_DONE; i++) {
        const char *login = ctl_arg(c, i);

        if (label_user_add_to_team_by_login(c->api, login, team, role, &c->error) != LABEL_OK)
            code = ctl_failed(c);
        else
            ctl_did(c, "team", team, ctl_format(c, "%s is %s", login, ctl_text(c, "role")));
    }
    ctl_did_all(c);
    return code;
}
