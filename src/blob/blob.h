/* Content-addressed files: DIR/sha256/ab/<64 hex digits of the hash>. A file and its name are on
 * disk before anybody may refer to it; what nobody refers to is not believed by its name. No name
 * that a user chose ever becomes part of a path. */
#ifndef BLOB_BLOB_H
#define BLOB_BLOB_H

#include "base/err.h"
#include "base/hash.h"

struct blob_store;

/* Open DIR, creating it when missing. */
enum err blob_open(const char *dir, struct blob_store **out, struct fault *f);
/* Remove what interrupted writes have left behind, and bring files of the first layout to their
 * place: only for who owns DIR alone. */
void blob_tidy(struct blob_store *s);
void blob_close(struct blob_store *s); /* NULL is fine */

/* A blob being written, piece by piece. */
struct blob_writer;
enum err blob_begin(struct blob_store *s, struct blob_writer **out, struct fault *f);
enum err blob_add(struct blob_writer *w, const void *p, size_t n, struct fault *f);
/* The same for n bytes of the file fd from `at` on. ERR_INTERNAL: they are not there. */
enum err blob_add_range(struct blob_writer *w, int fd, int64_t at, int64_t n, struct fault *f);
/* There is no more to come: now blob_fd may be read. The commits do it where it was not done. */
enum err blob_complete(struct blob_writer *w, struct fault *f);
/* Of all that was added. Then it can only be looked at and forgotten. */
struct sha256 blob_hash(struct blob_writer *w);
/* Make it durable under its hash; frees w. Content that is there already is kept once. */
enum err blob_commit(struct blob_writer *w, struct sha256 *hash_out, int64_t *size_out,
                     struct fault *f);
/* Several at once, which shares the waiting for the disk: n writers, all of which are freed. A hash
 * and a size for each; on failure none of them may be referred to. */
enum err blob_commit_all(struct blob_writer *const *writers, size_t n, struct sha256 *hashes,
                         int64_t *sizes, struct fault *f);
void blob_abort(struct blob_writer *w); /* forget it; NULL is fine */
/* The complete content, to be looked at before it is kept; owned by w. */
int blob_fd(const struct blob_writer *w);
int64_t blob_size(const struct blob_writer *w);

/* The same for bytes in memory. */
enum err blob_put(struct blob_store *s, struct str bytes, struct sha256 *hash_out, struct fault *f);

/* Open for reading; the caller closes *fd_out. ERR_NOT_FOUND: no such blob. */
enum err blob_read(struct blob_store *s, const struct sha256 *hash, int *fd_out, int64_t *size_out);

/* Its size alone. ERR_NOT_FOUND. */
enum err blob_size_of(const struct blob_store *s, const struct sha256 *hash, int64_t *out);

/* The same file as a name below a directory descriptor of the store, for whoever opens it later. */
#define BLOB_PATH_SIZE 80
int blob_dir(const struct blob_store *s);
void blob_path(const struct sha256 *hash, char out[BLOB_PATH_SIZE]);

/* Visit all blobs that nobody has written or sent again for age_s seconds; those for which
 * unwanted() answers true are removed. Returns how many. One sweep at a time. */
int64_t blob_sweep(struct blob_store *s, int64_t age_s,
                   bool (*unwanted)(const struct sha256 *hash, void *ctx), void *ctx);

/* base64 text of the API to a hash and back. false: not 44 characters of base64. */
bool blob_hash_parse(struct str base64, struct sha256 *out);
void blob_hash_format(const struct sha256 *hash, char out[SHA256_B64_SIZE]);

#endif
