/* PostgreSQL driver. Statements are prepared on first use under a short name; a lost connection is
 * made anew at the next BEGIN. Writes run SERIALIZABLE, so that they may be written as if they were
 * alone; the server's "try again" becomes ERR_BUSY. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "db/db_int.h"

struct native {
    PGconn *handle;
    unsigned next_name;
    unsigned generation; /* counts connections: what was prepared on an older one is gone */
};

/* One parameter: text the driver made, or bytes that are borrowed until db_end. */
struct param {
    char number[32];
    const char *p; /* NULL = SQL NULL */
    int n;
    int binary;
};

struct statement {
    char name[16];
    unsigned generation;
    struct param *params;
    int params_cap;
    PGresult *result; /* of the current use */
    int row;
};

static struct native *native_of(struct db *db)
{
    return db->native;
}

static PGconn *handle_of(struct db *db)
{
    return native_of(db)->handle;
}

static void fail(struct db_query *q, const char *state, const char *message)
{
    static const struct {
        const char *state;
        enum err e;
    } known[] = {
        {"23505", ERR_CONFLICT}, {"40001", ERR_BUSY}, {"40P01", ERR_BUSY},     {"55P03", ERR_BUSY},
        {"57P01", ERR_BUSY},     {"57P03", ERR_BUSY}, {"53100", ERR_NO_SPACE}, {"53200", ERR_NOMEM},
        {"53300", ERR_BUSY},     {"08006", ERR_BUSY}, {"08003", ERR_BUSY},
    };

    q->error = PQstatus(handle_of(q->db)) == CONNECTION_OK ? ERR_INTERNAL : ERR_BUSY;
    for (size_t i = 0; state && i < ARRAY_LEN(known); i++)
        if (strcmp(state, known[i].state) == 0)
            q->error = known[i].e;
    if (q->error == ERR_INTERNAL || q->error == ERR_NO_SPACE)
        log_error("db", "%s in: %s", message, q->sql);
}

/* true: r is fine. Otherwise q->error is set and r is gone. */
static bool check(struct db_query *q, PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return true;
    fail(q, r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL,
         r ? PQresultErrorMessage(r) : PQerrorMessage(handle_of(q->db)));
    PQclear(r);
    return false;
}

static void on_notice(void *arg, const char *message)
{
    (void)arg;
    log_debug("db", "%s", message);
}

static enum err pg_open(struct db *db, const struct db_options *o, struct fault *f)
{
    struct native *n = calloc(1, sizeof *n);

    if (n == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    n->handle = PQconnectdb(o->target);
    n->generation = 1;
    if (PQstatus(n->handle) != CONNECTION_OK) {
        fault_set(f, ERR_INTERNAL, NULL, "cannot connect: %s", PQerrorMessage(n->handle));
        PQfinish(n->handle);
        free(n);
        return ERR_INTERNAL;
    }
    PQsetNoticeProcessor(n->handle, on_notice, NULL);
    db->native = n;
    return ERR_OK;
}

static void pg_close(struct db *db)
{
    PQfinish(handle_of(db));
    free(db->native);
}

/* "?12" to "$12", but not inside quotes. */
static void rewrite(struct buf *out, const char *sql)
{
    bool quoted = false;

    for (const char *p = sql; *p; p++) {
        quoted ^= *p == '\'';
        buf_add_char(out, *p == '?' && !quoted ? '$' : *p);
    }
    buf_add_char(out, '\0');
}

static bool prepare_on_server(struct db_query *q, struct statement *s)
{
    struct native *n = native_of(q->db);
    struct buf sql;

    buf_init(&sql, 1u << 20);
    rewrite(&sql, q->sql);
    snprintf(s->name, sizeof s->name, "s%u", n->next_name++);
    PGresult *r = sql.failed ? NULL : PQprepare(n->handle, s->name, sql.p, 0, NULL);
    bool ok = check(q, r);
    if (ok)
        PQclear(r);
    s->generation = ok ? n->generation : 0;
    buf_finish(&sql);
    return ok;
}

static void pg_prepare(struct db_query *q)
{
    struct statement *s = calloc(1, sizeof *s);

    if (s == NULL) {
        q->error = ERR_NOMEM;
        return;
    }
    q->native = s;
    prepare_on_server(q, s);
}

static struct param *param_at(struct db_query *q, int at)
{
    struct statement *s = q->native;

    if (at > s->params_cap) {
        int cap = at < 16 ? 16 : at * 2;
        struct param *grown = realloc(s->params, (size_t)cap * sizeof *grown);

        if (grown == NULL) {
            q->error = ERR_NOMEM;
            return NULL;
        }
        s->params = grown;
        s->params_cap = cap;
    }
    return &s->params[at - 1];
}

static void pg_bind_i64(struct db_query *q, int at, int64_t v)
{
    struct param *p = param_at(q, at);

    if (p == NULL)
        return;
    p->n = snprintf(p->number, sizeof p->number, "%lld", (long long)v);
    p->p = ""; /* number, wherever the array is by then */
    p->binary = -1;
}

static void pg_bind_real(struct db_query *q, int at, double v)
{
    struct param *p = param_at(q, at);

    if (p == NULL)
        return;
    p->n = snprintf(p->number, sizeof p->number, "%.17g", v);
    p->p = "";
    p->binary = -1;
}

/* Binary format: for text it is the bytes, and needs no terminator. */
static void pg_bind_blob(struct db_query *q, int at, const void *v, size_t n)
{
    struct param *p = param_at(q, at);

    if (p == NULL)
        return;
    p->p = v ? v : "";
    p->n = (int)n;
    p->binary = 1;
}

static void pg_bind_str(struct db_query *q, int at, struct str s)
{
    pg_bind_blob(q, at, s.p, s.n);
}

static void pg_bind_null(struct db_query *q, int at)
{
    struct param *p = param_at(q, at);

    if (p == NULL)
        return;
    p->p = NULL;
    p->n = 0;
    p->binary = 0;
}

static PGresult *execute(struct db_query *q, struct statement *s)
{
    size_t n = (size_t)q->bound;
    const char **values = calloc(n + 1, sizeof *values);
    int *lengths = calloc(2 * n + 1, sizeof *lengths);
    PGresult *r = NULL;

    for (size_t i = 0; values && lengths && i < n; i++) {
        struct param *p = &s->params[i];

        values[i] = p->binary < 0 ? p->number : p->p;
        lengths[i] = p->n;
        lengths[n + i] = p->binary > 0;
    }
    if (values && lengths)
        r = PQexecPrepared(handle_of(q->db), s->name, q->bound, values, lengths, lengths + n, 0);
    free(values);
    free(lengths);
    return r;
}

static bool pg_step(struct db_query *q)
{
    struct statement *s = q->native;

    if (s->result == NULL) {
        if (s->generation != native_of(q->db)->generation && !prepare_on_server(q, s))
            return false;
        PGresult *r = execute(q, s);
        if (!check(q, r))
            return false;
        s->result = r;
        s->row = -1;
        q->db->changes = strtoll(PQcmdTuples(r), NULL, 10);
    }
    return ++s->row < PQntuples(s->result);
}

static int64_t pg_col_i64(struct db_query *q, int i)
{
    struct statement *s = q->native;
    const char *text = PQgetvalue(s->result, s->row, i);

    if (text[0] == 't' || text[0] == 'f') /* a boolean expression */
        return text[0] == 't';
    return strtoll(text, NULL, 10);
}

static double pg_col_real(struct db_query *q, int i)
{
    struct statement *s = q->native;

    return strtod(PQgetvalue(s->result, s->row, i), NULL);
}

static bool pg_col_is_null(struct db_query *q, int i)
{
    struct statement *s = q->native;

    return PQgetisnull(s->result, s->row, i);
}

static struct str pg_col_view(struct db_query *q, int i)
{
    struct statement *s = q->native;

    if (PQgetisnull(s->result, s->row, i))
        return STR_NULL;
    return (struct str){PQgetvalue(s->result, s->row, i),
                        (size_t)PQgetlength(s->result, s->row, i)};
}

static void pg_reset(struct db_query *q)
{
    struct statement *s = q->native;

    PQclear(s->result);
    s->result = NULL;
}

static void pg_release(struct db_query *q)
{
    struct statement *s = q->native;
    char sql[40];

    if (s == NULL)
        return;
    if (s->generation == native_of(q->db)->generation) {
        snprintf(sql, sizeof sql, "DEALLOCATE %s", s->name);
        PQclear(PQexec(handle_of(q->db), sql));
    }
    free(s->params);
    free(s);
    q->native = NULL;
}

static bool pg_in_transaction(struct db *db)
{
    return PQtransactionStatus(handle_of(db)) != PQTRANS_IDLE &&
           PQstatus(handle_of(db)) == CONNECTION_OK;
}

static void pg_revive(struct db *db)
{
    struct native *n = db->native;

    if (PQstatus(n->handle) == CONNECTION_OK)
        return;
    log_warn("db", "the connection was lost; connecting again");
    PQreset(n->handle);
    n->generation++;
}

static enum err pg_script(struct db *db, const char *sql, struct fault *f)
{
    PGresult *r = PQexec(handle_of(db), sql);
    ExecStatusType status = PQresultStatus(r);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

    if (!ok)
        fault_set(f, ERR_INTERNAL, NULL, "database: %s", PQresultErrorMessage(r));
    PQclear(r);
    return ok ? ERR_OK : ERR_INTERNAL;
}

static void pg_checkpoint(struct db *db, int pages_min)
{
    (void)db; /* the server does it */
    (void)pages_min;
}

static enum err pg_copy(struct db *db, const char *path, struct fault *f)
{
    (void)db;
    (void)path;
    return fault_set(f, ERR_INVALID, NULL, "PostgreSQL has pg_dump for this");
}

static int64_t pg_vm_steps(struct db *db)
{
    (void)db;
    return 0;
}

static uint32_t pg_snapshot(struct db *db)
{
    (void)db; /* it does not say */
    return 0;
}

const struct db_driver db_pg = {
    .engine = DB_PG,
    .open = pg_open,
    .close = pg_close,
    .prepare = pg_prepare,
    .bind_i64 = pg_bind_i64,
    .bind_real = pg_bind_real,
    .bind_str = pg_bind_str,
    .bind_blob = pg_bind_blob,
    .bind_null = pg_bind_null,
    .step = pg_step,
    .col_i64 = pg_col_i64,
    .col_real = pg_col_real,
    .col_is_null = pg_col_is_null,
    .col_view = pg_col_view,
    .reset = pg_reset,
    .release = pg_release,
    .in_transaction = pg_in_transaction,
    .revive = pg_revive,
    .script = pg_script,
    .checkpoint = pg_checkpoint,
    .copy = pg_copy,
    .vm_steps = pg_vm_steps,
    .snapshot = pg_snapshot,
    .spelling = {{"$NOROWID", ""},
                 {"$ID", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"},
                 {"$INT", "BIGINT"},
                 {"$TEXT", "TEXT COLLATE \"C\""},
                 {"$BLOB", "BYTEA"},
                 {"$REAL", "DOUBLE PRECISION"}},
    .begin = {[DB_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
              [DB_WRITE] = "BEGIN ISOLATION LEVEL SERIALIZABLE"},
};
