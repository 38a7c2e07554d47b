/* SQLite driver. WAL, synchronous=FULL; only the writer's connection ever checkpoints. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "db/db_int.h"

#define BUSY_TIMEOUT_MS    5000
#define RESTART_TIMEOUT_MS 200

struct native {
    sqlite3 *handle;
    int wal_pages; /* pages in the log after the last commit of this connection */
    int64_t vm_steps;
};

static sqlite3 *handle_of(struct db *db)
{
    return ((struct native *)db->native)->handle;
}

static void fail(struct db_query *q, int rc)
{
    sqlite3 *handle = handle_of(q->db);
    int extended = sqlite3_extended_errcode(handle);

    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        q->error = extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY
                       ? ERR_CONFLICT
                       : ERR_INTERNAL;
        break;
    case SQLITE_FULL:
        q->error = ERR_NO_SPACE;
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        q->error = ERR_BUSY;
        break;
    case SQLITE_NOMEM:
        q->error = ERR_NOMEM;
        break;
    default:
        q->error = ERR_INTERNAL;
    }
    if (q->error == ERR_INTERNAL || q->error == ERR_NO_SPACE)
        log_error("db", "%s (%d) in: %s", sqlite3_errmsg(handle), extended, q->sql);
    if (extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC) {
        /* What the kernel did with the dirty pages is unknown: a later fsync may lie. Only a
         * restart, which reads the log back from the disk, is safe. */
        log_error("db", "fsync failed; stopping so that nothing is acknowledged in vain");
        _exit(70);
    }
}

static void check(struct db_query *q, int rc)
{
    if (rc != SQLITE_OK && q->error == ERR_OK)
        fail(q, rc);
}

static int on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    ((struct native *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

static enum err pragmas(struct db *db, struct fault *f)
{
    static const char *const common = "PRAGMA foreign_keys=ON; PRAGMA case_sensitive_like=ON;"
                                      "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=1073741824;"
                                      "PRAGMA wal_autocheckpoint=0;";
    enum err e = ERR_OK;

    if (db->mode == DB_WRITE)
        e = db_script(db,
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                      "PRAGMA cache_size=-65536; PRAGMA journal_size_limit=16777216;",
                      f);
    else
        e = db_script(db, "PRAGMA query_only=ON; PRAGMA cache_size=-8192;", f);
    return e == ERR_OK ? db_script(db, common, f) : e;
}

static void configure_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);  /* a connection is used by one thread at a time */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* its mutex is shared by all threads */
    sqlite3_initialize();
}

static enum err sqlite_open(struct db *db, const struct db_options *o, struct fault *f)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct native *n = calloc(1, sizeof *n);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE |
                (o->mode == DB_WRITE ? SQLITE_OPEN_CREATE : 0);

    pthread_once(&once, configure_library);
    if (n == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    db->native = n;
    /* readers open read-write too: a read-only connection cannot join a log it must recover */
    int rc = sqlite3_open_v2(o->target, &n->handle, flags, NULL);
    if (rc != SQLITE_OK) {
        fault_set(f, ERR_INTERNAL, NULL, "cannot open %s: %s", o->target, sqlite3_errstr(rc));
        sqlite3_close_v2(n->handle);
        free(n);
        return ERR_INTERNAL;
    }
    sqlite3_extended_result_codes(n->handle, 1);
    sqlite3_busy_timeout(n->handle, BUSY_TIMEOUT_MS);
    sqlite3_wal_hook(n->handle, on_commit, n);
    sqlite3_db_config(n->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(n->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (o->mode == DB_READ || o->guest)
        sqlite3_db_config(n->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    enum err e = pragmas(db, f);
    if (e != ERR_OK) {
        sqlite3_close_v2(n->handle);
        free(n);
    }
    return e;
}

static void sqlite_close(struct db *db)
{
    int rc = sqlite3_close(handle_of(db));

    if (rc != SQLITE_OK)
        log_error("db", "close: %s", sqlite3_errstr(rc));
    free(db->native);
}

static void sqlite_prepare(struct db_query *q)
{
    sqlite3_stmt *stmt = NULL;

    check(q,
          sqlite3_prepare_v3(handle_of(q->db), q->sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL));
    q->native = stmt;
}

static void sqlite_bind_i64(struct db_query *q, int at, int64_t v)
{
    check(q, sqlite3_bind_int64(q->native, at, v));
}

static void sqlite_bind_real(struct db_query *q, int at, double v)
{
    check(q, sqlite3_bind_double(q->native, at, v));
}

static void sqlite_bind_str(struct db_query *q, int at, struct str s)
{
    check(q, sqlite3_bind_text64(q->native, at, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8));
}

static void sqlite_bind_blob(struct db_query *q, int at, const void *p, size_t n)
{
    check(q, sqlite3_bind_blob64(q->native, at, p, n, SQLITE_STATIC));
}

static void sqlite_bind_null(struct db_query *q, int at)
{
    check(q, sqlite3_bind_null(q->native, at));
}

static bool sqlite_step(struct db_query *q)
{
    int rc = sqlite3_step(q->native);

    if (rc == SQLITE_ROW)
        return true;
    if (rc == SQLITE_DONE)
        q->db->changes = sqlite3_changes64(handle_of(q->db));
    else
        fail(q, rc);
    return false;
}

static int64_t sqlite_col_i64(struct db_query *q, int i)
{
    return sqlite3_column_int64(q->native, i);
}

static double sqlite_col_real(struct db_query *q, int i)
{
    return sqlite3_column_double(q->native, i);
}

static bool sqlite_col_is_null(struct db_query *q, int i)
{
    return sqlite3_column_type(q->native, i) == SQLITE_NULL;
}

static struct str sqlite_col_view(struct db_query *q, int i)
{
    /* one look at the row for all three; allowed by SQLITE_CONFIG_MULTITHREAD */
    sqlite3_value *v = sqlite3_column_value(q->native, i);

    if (sqlite3_value_type(v) == SQLITE_NULL)
        return STR_NULL;
    const char *p = sqlite3_value_blob(v); /* text is UTF-8 already: no conversion */
    return (struct str){p ? p : "", (size_t)sqlite3_value_bytes(v)};
}

static int64_t sqlite_last_id(struct db *db)
{
    return sqlite3_last_insert_rowid(handle_of(db));
}

static void sqlite_reset(struct db_query *q)
{
    struct native *n = q->db->native;

    n->vm_steps += sqlite3_stmt_status(q->native, SQLITE_STMTSTATUS_VM_STEP, 1);
    sqlite3_reset(q->native); /* repeats the error of the step, which is known already */
    sqlite3_clear_bindings(q->native);
}

static void sqlite_release(struct db_query *q)
{
    sqlite3_finalize(q->native);
    q->native = NULL;
}

static bool sqlite_in_transaction(struct db *db)
{
    return sqlite3_get_autocommit(handle_of(db)) == 0;
}

static void sqlite_revive(struct db *db)
{
    (void)db; /* a file does not go away */
}

static enum err sqlite_script(struct db *db, const char *sql, struct fault *f)
{
    char *message = NULL;

    if (sqlite3_exec(handle_of(db), sql, NULL, NULL, &message) == SQLITE_OK)
        return ERR_OK;
    fault_set(f, ERR_INTERNAL, NULL, "database: %s", message ? message : "unknown error");
    sqlite3_free(message);
    return ERR_INTERNAL;
}

static void sqlite_checkpoint(struct db *db, int pages_min)
{
    struct native *n = db->native;
    int left = 0, moved = 0;

    if (n->wal_pages < pages_min)
        return;
    /* Passive never waits, but a log that readers keep busy would grow without end: when it is four
     * times too long, wait a moment for them so that the next commit can start it anew. */
    int mode = n->wal_pages < pages_min * 4 ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
    sqlite3_busy_timeout(n->handle, RESTART_TIMEOUT_MS);
    int rc = sqlite3_wal_checkpoint_v2(n->handle, NULL, mode, &left, &moved);
    sqlite3_busy_timeout(n->handle, BUSY_TIMEOUT_MS);
    if (rc != SQLITE_OK && rc != SQLITE_BUSY)
        log_warn("db", "checkpoint: %s", sqlite3_errstr(rc));
    n->wal_pages = left - moved; /* the log starts anew with the next commit when this is 0 */
}

static enum err sqlite_copy(struct db *db, const char *path, struct fault *f)
{
    sqlite3 *handle = handle_of(db);
    sqlite3_stmt *vacuum = NULL;
    int rc =
        sqlite3_exec(handle, "PRAGMA query_only=OFF", NULL, NULL, NULL); /* the copy is written */

    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(handle, "VACUUM INTO ?1", -1, &vacuum, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(vacuum, 1, path, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK && (rc = sqlite3_step(vacuum)) == SQLITE_DONE)
        rc = SQLITE_OK;
    sqlite3_finalize(vacuum);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(handle, "PRAGMA query_only=ON", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return ERR_OK;
    return fault_set(f, (rc & 0xff) == SQLITE_FULL ? ERR_NO_SPACE : ERR_INTERNAL, NULL, "%s: %s",
                     path, sqlite3_errmsg(handle));
}

static int64_t sqlite_vm_steps(struct db *db)
{
    return ((struct native *)db->native)->vm_steps;
}

const struct db_driver db_sqlite = {
    .engine = DB_SQLITE,
    .open = sqlite_open,
    .close = sqlite_close,
    .prepare = sqlite_prepare,
    .bind_i64 = sqlite_bind_i64,
    .bind_real = sqlite_bind_real,
    .bind_str = sqlite_bind_str,
    .bind_blob = sqlite_bind_blob,
    .bind_null = sqlite_bind_null,
    .step = sqlite_step,
    .col_i64 = sqlite_col_i64,
    .col_real = sqlite_col_real,
    .col_is_null = sqlite_col_is_null,
    .col_view = sqlite_col_view,
    .last_id = sqlite_last_id,
    .reset = sqlite_reset,
    .release = sqlite_release,
    .in_transaction = sqlite_in_transaction,
    .revive = sqlite_revive,
    .script = sqlite_script,
    .checkpoint = sqlite_checkpoint,
    .copy = sqlite_copy,
    .vm_steps = sqlite_vm_steps,
    .spelling = {{"$NOROWID", "WITHOUT ROWID"},
                 {"$ID", "INTEGER PRIMARY KEY AUTOINCREMENT"}, /* an id is never given out twice */
                 {"$INT", "INTEGER"},
                 {"$TEXT", "TEXT"},
                 {"$BLOB", "BLOB"},
                 {"$REAL", "REAL"}},
    .begin = {[DB_READ] = "BEGIN", [DB_WRITE] = "BEGIN IMMEDIATE"},
};
