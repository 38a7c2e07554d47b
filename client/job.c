/* Labeling jobs. */
#include "client.h"

#include "jobs.h"

#define WAIT_ATTEMPTS    999 /* as the SDK */
#define WAIT_INTERVAL_MS 1000

static const struct lb_field entity_fields[] = {
    LB_FIELD(struct label_job_entity, LB_TEXT, "reviewStatus", review_status),
    LB_FIELD(struct label_job_entity, LB_INT, "id", id),
    LB_FIELD(struct label_job_entity, LB_TEXT, "name", name),
    LB_FIELD_END,
};
static const struct lb_shape shape_entity = {"entity", sizeof(struct label_job_entity),
                                             entity_fields};

static const struct lb_field image_tag_fields[] = {
    LB_FIELD(struct label_job_image_tag, LB_INT, "id", id),
    LB_FIELD(struct label_job_image_tag, LB_TEXT, "name", name),
    LB_FIELD(struct label_job_image_tag, LB_BOOL, "positive", positive),
    LB_FIELD_END,
};
static const struct lb_shape shape_image_tag = {"tag", sizeof(struct label_job_image_tag),
                                                image_tag_fields};

static const struct lb_field job_fields[] = {
    LB_FIELD(struct label_job, LB_INT, "id", id),
    LB_FIELD(struct label_job, LB_TEXT, "name", name),
    LB_FIELD(struct label_job, LB_TEXT, "readme", readme),
    LB_FIELD(struct label_job, LB_TEXT, "description", description),
    LB_FIELD(struct label_job, LB_INT, "teamId", team_id),
    LB_FIELD(struct label_job, LB_INT, "workspaceId", workspace_id),
    LB_FIELD(struct label_job, LB_TEXT, "workspaceTitle", workspace_name),
    LB_FIELD(struct label_job, LB_INT, "projectId", project_id),
    LB_FIELD(struct label_job, LB_TEXT, "projectTitle", project_name),
    LB_FIELD(struct label_job, LB_INT, "datasetId", dataset_id),
    LB_FIELD(struct label_job, LB_TEXT, "datasetTitle", dataset_name),
    LB_FIELD(struct label_job, LB_INT, "createdBy", created_by_id),
    LB_FIELD(struct label_job, LB_TEXT, "managerLogin", created_by_login),
    LB_FIELD(struct label_job, LB_INT, "userId", assigned_to_id),
    LB_FIELD(struct label_job, LB_TEXT, "labelerLogin", assigned_to_login),
    LB_FIELD(struct label_job, LB_INT, "reviewerId", reviewer_id),
    LB_FIELD(struct label_job, LB_TEXT, "reviewerLogin", reviewer_login),
    LB_FIELD(struct label_job, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_job, LB_TEXT, "startedAt", started_at),
    LB_FIELD(struct label_job, LB_TEXT, "finishedAt", finished_at),
    LB_FIELD(struct label_job, LB_TEXT, "status", status),
    LB_FIELD(struct label_job, LB_BOOL, "disabled", disabled),
    LB_FIELD(struct label_job, LB_INT, "labelingQueueId", labeling_queue_id),
    LB_FIELD(struct label_job, LB_INT, "labelingExamId", labeling_exam_id),
    LB_FIELD(struct label_job, LB_INT, "imagesCount", images_count),
    LB_FIELD(struct label_job, LB_INT, "finishedImagesCount", finished_images_count),
    LB_FIELD(struct label_job, LB_INT, "rejectedImagesCount", rejected_images_count),
    LB_FIELD(struct label_job, LB_INT, "acceptedImagesCount", accepted_images_count),
    LB_FIELD(struct label_job, LB_INT, "progressImagesCount", progress_images_count),
    LB_FIELD(struct label_job, LB_NAMES, "meta.classes", classes_to_label),
    LB_FIELD(struct label_job, LB_NAMES, "meta.projectTags", tags_to_label),
    LB_FIELD(struct label_job, LB_INT, "meta.range.start", images_range_start),
    LB_FIELD(struct label_job, LB_INT, "meta.range.end", images_range_end),
    LB_FIELD(struct label_job, LB_INT, "meta.imageFiguresLimit", objects_limit_per_image),
    LB_FIELD(struct label_job, LB_INT, "meta.imageTagsLimit", tags_limit_per_image),
    LB_FIELD_LIST(struct label_job, "meta.imageTags", filter_images_by_tags, &shape_image_tag),
    LB_FIELD_LIST(struct label_job, "entities", entities, &shape_entity),
    LB_FIELD(struct label_job, LB_INT, "priority", priority),
    LB_FIELD(struct label_job, LB_INT, "meta.guide", guide_id),
    LB_FIELD(struct label_job, LB_INT, "round", round),
    LB_FIELD(struct label_job, LB_INT, "srcJobId", src_job_id),
    LB_FIELD(struct label_job, LB_JSON, "customData", custom_data_json),
    LB_FIELD(struct label_job, LB_BOOL, "meta.dynamicClasses", dynamic_classes),
    LB_FIELD(struct label_job, LB_BOOL, "meta.dynamicTags", dynamic_tags),
    LB_FIELD(struct label_job, LB_BOOL, "meta.allowRestore", allow_restore),
    LB_FIELD(struct label_job, LB_BOOL, "meta.disableConfirm", disable_confirm),
    LB_FIELD(struct label_job, LB_BOOL, "meta.disableSubmit", disable_submit),
    LB_FIELD(struct label_job, LB_BOOL, "meta.enableIntermediateReview", enable_quality_check),
    LB_FIELD(struct label_job, LB_NAMES, "meta.readOnlyTags", read_only_tags),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_job = {"job", sizeof(struct label_job), job_fields};

/* ---- new jobs ---- */

static void add_image_tags(json_t *tags, const struct label_names *names, bool positive)
{
    for (size_t i = 0; i < names->n; i++)
        lb_append(tags, json_pack("{s:s,s:b}", "name", names->items[i], "positive", positive));
}

static void put_range(json_t *meta, const struct label_job_options *o)
{
    json_t *range = json_object();

    if (o->images_range_start == 0 && o->images_range_end == 0) {
        json_decref(range);
        return;
    }
    json_object_set_new(range, "start",
                        o->images_range_start ? json_integer(o->images_range_start) : json_null());
    json_object_set_new(range, "end",
                        o->images_range_end ? json_integer(o->images_range_end) : json_null());
    json_object_set_new(meta, "range", range);
}

static json_t *job_meta(const struct label_job_options *o)
{
    json_t *tags = json_array();
    json_t *meta;

    add_image_tags(tags, &o->include_images_with_tags, true);
    add_image_tags(tags, &o->exclude_images_with_tags, false);
    meta = json_pack("{s:o,s:o,s:o,s:I,s:I,s:b,s:b,s:b}", "classes", lb_names(&o->classes_to_label),
                     "projectTags", lb_names(&o->tags_to_label), "imageTags", tags,
                     "imageFiguresLimit", (json_int_t)o->objects_limit_per_image, "imageTagsLimit",
                     (json_int_t)o->tags_limit_per_image, "dynamicClasses", o->dynamic_classes,
                     "dynamicTags", o->dynamic_tags, "allowRestore", o->allow_restore);
    if (meta == NULL)
        return NULL;
    if (o->images_ids.n > 0)
        lb_put(meta, "entityIds", lb_ids(&o->images_ids));
    if (o->read_only_tags.n > 0)
        lb_put(meta, "readOnlyTags", lb_names(&o->read_only_tags));
    lb_put_id(meta, "guide", o->guide_id);
    if (o->disable_confirm)
        lb_put(meta, "disableConfirm", json_true());
    if (o->disable_submit)
        lb_put(meta, "disableSubmit", json_true());
    if (o->enable_quality_check)
        lb_put(meta, "enableIntermediateReview", json_true());
    put_range(meta, o);
    return meta;
}

json_t *lb_job_body(const struct label_job_options *o)
{
    json_t *meta = job_meta(o);
    json_t *body;

    if (meta == NULL)
        return NULL;
    body = json_pack("{s:I,s:o,s:o}", "datasetId", (json_int_t)o->dataset_id, "userIds",
                     lb_ids(&o->user_ids), "meta", meta);
    lb_put_text(body, "name", o->name ? o->name : "");
    lb_put_text(body, "readme", o->readme);
    lb_put_text(body, "description", o->description);
    return body;
}

static json_t *get_job(struct lb_op *op, int64_t id)
{
    return lb_call(op, "jobs.info", LB_READ, json_pack("{s:I}", "id", (json_int_t)id));
}

/* The jobs that a call says it has made: [{id}], which is consumed. */
static struct label_job_list *get_made(struct lb_op *op, json_t *made)
{
    json_t *jobs = json_array(), *one;
    size_t i;

    if (json_array_size(made) == 0)
        lb_fail(op, LABEL_ERR_ANSWER, NULL, "the answer names no new job");
    json_array_foreach (made, i, one) {
        json_t *job = get_job(op, json_integer_value(json_object_get(one, "id")));

        if (job)
            json_array_append_new(jobs, job);
    }
    json_decref(made);
    return lb_result_list(op, &lb_shape_job, jobs);
}

enum label_err label_job_create(struct label_api *api, const struct label_job_options *options,
                                struct label_job_list **jobs, struct label_error *error)
{
    json_t *body = lb_job_body(options);
    struct lb_op op;

    lb_begin(&op, api, error);
    if (body)
        lb_put_id(body, "reviewerId", options->reviewer_id);
    *jobs = get_made(&op, lb_call(&op, "jobs.add", LB_WRITE, body));
    return lb_end(&op);
}

static void fill_clone(struct label_job_options *o, const struct label_job *job,
                       const struct label_job_again *again)
{
    o->name = again && again->name ? again->name : job->name;
    o->dataset_id = job->dataset_id;
    o->user_ids = again && again->user_ids.n > 0 ? again->user_ids
                                                 : (struct label_ids){&job->assigned_to_id, 1};
    o->reviewer_id = again && again->reviewer_id ? again->reviewer_id : job->reviewer_id;
    o->readme = job->readme;
    o->description = job->description;
    o->classes_to_label = job->classes_to_label;
    o->tags_to_label = job->tags_to_label;
    o->objects_limit_per_image = job->objects_limit_per_image;
    o->tags_limit_per_image = job->tags_limit_per_image;
    o->dynamic_classes = job->dynamic_classes;
    o->dynamic_tags = job->dynamic_tags;
    o->allow_restore = job->allow_restore;
    o->disable_confirm = job->disable_confirm;
    o->disable_submit = job->disable_submit;
    o->enable_quality_check = job->enable_quality_check;
    o->guide_id = job->guide_id;
    o->read_only_tags = job->read_only_tags;
}

enum label_err label_job_clone(struct label_api *api, int64_t id,
                               const struct label_job_again *again, struct label_job_list **jobs,
                               struct label_error *error)
{
    struct label_job_options o = {0};
    struct label_job *job;
    int64_t *images;
    struct lb_op op;

    lb_begin(&op, api, error);
    *jobs = NULL;
    job = lb_result(&op, &lb_shape_job, get_job(&op, id));
    images = job ? lb_result_alloc(&op, job, job->n_entities * sizeof *images) : NULL;
    if (images) {
        for (size_t i = 0; i < job->n_entities; i++)
            images[i] = job->entities[i].id;
        fill_clone(&o, job, again);
        o.images_ids = (struct label_ids){images, job->n_entities};
        label_job_create(api, &o, jobs, op.error);
    }
    label_free(job);
    return lb_end(&op);
}

enum label_err label_job_restart(struct label_api *api, int64_t id,
                                 const struct label_job_again *again, struct label_job_list **jobs,
                                 struct label_error *error)
{
    struct label_job_again none = {0};
    json_t *body;
    struct lb_op op;

    if (again == NULL)
        again = &none;
    lb_begin(&op, api, error);
    body =
        json_pack("{s:I,s:b,s:s}", "id", (json_int_t)id, "completeExisting", !again->keep_existing,
                  "restartEntitiesMode", again->not_accepted ? "not_accepted" : "rejected");
    if (again->user_ids.n > 0)
        lb_put(body, "userIds", lb_ids(&again->user_ids));
    lb_put_id(body, "reviewerId", again->reviewer_id);
    lb_put_text(body, "name", again->name);
    *jobs = get_made(&op, lb_call(&op, "jobs.restart", LB_WRITE, body));
    return lb_end(&op);
}

/* ---- reading ---- */

static json_t *list_body(int64_t team_id, const struct label_job_filter *f)
{
    json_t *filters = json_array();

    if (f->created_by_id)
        lb_filter(filters, "createdBy", "=", json_integer(f->created_by_id));
    if (f->assigned_to_id)
        lb_filter(filters, "userId", "=", json_integer(f->assigned_to_id));
    if (f->reviewer_id)
        lb_filter(filters, "reviewerId", "=", json_integer(f->reviewer_id));
    if (f->project_id)
        lb_filter(filters, "projectId", "=", json_integer(f->project_id));
    if (f->dataset_id)
        lb_filter(filters, "datasetId", "=", json_integer(f->dataset_id));
    if (f->not_of_queue)
        lb_filter(filters, "labelingQueueId", "=", json_null());
    if (f->queue_ids.n > 0)
        lb_filter(filters, "labelingQueueId", "in", lb_ids(&f->queue_ids));
    if (f->exclude_statuses.n > 0)
        lb_filter(filters, "status", "!in", lb_names(&f->exclude_statuses));
    return json_pack("{s:I,s:b,s:o}", "teamId", (json_int_t)team_id, "showDisabled",
                     f->show_disabled, "filter", filters);
}

enum label_err label_job_get_list(struct label_api *api, int64_t team_id,
                                  const struct label_job_filter *filter,
                                  struct label_job_list **jobs, struct label_error *error)
{
    struct label_job_filter all = {0};
    struct lb_op op;

    if (filter == NULL)
        filter = &all;
    lb_begin(&op, api, error);
    *jobs = NULL;
    if (filter->not_of_queue && filter->queue_ids.n > 0)
        return lb_fail(&op, LABEL_ERR_ARGUMENT, "queue_ids",
                       "jobs of some queues and jobs of no queue exclude each other");
    *jobs = lb_list(&op, "jobs.list", list_body(team_id, filter), &filter->list, &lb_shape_job);
    return lb_end(&op);
}

enum label_err label_job_get_info_by_id(struct label_api *api, int64_t id, struct label_job **job,
                                        struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *job = lb_result(&op, &lb_shape_job, get_job(&op, id));
    return lb_end(&op);
}

char *lb_status_of(struct lb_op *op, json_t *object)
{
    const char *text = json_string_value(json_object_get(object, "status"));
    char *status = NULL;

    if (text == NULL)
        lb_fail(op, LABEL_ERR_ANSWER, "status", "the answer holds no status");
    else
        status = lb_result_bytes(op, text, strlen(text));
    json_decref(object);
    return status;
}

enum label_err label_job_get_status(struct label_api *api, int64_t id, char **status,
                                    struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *status = lb_status_of(&op, get_job(&op, id));
    return lb_end(&op);
}

enum label_err label_job_wait(struct label_api *api, int64_t id, const char *target_status,
                              int attempts, int interval_ms, struct label_error *error)
{
    int left = attempts > 0 ? attempts : WAIT_ATTEMPTS;
    struct lb_op op;

    lb_begin(&op, api, error);
    while (!lb_failed(&op)) {
        char *status = lb_status_of(&op, get_job(&op, id));
        bool there = status && strcmp(status, target_status) == 0;

        if (status && !there && --left == 0)
            lb_fail(&op, LABEL_ERR_WAIT, "status", "job %lld is %s, not %s, after %d looks",
                    (long long)id, status, target_status, attempts > 0 ? attempts : WAIT_ATTEMPTS);
        label_free(status);
        if (there)
            break;
        if (!lb_failed(&op))
            lb_sleep_ms(&op, interval_ms > 0 ? interval_ms : WAIT_INTERVAL_MS);
    }
    return lb_end(&op);
}

enum label_err label_job_get_stats(struct label_api *api, int64_t id, char **stats_json,
                                   struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *stats_json = lb_result_text(
        &op, lb_call(&op, "jobs.stats", LB_READ, json_pack("{s:I}", "id", (json_int_t)id)));
    return lb_end(&op);
}

/* ---- changing ---- */

/* One call, whose answer is only that it is done. Consumes body. */
static enum label_err simple(struct label_api *api, const char *method, json_t *body,
                             struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, method, body);
    return lb_end(&op);
}

static enum label_err on_job(struct label_api *api, const char *method, int64_t id,
                             struct label_error *error)
{
    return simple(api, method, json_pack("{s:I}", "id", (json_int_t)id), error);
}

static enum label_err on_jobs(struct label_api *api, const char *method,
                              const struct label_ids *ids, struct label_error *error)
{
    return simple(api, method, json_pack("{s:o}", "ids", lb_ids(ids)), error);
}

enum label_err label_job_set_status(struct label_api *api, int64_t id, const char *status,
                                    struct label_error *error)
{
    return simple(api, "jobs.set-status",
                  json_pack("{s:I,s:s}", "id", (json_int_t)id, "status", status), error);
}

enum label_err label_job_stop(struct label_api *api, int64_t id, struct label_error *error)
{
    return on_job(api, "jobs.stop", id, error);
}

enum label_err label_job_archive(struct label_api *api, int64_t id, struct label_error *error)
{
    return on_job(api, "jobs.archive", id, error);
}

enum label_err label_job_archive_batch(struct label_api *api, const struct label_ids *ids,
                                       struct label_error *error)
{
    return on_jobs(api, "jobs.bulk.archive", ids, error);
}

enum label_err label_job_unarchive_batch(struct label_api *api, const struct label_ids *ids,
                                         struct label_error *error)
{
    return on_jobs(api, "jobs.bulk.unarchive", ids, error);
}

enum label_err label_job_remove(struct label_api *api, int64_t id, struct label_error *error)
{
    return on_jobs(api, "jobs.bulk.remove", &(struct label_ids){&id, 1}, error);
}

enum label_err label_job_remove_batch(struct label_api *api, const struct label_ids *ids,
                                      struct label_error *error)
{
    return on_jobs(api, "jobs.bulk.remove", ids, error);
}

enum label_err label_job_reject_annotations(struct label_api *api, int64_t id, bool unmarked,
                                            struct label_error *error)
{
    return simple(
        api, "jobs.reject",
        json_pack("{s:I,s:s}", "id", (json_int_t)id, "mode", unmarked ? "unmarked" : "all"), error);
}

enum label_err label_job_set_entity_review_status(struct label_api *api, int64_t id,
                                                  int64_t entity_id, const char *status,
                                                  struct label_error *error)
{
    return simple(api, "jobs.entities.update-review-status",
                  json_pack("{s:I,s:I,s:s}", "jobId", (json_int_t)id, "entityId",
                            (json_int_t)entity_id, "status", status),
                  error);
}

enum label_err label_job_set_assignees(struct label_api *api, int64_t id, int64_t annotator_id,
                                       int64_t reviewer_id, struct label_error *error)
{
    json_t *body = json_pack("{s:I}", "id", (json_int_t)id);
    struct lb_op op;

    lb_begin(&op, api, error);
    if (annotator_id == 0 && reviewer_id == 0)
        lb_fail(&op, LABEL_ERR_ARGUMENT, "annotator_id", "annotator or reviewer must be given");
    lb_put_id(body, "userId", annotator_id);
    lb_put_id(body, "reviewerId", reviewer_id);
    lb_do(&op, "jobs.editInfo", body);
    return lb_end(&op);
}

enum label_err label_job_set_priority(struct label_api *api, int64_t id, int priority,
                                      struct label_error *error)
{
    return simple(api, "jobs.bulk.set-priority",
                  json_pack("{s:[{s:I,s:i}]}", "jobs", "id", (json_int_t)id, "priority", priority),
                  error);
}

enum label_err label_job_set_custom_data(struct label_api *api, int64_t id,
                                         const char *custom_data_json, struct label_error *error)
{
    json_t *body = json_pack("{s:I}", "id", (json_int_t)id);
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_put(body, "customData", lb_parse(&op, "custom_data_json", custom_data_json));
    lb_do(&op, "jobs.editInfo", body);
    return lb_end(&op);
}
