/* Streamed bodies. */
#include "api/upload.h"

#include "api/api_int.h"
#include "base/clock.h"

static bool refuse(struct upload *u, const char *what)
{
    fault_set(&u->fault, ERR_INVALID, "body", "%s", what);
    return false;
}

static bool part_begin(void *ctx, struct str name, struct str filename)
{
    struct upload *u = ctx;
    struct arena *a = u->rq->call.arena;

    if (u->n == u->plan->parts_max)
        return refuse(u, "too many parts in one upload");
    u->parts = arena_room(a, u->parts, u->n, &u->cap, sizeof *u->parts);
    if (u->parts == NULL)
        return refuse(u, "too many parts in one upload");
    struct upload_part *p = &u->parts[u->n];
    *p = (struct upload_part){.name = arena_str(a, name), .filename = arena_str(a, filename)};
    buf_init(&p->text, u->plan->text_max);
    u->n++;
    if (!u->plan->to_blobs || filename.p == NULL)
        return true;
    return blob_begin(u->rq->api->blobs, &p->writer, &u->fault) == ERR_OK;
}

static bool part_data(void *ctx, const char *bytes, size_t n)
{
    struct upload *u = ctx;
    struct upload_part *p = &u->parts[u->n - 1];

    if (p->writer)
        return blob_add(p->writer, bytes, n, &u->fault) == ERR_OK;
    u->text_bytes += n;
    buf_add(&p->text, bytes, n);
    if (u->text_bytes > u->plan->text_max || p->text.failed)
        return refuse(u, "the fields of the upload are too long");
    return true;
}

static bool part_end(void *ctx)
{
    struct upload *u = ctx;
    struct upload_part *p = &u->parts[u->n - 1];

    return p->writer == NULL || blob_complete(p->writer, &u->fault) == ERR_OK;
}

static bool sink(struct http_req *r, const char *p, size_t n)
{
    struct upload *u = api__rq_of(r)->upload;

    if (u->raw)
        return part_data(u, p, n);
    return multipart_feed(&u->multipart, p, n, &u->fault) == ERR_OK;
}

static bool start(struct upload *u)
{
    const struct multipart_app app = {part_begin, part_data, part_end, u};
    struct str type = http_header(u->rq->http, "content-type");

    if (multipart_init(&u->multipart, type, &app))
        return true;
    if (!u->plan->to_blobs || str_starts(type, STR("multipart/")))
        return refuse(u, "send multipart/form-data with a boundary");
    u->raw = true;
    return part_begin(u, STR("0-file"), STR("0"));
}

void upload_begin(struct rq *rq)
{
    struct upload *u = arena_alloc(rq->call.arena, sizeof *u);
    enum err e = api__authenticate_early(rq);

    if (e == ERR_OK && u == NULL)
        e = fault_set(&rq->call.fault, ERR_NOMEM, NULL, "out of memory");
    if (e == ERR_OK) {
        *u = (struct upload){.rq = rq, .plan = rq->ep->upload};
        rq->upload = u;
        if (!start(u)) {
            rq->call.fault = u->fault;
            e = u->fault.code;
        }
    }
    if (e != ERR_OK) {
        api__reply_error(rq->http, &rq->call.fault);
        rq->http->answered = true;
        return;
    }
    rq->http->body_max = u->plan->bytes_max;
    rq->http->sink = sink;
}

enum err upload_check(struct rq *rq)
{
    struct upload *u = rq->upload;

    if (u->fault.code == ERR_OK && u->raw)
        part_end(u);
    else if (u->fault.code == ERR_OK)
        multipart_finish(&u->multipart, &u->fault);
    return u->fault.code;
}

void upload_drop(struct upload *u)
{
    for (size_t i = 0; u && i < u->n; i++) {
        blob_abort(u->parts[i].writer);
        u->parts[i].writer = NULL;
        buf_finish(&u->parts[i].text);
    }
}
