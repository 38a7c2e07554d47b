/* POST /api/account: login and password for an API token, wrapped in a JWT as the SDK reads it. */
#include "api/api_int.h"
#include "auth/login_limit.h"
#include "auth/password.h"
#include "auth/token.h"
#include "base/clock.h"
#include "domain/user.h"

/* A login on its way: IO thread, password pool, writer. Lives in the arena of the request. */
struct login {
    struct pool_task task;
    struct writer_op op;
    struct api *api;
    struct http_req *http;
    struct call call;
    struct str login, password;
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
    return user_log_in(&l->call, l->user_id, &l->result);
}

static void logged_in(struct writer_op *op, enum err e)
{
    struct login *l = of_op(op);
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
        l->op = (struct writer_op){.run = run_login, .done = logged_in};
        if (writer_submit(l->api->writer, &l->op))
            return;
        e = ERR_BUSY;
    }
    reply(l, e);
    http_resume(l->http);
}

void api__account_login(struct api *a, struct http_req *r)
{
    struct login *l = arena_alloc(&r->arena, sizeof *l);
    char address[64];

    if (l == NULL)
        return;
    l->api = a;
    l->http = r;
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
    l->task.run = verify;
    http_defer(r);
    if (pool_submit(a->password, &l->task))
        return;
    reply(l, fail(&l->call, ERR_BUSY, NULL, "too many logins at once"));
    http_resume(r);
}
