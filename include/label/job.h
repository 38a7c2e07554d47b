/* liblabel: labeling jobs and labeling queues. Include <label/label.h>; its rules on ownership and
 * errors hold here (base.h). */
#ifndef LABEL_JOB_H
#define LABEL_JOB_H

#include <label/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- labeling jobs ---- */

/* api.labeling_job.Status, as text of the wire. */
#define LABEL_JOB_PENDING          "pending"
#define LABEL_JOB_IN_PROGRESS      "in_progress"
#define LABEL_JOB_ON_REVIEW        "on_review"
#define LABEL_JOB_REVIEW_COMPLETED "review_completed"
#define LABEL_JOB_COMPLETED        "completed"
#define LABEL_JOB_STOPPED          "stopped"

/* An image of a job. */
struct label_job_entity {
    const char
        *review_status; /* "none", "done", "accepted", "rejected", "quality_check_accepted" */
    int64_t id;
    const char *name;
};

/* A tag that chose the images of a job. */
struct label_job_image_tag {
    int64_t id;
    const char *name;
    bool positive; /* images must carry it; false: must not */
};

/* LabelingJobInfo, in the order of its members. */
struct label_job {
    int64_t id;
    const char *name, *readme, *description;
    int64_t team_id, workspace_id;
    const char *workspace_name;
    int64_t project_id;
    const char *project_name;
    int64_t dataset_id;
    const char *dataset_name;
    int64_t created_by_id;
    const char *created_by_login;
    int64_t assigned_to_id;
    const char *assigned_to_login;
    int64_t reviewer_id; /* 0: none */
    const char *reviewer_login;
    const char *created_at, *started_at, *finished_at;
    const char *status;
    bool disabled; /* archived */
    int64_t labeling_queue_id, labeling_exam_id;
    int64_t images_count, finished_images_count, rejected_images_count, accepted_images_count;
    int64_t progress_images_count;
    struct label_names classes_to_label, tags_to_label;    /* none: all */
    int64_t images_range_start, images_range_end;          /* 0: none */
    int64_t objects_limit_per_image, tags_limit_per_image; /* 0: no limit */
    const struct label_job_image_tag *filter_images_by_tags;
    size_t n_filter_images_by_tags;
    const struct label_job_entity *entities; /* by name, descending */
    size_t n_entities;
    int64_t priority; /* 1 to 5; 0: none */
    int64_t guide_id;
    int64_t round;      /* 1, and one more with each restart */
    int64_t src_job_id; /* the round before */
    const char *custom_data_json;
    bool dynamic_classes, dynamic_tags, allow_restore, disable_confirm, disable_submit;
    bool enable_quality_check;
    struct label_names read_only_tags;
};

struct label_job_list {
    const struct label_job *items;
    size_t n;
};

/* A new job. */
struct label_job_options {
    const char *name;          /* required, without / and \ */
    int64_t dataset_id;        /* required */
    struct label_ids user_ids; /* required: labelers; each gets a job with an equal share */
    const char *readme;        /* instructions, markdown */
    const char *description;
    struct label_names classes_to_label; /* none: all */
    int64_t objects_limit_per_image;     /* 0: no limit */
    struct label_names tags_to_label;    /* none: all */
    int64_t tags_limit_per_image;        /* 0: no limit */
    struct label_names include_images_with_tags, exclude_images_with_tags;
    int64_t images_range_start, images_range_end; /* 0: none */
    int64_t reviewer_id;                          /* 0: none */
    struct label_ids images_ids;                  /* none: the whole dataset */
    bool dynamic_classes, dynamic_tags;           /* those made later are available too */
    bool disable_confirm, disable_submit;
    bool enable_quality_check;
    bool allow_restore;
    int64_t guide_id;
    struct label_names read_only_tags;
};

/* Create jobs, one for each labeler; all or none. *jobs, which is not empty, is the caller's;
 * label_free() it. LABEL_ERR_INVALID: no member, unknown class ...; see field. */
LABEL_API enum label_err label_job_create(struct label_api *api,
                                          const struct label_job_options *options,
                                          struct label_job_list **jobs, struct label_error *error);

/* Which jobs; all zero: those of the team that are not archived. */
struct label_job_filter {
    int64_t created_by_id, assigned_to_id, reviewer_id, project_id, dataset_id;
    bool show_disabled;                  /* archived ones too */
    bool not_of_queue;                   /* is_part_of_queue=False */
    struct label_ids queue_ids;          /* only of these queues */
    struct label_names exclude_statuses; /* not with these */
    struct label_list_options list;      /* more filters, sorting, limit */
};

/* Jobs of a team that one may see. filter may be NULL. *jobs is the caller's; label_free() it. */
LABEL_API enum label_err label_job_get_list(struct label_api *api, int64_t team_id,
                                            const struct label_job_filter *filter,
                                            struct label_job_list **jobs,
                                            struct label_error *error);

/* One job. *job is the caller's; label_free() it. LABEL_ERR_NOT_FOUND: none that one may see. */
LABEL_API enum label_err label_job_get_info_by_id(struct label_api *api, int64_t id,
                                                  struct label_job **job,
                                                  struct label_error *error);

/* Status of a job as text, see LABEL_JOB_PENDING; the caller's, label_free() it. */
LABEL_API enum label_err label_job_get_status(struct label_api *api, int64_t id, char **status,
                                              struct label_error *error);

/* Move a job to another status. LABEL_ERR_INVALID: not from where it is. */
LABEL_API enum label_err label_job_set_status(struct label_api *api, int64_t id, const char *status,
                                              struct label_error *error);

/* Stop a job: it becomes unavailable for its labeler. */
LABEL_API enum label_err label_job_stop(struct label_api *api, int64_t id,
                                        struct label_error *error);

/* Hide a job from the lists, or all of several or none of them; their data stays. */
LABEL_API enum label_err label_job_archive(struct label_api *api, int64_t id,
                                           struct label_error *error);
LABEL_API enum label_err label_job_archive_batch(struct label_api *api, const struct label_ids *ids,
                                                 struct label_error *error);

/* Bring archived jobs back, all or none. */
LABEL_API enum label_err label_job_unarchive_batch(struct label_api *api,
                                                   const struct label_ids *ids,
                                                   struct label_error *error);

/* Remove a job for good, or all of several or none of them. Annotations stay. */
LABEL_API enum label_err label_job_remove(struct label_api *api, int64_t id,
                                          struct label_error *error);
LABEL_API enum label_err label_job_remove_batch(struct label_api *api, const struct label_ids *ids,
                                                struct label_error *error);

/* Ask until a job has a status: at most attempts times (0: 999), every interval_ms (0: 1000).
 * LABEL_ERR_WAIT: it has not. */
LABEL_API enum label_err label_job_wait(struct label_api *api, int64_t id,
                                        const char *target_status, int attempts, int interval_ms,
                                        struct label_error *error);

/* api.labeling_job.get_stats(): what has been labeled, by class, tag and image, as JSON text; the
 * caller's, label_free() it. Durations are seconds. */
LABEL_API enum label_err label_job_get_stats(struct label_api *api, int64_t id, char **stats_json,
                                             struct label_error *error);

/* What a clone or a restart changes; all zero: nothing. */
struct label_job_again {
    const char *name;          /* NULL: clone: the same; restart: the server makes one */
    struct label_ids user_ids; /* none: the same labeler */
    int64_t reviewer_id;       /* 0: the same */
    bool keep_existing;        /* restart: complete_existing=False */
    bool not_accepted;         /* restart: only_rejected_entities=False */
};

/* Create jobs like another one, on the same images. again may be NULL. *jobs is the caller's;
 * label_free() it. */
LABEL_API enum label_err label_job_clone(struct label_api *api, int64_t id,
                                         const struct label_job_again *again,
                                         struct label_job_list **jobs, struct label_error *error);

/* Send rejected images of a job back for another round, in new jobs. again may be NULL. *jobs is
 * the caller's; label_free() it. LABEL_ERR_INVALID: there are no rejected images. */
LABEL_API enum label_err label_job_restart(struct label_api *api, int64_t id,
                                           const struct label_job_again *again,
                                           struct label_job_list **jobs, struct label_error *error);

/* Reject all images of a job, or with unmarked those without a verdict. */
LABEL_API enum label_err label_job_reject_annotations(struct label_api *api, int64_t id,
                                                      bool unmarked, struct label_error *error);

/* Confirm ("done"), accept or reject an image of a job. LABEL_ERR_INVALID: not of this job, or not
 * possible now. */
LABEL_API enum label_err label_job_set_entity_review_status(struct label_api *api, int64_t id,
                                                            int64_t entity_id, const char *status,
                                                            struct label_error *error);

/* Give a job another labeler or reviewer; 0: leave it. LABEL_ERR_ARGUMENT: both are 0. */
LABEL_API enum label_err label_job_set_assignees(struct label_api *api, int64_t id,
                                                 int64_t annotator_id, int64_t reviewer_id,
                                                 struct label_error *error);

/* Priority of a job, 1 to 5. */
LABEL_API enum label_err label_job_set_priority(struct label_api *api, int64_t id, int priority,
                                                struct label_error *error);

/* Replace the custom data of a job, a JSON object: set_custom_data(update=False). To read it:
 * custom_data_json of the job. */
LABEL_API enum label_err label_job_set_custom_data(struct label_api *api, int64_t id,
                                                   const char *custom_data_json,
                                                   struct label_error *error);

/* ---- labeling queues ---- */

/* LabelingQueueInfo. */
struct label_queue {
    int64_t id;
    const char *name;
    int64_t team_id, project_id, dataset_id;
    int64_t created_by_id;
    struct label_ids labelers, reviewers;
    const char *created_at, *finished_at;
    const char *status;
    bool disabled;
    struct label_ids jobs; /* one for each labeler and reviewer */
    int64_t entities_count, accepted_count, annotated_count, in_progress_count, pending_count;
    const char *meta_json;
};

struct label_queue_list {
    const struct label_queue *items;
    size_t n;
};

/* A new queue: options of its jobs, and what is special. */
struct label_queue_options {
    struct label_job_options job; /* user_ids are the labelers; reviewer_id is not used */
    struct label_ids reviewer_ids;
    bool allow_review_own_annotations;
    bool skip_complete_job_on_empty;
    int lease_seconds; /* how long an image stays with a labeler who is silent; 0: the server's */
};

/* Create a queue: a pool of images, handed out one by one. *id is set to its id. LABEL_ERR_INVALID:
 * no member ...; see field. */
LABEL_API enum label_err label_queue_create(struct label_api *api,
                                            const struct label_queue_options *options, int64_t *id,
                                            struct label_error *error);

/* Queues of a team that one may see, archived ones too with show_disabled. *queues is the caller's;
 * label_free() it. */
LABEL_API enum label_err label_queue_get_list(struct label_api *api, int64_t team_id,
                                              bool show_disabled,
                                              const struct label_list_options *options,
                                              struct label_queue_list **queues,
                                              struct label_error *error);

/* One queue. *queue is the caller's; label_free() it. LABEL_ERR_NOT_FOUND: none that one may see.
 */
LABEL_API enum label_err label_queue_get_info_by_id(struct label_api *api, int64_t id,
                                                    struct label_queue **queue,
                                                    struct label_error *error);

/* Status of a queue as text, see LABEL_JOB_PENDING; the caller's, label_free() it. */
LABEL_API enum label_err label_queue_get_status(struct label_api *api, int64_t id, char **status,
                                                struct label_error *error);

/* Move a queue to another status; stopped ones hand out nothing. */
LABEL_API enum label_err label_queue_set_status(struct label_api *api, int64_t id,
                                                const char *status, struct label_error *error);

/* More labelers and reviewers; either may be NULL. */
LABEL_API enum label_err label_queue_add_users(struct label_api *api, int64_t id,
                                               const struct label_ids *user_ids,
                                               const struct label_ids *reviewer_ids,
                                               struct label_error *error);

/* Take labelers and reviewers out; either may be NULL. What they hold goes back, what they have
 * done stays. Who has left already is fine. */
LABEL_API enum label_err label_queue_remove_users(struct label_api *api, int64_t id,
                                                  const struct label_ids *user_ids,
                                                  const struct label_ids *reviewer_ids,
                                                  struct label_error *error);

struct label_queue_entity {
    int64_t id;
    const char *name;
    const char *review_status; /* NULL: in the pool */
    int64_t labels_count;
    int64_t job_id, review_job_id;
};

struct label_queue_entity_list {
    const struct label_queue_entity *items;
    size_t n;
};

/* get_entities_all_pages(): images of a queue, of these review statuses ("null": in the pool);
 * NULL: all. *entities is the caller's; label_free() it. */
LABEL_API enum label_err label_queue_get_entities(struct label_api *api, int64_t id,
                                                  const struct label_names *statuses,
                                                  struct label_queue_entity_list **entities,
                                                  struct label_error *error);

/* The image to do next in a labeler's job of a queue: the one that is held and not finished, or a
 * new one. *image_id is set to its id, 0: nothing is left. */
LABEL_API enum label_err label_queue_get_next(struct label_api *api, int64_t job_id,
                                              int64_t *image_id, struct label_error *error);

/* Say that one is still at work on an image, or give it back behind the others. */
LABEL_API enum label_err label_queue_heartbeat(struct label_api *api, int64_t job_id,
                                               int64_t image_id, struct label_error *error);
LABEL_API enum label_err label_queue_skip(struct label_api *api, int64_t job_id, int64_t image_id,
                                          struct label_error *error);

#ifdef __cplusplus
}
#endif

#endif
