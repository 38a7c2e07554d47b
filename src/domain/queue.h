/* Labeling queues: images are handed out one at a time, to labelers from a pool, to reviewers when
 * they are confirmed, to quality checkers when they are accepted. Whoever gets one holds it for the
 * time of a lease; what is rejected goes back to who labeled it. */
#ifndef DOMAIN_QUEUE_H
#define DOMAIN_QUEUE_H

#include "domain/job.h"
#include "store/store_queue.h"

/* Who is to work in a queue. */
struct queue_people {
    const int64_t *ids[QUEUE_CHECKER + 1]; /* by enum queue_user_kind */
    size_t len[QUEUE_CHECKER + 1];
};

struct queue_new {
    struct str name, readme, description;
    struct queue_people people;
    int64_t collection_id;         /* 0 = the dataset */
    struct json_value *meta;       /* as of jobs.add */
    struct json_value *queue_meta; /* reviewOwnAnnotationsAvailable,
                                      skipCompleteAnnotationJobOnEmpty, leaseSeconds */
};

/* In the dataset c->at, or (collection_id) of a collection of the project c->at: the queue, and an
 * empty job for each who works in it. */
enum err queue_create(struct call *c, const struct queue_new *n, int64_t *id_out);

/* More people; those who are there already are fine. */
enum err queue_add_users(struct call *c, int64_t id, const struct queue_people *people);

/* Fewer: what they hold goes back, what they have done stays and is reviewed as before; what of it
 * is rejected goes to the pool. Their jobs are stopped. Who has left already is fine. */
enum err queue_remove_users(struct call *c, int64_t id, const struct queue_people *people);

/* Who leaves the team (0: all teams, for the account is disabled) leaves its queues in the same
 * way. That is never refused: a queue that nobody is left in waits until somebody is added. */
enum err queue_forget_user(struct call *c, int64_t user_id, int64_t team_id);

/* Somebody else takes the place that the job is for. */
enum err queue_set_user(struct call *c, const struct job *j, int64_t user_id);

/* Completing it completes its jobs, opening a completed one opens them. */
enum err queue_set_status(struct call *c, int64_t id, struct str status);

/* With its jobs: archive or bring back; remove for good. Repeating is fine. */
enum err queue_set_disabled(struct call *c, int64_t id, bool disabled);
enum err queue_remove(struct call *c, int64_t id);

/* The image the caller has to do next: what their job holds and they have not finished, otherwise a
 * new one, otherwise one that came back; 0: nothing is left. So a lost answer costs nothing: asking
 * again gives the same. */
enum err queue_pull(struct call *c, int64_t job_id, int64_t *image_id_out);

/* The caller is still at work on it. */
enum err queue_heartbeat(struct call *c, int64_t job_id, int64_t image_id);

/* The same when it does hold it; otherwise nothing. */
enum err queue_sign_of_life(struct call *c, const struct job *j, int64_t image_id);

/* The caller will not do this one: it goes back, behind the others. */
enum err queue_skip(struct call *c, int64_t job_id, int64_t image_id);

/* Take from everybody what they hold beyond their lease. queue_id 0: in all queues. Nobody needs to
 * call it for what is pulled next; it keeps the counters of idle queues true. */
enum err queue_release_expired(struct call *c, int64_t queue_id);

/* The review status of an image has changed in a job of a queue: the queue follows. */
enum err queue_follow(struct call *c, const struct job *j, int64_t image_id, struct str to);

/* The content of a collection has changed: its queues grow and shrink, but for completed ones. What
 * somebody has begun stays. */
enum err queue_follow_collection(struct call *c, int64_t collection_id);

/* A removed image leaves every queue. */
enum err queue_forget_image(struct call *c, int64_t image_id);

/* A dataset is about to be archived with all below it: its images leave the queues of collections,
 * and jobs that stay. */
enum err queue_forget_dataset(struct call *c, int64_t dataset_id);

/* The job of a queue is removed: what was to be done in it is for others. */
enum err queue_forget_job(struct call *c, const struct job *j);

#endif
