/* labeling-performance: what people of a team did, from the event log; as JSON and as CSV. All
 * numbers of one team, time and filter come from one query, so that tables add up. */
#include "api/performance.h"

/* ---- JSON ---- */

static void put_numbers(struct json_w *w, const int64_t *n)
{
    for (size_t i = 0; i < performance_numbers_len; i++) {
        const struct performance_number_def *d = &performance_numbers[i];
        double ratio;

        if (d->factor == 0)
            json_kv_i64(w, d->name, n[d->of]);
        else if (performance_ratio(d, n, &ratio))
            json_kv_real(w, d->name, ratio);
        else
            json_kv_null(w, d->name);
    }
}

static void put_total(struct json_w *w, const struct performance_row *rows, size_t n)
{
    int64_t sum[WORK__MAX] = {0};

    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < WORK__MAX; k++)
            sum[k] += rows[i].n[k];
    json_kv_obj(w, "total");
    put_numbers(w, sum);
    json_obj_end(w);
}

struct performance_in {
    struct performance_args args;
};
const struct field labeling_performance_summary_fields[] = {
    PERFORMANCE_FIELDS(struct performance_in, args), F_END};

enum err labeling_performance_summary(struct rq *rq, const void *input)
{
    const struct performance_in *in = input;
    struct performance_assets assets = {0};
    struct performance_row *rows = NULL;
    struct performance_query q;
    struct json_w *w = &rq->out;
    size_t n = 0;
    enum err e = performance_query(rq, &in->args, false, &q);

    if (e == ERR_OK)
        e = store_performance(rq->call.db, &q, &rows, &n);
    if (e == ERR_OK)
        e = store_performance_assets(rq->call.db, &q, &assets);
    json_obj(w);
    json_kv_obj(w, "assets");
    json_kv_i64(w, "total", assets.total);
    json_kv_i64(w, "pending", assets.total - assets.done - assets.accepted - assets.rejected);
    json_kv_i64(w, "submitted", assets.done);
    json_kv_i64(w, "rejected", assets.rejected);
    json_kv_i64(w, "accepted", assets.accepted);
    json_obj_end(w);
    put_total(w, rows, n);
    json_obj_end(w);
    return e;
}

const struct field labeling_performance_members_fields[] = {
    PERFORMANCE_FIELDS(struct performance_in, args), F_END};

enum err labeling_performance_members(struct rq *rq, const void *input)
{
    const struct performance_in *in = input;
    struct performance_row *rows = NULL;
    struct performance_query q;
    struct json_w *w = &rq->out;
    size_t n = 0;
    enum err e = performance_query(rq, &in->args, false, &q);

    if (e == ERR_OK)
        e = store_performance(rq->call.db, &q, &rows, &n);
    json_obj(w);
    json_kv_arr(w, "entities");
    for (size_t i = 0; i < n; i++) {
        json_obj(w);
        json_kv_i64(w, "userId", rows[i].user_id);
        json_kv_str(w, "login", rows[i].login);
        put_numbers(w, rows[i].n);
        json_obj_end(w);
    }
    json_arr_end(w);
    put_total(w, rows, n);
    json_obj_end(w);
    return e;
}

const struct field labeling_performance_timeline_fields[] = {
    PERFORMANCE_FIELDS(struct performance_in, args), PERFORMANCE_SPLIT(struct performance_in, args),
    F_END};
const struct field labeling_performance_review_time_fields[] = {
    PERFORMANCE_FIELDS(struct performance_in, args), PERFORMANCE_SPLIT(struct performance_in, args),
    F_END};

/* Rows by date, all people together. */
static enum err load_dates(struct rq *rq, const struct performance_args *args,
                           struct performance_query *q, struct performance_row **rows, size_t *n)
{
    enum err e = performance_query(rq, args, true, q);

    if (e == ERR_OK)
        e = store_performance(rq->call.db, q, rows, n);
    if (e == ERR_OK)
        *n = performance_merge(rq->call.arena, q, args->split_by, *rows, *n);
    return e;
}

enum err labeling_performance_timeline(struct rq *rq, const void *input)
{
    const struct performance_in *in = input;
    struct performance_row *rows = NULL;
    struct performance_query q;
    struct json_w *w = &rq->out;
    size_t n = 0;
    enum err e = load_dates(rq, &in->args, &q, &rows, &n);

    json_obj(w);
    json_kv_arr(w, "entities");
    for (size_t i = 0; i < n; i++) {
        json_obj(w);
        json_kv_str(w, "date",
                    performance_date(rq->call.arena, &q, rows[i].slot, in->args.split_by));
        put_numbers(w, rows[i].n);
        json_obj_end(w);
        rq_spill(rq);
    }
    json_arr_end(w);
    put_total(w, rows, n);
    json_obj_end(w);
    return e;
}

enum err labeling_performance_review_time(struct rq *rq, const void *input)
{
    return labeling_performance_timeline(rq, input);
}

static enum err put_uses(struct rq *rq, const struct performance_args *args, bool tags)
{
    struct performance_use *list = NULL;
    struct performance_query q;
    struct json_w *w = &rq->out;
    size_t n = 0;
    enum err e = performance_query(rq, args, true, &q);

    if (e == ERR_OK)
        e = store_performance_use(rq->call.db, &q, tags, &list, &n);
    json_obj(w);
    json_kv_arr(w, "entities");
    for (size_t i = 0; i < n; i++) {
        json_obj(w);
        json_kv_i64(w, "id", list[i].id);
        json_kv_str(w, "name", list[i].name);
        json_kv_str(w, "color", list[i].color);
        json_kv_str(w, "project", list[i].project);
        json_kv_i64(w, tags ? "tags" : "objects", list[i].count);
        json_kv_i64(w, "images", list[i].images);
        if (!tags)
            json_kv_i64(w, "labelingTime", list[i].seconds);
        json_obj_end(w);
    }
    json_arr_end(w);
    json_obj_end(w);
    return e;
}

const struct field labeling_performance_classes_fields[] = {
    PERFORMANCE_FIELDS(struct performance_in, args), F_END};
const struct field labeling_performance_tags_fields[] = {
    PERFORMANCE_FIELDS(struct performance_in, args), F_END};

enum err labeling_performance_classes(struct rq *rq, const void *input)
{
    return put_uses(rq, &((const struct performance_in *)input)->args, false);
}

enum err labeling_performance_tags(struct rq *rq, const void *input)
{
    return put_uses(rq, &((const struct performance_in *)input)->args, true);
}

/* ---- CSV ---- */

/* People chose these texts: quoted, and never what a spreadsheet takes for a formula. */
static void add_text(struct buf *out, struct str s)
{
    buf_add_char(out, '"');
    if (s.n > 0 && strchr("=+-@\t\r\n", s.p[0]))
        buf_add_char(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, s.p[i]);
    }
    buf_add_char(out, '"');
}

static void add_numbers(struct buf *out, const int64_t *n)
{
    for (size_t i = 0; i < performance_numbers_len; i++) {
        const struct performance_number_def *d = &performance_numbers[i];
        double ratio;

        buf_add_char(out, ',');
        if (d->factor == 0)
            buf_printf(out, "%lld", (long long)n[d->of]);
        else if (performance_ratio(d, n, &ratio))
            buf_printf(out, "%.2f", ratio);
    }
    BUF_ADD_LIT(out, "\r\n");
}

static enum err export_people(struct rq *rq, const struct performance_args *args, bool dates)
{
    struct buf *out = &rq->http->out;
    struct performance_row *rows = NULL;
    struct performance_query q;
    size_t n = 0;
    enum err e =
        dates ? load_dates(rq, args, &q, &rows, &n) : performance_query(rq, args, false, &q);

    if (e == ERR_OK && !dates)
        e = store_performance(rq->call.db, &q, &rows, &n);
    buf_add_str(out, str_from(dates ? "date" : "login"));
    for (size_t i = 0; i < performance_numbers_len; i++)
        buf_printf(out, ",%s", performance_numbers[i].name);
    BUF_ADD_LIT(out, "\r\n");
    for (size_t i = 0; i < n; i++) {
        add_text(out, dates ? performance_date(rq->call.arena, &q, rows[i].slot, args->split_by)
                            : rows[i].login);
        add_numbers(out, rows[i].n);
        rq_spill(rq);
    }
    return e;
}

static enum err export_uses(struct rq *rq, const struct performance_args *args, bool tags)
{
    struct buf *out = &rq->http->out;
    struct performance_use *list = NULL;
    struct performance_query q;
    size_t n = 0;
    enum err e = performance_query(rq, args, true, &q);

    if (e == ERR_OK)
        e = store_performance_use(rq->call.db, &q, tags, &list, &n);
    buf_add_str(out, str_from(tags ? "id,name,project,tags,images\r\n"
                                   : "id,name,project,objects,images,labelingTime\r\n"));
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "%lld,", (long long)list[i].id);
        add_text(out, list[i].name);
        buf_add_char(out, ',');
        add_text(out, list[i].project);
        buf_printf(out, ",%lld,%lld", (long long)list[i].count, (long long)list[i].images);
        if (!tags)
            buf_printf(out, ",%lld", (long long)list[i].seconds);
        BUF_ADD_LIT(out, "\r\n");
        rq_spill(rq);
    }
    return e;
}

struct labeling_performance_export_in {
    struct performance_args args;
    struct str table;
};
const struct field labeling_performance_export_fields[] = {
    PERFORMANCE_FIELDS(struct labeling_performance_export_in, args),
    PERFORMANCE_SPLIT(struct labeling_performance_export_in, args),
    F_STR(OPTIONAL, struct labeling_performance_export_in, table, "table", 16,
          "members (default), timeline, classes or tags"),
    F_END};

enum err labeling_performance_export(struct rq *rq, const void *input)
{
    const struct labeling_performance_export_in *in = input;
    struct str table = in->table.n > 0 ? in->table : STR("members");

    rq->http->content_type = "text/csv; charset=utf-8";
    http_add_line(rq->http, "Content-Disposition", "attachment; filename=\"performance.csv\"");
    if (str_is(table, "members") || str_is(table, "timeline"))
        return export_people(rq, &in->args, str_is(table, "timeline"));
    if (str_is(table, "classes") || str_is(table, "tags"))
        return export_uses(rq, &in->args, str_is(table, "tags"));
    return fail(&rq->call, ERR_INVALID, "table",
                "\"table\" must be members, timeline, classes or tags");
}
