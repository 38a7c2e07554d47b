/* The endpoint table as data. */
#include "api/endpoint.h"

#include <stdlib.h>

const struct endpoint endpoints[] = {
#define ROW(handler, name, scope, param, need, tx, repeat, answer, summary)                        \
#handler, name, SCOPE_##scope, param, need, TX_##tx, REPEAT_##repeat, handler,                 \
        handler##_fields, answer, summary
#define ENDPOINT(handler, ...) {ROW(handler, __VA_ARGS__), NULL, NULL, false},
#define PREPARE(handler, ...)  {ROW(handler, __VA_ARGS__), handler##_prepare, NULL, false},
#define PASSWORD(handler, ...) {ROW(handler, __VA_ARGS__), handler##_prepare, NULL, true},
#define UPLOAD(handler, ...)                                                                       \
    {ROW(handler, __VA_ARGS__), handler##_prepare, &handler##_upload, false},
#include "api/endpoints.tbl"
#undef ENDPOINT
#undef PREPARE
#undef PASSWORD
#undef UPLOAD
#undef ROW
};
const size_t endpoints_len = ARRAY_LEN(endpoints);

static int compare(const void *key, const void *row)
{
    return str_cmp(*(const struct str *)key, str_from(((const struct endpoint *)row)->name));
}

const struct endpoint *endpoint_find(struct str name)
{
    return bsearch(&name, endpoints, endpoints_len, sizeof endpoints[0], compare);
}

const char *scope_name(enum scope s)
{
    static const char *const names[] = {
        "public",  "login",    "instance", "handler", "team",  "workspace", "project",
        "dataset", "image",    "figure",   "class",   "job",   "queue",     "collection",
        "webhook", "delivery", "issue",    "comment", "guide", "jobs",      "user"};

    return names[s];
}

const char *tx_name(enum tx_kind t)
{
    static const char *const names[] = {"none", "read", "heavy", "media", "write"};

    return names[t];
}

const char *repeat_name(enum repeat r)
{
    static const char *const names[] = {"read", "natural", "journal"};

    return names[r];
}
