/* The fields that every list takes: paging, sorting, filters. */
#ifndef API_LIST_ARGS_H
#define API_LIST_ARGS_H

#include "api/field.h"
#include "json/json_write.h"

struct list_args {
    struct opt_int page, per_page, after;
    struct str sort, sort_order, sort_nulls_order, pagination_mode;
    struct json_value *filter;
};

#define PER_PAGE_MAX 20000

#define LIST_FIELDS(T, list)                                                                       \
    F_INT(OPTIONAL, T, list.page, "page", 1, 1000000000, "page number, from 1 (default 1)"),       \
        F_INT(OPTIONAL, T, list.per_page, "per_page", 1, PER_PAGE_MAX, "entities on a page"),      \
        F_STR(OPTIONAL, T, list.sort, "sort", 64, "field to sort by (default id)"),                \
        F_STR(OPTIONAL, T, list.sort_order, "sort_order", 4, "asc (default) or desc"),             \
        F_STR(OPTIONAL, T, list.sort_nulls_order, "sort_nulls_order", 5, "first or last"),         \
        F_ARR(OPTIONAL, T, list.filter, "filter",                                                  \
              "[{field, operator, value}], all must hold; operators = != > >= < <= in !in like"    \
              " !like ilike !ilike, or the words eq not gt gte lt lte"),                           \
        F_STR(OPTIONAL, T, list.pagination_mode, "pagination_mode", 5,                             \
              "page (default), or token: answers carry \"after\", to be sent with the next call"), \
        F_INT(OPTIONAL, T, list.after, "after", 0, INT64_MAX, "token of the previous answer")

/* Check and translate. ERR_INVALID names the field. */
enum err list_args_query(struct call *c, const struct list_args *args, int64_t per_page_default,
                         struct list_query *out);

/* Envelope around the entities: {"total", "perPage", "pagesCount", "entities": [ ... ], "after"}.
 * Between the two the caller writes one value for each entity. */
void list_envelope(struct json_w *w, const struct list *l);
void list_envelope_end(struct json_w *w, const struct list *l); /* l is closed already */

#endif
