/* Labeling jobs: creating, changing status, reviewing, archiving, removing. */
#ifndef DOMAIN_JOB_H
#define DOMAIN_JOB_H

#include "domain/call.h"
#include "store/store_job.h"
#include "json/json_read.h"

struct job_new {
    struct str name, readme, description;
    const int64_t *user_ids; /* one job for each */
    size_t user_ids_len;
    const int64_t *more_dataset_ids; /* besides the dataset c->at */
    size_t more_dataset_ids_len;
    int64_t reviewer_id;                   /* 0 = nobody */
    int64_t src_job_id;                    /* the job it is a copy of; 0 = none */
    struct json_value *custom_data, *meta; /* objects or NULL */
};

struct job_created {
    int64_t id, user_id;
    struct str name;
};

/* Create jobs in the dataset c->at. Several labelers get equal, disjoint shares of the images and
 * " (#1)", " (#2)" behind the name. ERR_INVALID with "No images found" when a job would be empty.
 */
enum err job_create(struct call *c, const struct job_new *n, struct job_created **out,
                    size_t *len_out);

/* Move a job to another status (domain/job_status.tbl). c->at is the job. Repeating is fine. */
enum err job_set_status(struct call *c, int64_t id, struct str status);

/* Set the review status of one image of the job c->at, maybe with a comment. Repeating is fine. */
struct verdict_comment;
enum err job_set_entity_status(struct call *c, int64_t id, int64_t image_id, struct str status,
                               const struct verdict_comment *comment);

/* Is it the name of a review status? */
bool job_known_review(struct str status);

/* Send images of a job back for another round, in new jobs. Everything is checked before anything
 * is done. ERR_INVALID with "No images found" when none is to go back. */
struct job_restart {
    const int64_t *user_ids; /* a share for each */
    size_t user_ids_len;
    int64_t reviewer_id; /* 0 = nobody */
    struct str name;     /* absent = the old one with the number of the round */
    bool not_accepted;   /* all that are not accepted; otherwise the rejected ones */
    bool reject;         /* those are rejected in the old job */
    bool complete;       /* the old job is completed */
};
enum err job_restart(struct call *c, int64_t id, const struct job_restart *r,
                     struct job_created **out, size_t *len_out);

/* Reject all images, or those that have not been accepted or rejected; each with the comment. */
enum err job_reject(struct call *c, int64_t id, bool unmarked_only,
                    const struct verdict_comment *comment);

enum err job_set_priority(struct call *c, int64_t id, int64_t priority);

/* Archive or bring back; remove for good. Repeating is fine. */
enum err job_set_disabled(struct call *c, int64_t id, bool disabled);
enum err job_remove(struct call *c, int64_t id);

/* A removed image leaves every job that lists it; their counters follow. */
enum err job_forget_image(struct call *c, int64_t image_id);

/* Change what is given; the rest stays. */
struct job_change {
    struct json_value *custom_data, *meta; /* objects or NULL */
    int64_t user_id, reviewer_id;          /* 0 = stays */
};
enum err job_edit(struct call *c, int64_t id, const struct job_change *change);

#endif
