/* Reading the whole store over, for backups and for checking it. */
#ifndef STORE_STORE_CHECK_H
#define STORE_STORE_CHECK_H

#include "store/statements.h"

struct stored_blob {
    struct str hash; /* base64, in the arena of the connection */
    int64_t size;    /* bytes */
};

/* The next blobs that images and files of teams are made of, ordered by hash: at most n of them, in
 * the arena of the connection. */
enum err store_check_blobs(struct db *db, struct str after, size_t n, struct stored_blob **out,
                           size_t *len_out);

/* Call found for each thing that is wrong: broken pages, references to nothing, counters that
 * differ from what they count. */
enum err store_check_database(struct db *db, void (*found)(const char *text, void *ctx), void *ctx);

#endif
