/* Images that are ranges of a file of their team, and the files behind them. */
#ifndef STORE_STORE_RANGE_H
#define STORE_STORE_RANGE_H

#include "store/store_image.h"

/* The file as images know it, which outlives the file of the team: its id. */
enum err store_source_put(struct db *db, int64_t team_id, struct str hash, int64_t size,
                          int64_t now_ms, int64_t *id_out);

/* The image is this range: source_id, start and end of r. */
enum err store_image_range_insert(struct db *db, int64_t image_id, const struct image_range *r);

enum err store_image_range_delete(struct db *db, int64_t image_id);

/* Bytes within a file: of the blob `hash`, which has no file of its own. ERR_NOT_FOUND. */
struct blob_place {
    struct str hash; /* of the file */
    int64_t at, size;
};
enum err store_blob_place(struct db *db, struct str hash, struct blob_place *out);

/* All of a file that live images of the project are ranges of. ERR_NOT_FOUND. */
enum err store_source_of_project(struct db *db, int64_t project_id, struct str hash,
                                 struct blob_place *out);

#endif
