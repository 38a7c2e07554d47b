/* Shared by the files of queues only. */
#ifndef DOMAIN_QUEUE_INT_H
#define DOMAIN_QUEUE_INT_H

#include "domain/job_int.h"
#include "domain/queue.h"

/* Something happened to the queue. */
enum err queue__event(struct call *c, const struct queue *q, const char *action);

/* Write the image with another review status; the counters of its queue follow. */
enum err queue__entity_move(struct call *c, struct queue_entity *e, struct str to);

/* Put images into the pool; the counters follow. */
enum err queue__fill(struct call *c, int64_t queue_id, const int64_t *images, size_t n);

/* Make the pool what its collection holds. */
enum err queue__follow_collection(struct call *c, const struct queue *q);

/* Complete the queue and its jobs when nothing is left to do. */
enum err queue__end(struct call *c, int64_t id);

#endif
