/* Accounts. */
#ifndef STORE_STORE_USER_H
#define STORE_STORE_USER_H

#include "store/store_access.h"

struct user {
    int64_t id;
    struct str login, name, email;
    int64_t logins; /* how often they logged in */
    bool disabled, is_admin, is_restricted;
    int64_t last_login, created_at, updated_at; /* ms; 0 = never */
};

/* A membership as users.info shows it. */
struct user_team {
    int64_t id, role_id;
    struct str name, role;
};

/* Read USER_COLUMNS from column `at` on; strings go to the arena of the connection. */
void store_user_read(struct db_query *q, int at, struct user *out);

enum err store_user_get(struct db *db, int64_t id, struct user *out);
enum err store_user_by_login(struct db *db, struct str login, struct user *out);

/* Argon2 string of the account with this login. ERR_NOT_FOUND. */
enum err store_user_password(struct db *db, struct str login, int64_t *id_out,
                             struct str *password_out);

/* Fills u->id. ERR_CONFLICT: the login is taken, whatever its case. */
enum err store_user_insert(struct db *db, struct user *u, struct str login_key, struct str password,
                           int64_t now_ms);

/* Absent name or password stays. */
enum err store_user_update(struct db *db, int64_t id, struct str name, struct str password,
                           int64_t now_ms);
enum err store_user_set_disabled(struct db *db, int64_t id, bool disabled, int64_t now_ms,
                                 bool *changed_out);
enum err store_user_logged_in(struct db *db, int64_t id, int64_t now_ms);

/* Teams of the account that `who` may know of; in the arena of the connection. */
enum err store_user_teams(struct db *db, int64_t id, const struct caller *who,
                          struct user_team **out, size_t *len_out);

/* First team and its first workspace (0: none). ERR_NOT_FOUND: in no team. */
enum err store_user_home(struct db *db, int64_t id, int64_t *team_out, int64_t *workspace_out);

#endif
