/* Statistics of a job, and the time that tools report. */
#include "api/rq.h"
#include "store/store_figure.h"
#include "store/store_job.h"
#include "store/store_job_stats.h"

#define DURATION_S_MAX 300 /* longer than that without a report is no work */

struct jobs_stats_in {
    int64_t id;
    struct opt_bool images;
};
const struct field jobs_stats_fields[] = {F_ID(REQUIRED, struct jobs_stats_in, id, "id", "the job"),
                                          F_BOOL(OPTIONAL, struct jobs_stats_in, images,
                                                 "withEntitiesStats",
                                                 "with a row for each image (default true)"),
                                          F_END};

/* What the tag's kind shows: the sum of its values; then a row for each value. */
static void put_tag(struct json_w *w, const struct job_tag_stat *t, size_t n)
{
    int64_t images = 0, figures = 0;

    for (size_t i = 0; i < n; i++) {
        images += t[i].images;
        figures += t[i].figures;
    }
    json_obj(w);
    json_kv_i64(w, "id", t->tag_id);
    json_kv_str(w, "name", t->name);
    json_kv_str(w, "color", t->color);
    json_kv_i64(w, "images", images);
    json_kv_i64(w, "figures", figures);
    json_obj_end(w);
}

static void put_value(struct rq *rq, const struct job_tag_stat *t)
{
    struct json_w *w = &rq->out;
    struct json_value *v = json_parse_copy(rq->call.arena, t->value);

    if (v == NULL || v->type != JSON_STR)
        return;
    json_obj(w);
    json_kv_i64(w, "parentId", t->tag_id);
    json_kv_str(
        w, "name",
        arena_printf(rq->call.arena, STR_FMT " (" STR_FMT ")", STR_ARG(t->name), STR_ARG(v->s)));
    json_kv_str(w, "color", t->color);
    json_kv_i64(w, "images", t->images);
    json_kv_i64(w, "figures", t->figures);
    json_obj_end(w);
}

static enum err put_tags(struct rq *rq, int64_t job_id)
{
    enum err e = ERR_OK;

    json_kv_arr(&rq->out, "tagsStats");
    for (int of_figures = 0; of_figures < 2 && e == ERR_OK; of_figures++) {
        struct job_tag_stat *list = NULL;
        size_t n = 0;

        e = store_job_tag_stats(rq->call.db, job_id, of_figures, &list, &n);
        for (size_t i = 0, to; i < n; i = to) {
            for (to = i; to < n && list[to].tag_id == list[i].tag_id;)
                to++;
            put_tag(&rq->out, &list[i], to - i);
            for (size_t k = i; k < to; k++)
                put_value(rq, &list[k]);
        }
    }
    json_arr_end(&rq->out);
    return e;
}

static enum err put_job(struct rq *rq, int64_t id)
{
    struct json_w *w = &rq->out;
    int64_t tool_ms = 0, editing_ms = 0;
    struct job j;
    enum err e = store_job_get(rq->call.db, id, &j);

    if (e == ERR_OK)
        e = store_job_times(rq->call.db, id, &tool_ms, &editing_ms);
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
    json_kv_i64(w, "editingDuration", editing_ms / 1000);
    json_kv_i64(w, "annotationDuration", (tool_ms > editing_ms ? tool_ms : editing_ms) / 1000);
    e = put_tags(rq, id);
    json_obj_end(w);
    return e;
}

static enum err put_classes(struct rq *rq, int64_t job_id)
{
    struct json_w *w = &rq->out;
    struct job_class_stat *list = NULL;
    size_t n = 0;
    enum err e = store_job_class_stats(rq->call.db, job_id, &list, &n);

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
        json_kv_i64(w, "avgDuration", list[i].editing_ms / 1000 / list[i].figures);
        json_obj_end(w);
    }
    json_arr_end(w);
    return e;
}

static enum err put_images(struct rq *rq, int64_t job_id)
{
    struct json_w *w = &rq->out;
    struct job_image_stat *list = NULL;
    size_t n = 0;
    enum err e = store_job_image_stats(rq->call.db, job_id, &list, &n);

    json_kv_obj(w, "images");
    json_kv_i64(w, "total", (int64_t)n);
    json_kv_arr(w, "images");
    for (size_t i = 0; i < n; i++) {
        json_obj(w);
        json_kv_i64(w, "id", list[i].id);
        json_kv_str(w, "name", list[i].name);
        json_kv_str(w, "reviewStatus", list[i].status);
        json_kv_i64(w, "labelsCount", list[i].figures);
        json_kv_i64(w, "annotationDuration", list[i].tool_ms / 1000);
        json_kv_i64(w, "totalDuration", list[i].editing_ms / 1000);
        json_obj_end(w);
    }
    json_arr_end(w);
    json_obj_end(w);
    return e;
}

enum err jobs_stats(struct rq *rq, const void *input)
{
    const struct jobs_stats_in *in = input;
    enum err e;

    json_obj(&rq->out);
    e = put_job(rq, in->id);
    if (e == ERR_OK)
        e = put_classes(rq, in->id);
    if (e == ERR_OK && (!in->images.set || in->images.v))
        e = put_images(rq, in->id);
    json_obj_end(&rq->out);
    return e;
}

/* ---- time ---- */

struct figures_add_annotation_duration_in {
    int64_t figure_id, job_id;
    struct opt_int duration;
};
const struct field figures_add_annotation_duration_fields[] = {
    F_ID(REQUIRED, struct figures_add_annotation_duration_in, figure_id, "figureId", "the figure"),
    F_INT(REQUIRED, struct figures_add_annotation_duration_in, duration, "duration", 0, 86400,
          "seconds spent on it; of a pause longer than five minutes only five count"),
    F_ID(OPTIONAL, struct figures_add_annotation_duration_in, job_id, "jobId",
         "the job (default: x-job-id)"),
    F_END};

enum err figures_add_annotation_duration(struct rq *rq, const void *input)
{
    const struct figures_add_annotation_duration_in *in = input;
    int64_t job_id = in->job_id ? in->job_id : rq->job_id;
    int64_t seconds = in->duration.v < DURATION_S_MAX ? in->duration.v : DURATION_S_MAX;
    struct access at = rq->call.at;
    struct figure f;
    enum err e = store_figure_get(rq->call.db, in->figure_id, &f);

    if (e == ERR_OK && job_id)
        e = rq_access(rq, ACCESS_JOB, job_id, PERM_JOB_LABEL | PERM_JOB_REVIEW, "jobId");
    rq->call.at = at;
    if (e == ERR_OK && job_id)
        e = store_job_time_add(rq->call.db, job_id, f.image_id, f.class_id, seconds * 1000,
                               seconds * 1000);
    if (e == ERR_OK)
        e = call_event(&rq->call, (struct event){
                                      .action = "annotation_duration",
                                      .project_id = f.project_id,
                                      .dataset_id = f.dataset_id,
                                      .image_id = f.image_id,
                                      .class_id = f.class_id,
                                      .figure_id = f.id,
                                      .job_id = job_id,
                                      .meta = arena_printf(rq->call.arena, "{\"duration\":%lld}",
                                                           (long long)seconds),
                                  });
    return e == ERR_OK ? rq_success(rq) : e;
}
