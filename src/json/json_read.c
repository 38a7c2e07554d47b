/* Walks JSON text that json_check has accepted: no error can occur here but a full arena. */
#include "json/json_read.h"

#include <assert.h>
#include <stdlib.h>

#include "json/json_check.h"

struct cursor {
    const char *p;
    const char *end;
};

static void skip_space(struct cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\n' || *c->p == '\r' || *c->p == '\t'))
        c->p++;
}

/* From the opening quote to behind the closing one. */
static struct str take_string_raw(struct cursor *c)
{
    const char *start = c->p++;

    for (;; c->p++) {
        const char *q = memchr(c->p, '"', (size_t)(c->end - c->p));

        assert(q != NULL);
        size_t slashes = 0;
        while (q[-1 - (ptrdiff_t)slashes] == '\\')
            slashes++;
        c->p = q;
        if (slashes % 2 == 0)
            break;
    }
    c->p++;
    return (struct str){start, (size_t)(c->p - start)};
}

static struct str take_container_raw(struct cursor *c)
{
    const char *start = c->p;
    int depth = 0;

    do {
        if (*c->p == '"') {
            take_string_raw(c);
            continue;
        }
        depth += *c->p == '{' || *c->p == '[';
        depth -= *c->p == '}' || *c->p == ']';
        c->p++;
    } while (depth > 0);
    return (struct str){start, (size_t)(c->p - start)};
}

static struct str take_scalar_raw(struct cursor *c)
{
    const char *start = c->p;

    while (c->p < c->end && !strchr(",]} \n\r\t", *c->p))
        c->p++;
    return (struct str){start, (size_t)(c->p - start)};
}

static unsigned hex4(const char *p)
{
    unsigned v = 0;

    for (int i = 0; i < 4; i++)
        v = v << 4 | (unsigned)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
    return v;
}

static size_t put_utf8(char *out, unsigned c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)((0xf00 >> n & 0xff) | c);
    return n;
}

/* One escape sequence at *p (behind the backslash) to UTF-8; moves *p. */
static size_t unescape_one(const char **p, char *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = *(*p)++;

    if (c != 'u') {
        *out = to[strchr(from, c) - from];
        return 1;
    }
    unsigned u = hex4(*p);
    *p += 4;
    if (u >= 0xd800 && u < 0xdc00) { /* json_check has refused lone halves */
        u = 0x10000 + ((u - 0xd800) << 10) + (hex4(*p + 2) - 0xdc00);
        *p += 6;
    }
    return put_utf8(out, u);
}

/* Unescaped, NUL-terminated copy of a quoted string; never longer than its raw form. */
static struct str unescape(struct arena *a, struct str raw)
{
    const char *p = raw.p + 1, *end = raw.p + raw.n - 1;

    if (memchr(p, '\\', (size_t)(end - p)) == NULL)
        return arena_str(a, (struct str){p, (size_t)(end - p)});
    char *out = arena_alloc(a, raw.n);
    size_t n = 0;
    if (out == NULL)
        return STR_NULL;
    while (p < end) {
        if (*p != '\\') {
            out[n++] = *p++;
            continue;
        }
        p++;
        n += unescape_one(&p, out + n);
    }
    return (struct str){out, n};
}

static void read_number(struct json_value *v)
{
    if (str_to_i64(v->raw, &v->i)) {
        v->type = JSON_INT;
        return;
    }
    char digits[64];
    size_t n = v->raw.n < sizeof digits ? v->raw.n : sizeof digits - 1;

    v->type = JSON_REAL;
    if (n == v->raw.n) { /* strtod wants a terminator */
        memcpy(digits, v->raw.p, n);
        digits[n] = '\0';
        v->d = strtod(digits, NULL);
    } else {
        v->d = strtod(v->raw.p, NULL); /* the text goes on with , ] } or padding */
    }
}

static bool read_value(struct arena *a, struct cursor *c, struct json_value *v)
{
    switch (*c->p) {
    case '{':
    case '[':
        v->type = *c->p == '{' ? JSON_OBJ : JSON_ARR;
        v->raw = take_container_raw(c);
        return true;
    case '"':
        v->type = JSON_STR;
        v->raw = take_string_raw(c);
        v->s = unescape(a, v->raw);
        return v->s.p != NULL;
    default:
        v->raw = take_scalar_raw(c);
    }
    switch (v->raw.p[0]) {
    case 'n':
        v->type = JSON_NULL;
        return true;
    case 't':
    case 'f':
        v->type = JSON_BOOL;
        v->b = v->raw.p[0] == 't';
        return true;
    default:
        read_number(v);
        return true;
    }
}

struct json_value *json_parse(struct arena *a, struct str text, const char **error_out)
{
    struct cursor c = {text.p, text.p + text.n};
    struct json_value *v = arena_alloc(a, sizeof *v);

    *error_out = json_check(text.p, text.n, JSON_DEPTH_MAX);
    if (*error_out)
        return NULL;
    skip_space(&c);
    if (v == NULL || !read_value(a, &c, v)) {
        *error_out = "the text is too large";
        return NULL;
    }
    return v;
}

struct json_value *json_parse_copy(struct arena *a, struct str text)
{
    if (text.p == NULL)
        return NULL;
    char *copy = arena_alloc(a, text.n + JSON_PADDING);
    const char *error;

    if (copy == NULL)
        return NULL;
    memcpy(copy, text.p, text.n);
    return json_parse(a, (struct str){copy, text.n}, &error);
}

/* Key of the member at the cursor; moves to its value. */
static struct str take_key(struct arena *a, struct cursor *c)
{
    struct str raw = take_string_raw(c);
    struct str key = {raw.p + 1, raw.n - 2};

    skip_space(c);
    c->p++; /* ':' */
    skip_space(c);
    return memchr(key.p, '\\', key.n) ? unescape(a, raw) : key;
}

/* Make the child list of a container. Out of memory leaves it short and a->failed set. */
static void open_container(struct arena *a, struct json_value *v)
{
    struct cursor c = {v->raw.p + 1, v->raw.p + v->raw.n - 1};
    struct json_value **tail = &v->first;

    v->opened = true;
    skip_space(&c);
    while (c.p < c.end) {
        struct json_value *child = arena_alloc(a, sizeof *child);

        if (child == NULL)
            return;
        if (v->type == JSON_OBJ)
            child->key = take_key(a, &c);
        if (!read_value(a, &c, child))
            return;
        *tail = child;
        tail = &child->next;
        skip_space(&c);
        if (c.p < c.end)
            c.p++; /* ',' */
        skip_space(&c);
    }
}

struct json_value *json_first(struct arena *a, struct json_value *v)
{
    if (v == NULL || (v->type != JSON_ARR && v->type != JSON_OBJ))
        return NULL;
    if (!v->opened)
        open_container(a, v);
    return v->first;
}

size_t json_count(struct arena *a, struct json_value *v)
{
    size_t n = 0;

    for (v = json_first(a, v); v; v = v->next)
        n++;
    return n;
}

struct json_value *json_get_str(struct arena *a, struct json_value *v, struct str name)
{
    struct json_value *found = NULL;

    if (v == NULL || v->type != JSON_OBJ)
        return NULL;
    for (v = json_first(a, v); v; v = v->next)
        if (str_eq(v->key, name))
            found = v;
    return found;
}

struct json_value *json_get(struct arena *a, struct json_value *v, const char *name)
{
    return json_get_str(a, v, str_from(name));
}

const char *json_type_name(enum json_type type)
{
    static const char *const names[] = {"null",   "boolean", "number", "number",
                                        "string", "array",   "object"};

    return names[type];
}
