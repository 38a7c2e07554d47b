/* Engine-independent half of the database seam: statement tables, sticky errors, transactions. */
#include "db/db.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "db/db_int.h"

/* Commits of this process: a kept snapshot is as new as the last of them, or it is not used. */
static atomic_uint_fast64_t commits;

enum err db_open(const struct db_options *o, struct db **out, struct fault *f)
{
    static const char *const own_sql[] = {
        [OWN_COMMIT] = "COMMIT",
        [OWN_ROLLBACK] = "ROLLBACK",
        [OWN_SAVEPOINT] = "SAVEPOINT op",
        [OWN_RELEASE] = "RELEASE SAVEPOINT op",
        [OWN_ROLLBACK_TO] = "ROLLBACK TO SAVEPOINT op",
    };
    struct str target = str_from(o->target);
    struct db *db = calloc(1, sizeof *db);

    *out = NULL;
    if (db)
        db->queries = calloc(o->stmts_len + 1, sizeof *db->queries);
    if (db == NULL || db->queries == NULL) {
        free(db);
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    }
    bool pg = str_starts(target, STR("postgres://")) || str_starts(target, STR("postgresql://"));
    db->driver = pg ? &db_pg : &db_sqlite;
    db->mode = o->mode;
    db->keep_snapshot = o->keep_snapshot && o->mode == DB_READ && !pg;
    db->stmts = o->stmts;
    db->stmts_len = o->stmts_len;
    for (size_t i = 0; i < o->stmts_len; i++) {
        db->queries[i].db = db;
        db->queries[i].sql = pg && o->stmts[i].pg ? o->stmts[i].pg : o->stmts[i].sqlite;
    }
    for (size_t i = 0; i < OWN__MAX; i++) {
        db->own[i].db = db;
        db->own[i].sql = i == OWN_BEGIN ? db->driver->begin[o->mode] : own_sql[i];
    }
    enum err e = db->driver->open(db, o, f);
    if (e != ERR_OK) {
        free(db->queries);
        free(db);
        return e;
    }
    *out = db;
    return ERR_OK;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < db->stmts_len; i++)
        db->driver->release(&db->queries[i]);
    for (size_t i = 0; i < OWN__MAX; i++)
        db->driver->release(&db->own[i]);
    for (size_t i = 0; i < TEXT_QUERIES_MAX; i++) {
        if (db->texts[i] == NULL)
            continue;
        db->driver->release(db->texts[i]);
        free((char *)(uintptr_t)db->texts[i]->text.p);
        free(db->texts[i]);
    }
    db->driver->close(db);
    free(db->queries);
    free(db);
}

enum db_engine db_engine(const struct db *db)
{
    return db->driver->engine;
}

void db_use_arena(struct db *db, struct arena *a)
{
    db->arena = a;
}

struct arena *db_arena(struct db *db)
{
    return db->arena;
}

static struct db_query *start(struct db_query *q)
{
    assert(!q->busy);
    q->busy = true;
    q->bound = 0;
    q->error = ERR_OK;
    if (q->native == NULL)
        q->db->driver->prepare(q);
    return q;
}

enum err db_prepare_all(struct db *db, struct fault *f)
{
    for (size_t i = 0; i < db->stmts_len; i++)
        if (db_end(start(&db->queries[i])) != ERR_OK)
            return fault_set(f, ERR_INTERNAL, NULL, "statement %s does not prepare",
                             db->stmts[i].name);
    return ERR_OK;
}

struct db_query *db_query(struct db *db, unsigned id)
{
    assert(id < db->stmts_len);
    return start(&db->queries[id]);
}

static size_t text_hash(struct str s)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */

    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return (size_t)(h >> 20);
}

/* A slot for sql: its own query, a free one, or (table full) a victim whose statement is dropped.
 */
static struct db_query *text_slot(struct db *db, struct str sql)
{
    size_t h = text_hash(sql) % TEXT_QUERIES_MAX;
    struct db_query *victim = NULL;

    for (size_t i = 0; i < TEXT_QUERIES_MAX / 4; i++) { /* a short probe: old texts get replaced */
        struct db_query **slot = &db->texts[(h + i) % TEXT_QUERIES_MAX];

        if (*slot == NULL)
            return *slot = calloc(1, sizeof **slot);
        if (str_eq((*slot)->text, sql))
            return *slot;
        if (victim == NULL && !(*slot)->busy)
            victim = *slot;
    }
    if (victim) {
        db->driver->release(victim);
        free((char *)(uintptr_t)victim->text.p);
        *victim = (struct db_query){0};
    }
    return victim;
}

struct db_query *db_query_text(struct db *db, struct str sql)
{
    static _Thread_local struct db_query out_of_memory;
    struct db_query *q = text_slot(db, sql);

    if (q && q->text.p == NULL) {
        char *copy = malloc(sql.n + 1);

        if (copy) {
            memcpy(copy, sql.p, sql.n);
            copy[sql.n] = '\0';
            *q = (struct db_query){.db = db, .sql = copy, .text = {copy, sql.n}};
        }
    }
    if (q && q->text.p)
        return start(q);
    out_of_memory = (struct db_query){.db = db, .busy = true, .error = ERR_NOMEM};
    return &out_of_memory;
}

void db_bind_i64(struct db_query *q, int64_t v)
{
    if (q->error == ERR_OK)
        q->db->driver->bind_i64(q, ++q->bound, v);
}

void db_bind_id(struct db_query *q, int64_t v)
{
    if (v == 0)
        db_bind_null(q);
    else
        db_bind_i64(q, v);
}

void db_bind_real(struct db_query *q, double v)
{
    if (q->error == ERR_OK)
        q->db->driver->bind_real(q, ++q->bound, v);
}

void db_bind_str(struct db_query *q, struct str s)
{
    if (s.p == NULL)
        db_bind_null(q);
    else if (q->error == ERR_OK)
        q->db->driver->bind_str(q, ++q->bound, s);
}

void db_bind_blob(struct db_query *q, const void *p, size_t n)
{
    if (q->error == ERR_OK)
        q->db->driver->bind_blob(q, ++q->bound, p, n);
}

void db_bind_null(struct db_query *q)
{
    if (q->error == ERR_OK)
        q->db->driver->bind_null(q, ++q->bound);
}

bool db_step(struct db_query *q)
{
    return q->error == ERR_OK && q->db->driver->step(q);
}

int64_t db_col_i64(struct db_query *q, int i)
{
    return q->db->driver->col_i64(q, i);
}

double db_col_real(struct db_query *q, int i)
{
    return q->db->driver->col_real(q, i);
}

bool db_col_is_null(struct db_query *q, int i)
{
    return q->db->driver->col_is_null(q, i);
}

struct str db_col_view(struct db_query *q, int i)
{
    return q->db->driver->col_view(q, i);
}

struct str db_col_str(struct db_query *q, int i)
{
    struct str view = db_col_view(q, i);
    struct str copy = arena_str(q->db->arena, view);

    if (view.p && copy.p == NULL && q->error == ERR_OK)
        q->error = ERR_NOMEM;
    return copy;
}

enum err db_end(struct db_query *q)
{
    assert(q->busy);
    if (q->native)
        q->db->driver->reset(q);
    q->busy = false;
    return q->error;
}

enum err db_run(struct db_query *q)
{
    bool row = db_step(q);

    assert(!row);
    (void)row;
    return db_end(q);
}

enum err db_insert(struct db_query *q, int64_t *id_out)
{
    if (db_step(q)) {
        *id_out = db_col_i64(q, 0);
        db_step(q); /* to the end: the row counts as written only then */
    } else if (q->error == ERR_OK && q->db->driver->last_id) {
        *id_out = q->db->driver->last_id(q->db);
    }
    return db_end(q);
}

int64_t db_changes(struct db *db)
{
    return db->changes;
}

static enum err run_own(struct db *db, enum db_own which)
{
    return db_run(start(&db->own[which]));
}

enum err db_begin(struct db *db)
{
    uint64_t now = atomic_load(&commits); /* before the snapshot: never newer than what it shows */

    if (db->kept && db->kept_at == now && db_in_transaction(db))
        return ERR_OK;
    db_settle(db);
    db->kept_at = now;
    db->driver->revive(db);
    return run_own(db, OWN_BEGIN);
}

enum err db_commit(struct db *db)
{
    if (db->keep_snapshot && db_in_transaction(db)) {
        db->kept = true;
        return ERR_OK;
    }
    enum err e = run_own(db, OWN_COMMIT);
    if (e != ERR_OK)
        db_rollback(db); /* a failed COMMIT may leave the transaction open */
    else if (db->mode == DB_WRITE)
        atomic_fetch_add(&commits, 1);
    return e;
}

void db_settle(struct db *db)
{
    if (db->kept && db_in_transaction(db))
        run_own(db, OWN_COMMIT);
    db->kept = false;
}

void db_rollback(struct db *db)
{
    db->kept = false;
    if (db_in_transaction(db))
        run_own(db, OWN_ROLLBACK);
}

enum err db_savepoint(struct db *db)
{
    return run_own(db, OWN_SAVEPOINT);
}

enum err db_release(struct db *db)
{
    return run_own(db, OWN_RELEASE);
}

void db_rollback_to_savepoint(struct db *db)
{
    if (run_own(db, OWN_ROLLBACK_TO) == ERR_OK)
        run_own(db, OWN_RELEASE);
    else
        db_rollback(db); /* rather all of it than half of what failed */
}

bool db_in_transaction(struct db *db)
{
    return db->driver->in_transaction(db);
}

enum err db_script(struct db *db, const char *sql, struct fault *f)
{
    return db->driver->script(db, sql, f);
}

struct str db_spell_schema(struct db *db, struct arena *a, struct str neutral)
{
    struct buf out;
    struct str copy;

    buf_init(&out, neutral.n * 8 + 1024);
    for (size_t i = 0; i < neutral.n;) {
        struct str rest = {neutral.p + i, neutral.n - i};
        const struct db_spelling *s = db->driver->spelling;

        while (s->from && !str_starts(rest, str_from(s->from)))
            s++;
        if (s->from)
            buf_add_str(&out, str_from(s->to));
        else
            buf_add_char(&out, neutral.p[i]);
        i += s->from ? strlen(s->from) : 1;
    }
    copy = out.failed ? STR_NULL : arena_str(a, buf_str(&out));
    buf_finish(&out);
    return copy;
}

void db_checkpoint(struct db *db, int pages_min)
{
    db->driver->checkpoint(db, pages_min);
}

enum err db_copy(struct db *db, const char *path, struct fault *f)
{
    return db->driver->copy(db, path, f);
}

int64_t db_vm_steps(struct db *db)
{
    return db->driver->vm_steps(db);
}
