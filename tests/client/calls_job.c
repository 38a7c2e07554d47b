/* Functions of liblabel against a real server, and what each refuses: jobs and queues. */
#include "calls.h"

/* Also a class, two tags, and the first image tagged. */
static int set_up_jobs(void **state)
{
    static const char *const sizes[] = {"small", "large"};
    struct label_class kiwi = {.name = "kiwi", .shape = "rectangle"};
    struct label_tag_meta tags[] = {
        {.name = "size", .value_type = "oneof_string", .values = {sizes, 2}},
        {.name = "weight", .value_type = "any_number"}};
    struct label_ids first;
    struct label_project_meta *meta;

    set_up(state);
    OK(label_project_append_classes(api, project->id, &kiwi, 1, &error));
    OK(label_project_append_tags(api, project->id, tags, 2, &error));
    OK(label_project_get_meta(api, project->id, &meta, &error));
    first = (struct label_ids){&images->items[0].id, 1};
    OK(label_image_add_tag(api, &first, meta->tags[1].id, "2", &error)); /* they are by name */
    label_free(meta);
    return 0;
}

/* ---- jobs ---- */

static struct label_job *new_job(struct label_job_options o)
{
    struct label_job_list *jobs;
    struct label_job *job;

    o.name = o.name ? o.name : unique("job");
    o.dataset_id = dataset->id;
    if (o.user_ids.n == 0)
        o.user_ids = (struct label_ids){&labeler->id, 1};
    OK(label_job_create(api, &o, &jobs, &error));
    assert_int_equal(jobs->n, 1);
    OK(label_job_get_info_by_id(api, jobs->items[0].id, &job, &error));
    label_free(jobs);
    return job;
}

static void test_job_options(void **state)
{
    static const char *const kiwi[] = {"kiwi"}, *const size[] = {"size"},
                             *const weight[] = {"weight"};
    struct label_job_options o = {.readme = "read",
                                  .description = "short",
                                  .classes_to_label = {kiwi, 1},
                                  .tags_to_label = {size, 1},
                                  .objects_limit_per_image = 3,
                                  .tags_limit_per_image = 4,
                                  .reviewer_id = reviewer->id,
                                  .images_ids = {&images->items[1].id, 1},
                                  .dynamic_classes = true,
                                  .disable_confirm = true,
                                  .enable_quality_check = true,
                                  .allow_restore = true};
    struct label_job_options chosen = {.include_images_with_tags = {weight, 1}};
    struct label_job_options range = {.images_range_start = 2, .images_range_end = 3};
    struct label_job_options wrong = {
        .name = "x", .dataset_id = dataset->id, .user_ids = {&labeler->id, 1}};
    static const char *const nothing[] = {"no such class"};
    struct label_job *job = new_job(o);
    struct label_job_list *jobs;

    (void)state;
    assert_string_equal(job->readme, "read");
    assert_string_equal(job->description, "short");
    assert_string_equal(job->classes_to_label.items[0], "kiwi");
    assert_string_equal(job->tags_to_label.items[0], "size");
    assert_int_equal(job->objects_limit_per_image, 3);
    assert_int_equal(job->tags_limit_per_image, 4);
    assert_int_equal(job->reviewer_id, reviewer->id);
    assert_int_equal(job->n_entities, 1);
    assert_string_equal(job->entities[0].name, "b.png");
    assert_true(job->dynamic_classes && job->disable_confirm && job->allow_restore);
    assert_true(job->enable_quality_check && !job->dynamic_tags && !job->disable_submit);
    label_free(job);
    job = new_job(chosen);
    assert_int_equal(job->n_entities, 1);
    assert_int_equal(job->n_filter_images_by_tags, 1);
    assert_true(job->filter_images_by_tags[0].positive);
    label_free(job);
    job = new_job(range);
    assert_int_equal(job->images_range_start, 2);
    assert_int_equal(job->images_range_end, 3);
    label_free(job);
    wrong.classes_to_label = (struct label_names){nothing, 1};
    REFUSED(LABEL_ERR_INVALID, label_job_create(api, &wrong, &jobs, &error));
    wrong.classes_to_label = (struct label_names){0};
    wrong.user_ids = (struct label_ids){(int64_t[]){99999999}, 1};
    REFUSED(LABEL_ERR_INVALID, label_job_create(api, &wrong, &jobs, &error));
    assert_string_equal(error.field, "userIds");
    assert_null(jobs);
}

static size_t count_jobs(struct label_job_filter filter)
{
    struct label_job_list *jobs;
    size_t n;

    OK(label_job_get_list(api, team, &filter, &jobs, &error));
    n = jobs->n;
    label_free(jobs);
    return n;
}

static void test_job_filters(void **state)
{
    struct label_job *job = new_job((struct label_job_options){.reviewer_id = reviewer->id});
    static const char *const pending[] = {LABEL_JOB_PENDING};
    struct label_filter by_id = {"id", "=", "0"};
    char id[32];
    size_t all = count_jobs((struct label_job_filter){.dataset_id = dataset->id});
    struct label_job_filter both = {.not_of_queue = true, .queue_ids = {&job->id, 1}};
    struct label_job_list *jobs;

    (void)state;
    assert_true(all >= 1);
    assert_int_equal(count_jobs((struct label_job_filter){.assigned_to_id = labeler->id}), all);
    assert_int_equal(count_jobs((struct label_job_filter){.created_by_id = labeler->id}), 0);
    assert_true(count_jobs((struct label_job_filter){.reviewer_id = reviewer->id}) >= 1);
    assert_int_equal(count_jobs((struct label_job_filter){.project_id = project->id}), all);
    assert_int_equal(count_jobs((struct label_job_filter){.queue_ids = {&job->id, 1}}), 0);
    assert_int_equal(
        count_jobs((struct label_job_filter){.project_id = project->id, .not_of_queue = true}),
        all);
    assert_int_equal(count_jobs((struct label_job_filter){.project_id = project->id,
                                                          .exclude_statuses = {pending, 1}}),
                     0);
    snprintf(id, sizeof id, "%lld", (long long)job->id);
    by_id.value_json = id;
    assert_int_equal(count_jobs((struct label_job_filter){.list = {&by_id, 1, NULL, NULL, 0}}), 1);
    assert_int_equal(
        count_jobs((struct label_job_filter){.project_id = project->id, .list = {.limit = 1}}), 1);
    REFUSED(LABEL_ERR_ARGUMENT, label_job_get_list(api, team, &both, &jobs, &error));
    REFUSED(LABEL_ERR_NOT_FOUND, label_job_get_list(api, missing(), NULL, &jobs, &error));
    OK(label_job_archive(api, job->id, &error));
    assert_int_equal(count_jobs((struct label_job_filter){.project_id = project->id}), all - 1);
    assert_int_equal(
        count_jobs((struct label_job_filter){.project_id = project->id, .show_disabled = true}),
        all);
    OK(label_job_unarchive_batch(api, &(struct label_ids){&job->id, 1}, &error));
    assert_int_equal(count_jobs((struct label_job_filter){.project_id = project->id}), all);
    OK(label_job_archive_batch(api, &(struct label_ids){&job->id, 1}, &error));
    label_free(job);
}

static void test_job_life(void **state)
{
    struct label_job *job = new_job((struct label_job_options){.reviewer_id = reviewer->id}), *same;
    char *text;

    (void)state;
    OK(label_job_get_status(api, job->id, &text, &error));
    assert_string_equal(text, LABEL_JOB_PENDING);
    label_free(text);
    OK(label_job_set_status(labeler_api, job->id, LABEL_JOB_IN_PROGRESS, &error));
    OK(label_job_set_entity_review_status(labeler_api, job->id, images->items[0].id, "done",
                                          &error));
    REFUSED(LABEL_ERR_INVALID, label_job_set_entity_review_status(
                                   labeler_api, job->id, images->items[0].id, "x", &error));
    OK(label_job_wait(api, job->id, LABEL_JOB_IN_PROGRESS, 1, 1, &error));
    REFUSED(LABEL_ERR_WAIT, label_job_wait(api, job->id, LABEL_JOB_COMPLETED, 2, 1, &error));
    OK(label_job_get_stats(api, job->id, &text, &error));
    assert_non_null(strstr(text, "\"classes\""));
    label_free(text);
    OK(label_job_set_priority(api, job->id, 4, &error));
    REFUSED(LABEL_ERR_INVALID, label_job_set_priority(api, job->id, 9, &error));
    OK(label_job_set_custom_data(api, job->id, "{\"batch\": 7}", &error));
    REFUSED(LABEL_ERR_ARGUMENT, label_job_set_custom_data(api, job->id, "nonsense", &error));
    OK(label_job_get_info_by_id(api, job->id, &same, &error));
    assert_int_equal(same->priority, 4);
    assert_string_equal(same->custom_data_json, "{\"batch\":7}");
    assert_non_null(same->started_at);
    label_free(same);
    REFUSED(LABEL_ERR_ARGUMENT, label_job_set_assignees(api, job->id, 0, 0, &error));
    OK(label_job_set_assignees(api, job->id, reviewer->id, 0, &error));
    REFUSED(LABEL_ERR_INVALID, label_job_set_assignees(api, job->id, missing(), 0, &error));
    REFUSED(LABEL_ERR_INVALID, label_job_set_status(api, job->id, "nonsense", &error));
    OK(label_job_stop(api, job->id, &error));
    OK(label_job_remove(api, job->id, &error));
    REFUSED(LABEL_ERR_NOT_FOUND, label_job_get_status(api, job->id, &text, &error));
    REFUSED(LABEL_ERR_NOT_FOUND, label_job_stop(api, job->id, &error));
    label_free(job);
}

static void test_job_rounds(void **state)
{
    static const char *const kiwi[] = {"kiwi"};
    struct label_job *job = new_job((struct label_job_options){
        .reviewer_id = reviewer->id, .classes_to_label = {kiwi, 1}, .objects_limit_per_image = 5});
    struct label_job_again again = {.name = "a clone", .user_ids = {&reviewer->id, 1}};
    struct label_job_list *jobs;
    int64_t made[2];

    (void)state;
    OK(label_job_clone(api, job->id, &again, &jobs, &error));
    assert_string_equal(jobs->items[0].name, "a clone");
    assert_int_equal(jobs->items[0].assigned_to_id, reviewer->id);
    assert_int_equal(jobs->items[0].n_entities, job->n_entities);
    assert_int_equal(jobs->items[0].objects_limit_per_image, 5);
    made[0] = jobs->items[0].id;
    label_free(jobs);
    OK(label_job_set_status(labeler_api, job->id, LABEL_JOB_IN_PROGRESS, &error));
    OK(label_job_set_status(labeler_api, job->id, LABEL_JOB_ON_REVIEW, &error));
    REFUSED(LABEL_ERR_INVALID, label_job_restart(api, job->id, NULL, &jobs, &error));
    OK(label_job_reject_annotations(api, job->id, true, &error));
    OK(label_job_reject_annotations(api, job->id, false, &error));
    OK(label_job_restart(api, job->id, &(struct label_job_again){.name = "again"}, &jobs, &error));
    assert_int_equal(jobs->items[0].round, 2);
    assert_int_equal(jobs->items[0].src_job_id, job->id);
    assert_string_equal(jobs->items[0].name, "again");
    made[1] = jobs->items[0].id;
    label_free(jobs);
    OK(label_job_remove_batch(api, &(struct label_ids){made, 2}, &error));
    REFUSED(LABEL_ERR_NOT_FOUND, label_job_clone(api, missing(), NULL, &jobs, &error));
    label_free(job);
}

/* An annotation within a job: the limits of the job hold. */
static void test_within_a_job(void **state)
{
    static const char *const none[] = {"other"};
    struct label_class other = {.name = "other", .shape = "rectangle"};
    struct label_settings s = {.server_address = getenv("SERVER_ADDRESS"), .attempts = 1};
    struct label_job *job;
    struct label_api *inside;

    (void)state;
    OK(label_project_append_classes(api, project->id, &other, 1, &error));
    job = new_job((struct label_job_options){.classes_to_label = {none, 1}});
    OK(label_job_set_status(labeler_api, job->id, LABEL_JOB_IN_PROGRESS, &error));
    s.token = label_token(labeler_api);
    s.job_id = job->id;
    OK(label_open(&s, &inside, &error));
    REFUSED(LABEL_ERR_INVALID,
            label_annotation_upload_json(inside, images->items[2].id, BOX, &error));
    label_close(inside);
    label_free(job);
}

/* ---- queues ---- */

/* The job of one's own in a queue. */
static int64_t job_of(int64_t queue_id, int64_t user_id)
{
    struct label_job_filter filter = {.queue_ids = {&queue_id, 1}, .assigned_to_id = user_id};
    struct label_job_list *jobs;
    int64_t id;

    OK(label_job_get_list(api, team, &filter, &jobs, &error));
    assert_int_equal(jobs->n, 1);
    id = jobs->items[0].id;
    label_free(jobs);
    return id;
}

static void test_queues(void **state)
{
    struct label_queue_options o = {
        .job = {.name = unique("queue"), .dataset_id = dataset->id, .user_ids = {&labeler->id, 1}},
        .reviewer_ids = {&reviewer->id, 1},
        .lease_seconds = 600,
        .skip_complete_job_on_empty = true};
    static const char *const pool[] = {"null"};
    struct label_names in_pool = {pool, 1};
    struct label_queue_entity_list *entities;
    struct label_queue_list *list;
    struct label_queue *queue;
    struct label_user *more = new_user(LABEL_ROLE_ANNOTATOR, "a-password");
    int64_t id, job, image, other;
    char *status;

    (void)state;
    OK(label_queue_create(api, &o, &id, &error));
    OK(label_queue_get_info_by_id(api, id, &queue, &error));
    assert_int_equal(queue->entities_count, N_FILES);
    assert_int_equal(queue->labelers.items[0], labeler->id);
    assert_int_equal(queue->reviewers.items[0], reviewer->id);
    assert_int_equal(queue->jobs.n, 2);
    label_free(queue);
    OK(label_queue_get_list(api, team, false, NULL, &list, &error));
    assert_true(list->n >= 1);
    label_free(list);
    OK(label_queue_get_status(api, id, &status, &error));
    assert_string_equal(status, LABEL_JOB_PENDING);
    label_free(status);
    OK(label_queue_add_users(api, id, &(struct label_ids){&more->id, 1}, NULL, &error));
    REFUSED(LABEL_ERR_INVALID,
            label_queue_add_users(api, id, &(struct label_ids){(int64_t[]){99999999}, 1}, NULL,
                                  &error));
    OK(label_queue_remove_users(api, id, &(struct label_ids){&more->id, 1}, NULL, &error));
    OK(label_queue_remove_users(api, id, &(struct label_ids){&more->id, 1}, NULL, &error));
    REFUSED(LABEL_ERR_INVALID,
            label_queue_remove_users(api, id, &(struct label_ids){&labeler->id, 1}, NULL, &error));
    job = job_of(id, labeler->id);
    OK(label_queue_get_next(labeler_api, job, &image, &error));
    assert_true(image > 0);
    OK(label_queue_heartbeat(labeler_api, job, image, &error));
    OK(label_queue_skip(labeler_api, job, image, &error));
    OK(label_queue_get_next(labeler_api, job, &other, &error));
    assert_int_not_equal(image, other);
    OK(label_queue_get_entities(api, id, NULL, &entities, &error));
    assert_int_equal(entities->n, N_FILES);
    label_free(entities);
    OK(label_queue_get_entities(api, id, &in_pool, &entities, &error));
    assert_int_equal(entities->n, N_FILES - 1);
    assert_null(entities->items[0].review_status);
    label_free(entities);
    OK(label_queue_set_status(api, id, LABEL_JOB_STOPPED, &error));
    REFUSED(LABEL_ERR_INVALID, label_queue_set_status(api, id, "nonsense", &error));
    REFUSED(LABEL_ERR_NOT_FOUND, label_queue_get_info_by_id(api, missing(), &queue, &error));
    o.job.user_ids.n = 0;
    REFUSED(LABEL_ERR_INVALID, label_queue_create(api, &o, &id, &error));
    label_free(more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_job_options),  cmocka_unit_test(test_job_filters),
        cmocka_unit_test(test_job_life),     cmocka_unit_test(test_job_rounds),
        cmocka_unit_test(test_within_a_job), cmocka_unit_test(test_queues),
    };

    return cmocka_run_group_tests(tests, set_up_jobs, tear_down);
}
