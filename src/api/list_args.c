/* List requests: from JSON to struct list_query. */
#include "api/list_args.h"

#include <stdio.h>

#include "domain/call.h"

static const struct {
    const char *name;
    enum list_op op;
} operators[] = {
    {"=", LIST_EQ},           {"eq", LIST_EQ},       {"!=", LIST_NE},
    {"not", LIST_NE},         {"in", LIST_IN},       {"!in", LIST_NOT_IN},
    {">", LIST_GT},           {"gt", LIST_GT},       {">=", LIST_GE},
    {"gte", LIST_GE},         {"<", LIST_LT},        {"lt", LIST_LT},
    {"<=", LIST_LE},          {"lte", LIST_LE},      {"like", LIST_LIKE},
    {"!like", LIST_NOT_LIKE}, {"ilike", LIST_ILIKE}, {"!ilike", LIST_NOT_ILIKE},
};

static enum err get_operator(struct call *c, struct json_value *v, size_t index, enum list_op *out)
{
    char field[48];

    snprintf(field, sizeof field, "filter[%zu].operator", index);
    for (size_t i = 0; v && v->type == JSON_STR && i < ARRAY_LEN(operators); i++)
        if (str_is(v->s, operators[i].name)) {
            *out = operators[i].op;
            return ERR_OK;
        }
    return fail(c, ERR_INVALID, field,
                "the operator must be one of = != > >= < <= in !in like"
                " !like ilike !ilike eq not gt gte lt lte");
}

static bool get_scalar(const struct json_value *v, struct list_value *out)
{
    *out = (struct list_value){0};
    switch (v->type) {
    case JSON_NULL:
        out->kind = LIST_NULL;
        return true;
    case JSON_BOOL:
        *out = (struct list_value){.kind = LIST_INT, .i = v->b};
        return true;
    case JSON_INT:
        *out = (struct list_value){.kind = LIST_INT, .i = v->i};
        return true;
    case JSON_STR:
        *out = (struct list_value){.kind = LIST_TEXT, .s = v->s};
        return memchr(v->s.p, '\0', v->s.n) == NULL;
    default:
        return false;
    }
}

static enum err get_values(struct call *c, struct json_value *v, size_t index,
                           struct list_term *term)
{
    bool in = term->op == LIST_IN || term->op == LIST_NOT_IN;
    size_t n = in ? json_count(c->arena, v) : 1;
    struct list_value *values = arena_array(c->arena, n + 1, sizeof *values);
    char field[48];

    snprintf(field, sizeof field, "filter[%zu].value", index);
    if (values == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    if (v == NULL || (in && v->type != JSON_ARR))
        return fail(c, ERR_INVALID, field,
                    in ? "the operator wants an array" : "a value is missing");
    if (n > LIST_VALUES_MAX)
        return fail(c, ERR_INVALID, field, "at most %d values", LIST_VALUES_MAX);
    term->values = values;
    term->values_len = n;
    size_t i = 0;
    for (struct json_value *e = in ? json_first(c->arena, v) : v; e; e = in ? e->next : NULL)
        if (!get_scalar(e, &values[i++]))
            return fail(c, ERR_INVALID, field,
                        "a filter value must be a string, a number, a"
                        " boolean or null");
    return ERR_OK;
}

static enum err get_terms(struct call *c, struct json_value *filter, struct list_query *out)
{
    size_t n = json_count(c->arena, filter), i = 0;
    struct list_term *terms = arena_array(c->arena, n + 1, sizeof *terms);

    if (n > LIST_TERMS_MAX)
        return fail(c, ERR_INVALID, "filter", "at most %d filters", LIST_TERMS_MAX);
    if (terms == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    out->terms = terms;
    out->terms_len = n;
    for (struct json_value *v = json_first(c->arena, filter); v; v = v->next, i++) {
        struct json_value *name = json_get(c->arena, v, "field");
        char field[48];

        snprintf(field, sizeof field, "filter[%zu].field", i);
        if (v->type != JSON_OBJ || name == NULL || name->type != JSON_STR)
            return fail(c, ERR_INVALID, field, "each filter is {field, operator, value}");
        terms[i].field = name->s;
        enum err e = get_operator(c, json_get(c->arena, v, "operator"), i, &terms[i].op);
        if (e == ERR_OK)
            e = get_values(c, json_get(c->arena, v, "value"), i, &terms[i]);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

/* "sort_order" and its like: a word of two, the first being the default. */
static enum err get_choice(struct call *c, struct str s, const char *field, const char *first,
                           const char *second, bool *is_second)
{
    *is_second = s.p && str_is(s, second);
    if (s.p == NULL || *is_second || str_is(s, first))
        return ERR_OK;
    return fail(c, ERR_INVALID, field, "\"%s\" must be %s or %s", field, first, second);
}

enum err list_args_query(struct call *c, const struct list_args *args, int64_t per_page_default,
                         struct list_query *out)
{
    bool last = false;
    enum err e = get_choice(c, args->sort_order, "sort_order", "asc", "desc", &out->descending);

    out->page = args->page.set ? args->page.v : 1;
    out->per_page = args->per_page.set ? args->per_page.v : per_page_default;
    out->sort = args->sort.n > 0 ? args->sort : STR_NULL;
    out->after = args->after.v;
    if (e == ERR_OK)
        e = get_choice(c, args->sort_nulls_order, "sort_nulls_order", "first", "last", &last);
    out->nulls = args->sort_nulls_order.p == NULL ? NULLS_DEFAULT : last ? NULLS_LAST : NULLS_FIRST;
    if (e == ERR_OK)
        e = get_choice(c, args->pagination_mode, "pagination_mode", "page", "token",
                       &out->by_token);
    return e == ERR_OK ? get_terms(c, args->filter, out) : e;
}

void list_envelope(struct json_w *w, const struct list *l)
{
    json_obj(w);
    json_kv_i64(w, "total", l->total);
    json_kv_i64(w, "perPage", l->per_page);
    json_kv_i64(w, "pagesCount", l->pages);
    json_kv_arr(w, "entities");
}

void list_envelope_end(struct json_w *w, const struct list *l)
{
    json_arr_end(w);
    if (l->by_token)
        json_kv_id(w, "after", l->after);
    json_obj_end(w);
}
