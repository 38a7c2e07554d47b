/* JSON writer. Strings are copied in runs between the few bytes that need escaping. */
#include "json/json_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

/* Bytes that cannot stand in a JSON string: how they are escaped. 'u' = as \u00XX. */
static const char escapes[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
    ['\t'] = 't', [0] = 'u',     [1] = 'u',    [2] = 'u',    [3] = 'u',    [4] = 'u',
    [5] = 'u',    [6] = 'u',     [7] = 'u',    [11] = 'u',   [14] = 'u',   [15] = 'u',
    [16] = 'u',   [17] = 'u',    [18] = 'u',   [19] = 'u',   [20] = 'u',   [21] = 'u',
    [22] = 'u',   [23] = 'u',    [24] = 'u',   [25] = 'u',   [26] = 'u',   [27] = 'u',
    [28] = 'u',   [29] = 'u',    [30] = 'u',   [31] = 'u',
};

static void value_begin(struct json_w *w)
{
    if (w->comma)
        buf_add_char(w->out, ',');
    w->comma = true;
}

void json_obj(struct json_w *w)
{
    value_begin(w);
    buf_add_char(w->out, '{');
    w->comma = false;
}

void json_obj_end(struct json_w *w)
{
    buf_add_char(w->out, '}');
    w->comma = true;
}

void json_arr(struct json_w *w)
{
    value_begin(w);
    buf_add_char(w->out, '[');
    w->comma = false;
}

void json_arr_end(struct json_w *w)
{
    buf_add_char(w->out, ']');
    w->comma = true;
}

void json_i64(struct json_w *w, int64_t v)
{
    char digits[20];
    size_t i = sizeof digits;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    value_begin(w);
    do {
        digits[--i] = (char)('0' + u % 10);
        u /= 10;
    } while (u > 0);
    if (v < 0)
        digits[--i] = '-';
    buf_add(w->out, digits + i, sizeof digits - i);
}

void json_real(struct json_w *w, double v)
{
    char text[32];
    int n = 0;

    if (!isfinite(v)) {
        json_null(w);
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        n = snprintf(text, sizeof text, "%.*g", precision, v);
        if (strtod(text, NULL) == v)
            break;
    }
    value_begin(w);
    buf_add(w->out, text, (size_t)n);
}

void json_bool(struct json_w *w, bool v)
{
    value_begin(w);
    if (v)
        BUF_ADD_LIT(w->out, "true");
    else
        BUF_ADD_LIT(w->out, "false");
}

void json_null(struct json_w *w)
{
    value_begin(w);
    BUF_ADD_LIT(w->out, "null");
}

void json_str(struct json_w *w, struct str s)
{
    size_t run = 0;

    if (s.p == NULL) {
        json_null(w);
        return;
    }
    value_begin(w);
    buf_add_char(w->out, '"');
    for (size_t i = 0; i < s.n; i++) {
        char escape = escapes[(unsigned char)s.p[i]];

        if (escape == 0)
            continue;
        buf_add(w->out, s.p + run, i - run);
        run = i + 1;
        if (escape == 'u') {
            buf_printf(w->out, "\\u%04x", (unsigned char)s.p[i]);
        } else {
            buf_add_char(w->out, '\\');
            buf_add_char(w->out, escape);
        }
    }
    buf_add(w->out, s.p + run, s.n - run);
    buf_add_char(w->out, '"');
}

void json_raw(struct json_w *w, struct str json)
{
    if (json.p == NULL) {
        json_null(w);
        return;
    }
    value_begin(w);
    buf_add(w->out, json.p, json.n);
}

void json_splice(struct json_w *w, struct str object)
{
    if (object.n > 2) /* more than {} */
        json_raw(w, (struct str){object.p + 1, object.n - 2});
}

void json_iso(struct json_w *w, int64_t ms)
{
    char text[1 + CLOCK_ISO_SIZE];

    text[0] = '"';
    clock_iso(ms, text + 1);
    text[CLOCK_ISO_SIZE] = '"'; /* over the NUL */
    value_begin(w);
    buf_add(w->out, text, sizeof text);
}

void json_key(struct json_w *w, const char *name)
{
    value_begin(w);
    buf_add_char(w->out, '"');
    buf_add(w->out, name, strlen(name));
    BUF_ADD_LIT(w->out, "\":");
    w->comma = false;
}

void json_key_str(struct json_w *w, struct str name)
{
    json_str(w, name);
    buf_add_char(w->out, ':');
    w->comma = false;
}

void json_kv_i64(struct json_w *w, const char *name, int64_t v)
{
    json_key(w, name);
    json_i64(w, v);
}

void json_kv_id(struct json_w *w, const char *name, int64_t v)
{
    json_key(w, name);
    if (v == 0)
        json_null(w);
    else
        json_i64(w, v);
}

void json_kv_real(struct json_w *w, const char *name, double v)
{
    json_key(w, name);
    json_real(w, v);
}

void json_kv_bool(struct json_w *w, const char *name, bool v)
{
    json_key(w, name);
    json_bool(w, v);
}

void json_kv_null(struct json_w *w, const char *name)
{
    json_key(w, name);
    json_null(w);
}

void json_kv_str(struct json_w *w, const char *name, struct str s)
{
    json_key(w, name);
    json_str(w, s);
}

void json_kv_lit(struct json_w *w, const char *name, const char *z)
{
    json_kv_str(w, name, str_from(z));
}

void json_kv_raw(struct json_w *w, const char *name, struct str json)
{
    json_key(w, name);
    json_raw(w, json);
}

void json_kv_iso(struct json_w *w, const char *name, int64_t ms)
{
    json_key(w, name);
    if (ms == 0)
        json_null(w);
    else
        json_iso(w, ms);
}

void json_kv_obj(struct json_w *w, const char *name)
{
    json_key(w, name);
    json_obj(w);
}

void json_kv_arr(struct json_w *w, const char *name)
{
    json_key(w, name);
    json_arr(w);
}
