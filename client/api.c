/* The handle: open, close, log in; and errors. */
#include "client.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const err_names[] = {
    [LABEL_OK] = "ok",
    [LABEL_ERR_ARGUMENT] = "wrong argument",
    [LABEL_ERR_INVALID] = "refused input",
    [LABEL_ERR_TOKEN] = "no valid token",
    [LABEL_ERR_FORBIDDEN] = "not allowed",
    [LABEL_ERR_NOT_FOUND] = "not found",
    [LABEL_ERR_BUSY] = "server busy",
    [LABEL_ERR_SERVER] = "server failed",
    [LABEL_ERR_CONNECT] = "no connection",
    [LABEL_ERR_TIMEOUT] = "timeout",
    [LABEL_ERR_ANSWER] = "bad answer",
    [LABEL_ERR_FILE] = "file",
    [LABEL_ERR_MEMORY] = "out of memory",
    [LABEL_ERR_CANCELLED] = "cancelled",
    [LABEL_ERR_WAIT] = "waited in vain",
};

const char *label_err_name(enum label_err err)
{
    return (unsigned)err < sizeof err_names / sizeof *err_names ? err_names[err] : "?";
}

const char *label_version(void)
{
    return LABEL_VERSION;
}

void lb_begin(struct lb_op *op, struct label_api *api, struct label_error *error)
{
    op->api = api;
    op->error = error ? error : &op->own;
    memset(op->error, 0, sizeof *op->error);
}

enum label_err lb_end(struct lb_op *op)
{
    return op->error->err;
}

bool lb_failed(const struct lb_op *op)
{
    return op->error->err != LABEL_OK;
}

enum label_err lb_fail(struct lb_op *op, enum label_err err, const char *field, const char *format,
                       ...)
{
    struct label_error *e = op->error;
    va_list args;

    if (e->err != LABEL_OK)
        return e->err;
    e->err = err;
    snprintf(e->field, sizeof e->field, "%s", field ? field : "");
    va_start(args, format);
    vsnprintf(e->message, sizeof e->message, format, args);
    va_end(args);
    for (char *p = e->message; *p; p++) {
        if (iscntrl((unsigned char)*p)) /* one line, and nothing that drives a terminal */
            *p = ' ';
    }
    return err;
}

/* Scheme and host of text, without slashes at the end. malloc()ed. */
static char *normal_address(struct lb_op *op, const char *text)
{
    bool has_scheme;
    size_t n;
    char *address;

    if (text == NULL || *text == 0) {
        lb_fail(op, LABEL_ERR_ARGUMENT, "server_address", "no server address (SERVER_ADDRESS)");
        return NULL;
    }
    has_scheme = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
    n = strlen(text);
    while (n > 0 && text[n - 1] == '/')
        n--;
    if ((!has_scheme && strstr(text, "://") != NULL) || strpbrk(text, " \t\r\n?#@") != NULL) {
        lb_fail(op, LABEL_ERR_ARGUMENT, "server_address", "'%s' is not the address of a server",
                text);
        return NULL;
    }
    address = malloc(n + sizeof "http://");
    if (address == NULL)
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
    else
        snprintf(address, n + sizeof "http://", "%s%.*s", has_scheme ? "" : "http://", (int)n,
                 text);
    return address;
}

static int either(int set, int otherwise)
{
    return set > 0 ? set : otherwise;
}

/* A line break in the token would be a header of its own. */
static bool is_token(const char *s)
{
    for (; *s; s++) {
        if (*s <= ' ' || *s > '~')
            return false;
    }
    return true;
}

static struct label_api *open_api(struct lb_op *op, const struct label_settings *s)
{
    struct label_api *api = calloc(1, sizeof *api);

    if (api == NULL) {
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&api->lock, NULL);
    api->set = *s;
    api->set.attempts = either(s->attempts, 10);
    api->set.retry_wait_ms = either(s->retry_wait_ms, 1000);
    api->set.connect_timeout_ms = either(s->connect_timeout_ms, 10000);
    api->set.timeout_ms = either(s->timeout_ms, 60000);
    api->set.parallel = either(s->parallel, 8);
    if (api->set.parallel > LB_PARALLEL_MAX)
        api->set.parallel = LB_PARALLEL_MAX;
    api->address = normal_address(op, s->server_address);
    if (s->token && !is_token(s->token))
        lb_fail(op, LABEL_ERR_ARGUMENT, "token", "the API token has characters that no token has");
    if (!lb_failed(op) && s->token && (api->token = strdup(s->token)) == NULL)
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
    api->set.server_address = api->address;
    api->set.token = api->token;
    if (lb_failed(op)) {
        label_close(api);
        return NULL;
    }
    return api;
}

enum label_err label_open(const struct label_settings *settings, struct label_api **api,
                          struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, NULL, error);
    *api = open_api(&op, settings);
    return lb_end(&op);
}

void label_close(struct label_api *api)
{
    if (api == NULL)
        return;
    lb_conns_close(api);
    pthread_mutex_destroy(&api->lock);
    if (api->token)
        explicit_bzero(api->token, strlen(api->token));
    free(api->token);
    free(api->address);
    free(api);
}

const char *label_token(const struct label_api *api)
{
    return api->token;
}

const char *label_server_address(const struct label_api *api)
{
    return api->address;
}

void label_cancel(struct label_api *api)
{
    atomic_store(&api->cancelled, true);
}

/* The digits of base64url; a byte each, or -1. */
static int digit64(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '-' || c == '+' ? 62
           : c == '_' || c == '/' ? 63
                                  : -1;
}

/* The claims of a JWT: what stands between its dots. Its signature is the server's business. */
static json_t *jwt_claims(const char *jwt)
{
    const char *p = strchr(jwt, '.');
    char *text = p ? malloc(strlen(p)) : NULL;
    unsigned bits = 0;
    int n_bits = 0;
    size_t n = 0;
    json_t *claims;

    if (text == NULL)
        return NULL;
    for (p++; digit64(*p) >= 0; p++) {
        bits = (bits << 6 | (unsigned)digit64(*p)) & 0xffff;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            text[n++] = (char)(bits >> n_bits & 0xff);
        }
    }
    claims = json_loadb(text, n, 0, NULL);
    free(text);
    return claims;
}

static char *form_body(const char *login, const char *password)
{
    char *l = curl_easy_escape(NULL, login, 0);
    char *p = curl_easy_escape(NULL, password, 0);
    size_t n = l && p ? strlen(l) + strlen(p) + sizeof "login=&password=" : 0;
    char *body = n ? malloc(n) : NULL;

    if (body)
        snprintf(body, n, "login=%s&password=%s", l, p);
    curl_free(l);
    curl_free(p);
    return body;
}

/* The token of the account, into *token (malloc()ed). */
static void log_in(struct lb_op *op, const char *login, const char *password, char **token)
{
    char *body = form_body(login, password);
    struct lb_request request = {.path = "/api/account",
                                 .name = "login",
                                 .body = body,
                                 .content_type = "application/x-www-form-urlencoded",
                                 .json = true};
    struct lb_answer answer = {0};
    const char *jwt, *found;
    json_t *claims;

    if (body == NULL) {
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
        return;
    }
    lb_send(op, &request, &answer);
    explicit_bzero(body, strlen(body));
    free(body);
    jwt = json_string_value(json_object_get(answer.json, "token"));
    claims = jwt ? jwt_claims(jwt) : NULL;
    found = json_string_value(json_object_get(claims, "api_token"));
    if (found == NULL)
        found = json_string_value(json_object_get(claims, "apiToken"));
    *token = found ? strdup(found) : NULL;
    if (*token == NULL)
        lb_fail(op, LABEL_ERR_ANSWER, NULL, "the answer to the login holds no token");
    json_decref(claims);
    lb_answer_drop(&answer);
}

enum label_err label_open_from_credentials(const struct label_settings *settings, const char *login,
                                           const char *password, struct label_api **api,
                                           struct label_error *error)
{
    struct label_settings set = *settings;
    struct lb_op op;

    lb_begin(&op, NULL, error);
    *api = NULL;
    if (login == NULL || password == NULL)
        return lb_fail(&op, LABEL_ERR_ARGUMENT, "login", "login and password are needed");
    set.token = NULL;
    op.api = open_api(&op, &set);
    if (lb_failed(&op))
        return lb_end(&op);
    log_in(&op, login, password, &op.api->token);
    op.api->set.token = op.api->token;
    if (lb_failed(&op))
        label_close(op.api);
    else
        *api = op.api;
    return lb_end(&op);
}
