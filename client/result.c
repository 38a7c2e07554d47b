/* Results: one block of memory for each, that begins with a header the caller does not see and owns
 * the JSON its strings point into. label_free() frees all of it. */
#include "client.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC 0x6c61626c72657375ull

struct chunk {
    struct chunk *next;
    max_align_t bytes[];
};

struct header {
    uint64_t magic;
    json_t *json; /* NULL: a result that is text or bytes */
    struct chunk *chunks;
    max_align_t payload[];
};

static struct header *header_of(const void *result)
{
    struct header *h = (struct header *)((uintptr_t)result - offsetof(struct header, payload));

    if (h->magic != MAGIC)
        abort(); /* freed twice, or not ours: going on would corrupt the heap */
    return h;
}

static void *result_make(struct lb_op *op, size_t n, json_t *json)
{
    struct header *h = lb_failed(op) ? NULL : calloc(1, sizeof *h + n);

    if (h == NULL) {
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
        json_decref(json);
        return NULL;
    }
    h->magic = MAGIC;
    h->json = json;
    return h->payload;
}

void *lb_result_alloc(struct lb_op *op, void *result, size_t n)
{
    struct header *h = header_of(result);
    struct chunk *c = calloc(1, sizeof *c + n);

    if (c == NULL) {
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
        return NULL;
    }
    c->next = h->chunks;
    h->chunks = c;
    return c->bytes;
}

void label_free(const void *result)
{
    struct header *h;

    if (result == NULL)
        return;
    h = header_of(result);
    while (h->chunks) {
        struct chunk *c = h->chunks;

        h->chunks = c->next;
        free(c);
    }
    json_decref(h->json);
    h->magic = 0;
    free(h);
}

void *lb_result_bytes(struct lb_op *op, const void *data, size_t n)
{
    char *copy = result_make(op, n + 1, NULL);

    if (copy && data)
        memcpy(copy, data, n);
    return copy;
}

char *lb_result_text(struct lb_op *op, json_t *json)
{
    char *text = NULL, *dumped;

    if (!lb_failed(op)) {
        dumped = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
        if (dumped == NULL)
            lb_fail(op, LABEL_ERR_ANSWER, NULL, "a part of the answer is missing");
        else
            text = lb_result_bytes(op, dumped, strlen(dumped));
        free(dumped);
    }
    json_decref(json);
    return text;
}

json_t *lb_result_json(const void *result)
{
    return header_of(result)->json;
}

char *label_json(const void *result)
{
    json_t *json = lb_result_json(result);
    struct lb_op op;

    lb_begin(&op, NULL, NULL);
    return json ? lb_result_text(&op, json_incref(json)) : NULL;
}

/* ---- JSON to structs ---- */

struct reader {
    struct lb_op *op;
    void *result; /* owns what is allocated */
};

static void read_struct(struct reader *r, const struct lb_shape *shape, const json_t *json,
                        char *to);

/* "meta.range.start" in json; NULL: not there, or null. */
static json_t *find(const json_t *json, const char *key)
{
    const char *dot;
    json_t *found;

    while ((dot = strchr(key, '.')) != NULL) {
        json = json_object_getn(json, key, (size_t)(dot - key));
        key = dot + 1;
    }
    found = json_object_get(json, key);
    return json_is_null(found) ? NULL : found;
}

static void wrong_type(struct reader *r, const struct lb_shape *shape, const struct lb_field *f)
{
    lb_fail(r->op, LABEL_ERR_ANSWER, f->key, "the answer's %s of a %s is not what it should be",
            f->key, shape->name);
}

/* Items of a list that are ids, or objects with one. */
static void read_ids(struct reader *r, const json_t *array, struct label_ids *to)
{
    size_t n = json_array_size(array);
    int64_t *ids = lb_result_alloc(r->op, r->result, n * sizeof *ids);

    for (size_t i = 0; ids && i < n; i++) {
        const json_t *item = json_array_get(array, i);

        ids[i] = json_integer_value(json_is_object(item) ? json_object_get(item, "id") : item);
    }
    to->items = ids;
    to->n = ids ? n : 0;
}

/* Items of a list that are texts, or objects with a name. */
static void read_names(struct reader *r, const json_t *array, struct label_names *to)
{
    size_t n = json_array_size(array);
    const char **names = lb_result_alloc(r->op, r->result, n * sizeof *names);

    for (size_t i = 0; names && i < n; i++) {
        const json_t *item = json_array_get(array, i);
        const char *name =
            json_string_value(json_is_object(item) ? json_object_get(item, "name") : item);

        names[i] = name ? name : "";
    }
    to->items = names;
    to->n = names ? n : 0;
}

static void read_list(struct reader *r, const struct lb_shape *shape, const json_t *array, char *to)
{
    size_t n = json_array_size(array);
    char *items = lb_result_alloc(r->op, r->result, n * shape->size);

    for (size_t i = 0; items && i < n; i++)
        read_struct(r, shape, json_array_get(array, i), items + i * shape->size);
    memcpy(to, &items, sizeof items);
    if (items)
        memcpy(to + sizeof items, &n, sizeof n);
}

static void read_json(struct reader *r, const json_t *value, char *to)
{
    char *dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    char *copy = dumped ? lb_result_alloc(r->op, r->result, strlen(dumped) + 1) : NULL;

    if (copy)
        memcpy(copy, dumped, strlen(dumped) + 1);
    else
        lb_fail(r->op, LABEL_ERR_MEMORY, NULL, "out of memory");
    free(dumped);
    memcpy(to, &copy, sizeof copy);
}

static void read_field(struct reader *r, const struct lb_shape *shape, const struct lb_field *f,
                       const json_t *value, char *to)
{
    int64_t number = json_integer_value(value);
    bool yes = json_is_true(value);
    const char *text = json_string_value(value);
    bool fits = f->type == LB_INT    ? json_is_integer(value)
                : f->type == LB_BOOL ? json_is_boolean(value)
                : f->type == LB_TEXT ? json_is_string(value)
                : f->type == LB_JSON ? true
                                     : json_is_array(value);

    if (!fits) {
        wrong_type(r, shape, f);
        return;
    }
    switch (f->type) {
    case LB_INT:
        memcpy(to, &number, sizeof number);
        return;
    case LB_BOOL:
        memcpy(to, &yes, sizeof yes);
        return;
    case LB_TEXT:
        memcpy(to, &text, sizeof text);
        return;
    case LB_JSON:
        read_json(r, value, to);
        return;
    case LB_IDS:
        read_ids(r, value, (void *)to);
        return;
    case LB_NAMES:
        read_names(r, value, (void *)to);
        return;
    case LB_LIST:
        read_list(r, f->items, value, to);
        return;
    }
}

static void read_struct(struct reader *r, const struct lb_shape *shape, const json_t *json,
                        char *to)
{
    if (!json_is_object(json)) {
        lb_fail(r->op, LABEL_ERR_ANSWER, NULL, "the answer holds no %s where it should",
                shape->name);
        return;
    }
    for (const struct lb_field *f = shape->fields; f->key && !lb_failed(r->op); f++) {
        json_t *value = find(json, f->key);

        if (value)
            read_field(r, shape, f, value, to + f->offset);
    }
}

/* The result, or NULL when reading it has failed. */
static void *finish(struct reader *r)
{
    if (!lb_failed(r->op))
        return r->result;
    label_free(r->result);
    return NULL;
}

void *lb_result(struct lb_op *op, const struct lb_shape *shape, json_t *json)
{
    struct reader r = {op, result_make(op, shape->size, json)};

    if (r.result)
        read_struct(&r, shape, json, r.result);
    return r.result ? finish(&r) : NULL;
}

void *lb_result_list(struct lb_op *op, const struct lb_shape *shape, json_t *array)
{
    struct reader r = {op, result_make(op, sizeof(struct label_ids), array)};

    if (r.result && !json_is_array(array))
        lb_fail(op, LABEL_ERR_ANSWER, NULL, "the answer is no list of %ss", shape->name);
    if (r.result && !lb_failed(op))
        read_list(&r, shape, array, r.result);
    return r.result ? finish(&r) : NULL;
}

void *lb_result_first(struct lb_op *op, const struct lb_shape *shape, json_t *array)
{
    json_t *first = json_array_get(array, 0);

    if (first == NULL)
        lb_fail(op, LABEL_ERR_NOT_FOUND, NULL, "there is no such %s", shape->name);
    json_incref(first);
    json_decref(array);
    return lb_result(op, shape, first);
}

void *lb_get(struct lb_op *op, const char *method, enum lb_kind kind, json_t *body,
             const struct lb_shape *shape)
{
    return lb_result(op, shape, lb_call(op, method, kind, body));
}

void *lb_list(struct lb_op *op, const char *method, json_t *body,
              const struct label_list_options *options, const struct lb_shape *shape)
{
    return lb_result_list(op, shape, lb_pages(op, method, body, options));
}

void *lb_by_name(struct lb_op *op, const char *method, json_t *body, const char *key,
                 const char *name, const struct lb_shape *shape)
{
    json_t *filters = json_array();
    json_t *text = json_string(name ? name : "");

    if (text == NULL)
        lb_fail(op, LABEL_ERR_ARGUMENT, key, "the %s is no UTF-8 text", key);
    else
        lb_filter(filters, key, "=", text);
    json_object_set_new(body, "filter", filters);
    return lb_result_first(op, shape, lb_pages(op, method, body, NULL));
}
