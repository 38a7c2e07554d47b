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

/* files from which on a flush of everything is cheaper than theirs alone */
#define FLUSH_MIN 4
#define TEMP_DIR  "tmp"
#define KEEP_DIR  "sha256"
#define FOLDER    "sha256/ab"    /* such a one for each first byte of a hash */
#define PATH_SIZE BLOB_PATH_SIZE /* a name in FOLDER of 64 digits, or one in TEMP_DIR */
#define GATHER    (64 * 1024)    /* bytes that come in small pieces and are written together */

struct blob_store {
    int dir_fd;
    _Atomic uint64_t next_temp;
    pthread_mutex_t lock; /* between "it is there already" and "nobody needs it"; and for: */
    struct claim *claims;
    pthread_cond_t released;
    struct {
        pthread_mutex_t lock; /* guards what follows */
        pthread_cond_t ended;
        uint64_t begun, done; /* numbers of flushes of the whole filesystem */
        bool running;
        uint64_t failed; /* the last one that did, */
        int error;       /* and its errno */
    } flush;
};

/* Content that is on its way to the disk: who brings the same waits for what becomes of it. */
struct claim {
    const struct sha256 *hashes;
    size_t n;
    struct claim *next;
};

struct blob_writer {
    struct blob_store *store;
    int fd;
    char temp[PATH_SIZE];
    struct sha256_ctx *hash;
    int64_t size;
    char *gathered; /* the last bytes, not written yet; GATHER of room, NULL once complete */
    size_t gathered_len;
    bool is_new; /* while it is committed: it was not there yet */
};

static enum err io_fault(struct fault *f, const char *what)
{
    bool full = errno == ENOSPC || errno == EDQUOT;

    return fault_set(f, full ? ERR_NO_SPACE : ERR_INTERNAL, NULL, "%s: %s", what, strerror(errno));
}

/* ---- names ---- */

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
    char *name = out + sizeof FOLDER; /* behind the slash that follows the folder */

    sha256_hex(h, name);
    memcpy(out, KEEP_DIR "/", sizeof KEEP_DIR);
    memcpy(out + sizeof KEEP_DIR, name, 2);
    name[-1] = '/';
}

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

static bool sync_dir(int dir_fd, const char *path)
{
    int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
}

/* Give a file its place; its folder is made when it is missing, with sync a durable one. */
static bool place(int from_dir_fd, const char *from, int dir_fd, const char *path, bool sync)
{
    char folder[] = FOLDER;

    if (renameat(from_dir_fd, from, dir_fd, path) == 0)
        return true;
    memcpy(folder, path, sizeof folder - 1);
    return errno == ENOENT && (mkdirat(dir_fd, folder, 0700) == 0 || errno == EEXIST) &&
           (!sync || sync_dir(dir_fd, KEEP_DIR)) && renameat(from_dir_fd, from, dir_fd, path) == 0;
}

/* ---- the store ---- */

enum err blob_open(const char *dir, struct blob_store **out, struct fault *f)
{
    struct blob_store *s = calloc(1, sizeof *s);

    if (s == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->released, NULL);
    pthread_mutex_init(&s->flush.lock, NULL);
    pthread_cond_init(&s->flush.ended, NULL);
    s->dir_fd = -1;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        free(s);
        return io_fault(f, dir);
    }
    s->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->dir_fd < 0 || (mkdirat(s->dir_fd, TEMP_DIR, 0700) != 0 && errno != EEXIST) ||
        (mkdirat(s->dir_fd, KEEP_DIR, 0700) != 0 && errno != EEXIST) || !sync_dir(s->dir_fd, ".") ||
        !sync_dir(s->dir_fd, "..")) { /* blobs are as durable as the folders above them */
        enum err e = io_fault(f, dir);

        blob_close(s);
        return e;
    }
    *out = s;
    return ERR_OK;
}

/* Call f for each entry of a folder that does not begin with a dot; it may change the folder. */
static void each_entry(int parent_fd, const char *path,
                       void (*f)(int dir_fd, const char *name, void *arg), void *arg)
{
    int fd = openat(parent_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;

    while (d && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.')
            f(fd, e->d_name, arg);
    if (d)
        closedir(d);
    else if (fd >= 0)
        close(fd);
}

static void drop_file(int dir_fd, const char *name, void *arg)
{
    (void)arg;
    unlinkat(dir_fd, name, 0);
}

/* The first layout had "ab/cd/<hash>": a folder for nearly every file. */
static void move_file(int dir_fd, const char *name, void *store)
{
    struct sha256 hash;
    char path[PATH_SIZE];

    if (!parse_name(name, &hash))
        return;
    blob_path(&hash, path);
    if (!place(dir_fd, name, ((struct blob_store *)store)->dir_fd, path, false))
        log_error("blob", "cannot move %s to %s: %s", name, path, strerror(errno));
}

static void move_inner(int dir_fd, const char *name, void *store)
{
    if (strlen(name) != 2)
        return;
    each_entry(dir_fd, name, move_file, store);
    unlinkat(dir_fd, name, AT_REMOVEDIR);
}

static void move_outer(int dir_fd, const char *name, void *store)
{
    if (strlen(name) != 2)
        return;
    each_entry(dir_fd, name, move_inner, store);
    unlinkat(dir_fd, name, AT_REMOVEDIR);
}

void blob_tidy(struct blob_store *s)
{
    each_entry(s->dir_fd, TEMP_DIR, drop_file, NULL);
    each_entry(s->dir_fd, ".", move_outer, s);
}

void blob_close(struct blob_store *s)
{
    if (s == NULL)
        return;
    if (s->dir_fd >= 0)
        close(s->dir_fd);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->released);
    pthread_mutex_destroy(&s->flush.lock);
    pthread_cond_destroy(&s->flush.ended);
    free(s);
}

enum err blob_begin(struct blob_store *s, struct blob_writer **out, struct fault *f)
{
    struct blob_writer *w = calloc(1, sizeof *w);

    if (w == NULL || (w->gathered = malloc(GATHER)) == NULL) {
        free(w);
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    }
    snprintf(w->temp, sizeof w->temp, TEMP_DIR "/%d-%llu", (int)getpid(),
             (unsigned long long)atomic_fetch_add(&s->next_temp, 1));
    w->store = s;
    w->fd = openat(s->dir_fd, w->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (w->fd < 0) {
        enum err e = io_fault(f, "cannot write a file");

        free(w->gathered);
        free(w);
        return e;
    }
    w->hash = sha256_begin();
    *out = w;
    return ERR_OK;
}

static enum err write_gathered(struct blob_writer *w, struct fault *f)
{
    for (size_t at = 0; at < w->gathered_len;) {
        ssize_t written = write(w->fd, w->gathered + at, w->gathered_len - at);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return io_fault(f, "cannot write a file");
        at += (size_t)written;
    }
    w->gathered_len = 0;
    return ERR_OK;
}

enum err blob_add(struct blob_writer *w, const void *p, size_t n, struct fault *f)
{
    const char *from = p;
    enum err e = ERR_OK;

    sha256_add(w->hash, p, n);
    w->size += (int64_t)n;
    while (n > 0 && e == ERR_OK) {
        size_t room = GATHER - w->gathered_len, taken = n < room ? n : room;

        memcpy(w->gathered + w->gathered_len, from, taken);
        w->gathered_len += taken;
        from += taken;
        n -= taken;
        if (w->gathered_len == GATHER)
            e = write_gathered(w, f);
    }
    return e;
}

enum err blob_complete(struct blob_writer *w, struct fault *f)
{
    enum err e = write_gathered(w, f);

    free(w->gathered);
    w->gathered = NULL;
    return e;
}

/* What may not be on disk must not be found there when it is sent again. */
static void take_name(struct blob_store *s, const struct sha256 *hash)
{
    char path[PATH_SIZE];

    blob_path(hash, path);
    unlinkat(s->dir_fd, path, 0);
}

/* Is it what the file holds? ERR_NOT_FOUND: no. */
static enum err compare(int fd, const struct sha256 *hash, struct fault *f)
{
    struct sha256_ctx *c = sha256_begin();
    char chunk[64 * 1024];
    ssize_t n;

    while ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR))
        sha256_add(c, chunk, n > 0 ? (size_t)n : 0);
    struct sha256 found = sha256_end(c);
    if (n < 0)
        return io_fault(f, "cannot read a stored file");
    return memcmp(found.b, hash->b, SHA256_SIZE) == 0 ? ERR_OK : ERR_NOT_FOUND;
}

/* Is the content there already? Then its time is now: a sweep leaves it to who is about to refer to
 * it. The name alone says little: a crash may have left it without its bytes. *fd_out is the
 * caller's, -1 with ERR_NOT_FOUND; other errors: it cannot be said. */
static enum err find(struct blob_store *s, const struct sha256 *hash, int64_t size, int *fd_out,
                     struct fault *f)
{
    char path[PATH_SIZE];
    struct stat st;

    *fd_out = -1;
    blob_path(hash, path);
    pthread_mutex_lock(&s->lock);
    bool there = fstatat(s->dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size == size &&
                 utimensat(s->dir_fd, path, NULL, AT_SYMLINK_NOFOLLOW) == 0;
    pthread_mutex_unlock(&s->lock);
    if (!there)
        return ERR_NOT_FOUND;
    int fd = openat(s->dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum err e = fd >= 0 ? compare(fd, hash, f) : io_fault(f, "cannot open a stored file");
    if (e == ERR_OK)
        *fd_out = fd;
    else if (fd >= 0)
        close(fd);
    return e;
}

int blob_fd(const struct blob_writer *w)
{
    return w->fd;
}

int64_t blob_size(const struct blob_writer *w)
{
    return w->size;
}

/* What was written before the call is on disk after it. One flush at a time: whoever comes while it
 * runs shares the next one with all the others who do. */
static enum err flush(struct blob_store *s, struct fault *f)
{
    pthread_mutex_lock(&s->flush.lock);
    uint64_t mine = s->flush.begun + 1;
    while (s->flush.done < mine) {
        if (s->flush.running) {
            pthread_cond_wait(&s->flush.ended, &s->flush.lock);
            continue;
        }
        s->flush.running = true;
        s->flush.begun++;
        pthread_mutex_unlock(&s->flush.lock);
        int error = syncfs(s->dir_fd) == 0 ? 0 : errno;
        pthread_mutex_lock(&s->flush.lock);
        s->flush.running = false;
        s->flush.done = s->flush.begun;
        if (error) {
            s->flush.failed = s->flush.done;
            s->flush.error = error;
        }
        pthread_cond_broadcast(&s->flush.ended);
    }
    errno = s->flush.error;
    bool ok = s->flush.failed < mine;
    pthread_mutex_unlock(&s->flush.lock);
    return ok ? ERR_OK : io_fault(f, "cannot sync files");
}

static bool overlaps(const struct claim *a, const struct claim *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (memcmp(a->hashes[i].b, b->hashes[k].b, SHA256_SIZE) == 0)
                return true;
    return false;
}

/* All of it or nothing: who waits holds nothing that others wait for. */
static void take_claim(struct blob_store *s, struct claim *mine)
{
    pthread_mutex_lock(&s->lock);
    for (struct claim *c = s->claims; c;) {
        bool wait = overlaps(c, mine);

        if (wait)
            pthread_cond_wait(&s->released, &s->lock);
        c = wait ? s->claims : c->next;
    }
    mine->next = s->claims;
    s->claims = mine;
    pthread_mutex_unlock(&s->lock);
}

static void release_claim(struct blob_store *s, const struct claim *mine)
{
    struct claim **at = &s->claims;

    pthread_mutex_lock(&s->lock);
    while (*at != mine)
        at = &(*at)->next;
    *at = mine->next;
    pthread_cond_broadcast(&s->released);
    pthread_mutex_unlock(&s->lock);
}

/* Give w the name of its content, unless that is there. With sync both are on disk then; without it
 * the caller flushes the filesystem behind it. */
static enum err keep(struct blob_writer *w, const struct sha256 *hash, bool sync, struct fault *f)
{
    int dir = w->store->dir_fd, had;
    char path[PATH_SIZE], folder[] = FOLDER;
    enum err e = find(w->store, hash, w->size, &had, f);

    w->is_new = e == ERR_NOT_FOUND;
    if (e != ERR_OK && !w->is_new)
        return e;
    blob_path(hash, path);
    memcpy(folder, path, sizeof folder - 1);
    e = ERR_OK;
    if (sync && fsync(w->is_new ? w->fd : had) != 0)
        e = io_fault(f, "cannot sync a file");
    else if (w->is_new && !place(dir, w->temp, dir, path, sync))
        e = io_fault(f, "cannot store a file");
    else if (sync && !sync_dir(dir, folder))
        e = io_fault(f, "cannot sync a folder");
    if (had >= 0)
        close(had);
    return e;
}

/* Files cost up to four fsyncs each, one behind the other. A flush of the whole filesystem does the
 * same for any number of them: names and bytes are on disk before anybody refers to them. */
static enum err keep_all(struct blob_writer *const *writers, size_t n, const struct sha256 *hashes,
                         struct fault *f)
{
    struct blob_store *s = writers[0]->store;
    bool together = n >= FLUSH_MIN;
    enum err e = ERR_OK;
    size_t named = 0;

    for (; named < n && e == ERR_OK; named++)
        e = keep(writers[named], &hashes[named], !together, f);
    if (e == ERR_OK && together)
        e = flush(s, f);
    for (size_t i = 0; i < named && e != ERR_OK; i++)
        if (writers[i]->is_new)
            take_name(s, &hashes[i]);
    return e;
}

enum err blob_commit_all(struct blob_writer *const *writers, size_t n, struct sha256 *hashes,
                         int64_t *sizes, struct fault *f)
{
    struct claim mine = {hashes, n, NULL};
    enum err e = ERR_OK;

    for (size_t i = 0; i < n; i++) {
        enum err written = blob_complete(writers[i], f);

        e = e == ERR_OK ? written : e;
        hashes[i] = sha256_end(writers[i]->hash);
        sizes[i] = writers[i]->size;
        writers[i]->hash = NULL;
    }
    if (e == ERR_OK && n > 0) {
        struct blob_store *s = writers[0]->store;

        take_claim(s, &mine);
        e = keep_all(writers, n, hashes, f);
        release_claim(s, &mine);
    }
    for (size_t i = 0; i < n; i++)
        blob_abort(writers[i]); /* closes it; removes the temporary name that is still there */
    return e;
}

enum err blob_commit(struct blob_writer *w, struct sha256 *hash_out, int64_t *size_out,
                     struct fault *f)
{
    return blob_commit_all(&w, 1, hash_out, size_out, f);
}

void blob_abort(struct blob_writer *w)
{
    if (w == NULL)
        return;
    unlinkat(w->store->dir_fd, w->temp, 0);
    close(w->fd);
    if (w->hash)
        sha256_end(w->hash);
    free(w->gathered);
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
        *fd_out = -1;
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

static void sweep_file(int dir_fd, const char *name, void *arg)
{
    struct sweep *s = arg;
    struct sha256 hash;

    if (!parse_name(name, &hash) || !is_old(dir_fd, name, s->before) || !s->unwanted(&hash, s->ctx))
        return;
    pthread_mutex_lock(&s->store->lock); /* sent again since? */
    if (is_old(dir_fd, name, s->before) && unlinkat(dir_fd, name, 0) == 0)
        s->removed++;
    pthread_mutex_unlock(&s->store->lock);
}

static void sweep_folder(int dir_fd, const char *name, void *sweep)
{
    each_entry(dir_fd, name, sweep_file, sweep);
}

int64_t blob_sweep(struct blob_store *s, int64_t age_s,
                   bool (*unwanted)(const struct sha256 *hash, void *ctx), void *ctx)
{
    struct sweep sweep = {s, time(NULL) - age_s, unwanted, ctx, 0};

    each_entry(s->dir_fd, KEEP_DIR, sweep_folder, &sweep);
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
