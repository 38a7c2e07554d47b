/* Decoding request fields by table: typed, bounded, every refusal names the field. */
#include "api/field.h"

#include "domain/call.h"

const char *field_type_name(enum field_type type)
{
    static const char *const names[] = {
        [FIELD_TYPE_END] = "",
        [FIELD_TYPE_ID] = "id",
        [FIELD_TYPE_IDS] = "array of ids",
        [FIELD_TYPE_INT] = "integer",
        [FIELD_TYPE_BOOL] = "boolean",
        [FIELD_TYPE_STR] = "string",
        [FIELD_TYPE_STRS] = "array of strings",
        [FIELD_TYPE_OBJ] = "object",
        [FIELD_TYPE_ARR] = "array",
        [FIELD_TYPE_ANY] = "any",
        [FIELD_TYPE_IGNORED] = "any",
    };

    return names[type];
}

static enum err wrong_type(struct call *c, const struct field *f)
{
    bool number = f->type == FIELD_TYPE_ID || f->type == FIELD_TYPE_INT;

    return fail(c, ERR_INVALID, f->name, "\"%s\" must be %s%s", f->name,
                number || f->type == FIELD_TYPE_BOOL || f->type == FIELD_TYPE_STR ? "a " : "an ",
                number ? "number" : field_type_name(f->type));
}

/* An integer, or its digits: some clients send ids as text. */
static bool as_int(const struct json_value *v, int64_t *out)
{
    if (v->type == JSON_INT) {
        *out = v->i;
        return true;
    }
    if (v->type == JSON_REAL && v->d >= -9e15 && v->d <= 9e15 && v->d == (double)(int64_t)v->d) {
        *out = (int64_t)v->d; /* 3.0 */
        return true;
    }
    return v->type == JSON_STR && str_to_i64(v->s, out);
}

static enum err decode_int(struct call *c, const struct field *f, struct json_value *v,
                           int64_t *out)
{
    if (!as_int(v, out))
        return wrong_type(c, f);
    if (*out < f->min)
        return fail(c, ERR_INVALID, f->name, "\"%s\" must be larger than or equal to %lld", f->name,
                    (long long)f->min);
    if (*out > f->max)
        return fail(c, ERR_INVALID, f->name, "\"%s\" must be less than or equal to %lld", f->name,
                    (long long)f->max);
    return ERR_OK;
}

static enum err decode_bool(struct call *c, const struct field *f, struct json_value *v,
                            struct opt_bool *out)
{
    /* from a query string: Python writes True, browsers write true */
    bool yes =
        v->type == JSON_STR && (str_is(v->s, "true") || str_is(v->s, "True") || str_is(v->s, "1"));
    bool no = v->type == JSON_STR &&
              (str_is(v->s, "false") || str_is(v->s, "False") || str_is(v->s, "0"));

    if (v->type != JSON_BOOL && !yes && !no)
        return wrong_type(c, f);
    *out = (struct opt_bool){true, v->type == JSON_BOOL ? v->b : yes};
    return ERR_OK;
}

static enum err count_elements(struct call *c, const struct field *f, struct json_value *v,
                               size_t *n_out)
{
    if (v->type != JSON_ARR)
        return wrong_type(c, f);
    *n_out = json_count(c->arena, v);
    if (*n_out > (uint64_t)f->max)
        return fail(c, ERR_INVALID, f->name, "\"%s\" must contain at most %lld items", f->name,
                    (long long)f->max);
    return ERR_OK;
}

static enum err decode_ids(struct call *c, const struct field *f, struct json_value *v,
                           struct ids *out)
{
    size_t n = 0;
    enum err e = count_elements(c, f, v, &n);

    if (e != ERR_OK)
        return e;
    *out = (struct ids){arena_array(c->arena, n + 1, sizeof *out->v), 0, true};
    if (out->v == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (v = json_first(c->arena, v); v; v = v->next) {
        if (!as_int(v, &out->v[out->n]) || out->v[out->n] < 1)
            return fail(c, ERR_INVALID, f->name, "\"%s\"[%zu] must be an id", f->name, out->n);
        out->n++;
    }
    return ERR_OK;
}

static enum err decode_strs(struct call *c, const struct field *f, struct json_value *v,
                            struct strs *out)
{
    size_t n = 0;
    enum err e = count_elements(c, f, v, &n);

    if (e != ERR_OK)
        return e;
    *out = (struct strs){arena_array(c->arena, n + 1, sizeof *out->v), 0, true};
    if (out->v == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (v = json_first(c->arena, v); v; v = v->next) {
        if (v->type != JSON_STR)
            return fail(c, ERR_INVALID, f->name, "\"%s\"[%zu] must be a string", f->name, out->n);
        out->v[out->n++] = v->s;
    }
    return ERR_OK;
}

static enum err decode_str(struct call *c, const struct field *f, struct json_value *v,
                           struct str *out)
{
    if (v->type == JSON_INT || v->type == JSON_REAL) {
        *out = arena_str(c->arena, v->raw); /* the SDK stringifies only some of what it sends */
        return ERR_OK;
    }
    if (v->type != JSON_STR)
        return wrong_type(c, f);
    *out = v->s;
    return text_check(c, *out, f->name, (size_t)f->max);
}

static enum err decode_one(struct call *c, const struct field *f, struct json_value *v, void *to)
{
    struct opt_int *number = to;

    switch (f->type) {
    case FIELD_TYPE_ID:
        return decode_int(c, f, v, to);
    case FIELD_TYPE_INT:
        number->set = true;
        return decode_int(c, f, v, &number->v);
    case FIELD_TYPE_IDS:
        return decode_ids(c, f, v, to);
    case FIELD_TYPE_BOOL:
        return decode_bool(c, f, v, to);
    case FIELD_TYPE_STR:
        return decode_str(c, f, v, to);
    case FIELD_TYPE_STRS:
        return decode_strs(c, f, v, to);
    case FIELD_TYPE_OBJ:
    case FIELD_TYPE_ARR:
        if (v->type != (f->type == FIELD_TYPE_OBJ ? JSON_OBJ : JSON_ARR))
            return wrong_type(c, f);
        *(struct json_value **)to = v;
        return ERR_OK;
    case FIELD_TYPE_ANY:
        *(struct json_value **)to = v;
        return ERR_OK;
    case FIELD_TYPE_IGNORED:
    case FIELD_TYPE_END:
        break;
    }
    return ERR_OK;
}

/* Text of a query parameter as a JSON value of the kind the field wants: arrays and objects come as
 * JSON text, or as a repeated key. */
static struct json_value *query_value(struct call *c, const struct field *f,
                                      const struct query_param *q)
{
    struct str key = str_from(f->name);
    bool container = f->type == FIELD_TYPE_IDS || f->type == FIELD_TYPE_STRS ||
                     f->type == FIELD_TYPE_OBJ || f->type == FIELD_TYPE_ARR ||
                     f->type == FIELD_TYPE_ANY;
    struct json_value *list = NULL, **tail = NULL;

    for (; q; q = q->next) {
        struct json_value *v;

        if (!str_eq(q->key, key) || (q->value.n == 0 && f->type != FIELD_TYPE_STR))
            continue; /* empty: how some clients write None */
        if (container && q->value.n > 0 && strchr("[{", q->value.p[0])) {
            v = json_parse_copy(c->arena, q->value);
            if (v)
                return v;
        }
        v = arena_alloc(c->arena, sizeof *v);
        if (v == NULL)
            return NULL;
        *v = (struct json_value){.type = JSON_STR, .raw = q->value, .s = q->value};
        if (!container)
            return v;
        if (list == NULL) {
            list = arena_alloc(c->arena, sizeof *list);
            if (list == NULL)
                return NULL;
            *list = (struct json_value){.type = JSON_ARR, .opened = true};
            tail = &list->first;
        }
        *tail = v;
        tail = &v->next;
    }
    return list;
}

enum err field_decode(struct call *c, const struct field *fields, struct json_value *body,
                      const struct query_param *query, void *input)
{
    for (const struct field *f = fields; f->type != FIELD_TYPE_END; f++) {
        bool whole = body && body->type == JSON_ARR && strcmp(f->name, FIELD_BODY) == 0;
        struct json_value *v = whole ? body : json_get(c->arena, body, f->name);
        enum err e = ERR_OK;

        if (v == NULL && query)
            v = query_value(c, f, query);
        if (v && v->type != JSON_NULL)
            e = decode_one(c, f, v, (char *)input + f->offset);
        else if (f->flag == REQUIRED)
            e = fail(c, ERR_INVALID, f->name, "\"%s\" is required", f->name);
        if (e != ERR_OK)
            return e;
    }
    if (c->arena->failed)
        return fail(c, ERR_TOO_LARGE, NULL, "the request needs too much memory");
    return ERR_OK;
}
