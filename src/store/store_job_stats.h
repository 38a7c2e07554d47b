/* Statistics of a job, or of all that a queue is made of. */
#ifndef STORE_STORE_JOB_STATS_H
#define STORE_STORE_JOB_STATS_H

#include "store/statements.h"

struct stats_of {
    bool queue;
    int64_t id;     /* of the job, or of the queue */
    int64_t job_id; /* a job whose classes and tags are asked for: the same, or any of the queue */
};

struct class_stat {
    int64_t class_id;
    struct str name, color, shape;
    int64_t figures, images;
    int64_t editing_ms;
};

struct tag_stat {
    int64_t tag_id;
    struct str name, color;
    struct str options; /* JSON array of the values of a one-of tag; absent: it has none */
};

/* How often a tag is used, or (value is there) one value of a one-of tag. */
struct tag_count {
    int64_t tag_id;
    struct str value; /* JSON scalar */
    int64_t images, figures;
};

struct image_stat {
    int64_t id;
    struct str name, status;
    int64_t figures, tool_ms, editing_ms;
};

struct queue_user_stat {
    int64_t user_id, kind, job_id; /* enum queue_user_kind */
    struct str login;
    int64_t images, done, accepted, rejected, tool_ms;
};

/* All classes and tags that are to be used, by name; arrays live in the arena. */
enum err store_class_stats(struct db *db, const struct stats_of *of, struct class_stat **out,
                           size_t *len_out);
enum err store_tag_stats(struct db *db, const struct stats_of *of, struct tag_stat **out,
                         size_t *len_out);
/* Only what is used, in no order; images and figures of one tag may come in different elements. */
enum err store_tag_counts(struct db *db, const struct stats_of *of, struct tag_count **out,
                          size_t *len_out);
enum err store_image_stats(struct db *db, int64_t job_id, struct image_stat **out, size_t *len_out);
enum err store_stats_times(struct db *db, const struct stats_of *of, int64_t *tool_ms,
                           int64_t *editing_ms);
enum err store_queue_user_stats(struct db *db, int64_t queue_id, struct queue_user_stat **out,
                                size_t *len_out);

/* A tool reports time: of drawing an object of a class (0: none) and of having the image open. */
enum err store_job_time_add(struct db *db, int64_t job_id, int64_t image_id, int64_t class_id,
                            int64_t editing_ms, int64_t tool_ms);

#endif
