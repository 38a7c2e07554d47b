/* Labeling jobs, what they are limited to, and their entities (images). */
#ifndef STORE_STORE_JOB_H
#define STORE_STORE_JOB_H

#include "store/statements.h"

enum job_label_kind {
    JOB_CLASS = 1,     /* classes the labeler may use */
    JOB_TAG = 2,       /* tags the labeler may use */
    JOB_IMAGE_TAG = 3, /* image tags that chose the entities */
    JOB_READ_ONLY_TAG = 4,
    JOB_IMAGE_CLASS = 5 /* classes of objects that chose the entities */
};

struct job_label {
    int64_t job_id;
    enum job_label_kind kind;
    int64_t ref_id;
    struct str name;
    bool positive; /* JOB_IMAGE_TAG, JOB_IMAGE_CLASS: the image must carry it */
};

struct job_entity {
    int64_t job_id, image_id;
    struct str name;
    struct str status; /* review status: none, done, accepted, rejected, quality_check_accepted */
};

struct job {
    int64_t id, team_id, project_id, dataset_id;
    struct str name, readme, description;
    int64_t created_by;
    int64_t user_id;     /* the labeler */
    int64_t reviewer_id; /* 0 = nobody named */
    struct str status;
    bool disabled;                                 /* archived */
    int64_t queue_id, exam_id, priority, guide_id; /* 0 = none */
    int64_t queue_kind; /* enum queue_user_kind, of a new one; 0 = not of a queue */
    int64_t images_count, done_count, accepted_count, rejected_count;
    int64_t figures_limit, tags_limit; /* per image; 0 = none */
    int64_t tags_min;                  /* before an image can be confirmed; 0 = none */
    bool own_figures, own_tags;        /* the labeler sees only what they made */
    int64_t range_start, range_end;    /* 1-based, inclusive; 0 = open */
    bool by_ids;                       /* the entities were named one by one */
    bool dynamic_classes, dynamic_tags, disable_confirm, disable_submit, intermediate_review,
        allow_restore;
    struct str custom_data; /* JSON object as it was sent */
    struct str meta_more;   /* JSON object: keys of meta that are only stored and echoed */
    int64_t created_at, updated_at;
    int64_t started_at, annotation_finished_at, review_finished_at, finished_at; /* 0 = not yet */
    int64_t rev;
    int64_t round;      /* 1, and one more with each restart */
    int64_t src_job_id; /* the round before; of round 1: what it is a copy of; 0 = none */
};

/* A job with all that jobs.info shows. Arrays belong to the arena of the connection. */
struct job_view {
    struct job job;
    int64_t workspace_id;
    struct str workspace_title, project_title, dataset_title;
    struct str manager_login, labeler_login, reviewer_login;
    struct job_label *labels;
    size_t labels_len;
    struct job_entity *entities; /* by name, descending */
    size_t entities_len;
};

enum err store_job_get(struct db *db, int64_t id, struct job *out);

/* Load views of the given jobs, ordered by id; removed ones are left out. Three queries however
 * many there are. with_entities false leaves the entities out. */
enum err store_jobs_load(struct db *db, const int64_t *ids, size_t n, bool with_entities,
                         struct job_view **out, size_t *len_out);

enum err store_job_set_priority(struct db *db, int64_t id, int64_t priority, int64_t now_ms);
/* Images of a job by id, with their review status; names are left out. */
enum err store_job_entities(struct db *db, int64_t id, struct job_entity **out, size_t *len_out);
/* What it is limited to; names are left out. */
enum err store_job_labels(struct db *db, int64_t id, struct job_label **out, size_t *len_out);

/* How many figures, or tags on the image and its figures, this account has made on an image. */
enum err store_figures_by(struct db *db, int64_t image_id, int64_t user_id, int64_t *out);
enum err store_tags_by(struct db *db, int64_t image_id, int64_t user_id, int64_t *out);
/* How many tags anybody has put on an image and its figures. */
enum err store_tags_on(struct db *db, int64_t image_id, int64_t *out);

/* Where an image is listed: job_id and status of the entities are filled. */
enum err store_jobs_of_image(struct db *db, int64_t image_id, struct job_entity **out,
                             size_t *len_out);
/* Take an image out of a job; images_count follows, the other counters do not. */
enum err store_job_entity_delete(struct db *db, int64_t job_id, int64_t image_id, int64_t now_ms);

/* Fills j->id. */
enum err store_job_insert(struct db *db, struct job *j, int64_t now_ms);
enum err store_job_label_insert(struct db *db, const struct job_label *l, int64_t pos);
enum err store_job_entity_insert(struct db *db, int64_t job_id, int64_t image_id);

/* Which images of a dataset a new job may take, by id. */
struct id_rule { /* all of these, none of those */
    const int64_t *with, *without;
    size_t with_len, without_len;
};
struct job_pick {
    int64_t dataset_id;
    struct id_rule tags;    /* of the image */
    struct id_rule classes; /* of the objects on it */
    const int64_t *ids;     /* NULL = any */
    size_t ids_len;
};
enum err store_job_pick(struct db *db, const struct job_pick *pick, int64_t **out, size_t *len_out);
/* How many of pick->ids are live images of the dataset. */
enum err store_job_count_ids(struct db *db, const struct job_pick *pick, int64_t *count_out);

/* Write status and the time stamps of *j. */
enum err store_job_set_status(struct db *db, const struct job *j, int64_t now_ms);
enum err store_job_set_disabled(struct db *db, int64_t id, bool disabled, int64_t now_ms,
                                bool *changed_out);
enum err store_job_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out);

/* New values; absent or 0 or -1 (flags) stay. */
struct job_edit {
    struct str custom_data, meta_more;
    int64_t user_id, reviewer_id;
    int disable_confirm, disable_submit, intermediate_review; /* 0, 1, or -1 */
};
enum err store_job_edit(struct db *db, int64_t id, const struct job_edit *edit, int64_t now_ms);

/* ERR_NOT_FOUND: the image is not in the job. */
enum err store_job_entity_status(struct db *db, int64_t job_id, int64_t image_id,
                                 struct str *status_out);
enum err store_job_entity_set(struct db *db, int64_t job_id, int64_t image_id, struct str status,
                              int64_t now_ms);
/* Move the job's counters. */
enum err store_job_count_add(struct db *db, int64_t id, int64_t done, int64_t accepted,
                             int64_t rejected, int64_t now_ms);

/* The removed job that was last of j's name in its dataset, made by that account (0: by anybody).
 * ERR_NOT_FOUND. */
enum err store_job_removed_named(struct db *db, const struct job *j, int64_t created_by,
                                 int64_t *id_out);
/* Make it one again, with the labeler and the reviewer of j. */
enum err store_job_bring_back(struct db *db, const struct job *j, int64_t now_ms);

/* Is this a job that the caller could see before it was removed? */
struct caller;
enum err store_job_was_removed(struct db *db, int64_t id, const struct caller *who, bool *out);

#endif
