/* List queries: paging, sorting and filters over the columns that lists.tbl allows. */
#ifndef STORE_LIST_H
#define STORE_LIST_H

#include "store/statements.h"

enum list_op {
    LIST_EQ,
    LIST_NE,
    LIST_IN,
    LIST_NOT_IN,
    LIST_GT,
    LIST_GE,
    LIST_LT,
    LIST_LE,
    LIST_LIKE,
    LIST_NOT_LIKE,
    LIST_ILIKE,
    LIST_NOT_ILIKE
};

/* A value of a filter as it came; the column's type decides what is made of it. */
struct list_value {
    enum { LIST_NULL, LIST_INT, LIST_TEXT } kind;
    int64_t i;
    struct str s;
};

struct list_term {
    struct str field;
    enum list_op op;
    const struct list_value *values; /* one, or any number for LIST_IN and LIST_NOT_IN */
    size_t values_len;
};

/* The parameter of a predicate that takes ids: a JSON array of them. */
struct list_value list_ids(struct db *db, const int64_t *ids, size_t n);

#define LIST_TERMS_MAX  32
#define LIST_VALUES_MAX 16384 /* in one LIST_IN; SQLite binds at most 32766 parameters */

#define PREDICATE_PARAMS_MAX 6
#define PREDICATES_MAX       16

/* A condition of lists.tbl that must hold, or must not. */
struct list_predicate {
    enum predicate_id id;
    bool negated;
    struct list_value params[PREDICATE_PARAMS_MAX];
};

struct list_query {
    int64_t page;     /* from 1 */
    int64_t per_page; /* > 0 */
    struct str sort;  /* wire name of a column; absent = "id" */
    bool descending;
    enum { NULLS_DEFAULT, NULLS_FIRST, NULLS_LAST } nulls;
    bool by_token; /* continue behind `after` instead of counting pages */
    int64_t after; /* token of the previous answer, 0 = start */
    const struct list_term *terms;
    size_t terms_len;
    const struct list_predicate *predicates;
    size_t predicates_len;
};

#define LIST_PARAMS_MAX 8

/* An open list. Bind the parameters of its WHERE, open, then read rows. */
struct list {
    struct db *db;
    enum list_id id;
    int64_t params[LIST_PARAMS_MAX];
    size_t params_len;
    int64_t total; /* rows that match, over all pages */
    int64_t per_page;
    int64_t pages;
    int64_t after;      /* token of the next page, 0 = this was the last; set by list_close */
    struct db_query *q; /* current row while list_next answers true */
    /* internal */
    int64_t rows, offset, last_id;
    bool by_token, keyset;
};

/* The list with the parameters of its WHERE in order. */
struct list list_make(struct db *db, enum list_id id, const int64_t *params, size_t n);
#define LIST_MAKE(db, id, ...)                                                                     \
    list_make(db, id, (const int64_t[]){__VA_ARGS__}, sizeof((int64_t[]){__VA_ARGS__}) / 8)

/* How many parameters the WHERE of the list takes. */
size_t list_params_count(enum list_id id);

/* Count, then start the query. ERR_INVALID names the field of the request in *f: unknown column,
 * an operator that does not fit, a value of the wrong type. */
enum err list_open(struct list *l, const struct list_query *query, struct fault *f);

/* Next row: read its columns from l->q. The first column of every list is its id. */
bool list_next(struct list *l);

/* Finish; the first error of the whole list. */
enum err list_close(struct list *l);

#endif
