/* Copying datasets with all that is in them, and erasing what is in them: one statement for each
 * kind of row, however many rows there are. */
#ifndef STORE_STORE_CLONE_H
#define STORE_STORE_CLONE_H

#include "store/statements.h"

/* A dataset and the empty one, of another project, that becomes its copy. */
struct clone_pair {
    int64_t from, into, project_id; /* the project of the copy */
};

/* Images, without the bytes, which are shared. figures: they will be copied too, and count.
 * Counters of dataset and project follow. */
enum err store_clone_images(struct db *db, const struct clone_pair *p, bool figures,
                            int64_t created_by_id, int64_t now_ms);

/* After the images: what stands on them. Authors and times stay. Tags of figures come after the
 * figures; definitions are found by name in the project of the copy. */
enum err store_clone_image_tags(struct db *db, const struct clone_pair *p);
enum err store_clone_figures(struct db *db, const struct clone_pair *p);
enum err store_clone_figure_tags(struct db *db, const struct clone_pair *p);

/* After all images of the project: what belongs to an image of the source now belongs to its copy.
 */
enum err store_clone_has_parents(struct db *db, int64_t project_id, bool *out);
enum err store_clone_parents(struct db *db, const struct clone_pair *p);
enum err store_clone_parents_drop(struct db *db, int64_t project_id);

/* Where a project or dataset is, archived or not. ERR_NOT_FOUND. */
struct archived {
    int64_t team_id, workspace_id;
    int64_t at; /* ms; 0: it is not archived */
};
enum err store_project_archived(struct db *db, int64_t id, struct archived *out);
enum err store_dataset_archived(struct db *db, int64_t id, struct archived *out);

/* Ids of all datasets that a project ever had, or of one with all below it; in the arena. */
enum err store_datasets_ever(struct db *db, int64_t project_id, int64_t **out, size_t *len_out);
enum err store_datasets_ever_below(struct db *db, int64_t id, int64_t **out, size_t *len_out);

/* Forget what is in datasets, or what a project says about itself. Rows and their names stay. */
enum err store_datasets_erase(struct db *db, const int64_t *ids, size_t n, int64_t now_ms);
enum err store_project_erase(struct db *db, int64_t id);

#endif
