/* Images of a labeling queue by review status. */
#include "api/image_filters.h"
#include "domain/job.h"

#define ROWS_DEFAULT 25

struct labeling_queues_stats_entities_in {
    int64_t id;
    struct json_value *statuses, *filters;
    struct list_args list;
};
const struct field labeling_queues_stats_entities_fields[] = {
    F_ID(REQUIRED, struct labeling_queues_stats_entities_in, id, "id", "the queue"),
    F_ARR(OPTIONAL, struct labeling_queues_stats_entities_in, statuses, "entityStatus",
          "review statuses; null in it is the pool"),
    F_ARR(OPTIONAL, struct labeling_queues_stats_entities_in, filters, "filters",
          "[{type, data}] as of images.list"),
    LIST_FIELDS(struct labeling_queues_stats_entities_in, list), F_END};

static void put_row(struct rq *rq, struct db_query *row)
{
    struct json_w *w = &rq->out;

    json_obj(w);
    json_kv_i64(w, "id", db_col_i64(row, 0));
    json_kv_str(w, "name", db_col_view(row, 1));
    json_kv_i64(w, "datasetId", db_col_i64(row, 11));
    json_kv_str(w, "reviewStatus", db_col_view(row, 2));
    json_kv_i64(w, "labelsCount", db_col_i64(row, 3));
    json_kv_id(w, "jobId", db_col_i64(row, 4));
    json_kv_id(w, "reviewJobId", db_col_i64(row, 5));
    json_kv_id(w, "qualityCheckJobId", db_col_i64(row, 6));
    json_kv_iso(w, "leaseUntil", db_col_i64(row, 12));
    json_kv_iso(w, "reviewedAt", db_col_i64(row, 7));
    json_kv_i64(w, "totalDuration", db_col_i64(row, 8) / 1000);
    json_kv_i64(w, "labelerTotalDuration", db_col_i64(row, 9) / 1000);
    json_kv_i64(w, "annotationDuration", db_col_i64(row, 10) / 1000);
    json_obj_end(w);
}

static enum err add_statuses(struct rq *rq, struct json_value *statuses, struct list_query *query)
{
    struct list_predicate *p = arena_array(rq->call.arena, query->predicates_len + 1, sizeof *p);

    if (p == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *v = json_first(rq->call.arena, statuses); v; v = v->next)
        if (v->type != JSON_NULL && (v->type != JSON_STR || !job_known_review(v->s)))
            return fail(&rq->call, ERR_INVALID, "entityStatus",
                        "\"entityStatus\" holds review statuses, or null for the pool");
    if (query->predicates_len > 0)
        memcpy(p, query->predicates, query->predicates_len * sizeof *p);
    p[query->predicates_len++] = (struct list_predicate){
        .id = PREDICATE_QUEUE_STATUS_IN, .params = {{.kind = LIST_TEXT, .s = statuses->raw}}};
    query->predicates = p;
    return ERR_OK;
}

enum err labeling_queues_stats_entities(struct rq *rq, const void *input)
{
    const struct labeling_queues_stats_entities_in *in = input;
    struct list l = LIST_MAKE(rq->call.db, LIST_QUEUE_ENTITIES, in->id);
    struct list_args args = in->list;
    struct list_query query = {0};

    if (args.sort.p == NULL)
        args.sort = STR("name");
    enum err e = list_args_query(&rq->call, &args, ROWS_DEFAULT, &query);
    if (e == ERR_OK && in->filters)
        e = image_filters_read(rq, in->filters, false, &query);
    if (e == ERR_OK && in->statuses)
        e = add_statuses(rq, in->statuses, &query);
    if (e == ERR_OK)
        e = list_open(&l, &query, &rq->call.fault);
    if (e != ERR_OK)
        return e;
    json_obj(&rq->out);
    json_kv_i64(&rq->out, "total", l.total);
    json_kv_arr(&rq->out, "images");
    while (list_next(&l)) {
        put_row(rq, l.q);
        rq_spill(rq);
    }
    json_arr_end(&rq->out);
    json_obj_end(&rq->out);
    return list_close(&l);
}
