/* Labeling queues, who works in them, and their images. */
#ifndef STORE_STORE_QUEUE_H
#define STORE_STORE_QUEUE_H

#include "store/statements.h"

enum queue_user_kind { QUEUE_LABELER = 1, QUEUE_REVIEWER = 2 };

struct queue {
    int64_t id, team_id, project_id, dataset_id;
    struct str name;
    int64_t created_by;
    struct str status;
    bool disabled, own_reviews, keep_open;
    int64_t lease_ms;
    struct str meta; /* JSON object as it was sent */
    int64_t entities_count, pending_count, in_progress_count, done_count, accepted_count;
    int64_t created_at, updated_at, finished_at; /* ms; 0 = not yet */
};

struct queue_user {
    int64_t queue_id, user_id, job_id;
    enum queue_user_kind kind;
};

struct queue_entity {
    int64_t queue_id, image_id;
    struct str status; /* absent = in the pool */
    int64_t job_id, review_job_id;
    int64_t lease_until; /* ms; 0 = none */
};

void store_queue_read(struct db_query *q, struct queue *out);

enum err store_queue_get(struct db *db, int64_t id, struct queue *out);
/* Fills q->id; counters as they are in *q. */
enum err store_queue_insert(struct db *db, struct queue *q, int64_t now_ms);
enum err store_queue_set_status(struct db *db, int64_t id, struct str status, int64_t finished_at,
                                int64_t now_ms);

/* Who works in these queues, ordered by queue, kind, user. */
enum err store_queue_users(struct db *db, const int64_t *ids, size_t n, struct queue_user **out,
                           size_t *len_out);
enum err store_queue_user_insert(struct db *db, const struct queue_user *u);
/* Whose job is it in its queue? ERR_NOT_FOUND: it is no job of a queue. */
enum err store_queue_user_of_job(struct db *db, int64_t job_id, struct queue_user *out);

enum err store_queue_entity_insert(struct db *db, int64_t queue_id, int64_t image_id);
enum err store_queue_entity_get(struct db *db, int64_t queue_id, int64_t image_id,
                                struct queue_entity *out);
/* Write everything but skips; move the counters of the queue from one status to another. */
enum err store_queue_entity_put(struct db *db, const struct queue_entity *e);
enum err store_queue_entity_skipped(struct db *db, int64_t queue_id, int64_t image_id);
/* Queues that an image is in. */
enum err store_queues_of_image(struct db *db, int64_t image_id, struct queue_entity **out,
                               size_t *len_out);
/* One image less; entities_count follows, the other counters do not. */
enum err store_queue_entity_delete(struct db *db, int64_t queue_id, int64_t image_id);
enum err store_queue_count(struct db *db, int64_t id, const int64_t moves[4], int64_t now_ms);

/* The next image of the pool, or one that waits for a verdict of somebody who did not label it
 * (user_id 0: of anybody). ERR_NOT_FOUND: none. */
enum err store_queue_next(struct db *db, int64_t queue_id, struct queue_entity *out);
enum err store_queue_next_review(struct db *db, int64_t queue_id, int64_t user_id,
                                 struct queue_entity *out);
/* Images whose lease has ended. */
enum err store_queue_expired(struct db *db, int64_t queue_id, int64_t now_ms,
                             struct queue_entity **out, size_t *len_out);

/* Put an image into a job that fills as its user pulls, with this review status. */
enum err store_job_entity_add(struct db *db, int64_t job_id, int64_t image_id, struct str status,
                              int64_t now_ms);

#endif
