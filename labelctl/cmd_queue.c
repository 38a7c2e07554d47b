/* queue: labeling queues. */
#include "ctl.h"

static const struct column queue_columns[] = {
    {"ID", "id", COL_NUMBER},
    {"NAME", "name", COL_TEXT},
    {"STATUS", "status", COL_STATUS},
    {"LABELERS", "labelers", COL_COUNT},
    {"REVIEWERS", "reviewers", COL_COUNT},
    {"POOL", "pendingCount", COL_NUMBER},
    {"ACCEPTED", "acceptedCount/entitiesCount", COL_PART},
    {"CREATED", "createdAt", COL_TIME},
    {0},
};

static const struct column one_queue[] = {
    {"id", "id", COL_NUMBER},
    {"name", "name", COL_TEXT},
    {"status", "status", COL_STATUS},
    {"archived", "disabled", COL_YES},
    {"project", "projectId", COL_NUMBER},
    {"dataset", "datasetId", COL_NUMBER},
    {"labelers", "labelers", COL_LIST},
    {"reviewers", "reviewers", COL_LIST},
    {"jobs", "jobs", COL_LIST},
    {"images", "entitiesCount", COL_NUMBER},
    {"  in the pool", "pendingCount", COL_NUMBER},
    {"  in progress", "inProgressCount", COL_NUMBER},
    {"  confirmed", "annotatedCount", COL_NUMBER},
    {"  accepted", "acceptedCount", COL_NUMBER},
    {"created", "createdAt", COL_TIME},
    {"finished", "finishedAt", COL_TIME},
    {0},
};

static int show(struct ctl *c, int64_t id)
{
    struct label_queue *queue;

    if (label_queue_get_info_by_id(c->api, id, &queue, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, queue, one_queue);
}

int run_queue_create(struct ctl *c)
{
    struct label_queue_options options = {
        .allow_review_own_annotations = ctl_flag(c, "allow-self-review"),
        .lease_seconds = (int)ctl_id(c, "lease-seconds"),
    };
    int64_t id, team;
    int code = ctl_job_options(c, &options.job, &team);

    if (code == CTL_DONE)
        code = ctl_users(c, team, "reviewer", &options.reviewer_ids);
    if (code != CTL_DONE)
        return code;
    if (label_queue_create(c->api, &options, &id, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return show(c, id);
}

int run_queue_list(struct ctl *c)
{
    struct label_list_options options = ctl_list_options(c);
    struct label_queue_list *queues;
    int64_t team;
    int code = ctl_team(c, &team);

    if (code != CTL_DONE)
        return code;
    if (label_queue_get_list(c->api, team, ctl_flag(c, "archived"), &options, &queues, &c->error) !=
        LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, queues, queue_columns);
}

int run_queue_info(struct ctl *c)
{
    return show(c, ctl_arg_id(c, 0));
}

int run_queue_status(struct ctl *c)
{
    int64_t id = ctl_arg_id(c, 0);
    const char *status = ctl_arg(c, 1);
    char *now;

    if (status) {
        if (label_queue_set_status(c->api, id, status, &c->error) != LABEL_OK)
            return ctl_failed(c);
        ctl_did(c, "queue", id, status);
        return ctl_did_all(c);
    }
    if (label_queue_get_status(c->api, id, &now, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_status(c, id, now);
}

int run_queue_images(struct ctl *c)
{
    static const struct column columns[] = {{"ID", "id", COL_NUMBER},
                                            {"NAME", "name", COL_TEXT},
                                            {"VERDICT", "reviewStatus", COL_STATUS},
                                            {"OBJECTS", "labelsCount", COL_NUMBER},
                                            {"JOB", "jobId", COL_NUMBER},
                                            {"REVIEW JOB", "reviewJobId", COL_NUMBER},
                                            {0}};
    struct label_queue_entity_list *images;

    if (label_queue_get_entities(c->api, ctl_arg_id(c, 0), NULL, &images, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, images, columns);
}

/* Somebody of the team of the queue joins it, or leaves. */
static int change_people(struct ctl *c,
                         enum label_err (*change)(struct label_api *, int64_t,
                                                  const struct label_ids *,
                                                  const struct label_ids *, struct label_error *))
{
    int64_t id = ctl_arg_id(c, 0), team;
    struct label_ids labelers, reviewers;
    struct label_queue *queue;
    int code;

    if (!ctl_flag(c, "user") && !ctl_flag(c, "reviewer"))
        return ctl_usage(c, "please give --user or --reviewer");
    if (label_queue_get_info_by_id(c->api, id, &queue, &c->error) != LABEL_OK)
        return ctl_failed(c);
    team = queue->team_id;
    label_free(queue);
    code = ctl_users(c, team, "user", &labelers);
    if (code == CTL_DONE)
        code = ctl_users(c, team, "reviewer", &reviewers);
    if (code != CTL_DONE)
        return code;
    if (change(c->api, id, &labelers, &reviewers, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return show(c, id);
}

int run_queue_add(struct ctl *c)
{
    return change_people(c, label_queue_add_users);
}

int run_queue_drop(struct ctl *c)
{
    return change_people(c, label_queue_remove_users);
}
