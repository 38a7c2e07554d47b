/* HTTP by libcurl: connections that stay open, and retries like the SDK's.
 *
 * What is repeated: everything that failed on the way or that the server asked to repeat. A call
 * that changes something carries an x-operation-id, the same in all attempts, by which the server
 * knows a repeat; without it a job could be created twice when only the answer was lost. */
#include "client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_BYTES_MAX  (1024u << 20)
#define RETRY_WAIT_MS_MAX 60000
#define SLEEP_SLICE_MS    50

struct lb_conn {
    CURL *curl;
    struct lb_conn *next;
};

/* One attempt. */
struct attempt {
    struct lb_op *op;
    CURL *curl;
    const struct lb_request *request;
    char *data; /* of the answer, when it stays in memory */
    size_t n, cap;
    enum label_err own_err; /* why we broke it off; LABEL_OK: we have not */
    curl_off_t moved;       /* bytes of both bodies so far, and when the last of them was */
    int64_t moved_ms;
    char curl_error[CURL_ERROR_SIZE];
};

/* ---- connections ---- */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static struct lb_conn *take_conn(struct label_api *api)
{
    struct lb_conn *conn;

    pthread_once(&curl_once, init_curl);
    pthread_mutex_lock(&api->lock);
    conn = api->idle;
    if (conn)
        api->idle = conn->next;
    pthread_mutex_unlock(&api->lock);
    if (conn == NULL && (conn = calloc(1, sizeof *conn)) != NULL) {
        conn->curl = curl_easy_init();
        if (conn->curl == NULL) {
            free(conn);
            conn = NULL;
        }
    }
    return conn;
}

static void give_conn(struct label_api *api, struct lb_conn *conn)
{
    curl_easy_reset(conn->curl); /* keeps the connection, and the caches of names and sessions */
    pthread_mutex_lock(&api->lock);
    conn->next = api->idle;
    api->idle = conn;
    pthread_mutex_unlock(&api->lock);
}

void lb_conns_close(struct label_api *api)
{
    while (api->idle) {
        struct lb_conn *conn = api->idle;

        api->idle = conn->next;
        curl_easy_cleanup(conn->curl);
        free(conn);
    }
}

/* ---- one attempt ---- */

static bool grow(struct attempt *a, size_t more)
{
    size_t cap = a->cap ? a->cap : 4096;
    char *data;

    while (cap - a->n < more + 1)
        cap *= 2;
    if (cap == a->cap)
        return true;
    data = cap <= ANSWER_BYTES_MAX ? realloc(a->data, cap) : NULL;
    if (data == NULL)
        return false;
    a->data = data;
    a->cap = cap;
    return true;
}

/* Into the sink goes only what a good answer holds. */
static size_t take_body(char *p, size_t one, size_t n, void *ctx)
{
    struct attempt *a = ctx;
    const struct lb_sink *sink = a->request->sink;
    char *type = NULL;
    long status = 0;

    (void)one;
    curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
    if (sink && status == 200) {
        curl_easy_getinfo(a->curl, CURLINFO_CONTENT_TYPE, &type);
        return sink->take(a->op, sink->ctx, type, p, n) ? n : 0;
    }
    if (!grow(a, n))
        return 0;
    memcpy(a->data + a->n, p, n);
    a->n += n;
    a->data[a->n] = 0;
    return n;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Called about once a second, and whenever something moves: has the caller cancelled, or has
 * nothing moved for too long? Until the first byte the connection's own timeout is at work too. */
static int watch(void *ctx, curl_off_t a, curl_off_t down, curl_off_t b, curl_off_t up)
{
    struct attempt *attempt = ctx;
    const struct label_settings *s = &attempt->op->api->set;
    int64_t now = now_ms();

    (void)a, (void)b;
    if (atomic_load(&attempt->op->api->cancelled)) {
        attempt->own_err = LABEL_ERR_CANCELLED;
        return 1;
    }
    if (down + up != attempt->moved || attempt->moved_ms == 0) {
        attempt->moved = down + up;
        attempt->moved_ms = now;
    }
    if (now - attempt->moved_ms < s->timeout_ms + (attempt->moved == 0 ? s->connect_timeout_ms : 0))
        return 0;
    attempt->own_err = LABEL_ERR_TIMEOUT;
    return 1;
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
    char line[512];
    struct curl_slist *longer;

    snprintf(line, sizeof line, "%s: %s", name, value);
    longer = curl_slist_append(list, line);
    return longer ? longer : list;
}

static struct curl_slist *make_headers(struct label_api *api, const struct lb_request *r,
                                       const char *operation)
{
    struct curl_slist *list = NULL;
    char id[24];

    if (api->token)
        list = add_header(list, "x-api-key", api->token);
    if (r->kind == LB_WRITE)
        list = add_header(list, "x-operation-id", operation);
    if (api->set.job_id) {
        snprintf(id, sizeof id, "%lld", (long long)api->set.job_id);
        list = add_header(list, "x-job-id", id);
    }
    if (r->body)
        list = add_header(list, "content-type",
                          r->content_type ? r->content_type : "application/json");
    return add_header(list, "expect", ""); /* no pause before large bodies */
}

static curl_mime *make_mime(CURL *curl, const struct lb_request *r)
{
    curl_mime *mime = curl_mime_init(curl);

    for (size_t i = 0; mime && i < r->n_parts; i++) {
        curl_mimepart *part = curl_mime_addpart(mime);
        const struct lb_part *from = &r->parts[i];

        curl_mime_name(part, from->name);
        if (from->path)
            curl_mime_filedata(part, from->path);
        else
            curl_mime_data(part, from->data, from->n);
        if (from->file_name[0])
            curl_mime_filename(part, from->file_name);
        if (from->type)
            curl_mime_type(part, from->type);
    }
    return mime;
}

static void set_options(struct attempt *a, const char *url, struct curl_slist *headers)
{
    struct label_api *api = a->op->api;
    CURL *c = a->curl;

    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "liblabel/" LABEL_VERSION);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, a->curl_error);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, a);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)api->set.connect_timeout_ms);
    curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 256L << 10);
    curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
    if (a->request->json)
        curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
    if (a->request->body) {
        curl_easy_setopt(c, CURLOPT_POST, 1L);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(a->request->body));
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, a->request->body);
    }
}

static CURLcode perform(struct attempt *a, const char *url, const char *operation)
{
    struct curl_slist *headers = make_headers(a->op->api, a->request, operation);
    curl_mime *mime = NULL;
    CURLcode code;

    set_options(a, url, headers);
    if (a->request->body == NULL) {
        mime = make_mime(a->curl, a->request);
        curl_easy_setopt(a->curl, CURLOPT_MIMEPOST, mime);
    }
    code = curl_easy_perform(a->curl);
    curl_mime_free(mime);
    curl_slist_free_all(headers);
    return code;
}

/* ---- what became of it ---- */

/* Worth another attempt: the SDK's list. */
static bool is_passing(long status)
{
    static const short list[] = {408, 429, 499, 500, 502, 503, 504, 509, 598, 599};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (list[i] == status)
            return true;
    }
    return false;
}

static enum label_err err_of_status(long status)
{
    return status == 401                    ? LABEL_ERR_TOKEN
           : status == 403                  ? LABEL_ERR_FORBIDDEN
           : status == 404                  ? LABEL_ERR_NOT_FOUND
           : status == 429 || status == 503 ? LABEL_ERR_BUSY
           : status == 408 || status == 504 ? LABEL_ERR_TIMEOUT
           : status >= 500                  ? LABEL_ERR_SERVER
           : status >= 400                  ? LABEL_ERR_INVALID
                                            : LABEL_ERR_ANSWER;
}

/* What the server says about the first thing it refuses: details is [{path: [name], message}] or
 * {field: name, message}. */
static const json_t *first_detail(const json_t *refusal)
{
    const json_t *details = json_object_get(refusal, "details");

    return json_is_array(details) ? json_array_get(details, 0) : details;
}

static void fail_refused(struct attempt *a, long status, const json_t *refusal)
{
    const json_t *detail = first_detail(refusal);
    const char *field = json_string_value(json_object_get(detail, "field"));
    const char *message = json_string_value(json_object_get(detail, "message"));

    if (field == NULL)
        field = json_string_value(json_array_get(json_object_get(detail, "path"), 0));
    if (message == NULL)
        message = json_string_value(json_object_get(refusal, "error"));
    if (message)
        lb_fail(a->op, err_of_status(status), field, "%s", message);
    else
        lb_fail(a->op, err_of_status(status), field, "%s: HTTP status %ld", a->request->name,
                status);
}

static void note_status(struct attempt *a, long status, json_t **refusal)
{
    json_t *json = a->data ? json_loadb(a->data, a->n, 0, NULL) : NULL;
    char *location = NULL;

    curl_easy_getinfo(a->curl, CURLINFO_REDIRECT_URL, &location);
    a->op->error->http_status = (int)status;
    if (status >= 300 && status < 400 && location)
        lb_fail(a->op, LABEL_ERR_ARGUMENT, "server_address",
                "the server sends us to %s: use that address", location);
    else
        fail_refused(a, status, json);
    json_decref(*refusal);
    *refusal = json;
}

/* A failure below HTTP. true: another attempt may help. */
static bool note_failure(struct attempt *a, CURLcode code)
{
    const char *why = a->curl_error[0] ? a->curl_error : curl_easy_strerror(code);
    const char *address = a->op->api->address;

    switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
        if (a->own_err == LABEL_ERR_TIMEOUT) {
            lb_fail(a->op, LABEL_ERR_TIMEOUT, NULL, "%s: nothing from %s for %d ms",
                    a->request->name, address, a->op->api->set.timeout_ms);
            return true;
        }
        lb_fail(a->op, LABEL_ERR_CANCELLED, NULL, "cancelled");
        return false;
    case CURLE_WRITE_ERROR:
        lb_fail(a->op, LABEL_ERR_MEMORY, NULL, "out of memory"); /* unless the sink said why */
        return false;
    case CURLE_READ_ERROR:
        lb_fail(a->op, LABEL_ERR_FILE, NULL, "%s: a file could not be read", a->request->name);
        return false;
    case CURLE_OUT_OF_MEMORY:
        lb_fail(a->op, LABEL_ERR_MEMORY, NULL, "out of memory");
        return false;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        lb_fail(a->op, LABEL_ERR_ARGUMENT, "server_address", "%s: %s", address, why);
        return false;
    case CURLE_PEER_FAILED_VERIFICATION:
        lb_fail(a->op, LABEL_ERR_CONNECT, "server_address", "%s: %s", address, why);
        return false;
    case CURLE_OPERATION_TIMEDOUT:
        lb_fail(a->op, LABEL_ERR_TIMEOUT, NULL, "%s: %s did not answer in time: %s",
                a->request->name, address, why);
        return true;
    default:
        lb_fail(a->op, LABEL_ERR_CONNECT, NULL, "%s: no answer from %s: %s", a->request->name,
                address, why);
        return true;
    }
}

/* ---- attempts ---- */

void lb_sleep_ms(struct lb_op *op, int64_t ms)
{
    int64_t end = now_ms() + ms;

    for (;;) {
        int64_t left = end - now_ms();

        if (atomic_load(&op->api->cancelled)) {
            lb_fail(op, LABEL_ERR_CANCELLED, NULL, "cancelled");
            return;
        }
        if (left <= 0)
            return;
        if (left > SLEEP_SLICE_MS)
            left = SLEEP_SLICE_MS;
        nanosleep(&(struct timespec){.tv_nsec = (long)left * 1000000}, NULL);
    }
}

static void make_operation(char *hex, size_t size)
{
    unsigned char bytes[16];

    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) /* cannot fail for so few */
        abort();
    for (size_t i = 0; i < sizeof bytes && 2 * i + 2 < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

/* Wait before the attempt after this one; its error is forgotten. */
static void wait_for_next(struct lb_op *op, const struct lb_request *r, int64_t server_ms)
{
    const struct label_settings *s = &op->api->set;
    int attempt = op->error->attempts;
    int64_t ms = (int64_t)s->retry_wait_ms << (attempt < 16 ? attempt - 1 : 15);
    struct label_retry retry = {r->name, op->error->message, attempt, s->attempts, 0};

    if (ms > RETRY_WAIT_MS_MAX)
        ms = RETRY_WAIT_MS_MAX;
    if (server_ms > ms)
        ms = server_ms;
    retry.wait_ms = ms;
    if (s->on_retry)
        s->on_retry(s->on_retry_ctx, &retry);
    memset(op->error, 0, sizeof *op->error);
    op->error->attempts = attempt;
    lb_sleep_ms(op, ms);
}

/* One attempt, with its failure in op. true: it failed, and another may help. */
static bool try_once(struct attempt *a, const char *url, const char *operation,
                     struct lb_answer *answer)
{
    long status = 0;
    CURLcode code;

    a->n = 0;
    a->curl_error[0] = 0;
    a->own_err = LABEL_OK;
    a->moved = a->moved_ms = 0;
    if (a->request->sink && !a->request->sink->begin(a->op, a->request->sink->ctx))
        return false;
    code = perform(a, url, operation);
    a->op->error->attempts++;
    if (code != CURLE_OK)
        return note_failure(a, code);
    curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        note_status(a, status, &answer->refusal);
        return is_passing(status);
    }
    a->op->error->http_status = 200;
    if (!a->request->json)
        return false;
    answer->json = a->data ? json_loadb(a->data, a->n, JSON_DECODE_ANY, NULL) : NULL;
    if (answer->json == NULL) {
        lb_fail(a->op, LABEL_ERR_ANSWER, NULL, "%s: the answer is no JSON", a->request->name);
        return true; /* cut off by something in between */
    }
    return false;
}

/* A message says how often it was tried, once it was more than once. */
static void tell_attempts(struct label_error *e)
{
    size_t n = strlen(e->message);

    if (e->attempts > 1)
        snprintf(e->message + n, sizeof e->message - n, " (after %d attempts)", e->attempts);
}

void lb_send(struct lb_op *op, const struct lb_request *request, struct lb_answer *answer)
{
    struct label_api *api = op->api;
    struct attempt a = {.op = op, .request = request};
    char operation[33] = "", url[1024];
    struct lb_conn *conn;

    memset(answer, 0, sizeof *answer);
    if (lb_failed(op))
        return;
    conn = take_conn(api);
    if (conn == NULL) {
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
        return;
    }
    a.curl = conn->curl;
    snprintf(url, sizeof url, "%s%s", api->address, request->path);
    make_operation(operation, sizeof operation);
    op->error->attempts = 0;
    while (try_once(&a, url, operation, answer) && op->error->attempts < api->set.attempts) {
        curl_off_t after_s = 0;

        curl_easy_getinfo(a.curl, CURLINFO_RETRY_AFTER, &after_s);
        wait_for_next(op, request, (int64_t)(after_s < 3600 ? after_s : 3600) * 1000);
        curl_easy_reset(a.curl);
        if (lb_failed(op))
            break;
    }
    give_conn(api, conn);
    if (lb_failed(op)) {
        tell_attempts(op->error);
        free(a.data);
        json_decref(answer->json);
        answer->json = NULL;
        return;
    }
    json_decref(answer->refusal);
    answer->refusal = NULL;
    answer->data = a.data;
    answer->n = a.n;
}

void lb_answer_drop(struct lb_answer *answer)
{
    free(answer->data);
    json_decref(answer->json);
    json_decref(answer->refusal);
    memset(answer, 0, sizeof *answer);
}
