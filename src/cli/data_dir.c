/* Data directories. */
#include "cli/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "domain/instance.h"
#include "store/migrate.h"

enum err data_dir_name(struct data_dir *d, const char *dir, struct fault *f)
{
    *d = (struct data_dir){.lock_fd = -1, .guest_fd = -1};
    if (strlen(dir) >= sizeof d->dir)
        return fault_set(f, ERR_INVALID, "data", "the path of the data directory is too long");
    snprintf(d->dir, sizeof d->dir, "%s", dir);
    snprintf(d->db_path, sizeof d->db_path, "%s/labeld.db", dir);
    snprintf(d->blob_path, sizeof d->blob_path, "%s/blobs", dir);
    snprintf(d->guest_path, sizeof d->guest_path, "%s/guest.lock", dir);
    return ERR_OK;
}

bool data_dir_exists(const struct data_dir *d)
{
    return access(d->db_path, F_OK) == 0;
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

    snprintf(path, sizeof path, "%s/lock", d->dir);
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

static enum err migrate_and_prepare(struct data_dir *d, struct fault *f)
{
    int applied = 0;
    enum err e = d->lock_fd >= 0 ? migrate(d->db, &applied, f) : ERR_OK;

    return e == ERR_OK ? db_prepare_all(d->db, f) : e;
}

enum err data_dir_connect(struct data_dir *d, struct fault *f)
{
    struct db_options o = {
        .target = d->db_path, .mode = DB_WRITE, .stmts = store_stmts, .stmts_len = STMT__MAX};
    enum err e;

    if (d->lock_fd < 0)
        d->lock_fd = try_own(d);
    if (d->lock_fd < 0) { /* a server runs: keep it from checkpointing while we write */
        d->guest_fd = open_lock(d->guest_path, LOCK_EX);
        o.guest = true;
        if (d->guest_fd < 0)
            return fault_set(f, ERR_INVALID, "data", "cannot lock %s: %s", d->guest_path,
                             strerror(errno));
    }
    e = db_open(&o, &d->db, f);
    return e == ERR_OK ? migrate_and_prepare(d, f) : e;
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
