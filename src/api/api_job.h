/* What the files of the jobs' methods share. */
#ifndef API_API_JOB_H
#define API_API_JOB_H

#include "api/rq.h"
#include "domain/job.h"

/* Answer new jobs: [{id, userId, type, name}]. */
enum err rq_put_created(struct rq *rq, const struct job_created *jobs, size_t len);

#endif
