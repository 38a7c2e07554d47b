/* job: labeling jobs. */
#include "ctl.h"

#include <stdio.h>
#include <string.h>

static const struct column job_columns[] = {
    {"ID", "id", COL_NUMBER},
    {"NAME", "name", COL_TEXT},
    {"STATUS", "status", COL_STATUS},
    {"LABELER", "labelerLogin", COL_TEXT},
    {"REVIEWER", "reviewerLogin", COL_TEXT},
    {"DATASET", "datasetTitle", COL_TEXT},
    {"DONE", "progressImagesCount/imagesCount", COL_PART},
    {"CREATED", "createdAt", COL_TIME},
    {0},
};

static const struct column one_job[] = {
    {"id", "id", COL_NUMBER},
    {"name", "name", COL_TEXT},
    {"status", "status", COL_STATUS},
    {"archived", "disabled", COL_YES},
    {"labeler", "labelerLogin", COL_TEXT},
    {"reviewer", "reviewerLogin", COL_TEXT},
    {"created by", "managerLogin", COL_TEXT},
    {"project", "projectTitle", COL_TEXT},
    {"dataset", "datasetTitle", COL_TEXT},
    {"description", "description", COL_TEXT},
    {"classes", "meta.classes", COL_LIST},
    {"tags", "meta.projectTags", COL_LIST},
    {"objects for each image at most", "meta.imageFiguresLimit", COL_NUMBER},
    {"tags for each image at most", "meta.imageTagsLimit", COL_NUMBER},
    {"images", "imagesCount", COL_NUMBER},
    {"  confirmed", "finishedImagesCount", COL_NUMBER},
    {"  accepted", "acceptedImagesCount", COL_NUMBER},
    {"  rejected", "rejectedImagesCount", COL_NUMBER},
    {"queue", "labelingQueueId", COL_NUMBER},
    {"priority", "priority", COL_NUMBER},
    {"round", "round", COL_NUMBER},
    {"created", "createdAt", COL_TIME},
    {"started", "startedAt", COL_TIME},
    {"finished", "finishedAt", COL_TIME},
    {0},
};

static const struct column created_columns[] = {
    {"ID", "id", COL_NUMBER},
    {"NAME", "name", COL_TEXT},
    {"STATUS", "status", COL_STATUS},
    {"LABELER", "labelerLogin", COL_TEXT},
    {"IMAGES", "imagesCount", COL_NUMBER},
    {0},
};

/* ---- create, clone, restart ---- */

/* What jobs and queues have in common. */
int ctl_job_options(struct ctl *c, struct label_job_options *options, int64_t *team)
{
    const char *readme = ctl_text(c, "readme");
    struct label_dataset *dataset;

    *options = (struct label_job_options){
        .name = ctl_text(c, "name"),
        .dataset_id = ctl_id(c, "dataset"),
        .description = ctl_text(c, "description"),
        .classes_to_label = ctl_names(c, "class"),
        .tags_to_label = ctl_names(c, "tag"),
        .objects_limit_per_image = ctl_id(c, "objects-limit"),
        .tags_limit_per_image = ctl_id(c, "tags-limit"),
        .images_ids = ctl_ids(c, "image"),
        .include_images_with_tags = ctl_names(c, "include-tag"),
        .exclude_images_with_tags = ctl_names(c, "exclude-tag"),
    };
    if (readme && (options->readme = ctl_read_file(c, readme)) == NULL)
        return CTL_FAILED;
    if (label_dataset_get_info_by_id(c->api, options->dataset_id, &dataset, &c->error) != LABEL_OK)
        return ctl_failed(c);
    *team = dataset->team_id;
    label_free(dataset);
    return ctl_users(c, *team, "user", &options->user_ids);
}

/* The one reviewer of a job; 0: none was given. */
static int one_reviewer(struct ctl *c, int64_t team, int64_t *id)
{
    struct label_ids ids;
    int code = ctl_users(c, team, "reviewer", &ids);

    if (code == CTL_DONE && ids.n > 1)
        code = ctl_usage(c, "a job has one reviewer");
    *id = code == CTL_DONE && ids.n ? ids.items[0] : 0;
    return code;
}

int run_job_create(struct ctl *c)
{
    struct label_job_options options;
    struct label_job_list *jobs;
    int64_t team;
    int code = ctl_job_options(c, &options, &team);

    if (code == CTL_DONE)
        code = one_reviewer(c, team, &options.reviewer_id);
    if (code != CTL_DONE)
        return code;
    options.images_range_start = ctl_id(c, "range-start");
    options.images_range_end = ctl_id(c, "range-end");
    if (label_job_create(c->api, &options, &jobs, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, jobs, created_columns);
}

static int job_team(struct ctl *c, int64_t *team)
{
    struct label_job *job;

    if (label_job_get_info_by_id(c->api, ctl_arg_id(c, 0), &job, &c->error) != LABEL_OK)
        return ctl_failed(c);
    *team = job->team_id;
    label_free(job);
    return CTL_DONE;
}

/* The job's team is needed only for logins, but asking also says that there is no such job. */
static int read_again(struct ctl *c, struct label_job_again *again)
{
    int64_t team;
    int code = job_team(c, &team);

    *again = (struct label_job_again){.name = ctl_text(c, "name")};
    if (code == CTL_DONE)
        code = ctl_users(c, team, "user", &again->user_ids);
    if (code == CTL_DONE)
        code = one_reviewer(c, team, &again->reviewer_id);
    return code;
}

int run_job_clone(struct ctl *c)
{
    struct label_job_again again;
    struct label_job_list *jobs;
    int code = read_again(c, &again);

    if (code != CTL_DONE)
        return code;
    if (label_job_clone(c->api, ctl_arg_id(c, 0), &again, &jobs, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, jobs, created_columns);
}

int run_job_restart(struct ctl *c)
{
    struct label_job_again again;
    struct label_job_list *jobs;
    int code = read_again(c, &again);

    if (code != CTL_DONE)
        return code;
    again.keep_existing = ctl_flag(c, "keep-existing");
    again.not_accepted = ctl_flag(c, "not-accepted");
    if (label_job_restart(c->api, ctl_arg_id(c, 0), &again, &jobs, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, jobs, created_columns);
}

int run_job_assign(struct ctl *c)
{
    int64_t id = ctl_arg_id(c, 0), team, reviewer, priority = ctl_id(c, "priority");
    struct label_ids labelers;
    struct label_job *job;
    int code;

    if (!ctl_flag(c, "user") && !ctl_flag(c, "reviewer") && !ctl_flag(c, "priority"))
        return ctl_usage(c, "please give --user, --reviewer or --priority");
    code = job_team(c, &team);
    if (code == CTL_DONE)
        code = ctl_users(c, team, "user", &labelers);
    if (code == CTL_DONE)
        code = one_reviewer(c, team, &reviewer);
    if (code == CTL_DONE && labelers.n > 1)
        code = ctl_usage(c, "a job has one labeler");
    if (code != CTL_DONE)
        return code;
    if ((labelers.n || reviewer) &&
        label_job_set_assignees(c->api, id, labelers.n ? labelers.items[0] : 0, reviewer,
                                &c->error) != LABEL_OK)
        return ctl_failed(c);
    if (ctl_flag(c, "priority") &&
        label_job_set_priority(c->api, id, (int)priority, &c->error) != LABEL_OK)
        return ctl_failed(c);
    if (label_job_get_info_by_id(c->api, id, &job, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, job, one_job);
}

/* ---- looking ---- */

static int add_user_filter(struct ctl *c, const char *option, int64_t team, int64_t *id)
{
    struct label_names names = ctl_names(c, option);

    if (names.n > 1)
        return ctl_usage(c, "--%s can be given once here", option);
    return names.n ? ctl_user(c, team, names.items[0], id) : CTL_DONE;
}

int run_job_list(struct ctl *c)
{
    struct label_filter filters[2];
    struct label_job_filter filter = {
        .project_id = ctl_id(c, "project"),
        .dataset_id = ctl_id(c, "dataset"),
        .show_disabled = ctl_flag(c, "archived"),
        .queue_ids = ctl_ids(c, "of-queue"),
        .exclude_statuses = ctl_names(c, "exclude-status"),
        .list = ctl_list_options(c),
    };
    struct label_names statuses = ctl_names(c, "status");
    struct label_job_list *jobs;
    int64_t team;
    int code = ctl_team(c, &team);

    if (code == CTL_DONE)
        code = add_user_filter(c, "assignee", team, &filter.assigned_to_id);
    if (code == CTL_DONE)
        code = add_user_filter(c, "created-by", team, &filter.created_by_id);
    if (code == CTL_DONE)
        code = add_user_filter(c, "reviewer", team, &filter.reviewer_id);
    if (code != CTL_DONE)
        return code;
    filter.list.filters = filters;
    filter.list.n_filters = ctl_name_filter(c, filters);
    if (statuses.n)
        filters[filter.list.n_filters++] =
            (struct label_filter){"status", "in", ctl_json_names(c, &statuses)};
    if (label_job_get_list(c->api, team, &filter, &jobs, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, jobs, job_columns);
}

int run_job_info(struct ctl *c)
{
    struct label_job *job;

    if (label_job_get_info_by_id(c->api, ctl_arg_id(c, 0), &job, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, job, one_job);
}

int run_job_images(struct ctl *c)
{
    static const struct column columns[] = {{"ID", "id", COL_NUMBER},
                                            {"NAME", "name", COL_TEXT},
                                            {"VERDICT", "reviewStatus", COL_STATUS},
                                            {0}};
    struct label_job *job;

    if (label_job_get_info_by_id(c->api, ctl_arg_id(c, 0), &job, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_member(c, job, "entities", columns);
}

int run_job_stats(struct ctl *c)
{
    char *stats;

    if (label_job_get_stats(c->api, ctl_arg_id(c, 0), &stats, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_json(c, stats);
}

/* ---- status ---- */

int run_job_status(struct ctl *c)
{
    int64_t id = ctl_arg_id(c, 0);
    const char *status = ctl_arg(c, 1);
    char *now;

    if (status) {
        if (label_job_set_status(c->api, id, status, &c->error) != LABEL_OK)
            return ctl_failed(c);
        ctl_did(c, "job", id, status);
        return ctl_did_all(c);
    }
    if (label_job_get_status(c->api, id, &now, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_status(c, id, now);
}

int run_job_wait(struct ctl *c)
{
    int64_t id = ctl_arg_id(c, 0);
    const char *status = ctl_arg(c, 1);

    if (!ctl_is_status(status))
        return ctl_usage(c,
                         "STATUS is one of: pending in_progress on_review review_completed"
                         " completed stopped; not '%s'",
                         status);
    if (label_job_wait(c->api, id, status, (int)ctl_id(c, "attempts"),
                       (int)ctl_id(c, "interval-ms"), &c->error) != LABEL_OK)
        return ctl_failed(c);
    ctl_did(c, "job", id, status);
    return ctl_did_all(c);
}

int run_job_stop(struct ctl *c)
{
    int code = CTL_DONE;

    for (size_t i = 0; i < c->n_args && code == CTL_DONE; i++) {
        if (label_job_stop(c->api, ctl_arg_id(c, i), &c->error) != LABEL_OK)
            code = ctl_failed(c);
        else
            ctl_did(c, "job", ctl_arg_id(c, i), "stopped");
    }
    ctl_did_all(c);
    return code;
}

/* All jobs of the command line at once. */
static int batch(struct ctl *c, const char *done,
                 enum label_err (*act)(struct label_api *api, const struct label_ids *ids,
                                       struct label_error *error))
{
    struct label_ids ids = ctl_arg_ids(c);

    if (act(c->api, &ids, &c->error) != LABEL_OK)
        return ctl_failed(c);
    for (size_t i = 0; i < ids.n; i++)
        ctl_did(c, "job", ids.items[i], done);
    return ctl_did_all(c);
}

int run_job_archive(struct ctl *c)
{
    return batch(c, "archived", label_job_archive_batch);
}

int run_job_unarchive(struct ctl *c)
{
    return batch(c, "back in the lists", label_job_unarchive_batch);
}

int run_job_remove(struct ctl *c)
{
    return batch(c, "removed", label_job_remove_batch);
}

/* ---- review ---- */

int run_job_review(struct ctl *c)
{
    int64_t id = ctl_arg_id(c, 0);
    const char *verdict = ctl_arg(c, 1);
    struct label_ids images = ctl_ids(c, "image");
    int code = CTL_DONE;

    if (strcmp(verdict, "done") != 0 && strcmp(verdict, "accepted") != 0 &&
        strcmp(verdict, "rejected") != 0)
        return ctl_usage(c, "VERDICT is done, accepted or rejected, not '%s'", verdict);
    for (size_t i = 0; i < images.n && code == CTL_DONE; i++) {
        if (label_job_set_entity_review_status(c->api, id, images.items[i], verdict, &c->error) !=
            LABEL_OK)
            code = ctl_failed(c);
        else
            ctl_did(c, "image", images.items[i], verdict);
    }
    ctl_did_all(c);
    return code;
}

int run_job_reject(struct ctl *c)
{
    int64_t id = ctl_arg_id(c, 0);

    if (label_job_reject_annotations(c->api, id, ctl_flag(c, "unmarked"), &c->error) != LABEL_OK)
        return ctl_failed(c);
    ctl_did(c, "job", id, "rejected");
    return ctl_did_all(c);
}
