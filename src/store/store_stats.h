/* Counts over a project, made when they are asked for. */
#ifndef STORE_STORE_STATS_H
#define STORE_STORE_STATS_H

#include "store/statements.h"

enum usage_of { USAGE_OF_CLASSES, USAGE_OF_IMAGE_TAGS, USAGE_OF_FIGURE_TAGS, USAGE__MAX };

/* One class or tag in one dataset. */
struct usage {
    int64_t id, dataset_id;
    int64_t count;  /* objects of the class, tags of the kind */
    int64_t images; /* with at least one; classes only */
};

/* Ordered by id, then dataset; in the arena. */
enum err store_usage(struct db *db, enum usage_of what, int64_t project_id, struct usage **out,
                     size_t *len_out);

/* Images of the project with any object. */
enum err store_images_marked(struct db *db, int64_t project_id, int64_t *out);

#endif
