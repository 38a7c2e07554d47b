/* Definitions of a project: object classes and tag metas. */
#ifndef STORE_STORE_META_H
#define STORE_STORE_META_H

#include "store/statements.h"

struct object_class {
    int64_t id;
    struct str name, shape;
    struct str color;           /* "#RRGGBB" */
    struct str geometry_config; /* JSON as it was sent */
    struct str hotkey, description;
    struct str settings; /* JSON object */
    int64_t created_at, updated_at;
};

struct tag_meta {
    int64_t id;
    struct str name, value_type;
    struct str options; /* JSON array of strings; absent unless value_type is oneof_string */
    struct str color, hotkey, applicable_type, target_type;
    struct str more; /* JSON object: keys that are only stored and echoed */
    int64_t created_at, updated_at;
};

/* "tag may be put on class"; ordered by tag name, then class name. */
struct tag_class {
    int64_t tag_id, class_id;
    struct str class_name;
};

void store_class_read(struct db_query *q, struct object_class *out);
void store_tag_meta_read(struct db_query *q, struct tag_meta *out);

enum err store_class_get(struct db *db, int64_t id, struct object_class *out);
/* By name; arrays live in the arena of the connection. */
enum err store_classes(struct db *db, int64_t project_id, struct object_class **out,
                       size_t *len_out);
enum err store_tags(struct db *db, int64_t project_id, struct tag_meta **out, size_t *len_out);
enum err store_tag_classes(struct db *db, int64_t project_id, struct tag_class **out,
                           size_t *len_out);

/* Fills c->id / t->id. ERR_CONFLICT: the name is taken in the project. */
enum err store_class_insert(struct db *db, int64_t project_id, struct object_class *c,
                            int64_t now_ms);
enum err store_tag_insert(struct db *db, int64_t project_id, struct tag_meta *t, int64_t now_ms);

/* Write every column of c / t. ERR_CONFLICT: the new name is taken. */
enum err store_class_update(struct db *db, const struct object_class *c, int64_t now_ms);
enum err store_tag_update(struct db *db, const struct tag_meta *t, int64_t now_ms);

/* The tag may be put on these classes only; none = all. */
enum err store_tag_set_classes(struct db *db, int64_t tag_id, const int64_t *class_ids, size_t n);

/* The project of a class or a tag that is not removed. ERR_NOT_FOUND. */
enum err store_class_project(struct db *db, int64_t id, int64_t *project_id_out);
enum err store_tag_project(struct db *db, int64_t id, int64_t *project_id_out);

/* Ids of the figures of a class, in the arena. */
enum err store_class_figures(struct db *db, int64_t id, int64_t **out, size_t *len_out);
/* Has the class figures of another geometry than this? */
enum err store_class_has_other(struct db *db, int64_t id, struct str shape, bool *out);
enum err store_class_remove(struct db *db, int64_t id, int64_t now_ms);
/* A kind of tag, off every image and figure. */
enum err store_tag_remove(struct db *db, int64_t id, int64_t now_ms);

#endif
