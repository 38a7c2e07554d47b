/* Labeling queues, who works in them, and their images. */
#ifndef STORE_STORE_QUEUE_H
#define STORE_STORE_QUEUE_H

#include "store/store_access.h"
#include "store/store_job.h"

enum queue_user_kind { QUEUE_LABELER = 1, QUEUE_REVIEWER = 2, QUEUE_CHECKER = 3 };

struct queue {
    int64_t id, team_id, project_id;
    int64_t dataset_id;    /* of its jobs */
    int64_t collection_id; /* 0: it is made of the dataset */
    struct str name, readme, description;
    int64_t created_by;
    struct str status;
    bool disabled, own_reviews, keep_open, wants_check;
    int64_t lease_ms;
    struct str meta; /* JSON object as it was sent */
    int64_t entities_count, pending_count, in_progress_count, done_count, accepted_count;
    int64_t checked_count;
    int64_t created_at, updated_at, finished_at; /* ms; 0 = not yet */
};

struct queue_user {
    int64_t queue_id, user_id, job_id;
    enum queue_user_kind kind;
};

struct queue_entity {
    int64_t queue_id, image_id;
    struct str status; /* absent = in the pool */
    int64_t job_id, review_job_id, check_job_id;
    int64_t held_by;     /* the one of these that has to do it now; 0 = none */
    int64_t lease_until; /* ms; 0 = none */
    int64_t reviewed_at; /* ms; 0 = no verdict */
};

/* How many more: in all, in the pool, in progress, done, accepted, checked. */
#define QUEUE_PLACES 5
struct queue_moves {
    int64_t all, at[QUEUE_PLACES];
};

void store_queue_read(struct db_query *q, struct queue *out);

enum err store_queue_get(struct db *db, int64_t id, struct queue *out);
/* Fills q->id; counters as they are in *q. */
enum err store_queue_insert(struct db *db, struct queue *q, int64_t now_ms);
enum err store_queue_set_status(struct db *db, int64_t id, struct str status, int64_t finished_at,
                                int64_t now_ms);
enum err store_queue_set_disabled(struct db *db, int64_t id, bool disabled, int64_t now_ms,
                                  bool *changed_out);
enum err store_queue_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out);
/* Is it a removed queue that the caller may name again? */
enum err store_queue_was_removed(struct db *db, int64_t id, const struct caller *who, bool *out);

/* Who works in these queues, ordered by queue, kind, user. */
enum err store_queue_users(struct db *db, const int64_t *ids, size_t n, struct queue_user **out,
                           size_t *len_out);
/* Where somebody works, ordered by queue: in queues of the team, 0 = of all teams. */
enum err store_queues_of_user(struct db *db, int64_t user_id, int64_t team_id,
                              struct queue_user **out, size_t *len_out);
enum err store_queue_user_insert(struct db *db, const struct queue_user *u);
/* The place in the queue goes to somebody else, or away. */
enum err store_queue_user_set(struct db *db, int64_t job_id, int64_t user_id);
enum err store_queue_user_delete(struct db *db, int64_t job_id);
/* Whose job is it in its queue? ERR_NOT_FOUND: it is no job of a queue. */
enum err store_queue_user_of_job(struct db *db, int64_t job_id, struct queue_user *out);
/* Has this user ever worked in the queue as this kind? u->job_id is not looked at. */
enum err store_queue_user_was(struct db *db, const struct queue_user *u, bool *out);
/* The first job of a queue, removed or not: 0 = it never had one. */
enum err store_queue_first_job(struct db *db, int64_t queue_id, int64_t *out);
/* Its reviewer has left. */
enum err store_job_no_reviewer(struct db *db, int64_t job_id, int64_t now_ms);

enum err store_queue_entity_insert(struct db *db, int64_t queue_id, int64_t image_id);
enum err store_queue_entity_get(struct db *db, int64_t queue_id, int64_t image_id,
                                struct queue_entity *out);
/* Write everything but skips. */
enum err store_queue_entity_put(struct db *db, const struct queue_entity *e);
enum err store_queue_entity_skipped(struct db *db, int64_t queue_id, int64_t image_id);
enum err store_queue_entity_delete(struct db *db, int64_t queue_id, int64_t image_id);
enum err store_queue_count(struct db *db, int64_t id, const struct queue_moves *m, int64_t now_ms);
/* Queues that an image is in. */
enum err store_queues_of_image(struct db *db, int64_t image_id, struct queue_entity **out,
                               size_t *len_out);
/* Images of the queue that a job of it lists. */
enum err store_queue_of_job(struct db *db, int64_t queue_id, int64_t job_id,
                            struct queue_entity **out, size_t *len_out);

/* What this job has to do now. ERR_NOT_FOUND: nothing. */
enum err store_queue_held(struct db *db, int64_t job_id, struct queue_entity *out);
/* A rejected image of the labeler's job. ERR_NOT_FOUND: none. */
enum err store_queue_came_back(struct db *db, int64_t queue_id, int64_t job_id,
                               struct queue_entity *out);

/* The next one that nobody holds: of the pool, for a verdict, for the quality check; not one that
 * user `but_of` has labeled (or reviewed) themselves (0: that too). ERR_NOT_FOUND: none. */
enum err store_queue_next(struct db *db, int64_t queue_id, enum queue_user_kind kind,
                          int64_t but_of, struct queue_entity *out);
/* Images whose lease has ended; queue_id 0: of all queues, some at a time. */
enum err store_queue_expired(struct db *db, int64_t queue_id, int64_t now_ms,
                             struct queue_entity **out, size_t *len_out);

/* Queues that grow with the collection. */
enum err store_queues_of_collection(struct db *db, int64_t collection_id, struct queue **out,
                                    size_t *len_out);
/* Images of the queue's collection that it has not, by the rules of pick. */
enum err store_queue_missing(struct db *db, const struct queue *queue, const struct job_pick *pick,
                             int64_t **out, size_t *len_out);
/* Queues of collections that have images of a dataset or of one below it, and jobs that have these
 * images but do not go with the dataset. */
enum err store_queues_losing(struct db *db, int64_t dataset_id, int64_t **out, size_t *len_out);
enum err store_jobs_losing(struct db *db, int64_t dataset_id, int64_t **out, size_t *len_out);
/* They have them no more; the counters follow. */
enum err store_queue_lose(struct db *db, int64_t queue_id, int64_t dataset_id, int64_t now_ms);
enum err store_job_lose(struct db *db, int64_t job_id, int64_t dataset_id, int64_t now_ms);
/* Images in the pool that the collection has no more. */
enum err store_queue_surplus(struct db *db, int64_t queue_id, int64_t collection_id, int64_t **out,
                             size_t *len_out);
/* The dataset that jobs of a collection stand in; 0: the project has none. */
enum err store_collection_home(struct db *db, int64_t collection_id, int64_t project_id,
                               int64_t *out);

/* Put an image into a job that fills as its user pulls, with this review status. */
enum err store_job_entity_add(struct db *db, int64_t job_id, int64_t image_id, struct str status,
                              int64_t now_ms);

#endif
