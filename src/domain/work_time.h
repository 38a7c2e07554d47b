/* Time that people spend on images, as their tools report it. */
#ifndef DOMAIN_WORK_TIME_H
#define DOMAIN_WORK_TIME_H

#include "domain/call.h"

/* Longer than that without a report is a pause, not work. */
#define WORK_IDLE_S 300

struct work_time {
    int64_t project_id, dataset_id, image_id;
    int64_t class_id, figure_id; /* of what is drawn; 0 = only looking at the image */
    int64_t job_id;              /* 0 = outside of jobs */
    int64_t seconds;             /* of which WORK_IDLE_S count at most */
};

/* Add it to the image in its job and to the event log ("annotation_duration" with its seconds, and
 * "review" for who is not the job's labeler). In a queue it is a sign of life, too. */
enum err work_report(struct call *c, const struct work_time *t);

#endif
