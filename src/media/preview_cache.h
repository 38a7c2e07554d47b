/* Previews on disk, named by what they were made from and how. The least recently used ones go when
 * there are too many bytes. Losing one costs making it again, so nothing is synced. */
#ifndef MEDIA_PREVIEW_CACHE_H
#define MEDIA_PREVIEW_CACHE_H

#include "base/err.h"
#include "base/hash.h"

struct preview_cache;

/* Open dir, creating it when missing; at most bytes_max bytes are kept. One program at a time. */
enum err preview_cache_open(const char *dir, int64_t bytes_max, struct preview_cache **out,
                            struct fault *f);
void preview_cache_close(struct preview_cache *c); /* NULL is fine */

/* Open a preview that is there; the caller closes *fd_out. */
bool preview_cache_get(struct preview_cache *c, const struct sha256 *key, int *fd_out,
                       int64_t *size_out);

/* A new preview: a file to write to, then kept under its key or dropped. */
struct preview_file {
    int fd; /* belongs to the caller after preview_cache_keep, closed by preview_cache_drop */
    char temp[40];
};
enum err preview_cache_begin(struct preview_cache *c, struct preview_file *out, struct fault *f);
enum err preview_cache_keep(struct preview_cache *c, struct preview_file *p,
                            const struct sha256 *key, int64_t *size_out);
void preview_cache_drop(struct preview_cache *c, struct preview_file *p);

#endif
