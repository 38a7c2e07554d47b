/* Bringing a figure back to what it was. */
#include "domain/annotation_int.h"

/* The figure as the version has it, on top of what it is now. */
static enum err as_it_was(struct labeling *l, const struct figure_version *v, struct figure *f)
{
    struct call *c = l->c;
    struct object_in as = {.class_id = v->was.class_id};
    const struct object_class *class;
    struct json_value *keys = json_parse_copy(c->arena, v->was.geometry);
    enum err e = geometry_read(c, geometry_type(v->was.type), keys, &as.geometry);

    if (e == ERR_OK)
        e = annotation__find_class(l, &as, &class);
    if (e != ERR_OK)
        return e;
    f->class_id = v->was.class_id;
    f->description = v->was.description;
    annotation__set_geometry(f, &as.geometry);
    return ERR_OK;
}

/* Kinds of tags that the project has lost since cannot come back. */
static size_t keep_known(struct labeling *l, struct tag_in *tags, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (meta_tag(&l->meta, tags[i].tag_id, STR_NULL))
            tags[kept++] = tags[i];
    return kept;
}

enum err figure_put_back(struct labeling *l, const struct figure *f, bool removed,
                         const struct figure_version *v)
{
    struct json_value *list = json_parse_copy(l->c->arena, v->was.tags);
    struct figure then = *f;
    struct tag_in *tags = NULL;
    struct new_tags new_tags = {.given = true};
    enum err e = annotation__class_check(l, f);

    if (e == ERR_OK)
        e = as_it_was(l, v, &then);
    if (e == ERR_OK)
        e = tags_read(l->c, list, "tags", &tags, &new_tags.n);
    if (e == ERR_OK && removed)
        e = figure_restore(l, f);
    if (e != ERR_OK)
        return e;
    new_tags.v = tags;
    new_tags.n = keep_known(l, tags, new_tags.n);
    e = annotation__write_change(l, f, &then, &new_tags);
    return e == ERR_OK ? annotation__count(l, f->image_id, 0) : e;
}
