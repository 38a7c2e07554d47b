/* Objects that several methods answer with. */
#ifndef API_PUT_H
#define API_PUT_H

#include "api/rq.h"
#include "store/store_figure.h"
#include "store/store_image.h"
#include "store/store_tag.h"

/* A tag as it stands inside its image or figure. */
void put_tag(struct json_w *w, const struct tag *t, enum tag_owner kind);

void put_image(struct rq *rq, const struct image *i, const struct tag *tags, size_t tags_len);

/* Tags of these images or figures that the caller sees. */
enum err rq_tags(struct rq *rq, enum tag_owner kind, const struct ids *owners, struct tag **out,
                 size_t *len_out);

/* Where the tags of an owner start in an array ordered by owner; their number in *len_out. */
const struct tag *tags_of(const struct tag *tags, size_t n, int64_t owner_id, size_t *len_out);

/* Load figures that a call names: all are there or were removed, and the caller has any bit of need
 * on their images. Those that are already as the call wants them are left out. */
struct figures {
    struct figure *v; /* by id; arena */
    size_t n;
};
enum err rq_load_figures(struct rq *rq, const struct ids *ids, bool removed, unsigned need,
                         const char *field, struct figures *out);

/* The bytes of an image as the answer, with range and checksum. */
enum err rq_send_image(struct rq *rq, const struct image *i);

/* A multipart/form-data answer, part by part. */
struct parts {
    struct rq *rq;
    struct str boundary;
    struct http_part **last;
    size_t count;
};
void parts_begin(struct rq *rq, struct parts *p);
void parts_add_bytes(struct parts *p, struct str name, struct str bytes); /* borrowed: arena */
/* ERR_NOT_FOUND: no such blob. */
enum err parts_add_blob(struct parts *p, struct str name, struct str hash);
void parts_end(struct parts *p);

/* Annotations of these images, as the elements of an array: streamed, with two queries for each run
 * of ascending ids. */
struct annotation_options {
    bool integers; /* coordinates rounded down */
    bool big_data; /* with customBigData */
};
enum err put_annotations(struct rq *rq, const struct image *images, size_t n,
                         const struct annotation_options *o);

#endif
