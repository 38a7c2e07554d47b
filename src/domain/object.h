/* Objects and tags of annotations as requests carry them. Reading them needs no database, so it
 * happens before the transaction. */
#ifndef DOMAIN_OBJECT_H
#define DOMAIN_OBJECT_H

#include "domain/geometry.h"

#define TAGS_PER_OWNER_MAX 1000
#define MORE_MAX           (64u << 10) /* bytes of custom data, meta, and keys we only store */
#define BIG_DATA_MAX       (8u << 20)  /* bytes of customBigData */

/* A tag of a request. One of id and name says which. */
struct tag_in {
    int64_t tag_id;           /* 0 = not given */
    int64_t owner_id;         /* figureId or entityId of bulk calls; 0 = not given */
    struct str name;          /* absent = not given */
    struct json_value *value; /* NULL = none */
    struct str custom_data;   /* JSON object */
};

struct object_in {
    int64_t id;       /* of a figure that is there already, maybe; 0 = new */
    int64_t image_id; /* entityId of bulk calls; 0 = not given */
    int64_t class_id; /* 0 = not given */
    struct str class_title;
    struct geometry geometry;
    struct str description;
    struct str custom_data, meta, more; /* JSON objects */
    bool has_priority;
    int64_t priority;
    bool nn_created, nn_updated;
    int64_t created_at, updated_at; /* of a copy that keeps its times; 0 = now */
    struct tag_in *tags;
    size_t tags_len;
};

/* Read one object of an annotation, or one figure of figures.bulk.add: the geometry's keys stand
 * beside the others or in "geometry", which wins. */
enum err object_read(struct call *c, struct json_value *v, struct object_in *out);

/* Read a list of tags; NULL or null is the empty list. field is for messages. */
enum err tags_read(struct call *c, struct json_value *list, const char *field, struct tag_in **out,
                   size_t *len_out);

/* An annotation of one image. */
struct annotation_in {
    int64_t image_id;
    struct str description;
    struct str big_data; /* JSON object; absent = stays */
    struct tag_in *tags;
    size_t tags_len;
    struct object_in *objects;
    size_t objects_len;
};

/* Read {imageId, annotation: {objects, tags, description, customBigData}}. */
enum err annotation_read(struct call *c, struct json_value *item, struct annotation_in *out);

#endif
