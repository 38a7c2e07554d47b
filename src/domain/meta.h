/* Definitions of a project: merging a ProjectMeta that a client sent. */
#ifndef DOMAIN_META_H
#define DOMAIN_META_H

#include "domain/call.h"
#include "store/store_meta.h"
#include "json/json_read.h"

/* All classes and tags of a project, ordered by name, with what ties tags to classes. */
struct meta {
    struct object_class *classes;
    struct tag_meta *tags;
    struct tag_class *tag_classes;
    size_t classes_len, tags_len, tag_classes_len;
};
enum err meta_load(struct db *db, int64_t project_id, struct meta *out);

/* A class or tag of the project by id, or by name where the id is 0 or of another project (which is
 * normal in copies). NULL: there is none. */
const struct object_class *meta_class(const struct meta *m, int64_t id, struct str name);
const struct tag_meta *meta_tag(const struct meta *m, int64_t id, struct str name);

/* May the tag be put on objects of this class? */
bool meta_tag_fits_class(const struct meta *m, int64_t tag_id, int64_t class_id);

/* Merge a ProjectMeta JSON object into the project c->at. An item is matched by id when the id is
 * of this project (another name then renames it), by name otherwise; ids of other projects are
 * normal in copies and ignored. Items that are not sent stay. Nothing changes when anything is
 * wrong. */
enum err meta_merge(struct call *c, struct json_value *meta);

/* Make a tag of the project c->at, or (id not 0) change one of it; v has the keys of a tag in a
 * ProjectMeta. Without an id its name must be new. *out: what it is now. */
enum err meta_tag_put(struct call *c, struct json_value *v, int64_t id, struct tag_meta *out);

/* Tags as the methods on single tags have them: title, and a settings object with other spellings
 * and ids of classes, as a tag of a ProjectMeta of the project c->at. Arena. */
enum err tag_settings_read(struct call *c, struct json_value *v, struct json_value **out);

/* New values of one class; absent ones stay. */
struct class_change {
    struct str name, shape, color, hotkey, description;
    struct json_value *settings;
};
enum err class_change(struct call *c, int64_t class_id, const struct class_change *change);

#endif
