/* Copies of projects, and the end of archived ones. */
#include "domain/clone.h"

#include "domain/meta.h"
#include "domain/project.h"
#include "store/store_clone.h"
#include "store/store_task.h"

/* A copy in the making. */
struct cloning {
    struct call *c;
    const struct clone_parts *parts;
    struct project src;
    int64_t project_id;           /* of the copy */
    struct meta meta;             /* of the source */
    int64_t *class_ids, *tag_ids; /* of the copy, in the order of meta */
    struct dataset *datasets;     /* of the source */
    int64_t *dataset_ids;         /* of the copy, in that order; 0 = not yet */
    size_t datasets_len;
};

/* ---- definitions ---- */

static enum err clone_classes(struct cloning *k)
{
    enum err e = ERR_OK;

    for (size_t i = 0; i < k->meta.classes_len && e == ERR_OK; i++) {
        struct object_class new = k->meta.classes[i];

        e = store_class_insert(k->c->db, k->project_id, &new, k->c->now_ms);
        k->class_ids[i] = new.id;
    }
    return e;
}

static int64_t new_class(const struct cloning *k, int64_t old)
{
    for (size_t i = 0; i < k->meta.classes_len; i++)
        if (k->meta.classes[i].id == old)
            return k->class_ids[i];
    return 0;
}

/* The classes that a tag may be put on, in the copy. */
static enum err limit_tag(struct cloning *k, int64_t old, int64_t new)
{
    int64_t *ids = arena_array(k->c->arena, k->meta.tag_classes_len + 1, sizeof *ids);
    size_t n = 0;

    if (ids == NULL)
        return fail(k->c, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < k->meta.tag_classes_len; i++)
        if (k->meta.tag_classes[i].tag_id == old)
            ids[n++] = new_class(k, k->meta.tag_classes[i].class_id);
    return n > 0 ? store_tag_set_classes(k->c->db, new, ids, n) : ERR_OK;
}

static enum err clone_tags(struct cloning *k)
{
    enum err e = ERR_OK;

    for (size_t i = 0; i < k->meta.tags_len && e == ERR_OK; i++) {
        struct tag_meta new = k->meta.tags[i];

        e = store_tag_insert(k->c->db, k->project_id, &new, k->c->now_ms);
        k->tag_ids[i] = new.id;
        if (e == ERR_OK && k->parts->classes)
            e = limit_tag(k, k->meta.tags[i].id, new.id);
    }
    return e;
}

/* Images may be grouped by a tag, which has another id in the copy. */
static enum err clone_settings(struct cloning *k)
{
    struct json_value *old = json_parse_copy(k->c->arena, k->src.settings);
    struct json_value *by = json_get(k->c->arena, old, "groupImagesByTagId");
    struct str text = STR("{\"groupImagesByTagId\":null,\"groupImages\":false}");
    struct project_change change = {0};

    if (by == NULL || by->type != JSON_INT)
        return ERR_OK;
    for (size_t i = 0; k->parts->tags && i < k->meta.tags_len; i++)
        if (k->meta.tags[i].id == by->i)
            text = arena_printf(k->c->arena, "{\"groupImagesByTagId\":%lld}",
                                (long long)k->tag_ids[i]);
    change.settings = json_parse_copy(k->c->arena, text);
    return change.settings ? project_edit(k->c, &change)
                           : fail(k->c, ERR_NOMEM, NULL, "out of memory");
}

static enum err clone_meta(struct cloning *k)
{
    enum err e = meta_load(k->c->db, k->src.id, &k->meta);

    k->class_ids = arena_array(k->c->arena, k->meta.classes_len + 1, sizeof(int64_t));
    k->tag_ids = arena_array(k->c->arena, k->meta.tags_len + 1, sizeof(int64_t));
    if (e == ERR_OK && (k->class_ids == NULL || k->tag_ids == NULL))
        e = fail(k->c, ERR_NOMEM, NULL, "out of memory");
    if (e == ERR_OK && k->parts->classes)
        e = clone_classes(k);
    if (e == ERR_OK && k->parts->tags)
        e = clone_tags(k);
    return e == ERR_OK ? clone_settings(k) : e;
}

/* ---- content ---- */

/* 0: no parent; -1: it has not been copied yet. */
static int64_t new_parent(const struct cloning *k, int64_t old)
{
    for (size_t i = 0; old != 0 && i < k->datasets_len; i++)
        if (k->datasets[i].id == old)
            return k->dataset_ids[i] ? k->dataset_ids[i] : -1;
    return 0;
}

static enum err clone_dataset(struct cloning *k, size_t i, int64_t parent_id)
{
    struct dataset new = k->datasets[i];

    new.project_id = k->project_id;
    new.parent_id = parent_id;
    new.created_by = k->c->me.user_id;
    enum err e = store_dataset_insert(k->c->db, &new, k->c->now_ms);
    k->dataset_ids[i] = new.id;
    return e;
}

/* Parents before children, whatever their ids: moved datasets may have younger parents. */
static enum err clone_datasets(struct cloning *k)
{
    enum err e = store_datasets(k->c->db, k->src.id, &k->datasets, &k->datasets_len);
    bool more = true;

    k->dataset_ids = arena_array(k->c->arena, k->datasets_len + 1, sizeof(int64_t));
    if (e == ERR_OK && k->dataset_ids == NULL)
        return fail(k->c, ERR_NOMEM, NULL, "out of memory");
    while (more && e == ERR_OK) {
        more = false;
        for (size_t i = 0; i < k->datasets_len && e == ERR_OK; i++) {
            int64_t parent = new_parent(k, k->datasets[i].parent_id);

            if (k->dataset_ids[i] || parent < 0)
                continue;
            e = clone_dataset(k, i, parent);
            more = true;
        }
    }
    return e;
}

static enum err clone_content(struct cloning *k, const struct clone_pair *p)
{
    struct db *db = k->c->db;
    enum err e = store_clone_images(db, p, k->parts->figures, k->c->me.user_id, k->c->now_ms);

    if (e == ERR_OK && k->parts->image_tags)
        e = store_clone_image_tags(db, p);
    if (e == ERR_OK && k->parts->figures)
        e = store_clone_figures(db, p);
    return e == ERR_OK && k->parts->figure_tags ? store_clone_figure_tags(db, p) : e;
}

static enum err clone_images(struct cloning *k)
{
    bool parents = false;
    enum err e = ERR_OK;

    for (size_t i = 0; i < k->datasets_len && e == ERR_OK; i++) {
        const struct clone_pair p = {k->datasets[i].id, k->dataset_ids[i], k->project_id};

        e = clone_content(k, &p);
    }
    if (e == ERR_OK)
        e = store_clone_has_parents(k->c->db, k->project_id, &parents);
    for (size_t i = 0; parents && i < k->datasets_len && e == ERR_OK; i++) {
        const struct clone_pair p = {k->datasets[i].id, k->dataset_ids[i], k->project_id};

        e = store_clone_parents(k->c->db, &p);
    }
    return e == ERR_OK && parents ? store_clone_parents_drop(k->c->db, k->project_id) : e;
}

/* ---- all of it ---- */

/* Nothing is copied without what it stands on. */
static enum err parts_check(struct call *c, const struct clone_parts *p)
{
    static const char *const wrong = "\"include\": %s cannot be copied without %s";

    if (p->images && !p->datasets)
        return fail(c, ERR_INVALID, "include", wrong, "images", "datasets");
    if (p->image_tags && !(p->images && p->tags))
        return fail(c, ERR_INVALID, "include", wrong, "imagesTags", "images and projectTags");
    if (p->figures && !(p->images && p->classes))
        return fail(c, ERR_INVALID, "include", wrong, "figures", "images and classes");
    if (p->figure_tags && !(p->figures && p->tags))
        return fail(c, ERR_INVALID, "include", wrong, "figuresTags", "figures and projectTags");
    return ERR_OK;
}

static enum err finish_task(struct call *c, struct task *t, int64_t *task_out)
{
    t->team_id = c->at.team_id;
    t->user_id = c->me.user_id;
    enum err e = t->meta.p ? store_task_insert(c->db, t, c->now_ms)
                           : fail(c, ERR_NOMEM, NULL, "out of memory");
    *task_out = t->id;
    return e;
}

enum err project_clone(struct call *c, int64_t src_id, struct str name,
                       const struct clone_parts *parts, int64_t *task_out)
{
    struct cloning k = {.c = c, .parts = parts};
    enum err e = parts_check(c, parts);

    if (e == ERR_OK)
        e = store_project_get(c->db, src_id, &k.src);
    if (e != ERR_OK)
        return e;
    const struct project_new new = {.name = name,
                                    .description = k.src.description,
                                    .readme = k.src.readme,
                                    .type = k.src.type,
                                    .settings = json_parse_copy(c->arena, k.src.settings),
                                    .custom_data = json_parse_copy(c->arena, k.src.custom_data)};
    e = project_create(c, &new, &k.project_id);
    c->at.project_id = k.project_id;
    if (e == ERR_OK)
        e = clone_meta(&k);
    if (e == ERR_OK && parts->datasets)
        e = clone_datasets(&k);
    if (e == ERR_OK && parts->images)
        e = clone_images(&k);
    if (e != ERR_OK)
        return e;
    struct task t = {.workspace_id = c->at.workspace_id,
                     .type = STR("clone"),
                     .meta = arena_printf(c->arena,
                                          "{\"input\":{\"project\":{\"id\":%lld}},"
                                          "\"output\":{\"project\":{\"id\":%lld}}}",
                                          (long long)src_id, (long long)k.project_id)};
    return finish_task(c, &t, task_out);
}

/* ---- erasing ---- */

/* It must have been archived, and be of the team of those before it. */
static enum err erasable(struct call *c, const char *what, int64_t id, enum err found,
                         const struct archived *a)
{
    if (found == ERR_NOT_FOUND)
        return fail(c, ERR_NOT_FOUND, "id", "there is no %s %lld", what, (long long)id);
    if (found != ERR_OK)
        return found;
    if (a->at == 0)
        return fail(c, ERR_INVALID, "id", "%s %lld must be archived first", what, (long long)id);
    if (c->at.team_id != 0 && c->at.team_id != a->team_id)
        return fail(c, ERR_INVALID, "id", "all must be of one team, which %s %lld is not", what,
                    (long long)id);
    c->at.team_id = a->team_id;
    c->at.workspace_id = a->workspace_id;
    return ERR_OK;
}

static enum err erase_project(struct call *c, int64_t id)
{
    struct archived a;
    int64_t *ids = NULL;
    size_t n = 0;
    enum err e = erasable(c, "project", id, store_project_archived(c->db, id, &a), &a);

    if (e == ERR_OK)
        e = store_datasets_ever(c->db, id, &ids, &n);
    if (e == ERR_OK)
        e = store_datasets_erase(c->db, ids, n, c->now_ms);
    if (e == ERR_OK)
        e = store_project_erase(c->db, id);
    return e == ERR_OK ? call_event(c, (struct event){.action = "remove_project", .project_id = id})
                       : e;
}

static enum err erase_dataset(struct call *c, int64_t id)
{
    struct archived a;
    int64_t *ids = NULL;
    size_t n = 0;
    enum err e = erasable(c, "dataset", id, store_dataset_archived(c->db, id, &a), &a);

    if (e == ERR_OK)
        e = store_datasets_ever_below(c->db, id, &ids, &n);
    if (e == ERR_OK)
        e = store_datasets_erase(c->db, ids, n, c->now_ms);
    return e == ERR_OK ? call_event(c, (struct event){.action = "remove_dataset", .dataset_id = id})
                       : e;
}

static enum err erase_all(struct call *c, const int64_t *ids, size_t n, int64_t *task_out,
                          enum err (*one)(struct call *c, int64_t id))
{
    struct task t = {.type = STR("remove"), .meta = STR("{}")};
    enum err e = ERR_OK;

    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = one(c, ids[i]);
    t.workspace_id = c->at.workspace_id;
    return e == ERR_OK ? finish_task(c, &t, task_out) : e;
}

enum err projects_erase(struct call *c, const int64_t *ids, size_t n, int64_t *task_out)
{
    return erase_all(c, ids, n, task_out, erase_project);
}

enum err datasets_erase(struct call *c, const int64_t *ids, size_t n, int64_t *task_out)
{
    return erase_all(c, ids, n, task_out, erase_dataset);
}
