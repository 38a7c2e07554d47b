/* Shared by the files of db/ only: what a driver provides. */
#ifndef DB_DB_INT_H
#define DB_DB_INT_H

#include "db/db.h"

struct db_driver {
    enum db_engine engine;
    enum err (*open)(struct db *db, const struct db_options *o, struct fault *f);
    void (*close)(struct db *db);
    /* Make q->native ready for q->sql; on failure set q->error. */
    void (*prepare)(struct db_query *q);
    void (*bind_i64)(struct db_query *q, int at, int64_t v);
    void (*bind_real)(struct db_query *q, int at, double v);
    void (*bind_str)(struct db_query *q, int at, struct str s);
    void (*bind_blob)(struct db_query *q, int at, const void *p, size_t n);
    void (*bind_null)(struct db_query *q, int at);
    bool (*step)(struct db_query *q);
    int64_t (*col_i64)(struct db_query *q, int i);
    double (*col_real)(struct db_query *q, int i);
    bool (*col_is_null)(struct db_query *q, int i);
    struct str (*col_view)(struct db_query *q, int i);
    int64_t (*last_id)(struct db *db); /* NULL: statements return it */
    void (*reset)(struct db_query *q);
    void (*release)(struct db_query *q); /* give q->native back */
    bool (*in_transaction)(struct db *db);
    void (*revive)(struct db *db); /* before BEGIN: mend a lost connection */
    enum err (*script)(struct db *db, const char *sql, struct fault *f);
    void (*checkpoint)(struct db *db, int pages_min);
    enum err (*copy)(struct db *db, const char *path, struct fault *f);
    int64_t (*vm_steps)(struct db *db);
    /* Equal numbers of a connection: equal content. 0: it cannot be said. */
    uint32_t (*snapshot)(struct db *db);
    struct db_spelling {
        const char *from, *to;
    } spelling[8];        /* schema words; ends with {NULL, NULL} */
    const char *begin[2]; /* by enum db_mode */
};

struct db_query {
    struct db *db;
    const char *sql;
    struct str text; /* owned copy, for queries made from text */
    void *native;    /* the driver's prepared statement */
    int bound;       /* parameters bound so far */
    bool busy;       /* between db_query and db_end */
    enum err error;  /* first one since db_query */
};

/* Statements the seam itself needs. */
enum db_own {
    OWN_BEGIN,
    OWN_COMMIT,
    OWN_ROLLBACK,
    OWN_SAVEPOINT,
    OWN_RELEASE,
    OWN_ROLLBACK_TO,
    OWN__MAX
};

#define TEXT_QUERIES_MAX 256
#define REMEMBERED_MAX   512

struct remembered {
    struct sha256 key;
    int64_t value;
    uint32_t snapshot; /* 0: nothing is here */
};

struct db {
    const struct db_driver *driver;
    enum db_mode mode;
    const struct db_stmt *stmts;
    struct db_query *queries; /* one per row of stmts */
    size_t stmts_len;
    struct db_query own[OWN__MAX];
    struct db_query *texts[TEXT_QUERIES_MAX]; /* open addressing by hash of the text */
    struct arena *arena;
    bool keep_snapshot, kept; /* may, and does, a snapshot outlive its db_commit? */
    uint64_t kept_at;         /* commits of the process when it was taken */
    int64_t changes;
    struct remembered *remembered; /* by the first bytes of their keys; NULL: none yet */
    void *native;                  /* the driver's connection */
};

extern const struct db_driver db_sqlite;
extern const struct db_driver db_pg;

#endif
