/* Accounts: creating, changing, disabling, logging in. */
#ifndef DOMAIN_USER_H
#define DOMAIN_USER_H

#include "domain/call.h"
#include "store/store_user.h"

struct user_new {
    struct str login;
    struct str password_hash; /* made before the transaction, on the password pool */
    struct str name, email;
    bool is_restricted; /* gets no team of their own */
    bool is_admin;
};

/* Check what can be checked without the database. */
enum err user_check_login(struct call *c, struct str login);

/* Create; who is not restricted gets a team named after the login, as its admin. ERR_CONFLICT on
 * "login" when it is taken. */
enum err user_create(struct call *c, const struct user_new *n, int64_t *id_out);

/* Change name and password hash; absent ones stay. Tokens stay valid: scripts change their own
 * password and go on. Sessions of the web UI end with their password, but for the caller's. */
enum err user_edit(struct call *c, int64_t id, struct str name, struct str password_hash);

/* Disable or enable. Who is disabled leaves all queues, as who leaves a team does. Repeating
 * changes nothing. */
enum err user_set_disabled(struct call *c, int64_t id, bool disabled);

/* A login was verified: count it, make a token and say where the user lands. ERR_FORBIDDEN with a
 * sentence: disabled, or in no team yet. */
struct user_login {
    char token[129]; /* of a session: for the cookie, no good as an API token */
    int64_t team_id, workspace_id;
    struct user user;
};
enum err user_log_in(struct call *c, int64_t id, bool session, struct user_login *out);

/* The session with this hash ends; its owner, if it still has one, is c->me. */
enum err user_log_out(struct call *c, const struct sha256 *session_hash);

/* New API token of the web UI's page in place of the one it showed before. */
enum err user_renew_token(struct call *c, char token_out[129]);

/* New API token for the account; name says what it is for. expires_ms 0 = never. */
enum err user_new_token(struct call *c, int64_t id, struct str name, int64_t expires_ms,
                        char token_out[129]);

#endif
