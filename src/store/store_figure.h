/* Objects drawn on images, and what they were before. */
#ifndef STORE_STORE_FIGURE_H
#define STORE_STORE_FIGURE_H

#include "store/statements.h"

struct figure {
    int64_t id, image_id, dataset_id, project_id, class_id;
    struct str class_name;
    struct str type; /* geometry type */
    int64_t pos;     /* order in the annotation */
    bool has_priority;
    int64_t priority;
    bool placed;                      /* area and box are known */
    double area;                      /* pixels */
    int64_t left, top, right, bottom; /* whole pixels */
    struct str description;
    bool nn_created, nn_updated; /* made, changed by a model */
    struct str created_by;       /* login; absent when nobody is recorded */
    int64_t created_at, updated_at;
    int64_t added_at; /* of a new one: when it really came, whatever created_at shows */
    struct str custom_data, meta, more; /* JSON objects */
    struct str geometry;                /* JSON object, bytes as they were sent */
};

/* Rows of a running query. The strings are views: good until its next step. */
void store_figure_view(struct db_query *q, struct figure *out);
/* The same with copies in the arena of the connection. */
void store_figure_read(struct db_query *q, struct figure *out);

/* In all reads `by` is an account whose figures alone are meant (tags_by: whose tags), 0 =
 * everybody's.
 *
 * Start reading the figures of some images (JSON array of ids), and their tags (store_tag.h): both
 * ordered by image, position, figure. End them with db_end. */
struct db_query *store_figures_open(struct db *db, struct str image_ids, int64_t by);
struct db_query *store_figure_tags_open(struct db *db, struct str image_ids, int64_t by,
                                        int64_t tags_by);

enum err store_figure_get(struct db *db, int64_t id, struct figure *out);
/* The image a figure is on and who made it, removed or not. */
enum err store_figure_place(struct db *db, int64_t id, int64_t *image_id_out, int64_t *author_out);
/* Those of the ids that exist, ordered by id; `removed`: those that were removed instead. */
struct figure_pick {
    const int64_t *ids;
    size_t n;
    bool removed;
    int64_t by; /* 0 = anybody's */
};
enum err store_figures(struct db *db, const struct figure_pick *pick, struct figure **out,
                       size_t *len_out);
enum err store_figures_of_image(struct db *db, int64_t image_id, int64_t by, struct figure **out,
                                size_t *len_out);
/* Position behind the last figure of an image. */
enum err store_figure_pos_next(struct db *db, int64_t image_id, int64_t *out);

/* Write f (class_name and created_by are not written); fills f->id. 0 for nobody, no job. */
enum err store_figure_insert(struct db *db, struct figure *f, int64_t created_by_id,
                             int64_t job_id);
/* Keep what the figure is now as a version: before it is changed. */
enum err store_figure_keep(struct db *db, int64_t id, const char *action, int64_t user_id,
                           int64_t job_id, int64_t now_ms);
enum err store_figure_update(struct db *db, const struct figure *f, int64_t now_ms);
enum err store_figure_set_pos(struct db *db, int64_t id, int64_t pos);
enum err store_figure_set_removed(struct db *db, int64_t id, bool removed, int64_t now_ms);

#endif
