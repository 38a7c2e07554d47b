/* Seam to the database engines. Statements are prepared from a table given at open; the only code
 * that calls sqlite3_* or PQ* is behind this header.
 *
 * A connection belongs to one thread at a time. A query is used like this:
 *
 *     struct db_query *q = db_query(db, STMT_X);
 *     db_bind_i64(q, id);                  parameters in order
 *     while (db_step(q))                   true: a row is there
 *         use(db_col_i64(q, 0));
 *     enum err e = db_end(q);              first error of bind, step or reset
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"

enum db_engine { DB_SQLITE, DB_PG };
enum db_mode { DB_READ, DB_WRITE };

struct db;
struct db_query;

/* One statement. pg == NULL: the same text serves both engines. */
struct db_stmt {
    const char *name;
    const char *sqlite;
    const char *pg;
};

struct db_options {
    const char *target; /* path of the SQLite file, or "postgres://..." */
    enum db_mode mode;
    bool guest; /* another process owns the file: never checkpoint, not even when closing */
    /* DB_READ, SQLite: db_commit leaves the snapshot open for the next db_begin, which takes it
     * while nothing was committed in this process since. db_settle must follow soon. */
    bool keep_snapshot;
    const struct db_stmt *stmts; /* borrowed for the life of the connection */
    size_t stmts_len;
};

/* Open. A DB_READ connection can not write. ERR_INTERNAL with a message in *f. */
enum err db_open(const struct db_options *o, struct db **out, struct fault *f);
void db_close(struct db *db); /* NULL is fine */

enum db_engine db_engine(const struct db *db);

/* Where db_col_str copies to. Must be set before the first one; borrowed. */
void db_use_arena(struct db *db, struct arena *a);
struct arena *db_arena(struct db *db);

/* Prepare every statement of the table now, so that a typo stops the start and not a user. */
enum err db_prepare_all(struct db *db, struct fault *f);

/* Start using statement number id of the table. Never NULL; errors surface at db_end. A statement
 * cannot be used twice at the same time on one connection (asserted). */
struct db_query *db_query(struct db *db, unsigned id);

/* The same for text made by store/list.c; prepared once and kept. The text is that of the engine.
 */
struct db_query *db_query_text(struct db *db, struct str sql);

/* Bind the next parameter. Strings must stay alive until db_end. */
void db_bind_i64(struct db_query *q, int64_t v);
void db_bind_id(struct db_query *q, int64_t v); /* 0 binds NULL */
void db_bind_real(struct db_query *q, double v);
void db_bind_str(struct db_query *q, struct str s); /* absent binds NULL */
void db_bind_blob(struct db_query *q, const void *p, size_t n);
void db_bind_null(struct db_query *q);

/* Next row. false: no more rows, or an error that db_end will report. */
bool db_step(struct db_query *q);

/* Column i of the current row, counted from 0. NULL reads as 0 or as the absent string. */
int64_t db_col_i64(struct db_query *q, int i);
double db_col_real(struct db_query *q, int i);
bool db_col_is_null(struct db_query *q, int i);
struct str db_col_view(struct db_query *q, int i); /* borrowed until the next step or end */
struct str db_col_str(struct db_query *q, int i);  /* NUL-terminated copy in the arena */

/* Finish: reset for the next use. ERR_CONFLICT: a unique rule was violated. */
enum err db_end(struct db_query *q);

/* Run a statement that answers no rows; then db_changes counts the rows it touched. */
enum err db_run(struct db_query *q);
int64_t db_changes(struct db *db);

/* Run an INSERT of one row; *id_out: its id, which the statement returns where the engine does not
 * know it by itself (STMT_NEW, store/statements.tbl). */
enum err db_insert(struct db_query *q, int64_t *id_out);

/* Transactions. A DB_WRITE begin takes the write lock at once. */
enum err db_begin(struct db *db);
enum err db_commit(struct db *db);
void db_rollback(struct db *db);

/* Let go of a snapshot that was kept (see keep_snapshot); other processes' changes show then too.
 */
void db_settle(struct db *db);

/* One nested level, for the operations of a group commit. */
enum err db_savepoint(struct db *db);
enum err db_release(struct db *db);
void db_rollback_to_savepoint(struct db *db); /* and release it; or roll back all of it */

/* Numbers that cost much to find out. They are known again as long as the snapshot of a DB_READ
 * connection shows the same as when they were remembered: until anybody commits anything. key is
 * what was asked, of all that the number depends on but the snapshot. PostgreSQL: never. */
bool db_recall(struct db *db, const struct sha256 *key, int64_t *out);
void db_remember(struct db *db, const struct sha256 *key, int64_t value);

/* Is a transaction open? Some failures (disk full) end it by themselves. */
bool db_in_transaction(struct db *db);

/* Run a script of several statements, outside the table: migrations only. */
enum err db_script(struct db *db, const char *sql, struct fault *f);

/* Spell the neutral schema text ($ID, $INT, ...) for this engine, in a. */
struct str db_spell_schema(struct db *db, struct arena *a, struct str neutral);

/* SQLite: copy the write-ahead log into the file when it holds at least pages_min pages. Only the
 * writer's connection may call this (docs/adr/0003). PostgreSQL: nothing. */
void db_checkpoint(struct db *db, int pages_min);

/* SQLite: write the database as it is now, compact, to the new file path, which is not yet synced.
 * Others go on writing meanwhile. ERR_INVALID on PostgreSQL. */
enum err db_copy(struct db *db, const char *path, struct fault *f);

/* Steps that SQLite's machine has taken for the statements of this connection since it was opened;
 * they grow with the rows read (0 elsewhere). Tests use it. */
int64_t db_vm_steps(struct db *db);

#endif
