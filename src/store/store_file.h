/* Files of teams. Folders are prefixes of paths: "/a/" is what all paths below it begin with. */
#ifndef STORE_STORE_FILE_H
#define STORE_STORE_FILE_H

#include "store/store_access.h"

struct team_file {
    int64_t id, team_id;
    int64_t user_id; /* who put the content there; 0 = nobody is recorded */
    struct str path, hash, mime;
    int64_t size; /* bytes */
    int64_t created_at, updated_at;
};

/* Start reading the files of a team with from <= path < end, in order of their bytes. End it with
 * db_end; store_file_read copies a row to the arena. */
struct db_query *store_files_open(struct db *db, int64_t team_id, struct str from, struct str end);
void store_file_read(struct db_query *q, struct team_file *out);

/* ERR_NOT_FOUND. */
enum err store_file_by_path(struct db *db, int64_t team_id, struct str path, struct team_file *out);
/* For a caller who may see the files of its team. ERR_NOT_FOUND. */
enum err store_file_for(struct db *db, int64_t id, const struct caller *who, struct team_file *out);

/* Insert f (fills f->id), or give the file f->id new content. */
enum err store_file_put(struct db *db, struct team_file *f);
/* Remove the files of a range of paths. */
enum err store_files_remove(struct db *db, int64_t team_id, struct str from, struct str end,
                            int64_t now_ms);
/* How many files are in the range, their bytes, and how many of them others have put there. */
struct file_totals {
    int64_t count, size, of_others;
};
enum err store_files_totals(struct db *db, int64_t team_id, struct str from, struct str end,
                            int64_t user_id, struct file_totals *out);

/* Bytes of all files of the team; change them by more. */
enum err store_files_size(struct db *db, int64_t team_id, int64_t *out);
enum err store_files_size_add(struct db *db, int64_t team_id, int64_t more);

#endif
