/* Helpers of the store's files. */
#include "store/store_int.h"

#include "base/buf.h"

enum err store__owner(struct db *db, enum stmt stmt, int64_t id, int64_t *user_out)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        *user_out = db_col_i64(q, 0);
    return store__end_found(q, found);
}

struct str store__id_array(struct db *db, const int64_t *ids, size_t n)
{
    struct buf text;
    struct str out;

    buf_init(&text, 22 * n + 2);
    buf_add_char(&text, '[');
    for (size_t i = 0; i < n; i++)
        buf_printf(&text, i ? ",%lld" : "%lld", (long long)ids[i]);
    buf_add_char(&text, ']');
    out = arena_str(db_arena(db), text.failed ? STR("[]") : buf_str(&text));
    buf_finish(&text);
    return out.p ? out : STR("[]");
}

static void add_escaped(struct buf *out, struct str s)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '"');
}

struct str store__text_array(struct db *db, const struct str *texts, size_t n)
{
    struct buf text;
    struct str out;

    buf_init(&text, 64u << 20);
    buf_add_char(&text, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(&text, ',');
        add_escaped(&text, texts[i]);
    }
    buf_add_char(&text, ']');
    out = arena_str(db_arena(db), text.failed ? STR("[]") : buf_str(&text));
    buf_finish(&text);
    return out.p ? out : STR("[]");
}

enum err store__archive(struct db *db, const enum stmt *steps, size_t steps_len, int64_t id,
                        int64_t now_ms, bool *changed_out)
{
    enum err e = ERR_OK;

    for (size_t i = 0; i < steps_len && e == ERR_OK; i++) {
        struct db_query *q = db_query(db, steps[i]);

        db_bind_i64(q, id);
        db_bind_i64(q, now_ms);
        e = store__run_changed(db, q, changed_out);
    }
    return e;
}
