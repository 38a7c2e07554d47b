/* Requests: from libmicrohttpd's callbacks to struct http_req and back. */
#include <assert.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/http_int.h"

#define KEEP_REQS      64          /* idle request structs per IO thread */
#define KEEP_OUT_BYTES (64 * 1024) /* a larger buffer is given back */

static struct http_req *take_req(struct io *io)
{
    struct http_req *r = io->free_reqs;

    if (r) {
        io->free_reqs = r->state->next;
        io->free_reqs_len--;
    } else {
        r = calloc(1, sizeof *r);
        struct http__state *state = calloc(1, sizeof *state);

        if (r == NULL || state == NULL) {
            free(r);
            free(state);
            return NULL;
        }
        r->state = state;
        arena_init(&r->arena, io->server->config.arena_bytes_max);
        buf_init(&r->out, io->server->config.out_bytes_max);
    }
    *r->state = (struct http__state){.io = io, .part_fd = -1};
    r->file_fd = -1;
    r->content_type = "application/json";
    r->no_store = true;
    return r;
}

static void free_req(struct http_req *r)
{
    arena_finish(&r->arena);
    buf_finish(&r->out);
    buf_finish(&r->body);
    free(r->state);
    free(r);
}

void http__free_reqs(struct io *io)
{
    while (io->free_reqs) {
        struct http_req *r = io->free_reqs;

        io->free_reqs = r->state->next;
        free_req(r);
    }
    io->free_reqs_len = 0;
}

static void give_back(struct http_req *r)
{
    struct io *io = r->state->io;
    struct arena arena;
    struct buf out;
    struct http__state *state = r->state;

    if (io->free_reqs_len >= KEEP_REQS) {
        free_req(r);
        return;
    }
    arena_reset(&r->arena);
    buf_clear(&r->out);
    if (r->out.cap > KEEP_OUT_BYTES)
        buf_finish(&r->out);
    buf_finish(&r->body);
    arena = r->arena;
    out = r->out;
    *r = (struct http_req){.arena = arena, .out = out, .state = state};
    state->next = io->free_reqs;
    io->free_reqs = r;
    io->free_reqs_len++;
}

void *http__uri_seen(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    (void)cls;
    (void)uri;
    http__conn_stage(http__conn_of(mhd), CONN_HEADERS);
    return NULL;
}

struct str http_header(struct http_req *r, const char *name)
{
    const char *value = NULL;
    size_t n = 0;

    if (MHD_lookup_connection_value_n(r->state->mhd, MHD_HEADER_KIND, name, strlen(name), &value,
                                      &n) != MHD_YES ||
        value == NULL)
        return STR_NULL;
    return (struct str){value, n};
}

void http_add_line(struct http_req *r, const char *name, const char *value)
{
    assert(r->lines_len < HTTP_LINES_MAX);
    r->lines[r->lines_len++] = (struct http_line){name, value};
}

struct query_visit {
    void (*f)(void *arg, struct str key, struct str value);
    void *arg;
};

static enum MHD_Result visit_query(void *cls, enum MHD_ValueKind kind, const char *key,
                                   size_t key_n, const char *value, size_t value_n)
{
    struct query_visit *v = cls;

    (void)kind;
    v->f(v->arg, (struct str){key, key_n}, (struct str){value ? value : "", value ? value_n : 0});
    return MHD_YES;
}

void http_each_query(struct http_req *r, void (*f)(void *arg, struct str key, struct str value),
                     void *arg)
{
    struct query_visit v = {f, arg};

    MHD_get_connection_values_n(r->state->mhd, MHD_GET_ARGUMENT_KIND, visit_query, &v);
}

void http_peer(struct http_req *r, char *out, size_t size)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->state->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    out[0] = '\0';
    if (info && info->client_addr)
        getnameinfo(info->client_addr, sizeof(struct sockaddr_storage), out, (socklen_t)size, NULL,
                    0, NI_NUMERICHOST);
}

void *http_thread_data(struct http_req *r)
{
    return r->state->io->app_data;
}

void **http_conn_data(struct http_req *r)
{
    return r->conn ? &r->conn->app_data : NULL;
}

/* Framing that two servers could read in two ways must not pass (request smuggling). */
struct framing {
    int lengths, encodings, hosts;
    bool bad;
};

static enum MHD_Result visit_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                    size_t key_n, const char *value, size_t value_n)
{
    struct framing *f = cls;

    (void)kind;
    if (key_n == 14 && strncasecmp(key, "content-length", key_n) == 0) {
        f->lengths++;
        f->bad |= value_n == 0 || strspn(value, "0123456789") != value_n;
    } else if (key_n == 17 && strncasecmp(key, "transfer-encoding", key_n) == 0) {
        f->encodings++;
        f->bad |= value_n != 7 || strncasecmp(value, "chunked", 7) != 0;
    } else if (key_n == 4 && strncasecmp(key, "host", key_n) == 0) {
        f->hosts++;
    }
    for (size_t i = 0; i < key_n; i++) /* "Name :" and folded lines */
        f->bad |= key[i] <= ' ' || key[i] == 0x7f;
    for (size_t i = 0; i < value_n; i++)
        f->bad |= value[i] == '\r' || value[i] == '\n' || value[i] == '\0';
    return MHD_YES;
}

static bool framing_ok(struct http_req *r, const char *version)
{
    struct framing f = {0};

    MHD_get_connection_values_n(r->state->mhd, MHD_HEADER_KIND, visit_header, &f);
    bool http11 = strcmp(version, "HTTP/1.1") == 0;
    return !f.bad && f.lengths <= 1 && f.encodings <= 1 && f.lengths + f.encodings <= 1 &&
           f.hosts <= 1 && (f.hosts == 1 || !http11);
}

static void refuse(struct http_req *r, enum err e, const char *message)
{
    r->status = err_status(e);
    r->close = true;
    buf_clear(&r->out);
    buf_printf(&r->out, "{\"error\":\"%s\",\"details\":{\"message\":\"%s\"}}", err_text(e),
               message);
    r->answered = true;
}

static void add_header(struct http_req *r, const char *name, const char *value)
{
    MHD_add_response_header(r->state->response, name, value);
}

static void add_common_headers(struct http_req *r)
{
    const char *origin = r->state->io->server->config.cors_origin;
    char number[16], text[48];

    add_header(r, "Content-Type", r->content_type);
    add_header(r, "X-Content-Type-Options", "nosniff");
    if (r->no_store)
        add_header(r, "Cache-Control", "no-store");
    if (r->cache_s > 0 && r->status < 400) {
        snprintf(text, sizeof text, "private, max-age=%d", r->cache_s);
        add_header(r, "Cache-Control", text);
        add_header(r, "Vary", "x-api-key, x-job-id, cookie");
    }
    if (origin)
        add_header(r, "Access-Control-Allow-Origin", origin);
    if (origin && strcmp(r->method, "OPTIONS") == 0) {
        add_header(r, "Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS");
        add_header(r, "Access-Control-Allow-Headers",
                   "x-api-key, x-job-id, x-task-id, content-type, range");
        add_header(r, "Access-Control-Max-Age", "86400");
    }
    if (r->etag)
        add_header(r, "ETag", r->etag);
    for (size_t i = 0; i < r->lines_len; i++)
        add_header(r, r->lines[i].name, r->lines[i].value);
    if (r->retry_after_s > 0) {
        snprintf(number, sizeof number, "%d", r->retry_after_s);
        add_header(r, "Retry-After", number);
    }
    if (r->close || r->state->io->draining)
        add_header(r, "Connection", "close");
}

/* "bytes=a-b", "bytes=a-", "bytes=-n" against a file of that size. ERR_OK with *len < 0: no usable
 * range, send everything (several ranges, other units: RFC 9110 lets us ignore them). */
static enum err parse_range(struct str range, int64_t size, int64_t *from, int64_t *len)
{
    const char *dash;
    int64_t first = -1, last = -1;

    *len = -1;
    if (!str_starts(range, STR("bytes=")))
        return ERR_OK;
    range.p += 6;
    range.n -= 6;
    dash = memchr(range.p, '-', range.n);
    if (dash == NULL)
        return ERR_OK;
    struct str a = {range.p, (size_t)(dash - range.p)};
    struct str b = {dash + 1, range.n - a.n - 1};
    if ((a.n > 0 && !str_to_i64(a, &first)) || (b.n > 0 && !str_to_i64(b, &last)) || a.n + b.n == 0)
        return ERR_OK;
    if (a.n == 0) { /* the last n bytes */
        first = last >= size ? 0 : size - last;
        last = size - 1;
    } else if (b.n == 0 || last >= size) {
        last = size - 1;
    }
    if (first > last || first >= size)
        return ERR_RANGE;
    *from = first;
    *len = last - first + 1;
    return ERR_OK;
}

static struct MHD_Response *file_response(struct http_req *r)
{
    struct str range = http_header(r, "Range");
    int64_t from = 0, len = -1;
    char text[80];
    int fd = r->file_fd;

    r->file_fd = -1; /* the response closes it */
    if (r->status == 200 && range.p && !r->no_range &&
        parse_range(range, r->file_size, &from, &len) != ERR_OK) {
        close(fd);
        refuse(r, ERR_RANGE, "the range lies outside the file");
        return MHD_create_response_from_buffer(r->out.n, r->out.p, MHD_RESPMEM_PERSISTENT);
    }
    if (len < 0) {
        r->state->response = MHD_create_response_from_fd_at_offset64((uint64_t)r->file_size, fd,
                                                                     (uint64_t)r->file_at);
    } else {
        r->status = 206;
        r->state->response = MHD_create_response_from_fd_at_offset64((uint64_t)len, fd,
                                                                     (uint64_t)(r->file_at + from));
        snprintf(text, sizeof text, "bytes %lld-%lld/%lld", (long long)from,
                 (long long)(from + len - 1), (long long)r->file_size);
    }
    if (r->state->response == NULL) {
        close(fd);
        return NULL;
    }
    if (len >= 0)
        add_header(r, "Content-Range", text);
    else if (r->file_hash)
        add_header(r, "x-content-checksum-sha256", r->file_hash);
    if (!r->no_range)
        add_header(r, "Accept-Ranges", "bytes");
    return r->state->response;
}

/* The client has this very answer already: do not send it again. */
static void answer_unchanged(struct http_req *r)
{
    struct str known = r->etag ? http_header(r, "If-None-Match") : STR_NULL;

    if (r->status != 200 || known.p == NULL ||
        memmem(known.p, known.n, r->etag, strlen(r->etag)) == NULL)
        return;
    if (r->file_fd >= 0)
        close(r->file_fd);
    r->file_fd = -1;
    r->parts = NULL;
    buf_clear(&r->out);
    r->status = 304;
}

static enum MHD_Result send_answer(struct http_req *r)
{
    const struct http_config *cfg = &r->state->io->server->config;

    answer_unchanged(r);
    bool made = r->file_fd < 0 && r->parts == NULL && r->more == NULL; /* in r->out */
    int64_t bytes = r->file_fd >= 0 ? r->file_size
                    : r->parts      ? http__parts_size(r->parts)
                                    : (int64_t)r->out.n;

    if (r->out.failed && made)
        refuse(r, ERR_TOO_LARGE, "the answer is too large; ask for smaller pages");
    r->state->response =
        r->file_fd >= 0 ? file_response(r)
        : r->parts      ? http__parts_response(r)
        : r->more       ? http__stream_response(r)
                  : MHD_create_response_from_buffer(r->out.n, r->out.p, MHD_RESPMEM_PERSISTENT);
    if (r->state->response == NULL)
        return MHD_NO;
    add_common_headers(r);
    http__conn_stage(r->conn, CONN_ANSWER);
    if (r->conn)
        r->conn->deadline_ms =
            clock_mono_ms() + cfg->answer_grace_ms + bytes * 1000 / cfg->answer_bytes_per_s_min;
    enum MHD_Result queued =
        MHD_queue_response(r->state->mhd, (unsigned)r->status, r->state->response);
    MHD_destroy_response(r->state->response);
    r->state->response = NULL;
    return queued;
}

static int64_t announced_length(struct http_req *r)
{
    struct str length = http_header(r, "Content-Length");
    int64_t n = 0;

    return length.p && str_to_i64(length, &n) ? n : 0;
}

/* Headers are complete: first sight of a request. */
static enum MHD_Result begin_request(struct io *io, struct MHD_Connection *mhd, const char *url,
                                     const char *method, const char *version, void **req_cls)
{
    struct http_req *r = take_req(io);

    if (r == NULL)
        return MHD_NO;
    *req_cls = r;
    io->requests_len++;
    r->state->mhd = mhd;
    r->conn = http__conn_of(mhd);
    r->method = method;
    r->path = str_from(url);
    if (r->conn)
        r->conn->body_bytes = 0;
    http__conn_stage(r->conn, CONN_BODY);
    if (!framing_ok(r, version)) {
        refuse(r, ERR_INVALID, "malformed request");
        return send_answer(r);
    }
    r->state->begun = true;
    io->server->app.begin(r, io->server->app.ctx);
    buf_init(&r->body, r->body_max + BODY_PADDING);
    int64_t length = announced_length(r);
    if (!r->answered && (length < 0 || (uint64_t)length > r->body_max))
        refuse(r, ERR_TOO_LARGE, "the request body is too large");
    else if (length > 0 && r->sink == NULL)
        buf_reserve(&r->body, (size_t)length + BODY_PADDING);
    /* an answer before the body is read ends the connection: what follows is not a request */
    return r->answered ? send_answer(r) : MHD_YES;
}

/* A body that goes to the app as it comes. */
static enum MHD_Result pour_body(struct http_req *r, const char *upload, size_t *upload_size)
{
    size_t n = *upload_size;

    *upload_size = 0;
    if (r->conn && (r->conn->body_bytes += (int64_t)n) > (int64_t)r->body_max)
        return MHD_NO; /* longer than announced, or than any chunked body may be */
    if (!r->state->swallow)
        r->state->swallow = !r->sink(r, upload, n);
    return MHD_YES;
}

static enum MHD_Result take_body(struct http_req *r, const char *upload, size_t *upload_size)
{
    if (r->sink)
        return pour_body(r, upload, upload_size);
    if (r->body.n + *upload_size > r->body_max ||
        !buf_reserve(&r->body, *upload_size + BODY_PADDING)) {
        *upload_size = 0;
        r->body.failed = true;
        return MHD_YES; /* swallow the rest; libmicrohttpd lets us answer only at its end */
    }
    buf_add(&r->body, upload, *upload_size);
    if (r->conn)
        r->conn->body_bytes += (int64_t)*upload_size;
    *upload_size = 0;
    return MHD_YES;
}

enum MHD_Result http__access(void *cls, struct MHD_Connection *mhd, const char *url,
                             const char *method, const char *version, const char *upload,
                             size_t *upload_size, void **req_cls)
{
    struct io *io = cls;
    struct http_req *r = *req_cls;

    if (r == NULL)
        return begin_request(io, mhd, url, method, version, req_cls);
    if (*upload_size > 0) {
        if (!r->body.failed)
            return take_body(r, upload, upload_size);
        if (r->conn && (r->conn->body_bytes += (int64_t)*upload_size) > (int64_t)r->body_max * 2)
            return MHD_NO; /* it goes on and on: drop the connection */
        *upload_size = 0;
        return MHD_YES;
    }
    if (r->body.failed && !r->answered)
        refuse(r, ERR_TOO_LARGE, "the request body is too large");
    if (!r->answered) {
        r->answered = true;
        if (buf_reserve(&r->body, BODY_PADDING))
            memset(r->body.p + r->body.n, 0, BODY_PADDING);
        http__conn_stage(r->conn, CONN_APP);
        io->server->app.handle(r, io->server->app.ctx);
        if (r->state->deferred)
            return MHD_YES;
    }
    return send_answer(r);
}

void http__completed(void *cls, struct MHD_Connection *mhd, void **req_cls,
                     enum MHD_RequestTerminationCode code)
{
    struct io *io = cls;
    struct http_req *r = *req_cls;

    (void)mhd;
    if (r == NULL)
        return;
    *req_cls = NULL;
    http__stream_end(r);
    if (r->state->begun)
        io->server->app.end(r, code == MHD_REQUEST_TERMINATED_COMPLETED_OK, io->server->app.ctx);
    if (r->file_fd >= 0)
        close(r->file_fd);
    if (r->state->part_fd >= 0)
        close(r->state->part_fd);
    if (r->conn && r->conn->app_data)
        http__conn_watch(r->conn);
    if (r->conn)
        r->conn->lost = code != MHD_REQUEST_TERMINATED_COMPLETED_OK;
    http__conn_stage(r->conn, CONN_IDLE);
    io->requests_len--;
    give_back(r);
}

void http_defer(struct http_req *r)
{
    r->state->deferred = true;
    MHD_suspend_connection(r->state->mhd);
}
