/* Teams, membership and workspaces. */
#include "api/rq.h"
#include "domain/team.h"

#define PER_PAGE_DEFAULT 500

static void put_team(struct json_w *w, const struct team *t, bool instance_admin)
{
    json_obj(w);
    json_kv_i64(w, "id", t->id);
    json_kv_str(w, "name", t->name);
    json_kv_str(w, "description", t->description);
    json_kv_str(w, "role", t->role.p ? t->role : instance_admin ? STR("admin") : STR_NULL);
    json_kv_iso(w, "createdAt", t->created_at);
    json_kv_iso(w, "updatedAt", t->updated_at);
    json_kv_obj(w, "usage");
    json_kv_null(w, "plan"); /* nothing here is sold by plan */
    json_obj_end(w);
    json_obj_end(w);
}

static enum err reply_team(struct rq *rq, int64_t id)
{
    struct team t;
    enum err e = store_team_get(rq->call.db, id, rq->call.me.user_id, &t);

    if (e == ERR_OK)
        put_team(&rq->out, &t, rq->call.me.is_admin);
    return e;
}

struct teams_list_in {
    struct list_args list;
};
const struct field teams_list_fields[] = {LIST_FIELDS(struct teams_list_in, list), F_END};

static void put_team_row(struct rq *rq, struct db_query *row)
{
    struct team t;

    store_team_read(row, &t);
    put_team(&rq->out, &t, rq->call.me.is_admin);
}

enum err teams_list(struct rq *rq, const void *input)
{
    const struct teams_list_in *in = input;

    return rq_list(rq,
                   LIST_MAKE(rq->call.db, LIST_TEAMS, 0, rq->call.me.user_id, rq->call.me.is_admin),
                   &in->list, PER_PAGE_DEFAULT, put_team_row);
}

struct teams_info_in {
    int64_t id;
};
const struct field teams_info_fields[] = {
    F_ID(REQUIRED, struct teams_info_in, id, "id", "the team"), F_END};

enum err teams_info(struct rq *rq, const void *input)
{
    return reply_team(rq, ((const struct teams_info_in *)input)->id);
}

struct teams_add_in {
    struct str name, description;
};
const struct field teams_add_fields[] = {
    F_STR(REQUIRED, struct teams_add_in, name, "name", 255, "unique name"),
    F_STR(OPTIONAL, struct teams_add_in, description, "description", 5000, "what it is for"),
    F_END};

enum err teams_add(struct rq *rq, const void *input)
{
    const struct teams_add_in *in = input;
    int64_t id;
    enum err e = team_create(&rq->call, in->name, in->description, &id);

    return e == ERR_OK ? reply_team(rq, id) : e;
}

struct teams_edit_info_in {
    int64_t id;
    struct str name, description;
};
const struct field teams_edit_info_fields[] = {
    F_ID(REQUIRED, struct teams_edit_info_in, id, "id", "the team"),
    F_STR(OPTIONAL, struct teams_edit_info_in, name, "name", 255, "new name"),
    F_STR(OPTIONAL, struct teams_edit_info_in, description, "description", 5000, "new description"),
    F_END};

enum err teams_edit_info(struct rq *rq, const void *input)
{
    const struct teams_edit_info_in *in = input;
    enum err e = team_edit(&rq->call, in->id, in->name, in->description);

    return e == ERR_OK ? reply_team(rq, in->id) : e;
}

struct members_add_in {
    int64_t team_id, role_id;
    struct str login;
};
const struct field members_add_fields[] = {
    F_ID(REQUIRED, struct members_add_in, team_id, "teamId", "the team"),
    F_STR(REQUIRED, struct members_add_in, login, "login", 64, "login of the account"),
    F_ID(REQUIRED, struct members_add_in, role_id, "roleId", "role in the team (roles.list)"),
    F_END};

enum err members_add(struct rq *rq, const void *input)
{
    const struct members_add_in *in = input;
    int64_t user_id;
    enum err e = member_add(&rq->call, in->login, in->role_id, &user_id);

    if (e != ERR_OK)
        return e;
    json_obj(&rq->out);
    json_kv_i64(&rq->out, "userId", user_id);
    json_obj_end(&rq->out);
    return ERR_OK;
}

struct members_edit_info_in {
    int64_t team_id, id, role_id;
};
const struct field members_edit_info_fields[] = {
    F_ID(REQUIRED, struct members_edit_info_in, team_id, "teamId", "the team"),
    F_ID(REQUIRED, struct members_edit_info_in, id, "id", "the account"),
    F_ID(REQUIRED, struct members_edit_info_in, role_id, "roleId", "its new role"), F_END};

enum err members_edit_info(struct rq *rq, const void *input)
{
    const struct members_edit_info_in *in = input;
    enum err e = member_set_role(&rq->call, in->id, in->role_id);

    return e == ERR_OK ? rq_success(rq) : e;
}

struct members_remove_in {
    int64_t team_id, id;
};
const struct field members_remove_fields[] = {
    F_ID(REQUIRED, struct members_remove_in, team_id, "teamId", "the team"),
    F_ID(REQUIRED, struct members_remove_in, id, "id", "the account"), F_END};

enum err members_remove(struct rq *rq, const void *input)
{
    enum err e = member_remove(&rq->call, ((const struct members_remove_in *)input)->id);

    return e == ERR_OK ? rq_success(rq) : e;
}

static void put_workspace(struct json_w *w, const struct workspace *s)
{
    json_obj(w);
    json_kv_i64(w, "id", s->id);
    json_kv_str(w, "name", s->name);
    json_kv_str(w, "description", s->description);
    json_kv_i64(w, "teamId", s->team_id);
    json_kv_bool(w, "hidden", s->hidden);
    json_kv_iso(w, "createdAt", s->created_at);
    json_kv_iso(w, "updatedAt", s->updated_at);
    json_obj_end(w);
}

static enum err reply_workspace(struct rq *rq, int64_t id)
{
    struct workspace s;
    enum err e = store_workspace_get(rq->call.db, id, &s);

    if (e == ERR_OK)
        put_workspace(&rq->out, &s);
    return e;
}

struct workspaces_list_in {
    int64_t team_id;
    struct list_args list;
};
const struct field workspaces_list_fields[] = {
    F_ID(REQUIRED, struct workspaces_list_in, team_id, "teamId", "the team"),
    LIST_FIELDS(struct workspaces_list_in, list), F_END};

static void put_workspace_row(struct rq *rq, struct db_query *row)
{
    struct workspace s;

    store_workspace_read(row, &s);
    put_workspace(&rq->out, &s);
}

enum err workspaces_list(struct rq *rq, const void *input)
{
    const struct workspaces_list_in *in = input;

    return rq_list(rq, LIST_MAKE(rq->call.db, LIST_WORKSPACES, in->team_id), &in->list,
                   PER_PAGE_DEFAULT, put_workspace_row);
}

struct workspaces_info_in {
    int64_t id;
};
const struct field workspaces_info_fields[] = {
    F_ID(REQUIRED, struct workspaces_info_in, id, "id", "the workspace"), F_END};

enum err workspaces_info(struct rq *rq, const void *input)
{
    return reply_workspace(rq, ((const struct workspaces_info_in *)input)->id);
}

struct workspaces_add_in {
    int64_t team_id;
    struct str name, description;
};
const struct field workspaces_add_fields[] = {
    F_ID(REQUIRED, struct workspaces_add_in, team_id, "teamId", "the team"),
    F_STR(REQUIRED, struct workspaces_add_in, name, "name", 255, "unique in the team"),
    F_STR(OPTIONAL, struct workspaces_add_in, description, "description", 5000, "what it is for"),
    F_END};

enum err workspaces_add(struct rq *rq, const void *input)
{
    const struct workspaces_add_in *in = input;
    int64_t id;
    enum err e = workspace_create(&rq->call, in->name, in->description, &id);

    return e == ERR_OK ? reply_workspace(rq, id) : e;
}

struct workspaces_edit_info_in {
    int64_t id;
    struct str name, description;
};
const struct field workspaces_edit_info_fields[] = {
    F_ID(REQUIRED, struct workspaces_edit_info_in, id, "id", "the workspace"),
    F_STR(OPTIONAL, struct workspaces_edit_info_in, name, "name", 255, "new name"),
    F_STR(OPTIONAL, struct workspaces_edit_info_in, description, "description", 5000,
          "new description"),
    F_END};

enum err workspaces_edit_info(struct rq *rq, const void *input)
{
    const struct workspaces_edit_info_in *in = input;
    enum err e = workspace_edit(&rq->call, in->id, in->name, in->description);

    return e == ERR_OK ? reply_workspace(rq, in->id) : e;
}

const struct field workspaces_archive_fields[] = {
    F_ID(REQUIRED, struct workspaces_info_in, id, "id", "the workspace"), F_END};

enum err workspaces_archive(struct rq *rq, const void *input)
{
    enum err e = workspace_archive(&rq->call, ((const struct workspaces_info_in *)input)->id);

    return e == ERR_OK ? rq_success(rq) : e;
}
