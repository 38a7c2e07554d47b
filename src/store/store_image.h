/* Images and the blobs behind them. */
#ifndef STORE_STORE_IMAGE_H
#define STORE_STORE_IMAGE_H

#include "store/statements.h"
#include "store/store_access.h"

/* Where the bytes of an image are in a file of its team. */
struct image_range {
    int64_t source_id; /* the file, as images know it; 0: it is no range */
    int64_t team_id;   /* whose file it is */
    struct str hash;   /* of the file */
    int64_t start, end;
};

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
    int64_t parent_id;    /* 0 = none */
    int64_t embedded_at;  /* ms; 0 = never */
    int64_t annotated_at; /* ms; last change of the annotation, 0 = never */
    struct image_range range;
    bool scored;  /* in the collection it was looked for in: */
    double score; /* how well it fits */
};

void store_image_read(struct db_query *q, struct image *out);

enum err store_image_get(struct db *db, int64_t id, struct image *out);
/* Fills i->id; created_by_id 0 = nobody. Does not touch counters (store_images_counted).
 * ERR_CONFLICT: the name is taken in the dataset. */
enum err store_image_insert(struct db *db, struct image *i, int64_t created_by_id, int64_t now_ms);
/* Those of the ids that exist, ordered by id; in the arena. */
enum err store_images(struct db *db, const int64_t *ids, size_t n, struct image **out,
                      size_t *len_out);

/* The annotation of an image changed, by that many figures: its time and its counter. */
enum err store_image_annotated(struct db *db, int64_t id, int64_t more_figures, int64_t now_ms);
/* Texts of its annotation; absent ones stay. big_data: JSON object. */
enum err store_image_set_texts(struct db *db, int64_t id, struct str description,
                               struct str big_data);
/* customBigData of its annotation. */
enum err store_image_big_data(struct db *db, int64_t id, struct str *out);

/* In which datasets these images are; images_out: how many of them exist. */
enum err store_image_datasets(struct db *db, const int64_t *ids, size_t n, int64_t **datasets_out,
                              size_t *len_out, size_t *images_out);

/* name, description, meta, link and hash of i. ERR_CONFLICT: the name is taken in the dataset. */
enum err store_image_update(struct db *db, const struct image *i, int64_t now_ms);
/* With its figures. Does not touch counters. */
enum err store_image_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out);
enum err store_image_set_embedded(struct db *db, int64_t id, int64_t at_ms); /* 0 = never */

/* Was it removed, by somebody whose images the caller may edit? Removing it again is fine. */
enum err store_image_was_removed(struct db *db, int64_t id, const struct caller *who, bool *out);

struct image_name {
    int64_t id;
    struct str name;
};
/* Images of the dataset with one of these names. */
enum err store_images_named(struct db *db, int64_t dataset_id, const struct str *names, size_t n,
                            struct image_name **out, size_t *len_out);

/* Bytes that are here. */
struct blob_info {
    struct str hash, mime;
    int64_t size, width, height;
    int64_t source_id, start; /* it begins there in that file; 0: it has a file of its own */
};

/* Record that the content is stored and who has sent it (0 = nobody). Known already: its
 * time is new. */
enum err store_blob_insert(struct db *db, const struct blob_info *b, int64_t user_id,
                           int64_t now_ms);
/* By hash, for a caller who has sent the bytes or may see an image made of them. ERR_NOT_FOUND. */
enum err store_blob_for(struct db *db, struct str hash, const struct caller *who,
                        struct blob_info *out);
/* Is it recorded? */
enum err store_blob_known(struct db *db, struct str hash, bool *out);
/* Forget what was sent before that time and what no image, removed ones too, is made of; then files
 * that nothing is a range of. */
enum err store_blobs_forget(struct db *db, int64_t before_ms);

/* Set labels_count of images to the figures of one account on them. */
enum err store_images_count_by(struct db *db, struct image *images, size_t n, int64_t user_id);

#endif
