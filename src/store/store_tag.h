/* Tags that were put on images and figures. The kinds of tags of a project are in store_meta.h. */
#ifndef STORE_STORE_TAG_H
#define STORE_STORE_TAG_H

#include "store/statements.h"

/* A tag on a figure or on an image. */
struct tag {
    int64_t id;
    int64_t owner_id; /* the figure or the image */
    int64_t tag_id;
    struct str name;
    struct str value;      /* JSON scalar; absent for tags without a value */
    struct str created_by; /* login */
    int64_t created_at, updated_at;
    struct str custom_data; /* JSON object */
};

/* Row of a running query. The strings are views: good until its next step. */
void store_tag_view(struct db_query *q, struct tag *out);

/* What a tag is on: the same functions serve both. */
enum tag_owner { TAG_OF_IMAGE, TAG_OF_FIGURE };

/* Tags of all these images or figures, ordered by owner, then id; in the arena. */
struct tag_pick {
    enum tag_owner kind;
    const int64_t *owner_ids;
    size_t n;
    int64_t by; /* only those put there by this account; 0 = anybody */
};
enum err store_tags_of(struct db *db, const struct tag_pick *pick, struct tag **out,
                       size_t *len_out);

enum err store_tag_get(struct db *db, enum tag_owner kind, int64_t id, struct tag *out);
/* Fills t->id. */
enum err store_tag_put(struct db *db, enum tag_owner kind, struct tag *t, int64_t created_by_id,
                       int64_t now_ms);
enum err store_tag_set_value(struct db *db, enum tag_owner kind, int64_t id, struct str value,
                             int64_t now_ms);
enum err store_tag_set_custom(struct db *db, enum tag_owner kind, int64_t id, struct str custom,
                              int64_t now_ms);
enum err store_tag_delete(struct db *db, enum tag_owner kind, int64_t id);

#endif
