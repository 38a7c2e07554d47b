/* Content-addressed files. */
#include "blob/blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

/* new files from which on a flush of everything is cheaper than theirs alone */
#define FLUSH_MIN 4
#define TEMP_DIR  "tmp"
#define PATH_SIZE BLOB_PATH_SIZE /* "ab/cd/" and 64 digits, or a name in TEMP_DIR */

struct blob_store {
    int dir_fd;
    _Atomic uint64_t next_temp;
    pthread_mutex_t lock; /* between "it is there already" and "nobody needs it" */
};

struct blob_writer {
    struct blob_store *store;
    int fd;
    char temp[PATH_SIZE];
    struct sha256_ctx *hash;
    int64_t size;
    bool is_new; /* while several are committed: not there yet */
};

static enum err io_fault(struct fault *f, const char *what)
{
    bool full = errno == ENOSPC || errno == EDQUOT;

    return fault_set(f, full ? ERR_NO_SPACE : ERR_INTERNAL, NULL, "%s: %s", what, strerror(errno));
}

enum err blob_open(const char *dir, struct blob_store **out, struct fault *f)
{
    struct blob_store *s = calloc(1, sizeof *s);

    if (s == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        free(s);
        return io_fault(f, dir);
    }
    s->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->dir_fd < 0 || (mkdirat(s->dir_fd, TEMP_DIR, 0700) != 0 && errno != EEXIST)) {
        enum err e = io_fault(f, dir);

        blob_close(s);
        return e;
    }
    *out = s;
    return ERR_OK;
}

void blob_drop_unfinished(struct blob_store *s)
{
    int fd = openat(s->dir_fd, TEMP_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;

    while (d && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.')
            unlinkat(fd, e->d_name, 0);
    if (d)
        closedir(d);
}

void blob_close(struct blob_store *s)
{
    if (s && s->dir_fd >= 0)
        close(s->dir_fd);
    free(s);
}

enum err blob_begin(struct blob_store *s, struct blob_writer **out, struct fault *f)
{
    struct blob_writer *w = calloc(1, sizeof *w);

    if (w == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    snprintf(w->temp, sizeof w->temp, TEMP_DIR "/%d-%llu", (int)getpid(),
             (unsigned long long)atomic_fetch_add(&s->next_temp, 1));
    w->store = s;
    w->fd = openat(s->dir_fd, w->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (w->fd < 0) {
        enum err e = io_fault(f, "cannot write a file");

        free(w);
        return e;
    }
    w->hash = sha256_begin();
    *out = w;
    return ERR_OK;
}

enum err blob_add(struct blob_writer *w, const void *p, size_t n, struct fault *f)
{
    const char *at = p;

    sha256_add(w->hash, p, n);
    w->size += (int64_t)n;
    while (n > 0) {
        ssize_t written = write(w->fd, at, n);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return io_fault(f, "cannot write a file");
        at += written;
        n -= (size_t)written;
    }
    return ERR_OK;
}

enum err blob_add_range(struct blob_writer *w, int fd, int64_t at, int64_t n, struct fault *f)
{
    char chunk[64 * 1024];
    enum err e = ERR_OK;

    while (n > 0 && e == ERR_OK) {
        size_t want = n < (int64_t)sizeof chunk ? (size_t)n : sizeof chunk;
        ssize_t got = pread(fd, chunk, want, at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return fault_set(f, ERR_INTERNAL, NULL, "cannot read a file: %s",
                             got < 0 ? strerror(errno) : "it is too short");
        e = blob_add(w, chunk, (size_t)got, f);
        at += got;
        n -= got;
    }
    return e;
}

struct sha256 blob_hash(struct blob_writer *w)
{
    struct sha256 hash = sha256_end(w->hash);

    w->hash = NULL;
    return hash;
}

void blob_path(const struct sha256 *h, char out[BLOB_PATH_SIZE])
{
    int n = snprintf(out, PATH_SIZE, "%02x/%02x/", h->b[0], h->b[1]);

    for (size_t i = 0; i < SHA256_SIZE; i++)
        n += snprintf(out + n, (size_t)(PATH_SIZE - n), "%02x", h->b[i]);
}

static bool sync_dir(int dir_fd, const char *path)
{
    int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
}

/* The two levels of folders; with sync each durable in the one above. */
static bool make_dirs(int dir_fd, const char *path, bool sync)
{
    char level[6];

    for (size_t n = 2; n <= 5; n += 3) {
        memcpy(level, path, n);
        level[n] = '\0';
        if (mkdirat(dir_fd, level, 0700) == 0) {
            level[n - 2] = '\0'; /* "ab/cd" to "ab/", "ab" to "" */
            if (sync && !sync_dir(dir_fd, level[0] ? level : "."))
                return false;
        } else if (errno != EEXIST) {
            return false;
        }
    }
    return true;
}

/* Without sync the caller flushes the filesystem before and after. */
static enum err give_name(struct blob_writer *w, const struct sha256 *hash, bool sync,
                          struct fault *f)
{
    int dir = w->store->dir_fd;
    char path[PATH_SIZE], folder[6];

    blob_path(hash, path);
    memcpy(folder, path, 5);
    folder[5] = '\0';
    if (sync && fsync(w->fd) != 0)
        return io_fault(f, "cannot sync a file");
    if (!make_dirs(dir, path, sync) || renameat(dir, w->temp, dir, path) != 0 ||
        (sync && !sync_dir(dir, folder)))
        return io_fault(f, "cannot store a file");
    return ERR_OK;
}

/* Is the content there already? Then its time is now: a sweep leaves it to who is about to refer to
 * it. */
static bool touch(struct blob_store *s, const struct sha256 *hash, int64_t size)
{
    char path[PATH_SIZE];
    struct stat st;

    blob_path(hash, path);
    pthread_mutex_lock(&s->lock);
    bool there = fstatat(s->dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size == size &&
                 utimensat(s->dir_fd, path, NULL, AT_SYMLINK_NOFOLLOW) == 0;
    pthread_mutex_unlock(&s->lock);
    return there;
}

int blob_fd(const struct blob_writer *w)
{
    return w->fd;
}

int64_t blob_size(const struct blob_writer *w)
{
    return w->size;
}

enum err blob_commit(struct blob_writer *w, struct sha256 *hash_out, int64_t *size_out,
                     struct fault *f)
{
    enum err e = ERR_OK;

    *hash_out = sha256_end(w->hash);
    *size_out = w->size;
    w->hash = NULL;
    if (!touch(w->store, hash_out, w->size))
        e = give_name(w, hash_out, true, f);
    blob_abort(w); /* closes it; removes the temporary name where that is still there */
    return e;
}

/* New files cost up to four fsyncs each, one behind the other. Two flushes of the whole filesystem
 * do the same for any number of them: bytes are on disk before names, names before anybody refers
 * to them. */
enum err blob_commit_all(struct blob_writer *const *writers, size_t n, struct sha256 *hashes,
                         int64_t *sizes, struct fault *f)
{
    enum err e = ERR_OK;
    size_t n_new = 0;

    for (size_t i = 0; i < n; i++) {
        hashes[i] = sha256_end(writers[i]->hash);
        sizes[i] = writers[i]->size;
        writers[i]->hash = NULL;
        writers[i]->is_new = !touch(writers[i]->store, &hashes[i], sizes[i]);
        n_new += writers[i]->is_new;
    }
    if (n_new >= FLUSH_MIN && syncfs(writers[0]->store->dir_fd) != 0)
        e = io_fault(f, "cannot sync files");
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        if (writers[i]->is_new)
            e = give_name(writers[i], &hashes[i], n_new < FLUSH_MIN, f);
    }
    if (e == ERR_OK && n_new >= FLUSH_MIN && syncfs(writers[0]->store->dir_fd) != 0)
        e = io_fault(f, "cannot sync files");
    for (size_t i = 0; i < n; i++)
        blob_abort(writers[i]);
    return e;
}

void blob_abort(struct blob_writer *w)
{
    if (w == NULL)
        return;
    unlinkat(w->store->dir_fd, w->temp, 0);
    close(w->fd);
    if (w->hash)
        sha256_end(w->hash);
    free(w);
}

enum err blob_put(struct blob_store *s, struct str bytes, struct sha256 *hash_out, struct fault *f)
{
    struct blob_writer *w;
    int64_t size;
    enum err e = blob_begin(s, &w, f);

    if (e != ERR_OK)
        return e;
    e = blob_add(w, bytes.p, bytes.n, f);
    if (e == ERR_OK)
        return blob_commit(w, hash_out, &size, f);
    blob_abort(w);
    return e;
}

enum err blob_read(struct blob_store *s, const struct sha256 *hash, int *fd_out, int64_t *size_out)
{
    char path[PATH_SIZE];
    struct stat st;

    blob_path(hash, path);
    *fd_out = openat(s->dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (*fd_out < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL;
    if (fstat(*fd_out, &st) != 0) {
        close(*fd_out);
        return ERR_INTERNAL;
    }
    *size_out = st.st_size;
    return ERR_OK;
}

enum err blob_size_of(const struct blob_store *s, const struct sha256 *hash, int64_t *out)
{
    char path[PATH_SIZE];
    struct stat st;

    blob_path(hash, path);
    if (fstatat(s->dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL;
    *out = st.st_size;
    return ERR_OK;
}

int blob_dir(const struct blob_store *s)
{
    return s->dir_fd;
}

/* ---- sweeping ---- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 64 digits, the name of a blob's file. */
static bool parse_name(const char *name, struct sha256 *out)
{
    if (strlen(name) != 2 * SHA256_SIZE)
        return false;
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        int high = hex_value(name[2 * i]), low = hex_value(name[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out->b[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static bool is_old(int dir_fd, const char *name, time_t before)
{
    struct stat st;

    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mtime < before;
}

struct sweep {
    struct blob_store *store;
    time_t before;
    bool (*unwanted)(const struct sha256 *hash, void *ctx);
    void *ctx;
    int64_t removed;
};

static void sweep_file(struct sweep *s, int dir_fd, const char *name)
{
    struct sha256 hash;

    if (!parse_name(name, &hash) || !is_old(dir_fd, name, s->before) || !s->unwanted(&hash, s->ctx))
        return;
    pthread_mutex_lock(&s->store->lock); /* sent again since? */
    if (is_old(dir_fd, name, s->before) && unlinkat(dir_fd, name, 0) == 0)
        s->removed++;
    pthread_mutex_unlock(&s->store->lock);
}

/* The entries of a folder: at depth 2 the files. */
static void sweep_dir(struct sweep *s, int parent_fd, const char *name, int depth)
{
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;

    while (d && (e = readdir(d)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        if (depth == 2)
            sweep_file(s, fd, e->d_name);
        else if (strlen(e->d_name) == 2)
            sweep_dir(s, fd, e->d_name, depth + 1);
    }
    if (d)
        closedir(d);
    else if (fd >= 0)
        close(fd);
}

int64_t blob_sweep(struct blob_store *s, int64_t age_s,
                   bool (*unwanted)(const struct sha256 *hash, void *ctx), void *ctx)
{
    struct sweep sweep = {s, time(NULL) - age_s, unwanted, ctx, 0};

    sweep_dir(&sweep, s->dir_fd, ".", 0);
    return sweep.removed;
}

bool blob_hash_parse(struct str base64, struct sha256 *out)
{
    unsigned char bytes[SHA256_B64_SIZE];

    if (base64.n != SHA256_B64_SIZE - 1 || b64_decode(base64, bytes) != SHA256_SIZE)
        return false;
    memcpy(out->b, bytes, SHA256_SIZE);
    return true;
}

void blob_hash_format(const struct sha256 *hash, char out[SHA256_B64_SIZE])
{
    b64_encode(hash->b, SHA256_SIZE, out);
}
