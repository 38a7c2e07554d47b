/* Collections of images. */
#ifndef STORE_STORE_COLLECTION_H
#define STORE_STORE_COLLECTION_H

#include "store/store_image.h"

struct collection {
    int64_t id, project_id, team_id;
    struct str name, description;
    struct str type; /* "default", "aiSearch" */
    struct str meta; /* JSON object */
    int64_t created_at, updated_at;
};

/* An image in a collection. */
struct collection_item {
    int64_t id, image_id, created_at;
    double score; /* NAN: none */
};

/* Current row of LIST_COLLECTIONS. */
void store_collection_read(struct db_query *q, struct collection *out);

enum err store_collection_get(struct db *db, int64_t id, struct collection *out);

/* Fills c->id. ERR_CONFLICT: the project has one of this name. */
enum err store_collection_insert(struct db *db, struct collection *c, int64_t created_by_id,
                                 int64_t now_ms);

/* Absent texts stay as they are. ERR_CONFLICT as above. */
enum err store_collection_update(struct db *db, int64_t id, struct str name, struct str description,
                                 int64_t now_ms);
enum err store_collection_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out);

/* Forget what is in it. */
enum err store_collection_empty(struct db *db, int64_t id);

/* Which of these are live images of the project; ascending. */
enum err store_images_of_project(struct db *db, int64_t project_id, const int64_t *ids, size_t n,
                                 int64_t **out, size_t *len_out);

/* Put item->image_id into a collection; when it is there already, only a given score changes. Fills
 * id and created_at. */
enum err store_collection_put(struct db *db, int64_t id, struct collection_item *item,
                              int64_t created_by_id, int64_t now_ms);

/* Those of the images that are in the collection, by image; and take them out. */
enum err store_collection_items(struct db *db, int64_t id, const int64_t *image_ids, size_t n,
                                struct collection_item **out, size_t *len_out);
enum err store_collection_items_remove(struct db *db, int64_t id, const int64_t *image_ids,
                                       size_t n);

/* Set scored and score of the images that have one in the collection. */
enum err store_collection_score(struct db *db, int64_t id, struct image *images, size_t n);

#endif
