/* Labeling queues: images are handed out one at a time, to labelers from a pool, to reviewers when
 * they are confirmed; what is rejected goes back to who labeled it. */
#ifndef DOMAIN_QUEUE_H
#define DOMAIN_QUEUE_H

#include "domain/job.h"
#include "store/store_queue.h"

struct queue_new {
    struct str name, readme, description;
    const int64_t *labelers, *reviewers;
    size_t labelers_len, reviewers_len;
    struct json_value *meta;       /* as of jobs.add */
    struct json_value *queue_meta; /* reviewOwnAnnotationsAvailable,
                                      skipCompleteAnnotationJobOnEmpty, leaseSeconds */
};

/* In the dataset c->at: the queue, and an empty job for each labeler and reviewer. */
enum err queue_create(struct call *c, const struct queue_new *n, int64_t *id_out);

/* More people; those who are there already are fine. */
enum err queue_add_users(struct call *c, int64_t id, const int64_t *labelers, size_t labelers_len,
                         const int64_t *reviewers, size_t reviewers_len);

enum err queue_set_status(struct call *c, int64_t id, struct str status);

/* The image the caller has to do next: what their job holds and they have not finished, otherwise a
 * new one; 0: nothing is left. So a lost answer costs nothing: asking again gives the same. */
enum err queue_pull(struct call *c, int64_t job_id, int64_t *image_id_out);

/* The caller is still at work on it. */
enum err queue_heartbeat(struct call *c, int64_t job_id, int64_t image_id);

/* The caller will not do this one: it goes back, behind the others. */
enum err queue_skip(struct call *c, int64_t job_id, int64_t image_id);

/* The review status of an image has changed in a job of a queue: the queue follows. */
enum err queue_follow(struct call *c, const struct job *j, int64_t image_id, struct str to);

/* A removed image leaves every queue. */
enum err queue_forget_image(struct call *c, int64_t image_id);

#endif
