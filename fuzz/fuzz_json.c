/* JSON text: whatever is accepted can be walked, and what was taken out of it parses again. */
#include "fuzz.h"
#include "json/json_merge.h"
#include "json/json_read.h"
#include "json/json_write.h"

static void walk(struct arena *a, struct json_value *v, int depth)
{
    struct json_value *again = json_parse_copy(a, v->raw);

    MUST(depth <= JSON_DEPTH_MAX);
    MUST(again != NULL || a->failed);
    MUST(again == NULL || again->type == v->type);
    if (v->type == JSON_STR && again) {
        struct buf text;
        struct json_w w;

        MUST(str_is_utf8(v->s));
        buf_init(&text, 8u << 20);
        w = json_w_on(&text);
        json_str(&w, v->s);
        struct json_value *back = json_parse_copy(a, buf_str(&text));
        MUST(back == NULL || str_eq(back->s, v->s));
        buf_finish(&text);
    }
    for (struct json_value *c = json_first(a, v); c; c = c->next)
        walk(a, c, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    const char *error;

    if (size > 4096) /* walking parses every value again */
        return 0;
    arena_init(&a, 64u << 20);
    char *copy = arena_alloc(&a, size + JSON_PADDING);
    for (size_t i = 0; i < size; i++)
        copy[i] = (char)data[i];
    struct json_value *v = json_parse(&a, (struct str){copy, size}, &error);
    MUST((v == NULL) == (error != NULL));
    if (v)
        walk(&a, v, 0);
    if (v && v->type == JSON_OBJ) {
        struct str merged = json_merge(&a, STR("{\"a\":1,\"b\":[2]}"), v, NULL, NULL, 1u << 20);
        MUST(merged.p == NULL || json_parse_copy(&a, merged) != NULL);
    }
    arena_finish(&a);
    return 0;
}
