/* Shared by the files of jobs only. */
#ifndef DOMAIN_JOB_INT_H
#define DOMAIN_JOB_INT_H

#include "domain/job.h"

/* Labelers and reviewer of new jobs: members of the team c->at, none twice. */
enum err job__users_check(struct call *c, const struct job_new *n);
enum err job__name_check(struct call *c, struct str name);

/* Move a job whoever asks; the rules of job_status.tbl have been checked, or do not apply. */
enum err job__move(struct call *c, struct job *j, struct str to);
/* The same for one image. */
enum err job__review(struct call *c, const struct job *j, int64_t image_id, struct str from,
                     struct str to);

#endif
