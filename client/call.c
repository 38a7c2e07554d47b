/* Calls with JSON: one, and lists over as many pages as it takes. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX       "/public/api/v3/"
#define PER_PAGE_MAX 5000

/* What else is wanted of an answer. */
struct extra {
    char **text;      /* the answer as a result that is text */
    json_t **refusal; /* what the server said when it refused; NULL: nothing */
};

void lb_send_text(struct lb_op *op, struct lb_request *request, char *text,
                  struct lb_answer *answer)
{
    const char *method = request->name;
    char path[160];

    memset(answer, 0, sizeof *answer);
    if (snprintf(path, sizeof path, PREFIX "%s", method) >= (int)sizeof path ||
        strpbrk(method, " /?#%\r\n\t") != NULL)
        lb_fail(op, LABEL_ERR_ARGUMENT, "method", "'%.100s' is no method", method);
    if (text == NULL)
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
    if (!lb_failed(op)) {
        request->path = path;
        request->body = text;
        lb_send(op, request, answer);
    }
    if (text)
        memset(text, 0, strlen(text)); /* passwords */
    free(text);
}

void lb_send_json(struct lb_op *op, struct lb_request *request, json_t *body,
                  struct lb_answer *answer)
{
    char *text = body ? json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    if (body == NULL)
        lb_fail(op, LABEL_ERR_ARGUMENT, NULL, "%s: an argument is no UTF-8 text", request->name);
    json_decref(body);
    lb_send_text(op, request, text, answer);
}

static json_t *call(struct lb_op *op, const char *method, enum lb_kind kind, json_t *body,
                    struct extra extra)
{
    struct lb_request request = {.name = method, .kind = kind, .json = true};
    struct lb_answer answer;
    json_t *json;

    lb_send_json(op, &request, body, &answer);
    json = json_incref(answer.json);
    if (extra.text && !lb_failed(op))
        *extra.text = lb_result_bytes(op, answer.data, answer.n);
    if (extra.refusal)
        *extra.refusal = json_incref(answer.refusal);
    lb_answer_drop(&answer);
    return json;
}

json_t *lb_call(struct lb_op *op, const char *method, enum lb_kind kind, json_t *body)
{
    return call(op, method, kind, body, (struct extra){0});
}

json_t *lb_try(struct lb_op *op, const char *method, json_t *body, json_t **refusal)
{
    *refusal = NULL;
    return call(op, method, LB_WRITE, body, (struct extra){.refusal = refusal});
}

void lb_do(struct lb_op *op, const char *method, json_t *body)
{
    json_decref(lb_call(op, method, LB_WRITE, body));
}

enum label_err label_post(struct label_api *api, const char *method, const char *body_json,
                          char **answer, struct label_error *error)
{
    struct lb_op op;
    json_t *body;

    lb_begin(&op, api, error);
    *answer = NULL;
    body = body_json ? lb_parse(&op, "body_json", body_json) : json_object();
    if (!lb_failed(&op))
        json_decref(call(&op, method, LB_WRITE, body, (struct extra){.text = answer}));
    return lb_end(&op);
}

json_t *lb_parse(struct lb_op *op, const char *field, const char *text)
{
    json_error_t why;
    json_t *json;

    if (text == NULL || lb_failed(op))
        return NULL;
    json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
    if (json == NULL)
        lb_fail(op, LABEL_ERR_ARGUMENT, field, "%s is no JSON: %s at byte %d", field, why.text,
                why.position);
    return json;
}

void lb_append(json_t *array, json_t *value)
{
    json_array_append_new(array, value ? value : json_null());
}

void lb_filter(json_t *filters, const char *field, const char *op, json_t *value)
{
    lb_append(filters, json_pack("{s:s,s:s,s:o}", "field", field, "operator", op, "value", value));
}

json_t *lb_ids(const struct label_ids *ids)
{
    json_t *array = json_array();

    for (size_t i = 0; i < ids->n; i++)
        json_array_append_new(array, json_integer(ids->items[i]));
    return array;
}

/* NULL when one of them is no UTF-8: the call then fails. */
json_t *lb_names(const struct label_names *names)
{
    json_t *array = json_array();

    for (size_t i = 0; i < names->n; i++) {
        if (json_array_append_new(array, json_string(names->items[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

void lb_put(json_t *object, const char *key, json_t *value)
{
    if (value)
        json_object_set_new(object, key, value);
}

void lb_put_text(json_t *object, const char *key, const char *value)
{
    json_t *text = value ? json_string(value) : NULL;

    if (value) /* what is no UTF-8 is sent as null, which the server refuses by name */
        json_object_set_new(object, key, text ? text : json_null());
}

void lb_put_id(json_t *object, const char *key, int64_t value)
{
    if (value)
        json_object_set_new(object, key, json_integer(value));
}

/* ---- lists ---- */

static void add_options(struct lb_op *op, json_t *body, const struct label_list_options *o)
{
    json_t *filters = json_object_get(body, "filter");

    if (filters == NULL) {
        filters = json_array();
        json_object_set_new(body, "filter", filters);
    }
    for (size_t i = 0; o && i < o->n_filters; i++) {
        const struct label_filter *f = &o->filters[i];
        json_t *value = f->value_json ? lb_parse(op, f->field, f->value_json) : json_null();

        if (value)
            lb_filter(filters, f->field, f->op ? f->op : "=", value);
    }
    if (o && o->sort)
        lb_put_text(body, "sort", o->sort);
    if (o && o->sort_order)
        lb_put_text(body, "sort_order", o->sort_order);
    if (o && o->limit > 0 && o->limit < PER_PAGE_MAX)
        json_object_set_new(body, "per_page", json_integer(o->limit));
}

/* Append entities of one page. false: it was the last, or there is no point in going on. */
static bool take_page(struct lb_op *op, const char *method, json_t *page, json_t *all)
{
    json_t *entities = json_object_get(page, "entities");

    if (lb_failed(op))
        return false;
    if (!json_is_array(entities)) {
        lb_fail(op, LABEL_ERR_ANSWER, NULL, "%s: the answer holds no entities", method);
        return false;
    }
    if (json_array_extend(all, entities) != 0)
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
    return json_array_size(entities) > 0 && !lb_failed(op);
}

/* Pages are asked for until all are there, as the SDK does: a page may be a snapshot of its own, so
 * what moves between pages meanwhile can be there twice or not at all. */
json_t *lb_pages(struct lb_op *op, const char *method, json_t *body,
                 const struct label_list_options *options)
{
    json_int_t limit = options && options->limit > 0 ? options->limit : 0;
    json_t *all = json_array();
    json_int_t pages = 1, per_page = 0;

    if (body == NULL) {
        lb_fail(op, LABEL_ERR_ARGUMENT, NULL, "%s: an argument is no UTF-8 text", method);
        json_decref(all);
        return NULL;
    }
    add_options(op, body, options);
    for (json_int_t i = 1; i <= pages; i++) {
        json_t *page;
        bool more;

        if (i > 1) {
            json_object_set_new(body, "page", json_integer(i));
            json_object_set_new(body, "per_page", json_integer(per_page));
        }
        page = lb_call(op, method, LB_READ, json_deep_copy(body));
        more = take_page(op, method, page, all);
        pages = json_integer_value(json_object_get(page, "pagesCount"));
        per_page = json_integer_value(json_object_get(page, "perPage"));
        json_decref(page);
        if (!more || (limit > 0 && (json_int_t)json_array_size(all) >= limit))
            break;
    }
    json_decref(body);
    while (limit > 0 && (json_int_t)json_array_size(all) > limit)
        json_array_remove(all, json_array_size(all) - 1);
    if (lb_failed(op)) {
        json_decref(all);
        return NULL;
    }
    return all;
}
