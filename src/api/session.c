/* Sessions of the web UI: the cookie, the value against forged requests, and the routes. */
#include "api/session.h"

#include <sodium.h>

#include "api/api_int.h"
#include "auth/token.h"
#include "base/clock.h"
#include "domain/instance.h"
#include "domain/user.h"

#define COOKIE      "labeld_session"
#define COOKIE_LIFE "604800" /* seconds; the row in the database expires as well */

/* ---- the cookie ---- */

static struct str cookie_of(struct http_req *r)
{
    struct str all = http_header(r, "Cookie"), name = STR(COOKIE "=");

    while (all.n > 0) {
        const char *semicolon = memchr(all.p, ';', all.n);
        struct str one = {all.p, semicolon ? (size_t)(semicolon - all.p) : all.n};

        all.p += one.n + (semicolon != NULL);
        all.n -= one.n + (semicolon != NULL);
        while (one.n > 0 && one.p[0] == ' ') {
            one.p++;
            one.n--;
        }
        if (str_starts(one, name) && one.n == name.n + TOKEN_CHARS)
            return (struct str){one.p + name.n, TOKEN_CHARS};
    }
    return STR_NULL;
}

bool session_hash(struct http_req *r, struct sha256 *out)
{
    struct str cookie = cookie_of(r);

    if (cookie.p)
        *out = token_session_hash(cookie);
    return cookie.p != NULL;
}

static void set_cookie(struct http_req *r, const char *token, const char *life)
{
    bool tls = str_is(http_header(r, "X-Forwarded-Proto"), "https");
    struct str line = arena_printf(&r->arena,
                                   COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict;"
                                          " Max-Age=%s%s",
                                   token, life, tls ? "; Secure" : "");

    if (line.p)
        http_add_line(r, "Set-Cookie", line.p);
}

void session_set_cookie(struct http_req *r, const char *token)
{
    set_cookie(r, token, COOKIE_LIFE);
}

/* What the pages send back: made of the cookie, so that nothing has to be stored. */
static void csrf_of(struct api *a, struct str cookie, char out[SHA256_SIZE * 2 + 1])
{
    struct sha256 mac = hmac_sha256(a->jwt_key, cookie);

    sodium_bin2hex(out, SHA256_SIZE * 2 + 1, mac.b, sizeof mac.b);
}

bool session_csrf_ok(struct api *a, struct http_req *r)
{
    struct str sent = http_header(r, SESSION_CSRF_HEADER), cookie = cookie_of(r);
    char right[SHA256_SIZE * 2 + 1];

    if (cookie.p == NULL || sent.n != sizeof right - 1)
        return false;
    csrf_of(a, cookie, right);
    return sodium_memcmp(sent.p, right, sent.n) == 0;
}

/* ---- GET /api/session: who am I? ---- */

static enum err find_caller(struct http_req *r, struct call *c)
{
    struct sha256 hash;

    if (!session_hash(r, &hash))
        return ERR_UNAUTHENTICATED;
    enum err e = store_token_caller(c->db, &hash, c->now_ms, &c->me);
    return e == ERR_OK && c->me.disabled ? ERR_UNAUTHENTICATED : e;
}

static void put_session(struct api *a, struct http_req *r, const struct call *c, bool is_new)
{
    struct json_w w = json_w_on(&r->out);
    char csrf[SHA256_SIZE * 2 + 1];

    json_obj(&w);
    json_kv_bool(&w, "setup", is_new);
    if (c->me.user_id) {
        csrf_of(a, cookie_of(r), csrf);
        json_kv_lit(&w, "csrf", csrf);
        json_kv_obj(&w, "user");
        json_kv_i64(&w, "id", c->me.user_id);
        json_kv_str(&w, "login", c->me.login);
        json_kv_bool(&w, "isAdmin", c->me.is_admin);
        json_kv_bool(&w, "isRestricted", c->me.is_restricted);
        json_obj_end(&w);
    }
    json_obj_end(&w);
}

static void session_info(struct api *a, struct http_req *r)
{
    struct call c = {.db = http_thread_data(r), .arena = &r->arena, .now_ms = clock_wall_ms()};
    bool is_new = false;

    db_use_arena(c.db, c.arena);
    enum err e = db_begin(c.db);
    if (e == ERR_OK) {
        e = find_caller(r, &c);
        if (e == ERR_UNAUTHENTICATED) {
            c.me = (struct caller){0};
            e = instance_is_new(&c, &is_new);
        }
        db_commit(c.db);
    }
    if (e == ERR_OK) {
        put_session(a, r, &c, is_new);
    } else {
        fail(&c, e, NULL, "%s", err_text(e));
        api__reply_error(r, &c.fault);
    }
}

/* ---- changes: DELETE /api/session logs out, POST /api/token makes an API token ---- */

struct session_op {
    struct writer_op op;
    struct http_req *http;
    struct call call;
    struct sha256 hash;
    char token[TOKEN_CHARS + 1];
};

static struct session_op *of_op(struct writer_op *op)
{
    return (struct session_op *)((char *)op - offsetof(struct session_op, op));
}

static void op_failed(struct session_op *s, enum err e)
{
    fail(&s->call, e, NULL, "%s", err_text(e));
    api__reply_error(s->http, &s->call.fault);
}

static void attach(struct session_op *s, struct db *db)
{
    db_use_arena(db, s->call.arena);
    s->call.db = db;
    s->call.fault = (struct fault){0};
}

static enum err run_logout(struct writer_op *op, struct db *db)
{
    struct session_op *s = of_op(op);

    attach(s, db);
    enum err e = find_caller(s->http, &s->call);
    if (e != ERR_OK && e != ERR_UNAUTHENTICATED) /* who is nobody any more may still log out */
        return e;
    return user_log_out(&s->call, &s->hash);
}

static void logged_out(struct writer_op *op, enum err e)
{
    struct session_op *s = of_op(op);

    if (e == ERR_OK) {
        set_cookie(s->http, "", "0");
        BUF_ADD_LIT(&s->http->out, "{\"success\":true}");
    } else {
        op_failed(s, e);
    }
    http_resume(s->http);
}

static enum err run_renew(struct writer_op *op, struct db *db)
{
    struct session_op *s = of_op(op);

    attach(s, db);
    enum err e = find_caller(s->http, &s->call);
    return e == ERR_OK ? user_renew_token(&s->call, s->token) : e;
}

static void renewed(struct writer_op *op, enum err e)
{
    struct session_op *s = of_op(op);
    struct json_w w = json_w_on(&s->http->out);

    if (e == ERR_OK) {
        json_obj(&w);
        json_kv_lit(&w, "token", s->token);
        json_obj_end(&w);
    } else {
        op_failed(s, e);
    }
    http_resume(s->http);
}

static void change(struct api *a, struct http_req *r,
                   enum err (*run)(struct writer_op *op, struct db *db),
                   void (*done)(struct writer_op *op, enum err e))
{
    struct session_op *s = arena_alloc(&r->arena, sizeof *s);
    struct fault f = {0};

    if (s == NULL || !session_hash(r, &s->hash) || !session_csrf_ok(a, r)) {
        fault_set(&f, ERR_UNAUTHENTICATED, NULL, "there is no session, or no %s of it",
                  SESSION_CSRF_HEADER);
        api__reply_error(r, &f);
        return;
    }
    s->http = r;
    s->call.arena = &r->arena;
    s->call.now_ms = clock_wall_ms();
    s->op = (struct writer_op){.run = run, .done = done};
    http_defer(r);
    if (writer_submit(a->writer, &s->op))
        return;
    op_failed(s, ERR_BUSY);
    http_resume(r);
}

void api__session(struct api *a, struct http_req *r)
{
    struct fault f = {0};

    if (strcmp(r->method, "GET") == 0) {
        session_info(a, r);
    } else if (strcmp(r->method, "DELETE") == 0) {
        change(a, r, run_logout, logged_out);
    } else if (http_header(r, SESSION_CSRF_HEADER).n == 0) {
        fault_set(&f, ERR_INVALID, NULL, "send %s", SESSION_CSRF_HEADER);
        api__reply_error(r, &f);
    } else {
        api__session_login(a, r);
    }
}

void api__renew_token(struct api *a, struct http_req *r)
{
    struct fault f = {0};

    if (strcmp(r->method, "POST") == 0) {
        change(a, r, run_renew, renewed);
        return;
    }
    fault_set(&f, ERR_INVALID, NULL, "use POST");
    api__reply_error(r, &f);
}
