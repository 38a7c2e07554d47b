/* JSON out: append-only writer over a capped buffer. Commas are its business; errors are sticky in
 * the buffer. Stored JSON text is spliced in as it is. */
#ifndef JSON_JSON_WRITE_H
#define JSON_JSON_WRITE_H

#include "base/buf.h"

struct json_w {
    struct buf *out; /* borrowed */
    bool comma;      /* the next value needs a comma before it */
};

static inline struct json_w json_w_on(struct buf *out)
{
    return (struct json_w){.out = out};
}

/* Values. Inside an object each must follow a json_key. */
void json_obj(struct json_w *w);
void json_obj_end(struct json_w *w);
void json_arr(struct json_w *w);
void json_arr_end(struct json_w *w);
void json_i64(struct json_w *w, int64_t v);
void json_real(struct json_w *w,
               double v); /* shortest form that reads back equal; not finite: null */
void json_bool(struct json_w *w, bool v);
void json_null(struct json_w *w);
void json_str(struct json_w *w, struct str s); /* must be UTF-8; absent (.p == NULL) writes null */
void json_raw(struct json_w *w, struct str json); /* well-formed JSON; absent writes null */
void json_iso(struct json_w *w, int64_t ms);      /* time stamp as the API writes it */

/* The members of a stored object (its text), as members of the one being written. */
void json_splice(struct json_w *w, struct str object);

/* Name of the next member. name must need no escaping: these are our own field names. */
void json_key(struct json_w *w, const char *name);

/* The same for names that people chose. */
void json_key_str(struct json_w *w, struct str name);

/* Members in one call. */
void json_kv_i64(struct json_w *w, const char *name, int64_t v);
void json_kv_id(struct json_w *w, const char *name, int64_t v); /* 0 writes null */
void json_kv_real(struct json_w *w, const char *name, double v);
void json_kv_bool(struct json_w *w, const char *name, bool v);
void json_kv_null(struct json_w *w, const char *name);
void json_kv_str(struct json_w *w, const char *name, struct str s);
void json_kv_lit(struct json_w *w, const char *name, const char *z);
void json_kv_raw(struct json_w *w, const char *name, struct str json);
void json_kv_iso(struct json_w *w, const char *name, int64_t ms); /* 0 writes null */
void json_kv_obj(struct json_w *w, const char *name);
void json_kv_arr(struct json_w *w, const char *name);

#endif
