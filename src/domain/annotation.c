/* Rules of annotations: which class takes which geometry, which tag may stand where, what is kept
 * when something changes. */
#include "domain/annotation_int.h"

#include <math.h>

#include "json/json_write.h"

#define BOUNDS_SLACK 1.0 /* pixels: clients disagree whether the last pixel is w or w - 1 */

enum err labeling_open(struct labeling *l, struct call *c, int64_t job_id)
{
    *l = (struct labeling){.c = c, .project_id = c->at.project_id, .job_id = job_id};
    enum err e = meta_load(c->db, l->project_id, &l->meta);
    return e == ERR_OK ? job_limits_load(c, &l->job_id, l->project_id, &l->limits) : e;
}

static enum err record(struct labeling *l, const char *action, const struct figure *f)
{
    return call_event(l->c, (struct event){.action = action,
                                           .project_id = f->project_id,
                                           .dataset_id = f->dataset_id,
                                           .image_id = f->image_id,
                                           .class_id = f->class_id,
                                           .figure_id = f->id,
                                           .job_id = l->job_id});
}

/* ---- figures ---- */

static enum err check_bounds(struct labeling *l, const struct image *i, const struct geometry *g)
{
    bool sized = i->width > 0 && i->height > 0; /* a remote image may not be known yet */

    if (l->skip_bounds || !sized || !g->placed)
        return ERR_OK;
    if (g->left >= -BOUNDS_SLACK && g->top >= -BOUNDS_SLACK &&
        g->right <= (double)i->width + BOUNDS_SLACK &&
        g->bottom <= (double)i->height + BOUNDS_SLACK)
        return ERR_OK;
    return fail(l->c, ERR_INVALID, "geometry",
                "the object reaches outside its image of %lld x %lld pixels", (long long)i->width,
                (long long)i->height);
}

void annotation__set_geometry(struct figure *f, const struct geometry *g)
{
    f->type = str_from(g->type->name);
    f->geometry = g->text;
    f->placed = g->placed;
    f->area = g->area;
    f->left = (int64_t)floor(g->left);
    f->top = (int64_t)floor(g->top);
    f->right = (int64_t)floor(g->right);
    f->bottom = (int64_t)floor(g->bottom);
}

enum err annotation__find_class(struct labeling *l, const struct object_in *in,
                                const struct object_class **out)
{
    const struct object_class *k = meta_class(&l->meta, in->class_id, in->class_title);

    if (k == NULL && in->class_title.p)
        return fail(l->c, ERR_INVALID, "classTitle", "the project has no class \"%.*s\"",
                    STR_CUT(in->class_title, 60));
    if (k == NULL)
        return fail(l->c, ERR_INVALID, "classId", "the project has no class %lld",
                    (long long)in->class_id);
    if (!str_is(k->shape, "any") && !str_is(k->shape, in->geometry.type->name))
        return fail(l->c, ERR_INVALID, "geometryType", "class \"%s\" takes %s, not %s", k->name.p,
                    k->shape.p, in->geometry.type->name);
    if (!job_limits_class(&l->limits, k))
        return fail(l->c, ERR_INVALID, "classId", "class \"%s\" is not one of this job", k->name.p);
    *out = k;
    return ERR_OK;
}

/* Is the figure one that the job lets the caller touch? */
static bool in_limits(const struct labeling *l, const struct figure *f)
{
    const struct object_class *k = meta_class(&l->meta, f->class_id, STR_NULL);

    return k == NULL || job_limits_class(&l->limits, k);
}

enum err annotation__class_check(struct labeling *l, const struct figure *f)
{
    return in_limits(l, f) ? ERR_OK
                           : fail(l->c, ERR_INVALID, "classId",
                                  "class \"%s\" is not one of this job", f->class_name.p);
}

static enum err add_tags(struct labeling *l, const struct figure *f, const struct object_in *in)
{
    struct tag_place place = annotation__on_figure(f);
    enum err e = ERR_OK;

    for (size_t i = 0; i < in->tags_len && e == ERR_OK; i++)
        e = annotation__tag_add(l, &place, &in->tags[i], NULL);
    return e;
}

/* What the request says about a figure that is `class` and stands at pos. */
static struct figure figure_of(struct labeling *l, const struct image *i,
                               const struct object_in *in, const struct object_class *class,
                               int64_t pos)
{
    struct figure f = {
        .id = in->id,
        .image_id = i->id,
        .dataset_id = i->dataset_id,
        .project_id = i->project_id,
        .class_id = class->id,
        .pos = pos,
        .has_priority = in->has_priority,
        .priority = in->priority,
        .description = in->description,
        .nn_created = in->nn_created,
        .nn_updated = in->nn_updated,
        .created_at = in->created_at ? in->created_at : l->c->now_ms,
        .updated_at = in->updated_at ? in->updated_at : l->c->now_ms,
        .added_at = l->c->now_ms,
        .custom_data = in->custom_data,
        .meta = in->meta,
        .more = in->more,
    };

    annotation__set_geometry(&f, &in->geometry);
    return f;
}

enum err annotation__count(struct labeling *l, int64_t image_id, int64_t more)
{
    return store_image_annotated(l->c->db, image_id, more, l->c->now_ms);
}

static enum err insert_figure(struct labeling *l, const struct image *image,
                              const struct object_in *in, int64_t pos, int64_t *id_out)
{
    const struct object_class *class = NULL;
    enum err e = annotation__find_class(l, in, &class);

    if (e == ERR_OK)
        e = check_bounds(l, image, &in->geometry);
    if (e != ERR_OK)
        return e;
    struct figure f = figure_of(l, image, in, class, pos);
    e = store_figure_insert(l->c->db, &f, l->c->me.user_id, l->job_id);
    if (e == ERR_OK)
        e = record(l, "create_figure", &f);
    if (e == ERR_OK)
        e = add_tags(l, &f, in);
    if (id_out)
        *id_out = f.id;
    return e;
}

enum err figure_add(struct labeling *l, const struct image *image, const struct object_in *in,
                    int64_t pos, int64_t *id_out)
{
    enum err e = pos < 0 ? store_figure_pos_next(l->c->db, image->id, &pos) : ERR_OK;

    if (e == ERR_OK)
        e = insert_figure(l, image, in, pos, id_out);
    if (e == ERR_OK)
        e = job_limits_check(l->c, &l->limits, image->id);
    return e == ERR_OK ? annotation__count(l, image->id, 1) : e;
}

enum err annotation__keep(struct labeling *l, int64_t figure_id, const char *action)
{
    return store_figure_keep(l->c->db, figure_id, action, l->c->me.user_id, l->job_id,
                             l->c->now_ms);
}

static enum err drop_figure(struct labeling *l, const struct figure *f)
{
    enum err e = annotation__keep(l, f->id, "disable_figure");

    if (e == ERR_OK)
        e = store_figure_set_removed(l->c->db, f->id, true, l->c->now_ms);
    return e == ERR_OK ? record(l, "disable_figure", f) : e;
}

enum err figure_remove(struct labeling *l, const struct figure *f)
{
    enum err e = annotation__class_check(l, f);

    if (e == ERR_OK)
        e = drop_figure(l, f);
    return e == ERR_OK ? annotation__count(l, f->image_id, -1) : e;
}

enum err figure_restore(struct labeling *l, const struct figure *f)
{
    enum err e = annotation__class_check(l, f);

    if (e == ERR_OK)
        e = annotation__keep(l, f->id, "restore_figure");
    if (e == ERR_OK)
        e = store_figure_set_removed(l->c->db, f->id, false, l->c->now_ms);
    if (e == ERR_OK)
        e = record(l, "restore_figure", f);
    if (e == ERR_OK)
        e = job_limits_check(l->c, &l->limits, f->image_id);
    return e == ERR_OK ? annotation__count(l, f->image_id, 1) : e;
}

enum err figure_set_priority(struct labeling *l, const struct figure *f, int64_t priority)
{
    struct figure changed = *f;

    if (f->has_priority && f->priority == priority && f->pos == priority)
        return ERR_OK;
    enum err e = annotation__class_check(l, f);
    changed.has_priority = true;
    changed.priority = changed.pos = priority;
    if (e == ERR_OK)
        e = store_figure_update(l->c->db, &changed, l->c->now_ms);
    if (e == ERR_OK)
        e = record(l, "update_figure", f);
    return e == ERR_OK ? annotation__count(l, f->image_id, 0) : e;
}

/* Does anything that a labeler would call a change differ? Position alone is none. */
static bool same_figure(const struct figure *a, const struct figure *b)
{
    return a->class_id == b->class_id && str_eq(a->type, b->type) &&
           str_eq(a->geometry, b->geometry) && str_eq(a->description, b->description) &&
           a->nn_created == b->nn_created && a->nn_updated == b->nn_updated &&
           a->has_priority == b->has_priority && a->priority == b->priority &&
           str_eq(a->custom_data, b->custom_data) && str_eq(a->meta, b->meta) &&
           str_eq(a->more, b->more);
}

/* Are the tags that stand there just these? What is no tag of the project is for replace_tags. */
static bool same_tags(struct labeling *l, const struct tag *had, size_t had_len,
                      const struct tag_in *in, size_t in_len)
{
    for (size_t i = 0; i < in_len && in_len == had_len; i++) {
        const struct tag_meta *meta = meta_tag(&l->meta, in[i].tag_id, in[i].name);

        if (meta == NULL || !annotation__same_tag(&had[i], meta->id, &in[i]))
            return false;
    }
    return in_len == had_len;
}

enum err annotation__write_change(struct labeling *l, const struct figure *old,
                                  const struct figure *changed, const struct new_tags *tags)
{
    struct tag_place place = annotation__on_figure(changed);
    bool differs = !same_figure(old, changed);
    struct tag *had = NULL;
    size_t had_len = 0;
    enum err e = ERR_OK;

    if (tags->given)
        e = annotation__tags(l, TAG_OF_FIGURE, old->id, &had, &had_len);
    bool retag = tags->given && !same_tags(l, had, had_len, tags->v, tags->n);
    if (e != ERR_OK || (!differs && !retag))
        return e;
    e = annotation__keep(l, old->id, "update_figure");
    if (e == ERR_OK && retag)
        e = annotation__replace_tags(l, &place, had, had_len, tags->v, tags->n);
    if (e == ERR_OK)
        e = store_figure_update(l->c->db, changed, l->c->now_ms);
    bool class = old->class_id != changed->class_id;
    bool geometry = !str_eq(old->geometry, changed->geometry) || !str_eq(old->type, changed->type);
    if (e == ERR_OK && (class || geometry))
        e = store_figure_verdicts_changed(l->c->db, old->id, class, geometry);
    return e == ERR_OK ? record(l, "update_figure", changed) : e;
}

static enum err apply_change(struct labeling *l, const struct image *image, struct figure *f,
                             const struct figure_change *change)
{
    struct call *c = l->c;
    struct geometry g;
    enum err e = ERR_OK;

    if (change->class_id) {
        const struct object_in as = {.class_id = change->class_id,
                                     .geometry = {.type = geometry_type(f->type)}};
        const struct object_class *class;

        e = annotation__find_class(l, &as, &class);
        f->class_id = change->class_id;
    }
    if (e == ERR_OK && change->geometry) {
        e = geometry_read(c, geometry_type(f->type), change->geometry, &g);
        if (e == ERR_OK)
            e = check_bounds(l, image, &g);
        if (e == ERR_OK && (g.placed || !f->placed))
            annotation__set_geometry(f, &g);
    }
    if (change->has_flags) {
        f->nn_created = change->nn_created;
        f->nn_updated = change->nn_updated;
    }
    if (change->custom_data)
        f->custom_data = change->custom_data->raw;
    if (change->description.p)
        f->description = change->description;
    return e;
}

/* Has somebody else changed it since the caller saw it? Own changes are known to the caller. */
static enum err check_seen(struct call *c, const struct figure *f, int64_t seen_ms)
{
    struct figure_version v;

    if (seen_ms == 0)
        return ERR_OK;
    enum err e = store_figure_version_of_others(c->db, f->id, seen_ms, c->me.user_id, &v);
    if (e == ERR_OK)
        return fail(c, ERR_STALE, "seenAt", "figure %lld has been changed by %.*s meanwhile",
                    (long long)f->id, STR_CUT(v.login.n ? v.login : STR("somebody else"), 60));
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err figure_edit(struct labeling *l, const struct image *image, struct figure *f,
                     const struct figure_change *change)
{
    const struct figure old = *f;
    enum err e = annotation__class_check(l, f);

    if (e == ERR_OK)
        e = check_seen(l->c, f, change->seen_ms);
    if (e == ERR_OK)
        e = apply_change(l, image, f, change);
    const struct new_tags tags = {change->has_tags, change->tags, change->tags_len};
    if (e == ERR_OK)
        e = annotation__write_change(l, &old, f, &tags);
    return e == ERR_OK ? annotation__count(l, f->image_id, 0) : e;
}

enum err figure_set_mask(struct labeling *l, const struct figure *f, const struct geometry *g)
{
    const struct new_tags none = {0};
    struct figure changed = *f;
    struct image image;
    enum err e = store_image_get(l->c->db, f->image_id, &image);

    if (!str_is(f->type, "alpha_mask"))
        return fail(l->c, ERR_INVALID, "figureId", "figure %lld is a %s, no alpha mask",
                    (long long)f->id, f->type.p);
    if (e == ERR_OK)
        e = annotation__class_check(l, f);
    if (e == ERR_OK)
        e = check_bounds(l, &image, g);
    if (e != ERR_OK)
        return e;
    annotation__set_geometry(&changed, g);
    e = annotation__write_change(l, f, &changed, &none);
    return e == ERR_OK ? annotation__count(l, f->image_id, 0) : e;
}

/* ---- whole annotations ---- */

/* The figure that an object of the request continues; NULL: it is a new one. Clients that do not
 * keep ids send everything anew: what is just the same is the same figure, so that its author, its
 * history and its id stay, and a repeated call changes nothing. Taken ones have id 0. */
static struct figure *continued(struct labeling *l, struct figure *had, size_t n,
                                const struct object_in *in)
{
    const struct object_class *class = meta_class(&l->meta, in->class_id, in->class_title);

    for (size_t i = 0; in->id != 0 && i < n; i++)
        if (had[i].id == in->id)
            return &had[i];
    for (size_t i = 0; in->geometry.placed && class && i < n; i++)
        if (had[i].id != 0 && had[i].class_id == class->id &&
            str_eq(had[i].geometry, in->geometry.text) &&
            str_eq(had[i].description, in->description) && str_eq(had[i].more, in->more))
            return &had[i];
    return NULL;
}

static enum err put_object(struct labeling *l, const struct image *image,
                           const struct object_in *in, int64_t pos, struct figure *old)
{
    const struct object_class *class = NULL;
    enum err e = annotation__find_class(l, in, &class);

    if (e == ERR_OK)
        e = check_bounds(l, image, &in->geometry);
    if (e != ERR_OK)
        return e;
    struct figure now = figure_of(l, image, in, class, pos);

    now.id = old->id;
    if (!now.placed && old->placed) { /* an alpha mask comes without the geometry it has */
        now.geometry = old->geometry;
        now.placed = old->placed;
        now.area = old->area;
        now.left = old->left;
        now.top = old->top;
        now.right = old->right;
        now.bottom = old->bottom;
    }
    const struct new_tags tags = {true, in->tags, in->tags_len};
    e = annotation__write_change(l, old, &now, &tags);
    if (e == ERR_OK && old->pos != pos)
        e = store_figure_set_pos(l->c->db, old->id, pos);
    old->id = 0;
    return e;
}

static enum err put_objects(struct labeling *l, const struct image *image,
                            const struct annotation_in *in)
{
    struct figure *had = NULL;
    size_t had_len = 0;
    int64_t more = 0;
    enum err e =
        store_figures_of_image(l->c->db, image->id, l->c->sight.figures_by, &had, &had_len);

    for (size_t i = 0; i < in->objects_len && e == ERR_OK; i++) {
        const struct object_in *o = &in->objects[i];
        struct figure *old = continued(l, had, had_len, o);

        e = old ? put_object(l, image, o, (int64_t)i, old)
                : insert_figure(l, image, o, (int64_t)i, NULL);
        more += old == NULL;
        if (e != ERR_OK)
            fault_prefix(&l->c->fault, "objects[%zu]: ", i);
    }
    for (size_t i = 0; i < had_len && e == ERR_OK; i++) {
        if (had[i].id == 0 || !in_limits(l, &had[i]))
            continue; /* of another class than the job's: the labeler's tool does not send it */
        e = drop_figure(l, &had[i]);
        more--;
    }
    if (e == ERR_OK)
        e = job_limits_check(l->c, &l->limits, image->id);
    return e == ERR_OK ? annotation__count(l, image->id, more) : e;
}

enum err annotation_put(struct labeling *l, const struct image *image,
                        const struct annotation_in *in)
{
    struct tag_place place = annotation__on_image(image);
    struct tag *had = NULL;
    size_t had_len = 0;
    enum err e = annotation__tags(l, TAG_OF_IMAGE, image->id, &had, &had_len);

    if (e == ERR_OK)
        e = annotation__replace_tags(l, &place, had, had_len, in->tags, in->tags_len);
    if (e == ERR_OK)
        e = store_image_set_texts(l->c->db, image->id, in->description, in->big_data);
    if (e == ERR_OK)
        e = put_objects(l, image, in);
    if (e != ERR_OK)
        fault_prefix(&l->c->fault, "image %lld: ", (long long)image->id);
    return e;
}

/* ---- copies ---- */

/* Tags that stand somewhere, as a request would send them. */
static enum err tags_as_sent(struct labeling *l, enum tag_owner kind, int64_t owner_id,
                             struct tag_in **out, size_t *len_out)
{
    struct tag *tags = NULL;
    size_t n = 0;
    enum err e = annotation__tags(l, kind, owner_id, &tags, &n);
    struct tag_in *in = arena_array(l->c->arena, n + 1, sizeof *in);

    if (in == NULL)
        return fail(l->c, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < n; i++)
        in[i] = (struct tag_in){
            .name = tags[i].name,
            .value = tags[i].value.p ? json_parse_copy(l->c->arena, tags[i].value) : NULL,
            .custom_data = tags[i].custom_data};
    *out = in;
    *len_out = n;
    return e;
}

static enum err figure_as_sent(struct labeling *l, const struct figure *f, struct object_in *out)
{
    *out = (struct object_in){
        .class_title = f->class_name,
        .geometry = {.type = geometry_type(f->type),
                     .text = f->geometry,
                     .placed = f->placed,
                     .left = (double)f->left,
                     .top = (double)f->top,
                     .right = (double)f->right,
                     .bottom = (double)f->bottom,
                     .area = f->area},
        .description = f->description,
        .custom_data = f->custom_data,
        .meta = f->meta,
        .more = f->more,
        .has_priority = f->has_priority,
        .priority = f->priority,
        .nn_created = f->nn_created,
        .nn_updated = f->nn_updated,
        .created_at = l->keep_dates ? f->created_at : 0,
        .updated_at = l->keep_dates ? f->updated_at : 0,
    };
    return tags_as_sent(l, TAG_OF_FIGURE, f->id, &out->tags, &out->tags_len);
}

enum err annotation_copy(struct labeling *l, int64_t src_image_id, const struct image *dest)
{
    struct annotation_in in = {0};
    struct figure *figures = NULL;
    struct image src;
    enum err e = store_image_get(l->c->db, src_image_id, &src);

    if (e == ERR_OK)
        e = store_image_big_data(l->c->db, src_image_id, &in.big_data);
    if (e == ERR_OK)
        e = tags_as_sent(l, TAG_OF_IMAGE, src_image_id, &in.tags, &in.tags_len);
    if (e == ERR_OK)
        e = store_figures_of_image(l->c->db, src_image_id, l->c->sight.figures_by, &figures,
                                   &in.objects_len);
    if (e != ERR_OK)
        return e;
    in.description = src.description;
    in.objects = arena_array(l->c->arena, in.objects_len + 1, sizeof *in.objects);
    if (in.objects == NULL)
        return fail(l->c, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < in.objects_len && e == ERR_OK; i++)
        e = figure_as_sent(l, &figures[i], &in.objects[i]);
    return e == ERR_OK ? annotation_put(l, dest, &in) : e;
}

/* ---- classes and tags that go ---- */

/* Is it of the project c->at? gone: it was removed before, which is fine. */
static enum err check_project(struct call *c, enum err found, int64_t project_id, bool *gone)
{
    *gone = found == ERR_NOT_FOUND;
    if (found == ERR_OK && project_id != c->at.project_id)
        return fail(c, ERR_NOT_FOUND, "id", "it is not of project %lld",
                    (long long)c->at.project_id);
    return *gone ? ERR_OK : found;
}

enum err class_remove(struct call *c, int64_t class_id)
{
    struct labeling l = {.c = c, .project_id = c->at.project_id};
    int64_t *ids = NULL, project_id = 0;
    size_t n = 0;
    bool gone;
    enum err e = store_class_project(c->db, class_id, &project_id);

    e = check_project(c, e, project_id, &gone);
    if (e != ERR_OK || gone)
        return e;
    e = store_class_figures(c->db, class_id, &ids, &n);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        struct figure f;

        e = store_figure_get(c->db, ids[i], &f);
        if (e == ERR_OK)
            e = figure_remove(&l, &f);
    }
    if (e == ERR_OK)
        e = store_class_remove(c->db, class_id, c->now_ms);
    return e == ERR_OK ? call_event(c, (struct event){.action = "disable_class",
                                                      .project_id = project_id,
                                                      .class_id = class_id})
                       : e;
}

enum err tag_meta_remove(struct call *c, int64_t tag_id)
{
    int64_t project_id = 0;
    bool gone;
    enum err e = store_tag_project(c->db, tag_id, &project_id);

    e = check_project(c, e, project_id, &gone);
    if (e != ERR_OK || gone)
        return e;
    e = store_tag_remove(c->db, tag_id, c->now_ms);
    return e == ERR_OK ? call_event(c, (struct event){.action = "disable_tag",
                                                      .project_id = project_id,
                                                      .tag_id = tag_id})
                       : e;
}
