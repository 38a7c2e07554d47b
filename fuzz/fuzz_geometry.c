/* Objects of annotations: any JSON as any geometry. What is taken keeps its bytes, and can be
 * written with whole pixels. */
#include <math.h>

#include "domain/object.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct object_in o;
    struct arena a;
    struct call c = {.arena = &a};
    struct buf out;

    if (size < 2 || size > 65536)
        return 0;
    arena_init(&a, 64u << 20);
    struct json_value *v = json_parse_copy(&a, (struct str){(const char *)data, size});
    if (v && object_read(&c, v, &o) == ERR_OK) {
        const struct geometry *g = &o.geometry;
        struct json_value *kept = json_parse_copy(&a, g->text);

        MUST(kept && kept->type == JSON_OBJ && g->area >= 0 && isfinite(g->area));
        MUST(!g->placed || (g->left <= g->right && g->top <= g->bottom));
        buf_init(&out, 1u << 20);
        struct json_w w = json_w_on(&out);
        json_obj(&w);
        geometry_splice_integers(&w, g->text);
        json_obj_end(&w);
        MUST(json_parse_copy(&a, buf_str(&out)) != NULL || a.failed);
        buf_finish(&out);
    } else if (v) {
        MUST(c.fault.message[0] != '\0');
    }
    arena_finish(&a);
    return 0;
}
