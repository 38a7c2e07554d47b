/* The tables of SQL text, in one place. */
#include "store/statements.h"

const struct db_stmt store_stmts[STMT__MAX] = {
#define STMT(id, sql)         [STMT_##id] = {#id, sql, NULL},
#define STMT2(id, sqlite, pg) [STMT_##id] = {#id, sqlite, pg},
#include "store/statements.tbl"
#undef STMT
#undef STMT2
};

/* lists.tbl uses the column macros that statements.tbl defines */
const struct list_def store_lists[LIST__MAX] = {
#define LIST(id, columns, from, where) [LIST_##id] = {columns, from, where},
#define COLUMN(list, name, sql, type, use)
#define COLUMN2(list, name, sqlite, pg, type, use)
#define PREDICATE(id, sqlite, pg)
#include "store/lists.tbl"
#undef LIST
#undef COLUMN
#undef COLUMN2
#undef PREDICATE
};

const struct column_def store_columns[] = {
#define F COLUMN_FILTER
#define S COLUMN_SORT
#define N COLUMN_NULLABLE
#define LIST(id, columns, from, where)
#define COLUMN(list, name, sql, type, use) {LIST_##list, name, sql, sql, COLUMN_##type, use},
#define COLUMN2(list, name, sqlite, pg, type, use)                                                 \
    {LIST_##list, name, sqlite, pg, COLUMN_##type, use},
#define PREDICATE(id, sqlite, pg)
#include "store/lists.tbl"
#undef LIST
#undef COLUMN
#undef COLUMN2
#undef PREDICATE
#undef F
#undef S
#undef N
};
const size_t store_columns_len = ARRAY_LEN(store_columns);

const struct predicate_def store_predicates[PREDICATE__MAX] = {
#define LIST(id, columns, from, where)
#define COLUMN(list, name, sql, type, use)
#define COLUMN2(list, name, sqlite, pg, type, use)
#define PREDICATE(id, sqlite, pg) [PREDICATE_##id] = {sqlite, pg},
#include "store/lists.tbl"
#undef LIST
#undef COLUMN
#undef COLUMN2
#undef PREDICATE
};
