/* Arguments and numbers of labeling-performance. */
#include "api/performance.h"

#include <math.h>

#include "base/clock.h"

#define HOUR_MS      (3600 * 1000LL)
#define DAY_MS       (24 * HOUR_MS)
#define END_MS       253402300800000LL /* the year 10000 */
#define IDS_MAX      10000
#define OFFSET_M_MAX 1440

const struct performance_number_def performance_numbers[] = {
    {"labelingTime", WORK_LABELING_S, 0, 0, 0},
    {"reviewTime", WORK_REVIEWING_S, 0, 0, 0},
    {"objects", WORK_OBJECTS, 0, 0, 0},
    {"tags", WORK_TAGS, 0, 0, 0},
    {"actions", WORK_ACTIONS, 0, 0, 0},
    {"submitted", WORK_SUBMITTED, 0, 0, 0},
    {"accepted", WORK_ACCEPTED, 0, 0, 0},
    {"rejected", WORK_REJECTED, 0, 0, 0},
    {"firstReviewed", WORK_FIRST, 0, 0, 0},
    {"firstAccepted", WORK_FIRST_ACCEPTED, 0, 0, 0},
    {"reviews", WORK_REVIEWS, 0, 0, 0},
    {"completedJobs", WORK_JOBS, 0, 0, 0},
    {"objectsPerHour", WORK_OBJECTS, WORK_LABELING_S, WORK__MAX, 3600},
    {"timePerObject", WORK_LABELING_S, WORK_OBJECTS, WORK__MAX, 1},
    {"acceptanceRate", WORK_ACCEPTED, WORK_ACCEPTED, WORK_REJECTED, 100},
    {"firstTimeThrough", WORK_FIRST_ACCEPTED, WORK_FIRST, WORK__MAX, 100},
    {"timePerReview", WORK_REVIEWING_S, WORK_REVIEWS, WORK__MAX, 1},
};
const size_t performance_numbers_len = ARRAY_LEN(performance_numbers);

bool performance_ratio(const struct performance_number_def *d, const int64_t *n, double *out)
{
    int64_t under = n[d->per] + (d->and < WORK__MAX ? n[d->and ] : 0);

    *out = under ? floor(100.0 * d->factor * (double)n[d->of] / (double)under + 0.5) / 100 : 0;
    return under != 0;
}

static enum err get_id(struct rq *rq, struct json_value *filters, const char *key,
                       const char *field, int64_t *out)
{
    struct json_value *v = json_get(rq->call.arena, filters, key);

    if (v == NULL || v->type == JSON_NULL)
        return ERR_OK;
    if (v->type != JSON_INT || v->i < 1)
        return fail(&rq->call, ERR_INVALID, field, "\"%s\" must be an id", field);
    *out = v->i;
    return ERR_OK;
}

static enum err get_ids(struct rq *rq, struct json_value *v, const char *field, struct ids *out)
{
    struct arena *a = rq->call.arena;

    if (v == NULL || v->type == JSON_NULL)
        return ERR_OK;
    size_t n = json_count(a, v);
    if (v->type != JSON_ARR || n > IDS_MAX)
        return fail(&rq->call, ERR_INVALID, field, "\"%s\" must be an array of up to %d ids", field,
                    IDS_MAX);
    out->v = arena_array(a, n + 1, sizeof *out->v);
    if (out->v == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *id = json_first(a, v); id; id = id->next) {
        if (id->type != JSON_INT || id->i < 1)
            return fail(&rq->call, ERR_INVALID, field, "\"%s\" must hold ids", field);
        out->v[out->n++] = id->i;
    }
    return ERR_OK;
}

static enum err get_time(struct rq *rq, struct json_value *date, const char *key, const char *field,
                         int64_t *out)
{
    struct json_value *v = json_get(rq->call.arena, date, key);

    if (v == NULL || v->type == JSON_NULL)
        return ERR_OK;
    if (v->type != JSON_STR || !clock_parse(v->s, out))
        return fail(&rq->call, ERR_INVALID, field, "\"%s\" must be an ISO 8601 time", field);
    return ERR_OK;
}

static enum err get_dates(struct rq *rq, struct json_value *filters, struct performance_query *out)
{
    struct json_value *date = json_get(rq->call.arena, filters, "date");
    struct json_value *offset = json_get(rq->call.arena, filters, "timezoneOffset");

    out->start_ms = 0;
    out->end_ms = END_MS;
    if (date && date->type != JSON_NULL && date->type != JSON_OBJ)
        return fail(&rq->call, ERR_INVALID, "filters.date",
                    "\"filters.date\" must be {start, end}");
    enum err e = get_time(rq, date, "start", "filters.date.start", &out->start_ms);
    if (e == ERR_OK)
        e = get_time(rq, date, "end", "filters.date.end", &out->end_ms);
    if (e == ERR_OK && out->end_ms < out->start_ms)
        return fail(&rq->call, ERR_INVALID, "filters.date.end", "the end is before the start");
    if (e != ERR_OK || offset == NULL || offset->type == JSON_NULL)
        return e;
    if (offset->type != JSON_INT || offset->i < -OFFSET_M_MAX || offset->i > OFFSET_M_MAX)
        return fail(&rq->call, ERR_INVALID, "filters.timezoneOffset",
                    "\"filters.timezoneOffset\" must be minutes, -%d to %d", OFFSET_M_MAX,
                    OFFSET_M_MAX);
    out->local_ms = -offset->i * 60 * 1000;
    return ERR_OK;
}

static enum err get_texts(struct rq *rq, struct json_value *filters, struct performance_query *out)
{
    struct json_value *title = json_get(rq->call.arena, filters, "jobTitle");
    struct json_value *type = json_get(rq->call.arena, filters, "dataType");
    struct buf text;

    if (type && type->type != JSON_NULL && !(type->type == JSON_STR && str_is(type->s, "images")))
        return fail(&rq->call, ERR_INVALID, "filters.dataType", "there are only \"images\"");
    if (title == NULL || title->type == JSON_NULL)
        return ERR_OK;
    if (title->type != JSON_STR || title->s.n > 1000)
        return fail(&rq->call, ERR_INVALID, "filters.jobTitle",
                    "\"filters.jobTitle\" must be a string");
    if (title->s.n == 0)
        return ERR_OK;
    buf_init(&text, 4096); /* a part of the name, as it stands there */
    buf_add_char(&text, '%');
    for (size_t i = 0; i < title->s.n; i++) {
        if (strchr("%_\\", title->s.p[i]))
            buf_add_char(&text, '\\');
        buf_add_char(&text, title->s.p[i]);
    }
    buf_add_char(&text, '%');
    out->job_title = arena_str(rq->call.arena, buf_str(&text));
    buf_finish(&text);
    return ERR_OK;
}

static bool known_split(struct str s)
{
    return s.p == NULL || str_is(s, "year") || str_is(s, "month") || str_is(s, "day") ||
           str_is(s, "hour");
}

enum err performance_query(struct rq *rq, const struct performance_args *args, bool by_time,
                           struct performance_query *out)
{
    struct json_value *f = args->filters;
    struct ids users = {0}, jobs = {0};
    bool hours = args->split_by.p && str_is(args->split_by, "hour");
    enum err e;

    *out = (struct performance_query){
        .team_id = args->team_id,
        .me = rq->call.me.user_id,
        .all = rq->call.me.is_admin || (rq->call.at.perms & PERM_JOB_ALL),
        .slot_ms = !by_time ? END_MS * 2
                   : hours  ? HOUR_MS
                            : DAY_MS,
    };
    if (!known_split(args->split_by))
        return fail(&rq->call, ERR_INVALID, "splitBy",
                    "\"splitBy\" must be year, month, day or hour");
    e = get_dates(rq, f, out);
    if (e == ERR_OK)
        e = get_texts(rq, f, out);
    if (e == ERR_OK)
        e = get_id(rq, f, "projectId", "filters.projectId", &out->project_id);
    if (e == ERR_OK)
        e = get_id(rq, f, "workspaceId", "filters.workspaceId", &out->workspace_id);
    if (e == ERR_OK)
        e = get_ids(rq, json_get(rq->call.arena, f, "userIds"), "filters.userIds", &users);
    if (e == ERR_OK)
        e = get_ids(rq, json_get(rq->call.arena, f, "jobIds"), "filters.jobIds", &jobs);
    out->user_ids = users.v;
    out->user_ids_len = users.n;
    out->job_ids = jobs.v;
    out->job_ids_len = jobs.n;
    return e;
}

struct str performance_date(struct arena *a, const struct performance_query *q, int64_t slot,
                            struct str split_by)
{
    size_t cut = split_by.p == NULL          ? 10
                 : str_is(split_by, "year")  ? 4
                 : str_is(split_by, "month") ? 7
                 : str_is(split_by, "hour")  ? 13
                                             : 10;
    char iso[CLOCK_ISO_SIZE];

    clock_iso(slot * q->slot_ms, iso);
    return arena_printf(a, "%.*s%s", (int)cut, iso, cut == 13 ? ":00" : "");
}

size_t performance_merge(struct arena *a, const struct performance_query *q, struct str split_by,
                         struct performance_row *rows, size_t n)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        bool same = len > 0 && (rows[len - 1].slot == rows[i].slot ||
                                str_eq(performance_date(a, q, rows[len - 1].slot, split_by),
                                       performance_date(a, q, rows[i].slot, split_by)));

        if (!same) {
            rows[len++] = rows[i];
            continue;
        }
        for (int k = 0; k < WORK__MAX; k++)
            rows[len - 1].n[k] += rows[i].n[k];
    }
    return len;
}
