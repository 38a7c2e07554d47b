/* Shared by the files of jobs only. */
#ifndef DOMAIN_JOB_INT_H
#define DOMAIN_JOB_INT_H

#include "domain/job.h"

/* Everything a set of new jobs has in common, read from the request before anything is written. */
struct job_plan {
    struct job job; /* template of each job */
    struct job_label *labels;
    size_t labels_len, labels_cap;
    int64_t *entity_ids; /* NULL = all */
    size_t entity_ids_len;
    struct id_rule tags, classes; /* on the images, of their objects */
};

/* Check everything and read it; the labelers are checked, too. */
enum err job__plan(struct call *c, const struct job_new *n, struct job_plan *p);

/* Ids of the labels of one kind that choose the entities, as the pick query takes them. */
enum err job__collect(struct call *c, const struct job_plan *p, enum job_label_kind kind,
                      struct id_rule *out);

/* The images of a dataset that the plan takes, by id. one_dataset: ids that are not of it are
 * wrong. */
enum err job__pick(struct call *c, const struct job_plan *p, int64_t dataset_id, bool one_dataset,
                   int64_t **ids, size_t *n);

/* One row of job with its labels, its images and its event. */
enum err job__insert(struct call *c, const struct job_plan *p, struct job *j, const int64_t *images,
                     size_t n);

/* An image leaves a job, or joins it with this review status; the counters follow. */
enum err job__entity_leaves(struct call *c, int64_t job_id, int64_t image_id);
enum err job__entity_joins(struct call *c, int64_t job_id, int64_t image_id, struct str status);

enum err job__member_check(struct call *c, int64_t user_id, const char *field);
bool job__known_status(struct str s);

/* Labelers and reviewer of new jobs: members of the team c->at, none twice. */
enum err job__users_check(struct call *c, const struct job_new *n);
enum err job__name_check(struct call *c, struct str name);

/* Move a job whoever asks; the rules of job_status.tbl have been checked, or do not apply. */
enum err job__move(struct call *c, struct job *j, struct str to);
/* The same for one image. */
enum err job__review(struct call *c, const struct job *j, int64_t image_id, struct str from,
                     struct str to);

#endif
