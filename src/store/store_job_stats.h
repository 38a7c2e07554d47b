/* Statistics of one job. */
#ifndef STORE_STORE_JOB_STATS_H
#define STORE_STORE_JOB_STATS_H

#include "store/statements.h"

struct job_class_stat {
    int64_t class_id;
    struct str name, color, shape;
    int64_t figures, images;
    int64_t editing_ms;
};

/* A tag, or one value of it when value is there. */
struct job_tag_stat {
    int64_t tag_id;
    struct str name, color;
    struct str value; /* JSON scalar */
    int64_t images, figures;
};

struct job_image_stat {
    int64_t id;
    struct str name, status;
    int64_t figures, tool_ms, editing_ms;
};

/* By name; arrays live in the arena. */
enum err store_job_class_stats(struct db *db, int64_t job_id, struct job_class_stat **out,
                               size_t *len_out);
/* of_figures: tags of objects; otherwise of images. By name, id, value. */
enum err store_job_tag_stats(struct db *db, int64_t job_id, bool of_figures,
                             struct job_tag_stat **out, size_t *len_out);
enum err store_job_image_stats(struct db *db, int64_t job_id, struct job_image_stat **out,
                               size_t *len_out);
enum err store_job_times(struct db *db, int64_t job_id, int64_t *tool_ms, int64_t *editing_ms);

/* A tool reports time: of drawing an object of a class (0: none) and of having the image open. */
enum err store_job_time_add(struct db *db, int64_t job_id, int64_t image_id, int64_t class_id,
                            int64_t editing_ms, int64_t tool_ms);

#endif
