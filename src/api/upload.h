/* Bodies that are too large for memory or are no JSON: multipart parts, each poured into a blob or,
 * where they are small by nature, kept in memory. Who may not call the method is refused before the
 * first byte is taken. */
#ifndef API_UPLOAD_H
#define API_UPLOAD_H

#include "api/rq.h"
#include "blob/blob.h"
#include "http/multipart.h"

/* What a method takes; one for each UPLOAD row of the endpoint table. */
struct upload_plan {
    bool to_blobs; /* parts with a file name become blobs */
    size_t parts_max;
    size_t bytes_max; /* of the whole body */
    size_t text_max;  /* of all parts that stay in memory together */
};

struct upload_part {
    struct str name, filename;  /* filename absent: a plain field */
    struct blob_writer *writer; /* NULL: it is in text */
    struct buf text;
};

struct upload {
    struct rq *rq;
    const struct upload_plan *plan;
    struct multipart multipart;
    bool raw; /* no multipart: the body itself is the only part */
    struct upload_part *parts;
    size_t n, cap;
    size_t text_bytes;
    struct fault fault;
};

/* Authenticate, then take the body; on failure the request is answered. */
void upload_begin(struct rq *rq);

/* The body has ended. ERR_OK, or why it was no good. */
enum err upload_check(struct rq *rq);

/* Forget what has not been kept; at the end of the request. NULL is fine. */
void upload_drop(struct upload *u);

#endif
