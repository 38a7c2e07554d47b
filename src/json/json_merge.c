/* Merging JSON objects. */
#include "json/json_merge.h"

#include "json/json_write.h"

static void put_member(struct json_w *w, const struct json_value *v)
{
    json_key_str(w, v->key);
    json_raw(w, v->raw);
}

struct str json_merge(struct arena *a, struct str base, struct json_value *change,
                      bool (*takes)(const struct json_value *member),
                      bool (*clears)(const struct json_value *member), size_t bytes_max)
{
    struct json_value *old = base.p ? json_parse_copy(a, base) : NULL;
    struct buf text;
    struct str out;

    buf_init(&text, bytes_max);
    struct json_w w = json_w_on(&text);
    json_obj(&w);
    for (struct json_value *v = json_first(a, old); v; v = v->next) {
        struct json_value *newer = json_get_str(a, change, v->key);

        if (newer == NULL || (takes && !takes(newer)))
            put_member(&w, v);
    }
    for (struct json_value *v = json_first(a, change); v; v = v->next)
        if ((takes == NULL || takes(v)) && !(clears && clears(v)))
            put_member(&w, v);
    json_obj_end(&w);
    out = text.failed ? STR_NULL : arena_str(a, buf_str(&text));
    buf_finish(&text);
    return out;
}
