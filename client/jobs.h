/* What jobs and queues share. */
#ifndef CLIENT_JOBS_H
#define CLIENT_JOBS_H

#include "client.h"

#include <string.h>

/* The body of jobs.add without the reviewer, which is also most of labeling-queues.add. NULL: text
 * that is no UTF-8. */
json_t *lb_job_body(const struct label_job_options *options);

/* The status in an object as a result; consumes it. */
char *lb_status_of(struct lb_op *op, json_t *object);

#endif
