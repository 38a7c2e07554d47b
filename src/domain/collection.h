/* Rules of collections of images. c->at is the project, checked by the caller. */
#ifndef DOMAIN_COLLECTION_H
#define DOMAIN_COLLECTION_H

#include "domain/call.h"
#include "store/store_collection.h"
#include "json/json_read.h"

struct collection_new {
    struct str name, description, type; /* absent type: "default" */
    struct json_value *meta;            /* of an aiSearch one: aiSearchKey */
};
enum err collection_create(struct call *c, const struct collection_new *n, int64_t *id_out);

/* Absent texts stay. */
enum err collection_edit(struct call *c, int64_t id, struct str name, struct str description);

/* hard: what was in it is forgotten, too. */
enum err collection_remove(struct call *c, int64_t id, bool hard);

/* What a change of the content did, in the order of the request; in the arena. */
struct collection_result {
    int64_t *missing;
    size_t missing_len;
    struct collection_item *items;
    size_t items_len;
};

/* Put images in. Those that the project does not have come back as missing; the others are in. */
enum err collection_add(struct call *c, int64_t id, const struct collection_item *items, size_t n,
                        struct collection_result *out);

/* Take images out. Those that are not in it come back as missing. */
enum err collection_take(struct call *c, int64_t id, const int64_t *image_ids, size_t n,
                         struct collection_result *out);

#endif
