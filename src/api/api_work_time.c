/* Time that tools report. */
#include "api/rq.h"
#include "domain/work_time.h"
#include "store/store_figure.h"
#include "store/store_image.h"

#define DURATION_S_MAX 86400
#define DURATION_DOC   "seconds spent on it; of a pause longer than five minutes only five count"

struct figures_add_annotation_duration_in {
    int64_t figure_id, job_id;
    struct opt_int duration;
};
const struct field figures_add_annotation_duration_fields[] = {
    F_ID(REQUIRED, struct figures_add_annotation_duration_in, figure_id, "figureId", "the figure"),
    F_INT(REQUIRED, struct figures_add_annotation_duration_in, duration, "duration", 0,
          DURATION_S_MAX, DURATION_DOC),
    F_ID(OPTIONAL, struct figures_add_annotation_duration_in, job_id, "jobId",
         "the job (default: x-job-id)"),
    F_END};

enum err figures_add_annotation_duration(struct rq *rq, const void *input)
{
    const struct figures_add_annotation_duration_in *in = input;
    int64_t job_id = in->job_id ? in->job_id : rq->job_id;
    struct access at = rq->call.at;
    bool listed = false;
    struct figure f;
    enum err e = store_figure_get(rq->call.db, in->figure_id, &f);

    if (e == ERR_OK && job_id)
        e = rq_access(rq, ACCESS_JOB, job_id, PERM_JOB_LABEL | PERM_JOB_REVIEW, "jobId");
    rq->call.at = at;
    if (e == ERR_OK && job_id)
        e = store_job_has_entity(rq->call.db, job_id, f.image_id, &listed);
    if (e == ERR_OK && job_id && !listed)
        return fail(&rq->call, ERR_NOT_FOUND, "figureId", "figure %lld is not in job %lld",
                    (long long)f.id, (long long)job_id);
    if (e == ERR_OK)
        e = work_report(&rq->call, &(struct work_time){.project_id = f.project_id,
                                                       .dataset_id = f.dataset_id,
                                                       .image_id = f.image_id,
                                                       .class_id = f.class_id,
                                                       .figure_id = f.id,
                                                       .job_id = job_id,
                                                       .seconds = in->duration.v});
    return e == ERR_OK ? rq_success(rq) : e;
}

struct jobs_entities_add_annotation_duration_in {
    int64_t job_id, entity_id;
    struct opt_int duration;
};
const struct field jobs_entities_add_annotation_duration_fields[] = {
    F_ID(REQUIRED, struct jobs_entities_add_annotation_duration_in, job_id, "jobId", "the job"),
    F_ID(REQUIRED, struct jobs_entities_add_annotation_duration_in, entity_id, "entityId",
         "image of the job"),
    F_INT(REQUIRED, struct jobs_entities_add_annotation_duration_in, duration, "duration", 0,
          DURATION_S_MAX, DURATION_DOC),
    F_END};

enum err jobs_entities_add_annotation_duration(struct rq *rq, const void *input)
{
    const struct jobs_entities_add_annotation_duration_in *in = input;
    bool listed = false;
    struct image i;
    enum err e = store_job_has_entity(rq->call.db, in->job_id, in->entity_id, &listed);

    if (e == ERR_OK && !listed)
        return fail(&rq->call, ERR_NOT_FOUND, "entityId", "image %lld is not in job %lld",
                    (long long)in->entity_id, (long long)in->job_id);
    if (e == ERR_OK)
        e = store_image_get(rq->call.db, in->entity_id, &i);
    if (e == ERR_OK)
        e = work_report(&rq->call, &(struct work_time){.project_id = i.project_id,
                                                       .dataset_id = i.dataset_id,
                                                       .image_id = i.id,
                                                       .job_id = in->job_id,
                                                       .seconds = in->duration.v});
    return e == ERR_OK ? rq_success(rq) : e;
}
