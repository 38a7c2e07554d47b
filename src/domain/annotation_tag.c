/* Rules of tags: which may stand where, with which values, and who may touch them. */
#include "domain/annotation_int.h"

#include "base/clock.h"

static enum err check_value(struct call *c, const struct tag_meta *t, const struct json_value *v)
{
    const char *type = t->value_type.p;
    int64_t ms;

    if (strcmp(type, "none") == 0)
        return v == NULL ? ERR_OK
                         : fail(c, ERR_INVALID, "value", "tag \"%s\" takes no value", t->name.p);
    if (v == NULL)
        return fail(c, ERR_INVALID, "value", "tag \"%s\" needs a value", t->name.p);
    if (strcmp(type, "any_number") == 0)
        return v->type == JSON_INT || v->type == JSON_REAL
                   ? ERR_OK
                   : fail(c, ERR_INVALID, "value", "tag \"%s\" takes a number", t->name.p);
    if (v->type != JSON_STR)
        return fail(c, ERR_INVALID, "value", "tag \"%s\" takes a string", t->name.p);
    if (strcmp(type, "date") == 0 && !clock_parse(v->s, &ms))
        return fail(c, ERR_INVALID, "value", "tag \"%s\" takes a date as ISO 8601 text", t->name.p);
    if (strcmp(type, "oneof_string") != 0)
        return text_check(c, v->s, "value", DESCRIPTION_CHARS_MAX);
    struct json_value *options = json_parse_copy(c->arena, t->options);
    for (struct json_value *o = json_first(c->arena, options); o; o = o->next)
        if (o->type == JSON_STR && str_eq(o->s, v->s))
            return ERR_OK;
    return fail(c, ERR_INVALID, "value", "\"%.*s\" is not one of the values of tag \"%s\"",
                STR_CUT(v->s, 60), t->name.p);
}

/* The kind of tag that is meant, when it may stand there. */
static enum err find_tag(struct labeling *l, const struct tag_place *place, const struct tag_in *in,
                         const struct tag_meta **out)
{
    struct call *c = l->c;
    const struct tag_meta *t = meta_tag(&l->meta, in->tag_id, in->name);

    if (t == NULL && in->name.p)
        return fail(c, ERR_INVALID, "tags", "the project has no tag \"%.*s\"",
                    STR_CUT(in->name, 60));
    if (t == NULL)
        return fail(c, ERR_INVALID, "tagId", "the project has no tag %lld", (long long)in->tag_id);
    if (place->kind == TAG_OF_IMAGE && str_is(t->applicable_type, "objectsOnly"))
        return fail(c, ERR_INVALID, "tags", "tag \"%s\" is for objects only", t->name.p);
    if (place->kind == TAG_OF_FIGURE && str_is(t->applicable_type, "imagesOnly"))
        return fail(c, ERR_INVALID, "tags", "tag \"%s\" is for images only", t->name.p);
    if (place->kind == TAG_OF_FIGURE && !meta_tag_fits_class(&l->meta, t->id, place->class_id))
        return fail(c, ERR_INVALID, "tags", "tag \"%s\" is not for objects of this class",
                    t->name.p);
    *out = t;
    return check_value(c, t, in->value);
}

/* What a tag on a figure is changed into is a change of the figure: its history has it. */
static enum err keep_owner(struct labeling *l, const struct tag_place *place)
{
    return place->kind == TAG_OF_FIGURE ? annotation__keep(l, place->owner_id, "update_figure")
                                        : ERR_OK;
}

static enum err record_tag(struct labeling *l, const char *action, const struct tag_place *place,
                           int64_t tag_id, struct str value)
{
    struct str meta = value.p ? arena_printf(l->c->arena, "{\"value\":%s}", value.p) : STR_NULL;

    return call_event(l->c, (struct event){
                                .action = action,
                                .project_id = l->project_id,
                                .dataset_id = place->dataset_id,
                                .image_id = place->image_id,
                                .class_id = place->class_id,
                                .figure_id = place->kind == TAG_OF_FIGURE ? place->owner_id : 0,
                                .tag_id = tag_id,
                                .job_id = l->job_id,
                                .meta = meta,
                            });
}

/* Tags outside the job, and read-only ones, are not the labeler's to touch. */
enum err annotation__tag_check(struct labeling *l, int64_t tag_id)
{
    const struct tag_meta *meta = meta_tag(&l->meta, tag_id, STR_NULL);

    if (meta == NULL || job_limits_tag(&l->limits, meta))
        return ERR_OK;
    return fail(l->c, ERR_INVALID, "tags", "tag \"%s\" is not one that this job lets you change",
                meta->name.p);
}

enum err annotation__tag_add(struct labeling *l, const struct tag_place *place,
                             const struct tag_in *in, int64_t *id_out)
{
    const struct tag_meta *meta;
    enum err e = find_tag(l, place, in, &meta);

    if (e == ERR_OK)
        e = annotation__tag_check(l, meta->id);
    if (e != ERR_OK)
        return e;
    struct tag t = {.owner_id = place->owner_id,
                    .tag_id = meta->id,
                    .value = in->value ? arena_str(l->c->arena, in->value->raw) : STR_NULL,
                    .custom_data = in->custom_data};
    e = store_tag_put(l->c->db, place->kind, &t, l->c->me.user_id, l->c->now_ms);
    if (id_out)
        *id_out = t.id;
    if (e == ERR_OK)
        e = job_limits_check(l->c, &l->limits, place->image_id);
    return e == ERR_OK ? record_tag(l, "attach_tag", place, t.tag_id, t.value) : e;
}

enum err tag_add(struct labeling *l, const struct tag_place *place, const struct tag_in *in,
                 int64_t *id_out)
{
    enum err e = keep_owner(l, place);

    return e == ERR_OK ? annotation__tag_add(l, place, in, id_out) : e;
}

enum err tag_set_value(struct labeling *l, const struct tag_place *place, const struct tag *t,
                       struct json_value *value)
{
    const struct tag_in in = {.tag_id = t->tag_id, .value = value};
    struct str text = value ? arena_str(l->c->arena, value->raw) : STR_NULL;
    const struct tag_meta *meta;
    enum err e = find_tag(l, place, &in, &meta);

    if (e == ERR_OK)
        e = annotation__tag_check(l, meta->id);
    if (e != ERR_OK || (t->value.p != NULL) == (text.p != NULL && str_eq(t->value, text)))
        return e; /* the same value again */
    e = keep_owner(l, place);
    if (e == ERR_OK)
        e = store_tag_set_value(l->c->db, place->kind, t->id, text, l->c->now_ms);
    if (e == ERR_OK)
        e = store_tag_verdicts_changed(l->c->db, place->kind, t->id, false);
    return e == ERR_OK ? record_tag(l, "update_tag_value", place, t->tag_id, text) : e;
}

enum err tag_set_custom(struct labeling *l, const struct tag *t, enum tag_owner kind,
                        struct str text)
{
    enum err e = annotation__tag_check(l, t->tag_id);

    return e == ERR_OK ? store_tag_set_custom(l->c->db, kind, t->id, text, l->c->now_ms) : e;
}

static enum err remove_tag(struct labeling *l, const struct tag_place *place, const struct tag *t)
{
    enum err e = store_tag_verdicts_changed(l->c->db, place->kind, t->id, true);

    if (e == ERR_OK)
        e = store_tag_delete(l->c->db, place->kind, t->id);
    return e == ERR_OK ? record_tag(l, "detach_tag", place, t->tag_id, STR_NULL) : e;
}

enum err tag_remove(struct labeling *l, const struct tag_place *place, const struct tag *t)
{
    enum err e = annotation__tag_check(l, t->tag_id);

    if (e == ERR_OK)
        e = keep_owner(l, place);
    return e == ERR_OK ? remove_tag(l, place, t) : e;
}

bool annotation__same_tag(const struct tag *old, int64_t tag_id, const struct tag_in *in)
{
    struct str value = in->value ? in->value->raw : STR_NULL;

    return old->tag_id == tag_id && (old->value.p != NULL) == (value.p != NULL) &&
           str_eq(old->value, value);
}

enum err annotation__replace_tags(struct labeling *l, const struct tag_place *place,
                                  struct tag *old, size_t old_len, const struct tag_in *in,
                                  size_t in_len)
{
    size_t next = 0; /* the first old tag that may still be kept */
    enum err e = ERR_OK;

    for (size_t i = 0; i < in_len && e == ERR_OK; i++) {
        const struct tag_meta *meta;
        size_t k = next;

        e = find_tag(l, place, &in[i], &meta);
        if (e != ERR_OK)
            return e;
        while (k < old_len && !annotation__same_tag(&old[k], meta->id, &in[i]))
            k++;
        if (k < old_len) {
            old[k].id = 0; /* stays */
            next = k + 1;
        } else {
            next = old_len; /* what is new stands behind everything that is kept */
            e = annotation__tag_add(l, place, &in[i], NULL);
        }
    }
    for (size_t k = 0; k < old_len && e == ERR_OK; k++) {
        const struct tag_meta *meta = meta_tag(&l->meta, old[k].tag_id, STR_NULL);

        /* what the labeler's tool does not show, it does not send: that is no wish to remove it */
        if (old[k].id != 0 && meta && job_limits_tag(&l->limits, meta))
            e = remove_tag(l, place, &old[k]);
    }
    return e;
}

enum err annotation__tags(struct labeling *l, enum tag_owner kind, int64_t owner_id,
                          struct tag **out, size_t *len_out)
{
    const struct tag_pick pick = {kind, &owner_id, 1, l->c->sight.tags_by};

    return store_tags_of(l->c->db, &pick, out, len_out);
}

struct tag_place annotation__on_figure(const struct figure *f)
{
    return (struct tag_place){TAG_OF_FIGURE, f->id, f->class_id, f->image_id, f->dataset_id};
}

struct tag_place annotation__on_image(const struct image *i)
{
    return (struct tag_place){TAG_OF_IMAGE, i->id, 0, i->id, i->dataset_id};
}
