/* Request fields: any body and query against the field table of any endpoint. The first byte picks
 * the endpoint, the text up to the first newline is the query, the rest the body. */
#include "api/endpoint.h"
#include "domain/call.h"
#include "fuzz.h"

/* "a=b&c=d" to the list that the server makes of it (percent-decoding is the HTTP library's). */
static struct query_param *parse_query(struct arena *a, struct str s)
{
    struct query_param *first = NULL, **tail = &first;

    while (s.n > 0) {
        const char *amp = memchr(s.p, '&', s.n);
        struct str pair = {s.p, amp ? (size_t)(amp - s.p) : s.n};
        const char *eq = memchr(pair.p, '=', pair.n);
        size_t key_n = eq ? (size_t)(eq - pair.p) : pair.n;
        struct query_param *p = arena_alloc(a, sizeof *p);

        p->key = arena_str(a, (struct str){pair.p, key_n});
        p->value = eq ? arena_str(a, (struct str){eq + 1, pair.n - key_n - 1}) : STR("");
        *tail = p;
        tail = &p->next;
        s.p += pair.n + (amp != NULL);
        s.n -= pair.n + (amp != NULL);
    }
    return first;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct call c = {.arena = &a};
    const char *error;

    if (size < 2 || size > 65536)
        return 0;
    arena_init(&a, 32u << 20);
    const struct endpoint *ep = &endpoints[data[0] % endpoints_len];
    struct str text = {(const char *)data + 1, size - 1};
    const char *line = memchr(text.p, '\n', text.n);
    struct str query = {text.p, line ? (size_t)(line - text.p) : 0};
    struct str body = line ? (struct str){line + 1, text.n - query.n - 1} : text;
    char *copy = arena_alloc(&a, body.n + JSON_PADDING);
    for (size_t i = 0; i < body.n; i++)
        copy[i] = body.p[i];
    struct json_value *root = json_parse(&a, (struct str){copy, body.n}, &error);
    if (root && root->type == JSON_OBJ && str_is_utf8(query)) {
        void *input = arena_alloc(&a, INPUT_BYTES_MAX);
        enum err e = field_decode(&c, ep->fields, root, parse_query(&a, query), input);

        MUST(e == c.fault.code);
        MUST(e == ERR_OK || err_status(e) < 500);
        MUST(e == ERR_OK || c.fault.message[0] != '\0');
        MUST(str_is_utf8(str_from(c.fault.message)));
    }
    arena_finish(&a);
    return 0;
}
