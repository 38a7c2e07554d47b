/* The API described by its own tables: reference page, OpenAPI document, rows for the tests. */
#include <stdio.h>

#include "api/api.h"
#include "api/endpoint.h"
#include "json/json_write.h"

static const struct prop {
    const char *shape, *key, *type, *doc;
} props[] = {
#define PROP(shape, key, type, doc) {shape, key, type, doc},
#include "api/shapes.tbl"
#undef PROP
};

/* "list Job" to its shape "Job" and what is around it. */
enum wrapping { PLAIN, LIST_OF, ARRAY_OF, STREAM_OF };

static enum wrapping unwrap(const char *answer, const char **shape)
{
    if (strncmp(answer, "list ", 5) == 0) {
        *shape = answer + 5;
        return LIST_OF;
    }
    if (strncmp(answer, "array ", 6) == 0) {
        *shape = answer + 6;
        return ARRAY_OF;
    }
    if (strncmp(answer, "stream ", 7) == 0) {
        *shape = answer + 7;
        return STREAM_OF;
    }
    *shape = answer;
    return PLAIN;
}

/* ---- table for the tests ---- */

static void put_perms(struct json_w *w, unsigned need)
{
    json_kv_arr(w, "need");
    for (unsigned bit = 1; bit < PERM__ALL; bit <<= 1)
        if (need & bit)
            json_str(w, str_from(perm_name((enum perm)bit)));
    json_arr_end(w);
}

static void put_fields(struct json_w *w, const struct field *f)
{
    json_kv_arr(w, "fields");
    for (; f->type != FIELD_TYPE_END; f++) {
        json_obj(w);
        json_kv_lit(w, "name", f->name);
        json_kv_lit(w, "type", field_type_name(f->type));
        json_kv_bool(w, "required", f->flag == REQUIRED);
        json_kv_bool(w, "ignored", f->type == FIELD_TYPE_IGNORED);
        json_kv_i64(w, "max", f->max);
        json_obj_end(w);
    }
    json_arr_end(w);
}

static void put_role(struct json_w *w, const struct role *r)
{
    json_obj(w);
    json_kv_i64(w, "id", r->id);
    json_kv_lit(w, "name", r->name);
    put_perms(w, r->perms);
    json_obj_end(w);
}

static void put_shapes(struct json_w *w)
{
    json_kv_arr(w, "shapes");
    for (size_t i = 0; i < ARRAY_LEN(props); i++) {
        json_obj(w);
        json_kv_lit(w, "shape", props[i].shape);
        json_kv_lit(w, "key", props[i].key);
        json_kv_lit(w, "type", props[i].type);
        json_obj_end(w);
    }
    json_arr_end(w);
}

void api_describe_table(struct buf *out)
{
    struct json_w w = json_w_on(out);

    json_obj(&w);
    json_kv_arr(&w, "endpoints");
    for (size_t i = 0; i < endpoints_len; i++) {
        const struct endpoint *e = &endpoints[i];

        json_obj(&w);
        json_kv_lit(&w, "name", e->name);
        json_kv_lit(&w, "scope", scope_name(e->scope));
        json_kv_lit(&w, "param", e->param);
        put_perms(&w, e->need);
        json_kv_lit(&w, "tx", tx_name(e->tx));
        json_kv_lit(&w, "repeat", repeat_name(e->repeat));
        json_kv_lit(&w, "answer", e->answer);
        put_fields(&w, e->fields);
        json_obj_end(&w);
    }
    json_arr_end(&w);
    json_kv_arr(&w, "roles");
    for (size_t i = 0; i < roles_len; i++)
        put_role(&w, &roles[i]);
    json_arr_end(&w);
    put_shapes(&w);
    json_obj_end(&w);
    buf_add_char(out, '\n');
}

/* ---- OpenAPI ---- */

static void put_ref(struct json_w *w, const char *shape)
{
    char ref[96];

    if (shape[0] >= 'a' &&
        strcmp(shape, "success") != 0) { /* no object: string, bytes, multipart */
        json_kv_lit(w, "type", "string");
        if (strcmp(shape, "string") != 0)
            json_kv_lit(w, "format", "binary");
        return;
    }
    snprintf(ref, sizeof ref, "#/components/schemas/%s", shape);
    json_kv_lit(w, "$ref", ref);
}

/* A type of shapes.tbl as a schema. */
static void put_type(struct json_w *w, const char *type)
{
    static const struct {
        const char *name, *json, *format;
    } simple[] = {{"integer", "integer", "int64"}, {"string", "string", NULL},
                  {"digits", "string", NULL},      {"boolean", "boolean", NULL},
                  {"time", "string", "date-time"}, {"object", "object", NULL},
                  {"number", "number", NULL}};
    char base[64];
    size_t n = strlen(type);
    bool nullable = n > 0 && type[n - 1] == '?';

    snprintf(base, sizeof base, "%.*s", (int)(n - nullable), type);
    if (nullable)
        json_kv_bool(w, "nullable", true);
    if (strncmp(base, "array of ", 9) == 0) {
        json_kv_lit(w, "type", "array");
        json_kv_obj(w, "items");
        put_type(w, base + 9);
        json_obj_end(w);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(simple); i++) {
        if (strcmp(base, simple[i].name) != 0)
            continue;
        json_kv_lit(w, "type", simple[i].json);
        if (simple[i].format)
            json_kv_lit(w, "format", simple[i].format);
        return;
    }
    if (strcmp(base, "any") != 0)
        put_ref(w, base);
}

static void put_schemas(struct json_w *w)
{
    json_kv_obj(w, "schemas");
    for (size_t i = 0; i < ARRAY_LEN(props); i++) {
        if (i == 0 || strcmp(props[i - 1].shape, props[i].shape) != 0) {
            json_kv_obj(w, props[i].shape);
            json_kv_lit(w, "type", "object");
            json_kv_obj(w, "properties");
        }
        json_kv_obj(w, props[i].key);
        put_type(w, props[i].type);
        if (props[i].doc[0])
            json_kv_lit(w, "description", props[i].doc);
        json_obj_end(w);
        if (i + 1 == ARRAY_LEN(props) || strcmp(props[i + 1].shape, props[i].shape) != 0) {
            json_obj_end(w);
            json_obj_end(w);
        }
    }
    json_obj_end(w);
}

static void put_answer(struct json_w *w, const char *answer)
{
    const char *shape;
    enum wrapping wrapping = unwrap(answer, &shape);

    json_kv_obj(w, "schema");
    if (wrapping == PLAIN || wrapping == STREAM_OF) {
        put_ref(w, shape); /* of a stream: what the data of each event is */
    } else if (wrapping == ARRAY_OF) {
        json_kv_lit(w, "type", "array");
        json_kv_obj(w, "items");
        put_ref(w, shape);
        json_obj_end(w);
    } else {
        json_kv_lit(w, "type", "object");
        json_kv_obj(w, "properties");
        json_kv_raw(w, "total", STR("{\"type\":\"integer\"}"));
        json_kv_raw(w, "perPage", STR("{\"type\":\"integer\"}"));
        json_kv_raw(w, "pagesCount", STR("{\"type\":\"integer\"}"));
        json_kv_obj(w, "entities");
        json_kv_lit(w, "type", "array");
        json_kv_obj(w, "items");
        put_ref(w, shape);
        json_obj_end(w);
        json_obj_end(w);
        json_kv_raw(w, "after", STR("{\"type\":\"integer\",\"nullable\":true}"));
        json_obj_end(w);
    }
    json_obj_end(w);
}

static void put_field_schema(struct json_w *w, const struct field *f)
{
    static const char *const types[] = {
        [FIELD_TYPE_ID] = "integer",   [FIELD_TYPE_IDS] = "array",  [FIELD_TYPE_INT] = "integer",
        [FIELD_TYPE_BOOL] = "boolean", [FIELD_TYPE_STR] = "string", [FIELD_TYPE_STRS] = "array",
        [FIELD_TYPE_OBJ] = "object",   [FIELD_TYPE_ARR] = "array",
    };

    json_kv_obj(w, f->name);
    if (f->type < ARRAY_LEN(types) && types[f->type])
        json_kv_lit(w, "type", types[f->type]);
    if (f->type == FIELD_TYPE_IDS)
        json_kv_raw(w, "items", STR("{\"type\":\"integer\",\"minimum\":1}"));
    if (f->type == FIELD_TYPE_STRS)
        json_kv_raw(w, "items", STR("{\"type\":\"string\"}"));
    if (f->type == FIELD_TYPE_ARR)
        json_kv_raw(w, "items", STR("{}"));
    if (f->type == FIELD_TYPE_STR)
        json_kv_i64(w, "maxLength", f->max);
    if (f->type == FIELD_TYPE_ID || f->type == FIELD_TYPE_INT)
        json_kv_i64(w, "minimum", f->min);
    if (f->flag == OPTIONAL)
        json_kv_bool(w, "nullable", true);
    json_kv_lit(w, "description", f->doc);
    json_obj_end(w);
}

static void put_request(struct json_w *w, const struct field *fields)
{
    bool any_required = false;

    json_kv_obj(w, "requestBody");
    json_kv_obj(w, "content");
    json_kv_obj(w, "application/json");
    json_kv_obj(w, "schema");
    json_kv_lit(w, "type", "object");
    json_kv_obj(w, "properties");
    for (const struct field *f = fields; f->type != FIELD_TYPE_END; f++) {
        put_field_schema(w, f);
        any_required |= f->flag == REQUIRED;
    }
    json_obj_end(w);
    if (any_required) {
        json_kv_arr(w, "required");
        for (const struct field *f = fields; f->type != FIELD_TYPE_END; f++)
            if (f->flag == REQUIRED)
                json_str(w, str_from(f->name));
        json_arr_end(w);
    }
    json_obj_end(w);
    json_obj_end(w);
    json_obj_end(w);
    json_obj_end(w);
}

static void put_path(struct json_w *w, const struct endpoint *e)
{
    char path[128];

    snprintf(path, sizeof path, "/public/api/v3/%s", e->name);
    json_kv_obj(w, path);
    json_kv_obj(w, "post");
    json_kv_lit(w, "operationId", e->handler_name);
    json_kv_lit(w, "summary", e->summary);
    if (e->scope == SCOPE_PUBLIC)
        json_kv_raw(w, "security", STR("[]"));
    put_request(w, e->fields);
    json_kv_obj(w, "responses");
    json_kv_obj(w, "200");
    json_kv_lit(w, "description", "done");
    json_kv_obj(w, "content");
    json_kv_obj(w,
                strncmp(e->answer, "stream ", 7) == 0 ? "text/event-stream" : "application/json");
    put_answer(w, e->answer);
    json_obj_end(w);
    json_obj_end(w);
    json_obj_end(w);
    json_kv_raw(w, "default", STR("{\"$ref\":\"#/components/responses/Error\"}"));
    json_obj_end(w);
    json_obj_end(w);
    json_obj_end(w);
}

void api_describe_openapi(struct buf *out)
{
    struct json_w w = json_w_on(out);

    json_obj(&w);
    json_kv_lit(&w, "openapi", "3.0.3");
    json_kv_obj(&w, "info");
    json_kv_lit(&w, "title", "labeld");
    json_kv_lit(&w, "version", API_VERSION);
    json_kv_lit(&w, "description",
                "Methods are called by POST with a JSON object; GET, PUT and DELETE and parameters"
                " in the query work too.");
    json_obj_end(&w);
    json_kv_raw(&w, "security", STR("[{\"token\":[]}]"));
    json_kv_obj(&w, "paths");
    for (size_t i = 0; i < endpoints_len; i++)
        put_path(&w, &endpoints[i]);
    json_obj_end(&w);
    json_kv_obj(&w, "components");
    json_kv_raw(&w, "securitySchemes",
                STR("{\"token\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"x-api-key\"}}"));
    json_kv_raw(&w, "responses",
                STR("{\"Error\":{\"description\":\"refused or failed\",\"content\":"
                    "{\"application/json\":{\"schema\":{\"type\":\"object\",\"properties\":"
                    "{\"error\":{\"type\":\"string\"},\"details\":{}}}}}}}"));
    put_schemas(&w);
    json_obj_end(&w);
    json_obj_end(&w);
    buf_add_char(out, '\n');
}

/* ---- reference page ---- */

static void put_access(struct buf *out, const struct endpoint *e)
{
    static const char *const plain[] = {[SCOPE_PUBLIC] = "anybody, without a token",
                                        [SCOPE_LOGIN] = "any account",
                                        [SCOPE_INSTANCE] = "administrators of the instance"};
    bool first = true;

    if (e->scope <= SCOPE_INSTANCE) {
        buf_printf(out, "Who: %s. ", plain[e->scope]);
        return;
    }
    buf_printf(out, "Who: ");
    for (unsigned bit = 1; bit < PERM__ALL; bit <<= 1) {
        if ((e->need & bit) == 0)
            continue;
        buf_printf(out, "%s`%s`", first ? "" : " or ", perm_name((enum perm)bit));
        first = false;
    }
    buf_printf(out, " on the object named by `%s`. ", e->param);
}

static void put_markdown_endpoint(struct buf *out, const struct endpoint *e)
{
    static const char *const repeats[] = {
        [REPEAT_READ] = "Changes nothing.",
        [REPEAT_NATURAL] = "Repeating it changes nothing more.",
        [REPEAT_JOURNAL] = "A repeat after a lost answer gets the first answer.",
    };

    buf_printf(out, "## %s\n\n%s\n\n", e->name, e->summary);
    put_access(out, e);
    buf_printf(out, "%s\n\n", repeats[e->repeat]);
    if (e->fields->type != FIELD_TYPE_END)
        buf_printf(out, "| field | type | | |\n|---|---|---|---|\n");
    for (const struct field *f = e->fields; f->type != FIELD_TYPE_END; f++)
        buf_printf(out, "| `%s` | %s | %s | %s |\n", f->name,
                   f->type == FIELD_TYPE_IGNORED ? "accepted, not used" : field_type_name(f->type),
                   f->flag == REQUIRED ? "required" : "", f->doc);
    buf_printf(out, "\nAnswer: %s\n\n", e->answer);
}

static void put_markdown_roles(struct buf *out)
{
    buf_printf(out, "## Roles\n\n| role | id | may |\n|---|---|---|\n");
    for (size_t i = 0; i < roles_len; i++) {
        bool first = true;

        buf_printf(out, "| %s | %lld | ", roles[i].name, (long long)roles[i].id);
        for (unsigned bit = 1; bit < PERM__ALL; bit <<= 1) {
            if ((roles[i].perms & bit) == 0)
                continue;
            buf_printf(out, "%s%s", first ? "" : ", ", perm_name((enum perm)bit));
            first = false;
        }
        buf_printf(out, " |\n");
    }
    buf_printf(out,
               "\n`job_label`, `job_review` and `job_manage` depend on the job: its labeler while"
               " it is open, its reviewer, its creator or whoever has `job_all`.\n\n");
}

void api_describe_markdown(struct buf *out)
{
    buf_printf(out,
               "# API reference\n\n"
               "<!-- Made by `labeld api --format markdown` from src/api/endpoints.tbl. -->\n\n"
               "Every method is `POST /public/api/v3/NAME` with a JSON object; GET, PUT and DELETE"
               " and parameters in the query string work as well. The token goes into the header"
               " `x-api-key`. Success is 200. Errors are `{\"error\": ..., \"details\": ...}`: 400"
               " names the wrong field, 401 means no valid token, 403 that the role does not allow"
               " it, 404 that the object does not exist for the caller.\n\n"
               "Lists answer `{total, perPage, pagesCount, entities}`.\n\n");
    put_markdown_roles(out);
    for (size_t i = 0; i < endpoints_len; i++)
        put_markdown_endpoint(out, &endpoints[i]);
    buf_printf(out, "# Objects\n\n");
    for (size_t i = 0; i < ARRAY_LEN(props); i++) {
        if (i == 0 || strcmp(props[i - 1].shape, props[i].shape) != 0)
            buf_printf(out, "## %s\n\n| key | type | |\n|---|---|---|\n", props[i].shape);
        buf_printf(out, "| `%s` | %s | %s |\n", props[i].key, props[i].type, props[i].doc);
        if (i + 1 == ARRAY_LEN(props) || strcmp(props[i + 1].shape, props[i].shape) != 0)
            buf_printf(out, "\n");
    }
}
