/* Rules of classes and tags. */
#include "domain/meta.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/store_project.h"
#include "json/json_merge.h"

#define ITEMS_MAX      5000 /* classes or tags of one project */
#define MORE_BYTES_MAX 65536

static const char *const shapes[] = {"any",          "bitmap",
                                     "alpha_mask",   "polygon",
                                     "multipolygon", "line",
                                     "point",        "rectangle",
                                     "graph",        "cuboid",
                                     "cuboid_2d",    "oriented_bbox",
                                     "mask_3d",      "point_cloud",
                                     "cuboid_3d",    "point_3d",
                                     "polyline_3d",  "closed_surface_mesh",
                                     "mesh",         "multichannelBitmap"};
static const char *const value_types[] = {"none", "any_number", "any_string", "oneof_string",
                                          "date"};
static const char *const applicable_types[] = {"all", "imagesOnly", "objectsOnly"};
static const char *const target_types[] = {"all", "framesOnly", "entitiesOnly"};

/* Colours for items that come without one: apart in hue, by turns. */
static const char *const palette[] = {"#D0021B", "#50E3C2", "#4A90E2", "#F5A623", "#7ED321",
                                      "#9013FE", "#F8E71C", "#BD10E0", "#417505", "#8B572A"};

enum err meta_load(struct db *db, int64_t project_id, struct meta *out)
{
    enum err e = store_classes(db, project_id, &out->classes, &out->classes_len);

    if (e == ERR_OK)
        e = store_tags(db, project_id, &out->tags, &out->tags_len);
    if (e == ERR_OK)
        e = store_tag_classes(db, project_id, &out->tag_classes, &out->tag_classes_len);
    return e;
}

static int by_class_name(const void *name, const void *item)
{
    return str_cmp(*(const struct str *)name, ((const struct object_class *)item)->name);
}

static int by_tag_name(const void *name, const void *item)
{
    return str_cmp(*(const struct str *)name, ((const struct tag_meta *)item)->name);
}

const struct object_class *meta_class(const struct meta *m, int64_t id, struct str name)
{
    for (size_t i = 0; id != 0 && i < m->classes_len; i++)
        if (m->classes[i].id == id)
            return &m->classes[i];
    if (name.p == NULL || m->classes_len == 0)
        return NULL;
    return bsearch(&name, m->classes, m->classes_len, sizeof *m->classes, by_class_name);
}

const struct tag_meta *meta_tag(const struct meta *m, int64_t id, struct str name)
{
    for (size_t i = 0; id != 0 && i < m->tags_len; i++)
        if (m->tags[i].id == id)
            return &m->tags[i];
    if (name.p == NULL || m->tags_len == 0)
        return NULL;
    return bsearch(&name, m->tags, m->tags_len, sizeof *m->tags, by_tag_name);
}

bool meta_tag_fits_class(const struct meta *m, int64_t tag_id, int64_t class_id)
{
    bool limited = false;

    for (size_t i = 0; i < m->tag_classes_len; i++) {
        if (m->tag_classes[i].tag_id != tag_id)
            continue;
        if (m->tag_classes[i].class_id == class_id)
            return true;
        limited = true;
    }
    return !limited;
}

/* An item of the request and where it stands, for messages: "meta.classes[3].title". */
struct item {
    struct call *c;
    struct json_value *v;
    const char *list; /* "classes" or "tags" */
    size_t index;
};

static enum err fail_item(const struct item *it, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static enum err fail_item(const struct item *it, const char *key, const char *fmt, ...)
{
    char field[64];
    va_list ap;

    snprintf(field, sizeof field, "meta.%s[%zu].%s", it->list, it->index, key);
    va_start(ap, fmt);
    enum err e = fault_setv(&it->c->fault, ERR_INVALID, field, fmt, ap);
    va_end(ap);
    return e;
}

/* String member; absent or null gives `otherwise` (absent itself = required). */
static enum err get_text(const struct item *it, const char *key, struct str otherwise,
                         struct str *out)
{
    struct json_value *v = json_get(it->c->arena, it->v, key);

    if (v == NULL || v->type == JSON_NULL) {
        *out = otherwise;
        return otherwise.p ? ERR_OK : fail_item(it, key, "\"%s\" is required", key);
    }
    if (v->type != JSON_STR)
        return fail_item(it, key, "\"%s\" must be a string", key);
    *out = v->s;
    return v->s.n <= DESCRIPTION_CHARS_MAX ? ERR_OK : fail_item(it, key, "\"%s\" is too long", key);
}

static bool one_of(struct str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(s, words[i]))
            return true;
    return false;
}

static enum err get_word(const struct item *it, const char *key, struct str otherwise,
                         const char *const *words, size_t n, struct str *out)
{
    enum err e = get_text(it, key, otherwise, out);

    return e != ERR_OK || one_of(*out, words, n)
               ? e
               : fail_item(it, key, "\"%s\" is not a known %s", out->p, key);
}

static bool is_color(struct str s)
{
    return s.n == 7 && s.p[0] == '#' && strspn(s.p + 1, "0123456789abcdefABCDEF") == 6;
}

static enum err get_color(const struct item *it, struct str otherwise, struct str *out)
{
    enum err e = get_text(it, "color", otherwise, out);

    if (e == ERR_OK && !is_color(*out))
        return fail_item(it, "color", "\"color\" must look like #D0021B");
    return e;
}

static enum err get_name(const struct item *it, const char *key, struct str *out)
{
    enum err e = get_text(it, key, STR_NULL, out);
    char field[64];

    snprintf(field, sizeof field, "meta.%s[%zu].%s", it->list, it->index, key);
    return e == ERR_OK ? name_check(it->c, *out, field, NAME_CHARS_MAX) : e;
}

static int64_t get_id(const struct item *it)
{
    struct json_value *v = json_get(it->c->arena, it->v, "id");

    return v && v->type == JSON_INT ? v->i : 0;
}

/* Nodes and edges are what makes the class drawable; without them clients cannot read the meta. */
static enum err graph_check(const struct item *it, struct json_value *config)
{
    struct arena *a = it->c->arena;
    struct json_value *nodes = json_get(a, config, "nodes");
    struct json_value *edges = json_get(a, config, "edges");

    if (nodes == NULL || nodes->type != JSON_OBJ || edges == NULL || edges->type != JSON_ARR)
        return fail_item(it, "geometry_config", "a graph class needs nodes and edges");
    for (struct json_value *n = json_first(a, nodes); n; n = n->next) {
        struct json_value *loc = json_get(a, n, "loc");
        struct json_value *color = json_get(a, n, "color");

        if (loc == NULL || loc->type != JSON_ARR || json_count(a, loc) != 2)
            return fail_item(it, "geometry_config", "every node of a graph needs \"loc\": [x, y]");
        if (color == NULL || color->type != JSON_STR || !is_color(color->s))
            return fail_item(it, "geometry_config", "every node of a graph needs a colour");
    }
    for (struct json_value *n = json_first(a, edges); n; n = n->next) {
        struct json_value *color = json_get(a, n, "color");

        if (json_get(a, n, "src") == NULL || json_get(a, n, "dst") == NULL)
            return fail_item(it, "geometry_config", "every edge of a graph needs src and dst");
        if (color && color->type != JSON_NULL && (color->type != JSON_STR || !is_color(color->s)))
            return fail_item(it, "geometry_config", "the colour of an edge must be #RRGGBB");
    }
    return ERR_OK;
}

static enum err get_geometry_config(const struct item *it, struct str shape, struct str otherwise,
                                    struct str *out)
{
    struct json_value *v = json_get(it->c->arena, it->v, "geometry_config");

    *out = otherwise;
    if (v && v->type != JSON_NULL) {
        if (v->type != JSON_OBJ)
            return fail_item(it, "geometry_config", "\"geometry_config\" must be an object");
        *out = v->raw;
    }
    if (!str_is(shape, "graph"))
        return ERR_OK;
    return graph_check(it, json_parse_copy(it->c->arena, *out));
}

/* Fields of a class over those of `old` (zero for a new one). */
static enum err read_class(const struct item *it, const struct object_class *old,
                           struct object_class *out)
{
    struct str color = old ? old->color : str_from(palette[it->index % ARRAY_LEN(palette)]);
    enum err e = get_name(it, "title", &out->name);

    out->id = old ? old->id : 0;
    out->settings = old ? old->settings : STR("{}");
    if (e == ERR_OK)
        e = get_word(it, "shape", old ? old->shape : STR_NULL, shapes, ARRAY_LEN(shapes),
                     &out->shape);
    if (e == ERR_OK)
        e = get_color(it, color, &out->color);
    if (e == ERR_OK)
        e = get_geometry_config(it, out->shape, old ? old->geometry_config : STR("{}"),
                                &out->geometry_config);
    if (e == ERR_OK)
        e = get_text(it, "hotkey", old ? old->hotkey : STR(""), &out->hotkey);
    if (e == ERR_OK)
        e = get_text(it, "description", old ? old->description : STR(""), &out->description);
    return e;
}

static bool same_class(const struct object_class *a, const struct object_class *b)
{
    return str_eq(a->name, b->name) && str_eq(a->shape, b->shape) && str_eq(a->color, b->color) &&
           str_eq(a->geometry_config, b->geometry_config) && str_eq(a->hotkey, b->hotkey) &&
           str_eq(a->description, b->description) && str_eq(a->settings, b->settings);
}

static struct object_class *find_class(struct meta *m, int64_t id, struct str name)
{
    for (size_t i = 0; id != 0 && i < m->classes_len; i++)
        if (m->classes[i].id == id)
            return &m->classes[i];
    for (size_t i = 0; i < m->classes_len; i++)
        if (str_eq(m->classes[i].name, name))
            return &m->classes[i];
    return NULL;
}

static struct tag_meta *find_tag(struct meta *m, int64_t id, struct str name)
{
    for (size_t i = 0; id != 0 && i < m->tags_len; i++)
        if (m->tags[i].id == id)
            return &m->tags[i];
    for (size_t i = 0; i < m->tags_len; i++)
        if (str_eq(m->tags[i].name, name))
            return &m->tags[i];
    return NULL;
}

/* A class may take another shape only while no figure of it is of another. */
static enum err shape_check(struct call *c, const struct object_class *old,
                            const struct object_class *new)
{
    bool other = false;
    enum err e = ERR_OK;

    if (!str_eq(old->shape, new->shape) && !str_is(new->shape, "any"))
        e = store_class_has_other(c->db, old->id, new->shape, &other);
    return e == ERR_OK && other
               ? fail(c, ERR_INVALID, "shape", "class \"%s\" has figures of another shape than %s",
                      old->name.p, new->shape.p)
               : e;
}

static enum err save_class(struct call *c, const struct object_class *old, struct object_class *new)
{
    enum err e = ERR_OK;

    if (old && same_class(old, new))
        return ERR_OK;
    if (old)
        e = shape_check(c, old, new);
    if (e != ERR_OK)
        return e;
    e = old ? store_class_update(c->db, new, c->now_ms)
            : store_class_insert(c->db, c->at.project_id, new, c->now_ms);
    if (e == ERR_CONFLICT)
        return fail(c, e, "title", "a class named \"" STR_FMT "\" exists already",
                    STR_ARG(new->name));
    if (e == ERR_OK && old && !str_eq(old->name, new->name))
        e = store_names_changed(c->db);
    return e == ERR_OK
               ? call_event(c, (struct event){.action = old ? "update_class" : "create_class",
                                              .project_id = c->at.project_id,
                                              .class_id = new->id})
               : e;
}

static int compare_names(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Every item must be an object with a name, and the names must differ within the request. */
static enum err names_of_items_check(struct call *c, const char *list, const char *key,
                                     struct json_value *items)
{
    size_t n = json_count(c->arena, items), index = 0;
    struct str *names = arena_array(c->arena, n + 1, sizeof *names);

    if (n > ITEMS_MAX)
        return fail(c, ERR_INVALID, list, "at most %d %s", ITEMS_MAX, list);
    if (names == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *v = json_first(c->arena, items); v; v = v->next, index++) {
        struct item it = {c, v, list, index};
        enum err e = v->type == JSON_OBJ ? get_name(&it, key, &names[index])
                                         : fail_item(&it, key, "must be an object");

        if (e != ERR_OK)
            return e;
    }
    qsort(names, n, sizeof *names, compare_names);
    for (size_t i = 1; i < n; i++)
        if (str_eq(names[i - 1], names[i]))
            return fail(c, ERR_INVALID, list, "\"" STR_FMT "\" is there twice", STR_ARG(names[i]));
    return ERR_OK;
}

static enum err merge_classes(struct call *c, struct meta *m, struct json_value *items)
{
    enum err e = names_of_items_check(c, "classes", "title", items);
    size_t index = 0;

    for (struct json_value *v = json_first(c->arena, items); v && e == ERR_OK;
         v = v->next, index++) {
        struct item it = {c, v, "classes", index};
        struct object_class new = {0};
        struct str name;

        e = get_name(&it, "title", &name);
        struct object_class *old = e == ERR_OK ? find_class(m, get_id(&it), name) : NULL;
        if (e == ERR_OK)
            e = read_class(&it, old, &new);
        if (e == ERR_OK)
            e = save_class(c, old, &new);
    }
    return e;
}

/* "values": required for one-of tags, their order kept; nothing else may have any. */
static enum err get_options(const struct item *it, struct str value_type, struct str otherwise,
                            struct str *out)
{
    struct arena *a = it->c->arena;
    struct json_value *v = json_get(a, it->v, "values");
    bool none = v == NULL || v->type == JSON_NULL;

    *out = STR_NULL;
    if (!str_is(value_type, "oneof_string")) {
        if (none || (v->type == JSON_ARR && json_first(a, v) == NULL))
            return ERR_OK;
        return fail_item(it, "values", "only tags of type oneof_string have values");
    }
    if (none) {
        *out = otherwise;
        return otherwise.p ? ERR_OK : fail_item(it, "values", "\"values\" is required");
    }
    if (v->type != JSON_ARR || json_first(a, v) == NULL)
        return fail_item(it, "values", "\"values\" must be an array of strings, not empty");
    for (struct json_value *o = json_first(a, v); o; o = o->next) {
        if (o->type != JSON_STR)
            return fail_item(it, "values", "\"values\" must be strings");
        for (struct json_value *p = json_first(a, v); p != o; p = p->next)
            if (str_eq(p->s, o->s))
                return fail_item(it, "values", "\"" STR_FMT "\" is there twice", STR_ARG(o->s));
    }
    *out = v->raw;
    return ERR_OK;
}

/* Newer clients send more about a tag than we use: kept, so that nothing is lost. What they clear
 * (null, false) goes; what they leave out stays. */
static bool is_more(const struct json_value *v)
{
    static const char *const used[] = {"id",         "name",   "value_type", "values",
                                       "color",      "hotkey", "classes",    "applicable_type",
                                       "target_type"};

    return !one_of(v->key, used, ARRAY_LEN(used));
}

static bool clears(const struct json_value *v)
{
    return v->type == JSON_NULL || (v->type == JSON_BOOL && !v->b);
}

static enum err get_more(const struct item *it, struct str otherwise, struct str *out)
{
    *out = json_merge(it->c->arena, otherwise, it->v, is_more, clears, MORE_BYTES_MAX);
    return out->p ? ERR_OK : fail_item(it, "name", "the tag is too large");
}

static enum err read_tag(const struct item *it, const struct tag_meta *old, struct tag_meta *out)
{
    struct str color = old ? old->color : str_from(palette[it->index % ARRAY_LEN(palette)]);
    enum err e = get_name(it, "name", &out->name);

    out->id = old ? old->id : 0;
    if (e == ERR_OK)
        e = get_word(it, "value_type", old ? old->value_type : STR_NULL, value_types,
                     ARRAY_LEN(value_types), &out->value_type);
    if (e == ERR_OK)
        e = get_options(it, out->value_type, old ? old->options : STR_NULL, &out->options);
    if (e == ERR_OK)
        e = get_color(it, color, &out->color);
    if (e == ERR_OK)
        e = get_text(it, "hotkey", old ? old->hotkey : STR(""), &out->hotkey);
    if (e == ERR_OK)
        e = get_word(it, "applicable_type", old ? old->applicable_type : STR("all"),
                     applicable_types, ARRAY_LEN(applicable_types), &out->applicable_type);
    if (e == ERR_OK)
        e = get_word(it, "target_type", old ? old->target_type : STR("all"), target_types,
                     ARRAY_LEN(target_types), &out->target_type);
    return e == ERR_OK ? get_more(it, old ? old->more : STR("{}"), &out->more) : e;
}

static bool same_tag(const struct tag_meta *a, const struct tag_meta *b)
{
    return str_eq(a->name, b->name) && str_eq(a->value_type, b->value_type) &&
           str_eq(a->options, b->options) && str_eq(a->color, b->color) &&
           str_eq(a->hotkey, b->hotkey) && str_eq(a->applicable_type, b->applicable_type) &&
           str_eq(a->target_type, b->target_type) && str_eq(a->more, b->more);
}

/* "classes": titles of the classes the tag may be put on. *ids NULL: not sent, nothing changes. */
static enum err get_tag_classes(const struct item *it, struct meta *m, int64_t **ids, size_t *n)
{
    struct arena *a = it->c->arena;
    struct json_value *v = json_get(a, it->v, "classes");

    *ids = NULL;
    *n = 0;
    if (v == NULL || v->type == JSON_NULL)
        return ERR_OK;
    if (v->type != JSON_ARR)
        return fail_item(it, "classes", "\"classes\" must be an array of class titles");
    *ids = arena_array(a, json_count(a, v) + 1, sizeof **ids);
    if (*ids == NULL)
        return fail(it->c, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *t = json_first(a, v); t; t = t->next) {
        struct object_class *class = t->type == JSON_STR ? find_class(m, 0, t->s) : NULL;

        if (class == NULL)
            return fail_item(it, "classes", "the project has no class " STR_FMT, STR_ARG(t->raw));
        (*ids)[(*n)++] = class->id;
    }
    return ERR_OK;
}

static bool same_tag_classes(const struct meta *m, int64_t tag_id, const int64_t *ids, size_t n)
{
    size_t have = 0, matched = 0;

    for (size_t i = 0; i < m->tag_classes_len; i++) {
        if (m->tag_classes[i].tag_id != tag_id)
            continue;
        have++;
        for (size_t j = 0; j < n; j++)
            matched += m->tag_classes[i].class_id == ids[j];
    }
    return have == n && matched == n;
}

static enum err save_tag(struct call *c, struct meta *m, const struct tag_meta *old,
                         struct tag_meta *new, const int64_t *class_ids, size_t n)
{
    bool same_classes = class_ids == NULL || (old && same_tag_classes(m, old->id, class_ids, n));
    enum err e = ERR_OK;

    if (old && same_tag(old, new) && same_classes)
        return ERR_OK;
    e = old ? store_tag_update(c->db, new, c->now_ms)
            : store_tag_insert(c->db, c->at.project_id, new, c->now_ms);
    if (e == ERR_CONFLICT)
        return fail(c, e, "name", "a tag named \"" STR_FMT "\" exists already", STR_ARG(new->name));
    if (e == ERR_OK && !same_classes)
        e = store_tag_set_classes(c->db, new->id, class_ids, n);
    if (e == ERR_OK && old && !str_eq(old->name, new->name))
        e = store_names_changed(c->db);
    return e == ERR_OK ? call_event(c, (struct event){.action = old ? "update_tag" : "create_tag",
                                                      .project_id = c->at.project_id,
                                                      .tag_id = new->id})
                       : e;
}

static enum err merge_tags(struct call *c, struct meta *m, struct json_value *items)
{
    enum err e = names_of_items_check(c, "tags", "name", items);
    size_t index = 0;

    for (struct json_value *v = json_first(c->arena, items); v && e == ERR_OK;
         v = v->next, index++) {
        struct item it = {c, v, "tags", index};
        struct tag_meta new = {0};
        struct str name;
        int64_t *class_ids = NULL;
        size_t n = 0;

        e = get_name(&it, "name", &name);
        struct tag_meta *old = e == ERR_OK ? find_tag(m, get_id(&it), name) : NULL;
        if (e == ERR_OK)
            e = read_tag(&it, old, &new);
        if (e == ERR_OK)
            e = get_tag_classes(&it, m, &class_ids, &n);
        if (e == ERR_OK)
            e = save_tag(c, m, old, &new, class_ids, n);
    }
    return e;
}

enum err meta_tag_put(struct call *c, struct json_value *v, int64_t id, struct tag_meta *out)
{
    struct item it = {c, v, "tags", 0};
    struct tag_meta new = {0}, *old = NULL;
    struct meta m = {0};
    struct str name;
    int64_t *class_ids = NULL;
    size_t n = 0;
    enum err e = meta_load(c->db, c->at.project_id, &m);

    if (e == ERR_OK)
        e = get_name(&it, "name", &name);
    if (e == ERR_OK)
        old = find_tag(&m, id, id ? STR("") : name);
    if (e == ERR_OK && id == 0 && old)
        e = fail(c, ERR_CONFLICT, "title", "a tag named \"" STR_FMT "\" exists already",
                 STR_ARG(name));
    if (e == ERR_OK)
        e = read_tag(&it, old, &new);
    if (e == ERR_OK)
        e = get_tag_classes(&it, &m, &class_ids, &n);
    if (e == ERR_OK)
        e = save_tag(c, &m, old, &new, class_ids, n);
    *out = new;
    return e;
}

static enum err list_check(struct call *c, struct json_value *v, const char *field, bool required)
{
    if (v == NULL || v->type == JSON_NULL)
        return required ? fail(c, ERR_INVALID, field, "\"%s\" is required", field) : ERR_OK;
    if (v->type != JSON_ARR)
        return fail(c, ERR_INVALID, field, "\"%s\" must be an array", field);
    return ERR_OK;
}

enum err meta_merge(struct call *c, struct json_value *meta)
{
    struct json_value *classes = json_get(c->arena, meta, "classes");
    struct json_value *tags = json_get(c->arena, meta, "tags");
    struct meta m = {0};
    enum err e = list_check(c, classes, "meta.classes", true);

    if (e == ERR_OK)
        e = list_check(c, tags, "meta.tags", false);
    if (e == ERR_OK)
        e = meta_load(c->db, c->at.project_id, &m);
    if (e == ERR_OK)
        e = merge_classes(c, &m, classes);
    if (e == ERR_OK) /* tags name classes that this very request may have made */
        e = store_classes(c->db, c->at.project_id, &m.classes, &m.classes_len);
    if (e == ERR_OK)
        e = merge_tags(c, &m, tags);
    return e;
}

enum err class_change(struct call *c, int64_t class_id, const struct class_change *change)
{
    struct object_class old, new;
    enum err e = store_class_get(c->db, class_id, &old);

    if (e != ERR_OK)
        return e;
    new = old;
    if (change->name.p) {
        e = name_check(c, change->name, "name", NAME_CHARS_MAX);
        new.name = change->name;
    }
    if (e == ERR_OK && change->shape.p) {
        new.shape = change->shape;
        if (!one_of(change->shape, shapes, ARRAY_LEN(shapes)))
            e = fail(c, ERR_INVALID, "shape", "\"%s\" is not a known shape", change->shape.p);
    }
    if (e == ERR_OK && change->color.p && !is_color(change->color))
        e = fail(c, ERR_INVALID, "color", "\"color\" must look like #D0021B");
    if (change->color.p)
        new.color = change->color;
    if (change->hotkey.p)
        new.hotkey = change->hotkey;
    if (change->description.p)
        new.description = change->description;
    if (change->settings)
        new.settings = change->settings->raw;
    return e == ERR_OK ? save_class(c, &old, &new) : e;
}
