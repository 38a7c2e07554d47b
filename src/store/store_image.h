/* Images and the blobs behind them. */
#ifndef STORE_STORE_IMAGE_H
#define STORE_STORE_IMAGE_H

#include "store/statements.h"

struct image {
    int64_t id, project_id, dataset_id;
    struct str name, description;
    struct str hash; /* base64 SHA-256 of the bytes; absent for a remote image */
    struct str link; /* where a remote image lives */
    struct str mime;
    int64_t size;          /* bytes */
    int64_t width, height; /* pixels, as the file is shown (EXIF orientation applied) */
    int64_t labels_count;
    struct str meta;       /* JSON object */
    struct str created_by; /* login; absent when nobody is recorded */
    int64_t created_at, updated_at;
};

struct image_tag {
    int64_t id, image_id, tag_id;
    struct str name;
    struct str value;      /* JSON scalar; absent for tags without a value */
    struct str created_by; /* login */
    int64_t created_at, updated_at;
};

void store_image_read(struct db_query *q, struct image *out);

enum err store_image_get(struct db *db, int64_t id, struct image *out);
/* Fills i->id; created_by_id 0 = nobody. Does not touch counters (store_images_counted).
 * ERR_CONFLICT: the name is taken in the dataset. */
enum err store_image_insert(struct db *db, struct image *i, int64_t created_by_id, int64_t now_ms);
/* Tags of all these images in one query, ordered by image id, then tag id. */
enum err store_image_tags(struct db *db, const int64_t *image_ids, size_t n, struct image_tag **out,
                          size_t *len_out);

/* Record that the content of an image (its hash, size, mime, width, height) is stored. Known
 * already: nothing changes. */
enum err store_blob_insert(struct db *db, const struct image *i, int64_t now_ms);

#endif
