/* Compiles a list query to SQL with bound parameters; the only text that varies comes from
 * lists.tbl. Texts repeat, so the driver's cache of prepared statements serves most calls. */
#include "store/list.h"

#include <assert.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "store/store_int.h"

#define SQL_BYTES_MAX (256 * 1024)

struct list list_make(struct db *db, enum list_id id, const int64_t *params, size_t n)
{
    struct list l = {.db = db, .id = id, .params_len = n};

    assert(n <= LIST_PARAMS_MAX && n == list_params_count(id));
    for (size_t i = 0; i < n; i++)
        l.params[i] = params[i];
    return l;
}

struct list_value list_ids(struct db *db, const int64_t *ids, size_t n)
{
    return (struct list_value){.kind = LIST_TEXT, .s = store__id_array(db, ids, n)};
}

size_t list_params_count(enum list_id id)
{
    size_t n = 0;

    for (const char *p = store_lists[id].where; (p = strchr(p, '?')) != NULL; p++)
        if ((size_t)(p[1] - '0') > n)
            n = (size_t)(p[1] - '0');
    return n;
}

static const struct column_def *find_column(enum list_id list, struct str name, unsigned use)
{
    for (size_t i = 0; i < store_columns_len; i++) {
        const struct column_def *c = &store_columns[i];

        if (c->list == list && (c->use & use) && str_is(name, c->name))
            return c;
    }
    return NULL;
}

static const char *column_sql(struct db *db, const struct column_def *c)
{
    return db_engine(db) == DB_PG ? c->pg : c->sqlite;
}

static enum err unknown_column(struct list *l, struct str name, unsigned use, const char *field,
                               struct fault *f)
{
    char names[200] = "";
    size_t n = 0;

    for (size_t i = 0; i < store_columns_len; i++) {
        const struct column_def *c = &store_columns[i];
        size_t len = strlen(c->name);

        if (c->list != l->id || (c->use & use) == 0 || n + len + 3 > sizeof names)
            continue;
        memcpy(names + n, n ? ", " : "", n ? 2 : 0);
        n += n ? 2 : 0;
        memcpy(names + n, c->name, len + 1);
        n += len;
    }
    return fault_set(f, ERR_INVALID, field, "\"%.*s\" cannot be used here; known: %s",
                     STR_CUT(name, 60), names);
}

/* The parameters of one compiled query: first the list's own, then those of the filters. */
struct binds {
    struct list_value *v;
    size_t n, cap;
    struct arena *arena;
    struct db *db;
};

static bool bind_add(struct binds *b, struct list_value v)
{
    if (b->n == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 16;
        struct list_value *grown = arena_array(b->arena, cap, sizeof *grown);

        if (grown == NULL)
            return false;
        if (b->n > 0)
            memcpy(grown, b->v, b->n * sizeof *grown);
        b->v = grown;
        b->cap = cap;
    }
    b->v[b->n++] = v;
    return true;
}

/* What a column of this type compares with; false: the value does not fit. */
static bool convert(enum column_type type, struct list_value in, struct list_value *out)
{
    *out = in;
    switch (type) {
    case COLUMN_TEXT:
        return in.kind == LIST_TEXT;
    case COLUMN_INT:
        out->kind = LIST_INT;
        return in.kind == LIST_INT || (in.kind == LIST_TEXT && str_to_i64(in.s, &out->i));
    case COLUMN_TIME:
        out->kind = LIST_INT;
        return in.kind == LIST_TEXT && clock_parse(in.s, &out->i);
    }
    return false;
}

static const char *type_name(enum column_type type)
{
    return type == COLUMN_TEXT  ? "a string"
           : type == COLUMN_INT ? "an integer"
                                : "an ISO 8601 time";
}

static void add_parameter(struct buf *sql, struct binds *b, struct list_value v)
{
    if (bind_add(b, v))
        buf_printf(sql, "?%zu", b->n);
    else
        sql->failed = true;
}

/* "x not in (...)" holds where x is null. */
static void add_in(struct buf *sql, struct binds *b, const struct column_def *c, bool negated,
                   const struct list_value *v, size_t n)
{
    const char *column = column_sql(b->db, c);
    size_t padded = 1;

    if (n == 0) {
        buf_add_str(sql, negated ? STR("1 = 1") : STR("1 = 0"));
        return;
    }
    while (padded < n) /* few distinct lengths: few distinct texts to prepare */
        padded *= 2;
    BUF_ADD_LIT(sql, "(");
    if (negated && (c->use & COLUMN_NULLABLE))
        buf_printf(sql, "%s IS NULL OR ", column);
    buf_printf(sql, "%s %s (", column, negated ? "NOT IN" : "IN");
    for (size_t i = 0; i < padded; i++) {
        if (i > 0)
            buf_add_char(sql, ',');
        add_parameter(sql, b, v[i < n ? i : n - 1]);
    }
    BUF_ADD_LIT(sql, "))");
}

static void add_comparison(struct buf *sql, struct binds *b, const struct column_def *c,
                           enum list_op op, struct list_value v)
{
    static const struct {
        const char *before, *between, *after;
    } form[] = {
        [LIST_EQ] = {"", " = ", ""},
        [LIST_NE] = {"", " <> ", ""},
        [LIST_GT] = {"", " > ", ""},
        [LIST_GE] = {"", " >= ", ""},
        [LIST_LT] = {"", " < ", ""},
        [LIST_LE] = {"", " <= ", ""},
        [LIST_LIKE] = {"", " LIKE ", " ESCAPE '\\'"},
        [LIST_NOT_LIKE] = {"", " NOT LIKE ", " ESCAPE '\\'"},
        [LIST_ILIKE] = {"LOWER(", ") LIKE LOWER(", ") ESCAPE '\\'"},
        [LIST_NOT_ILIKE] = {"LOWER(", ") NOT LIKE LOWER(", ") ESCAPE '\\'"},
    };

    bool distinct = op == LIST_NE && (c->use & COLUMN_NULLABLE); /* null differs from every value */
    buf_printf(sql, "%s%s%s", form[op].before, column_sql(b->db, c),
               distinct ? " IS DISTINCT FROM " : form[op].between);
    add_parameter(sql, b, v);
    buf_add_str(sql, str_from(form[op].after));
}

static enum err add_term(struct list *l, struct buf *sql, struct binds *b,
                         const struct list_term *t, size_t index, struct fault *f)
{
    const struct column_def *c = find_column(l->id, t->field, COLUMN_FILTER);
    bool in = t->op == LIST_IN || t->op == LIST_NOT_IN;
    char field[48];

    snprintf(field, sizeof field, "filter[%zu].field", index);
    if (c == NULL)
        return unknown_column(l, t->field, COLUMN_FILTER, field, f);
    const char *column = column_sql(l->db, c);
    if (t->op >= LIST_LIKE && c->type != COLUMN_TEXT) {
        snprintf(field, sizeof field, "filter[%zu].operator", index);
        return fault_set(f, ERR_INVALID, field, "\"%s\" is no text: like does not apply", c->name);
    }
    BUF_ADD_LIT(sql, " AND ");
    if (!in && t->values[0].kind == LIST_NULL && (t->op == LIST_EQ || t->op == LIST_NE)) {
        buf_printf(sql, "%s IS %sNULL", column, t->op == LIST_NE ? "NOT " : "");
        return ERR_OK;
    }
    struct list_value *v = arena_array(b->arena, t->values_len, sizeof *v);
    if (v == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < t->values_len; i++) {
        snprintf(field, sizeof field, in ? "filter[%zu].value[%zu]" : "filter[%zu].value", index,
                 i);
        if (!convert(c->type, t->values[i], &v[i]))
            return fault_set(f, ERR_INVALID, field, "\"%s\" is compared with %s", c->name,
                             type_name(c->type));
    }
    if (in)
        add_in(sql, b, c, t->op == LIST_NOT_IN, v, t->values_len);
    else
        add_comparison(sql, b, c, t->op, v[0]);
    return ERR_OK;
}

/* The text of a predicate with $n replaced by the numbers its parameters get. */
static void add_predicate(struct buf *sql, struct binds *b, const struct list_predicate *p)
{
    const struct predicate_def *def = &store_predicates[p->id];
    const char *text = db_engine(b->db) == DB_PG ? def->pg : def->sqlite;
    size_t first = b->n, used = 0;

    for (const char *c = text; *c; c++)
        if (*c == '$' && c[1] >= '1' && (size_t)(c[1] - '0') > used)
            used = (size_t)(c[1] - '0');
    for (size_t i = 0; i < used; i++)
        sql->failed = sql->failed || !bind_add(b, p->params[i]);
    buf_add_str(sql, p->negated ? STR(" AND NOT (") : STR(" AND ("));
    for (const char *c = text; *c; c++) {
        if (*c == '$' && c[1] >= '1' && c[1] <= '9')
            buf_printf(sql, "?%zu", first + (size_t)(*++c - '0'));
        else
            buf_add_char(sql, *c);
    }
    buf_add_char(sql, ')');
}

static void bind_all(struct db_query *q, const struct binds *b)
{
    for (size_t i = 0; i < b->n; i++) {
        if (b->v[i].kind == LIST_TEXT)
            db_bind_str(q, b->v[i].s);
        else
            db_bind_i64(q, b->v[i].i);
    }
}

static enum err count(struct list *l, struct str where, const struct binds *b)
{
    struct buf sql;

    buf_init(&sql, SQL_BYTES_MAX);
    buf_printf(&sql, "SELECT COUNT(*) FROM %s WHERE ", store_lists[l->id].from);
    buf_add_str(&sql, where);
    struct db_query *q = db_query_text(l->db, buf_str(&sql));
    bind_all(q, b);
    if (db_step(q))
        l->total = db_col_i64(q, 0);
    buf_finish(&sql);
    return db_end(q);
}

/* Which rows make a page. */
struct cut {
    const struct column_def *by, *id;
    int nulls;
    bool descending;
    int64_t limit, offset;
};

static void add_order(struct buf *sql, struct binds *b, const struct cut *c)
{
    const char *direction = c->descending ? "DESC" : "ASC";

    buf_printf(sql, " ORDER BY %s %s", column_sql(b->db, c->by), direction);
    if (c->nulls != NULLS_DEFAULT)
        buf_printf(sql, " NULLS %s", c->nulls == NULLS_FIRST ? "FIRST" : "LAST");
    if (c->by != c->id)
        buf_printf(sql, ", %s %s", column_sql(b->db, c->id), direction);
    BUF_ADD_LIT(sql, " LIMIT ");
    add_parameter(sql, b, (struct list_value){.kind = LIST_INT, .i = c->limit});
    BUF_ADD_LIT(sql, " OFFSET ");
    add_parameter(sql, b, (struct list_value){.kind = LIST_INT, .i = c->offset});
}

/* The engine walks over all rows before a page: when those behind it are fewer, the page is taken
 * from the end and turned round. */
static void add_page(const struct list *l, struct buf *sql, struct binds *b, struct str where,
                     struct cut c)
{
    const struct list_def *def = &store_lists[l->id];
    int64_t behind = l->total - c.offset;
    bool from_end = c.by == c.id && behind < c.offset;

    if (from_end) {
        c.limit = c.limit < behind ? c.limit : behind;
        c.offset = behind - c.limit;
        c.descending = !c.descending;
        BUF_ADD_LIT(sql, "SELECT * FROM (");
    }
    buf_printf(sql, "SELECT %s FROM %s WHERE ", def->columns, def->from);
    buf_add_str(sql, where);
    add_order(sql, b, &c);
    if (from_end) /* the first column is the id */
        buf_printf(sql, ") AS page ORDER BY 1 %s", c.descending ? "ASC" : "DESC");
}

static enum err start_page(struct list *l, struct buf *where, struct binds *b,
                           const struct list_query *query, struct fault *f)
{
    struct str sort = query->sort.p ? query->sort : STR("id");
    struct cut c = {.by = find_column(l->id, sort, COLUMN_SORT),
                    .id = find_column(l->id, STR("id"), COLUMN_SORT),
                    .nulls = query->nulls,
                    .descending = query->descending,
                    .limit = query->per_page};
    struct buf sql;

    if (c.by == NULL)
        return unknown_column(l, sort, COLUMN_SORT, "sort", f);
    l->by_token = query->by_token;
    l->keyset = query->by_token && c.by == c.id;
    if (l->keyset && query->after > 0) {
        buf_printf(where, " AND %s %s ", column_sql(l->db, c.id), query->descending ? "<" : ">");
        add_parameter(where, b, (struct list_value){.kind = LIST_INT, .i = query->after});
    }
    l->offset = l->keyset         ? 0
                : query->by_token ? query->after
                                  : (query->page - 1) * query->per_page;
    if (l->offset >= l->total) /* a page behind the end needs no query */
        return ERR_OK;
    c.offset = l->offset;
    buf_init(&sql, SQL_BYTES_MAX);
    add_page(l, &sql, b, buf_str(where), c);
    if (!sql.failed) {
        l->q = db_query_text(l->db, buf_str(&sql));
        bind_all(l->q, b);
    }
    bool failed = sql.failed;
    buf_finish(&sql);
    return failed ? fault_set(f, ERR_TOO_LARGE, "filter", "the filter is too large") : ERR_OK;
}

/* The engine takes conditions in order: those that cost least and decide most come first. */
static bool is_cheap(const struct list_term *t)
{
    return t->op == LIST_EQ && t->values[0].kind != LIST_TEXT;
}

enum err list_open(struct list *l, const struct list_query *query, struct fault *f)
{
    struct binds b = {.arena = db_arena(l->db), .db = l->db};
    struct buf where;
    enum err e = ERR_OK;

    for (size_t i = 0; i < l->params_len; i++)
        bind_add(&b, (struct list_value){.kind = LIST_INT, .i = l->params[i]});
    buf_init(&where, SQL_BYTES_MAX);
    buf_add_str(&where, str_from(store_lists[l->id].where));
    for (int cheap = 1; cheap >= 0; cheap--)
        for (size_t i = 0; i < query->terms_len && e == ERR_OK; i++)
            if (is_cheap(&query->terms[i]) == cheap)
                e = add_term(l, &where, &b, &query->terms[i], i, f);
    for (size_t i = 0; i < query->predicates_len; i++)
        add_predicate(&where, &b, &query->predicates[i]);
    if (e == ERR_OK && where.failed)
        e = fault_set(f, ERR_TOO_LARGE, "filter", "the filter is too large");
    l->per_page = query->per_page;
    if (e == ERR_OK)
        e = count(l, buf_str(&where), &b);
    if (e == ERR_OK) {
        l->pages = (l->total + l->per_page - 1) / l->per_page;
        e = start_page(l, &where, &b, query, f);
    }
    buf_finish(&where);
    return e;
}

bool list_next(struct list *l)
{
    if (l->q == NULL || !db_step(l->q))
        return false;
    l->rows++;
    l->last_id = db_col_i64(l->q, 0);
    return true;
}

enum err list_close(struct list *l)
{
    enum err e = l->q ? db_end(l->q) : ERR_OK;

    if (l->by_token && l->rows == l->per_page) {
        if (l->keyset)
            l->after = l->last_id;
        else if (l->offset + l->rows < l->total)
            l->after = l->offset + l->rows;
    }
    return e;
}
