/* Rules of accounts. */
#include "domain/user.h"

#include "auth/token.h"
#include "domain/queue.h"
#include "domain/team.h"

#define LOGIN_CHARS_MAX     64
#define LOGIN_TOKEN_LIFE_MS (90ll * 24 * 3600 * 1000)
#define SESSION_LIFE_MS     (7ll * 24 * 3600 * 1000)

/* What the tokens are for; stands in their rows. */
#define SESSION_NAME STR("session of the web UI")
#define WEB_NAME     STR("API token page")

/* Lower case of the ASCII letters: logins that differ only in case would be mistaken. */
static struct str login_key(struct arena *a, struct str login)
{
    struct str key = arena_str(a, login);

    for (size_t i = 0; key.p && i < key.n; i++)
        if (key.p[i] >= 'A' && key.p[i] <= 'Z')
            ((char *)(uintptr_t)key.p)[i] = (char)(key.p[i] + 32);
    return key;
}

/* U+200B..U+200F, U+202A..U+202E, U+2060..U+2069, U+FEFF: invisible, or reorder what follows. */
static bool has_invisible(struct str s)
{
    for (size_t i = 0; i + 2 < s.n; i++) {
        const unsigned char *p = (const unsigned char *)s.p + i;
        bool general = p[0] == 0xe2 && p[1] == 0x80 &&
                       ((p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xaa && p[2] <= 0xae));
        bool joiner = p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xa9;

        if (general || joiner || (p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf))
            return true;
    }
    return false;
}

enum err user_check_login(struct call *c, struct str login)
{
    enum err e = name_check(c, login, "login", LOGIN_CHARS_MAX);

    if (e != ERR_OK)
        return e;
    if (memchr(login.p, ' ', login.n) || has_invisible(login))
        return fail(c, ERR_INVALID, "login",
                    "\"login\" must not hold spaces or invisible characters");
    return ERR_OK;
}

enum err user_create(struct call *c, const struct user_new *n, int64_t *id_out)
{
    struct user u = {
        .login = n->login,
        .name = or_empty(n->name),
        .email = n->email.n > 0 ? n->email : STR_NULL,
        .is_admin = n->is_admin,
        .is_restricted = n->is_restricted,
    };
    enum err e = user_check_login(c, n->login);

    if (e == ERR_OK)
        e = text_check(c, u.name, "name", NAME_CHARS_MAX);
    if (e == ERR_OK)
        e = text_check(c, or_empty(u.email), "email", NAME_CHARS_MAX);
    if (e != ERR_OK)
        return e;
    e = store_user_insert(c->db, &u, login_key(c->arena, n->login), n->password_hash, c->now_ms);
    if (e == ERR_CONFLICT)
        return fail(c, e, "login", "login \"" STR_FMT "\" is taken", STR_ARG(n->login));
    *id_out = u.id;
    if (e == ERR_OK)
        e = call_event(c, (struct event){.action = "create_user"});
    if (e == ERR_OK && !n->is_restricted)
        e = team_create_personal(c, n->login, u.id);
    return e;
}

enum err user_edit(struct call *c, int64_t id, struct str name, struct str password_hash)
{
    enum err e = text_check(c, or_empty(name), "name", NAME_CHARS_MAX);

    if (e == ERR_OK)
        e = store_user_update(c->db, id, name, password_hash, c->now_ms);
    if (e == ERR_OK && password_hash.p)
        e = store_tokens_revoke(c->db, id, SESSION_NAME, c->me.token_id, c->now_ms);
    return e == ERR_OK ? call_event(c, (struct event){.action = "update_user"}) : e;
}

enum err user_set_disabled(struct call *c, int64_t id, bool disabled)
{
    bool changed;
    enum err e = store_user_set_disabled(c->db, id, disabled, c->now_ms, &changed);

    if (e == ERR_OK && changed && disabled)
        e = queue_forget_user(c, id, 0);
    if (e != ERR_OK || !changed)
        return e;
    return call_event(c, (struct event){.action = disabled ? "disable_user" : "restore_user"});
}

enum err user_new_token(struct call *c, int64_t id, struct str name, int64_t expires_ms,
                        char token_out[129])
{
    struct token t = {.user_id = id, .name = name, .expires_at = expires_ms};

    token_make(token_out);
    t.hash = token_hash((struct str){token_out, TOKEN_CHARS});
    return store_token_insert(c->db, &t, c->now_ms);
}

enum err user_renew_token(struct call *c, char token_out[129])
{
    enum err e = store_tokens_revoke(c->db, c->me.user_id, WEB_NAME, 0, c->now_ms);

    if (e == ERR_OK)
        e = user_new_token(c, c->me.user_id, WEB_NAME, 0, token_out);
    return e == ERR_OK ? call_event(c, (struct event){.action = "renew_token"}) : e;
}

static enum err new_session(struct call *c, int64_t id, char token_out[129])
{
    struct token t = {
        .user_id = id, .name = SESSION_NAME, .expires_at = c->now_ms + SESSION_LIFE_MS};

    token_make(token_out);
    t.hash = token_session_hash((struct str){token_out, TOKEN_CHARS});
    return store_token_insert(c->db, &t, c->now_ms);
}

enum err user_log_in(struct call *c, int64_t id, bool session, struct user_login *out)
{
    enum err e = store_user_get(c->db, id, &out->user);

    if (e == ERR_OK && out->user.disabled)
        return fail(c, ERR_FORBIDDEN, "login", "this account is disabled; ask an administrator");
    if (e == ERR_OK)
        e = store_user_home(c->db, id, &out->team_id, &out->workspace_id);
    if (e == ERR_NOT_FOUND)
        return fail(c, ERR_FORBIDDEN, "login",
                    "this account is in no team yet; ask an administrator to add it to one");
    if (e == ERR_OK && session)
        e = new_session(c, id, out->token);
    else if (e == ERR_OK)
        e = user_new_token(c, id, STR("login"), c->now_ms + LOGIN_TOKEN_LIFE_MS, out->token);
    if (e == ERR_OK)
        e = store_user_logged_in(c->db, id, c->now_ms);
    if (e != ERR_OK)
        return e;
    c->me.user_id = id;
    return call_event(c, (struct event){.action = "login", .team_id = out->team_id});
}

enum err user_log_out(struct call *c, const struct sha256 *session_hash)
{
    int64_t team_id = 0, workspace_id = 0;
    enum err e = store_token_revoke(c->db, session_hash, c->now_ms);

    if (e != ERR_OK || c->me.user_id == 0)
        return e;
    e = store_user_home(c->db, c->me.user_id, &team_id, &workspace_id);
    if (e != ERR_OK && e != ERR_NOT_FOUND)
        return e;
    return call_event(c, (struct event){.action = "logout", .team_id = team_id});
}
