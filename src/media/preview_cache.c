/* Previews on disk: one flat folder, file times tell which were used last. */
#include "media/preview_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_PREFIX "new-"
#define NAME_SIZE   SHA256_HEX_SIZE

struct preview_cache {
    int dir_fd;
    int64_t bytes_max;
    _Atomic int64_t bytes; /* in all files that have their name */
    _Atomic uint64_t next_temp;
    pthread_mutex_t lock; /* one clean-up at a time */
};

struct entry {
    char name[NAME_SIZE];
    int64_t size;
    struct timespec used;
};

/* All files that have their name; what an interrupted write left behind is removed when asked. */
static struct entry *scan(struct preview_cache *c, bool sweep, size_t *len_out)
{
    int fd = openat(c->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    struct entry *list = NULL;
    size_t n = 0, cap = 0;
    struct dirent *e;
    struct stat st;

    while (d && (e = readdir(d)) != NULL) {
        if (sweep && strncmp(e->d_name, TEMP_PREFIX, sizeof TEMP_PREFIX - 1) == 0)
            unlinkat(c->dir_fd, e->d_name, 0);
        if (strlen(e->d_name) != NAME_SIZE - 1 ||
            fstatat(c->dir_fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (n == cap) {
            size_t more = cap ? 2 * cap : 256;
            struct entry *p = realloc(list, more * sizeof *p);

            if (p == NULL)
                break;
            list = p;
            cap = more;
        }
        list[n] = (struct entry){.size = st.st_size, .used = st.st_mtim};
        memcpy(list[n++].name, e->d_name, NAME_SIZE);
    }
    if (d)
        closedir(d);
    *len_out = n;
    return list;
}

static int by_use(const void *a, const void *b)
{
    const struct timespec *x = &((const struct entry *)a)->used;
    const struct timespec *y = &((const struct entry *)b)->used;

    return x->tv_sec != y->tv_sec ? (x->tv_sec < y->tv_sec ? -1 : 1)
                                  : (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* Down to four fifths of what is allowed, so that the next preview does not clean up again. */
static void clean_up(struct preview_cache *c)
{
    size_t n = 0;

    if (pthread_mutex_trylock(&c->lock) != 0)
        return;
    struct entry *list = scan(c, false, &n);
    int64_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += list[i].size;
    if (n > 0)
        qsort(list, n, sizeof *list, by_use);
    for (size_t i = 0; i < n && bytes > c->bytes_max / 5 * 4; i++)
        if (unlinkat(c->dir_fd, list[i].name, 0) == 0)
            bytes -= list[i].size;
    free(list);
    atomic_store(&c->bytes, bytes);
    pthread_mutex_unlock(&c->lock);
}

enum err preview_cache_open(const char *dir, int64_t bytes_max, struct preview_cache **out,
                            struct fault *f)
{
    struct preview_cache *c = calloc(1, sizeof *c);
    struct entry *list;
    size_t n = 0;

    if (c == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    pthread_mutex_init(&c->lock, NULL);
    c->bytes_max = bytes_max;
    c->dir_fd = -1;
    if (mkdir(dir, 0700) == 0 || errno == EEXIST)
        c->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c->dir_fd < 0) {
        fault_set(f, ERR_INVALID, "data", "cannot open %s: %s", dir, strerror(errno));
        preview_cache_close(c);
        return ERR_INVALID;
    }
    list = scan(c, true, &n);
    for (size_t i = 0; i < n; i++)
        c->bytes += list[i].size;
    free(list);
    if (c->bytes > bytes_max)
        clean_up(c);
    *out = c;
    return ERR_OK;
}

void preview_cache_close(struct preview_cache *c)
{
    if (c == NULL)
        return;
    if (c->dir_fd >= 0)
        close(c->dir_fd);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

bool preview_cache_get(struct preview_cache *c, const struct sha256 *key, int *fd_out,
                       int64_t *size_out)
{
    char name[NAME_SIZE];
    struct stat st;

    sha256_hex(key, name);
    int fd = openat(c->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    if (fstat(fd, &st) != 0 || st.st_size == 0) { /* empty after a power cut */
        close(fd);
        return false;
    }
    futimens(fd, NULL);
    *fd_out = fd;
    *size_out = st.st_size;
    return true;
}

enum err preview_cache_begin(struct preview_cache *c, struct preview_file *out, struct fault *f)
{
    snprintf(out->temp, sizeof out->temp, TEMP_PREFIX "%llu",
             (unsigned long long)atomic_fetch_add(&c->next_temp, 1));
    out->fd = openat(c->dir_fd, out->temp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out->fd >= 0)
        return ERR_OK;
    return fault_set(f, errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_INTERNAL, NULL,
                     "cannot write a preview: %s", strerror(errno));
}

enum err preview_cache_keep(struct preview_cache *c, struct preview_file *p,
                            const struct sha256 *key, int64_t *size_out)
{
    char name[NAME_SIZE];
    struct stat st;

    sha256_hex(key, name);
    if (fstat(p->fd, &st) != 0 || renameat(c->dir_fd, p->temp, c->dir_fd, name) != 0)
        return ERR_INTERNAL;
    *size_out = st.st_size;
    if (atomic_fetch_add(&c->bytes, st.st_size) + st.st_size > c->bytes_max)
        clean_up(c);
    return ERR_OK;
}

void preview_cache_drop(struct preview_cache *c, struct preview_file *p)
{
    unlinkat(c->dir_fd, p->temp, 0);
    close(p->fd);
}
