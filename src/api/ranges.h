/* Images that are ranges of a file of their team: looking into them, and reading them again. */
#ifndef API_RANGES_H
#define API_RANGES_H

#include "api/rq.h"
#include "blob/blob.h"
#include "domain/image.h"

/* Look into those of list that are ranges: list[i].hash and found[i] say what they are. Nothing is
 * kept: the bytes stay where they are. Only on the pool that may wait (rq->fetching). */
enum err ranges_read(struct rq *rq, struct image_new *list, size_t n, struct blob_info *found);

/* In the transaction, before the images are made: their files are still what was looked into, and
 * are kept from now on, whatever becomes of the files of the team. Fills what refers to them. */
enum err ranges_keep(struct rq *rq, struct image_new *list, size_t n, struct blob_info *found);

/* Where the bytes of a blob are: a file of their own, or a range of another one. ERR_NOT_FOUND.
 * fd_out: that file, opened for the caller, who closes it; NULL = it need not be opened. */
struct blob_bytes {
    struct sha256 file;
    int64_t at, size;
    bool whole; /* that is all of the file */
};
enum err ranges_find(struct rq *rq, struct str hash64, struct blob_bytes *out, int *fd_out);

#endif
