/* Rules of teams, members and workspaces. */
#include "domain/team.h"

#include "domain/queue.h"
#include "store/perm.h"
#include "store/store_project.h"
#include "store/store_user.h"

#define FIRST_WORKSPACE "First Workspace"

enum err owner_check(struct call *c, int64_t owner_id, const char *what)
{
    if ((c->at.perms & PERM_REMOVE) || owner_id == c->me.user_id)
        return ERR_OK;
    return fail(c, ERR_FORBIDDEN, NULL, "your role lets you remove only a %s you created", what);
}

static enum err names_check(struct call *c, struct str name, struct str description)
{
    enum err e = name.p ? name_check(c, name, "name", NAME_CHARS_MAX) : ERR_OK;

    return e == ERR_OK ? text_check(c, or_empty(description), "description", DESCRIPTION_CHARS_MAX)
                       : e;
}

static enum err taken(struct call *c, const char *what, struct str name)
{
    return fail(c, ERR_CONFLICT, "name", "a %s named \"" STR_FMT "\" exists already", what,
                STR_ARG(name));
}

/* Rows of a team, its admin and its first workspace. */
static enum err insert_team(struct call *c, struct str name, struct str description,
                            int64_t admin_id, int64_t *id_out)
{
    struct workspace w = {.name = STR(FIRST_WORKSPACE), .description = STR("")};
    enum err e = store_team_insert(c->db, name, description, admin_id, c->now_ms, id_out);

    if (e == ERR_OK)
        e = store_member_insert(c->db, *id_out, admin_id, ROLE_ADMIN, c->now_ms);
    w.team_id = *id_out;
    if (e == ERR_OK)
        e = store_workspace_insert(c->db, &w, admin_id, c->now_ms);
    return e;
}

/* Names of teams are told apart by who sees them: strangers do not learn of each other. */
static enum err name_free(struct call *c, struct str name, int64_t except_id)
{
    bool seen = false;
    enum err e = store_team_name_seen(c->db, name, &c->me, except_id, &seen);

    return e == ERR_OK && seen ? taken(c, "team", name) : e;
}

enum err team_create(struct call *c, struct str name, struct str description, int64_t *id_out)
{
    enum err e = names_check(c, name, description);

    if (e == ERR_OK && c->me.is_restricted)
        return fail(c, ERR_FORBIDDEN, NULL, "a restricted account cannot create teams");
    if (e == ERR_OK)
        e = name_free(c, name, 0);
    if (e == ERR_OK)
        e = insert_team(c, name, or_empty(description), c->me.user_id, id_out);
    return e == ERR_OK ? call_event(c, (struct event){.action = "create_team", .team_id = *id_out})
                       : e;
}

enum err team_create_personal(struct call *c, struct str login, int64_t user_id)
{
    struct str name = login;
    bool taken = true;
    enum err e = ERR_OK;
    int64_t id = 0;

    for (int i = 2; e == ERR_OK && taken; i++) {
        e = store_team_name_taken(c->db, name, &taken);
        if (taken)
            name = arena_printf(c->arena, STR_FMT "_%03d", STR_ARG(login), i);
    }
    if (e == ERR_OK)
        e = insert_team(c, name, STR(""), user_id, &id);
    return e == ERR_OK ? call_event(c, (struct event){.action = "create_team", .team_id = id}) : e;
}

enum err team_edit(struct call *c, int64_t id, struct str name, struct str description)
{
    enum err e = names_check(c, name, description);

    if (e == ERR_OK && name.p)
        e = name_free(c, name, id);
    if (e == ERR_OK)
        e = store_team_update(c->db, id, name, description, c->now_ms);
    return e == ERR_OK ? call_event(c, (struct event){.action = "update_team"}) : e;
}

static enum err role_check(struct call *c, int64_t role_id)
{
    for (size_t i = 0; i < roles_len; i++)
        if (roles[i].id == role_id)
            return ERR_OK;
    return fail(c, ERR_INVALID, "roleId", "there is no role %lld", (long long)role_id);
}

/* A team must not be left without anybody who can manage it. */
static enum err last_admin_check(struct call *c, int64_t user_id, int64_t old_role)
{
    int64_t others = 0;

    if (old_role != ROLE_ADMIN)
        return ERR_OK;
    enum err e = store_member_other_admins(c->db, c->at.team_id, user_id, &others);
    if (e == ERR_OK && others == 0)
        return fail(c, ERR_CONFLICT, "id",
                    "the last admin of a team cannot leave or lose the role");
    return e;
}

enum err member_add(struct call *c, struct str login, int64_t role_id, int64_t *user_id_out)
{
    int64_t team = c->at.team_id, old_role;
    struct user u;
    enum err e = role_check(c, role_id);

    if (e == ERR_OK)
        e = store_user_by_login(c->db, login, &u);
    if (e == ERR_NOT_FOUND)
        return fail(c, ERR_INVALID, "login", "there is no user \"" STR_FMT "\"", STR_ARG(login));
    if (e != ERR_OK)
        return e;
    *user_id_out = u.id;
    e = store_member_role(c->db, team, u.id, &old_role);
    if (e == ERR_OK && old_role == role_id)
        return ERR_OK;
    if (e == ERR_OK)
        return fail(c, ERR_CONFLICT, "login",
                    "\"" STR_FMT "\" is in the team already; change the role with members.editInfo",
                    STR_ARG(login));
    if (e == ERR_NOT_FOUND)
        e = store_member_insert(c->db, team, u.id, role_id, c->now_ms);
    if (e != ERR_OK)
        return e;
    struct str meta = arena_printf(c->arena, "{\"memberId\":%lld,\"roleId\":%lld}", (long long)u.id,
                                   (long long)role_id);
    return call_event(c, (struct event){.action = "add_member", .meta = meta});
}

enum err member_set_role(struct call *c, int64_t user_id, int64_t role_id)
{
    int64_t old_role;
    bool changed;
    enum err e = role_check(c, role_id);

    if (e == ERR_OK)
        e = store_member_role(c->db, c->at.team_id, user_id, &old_role);
    if (e == ERR_NOT_FOUND)
        return fail(c, e, "id", "user %lld is not in the team", (long long)user_id);
    if (e != ERR_OK || old_role == role_id)
        return e;
    e = last_admin_check(c, user_id, old_role);
    if (e == ERR_OK)
        e = store_member_set_role(c->db, c->at.team_id, user_id, role_id, &changed);
    struct str meta = arena_printf(c->arena, "{\"memberId\":%lld,\"roleId\":%lld}",
                                   (long long)user_id, (long long)role_id);
    return e == ERR_OK ? call_event(c, (struct event){.action = "update_member", .meta = meta}) : e;
}

enum err member_remove(struct call *c, int64_t user_id)
{
    int64_t role = 0;
    bool changed = false;
    enum err e = store_member_role(c->db, c->at.team_id, user_id, &role);

    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e == ERR_OK)
        e = last_admin_check(c, user_id, role);
    if (e == ERR_OK)
        e = queue_forget_user(c, user_id, c->at.team_id);
    if (e == ERR_OK)
        e = store_member_delete(c->db, c->at.team_id, user_id, &changed);
    struct str meta = arena_printf(c->arena, "{\"memberId\":%lld}", (long long)user_id);
    return e == ERR_OK ? call_event(c, (struct event){.action = "remove_member", .meta = meta}) : e;
}

enum err workspace_create(struct call *c, struct str name, struct str description, int64_t *id_out)
{
    struct workspace w = {
        .team_id = c->at.team_id, .name = name, .description = or_empty(description)};
    enum err e = names_check(c, name, description);

    if (e == ERR_OK)
        e = store_workspace_insert(c->db, &w, c->me.user_id, c->now_ms);
    if (e == ERR_CONFLICT)
        return taken(c, "workspace", name);
    *id_out = w.id;
    return e == ERR_OK ? call_event(c, (struct event){.action = "create_workspace"}) : e;
}

enum err workspace_edit(struct call *c, int64_t id, struct str name, struct str description)
{
    enum err e = names_check(c, name, description);

    if (e == ERR_OK)
        e = store_workspace_update(c->db, id, name, description, c->now_ms);
    if (e == ERR_CONFLICT)
        return taken(c, "workspace", name);
    if (e == ERR_OK && name.p)
        e = store_names_changed(c->db);
    return e == ERR_OK ? call_event(c, (struct event){.action = "update_workspace"}) : e;
}

enum err workspace_archive(struct call *c, int64_t id)
{
    int64_t owner;
    bool changed = false;
    enum err e = store_workspace_owner(c->db, id, &owner);

    if (e == ERR_OK)
        e = owner_check(c, owner, "workspace");
    if (e == ERR_OK)
        e = store_workspace_archive(c->db, id, c->now_ms, &changed);
    return e == ERR_OK ? call_event(c, (struct event){.action = "disable_workspace"}) : e;
}
