/* Geometries of image objects: checked, measured, and otherwise kept as the client sent them. */
#ifndef DOMAIN_GEOMETRY_H
#define DOMAIN_GEOMETRY_H

#include "domain/call.h"
#include "json/json_read.h"
#include "json/json_write.h"

#define GEOMETRY_KEYS_MAX 6
#define COORDINATE_MAX    1e7 /* pixels */

struct geometry_reader;

struct geometry_type {
    const char *name;
    enum err (*read)(struct call *c, struct geometry_reader *r);
    const char *keys[GEOMETRY_KEYS_MAX + 1]; /* NULL-terminated */
};

/* A geometry of one object. */
struct geometry {
    const struct geometry_type *type;
    struct str text; /* JSON object with the keys of its type only, values as they were sent */
    bool placed;     /* the box and the area are known; an alpha mask gets them later */
    double left, top, right, bottom; /* pixels, sub-pixel */
    double area;                     /* pixels */
};

/* Type by its wire name; NULL: there is none. */
const struct geometry_type *geometry_type(struct str name);

/* Read the geometry of this type from the keys of `object`. ERR_INVALID names the key. An alpha
 * mask may come without its bitmap: then text is "{}" and placed is false. */
enum err geometry_read(struct call *c, const struct geometry_type *type, struct json_value *object,
                       struct geometry *out);

/* The members of a stored geometry as members of the object being written, with coordinates rounded
 * down to whole pixels; angles and other keys that are no pixels stay as they are. */
void geometry_splice_integers(struct json_w *w, struct str text);

/* Is the key one of this type's? */
bool geometry_has_key(const struct geometry_type *type, struct str key);

#endif
