/* Counts that statistics of jobs show, kept in the transaction of the change so that reading them
 * costs the same however large a job is. sign: 1 when something has come, -1 when it is about to
 * go. Called by the functions of the store that change what is counted. */
#ifndef STORE_STORE_JOB_COUNT_H
#define STORE_STORE_JOB_COUNT_H

#include "store/store_tag.h"

/* A figure that is there, by class and with its tags; `tags` false: only its class. */
enum err store__count_figure(struct db *db, int64_t figure_id, bool tags, int sign);
enum err store__count_tag(struct db *db, enum tag_owner kind, int64_t tag_row, int sign);
/* Everything on an image, for one job. */
enum err store__count_entity(struct db *db, int64_t job_id, int64_t image_id, int sign);
/* Everything on the images of a new job. */
enum err store_job_count_all(struct db *db, int64_t job_id);

#endif
