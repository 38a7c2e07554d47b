/* A data directory: the database, the blobs, and the locks that keep two programs apart. */
#ifndef CLI_DATA_DIR_H
#define CLI_DATA_DIR_H

#include "base/err.h"
#include "blob/blob.h"
#include "domain/call.h"

#define DATA_PATH_MAX 4096

struct data_dir {
    char dir[DATA_PATH_MAX - 64];
    char db_target[DATA_PATH_MAX]; /* DIR/labeld.db, or the URL that DIR/database holds */
    char blob_path[DATA_PATH_MAX];
    char preview_path[DATA_PATH_MAX];
    char guest_path[DATA_PATH_MAX]; /* locked by whoever writes beside a running server */
    int lock_fd;                    /* held: we own the directory */
    int guest_fd;
    struct db *db; /* of data_dir_connect */
};

/* Names only, and the database that the directory names, if any. ERR_INVALID when dir is too long.
 */
enum err data_dir_name(struct data_dir *d, const char *dir, struct fault *f);

/* Keep the data in this PostgreSQL database from now on; only for a directory that has none yet. */
enum err data_dir_use_database(struct data_dir *d, const char *url, struct fault *f);

bool data_dir_is_pg(const struct data_dir *d);

/* Does it hold a database? */
bool data_dir_exists(const struct data_dir *d);

/* Is it there, with nothing in it? */
bool data_dir_is_empty(const struct data_dir *d);

/* Own it alone, creating it when missing. ERR_CONFLICT: another labeld serves it. */
enum err data_dir_own(struct data_dir *d, struct fault *f);

/* Open and migrate its database for one command: alone when nobody serves it, as a guest of the
 * running server otherwise. Migrating needs to be alone. */
enum err data_dir_connect(struct data_dir *d, struct fault *f);

/* Open its database to read only, beside whoever serves it. */
enum err data_dir_look(struct data_dir *d, struct fault *f);

/* DIR/name. */
void data_dir_path(const struct data_dir *d, const char *name, char out[DATA_PATH_MAX]);

/* Run f in a write transaction as the administrator; c->fault tells what went wrong. */
enum err data_dir_write(struct data_dir *d, struct call *c,
                        enum err (*f)(struct call *c, void *arg), void *arg);

void data_dir_close(struct data_dir *d);

#endif
