/* Data directories. */
#include "cli/data_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "blob/blob.h"
#include "domain/instance.h"
#include "store/migrate.h"

void data_dir_path(const struct data_dir *d, const char *name, char out[DATA_PATH_MAX])
{
    snprintf(out, DATA_PATH_MAX, "%s/%s", d->dir, name);
}

/* DIR/database holds the URL of a PostgreSQL database; without it the data are in DIR/labeld.db. */
static void read_target(struct data_dir *d)
{
    char path[DATA_PATH_MAX];

    data_dir_path(d, "database", path);
    FILE *file = fopen(path, "re");
    data_dir_path(d, "labeld.db", d->db_target);
    if (file == NULL)
        return;
    if (fgets(d->db_target, sizeof d->db_target, file))
        d->db_target[strcspn(d->db_target, "\r\n")] = '\0';
    fclose(file);
}

enum err data_dir_name(struct data_dir *d, const char *dir, struct fault *f)
{
    *d = (struct data_dir){.lock_fd = -1, .guest_fd = -1};
    if (strlen(dir) >= sizeof d->dir)
        return fault_set(f, ERR_INVALID, "data", "the path of the data directory is too long");
    snprintf(d->dir, sizeof d->dir, "%s", dir);
    data_dir_path(d, "blobs", d->blob_path);
    data_dir_path(d, "previews", d->preview_path);
    data_dir_path(d, "guest.lock", d->guest_path);
    read_target(d);
    return ERR_OK;
}

bool data_dir_is_pg(const struct data_dir *d)
{
    struct str target = str_from(d->db_target);

    return str_starts(target, STR("postgres://")) || str_starts(target, STR("postgresql://"));
}

enum err data_dir_use_database(struct data_dir *d, const char *url, struct fault *f)
{
    char path[DATA_PATH_MAX];

    snprintf(d->db_target, sizeof d->db_target, "%s", url);
    if (!data_dir_is_pg(d) || strlen(url) >= sizeof d->db_target)
        return fault_set(f, ERR_INVALID, "db", "--db wants postgres://USER@HOST/DATABASE");
    data_dir_path(d, "database", path);
    FILE *file = fopen(path, "wxe");
    bool ok = file && fprintf(file, "%s\n", url) > 0;
    if (file && fclose(file) != 0)
        ok = false;
    return ok ? ERR_OK
              : fault_set(f, ERR_INVALID, "data", "cannot write %s: %s", path, strerror(errno));
}

bool data_dir_exists(const struct data_dir *d)
{
    return data_dir_is_pg(d) || access(d->db_target, F_OK) == 0;
}

bool data_dir_is_empty(const struct data_dir *d)
{
    DIR *dir = opendir(d->dir);
    size_t n = 0;

    if (dir == NULL)
        return false;
    while (readdir(dir)) /* "." and ".." are always there */
        n++;
    closedir(dir);
    return n <= 2;
}

static int open_lock(const char *path, int how)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd >= 0 && flock(fd, how) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int try_own(struct data_dir *d)
{
    char path[DATA_PATH_MAX];

    data_dir_path(d, "lock", path);
    return open_lock(path, LOCK_EX | LOCK_NB);
}

enum err data_dir_own(struct data_dir *d, struct fault *f)
{
    if (mkdir(d->dir, 0700) != 0 && errno != EEXIST)
        return fault_set(f, ERR_INVALID, "data", "cannot create %s: %s", d->dir, strerror(errno));
    d->lock_fd = try_own(d);
    if (d->lock_fd < 0 && errno == EWOULDBLOCK)
        return fault_set(f, ERR_CONFLICT, "data", "another labeld is using %s", d->dir);
    if (d->lock_fd < 0)
        return fault_set(f, ERR_INVALID, "data", "cannot write to %s: %s", d->dir, strerror(errno));
    return ERR_OK;
}

/* Nobody else uses it: the schema, and where the blobs lie. */
static enum err bring_up_to_date(struct data_dir *d, struct fault *f)
{
    struct blob_store *blobs = NULL;
    int applied = 0;
    enum err e = migrate(d->db, &applied, f);

    if (e == ERR_OK)
        e = blob_open(d->blob_path, &blobs, f);
    if (e == ERR_OK)
        blob_tidy(blobs);
    blob_close(blobs);
    return e;
}

enum err data_dir_connect(struct data_dir *d, struct fault *f)
{
    struct db_options o = {
        .target = d->db_target, .mode = DB_WRITE, .stmts = store_stmts, .stmts_len = STMT__MAX};
    enum err e;

    if (d->lock_fd < 0)
        d->lock_fd = try_own(d);
    if (d->lock_fd < 0 &&
        !data_dir_is_pg(d)) { /* a server runs: keep it from checkpointing while we write */
        d->guest_fd = open_lock(d->guest_path, LOCK_EX);
        o.guest = true;
        if (d->guest_fd < 0)
            return fault_set(f, ERR_INVALID, "data", "cannot lock %s: %s", d->guest_path,
                             strerror(errno));
    }
    e = db_open(&o, &d->db, f);
    return e == ERR_OK && d->lock_fd >= 0 ? bring_up_to_date(d, f) : e;
}

enum err data_dir_look(struct data_dir *d, struct fault *f)
{
    const struct db_options o = {.target = d->db_target,
                                 .mode = DB_READ,
                                 .guest = true,
                                 .stmts = store_stmts,
                                 .stmts_len = STMT__MAX};

    enum err e = db_open(&o, &d->db, f);
    return e == ERR_OK ? migrate_check(d->db, f) : e;
}

enum err data_dir_write(struct data_dir *d, struct call *c,
                        enum err (*f)(struct call *c, void *arg), void *arg)
{
    c->db = d->db;
    c->now_ms = clock_wall_ms();
    db_use_arena(d->db, c->arena);
    enum err e = db_begin(d->db);
    if (e != ERR_OK)
        return fail(c, e, NULL, "the database is locked");
    e = f(c, arg);
    if (e == ERR_OK)
        e = db_commit(d->db);
    else
        db_rollback(d->db);
    return e == ERR_OK ? e : fail(c, e, NULL, "%s", err_text(e));
}

void data_dir_close(struct data_dir *d)
{
    db_close(d->db);
    if (d->guest_fd >= 0)
        close(d->guest_fd);
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    *d = (struct data_dir){.lock_fd = -1, .guest_fd = -1};
}
