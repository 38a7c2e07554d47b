/* Labeling queues. */
#include "client.h"

#include "jobs.h"

static const struct lb_field queue_fields[] = {
    LB_FIELD(struct label_queue, LB_INT, "id", id),
    LB_FIELD(struct label_queue, LB_TEXT, "name", name),
    LB_FIELD(struct label_queue, LB_INT, "teamId", team_id),
    LB_FIELD(struct label_queue, LB_INT, "projectId", project_id),
    LB_FIELD(struct label_queue, LB_INT, "datasetId", dataset_id),
    LB_FIELD(struct label_queue, LB_INT, "createdBy", created_by_id),
    LB_FIELD(struct label_queue, LB_IDS, "labelers", labelers),
    LB_FIELD(struct label_queue, LB_IDS, "reviewers", reviewers),
    LB_FIELD(struct label_queue, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_queue, LB_TEXT, "finishedAt", finished_at),
    LB_FIELD(struct label_queue, LB_TEXT, "status", status),
    LB_FIELD(struct label_queue, LB_BOOL, "disabled", disabled),
    LB_FIELD(struct label_queue, LB_IDS, "jobs", jobs),
    LB_FIELD(struct label_queue, LB_INT, "entitiesCount", entities_count),
    LB_FIELD(struct label_queue, LB_INT, "acceptedCount", accepted_count),
    LB_FIELD(struct label_queue, LB_INT, "annotatedCount", annotated_count),
    LB_FIELD(struct label_queue, LB_INT, "inProgressCount", in_progress_count),
    LB_FIELD(struct label_queue, LB_INT, "pendingCount", pending_count),
    LB_FIELD(struct label_queue, LB_JSON, "meta", meta_json),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_queue = {"queue", sizeof(struct label_queue), queue_fields};

static const struct lb_field queue_entity_fields[] = {
    LB_FIELD(struct label_queue_entity, LB_INT, "id", id),
    LB_FIELD(struct label_queue_entity, LB_TEXT, "name", name),
    LB_FIELD(struct label_queue_entity, LB_TEXT, "reviewStatus", review_status),
    LB_FIELD(struct label_queue_entity, LB_INT, "labelsCount", labels_count),
    LB_FIELD(struct label_queue_entity, LB_INT, "jobId", job_id),
    LB_FIELD(struct label_queue_entity, LB_INT, "reviewJobId", review_job_id),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_queue_entity = {"entity", sizeof(struct label_queue_entity),
                                               queue_entity_fields};

enum label_err label_queue_create(struct label_api *api, const struct label_queue_options *options,
                                  int64_t *id, struct label_error *error)
{
    json_t *body = lb_job_body(&options->job), *queue_meta = json_object(), *answer;
    struct lb_op op;

    lb_begin(&op, api, error);
    if (options->allow_review_own_annotations)
        lb_put(queue_meta, "reviewOwnAnnotationsAvailable", json_true());
    if (options->skip_complete_job_on_empty)
        lb_put(queue_meta, "skipCompleteAnnotationJobOnEmpty", json_true());
    lb_put_id(queue_meta, "leaseSeconds", options->lease_seconds);
    if (body) {
        lb_put(body, "reviewerIds", lb_ids(&options->reviewer_ids));
        lb_put(body, "queueMeta", json_incref(queue_meta));
    }
    json_decref(queue_meta);
    answer = lb_call(&op, "labeling-queues.add", LB_WRITE, body);
    *id = json_integer_value(json_object_get(answer, "id"));
    if (*id == 0)
        lb_fail(&op, LABEL_ERR_ANSWER, "id", "the answer holds no id");
    json_decref(answer);
    return lb_end(&op);
}

enum label_err label_queue_get_list(struct label_api *api, int64_t team_id, bool show_disabled,
                                    const struct label_list_options *options,
                                    struct label_queue_list **queues, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *queues = lb_list(
        &op, "labeling-queues.list",
        json_pack("{s:I,s:b}", "teamId", (json_int_t)team_id, "showDisabled", show_disabled),
        options, &lb_shape_queue);
    return lb_end(&op);
}

static json_t *get_queue(struct lb_op *op, int64_t id)
{
    return lb_call(op, "labeling-queues.info", LB_READ, json_pack("{s:I}", "id", (json_int_t)id));
}

enum label_err label_queue_get_info_by_id(struct label_api *api, int64_t id,
                                          struct label_queue **queue, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *queue = lb_result(&op, &lb_shape_queue, get_queue(&op, id));
    return lb_end(&op);
}

enum label_err label_queue_get_status(struct label_api *api, int64_t id, char **status,
                                      struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *status = lb_status_of(&op, get_queue(&op, id));
    return lb_end(&op);
}

enum label_err label_queue_set_status(struct label_api *api, int64_t id, const char *status,
                                      struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, "labeling-queues.set-status",
          json_pack("{s:I,s:s}", "id", (json_int_t)id, "status", status));
    return lb_end(&op);
}

static enum label_err change_users(struct lb_op *op, const char *method, int64_t id,
                                   const struct label_ids *user_ids,
                                   const struct label_ids *reviewer_ids)
{
    json_t *body = json_pack("{s:I}", "id", (json_int_t)id);

    if (user_ids)
        lb_put(body, "userIds", lb_ids(user_ids));
    if (reviewer_ids)
        lb_put(body, "reviewerIds", lb_ids(reviewer_ids));
    lb_do(op, method, body);
    return lb_end(op);
}

enum label_err label_queue_add_users(struct label_api *api, int64_t id,
                                     const struct label_ids *user_ids,
                                     const struct label_ids *reviewer_ids,
                                     struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    return change_users(&op, "labeling-queues.users.add", id, user_ids, reviewer_ids);
}

enum label_err label_queue_remove_users(struct label_api *api, int64_t id,
                                        const struct label_ids *user_ids,
                                        const struct label_ids *reviewer_ids,
                                        struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    return change_users(&op, "labeling-queues.users.remove", id, user_ids, reviewer_ids);
}

/* Pages of this call have another form than other lists. */
enum label_err label_queue_get_entities(struct label_api *api, int64_t id,
                                        const struct label_names *statuses,
                                        struct label_queue_entity_list **entities,
                                        struct label_error *error)
{
    json_t *body =
        json_pack("{s:I,s:s,s:i}", "id", (json_int_t)id, "sort", "name", "per_page", 1000);
    json_t *all = json_array(), *wanted = statuses ? json_array() : NULL;
    bool more = true;
    struct lb_op op;

    lb_begin(&op, api, error);
    for (size_t i = 0; statuses && i < statuses->n; i++)
        lb_append(wanted,
                  strcmp(statuses->items[i], "null") == 0 ? NULL : json_string(statuses->items[i]));
    lb_put(body, "entityStatus", wanted);
    for (int page = 1; more; page++) {
        json_t *answer, *images;

        lb_put_id(body, "page", page);
        answer = lb_call(&op, "labeling-queues.stats.entities", LB_READ, json_deep_copy(body));
        images = json_object_get(answer, "images");
        json_array_extend(all, images);
        more =
            json_array_size(images) > 0 &&
            (json_int_t)json_array_size(all) < json_integer_value(json_object_get(answer, "total"));
        json_decref(answer);
    }
    json_decref(body);
    *entities = lb_result_list(&op, &lb_shape_queue_entity, all);
    return lb_end(&op);
}

enum label_err label_queue_get_next(struct label_api *api, int64_t job_id, int64_t *image_id,
                                    struct label_error *error)
{
    json_t *answer;
    struct lb_op op;

    lb_begin(&op, api, error);
    answer = lb_call(&op, "labeling-queues.entities.get-next", LB_WRITE,
                     json_pack("{s:I}", "id", (json_int_t)job_id));
    *image_id = json_integer_value(json_object_get(answer, "id"));
    json_decref(answer);
    return lb_end(&op);
}

static enum label_err on_entity(struct label_api *api, const char *method, int64_t job_id,
                                int64_t image_id, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, method,
          json_pack("{s:I,s:I}", "id", (json_int_t)job_id, "entityId", (json_int_t)image_id));
    return lb_end(&op);
}

enum label_err label_queue_heartbeat(struct label_api *api, int64_t job_id, int64_t image_id,
                                     struct label_error *error)
{
    return on_entity(api, "labeling-queues.entities.heartbeat", job_id, image_id, error);
}

enum label_err label_queue_skip(struct label_api *api, int64_t job_id, int64_t image_id,
                                struct label_error *error)
{
    return on_entity(api, "labeling-queues.entities.skip", job_id, image_id, error);
}
