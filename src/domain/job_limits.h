/* What a labeler may do in a job: its classes, tags and numbers, for whoever works in it as its
 * labeler. Managers and reviewers are not limited. */
#ifndef DOMAIN_JOB_LIMITS_H
#define DOMAIN_JOB_LIMITS_H

#include "domain/meta.h"
#include "store/store_job.h"

struct job_limits {
    bool active; /* otherwise nothing below holds */
    struct job job;
    const struct job_label *labels;
    size_t labels_len;
};

/* Load those of a job for the caller. Sets *job_id to 0 when the job is none the caller may see, or
 * of another project: then it says nothing. */
enum err job_limits_load(struct call *c, int64_t *job_id, int64_t project_id,
                         struct job_limits *out);

/* May objects of this class, this tag, be made, changed, removed? */
bool job_limits_class(const struct job_limits *l, const struct object_class *class);
bool job_limits_tag(const struct job_limits *l, const struct tag_meta *tag);

/* Has the caller made more on the image than the job allows? ERR_INVALID names what. */
enum err job_limits_check(struct call *c, const struct job_limits *l, int64_t image_id);

#endif
