/* Rows of users. */
#include "store/store_user.h"

#include "store/store_int.h"

void store_user_read(struct db_query *q, int at, struct user *out)
{
    *out = (struct user){
        .id = db_col_i64(q, at),
        .login = db_col_str(q, at + 1),
        .name = db_col_str(q, at + 2),
        .email = db_col_str(q, at + 3),
        .logins = db_col_i64(q, at + 4),
        .disabled = db_col_i64(q, at + 5) != 0,
        .last_login = db_col_i64(q, at + 6),
        .created_at = db_col_i64(q, at + 7),
        .updated_at = db_col_i64(q, at + 8),
        .is_admin = db_col_i64(q, at + 9) != 0,
        .is_restricted = db_col_i64(q, at + 10) != 0,
    };
}

static enum err read_one(struct db_query *q, struct user *out)
{
    bool found = db_step(q);

    if (found)
        store_user_read(q, 0, out);
    return store__end_found(q, found);
}

enum err store_user_get(struct db *db, int64_t id, struct user *out)
{
    struct db_query *q = db_query(db, STMT_USER_GET);

    db_bind_i64(q, id);
    return read_one(q, out);
}

enum err store_user_by_login(struct db *db, struct str login, struct user *out)
{
    struct db_query *q = db_query(db, STMT_USER_BY_LOGIN);

    db_bind_str(q, login);
    return read_one(q, out);
}

enum err store_user_password(struct db *db, struct str login, int64_t *id_out,
                             struct str *password_out)
{
    struct db_query *q = db_query(db, STMT_USER_PASSWORD);

    db_bind_str(q, login);
    bool found = db_step(q);
    if (found) {
        *id_out = db_col_i64(q, 0);
        *password_out = db_col_str(q, 1);
    }
    return store__end_found(q, found);
}

enum err store_user_insert(struct db *db, struct user *u, struct str login_key, struct str password,
                           int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_USER_INSERT);

    db_bind_str(q, u->login);
    db_bind_str(q, login_key);
    db_bind_str(q, u->name);
    db_bind_str(q, u->email);
    db_bind_str(q, password);
    db_bind_i64(q, u->is_admin);
    db_bind_i64(q, u->is_restricted);
    db_bind_i64(q, now_ms);
    return db_insert(q, &u->id);
}

enum err store_user_update(struct db *db, int64_t id, struct str name, struct str password,
                           int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_USER_UPDATE);

    db_bind_i64(q, id);
    db_bind_str(q, name);
    db_bind_str(q, password);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_user_set_disabled(struct db *db, int64_t id, bool disabled, int64_t now_ms,
                                 bool *changed_out)
{
    struct db_query *q = db_query(db, STMT_USER_DISABLE);

    db_bind_i64(q, id);
    db_bind_i64(q, disabled);
    db_bind_i64(q, now_ms);
    return store__run_changed(db, q, changed_out);
}

enum err store_user_logged_in(struct db *db, int64_t id, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_USER_LOGGED_IN);

    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_user_teams(struct db *db, int64_t id, const struct caller *who,
                          struct user_team **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_USER_TEAMS);
    struct user_team *teams = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, id);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, PERM_MEMBERS_VIEW);
    while (db_step(q)) {
        teams = arena_room(db_arena(db), teams, n, &cap, sizeof *teams);
        if (teams == NULL)
            break;
        teams[n++] = (struct user_team){
            .id = db_col_i64(q, 0),
            .name = db_col_str(q, 1),
            .role_id = db_col_i64(q, 2),
            .role = db_col_str(q, 3),
        };
    }
    *out = teams;
    *len_out = n;
    return db_end(q);
}

enum err store_user_home(struct db *db, int64_t id, int64_t *team_out, int64_t *workspace_out)
{
    struct db_query *q = db_query(db, STMT_USER_HOME);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found) {
        *team_out = db_col_i64(q, 0);
        *workspace_out = db_col_i64(q, 1);
    }
    return store__end_found(q, found);
}
