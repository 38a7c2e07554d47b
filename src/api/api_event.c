/* The activity log, and the streams that send it as it grows. */
#include <string.h>

#include "api/api_int.h"
#include "base/clock.h"
#include "store/store_event.h"

#define EVENTS_PER_PAGE_DEFAULT 20000
#define ROWS_MAX                32   /* what a stream holds in memory is bounded */
#define WINDOW                  2000 /* events looked through in one step */
#define SCRATCH_BYTES_MAX       (1u << 20)

/* ---- the log ---- */

struct teams_activity_in {
    int64_t team_id;
    struct list_args list;
};
const struct field teams_activity_fields[] = {
    F_ID(REQUIRED, struct teams_activity_in, team_id, "teamId", "the team"),
    LIST_FIELDS(struct teams_activity_in, list), F_END};

/* All 18 columns, always: clients build tables from them. */
static void put_event(struct json_w *w, const struct event_view *e)
{
    json_obj(w);
    json_kv_i64(w, "id", e->id);
    json_kv_id(w, "userId", e->user_id);
    json_kv_str(w, "action", e->action);
    json_kv_iso(w, "date", e->at);
    json_kv_str(w, "user", e->user);
    json_kv_id(w, "projectId", e->project_id);
    json_kv_str(w, "project", e->project);
    json_kv_id(w, "datasetId", e->dataset_id);
    json_kv_str(w, "dataset", e->dataset);
    json_kv_id(w, "imageId", e->image_id);
    json_kv_str(w, "image", e->image);
    json_kv_id(w, "classId", e->class_id);
    json_kv_str(w, "class", e->class_name);
    json_kv_id(w, "figureId", e->figure_id);
    json_kv_str(w, "job", e->job);
    json_kv_id(w, "jobId", e->job_id);
    json_kv_str(w, "tag", e->tag);
    json_kv_id(w, "tagId", e->tag_id);
    json_kv_raw(w, "meta", e->meta);
    json_obj_end(w);
}

static void put_event_row(struct rq *rq, struct db_query *row)
{
    struct event_view e;

    store_event_read(row, &e);
    put_event(&rq->out, &e);
}

/* Newest first. Pages by token go by the number of the event, so that new ones move nothing. */
static struct list_args in_order(struct list_args args)
{
    if (args.sort.p == NULL) {
        bool by_token = args.pagination_mode.p && str_is(args.pagination_mode, "token");

        args.sort = by_token ? STR("id") : STR("date");
        if (args.sort_order.p == NULL)
            args.sort_order = STR("desc");
    }
    return args;
}

enum err teams_activity(struct rq *rq, const void *input)
{
    const struct teams_activity_in *in = input;
    const struct list_args args = in_order(in->list);

    return rq_list(rq, LIST_MAKE(rq->call.db, LIST_EVENTS, in->team_id, 0), &args,
                   EVENTS_PER_PAGE_DEFAULT, put_event_row);
}

struct projects_activity_in {
    int64_t id;
    struct list_args list;
};
const struct field projects_activity_fields[] = {
    F_ID(REQUIRED, struct projects_activity_in, id, "id", "the project"),
    LIST_FIELDS(struct projects_activity_in, list), F_END};

enum err projects_activity(struct rq *rq, const void *input)
{
    const struct projects_activity_in *in = input;
    const struct list_args args = in_order(in->list);
    struct list l = LIST_MAKE(rq->call.db, LIST_EVENTS, rq->call.at.team_id, in->id);
    struct list_query query = {0};
    enum err e = list_args_query(&rq->call, &args, EVENTS_PER_PAGE_DEFAULT, &query);

    if (e == ERR_OK)
        e = list_open(&l, &query, &rq->call.fault);
    if (e != ERR_OK)
        return e;
    json_arr(&rq->out);
    while (list_next(&l))
        put_event_row(rq, l.q);
    json_arr_end(&rq->out);
    return list_close(&l);
}

/* ---- streams ---- */

struct event_stream {
    struct event_viewer viewer;
    int64_t cursor;   /* everything up to this event was sent or is not for this viewer */
    int64_t catch_up; /* up to here nobody tells what is new: look for oneself */
    bool once, begun;
    int64_t sent_ms; /* monotonic */
};

/* What both streams take: of a team, of a job. */
struct stream_in {
    int64_t id;
    struct opt_int after;
    struct opt_bool once;
};
#define STREAM_FIELDS(name, doc)                                                                   \
    F_ID(REQUIRED, struct stream_in, id, name, doc),                                               \
        F_INT(OPTIONAL, struct stream_in, after, "after", 0, INT64_MAX,                            \
              "go on behind this event; the header Last-Event-ID means the same and wins"),        \
        F_BOOL(OPTIONAL, struct stream_in, once, "once", "end after what is there already")
const struct field teams_events_fields[] = {STREAM_FIELDS("teamId", "the team"), F_END};
const struct field jobs_events_fields[] = {STREAM_FIELDS("jobId", "the job"), F_END};

static void put_job_now(struct json_w *w, const struct event_news *e)
{
    if (e->job_status.p == NULL) {
        json_kv_null(w, "job");
        return;
    }
    json_kv_obj(w, "job");
    json_kv_str(w, "status", e->job_status);
    json_kv_i64(w, "imagesCount", e->images);
    json_kv_i64(w, "finishedImagesCount", e->done);
    json_kv_i64(w, "acceptedImagesCount", e->accepted);
    json_kv_i64(w, "rejectedImagesCount", e->rejected);
    json_obj_end(w);
}

static void put_news(struct buf *out, const struct event_news *e)
{
    struct json_w w = json_w_on(out);

    buf_printf(out, "id: %lld\ndata: ", (long long)e->id);
    size_t from = out->n;
    json_obj(&w);
    json_kv_i64(&w, "id", e->id);
    json_kv_str(&w, "action", e->action);
    json_kv_iso(&w, "date", e->at);
    json_kv_id(&w, "userId", e->user_id);
    json_kv_id(&w, "projectId", e->project_id);
    json_kv_id(&w, "datasetId", e->dataset_id);
    json_kv_id(&w, "imageId", e->image_id);
    json_kv_id(&w, "classId", e->class_id);
    json_kv_id(&w, "figureId", e->figure_id);
    json_kv_id(&w, "jobId", e->job_id);
    json_kv_id(&w, "tagId", e->tag_id);
    put_job_now(&w, e);
    json_kv_raw(&w, "meta", e->meta);
    json_obj_end(&w);
    for (size_t i = from; i < out->n; i++) /* stored JSON may have lines, an event has one */
        if (out->p[i] == '\n' || out->p[i] == '\r')
            out->p[i] = ' ';
    BUF_ADD_LIT(out, "\n\n");
}

/* The next step from the cursor towards upto: at most WINDOW events and ROWS_MAX rows. */
static enum err put_events(struct rq *rq, struct event_stream *s, int64_t upto)
{
    struct event_range range = {.team_id = s->viewer.team_id,
                                .job_id = s->viewer.job_id,
                                .after = s->cursor,
                                .upto = upto - s->cursor > WINDOW ? s->cursor + WINDOW : upto,
                                .max = ROWS_MAX};
    struct db_query *q = store_events_for(rq->call.db, &range, &rq->call.me);
    struct event_news e = {0};
    int rows = 0;

    for (; db_step(q); rows++) {
        store_event_news_read(q, &e);
        put_news(&rq->http->out, &e);
    }
    enum err err = db_end(q);
    if (err == ERR_OK)
        s->cursor = rows == ROWS_MAX ? e.id : range.upto;
    return err;
}

static enum err still_allowed(struct rq *rq, const struct event_stream *s)
{
    bool job = s->viewer.job_id > 0;
    struct access at;
    enum err e = store_access(rq->call.db, job ? ACCESS_JOB : ACCESS_TEAM,
                              job ? s->viewer.job_id : s->viewer.team_id, &rq->call.me, &at);

    return e == ERR_OK && (at.perms & rq->ep->need) == 0 ? ERR_FORBIDDEN : e;
}

/* Whoever may not look any more gets what they may still see (that their job has closed), then the
 * end. */
static enum err look(struct rq *rq, struct event_stream *s, int64_t upto)
{
    struct call *c = &rq->call;
    enum err e = db_begin(c->db);

    if (e != ERR_OK)
        return e;
    c->now_ms = clock_wall_ms();
    e = store_token_caller(c->db, &rq->token_hash, c->now_ms, &c->me);
    if (e == ERR_OK && c->me.disabled)
        e = ERR_FORBIDDEN;
    if (e == ERR_OK)
        e = put_events(rq, s, upto);
    if (e == ERR_OK)
        e = still_allowed(rq, s);
    enum err end = db_commit(c->db);
    return e == ERR_OK ? end : e;
}

static void begin_stream(struct rq *rq, struct event_stream *s)
{
    int64_t newest;

    s->begun = true;
    s->catch_up = event_hub_settled(rq->api->events, rq->call.db, &newest);
    if (s->cursor < 0 ||
        s->cursor > newest) /* an event we never had: of a database before this one */
        s->cursor = s->catch_up;
    buf_printf(&rq->http->out, "retry: 2000\nid: %lld\nevent: ready\ndata: {\"id\":%lld}\n\n",
               (long long)s->cursor, (long long)s->cursor);
}

static bool step(struct rq *rq, struct event_stream *s)
{
    struct buf *out = &rq->http->out;
    bool silent = clock_mono_ms() - s->sent_ms >= HTTP_BEAT_MS;
    int64_t upto = s->catch_up;

    if (!s->begun)
        begin_stream(rq, s);
    if (s->cursor < s->catch_up) {
        upto = s->catch_up;
    } else if (!event_hub_concerns(&s->viewer, s->cursor, &upto)) {
        if (s->cursor < upto)
            s->cursor = upto;
        if (!silent)
            return !s->once;
        upto = s->cursor; /* look whether the viewer is still welcome */
    }
    enum err e = look(rq, s, upto);
    if (e != ERR_OK)
        buf_printf(out, "event: end\ndata: {\"status\":%d}\n\n", err_status(e));
    else if (out->n == 0 && (silent || s->cursor < upto)) /* a sign of life, or: ask again */
        buf_printf(out, "id: %lld\n\n", (long long)s->cursor);
    return e == ERR_OK && (!s->once || s->cursor < s->catch_up);
}

/* On an IO thread, outside any transaction: look for more to send. */
static bool more(struct http_req *r)
{
    struct rq *rq = api__rq_of(r);
    struct arena scratch, *lasting = rq->call.arena;

    arena_init(&scratch, SCRATCH_BYTES_MAX);
    rq->call.arena = &scratch;
    db_use_arena(rq->call.db, &scratch);
    bool goes_on = step(rq, rq->stream);
    if (r->out.n > 0)
        rq->stream->sent_ms = clock_mono_ms();
    rq->call.arena = lasting;
    rq->call.me.login = STR_NULL; /* it was in the scratch */
    arena_finish(&scratch);
    return goes_on;
}

/* job_id 0: of the whole team. */
static enum err open_stream(struct rq *rq, const struct stream_in *in, int64_t job_id)
{
    struct str last = http_header(rq->http, "Last-Event-ID");
    struct event_stream *s = arena_alloc(rq->call.arena, sizeof *s);

    if (s == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    *s = (struct event_stream){.viewer = {.team_id = rq->call.at.team_id,
                                          .job_id = job_id,
                                          .user_id = rq->call.me.user_id},
                               .cursor = in->after.set ? in->after.v : -1,
                               .once = in->once.v,
                               .sent_ms = clock_mono_ms()};
    if (last.n > 0 && (!str_to_i64(last, &s->cursor) || s->cursor < 0))
        return fail(&rq->call, ERR_INVALID, "Last-Event-ID", "\"Last-Event-ID\" must be a number");
    if (!event_hub_join(rq->api->events, &s->viewer))
        return fail(&rq->call, ERR_BUSY, NULL, "too many event streams are open");
    rq->stream = s;
    rq->http->content_type = "text/event-stream";
    http_add_line(rq->http, "X-Accel-Buffering", "no"); /* proxies must not collect */
    rq->http->more = more;
    return ERR_OK;
}

enum err teams_events(struct rq *rq, const void *input)
{
    return open_stream(rq, input, 0);
}

enum err jobs_events(struct rq *rq, const void *input)
{
    return open_stream(rq, input, ((const struct stream_in *)input)->id);
}

void api__stream_end(struct rq *rq)
{
    if (rq->stream)
        event_hub_leave(rq->api->events, &rq->stream->viewer);
}
