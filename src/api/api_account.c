/* Logging in. POST /api/account: login and password for an API token, wrapped in a JWT as the SDK
 * reads it. POST /api/session: for the cookie of the web UI. POST /api/setup: makes the
 * administrator of a new instance and logs them in. */
#include "api/api_int.h"
#include "api/session.h"
#include "auth/login_limit.h"
#include "auth/password.h"
#include "auth/token.h"
#include "base/clock.h"
#include "domain/instance.h"
#include "domain/user.h"

enum login_kind { LOGIN_TOKEN, LOGIN_SESSION, LOGIN_SETUP };

/* A login on its way: IO thread, password pool, writer. Lives in the arena of the request. */
struct login {
    struct pool_task task;
    struct writer_op op;
    struct api *api;
    struct http_req *http;
    struct call call;
    enum login_kind kind;
    struct str login, password, password_hash; /* the hash: of a new administrator */
    int64_t user_id;
    struct user_login result;
};

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* application/x-www-form-urlencoded text to bytes, in a. */
static struct str form_decode(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;

    if (out == NULL)
        return STR_NULL;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 &&
            hex_digit(s.p[i + 2]) >= 0) {
            out[n++] = (char)(hex_digit(s.p[i + 1]) << 4 | hex_digit(s.p[i + 2]));
            i += 2;
        } else {
            out[n++] = s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    return (struct str){out, n};
}

static struct str form_field(struct arena *a, struct str form, const char *name)
{
    struct str key = str_from(name);

    while (form.n > 0) {
        const char *amp = memchr(form.p, '&', form.n);
        struct str pair = {form.p, amp ? (size_t)(amp - form.p) : form.n};
        const char *eq = memchr(pair.p, '=', pair.n);

        if (eq && (size_t)(eq - pair.p) == key.n && memcmp(pair.p, key.p, key.n) == 0)
            return form_decode(a, (struct str){eq + 1, pair.n - key.n - 1});
        form.p += pair.n + (amp != NULL);
        form.n -= pair.n + (amp != NULL);
    }
    return STR_NULL;
}

/* Form or JSON, by the first character. */
static void read_credentials(struct login *l)
{
    struct str body = buf_str(&l->http->body);
    const char *error;

    if (body.n > 0 && body.p[0] == '{') {
        struct json_value *root = json_parse(l->call.arena, body, &error);
        struct json_value *login = json_get(l->call.arena, root, "login");
        struct json_value *password = json_get(l->call.arena, root, "password");

        if (login && login->type == JSON_STR)
            l->login = login->s;
        if (password && password->type == JSON_STR)
            l->password = password->s;
        return;
    }
    l->login = form_field(l->call.arena, body, "login");
    l->password = form_field(l->call.arena, body, "password");
    if (l->login.p && !str_is_utf8(l->login))
        l->login = STR_NULL;
}

static void reply(struct login *l, enum err e)
{
    if (e == ERR_OK) {
        l->http->status = 200;
        return;
    }
    fail(&l->call, e, NULL, "%s", err_text(e));
    api__reply_error(l->http, &l->call.fault);
}

static struct str make_jwt(struct login *l)
{
    struct buf text;
    struct json_w w;

    buf_init(&text, 8192);
    w = json_w_on(&text);
    json_obj(&w);
    json_kv_lit(&w, "apiToken", l->result.token);
    json_kv_i64(&w, "userId", l->user_id);
    json_kv_str(&w, "login", l->result.user.login);
    json_kv_i64(&w, "iat", l->call.now_ms / 1000);
    json_kv_obj(&w, "group");
    json_kv_i64(&w, "id", l->result.team_id);
    json_obj_end(&w);
    json_kv_obj(&w, "workspace");
    json_kv_i64(&w, "id", l->result.workspace_id);
    json_obj_end(&w);
    json_obj_end(&w);
    struct str jwt =
        text.failed ? STR_NULL : token_jwt(l->call.arena, l->api->jwt_key, buf_str(&text));
    buf_finish(&text);
    return jwt;
}

static struct login *of_op(struct writer_op *op)
{
    return (struct login *)((char *)op - offsetof(struct login, op));
}

static enum err run_login(struct writer_op *op, struct db *db)
{
    struct login *l = of_op(op);

    db_use_arena(db, l->call.arena);
    l->call.db = db;
    l->call.fault = (struct fault){0};
    if (l->kind == LOGIN_SETUP) {
        struct instance_new new = {.admin_login = l->login, .password_hash = l->password_hash};
        struct instance_made made;
        enum err e = instance_init(&l->call, &new, &made);

        if (e != ERR_OK)
            return e;
        l->user_id = made.user_id;
    }
    return user_log_in(&l->call, l->user_id, l->kind != LOGIN_TOKEN, &l->result);
}

static void session_made(struct login *l)
{
    struct json_w w = json_w_on(&l->http->out);

    session_set_cookie(l->http, l->result.token);
    json_obj(&w);
    json_kv_bool(&w, "success", true);
    json_obj_end(&w);
    l->http->status = 200;
    http_resume(l->http);
}

static void logged_in(struct writer_op *op, enum err e)
{
    struct login *l = of_op(op);

    if (e == ERR_OK && l->kind != LOGIN_TOKEN) {
        session_made(l);
        return;
    }
    struct json_w w = json_w_on(&l->http->out);
    struct str jwt = e == ERR_OK ? make_jwt(l) : STR_NULL;

    if (e == ERR_OK && jwt.p == NULL)
        e = ERR_NOMEM;
    if (e == ERR_OK) {
        json_obj(&w);
        json_kv_str(&w, "token", jwt);
        json_obj_end(&w);
    }
    reply(l, e);
    http_resume(l->http);
}

static void to_writer(struct login *l)
{
    l->op = (struct writer_op){.run = run_login, .done = logged_in};
    if (writer_submit(l->api->writer, &l->op))
        return;
    reply(l, fail(&l->call, ERR_BUSY, NULL, "too many changes are waiting"));
    http_resume(l->http);
}

/* On the password pool: the administrator of a new instance. */
static void hash_new(struct pool_task *t, void *thread_data)
{
    struct login *l = (struct login *)((char *)t - offsetof(struct login, task));
    enum err e = user_check_login(&l->call, l->login);

    (void)thread_data;
    if (e == ERR_OK)
        e = password_check(l->password, "password", &l->call.fault);
    if (e == ERR_OK) {
        l->password_hash = password_hash(l->call.arena, l->password);
        if (l->password_hash.p) {
            to_writer(l);
            return;
        }
        e = ERR_NOMEM;
    }
    reply(l, e);
    http_resume(l->http);
}

/* On the password pool: is the password right? */
static void verify(struct pool_task *t, void *thread_data)
{
    struct login *l = (struct login *)((char *)t - offsetof(struct login, task));
    struct db *db = thread_data;
    struct str hash = STR_NULL;

    db_use_arena(db, l->call.arena);
    enum err e = store_user_password(db, l->login, &l->user_id, &hash);
    if (e == ERR_NOT_FOUND)
        e = ERR_OK; /* takes as long as a wrong password, and says the same */
    bool right = e == ERR_OK && password_verify(hash, l->password);
    login_limit_result(l->api->login_limit, l->login, right, clock_mono_ms());
    if (e == ERR_OK && !right)
        e = fail(&l->call, ERR_UNAUTHENTICATED, NULL, "wrong login or password");
    if (e == ERR_OK) {
        to_writer(l);
        return;
    }
    reply(l, e);
    http_resume(l->http);
}

static void start(struct api *a, struct http_req *r, enum login_kind kind)
{
    struct login *l = arena_alloc(&r->arena, sizeof *l);
    char address[64];

    if (l == NULL)
        return;
    l->api = a;
    l->http = r;
    l->kind = kind;
    l->call.arena = &r->arena;
    l->call.now_ms = clock_wall_ms();
    http_peer(r, address, sizeof address);
    read_credentials(l);
    if (l->login.n == 0 || l->password.n == 0) {
        reply(l, fail(&l->call, ERR_INVALID, l->login.n == 0 ? "login" : "password",
                      "send login and password"));
        return;
    }
    if (l->password.n > PASSWORD_BYTES_MAX) {
        reply(l, fail(&l->call, ERR_INVALID, "password", "the password is too long"));
        return;
    }
    int wait_s = login_limit_wait_s(a->login_limit, l->login, str_from(address), clock_mono_ms());
    if (wait_s > 0) {
        reply(l, fail(&l->call, ERR_RATE, NULL, "too many attempts; wait %d seconds", wait_s));
        r->retry_after_s = wait_s;
        return;
    }
    l->task.run = kind == LOGIN_SETUP ? hash_new : verify;
    http_defer(r);
    if (pool_submit(a->password, &l->task))
        return;
    reply(l, fail(&l->call, ERR_BUSY, NULL, "too many logins at once"));
    http_resume(r);
}

void api__account_login(struct api *a, struct http_req *r)
{
    start(a, r, LOGIN_TOKEN);
}

void api__session_login(struct api *a, struct http_req *r)
{
    start(a, r, LOGIN_SESSION);
}

/* A proxy in front, or another machine, must not take over a server that is being set up. */
static bool is_local(struct http_req *r)
{
    char address[64];

    http_peer(r, address, sizeof address);
    return (str_is(str_from(address), "127.0.0.1") || str_is(str_from(address), "::1")) &&
           http_header(r, "X-Forwarded-For").n == 0;
}

void api__setup(struct api *a, struct http_req *r)
{
    struct fault f = {0};

    if (!is_local(r))
        fault_set(&f, ERR_FORBIDDEN, NULL,
                  "set the server up from its own machine, or with labeld init");
    else if (strcmp(r->method, "POST") != 0 || http_header(r, SESSION_CSRF_HEADER).n == 0)
        fault_set(&f, ERR_INVALID, NULL, "POST login and password, with %s", SESSION_CSRF_HEADER);
    if (f.code != ERR_OK)
        api__reply_error(r, &f);
    else
        start(a, r, LOGIN_SETUP);
}
