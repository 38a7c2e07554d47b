/* Numbers of the fixed statements and of the lists; the texts are in the .tbl files. */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

#include "db/db.h"

enum stmt {
#define STMT(id, sql)         STMT_##id,
#define STMT2(id, sqlite, pg) STMT_##id,
#include "store/statements.tbl"
#undef STMT
#undef STMT2
    STMT__MAX
};

enum list_id {
#define LIST(id, columns, from, where) LIST_##id,
#define COLUMN(list, name, sql, type, use)
#define COLUMN2(list, name, sqlite, pg, type, use)
#define PREDICATE(id, sqlite, pg)
#include "store/lists.tbl"
#undef LIST
#undef COLUMN
#undef COLUMN2
#undef PREDICATE
    LIST__MAX
};

/* Conditions that are more than a comparison with a column. */
enum predicate_id {
#define LIST(id, columns, from, where)
#define COLUMN(list, name, sql, type, use)
#define COLUMN2(list, name, sqlite, pg, type, use)
#define PREDICATE(id, sqlite, pg) PREDICATE_##id,
#include "store/lists.tbl"
#undef LIST
#undef COLUMN
#undef COLUMN2
#undef PREDICATE
    PREDICATE__MAX
};

struct predicate_def {
    const char *sqlite, *pg; /* $1, $2 ... are its parameters */
};
extern const struct predicate_def store_predicates[PREDICATE__MAX];

/* A list as lists.tbl declares it. */
struct list_def {
    const char *columns, *from, *where;
};

enum column_type { COLUMN_INT, COLUMN_TEXT, COLUMN_TIME };
enum column_use { COLUMN_FILTER = 1, COLUMN_SORT = 2, COLUMN_NULLABLE = 4 };

struct column_def {
    enum list_id list;
    const char *name; /* on the wire */
    const char *sqlite, *pg;
    enum column_type type;
    unsigned use; /* bits of enum column_use */
};

extern const struct db_stmt store_stmts[STMT__MAX];
extern const struct list_def store_lists[LIST__MAX];
extern const struct column_def store_columns[];
extern const size_t store_columns_len;

#endif
