/* Verdicts on objects and tags of a job, comments of reviewers, and the quality that follows. */
#include "api/rq.h"
#include "domain/verdict.h"

static enum err done(struct rq *rq, enum err e)
{
    return e == ERR_OK ? rq_success(rq) : e;
}

struct figure_verdict_in {
    int64_t job_id, figure_id;
    struct str class_status, geometry_status;
};
const struct field jobs_figure_update_review_status_fields[] = {
    F_ID(REQUIRED, struct figure_verdict_in, job_id, "jobId", "the job"),
    F_ID(REQUIRED, struct figure_verdict_in, figure_id, "figureId", "on an image of the job"),
    F_STR(OPTIONAL, struct figure_verdict_in, class_status, "classReviewStatus", 16,
          "approved, rejected, reviewable (to be looked at again) or none"),
    F_STR(OPTIONAL, struct figure_verdict_in, geometry_status, "geometryReviewStatus", 16,
          "the same for its geometry"),
    F_END};

enum err jobs_figure_update_review_status(struct rq *rq, const void *input)
{
    const struct figure_verdict_in *in = input;

    return done(rq, verdict_figure(&rq->call, in->job_id, in->figure_id, in->class_status,
                                   in->geometry_status));
}

struct tag_verdict_in {
    int64_t job_id;
    struct tag_named tag;
    struct str status;
};
const struct field jobs_tag_update_review_status_fields[] = {
    F_ID(REQUIRED, struct tag_verdict_in, job_id, "jobId", "the job"),
    F_ID(REQUIRED, struct tag_verdict_in, tag.tag_row, "tagId",
         "the tag where it stands: its \"id\" in the tags of an image or of a figure"),
    F_STR(REQUIRED, struct tag_verdict_in, status, "reviewStatus", 16,
          "approved, rejected, reviewable (to be looked at again) or none"),
    F_ID(OPTIONAL, struct tag_verdict_in, tag.on_figure, "figureId",
         "the figure it is on; needed where an image's tag has the same id"),
    F_ID(OPTIONAL, struct tag_verdict_in, tag.on_image, "entityId", "or the image it is on"),
    F_END};

enum err jobs_tag_update_review_status(struct rq *rq, const void *input)
{
    const struct tag_verdict_in *in = input;

    return done(rq, verdict_tag(&rq->call, in->job_id, &in->tag, in->status));
}

/* ---- reading ---- */

struct job_image_in {
    int64_t job_id, entity_id;
};
const struct field jobs_verdicts_list_fields[] = {
    F_ID(REQUIRED, struct job_image_in, job_id, "jobId", "the job"),
    F_ID(REQUIRED, struct job_image_in, entity_id, "entityId", "image of the job"), F_END};
const struct field jobs_comments_list_fields[] = {
    F_ID(REQUIRED, struct job_image_in, job_id, "jobId", "the job"),
    F_ID(OPTIONAL, struct job_image_in, entity_id, "entityId",
         "image of the job (default: all of them)"),
    F_END};

/* The end of every verdict. */
static void put_given(struct json_w *w, int64_t user_id, int64_t at)
{
    json_kv_id(w, "userId", user_id);
    json_kv_iso(w, "updatedAt", at);
    json_obj_end(w);
}

static enum err put_figures(struct rq *rq, const struct verdict_pick *pick)
{
    struct json_w *w = &rq->out;
    struct figure_verdict *list = NULL;
    size_t n = 0;
    enum err e = store_figure_verdicts(rq->call.db, pick, &list, &n);

    json_kv_arr(w, "figures");
    for (size_t i = 0; i < n; i++) {
        json_obj(w);
        json_kv_i64(w, "figureId", list[i].figure_id);
        json_kv_str(w, "classReviewStatus", list[i].class_status);
        json_kv_str(w, "geometryReviewStatus", list[i].geometry_status);
        json_kv_str(w, "classReviewStatusBefore", list[i].class_before);
        json_kv_str(w, "geometryReviewStatusBefore", list[i].geometry_before);
        put_given(w, list[i].user_id, list[i].updated_at);
    }
    json_arr_end(w);
    return e;
}

static enum err put_tags(struct rq *rq, const struct verdict_pick *pick, enum tag_owner kind)
{
    struct json_w *w = &rq->out;
    struct tag_verdict *list = NULL;
    size_t n = 0;
    enum err e = store_tag_verdicts(rq->call.db, pick, kind, &list, &n);

    for (size_t i = 0; i < n; i++) {
        json_obj(w);
        json_kv_i64(w, "tagId", list[i].tag_row);
        json_kv_id(w, "figureId", list[i].figure_id);
        json_kv_str(w, "reviewStatus", list[i].status);
        json_kv_str(w, "reviewStatusBefore", list[i].before);
        put_given(w, list[i].user_id, list[i].updated_at);
    }
    return e;
}

static enum err entity_check(struct rq *rq, int64_t job_id, int64_t image_id)
{
    bool listed = false;
    enum err e = store_job_has_entity(rq->call.db, job_id, image_id, &listed);

    rq->call.sight = sight_of(&rq->call, &rq->call.at);
    if (e == ERR_OK && !listed)
        return fail(&rq->call, ERR_NOT_FOUND, "entityId", "image %lld is not in job %lld",
                    (long long)image_id, (long long)job_id);
    return e;
}

enum err jobs_verdicts_list(struct rq *rq, const void *input)
{
    const struct job_image_in *in = input;
    struct job j;
    enum err e = entity_check(rq, in->job_id, in->entity_id);

    if (e == ERR_OK)
        e = store_job_get(rq->call.db, in->job_id, &j);
    if (e != ERR_OK)
        return e;
    const struct verdict_pick pick = {.job_id = j.id,
                                      .before_id = j.round > 1 ? j.src_job_id : 0,
                                      .image_id = in->entity_id,
                                      .figures_by = rq->call.sight.figures_by,
                                      .tags_by = rq->call.sight.tags_by};
    json_obj(&rq->out);
    e = put_figures(rq, &pick);
    json_kv_arr(&rq->out, "tags");
    if (e == ERR_OK)
        e = put_tags(rq, &pick, TAG_OF_IMAGE);
    if (e == ERR_OK)
        e = put_tags(rq, &pick, TAG_OF_FIGURE);
    json_arr_end(&rq->out);
    json_obj_end(&rq->out);
    return e;
}

enum err jobs_comments_list(struct rq *rq, const void *input)
{
    const struct job_image_in *in = input;
    struct json_w *w = &rq->out;
    struct review_comment *list = NULL;
    size_t n = 0;
    enum err e = in->entity_id ? entity_check(rq, in->job_id, in->entity_id) : ERR_OK;

    rq->call.sight = sight_of(&rq->call, &rq->call.at);
    if (e == ERR_OK)
        e = store_review_comments(rq->call.db, in->job_id, in->entity_id, rq->call.sight.figures_by,
                                  &list, &n);
    json_arr(w);
    for (size_t i = 0; i < n; i++) {
        json_obj(w);
        json_kv_i64(w, "id", list[i].id);
        json_kv_i64(w, "jobId", list[i].job_id);
        json_kv_i64(w, "round", list[i].round);
        json_kv_i64(w, "entityId", list[i].image_id);
        json_kv_id(w, "figureId", list[i].figure_id);
        json_kv_i64(w, "userId", list[i].user_id);
        json_kv_str(w, "user", list[i].login);
        json_kv_str(w, "reviewStatus", list[i].status);
        json_kv_str(w, "comment", list[i].comment);
        json_kv_iso(w, "createdAt", list[i].created_at);
        json_obj_end(w);
        rq_spill(rq);
    }
    json_arr_end(w);
    return e;
}

/* ---- quality ---- */

struct jobs_quality_stats_in {
    int64_t job_id;
};
const struct field jobs_quality_stats_fields[] = {
    F_ID(REQUIRED, struct jobs_quality_stats_in, job_id, "jobId", "the job"), F_END};

/* Nothing to divide by: null, which is no bad mark. */
static void put_share(struct json_w *w, const char *name, int64_t part, int64_t of)
{
    if (of > 0)
        json_kv_real(w, name, (double)part / (double)of);
    else
        json_kv_null(w, name);
}

enum err jobs_quality_stats(struct rq *rq, const void *input)
{
    const struct jobs_quality_stats_in *in = input;
    struct json_w *w = &rq->out;
    struct job_quality q = {0};
    enum err e = store_job_quality(rq->call.db, in->job_id, &q);

    json_obj(w);
    json_kv_i64(w, "jobId", in->job_id);
    json_kv_i64(w, "objects", q.objects);
    json_kv_i64(w, "reviewedAnnotations", q.reviewed);
    put_share(w, "annotationsRecall", q.reviewed, q.objects);
    json_kv_i64(w, "reviewedClasses", q.class_reviewed);
    put_share(w, "classAccuracy", q.class_approved, q.class_reviewed);
    json_kv_i64(w, "reviewedGeometries", q.geometry_reviewed);
    put_share(w, "geometricAccuracy", q.geometry_approved, q.geometry_reviewed);
    json_kv_i64(w, "reviewedTags", q.tags_reviewed);
    put_share(w, "tagsAccuracy", q.tags_approved, q.tags_reviewed);
    json_kv_i64(w, "errorRegions", q.error_regions);
    json_obj_end(w);
    return e;
}
