/* JSON in. simdjson checks the whole text once, strictly; after that values are slices of the text
 * that are opened only when somebody looks inside. So a stored geometry is never re-encoded, and a
 * big array that nobody reads costs nothing. */
#ifndef JSON_JSON_READ_H
#define JSON_JSON_READ_H

#include "base/arena.h"

/* Readable bytes that must follow the text (their content does not matter). */
#define JSON_PADDING 64

/* Deepest nesting accepted. */
#define JSON_DEPTH_MAX 64

enum json_type { JSON_NULL, JSON_BOOL, JSON_INT, JSON_REAL, JSON_STR, JSON_ARR, JSON_OBJ };

struct json_value {
    enum json_type type;
    bool opened;    /* children of a container have been read */
    struct str raw; /* the value as it was sent; borrowed from the text */
    struct str key; /* its name when it is a member of an object; not NUL-terminated */
    union {
        bool b;                   /* JSON_BOOL */
        int64_t i;                /* JSON_INT: fits int64 */
        double d;                 /* JSON_REAL, and integers beyond int64 */
        struct str s;             /* JSON_STR: unescaped, NUL-terminated, arena */
        struct json_value *first; /* JSON_ARR, JSON_OBJ: first child once opened */
    };
    struct json_value *next; /* next sibling */
};

/* Check text and return its root, allocated in a. NULL: *error_out says why (static text).
 * Refused: anything RFC 8259 forbids, invalid UTF-8, nesting deeper than JSON_DEPTH_MAX,
 * numbers that no int64, uint64 or double can hold. text must outlive the values. */
struct json_value *json_parse(struct arena *a, struct str text, const char **error_out);

/* The same for text that is known to be good, such as what we stored: no padding needed, it is
 * copied. NULL when the arena is full or the text is bad after all. */
struct json_value *json_parse_copy(struct arena *a, struct str text);

/* First child of an array or object (NULL: empty, or a scalar, or v is NULL); follow ->next. */
struct json_value *json_first(struct arena *a, struct json_value *v);

/* Number of children. */
size_t json_count(struct arena *a, struct json_value *v);

/* Member of an object by name; of duplicate names the last counts. NULL when absent, when v is no
 * object, or NULL. */
struct json_value *json_get(struct arena *a, struct json_value *v, const char *name);
struct json_value *json_get_str(struct arena *a, struct json_value *v, struct str name);

/* The type as people call it: "null", "boolean", "number", "string", "array", "object". */
const char *json_type_name(enum json_type type);

#endif
