/* Accounts and roles. */
#include "api/rq.h"
#include "auth/password.h"
#include "domain/user.h"
#include "store/store_setting.h"
#include "store/store_team.h"

#define PER_PAGE_DEFAULT 500

/* role and role_id absent: the account as such, its role is that of the instance. */
static void put_user(struct json_w *w, const struct user *u, struct str role, int64_t role_id)
{
    json_kv_i64(w, "id", u->id);
    json_kv_str(w, "login", u->login);
    json_kv_str(w, "role", role.p ? role : u->is_admin ? STR("admin") : STR_NULL);
    json_kv_id(w, "roleId", role_id ? role_id : u->is_admin ? ROLE_ADMIN : 0);
    json_kv_str(w, "name", u->name);
    json_kv_str(w, "email", u->email);
    json_kv_i64(w, "logins", u->logins);
    json_kv_bool(w, "disabled", u->disabled);
    json_kv_bool(w, "isRestricted", u->is_restricted);
    json_kv_iso(w, "lastLogin", u->last_login);
    json_kv_iso(w, "createdAt", u->created_at);
    json_kv_iso(w, "updatedAt", u->updated_at);
}

static enum err put_user_with_teams(struct rq *rq, int64_t id)
{
    struct user_team *teams;
    size_t n;
    struct user u;
    enum err e = store_user_get(rq->call.db, id, &u);

    if (e == ERR_OK)
        e = store_user_teams(rq->call.db, id, &rq->call.me, &teams, &n);
    if (e != ERR_OK)
        return e;
    json_obj(&rq->out);
    put_user(&rq->out, &u, STR_NULL, 0);
    json_kv_arr(&rq->out, "teams");
    for (size_t i = 0; i < n; i++) {
        json_obj(&rq->out);
        json_kv_i64(&rq->out, "id", teams[i].id);
        json_kv_str(&rq->out, "name", teams[i].name);
        json_kv_i64(&rq->out, "roleId", teams[i].role_id);
        json_kv_str(&rq->out, "role", teams[i].role);
        json_obj_end(&rq->out);
    }
    json_arr_end(&rq->out);
    json_obj_end(&rq->out);
    return ERR_OK;
}

struct users_list_in {
    struct list_args list;
};
const struct field users_list_fields[] = {LIST_FIELDS(struct users_list_in, list), F_END};

static void put_user_row(struct rq *rq, struct db_query *row)
{
    struct user u;

    store_user_read(row, 0, &u);
    json_obj(&rq->out);
    put_user(&rq->out, &u, STR_NULL, 0);
    json_obj_end(&rq->out);
}

enum err users_list(struct rq *rq, const void *input)
{
    const struct users_list_in *in = input;

    return rq_list(rq, list_make(rq->call.db, LIST_USERS, NULL, 0), &in->list, PER_PAGE_DEFAULT,
                   put_user_row);
}

struct users_info_in {
    int64_t id;
};
const struct field users_info_fields[] = {
    F_ID(REQUIRED, struct users_info_in, id, "id", "the account"), F_END};

enum err users_info(struct rq *rq, const void *input)
{
    return put_user_with_teams(rq, ((const struct users_info_in *)input)->id);
}

const struct field users_me_fields[] = {F_END};

enum err users_me(struct rq *rq, const void *input)
{
    (void)input;
    return put_user_with_teams(rq, rq->call.me.user_id);
}

struct users_add_in {
    struct str login, password, name, email;
    struct opt_bool is_restricted;
};
const struct field users_add_fields[] = {
    F_STR(REQUIRED, struct users_add_in, login, "login", 64, "unique, whatever its case"),
    F_STR(REQUIRED, struct users_add_in, password, "password", 256, "8 to 256 bytes"),
    F_STR(OPTIONAL, struct users_add_in, name, "name", 255, "name to show"),
    F_STR(OPTIONAL, struct users_add_in, email, "email", 255, "mail address"),
    F_BOOL(OPTIONAL, struct users_add_in, is_restricted, "isRestricted",
           "true: gets no team of their own and cannot create any (default false)"),
    F_END};

enum err users_add_prepare(struct rq *rq, const void *input)
{
    const struct users_add_in *in = input;
    enum err e = user_check_login(&rq->call, in->login);

    if (e == ERR_OK)
        e = password_check(in->password, "password", &rq->call.fault);
    if (e != ERR_OK)
        return e;
    rq->prepared = password_hash(rq->call.arena, in->password);
    return rq->prepared.p ? ERR_OK : fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
}

enum err users_add(struct rq *rq, const void *input)
{
    const struct users_add_in *in = input;
    struct user_new n = {
        .login = in->login,
        .password_hash = rq->prepared,
        .name = in->name,
        .email = in->email,
        .is_restricted = in->is_restricted.v,
    };
    int64_t id;
    enum err e = user_create(&rq->call, &n, &id);

    if (e != ERR_OK)
        return e;
    json_obj(&rq->out);
    json_kv_i64(&rq->out, "userId", id);
    json_obj_end(&rq->out);
    return ERR_OK;
}

struct users_edit_info_in {
    int64_t id;
    struct str password, name;
};
const struct field users_edit_info_fields[] = {
    F_ID(REQUIRED, struct users_edit_info_in, id, "id", "the account"),
    F_STR(OPTIONAL, struct users_edit_info_in, password, "password", 256, "new password"),
    F_STR(OPTIONAL, struct users_edit_info_in, name, "name", 255, "new name to show"), F_END};

enum err users_edit_info_prepare(struct rq *rq, const void *input)
{
    const struct users_edit_info_in *in = input;

    if (in->password.p == NULL)
        return ERR_OK;
    enum err e = password_check(in->password, "password", &rq->call.fault);
    if (e != ERR_OK)
        return e;
    rq->prepared = password_hash(rq->call.arena, in->password);
    return rq->prepared.p ? ERR_OK : fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
}

enum err users_edit_info(struct rq *rq, const void *input)
{
    const struct users_edit_info_in *in = input;
    enum err e = user_edit(&rq->call, in->id, in->name, rq->prepared);

    return e == ERR_OK ? rq_success(rq) : e;
}

struct users_disable_in {
    int64_t id;
    struct opt_bool disable;
};
const struct field users_disable_fields[] = {
    F_ID(REQUIRED, struct users_disable_in, id, "id", "the account"),
    F_BOOL(REQUIRED, struct users_disable_in, disable, "disable", "false enables it again"), F_END};

enum err users_disable(struct rq *rq, const void *input)
{
    const struct users_disable_in *in = input;
    struct user u;

    if (rq->call.me.disabled && in->id != rq->call.me.user_id)
        return fail(&rq->call, ERR_FORBIDDEN, "id",
                    "this account is disabled; it can only enable"
                    " itself");
    enum err e = store_user_get(rq->call.db, in->id, &u);
    if (e == ERR_NOT_FOUND)
        return fail(&rq->call, e, "id", "there is no user %lld", (long long)in->id);
    if (e == ERR_OK)
        e = user_set_disabled(&rq->call, in->id, in->disable.v);
    return e == ERR_OK ? rq_success(rq) : e;
}

struct members_list_in {
    int64_t team_id;
    struct list_args list;
};
const struct field members_list_fields[] = {
    F_ID(REQUIRED, struct members_list_in, team_id, "teamId", "the team"),
    LIST_FIELDS(struct members_list_in, list), F_END};

static void put_member_row(struct rq *rq, struct db_query *row)
{
    struct user u;

    store_user_read(row, 0, &u);
    json_obj(&rq->out);
    put_user(&rq->out, &u, db_col_str(row, 12), db_col_i64(row, 11));
    json_obj_end(&rq->out);
}

enum err members_list(struct rq *rq, const void *input)
{
    const struct members_list_in *in = input;
    struct list l = LIST_MAKE(rq->call.db, LIST_MEMBERS, in->team_id);

    return rq_list(rq, l, &in->list, PER_PAGE_DEFAULT, put_member_row);
}

struct members_info_in {
    int64_t team_id, id;
};
const struct field members_info_fields[] = {
    F_ID(REQUIRED, struct members_info_in, team_id, "teamId", "the team"),
    F_ID(REQUIRED, struct members_info_in, id, "id", "the account"), F_END};

enum err members_info(struct rq *rq, const void *input)
{
    const struct members_info_in *in = input;
    struct list l = LIST_MAKE(rq->call.db, LIST_MEMBERS, in->team_id);
    struct list_value value = {.kind = LIST_INT, .i = in->id};
    struct list_term term = {STR("id"), LIST_EQ, &value, 1};
    struct list_query query = {.page = 1, .per_page = 1, .terms = &term, .terms_len = 1};
    enum err e = list_open(&l, &query, &rq->call.fault);

    if (e != ERR_OK)
        return e;
    bool found = list_next(&l);
    if (found)
        put_member_row(rq, l.q);
    e = list_close(&l);
    if (e == ERR_OK && !found)
        return fail(&rq->call, ERR_NOT_FOUND, "id", "user %lld is not in the team",
                    (long long)in->id);
    return e;
}

struct roles_list_in {
    struct list_args list;
};
const struct field roles_list_fields[] = {LIST_FIELDS(struct roles_list_in, list), F_END};

static void put_role_row(struct rq *rq, struct db_query *row)
{
    struct role_row r;

    store_role_read(row, &r);
    json_obj(&rq->out);
    json_kv_i64(&rq->out, "id", r.id);
    json_kv_str(&rq->out, "role", r.name);
    json_kv_iso(&rq->out, "createdAt", r.created_at);
    json_kv_iso(&rq->out, "updatedAt", r.updated_at);
    json_obj_end(&rq->out);
}

enum err roles_list(struct rq *rq, const void *input)
{
    const struct roles_list_in *in = input;
    struct list l = list_make(rq->call.db, LIST_ROLES, NULL, 0);

    return rq_list(rq, l, &in->list, PER_PAGE_DEFAULT, put_role_row);
}
