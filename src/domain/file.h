/* Files of a team: what a path may be, and putting and removing files in one transaction. */
#ifndef DOMAIN_FILE_H
#define DOMAIN_FILE_H

#include "domain/call.h"
#include "store/store_file.h"

#define FILE_PATH_BYTES_MAX 1024
#define FILE_NAME_BYTES_MAX 255

/* Check a path and bring it into its one form: a '/' in front, none doubled; a '/' at the end says
 * that a folder is meant and stays. Path traversal is refused. Arena. */
enum err file_path(struct call *c, struct str path, const char *field, struct str *out);

static inline bool file_is_folder(struct str path)
{
    return path.n > 0 && path.p[path.n - 1] == '/';
}

/* "/a/b.json" to "b.json"; "/a/b/" to "b". */
struct str file_name(struct str path);
/* "b.json" to "json"; "" when there is none. */
struct str file_ext(struct str path);

/* The paths that `path` stands for: from <= p < end. A folder stands for all below it. Arena. */
struct file_range {
    struct str from, end;
};
struct file_range file_range(struct call *c, struct str path);

/* Put content under out->path of the team c->at; what was there is replaced. Takes path, hash and
 * size of *out and fills the rest. ERR_NO_SPACE: the quota of the team. */
enum err file_put(struct call *c, struct team_file *out);

/* Remove a file, or a folder with all in it. What is not there is fine. */
enum err file_remove(struct call *c, struct str path);

#endif
