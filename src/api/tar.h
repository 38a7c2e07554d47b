/* Headers of tar archives (POSIX ustar; long names as GNU tar and Python read them). */
#ifndef API_TAR_H
#define API_TAR_H

#include "base/arena.h"

#define TAR_BLOCK 512

/* What stands in front of a file of that many bytes; absent when memory is out. The content is then
 * padded with tar_padding(size) zero bytes. mtime_s: seconds since 1970. */
struct str tar_head(struct arena *a, struct str name, int64_t size, int64_t mtime_s);
size_t tar_padding(int64_t size);

/* 2 * TAR_BLOCK zero bytes: the end of an archive, and what files are padded with. */
extern const char tar_end[2 * TAR_BLOCK];

#endif
