/* Backups and their check. */
#include "cli/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/data_dir.h"
#include "store/store_check.h"

#define MARK  "BACKUP" /* only a directory with this file in it is ever written over */
#define CHUNK (1 << 20)
#define PAGE  1000 /* blobs looked up at once */

struct progress {
    int64_t files, bytes, copied, wrong;
    bool terminal;
};

static void show(struct progress *p)
{
    if (p->terminal && p->files % 100 == 0)
        fprintf(stderr, "\r%lld files, %lld MB ", (long long)p->files, (long long)(p->bytes >> 20));
}

static void wrong(struct progress *p, const char *what, const char *why)
{
    p->wrong++;
    fprintf(stderr, "%s%s: %s\n", p->terminal ? "\r" : "", what, why);
}

/* ---- every file that the database speaks of ---- */

/* ERR_OK goes on with the next one. */
typedef enum err (*blob_step)(const struct sha256 *hash, int64_t size, void *ctx, struct fault *f);

static enum err each_blob(struct db *db, blob_step step, void *ctx, struct progress *p,
                          struct fault *f)
{
    struct str after = STR("");
    struct arena arena;
    enum err e = ERR_OK;
    size_t n = PAGE;

    arena_init(&arena, 64u << 20);
    for (char last[SHA256_B64_SIZE] = ""; n == PAGE && e == ERR_OK; after = str_from(last)) {
        struct stored_blob *page;

        arena_reset(&arena);
        db_use_arena(db, &arena);
        e = store_check_blobs(db, after, PAGE, &page, &n);
        for (size_t i = 0; i < n && e == ERR_OK; i++) {
            struct sha256 hash;

            snprintf(last, sizeof last, STR_FMT, STR_ARG(page[i].hash));
            p->files++;
            p->bytes += page[i].size;
            show(p);
            if (blob_hash_parse(page[i].hash, &hash))
                e = step(&hash, page[i].size, ctx, f);
            else
                wrong(p, last, "is no hash");
        }
    }
    arena_finish(&arena);
    return e;
}

/* ---- backup ---- */

struct copy {
    struct blob_store *from, *to;
    struct progress *p;
    char *chunk;
};

static enum err pour(struct copy *c, int fd, struct blob_writer *w, struct fault *f)
{
    enum err e = ERR_OK;
    ssize_t n;

    while (e == ERR_OK && (n = read(fd, c->chunk, CHUNK)) != 0)
        e = n < 0 ? fault_set(f, ERR_INTERNAL, NULL, "cannot read: %s", strerror(errno))
                  : blob_add(w, c->chunk, (size_t)n, f);
    return e;
}

static enum err copy_blob(const struct sha256 *hash, int64_t size, void *ctx, struct fault *f)
{
    struct copy *c = ctx;
    struct blob_writer *w = NULL;
    struct sha256 written;
    char name[BLOB_PATH_SIZE];
    int64_t there;
    int fd;

    blob_path(hash, name);
    if (blob_read(c->to, hash, &fd, &there) == ERR_OK) {
        close(fd);
        if (there == size)
            return ERR_OK;
    }
    if (blob_read(c->from, hash, &fd, &there) != ERR_OK) {
        wrong(c->p, name, "is missing");
        return ERR_OK;
    }
    enum err e = blob_begin(c->to, &w, f);
    if (e == ERR_OK)
        e = pour(c, fd, w, f);
    close(fd);
    if (e != ERR_OK) {
        blob_abort(w);
        return e;
    }
    e = blob_commit(w, &written, &there, f);
    c->p->copied++;
    if (e == ERR_OK && memcmp(&written, hash, sizeof written) != 0)
        wrong(c->p, name, "has other content than its name says");
    return e;
}

static enum err sync_path(const char *path, struct fault *f)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok ? ERR_OK : fault_set(f, ERR_INTERNAL, NULL, "%s: %s", path, strerror(errno));
}

/* Where a backup may be written: nothing, an empty directory, or an earlier backup. */
static enum err claim(struct data_dir *to, struct fault *f)
{
    char mark[DATA_PATH_MAX];

    data_dir_path(to, MARK, mark);
    bool ours = access(mark, F_OK) == 0;
    if (!ours && access(to->dir, F_OK) == 0 && !data_dir_is_empty(to))
        return fault_set(f, ERR_CONFLICT, "to",
                         "%s is neither empty nor a backup: it is left alone", to->dir);
    enum err e = data_dir_own(to, f);
    int fd = e == ERR_OK ? open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (e == ERR_OK && fd < 0)
        return fault_set(f, ERR_INVALID, "to", "%s: %s", mark, strerror(errno));
    if (fd >= 0)
        close(fd);
    return e;
}

static enum err copy_blobs(struct data_dir *from, struct data_dir *to, struct progress *p,
                           struct fault *f)
{
    struct copy c = {.p = p, .chunk = malloc(CHUNK)};
    enum err e = c.chunk ? ERR_OK : fault_set(f, ERR_NOMEM, NULL, "out of memory");

    if (e == ERR_OK)
        e = blob_open(from->blob_path, &c.from, f);
    if (e == ERR_OK)
        e = blob_open(to->blob_path, &c.to, f);
    if (e == ERR_OK)
        blob_tidy(c.to); /* an earlier backup may be of an earlier labeld */
    if (e == ERR_OK)
        e = each_blob(to->db, copy_blob, &c, p, f);
    blob_close(c.from);
    blob_close(c.to);
    free(c.chunk);
    return e;
}

/* The database first, as one moment; then the files it speaks of, which only ever come; its name
 * last, so that an earlier backup is replaced by a complete one. */
static enum err copy_all(struct data_dir *from, struct data_dir *to, struct progress *p,
                         struct fault *f)
{
    static const char *const stale[] = {"labeld.db-wal", "labeld.db-shm"};
    char final[DATA_PATH_MAX], part[DATA_PATH_MAX];

    data_dir_path(to, "labeld.db", final);
    data_dir_path(to, "labeld.db.part", part);
    unlink(part);
    enum err e = data_dir_look(from, f);
    if (e == ERR_OK)
        e = db_copy(from->db, part, f);
    if (e == ERR_OK)
        e = sync_path(part, f);
    snprintf(to->db_target, sizeof to->db_target, "%s", part);
    if (e == ERR_OK)
        e = data_dir_look(to, f);
    if (e == ERR_OK)
        e = copy_blobs(from, to, p, f);
    db_close(to->db);
    to->db = NULL;
    for (size_t i = 0; i < ARRAY_LEN(stale) && e == ERR_OK; i++) {
        char path[DATA_PATH_MAX];

        data_dir_path(to, stale[i], path);
        unlink(path);
    }
    if (e == ERR_OK && rename(part, final) != 0)
        e = fault_set(f, ERR_INTERNAL, NULL, "%s: %s", final, strerror(errno));
    return e == ERR_OK ? sync_path(to->dir, f) : e;
}

static enum err find(struct data_dir *d, const char *dir, struct fault *f)
{
    enum err e = data_dir_name(d, dir, f);

    return e == ERR_OK && !data_dir_exists(d)
               ? fault_set(f, ERR_NOT_FOUND, "data", "there is no labeld data in %s", dir)
               : e;
}

static int finish(const struct progress *p, enum err e, const struct fault *f)
{
    if (p->terminal)
        fprintf(stderr, "\r                                        \r");
    if (e != ERR_OK)
        fprintf(stderr, "labeld: %s\n", f->message[0] ? f->message : err_text(e));
    else if (p->wrong > 0)
        fprintf(stderr, "labeld: %lld things are wrong\n", (long long)p->wrong);
    return e == ERR_OK && p->wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int backup(const char *data, const char *to)
{
    struct progress p = {.terminal = isatty(STDERR_FILENO)};
    struct data_dir from, dest = {.lock_fd = -1, .guest_fd = -1};
    struct fault f = {0};
    enum err e = find(&from, data, &f);

    if (e == ERR_OK && data_dir_is_pg(&from))
        e = fault_set(&f, ERR_INVALID, "data",
                      "the database of %s is in PostgreSQL: use pg_dump, then copy %s", data,
                      from.blob_path);
    if (e == ERR_OK)
        e = data_dir_name(&dest, to, &f);
    if (e == ERR_OK)
        e = claim(&dest, &f);
    if (e == ERR_OK)
        e = copy_all(&from, &dest, &p, &f);
    data_dir_close(&from);
    data_dir_close(&dest);
    int status = finish(&p, e, &f);
    if (e == ERR_OK)
        printf("FILES=%lld\nBYTES=%lld\nCOPIED=%lld\n", (long long)p.files, (long long)p.bytes,
               (long long)p.copied);
    return status;
}

/* ---- verify ---- */

static bool same_content(int fd, const struct sha256 *hash, char *chunk)
{
    struct sha256_ctx *running = sha256_begin();
    ssize_t n;

    while ((n = read(fd, chunk, CHUNK)) > 0)
        sha256_add(running, chunk, (size_t)n);
    struct sha256 found = sha256_end(running);
    return n == 0 && memcmp(&found, hash, sizeof found) == 0;
}

static enum err check_blob(const struct sha256 *hash, int64_t size, void *ctx, struct fault *f)
{
    struct copy *c = ctx;
    char name[BLOB_PATH_SIZE];
    int64_t there;
    int fd;

    (void)f;
    blob_path(hash, name);
    if (blob_read(c->from, hash, &fd, &there) != ERR_OK) {
        wrong(c->p, name, "is missing");
        return ERR_OK;
    }
    if (there != size)
        wrong(c->p, name, "has another size than the database says");
    else if (!same_content(fd, hash, c->chunk))
        wrong(c->p, name, "has other content than its name says");
    close(fd);
    return ERR_OK;
}

static void on_finding(const char *text, void *ctx)
{
    wrong(ctx, "database", text);
}

int verify(const char *data)
{
    struct progress p = {.terminal = isatty(STDERR_FILENO)};
    struct copy c = {.p = &p, .chunk = malloc(CHUNK)};
    struct data_dir d;
    struct fault f = {0};
    enum err e = find(&d, data, &f);

    if (e == ERR_OK && c.chunk == NULL)
        e = ERR_NOMEM;
    if (e == ERR_OK)
        e = data_dir_look(&d, &f);
    if (e == ERR_OK)
        e = store_check_database(d.db, on_finding, &p);
    if (e == ERR_OK)
        e = blob_open(d.blob_path, &c.from, &f);
    if (e == ERR_OK)
        e = each_blob(d.db, check_blob, &c, &p, &f);
    blob_close(c.from);
    free(c.chunk);
    data_dir_close(&d);
    int status = finish(&p, e, &f);
    if (status == EXIT_SUCCESS)
        printf("FILES=%lld\nBYTES=%lld\n", (long long)p.files, (long long)p.bytes);
    return status;
}
