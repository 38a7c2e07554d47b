/* Statistics of a job, and of a queue. */
#include "api/rq.h"
#include "store/store_job.h"
#include "store/store_job_stats.h"
#include "store/store_queue.h"

struct jobs_stats_in {
    int64_t id;
    struct opt_bool images;
};
const struct field jobs_stats_fields[] = {F_ID(REQUIRED, struct jobs_stats_in, id, "id", "the job"),
                                          F_BOOL(OPTIONAL, struct jobs_stats_in, images,
                                                 "withEntitiesStats",
                                                 "with a row for each image (default true)"),
                                          F_END};

/* How often tag t, or (value given) one value of it, is used. */
static void put_counts(struct json_w *w, const struct tag_count *counts, size_t n, int64_t tag_id,
                       struct str value)
{
    int64_t images = 0, figures = 0;

    for (size_t i = 0; i < n; i++) {
        if (counts[i].tag_id != tag_id || (value.p == NULL) != (counts[i].value.p == NULL) ||
            (value.p && !str_eq(value, counts[i].value)))
            continue;
        images += counts[i].images;
        figures += counts[i].figures;
    }
    json_kv_i64(w, "images", images);
    json_kv_i64(w, "figures", figures);
}

/* A row for the tag; behind it, one for each value of a one-of tag. */
static void put_tag(struct rq *rq, const struct tag_stat *t, const struct tag_count *counts,
                    size_t n)
{
    struct arena *a = rq->call.arena;
    struct json_w *w = &rq->out;

    json_obj(w);
    json_kv_i64(w, "id", t->tag_id);
    json_kv_str(w, "color", t->color);
    put_counts(w, counts, n, t->tag_id, STR_NULL);
    json_kv_str(w, "name", t->name);
    json_obj_end(w);
    struct json_value *options = t->options.p ? json_parse_copy(a, t->options) : NULL;
    for (struct json_value *v = json_first(a, options); v; v = v->next) {
        if (v->type != JSON_STR)
            continue;
        json_obj(w);
        json_kv_i64(w, "parentId", t->tag_id);
        json_kv_str(w, "color", t->color);
        put_counts(w, counts, n, t->tag_id, v->raw);
        json_kv_str(w, "name",
                    arena_printf(a, STR_FMT " (" STR_FMT ")", STR_ARG(t->name), STR_ARG(v->s)));
        json_obj_end(w);
    }
}

static enum err put_tags(struct rq *rq, const struct stats_of *of)
{
    struct tag_stat *tags = NULL;
    struct tag_count *counts = NULL;
    size_t n = 0, counts_len = 0;
    enum err e = store_tag_stats(rq->call.db, of, &tags, &n);

    if (e == ERR_OK)
        e = store_tag_counts(rq->call.db, of, &counts, &counts_len);
    json_kv_arr(&rq->out, "tagsStats");
    for (size_t i = 0; i < n; i++)
        put_tag(rq, &tags[i], counts, counts_len);
    json_arr_end(&rq->out);
    return e;
}

/* editingDuration, annotationDuration: having the image open includes drawing on it. */
static enum err put_times(struct rq *rq, const struct stats_of *of)
{
    int64_t tool_ms = 0, editing_ms = 0;
    enum err e = store_stats_times(rq->call.db, of, &tool_ms, &editing_ms);

    json_kv_i64(&rq->out, "editingDuration", editing_ms / 1000);
    json_kv_i64(&rq->out, "annotationDuration",
                (tool_ms > editing_ms ? tool_ms : editing_ms) / 1000);
    return e;
}

static enum err put_job(struct rq *rq, const struct stats_of *of)
{
    struct json_w *w = &rq->out;
    struct job j;
    enum err e = store_job_get(rq->call.db, of->id, &j);

    if (e != ERR_OK)
        return e;
    json_kv_obj(w, "job");
    json_kv_i64(w, "id", j.id);
    json_kv_str(w, "name", j.name);
    json_kv_iso(w, "startedAt", j.started_at);
    json_kv_iso(w, "finishedAt", j.finished_at);
    json_kv_iso(w, "annotationFinishedAt", j.annotation_finished_at);
    json_kv_iso(w, "reviewFinishedAt", j.review_finished_at);
    json_kv_i64(w, "imagesCount", j.images_count);
    json_kv_i64(w, "finishedImagesCount", j.done_count + j.accepted_count + j.rejected_count);
    e = put_times(rq, of);
    if (e == ERR_OK)
        e = put_tags(rq, of);
    json_obj_end(w);
    return e;
}

static enum err put_classes(struct rq *rq, const struct stats_of *of)
{
    struct json_w *w = &rq->out;
    struct class_stat *list = NULL;
    size_t n = 0;
    enum err e = store_class_stats(rq->call.db, of, &list, &n);

    json_kv_arr(w, "classes");
    for (size_t i = 0; i < n; i++) {
        json_obj(w);
        json_kv_i64(w, "id", list[i].class_id);
        json_kv_str(w, "name", list[i].name);
        json_kv_str(w, "color", list[i].color);
        json_kv_str(w, "shape", list[i].shape);
        json_kv_i64(w, "labelsCount", list[i].figures);
        json_kv_i64(w, "imagesCount", list[i].images);
        json_kv_i64(w, "totalDuration", list[i].editing_ms / 1000);
        if (list[i].figures > 0)
            json_kv_i64(w, "avgDuration", list[i].editing_ms / 1000 / list[i].figures);
        else
            json_kv_null(w, "avgDuration");
        json_obj_end(w);
    }
    json_arr_end(w);
    return e;
}

static enum err put_images(struct rq *rq, int64_t job_id)
{
    struct json_w *w = &rq->out;
    struct image_stat *list = NULL;
    size_t n = 0;
    enum err e = store_image_stats(rq->call.db, job_id, &list, &n);

    json_kv_obj(w, "images");
    json_kv_i64(w, "total", (int64_t)n);
    json_kv_arr(w, "images");
    for (size_t i = 0; i < n; i++) {
        int64_t editing = list[i].editing_ms, tool = list[i].tool_ms;

        json_obj(w);
        json_kv_i64(w, "id", list[i].id);
        json_kv_str(w, "name", list[i].name);
        json_kv_str(w, "reviewStatus", list[i].status);
        json_kv_i64(w, "labelsCount", list[i].figures);
        json_kv_i64(w, "annotationDuration", (tool > editing ? tool : editing) / 1000);
        json_kv_i64(w, "totalDuration", editing / 1000);
        json_obj_end(w);
        rq_spill(rq);
    }
    json_arr_end(w);
    json_obj_end(w);
    return e;
}

enum err jobs_stats(struct rq *rq, const void *input)
{
    const struct jobs_stats_in *in = input;
    const struct stats_of of = {.id = in->id, .job_id = in->id};
    const struct sight sight = sight_of(&rq->call, &rq->call.at);
    enum err e;

    if (sight.figures_by || sight.tags_by) /* counts would tell of what others made */
        return fail(&rq->call, ERR_FORBIDDEN, "id", "this job shows you only what you made");

    json_obj(&rq->out);
    e = put_job(rq, &of);
    if (e == ERR_OK)
        e = put_classes(rq, &of);
    if (e == ERR_OK && (!in->images.set || in->images.v))
        e = put_images(rq, in->id);
    json_obj_end(&rq->out);
    return e;
}

/* ---- the same of a queue, so that what reads one reads the other ---- */

struct labeling_queues_stats_in {
    int64_t id;
};
const struct field labeling_queues_stats_fields[] = {
    F_ID(REQUIRED, struct labeling_queues_stats_in, id, "id", "the queue"), F_END};

static enum err put_queue(struct rq *rq, const struct queue *q, const struct stats_of *of)
{
    struct json_w *w = &rq->out;
    enum err e;

    json_kv_obj(w, "job");
    json_kv_i64(w, "id", q->id);
    json_kv_str(w, "name", q->name);
    json_kv_iso(w, "startedAt", q->created_at);
    json_kv_iso(w, "finishedAt", q->finished_at);
    json_kv_i64(w, "imagesCount", q->entities_count);
    json_kv_i64(w, "finishedImagesCount", q->done_count + q->accepted_count + q->checked_count);
    e = put_times(rq, of);
    if (e == ERR_OK)
        e = put_tags(rq, of);
    json_obj_end(w);
    return e;
}

static enum err put_users(struct rq *rq, const struct queue_user_stat *users, size_t n)
{
    static const char *const kinds[] = {[QUEUE_LABELER] = "annotation",
                                        [QUEUE_REVIEWER] = "review",
                                        [QUEUE_CHECKER] = "quality_check"};
    struct json_w *w = &rq->out;

    json_kv_arr(w, "users");
    for (size_t i = 0; i < n; i++) {
        json_obj(w);
        json_kv_i64(w, "id", users[i].user_id);
        json_kv_str(w, "login", users[i].login);
        json_kv_lit(w, "task", kinds[users[i].kind]);
        json_kv_i64(w, "jobId", users[i].job_id);
        json_kv_i64(w, "imagesCount", users[i].images);
        json_kv_i64(w, "doneCount", users[i].done);
        json_kv_i64(w, "acceptedCount", users[i].accepted);
        json_kv_i64(w, "rejectedCount", users[i].rejected);
        json_kv_i64(w, "annotationDuration", users[i].tool_ms / 1000);
        json_obj_end(w);
    }
    json_arr_end(w);
    return ERR_OK;
}

enum err labeling_queues_stats(struct rq *rq, const void *input)
{
    int64_t id = ((const struct labeling_queues_stats_in *)input)->id;
    struct stats_of of = {.queue = true, .id = id};
    struct queue_user_stat *users = NULL;
    struct queue q;
    size_t n = 0;
    enum err e = store_queue_get(rq->call.db, id, &q);

    if (e == ERR_OK)
        e = store_queue_user_stats(rq->call.db, id, &users, &n);
    if (e == ERR_OK)
        e = store_queue_first_job(rq->call.db, id, &of.job_id);
    if (e != ERR_OK)
        return e;
    json_obj(&rq->out);
    e = put_queue(rq, &q, &of);
    if (e == ERR_OK)
        e = put_classes(rq, &of);
    if (e == ERR_OK)
        e = put_users(rq, users, n);
    json_obj_end(&rq->out);
    return e;
}
