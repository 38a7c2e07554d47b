/* Reading geometries. Coordinates are scanned straight from the checked JSON text: a polygon with a
 * million points takes no memory. */
#include "domain/geometry.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "domain/mask.h"

/* Where a reader looks and what it has found so far. */
struct geometry_reader {
    struct json_value *object;
    struct geometry *out;
    double twice; /* signed area of the last ring, twice */
};

/* ---- numbers in arrays ---- */

struct scan {
    const char *at, *end;
};

static struct scan scan_of(struct str raw)
{
    return (struct scan){raw.p, raw.p + raw.n};
}

static bool take(struct scan *s, char wanted)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
    if (s->at == s->end || *s->at != wanted)
        return false;
    s->at++;
    return true;
}

/* The text is valid JSON and a number in an array is followed by "," or "]", where strtod stops. */
static bool take_number(struct scan *s, double *out)
{
    char *stop;

    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
    if (s->at == s->end || (*s->at != '-' && (*s->at < '0' || *s->at > '9')))
        return false;
    *out = strtod(s->at, &stop);
    s->at = stop;
    return fabs(*out) <= COORDINATE_MAX;
}

static bool take_point(struct scan *s, double *x, double *y)
{
    return take(s, '[') && take_number(s, x) && take(s, ',') && take_number(s, y) && take(s, ']');
}

/* ---- what all readers share ---- */

static void grow_box(struct geometry *g, double x, double y)
{
    if (!g->placed) {
        g->left = g->right = x;
        g->top = g->bottom = y;
        g->placed = true;
        return;
    }
    g->left = fmin(g->left, x);
    g->right = fmax(g->right, x);
    g->top = fmin(g->top, y);
    g->bottom = fmax(g->bottom, y);
}

/* A list of points; how many, or -1. Leaves the area it encloses in r->twice. */
static long read_ring(struct geometry_reader *r, struct scan *s)
{
    double first_x = 0, first_y = 0, x = 0, y = 0, before_x = 0, before_y = 0;
    long n = 0;

    r->twice = 0;
    if (!take(s, '['))
        return -1;
    if (take(s, ']'))
        return 0;
    do {
        if (!take_point(s, &x, &y))
            return -1;
        grow_box(r->out, x, y);
        if (n++ == 0) {
            first_x = x;
            first_y = y;
        } else {
            r->twice += before_x * y - x * before_y;
        }
        before_x = x;
        before_y = y;
    } while (take(s, ','));
    r->twice += before_x * first_y - first_x * before_y;
    return take(s, ']') ? n : -1;
}

static enum err bad(struct call *c, const char *key, const char *what)
{
    return fail(c, ERR_INVALID, key, "\"%s\" %s", key, what);
}

/* {exterior: ring, interior: [ring, ...]}; its area is added to the geometry's. */
static enum err read_outline(struct call *c, struct geometry_reader *r, struct json_value *outline,
                             const char *key, long points_min, long points_max)
{
    struct json_value *exterior = json_get(c->arena, outline, "exterior");
    struct json_value *interior = json_get(c->arena, outline, "interior");
    struct scan s;

    if (exterior == NULL || exterior->type != JSON_ARR)
        return bad(c, key, "must be an object with \"exterior\", a list of [x, y] points");
    s = scan_of(exterior->raw);
    long n = read_ring(r, &s);
    if (n < 0)
        return bad(c, key, "must hold [x, y] points with numbers of at most ten million");
    if (n < points_min || n > points_max)
        return fail(c, ERR_INVALID, key, "\"%s\" has %ld points; this shape takes %ld to %ld", key,
                    n, points_min, points_max);
    r->out->area += fabs(r->twice) / 2;
    if (interior == NULL || interior->type == JSON_NULL)
        return ERR_OK;
    s = scan_of(interior->raw);
    if (!take(&s, '['))
        return bad(c, key, "must have a list of lists of points as \"interior\"");
    if (take(&s, ']'))
        return ERR_OK;
    do {
        if (read_ring(r, &s) < 0)
            return bad(c, key, "must have a list of lists of points as \"interior\"");
        r->out->area -= fabs(r->twice) / 2;
    } while (take(&s, ','));
    return ERR_OK;
}

static struct json_value *key_of(struct call *c, struct geometry_reader *r, const char *key)
{
    struct json_value *v = json_get(c->arena, r->object, key);

    return v && v->type != JSON_NULL ? v : NULL;
}

static enum err read_points(struct call *c, struct geometry_reader *r, long min, long max)
{
    return read_outline(c, r, key_of(c, r, "points"), "points", min, max);
}

/* ---- one reader for each kind ---- */

static void area_of_box(struct geometry *g)
{
    g->area = (g->right - g->left) * (g->bottom - g->top);
}

static enum err read_rectangle(struct call *c, struct geometry_reader *r)
{
    enum err e = read_points(c, r, 2, 2);

    area_of_box(r->out);
    return e;
}

static enum err read_polygon(struct call *c, struct geometry_reader *r)
{
    return read_points(c, r, 3, INT32_MAX);
}

static enum err read_line(struct call *c, struct geometry_reader *r)
{
    enum err e = read_points(c, r, 1, INT32_MAX);

    r->out->area = 0;
    return e;
}

static enum err read_point(struct call *c, struct geometry_reader *r)
{
    return read_points(c, r, 1, 1);
}

static enum err read_bitmap(struct call *c, struct geometry_reader *r)
{
    struct json_value *bitmap = key_of(c, r, "bitmap");
    struct json_value *origin = json_get(c->arena, bitmap, "origin");
    struct json_value *data = json_get(c->arena, bitmap, "data");
    struct mask m;
    double x, y;

    if (data == NULL || data->type != JSON_STR || origin == NULL || origin->type != JSON_ARR)
        return bad(c, "bitmap", "must be an object with \"origin\", [x, y], and \"data\", text");
    struct scan s = scan_of(origin->raw);
    if (!take_point(&s, &x, &y))
        return bad(c, "bitmap", "must have an \"origin\" of two numbers");
    const char *error = mask_read(data->s, &m);
    if (error)
        return fail(c, ERR_INVALID, "bitmap", "the mask %s", error);
    grow_box(r->out, x, y);
    grow_box(r->out, x + (double)m.width, y + (double)m.height);
    r->out->area = (double)m.drawn;
    return ERR_OK;
}

static enum err read_alpha_mask(struct call *c, struct geometry_reader *r)
{
    return key_of(c, r, "bitmap") ? read_bitmap(c, r) : ERR_OK;
}

/* {id: {loc: [x, y], ...}, ...} */
static enum err read_node_map(struct call *c, struct geometry_reader *r, const char *key)
{
    struct json_value *map = key_of(c, r, key);
    double x, y;

    if (map == NULL || map->type != JSON_OBJ || json_first(c->arena, map) == NULL)
        return bad(c, key, "must be an object of nodes, each with \"loc\", [x, y]");
    for (struct json_value *v = json_first(c->arena, map); v; v = v->next) {
        struct json_value *loc = json_get(c->arena, v, "loc");

        if (loc == NULL)
            return bad(c, key, "must be an object of nodes, each with \"loc\", [x, y]");
        struct scan s = scan_of(loc->raw);
        if (!take_point(&s, &x, &y))
            return bad(c, key, "must be an object of nodes, each with \"loc\", [x, y]");
        grow_box(r->out, x, y);
    }
    return ERR_OK;
}

static enum err read_nodes(struct call *c, struct geometry_reader *r)
{
    return read_node_map(c, r, "nodes");
}

static enum err read_cuboid_2d(struct call *c, struct geometry_reader *r)
{
    return read_node_map(c, r, key_of(c, r, "vertices") ? "vertices" : "nodes");
}

static enum err read_multipolygon(struct call *c, struct geometry_reader *r)
{
    struct json_value *parts = key_of(c, r, "parts");

    if (parts == NULL || parts->type != JSON_ARR || json_first(c->arena, parts) == NULL)
        return bad(c, "parts", "must be a list of {exterior, interior}, with one at least");
    for (struct json_value *v = json_first(c->arena, parts); v; v = v->next) {
        enum err e = read_outline(c, r, v, "parts", 3, INT32_MAX);

        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static enum err read_point_list(struct call *c, struct geometry_reader *r, long n)
{
    struct json_value *points = key_of(c, r, "points");
    struct scan s = scan_of(points ? points->raw : STR(""));

    if (read_ring(r, &s) != n)
        return fail(c, ERR_INVALID, "points", "\"points\" must be a list of %ld [x, y] points", n);
    return ERR_OK;
}

static enum err read_oriented_bbox(struct call *c, struct geometry_reader *r)
{
    struct json_value *angle = key_of(c, r, "angle");
    enum err e = read_point_list(c, r, 2);

    if (e == ERR_OK && angle && angle->type != JSON_INT && angle->type != JSON_REAL)
        return bad(c, "angle", "must be a number, in radians");
    area_of_box(r->out);
    return e;
}

static enum err read_cuboid(struct call *c, struct geometry_reader *r)
{
    struct json_value *faces = key_of(c, r, "faces");
    struct json_value *points = key_of(c, r, "points");

    if (faces == NULL || faces->type != JSON_ARR || json_count(c->arena, faces) == 0)
        return bad(c, "faces", "must be a list of faces, each of four indices of points");
    size_t count = json_count(c->arena, points);
    for (struct json_value *f = json_first(c->arena, faces); f; f = f->next) {
        if (f->type != JSON_ARR || json_count(c->arena, f) != 4)
            return bad(c, "faces", "must be a list of faces, each of four indices of points");
        for (struct json_value *i = json_first(c->arena, f); i; i = i->next)
            if (i->type != JSON_INT || i->i < 0 || (size_t)i->i >= count)
                return bad(c, "faces", "must be a list of faces, each of four indices of points");
    }
    return read_point_list(c, r, (long)count);
}

/* ---- whole pixels ---- */

/* Copy a number; one with a fraction is rounded down. */
static const char *floor_number(struct buf *out, const char *at, const char *end)
{
    const char *stop = at;
    bool fraction = false;

    for (; stop < end && (strchr("+-.eE", *stop) || (*stop >= '0' && *stop <= '9')); stop++)
        fraction = fraction || *stop == '.' || *stop == 'e' || *stop == 'E';
    double v = strtod(at, NULL);
    if (fraction && fabs(v) < 1e15) /* larger ones are no pixels */
        buf_printf(out, "%.0f", floor(v));
    else
        buf_add(out, at, (size_t)(stop - at));
    return stop;
}

static const char *copy_string(struct buf *out, const char *at, const char *end)
{
    const char *stop = at + 1;

    while (stop < end && *stop != '"')
        stop += *stop == '\\' ? 2 : 1;
    stop++;
    buf_add(out, at, (size_t)(stop - at));
    return stop;
}

/* JSON text with its numbers rounded down. */
static void floor_text(struct buf *out, struct str text)
{
    const char *at = text.p, *end = text.p + text.n;

    while (at < end) {
        if (*at == '"')
            at = copy_string(out, at, end);
        else if (*at == '-' || (*at >= '0' && *at <= '9'))
            at = floor_number(out, at, end);
        else
            buf_add_char(out, *at++);
    }
}

static bool in_pixels(struct str key)
{
    static const char *const keys[] = {"points", "parts", "nodes", "vertices", "bitmap"};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_is(key, keys[i]))
            return true;
    return false;
}

void geometry_splice_integers(struct json_w *w, struct str text)
{
    struct arena scratch;
    struct buf whole;

    arena_init(&scratch, text.n * 64 + 65536);
    buf_init(&whole, text.n * 2 + 64);
    for (struct json_value *v = json_first(&scratch, json_parse_copy(&scratch, text)); v;
         v = v->next) {
        buf_clear(&whole);
        if (in_pixels(v->key))
            floor_text(&whole, v->raw);
        json_key_str(w, v->key);
        json_raw(w, in_pixels(v->key) ? buf_str(&whole) : v->raw);
    }
    buf_finish(&whole);
    arena_finish(&scratch);
}

/* ---- the table ---- */

static const struct geometry_type types[] = {
#define GEOMETRY(name, reader, ...) {name, read_##reader, {__VA_ARGS__, NULL}},
#include "domain/geometry.tbl"
#undef GEOMETRY
};

const struct geometry_type *geometry_type(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_is(name, types[i].name))
            return &types[i];
    return NULL;
}

bool geometry_has_key(const struct geometry_type *type, struct str key)
{
    for (const char *const *k = type->keys; *k; k++)
        if (str_is(key, *k))
            return true;
    return false;
}

/* The keys of the type alone, values byte for byte. */
static struct str own_keys(struct call *c, const struct geometry_type *type,
                           struct json_value *object)
{
    struct buf text;
    struct str out;

    buf_init(&text, object->raw.n + 16);
    buf_add_char(&text, '{');
    for (const char *const *k = type->keys; *k; k++) {
        struct json_value *v = json_get(c->arena, object, *k);

        if (v == NULL || v->type == JSON_NULL)
            continue;
        buf_printf(&text, "%s\"%s\":", text.n > 1 ? "," : "", *k);
        buf_add_str(&text, v->raw);
    }
    buf_add_char(&text, '}');
    out = text.failed ? STR_NULL : arena_str(c->arena, buf_str(&text));
    buf_finish(&text);
    return out;
}

enum err geometry_read(struct call *c, const struct geometry_type *type, struct json_value *object,
                       struct geometry *out)
{
    struct geometry_reader r = {.object = object, .out = out};

    *out = (struct geometry){.type = type};
    enum err e = type->read(c, &r);
    if (e != ERR_OK)
        return e;
    out->area = fmax(out->area, 0);
    out->text = own_keys(c, type, object);
    return out->text.p ? ERR_OK : fail(c, ERR_NOMEM, NULL, "out of memory");
}
