/* Rules of images. */
#include "domain/image.h"

#include "domain/job.h"
#include "store/store_project.h"
#include "store/store_range.h"
#include "json/json_merge.h"
#include "json/json_write.h"

#define LINK_CHARS_MAX 4096
#define META_BYTES_MAX (1u << 20)

/* ---- reading requests ---- */

static enum err get_text(struct call *c, struct json_value *v, const char *key, size_t max,
                         struct str *out)
{
    struct json_value *m = json_get(c->arena, v, key);

    if (m == NULL || m->type == JSON_NULL)
        return ERR_OK;
    if (m->type != JSON_STR)
        return fail(c, ERR_INVALID, key, "\"%s\" must be a string", key);
    *out = m->s;
    return text_check(c, m->s, key, max);
}

static enum err get_id(struct call *c, struct json_value *v, const char *key, int64_t *out)
{
    struct json_value *m = json_get(c->arena, v, key);

    if (m == NULL || m->type == JSON_NULL)
        return ERR_OK;
    if (m->type != JSON_INT || m->i < 1)
        return fail(c, ERR_INVALID, key, "\"%s\" must be an id", key);
    *out = m->i;
    return ERR_OK;
}

/* "sourceBlob": which bytes of the file of the team. */
static enum err get_range(struct call *c, struct json_value *v, struct image_new *out)
{
    struct json_value *blob = json_get(c->arena, v, "sourceBlob");
    struct json_value *start = json_get(c->arena, blob, "offsetStart");
    struct json_value *end = json_get(c->arena, blob, "offsetEnd");

    if (out->file_id == 0 && (blob == NULL || blob->type == JSON_NULL))
        return ERR_OK;
    if (out->file_id == 0)
        return fail(c, ERR_INVALID, "teamFileId", "\"sourceBlob\" needs \"teamFileId\"");
    if (start == NULL || start->type != JSON_INT || start->i < 0 || end == NULL ||
        end->type != JSON_INT || end->i <= start->i)
        return fail(c, ERR_INVALID, "sourceBlob",
                    "\"sourceBlob\" must have \"offsetStart\" and a larger \"offsetEnd\"");
    out->range.start = start->i;
    out->range.end = end->i;
    return ERR_OK;
}

static enum err check_meta(struct call *c, struct json_value *meta, struct str *out)
{
    if (meta && meta->type != JSON_NULL && meta->type != JSON_OBJ)
        return fail(c, ERR_INVALID, "meta", "\"meta\" must be an object");
    if (meta && meta->raw.n > META_BYTES_MAX)
        return fail(c, ERR_INVALID, "meta", "\"meta\" must be at most 1 MB long");
    *out = meta && meta->type == JSON_OBJ ? meta->raw : STR("{}");
    return ERR_OK;
}

static enum err read_one(struct call *c, struct json_value *v, struct image_new *out)
{
    enum err e = get_text(c, v, "title", NAME_CHARS_MAX, &out->name);

    if (e == ERR_OK && out->name.p == NULL)
        e = get_text(c, v, "name", NAME_CHARS_MAX, &out->name);
    if (e == ERR_OK)
        e = out->name.p ? file_name_check(c, out->name, "title")
                        : fail(c, ERR_INVALID, "title", "\"title\" is required");
    if (e == ERR_OK)
        e = get_text(c, v, "hash", 64, &out->hash);
    if (e == ERR_OK)
        e = get_text(c, v, "link", LINK_CHARS_MAX, &out->link);
    if (e == ERR_OK)
        e = get_id(c, v, "imageId", &out->src_image_id);
    if (e == ERR_OK)
        e = get_id(c, v, "parentId", &out->parent_id);
    if (e == ERR_OK)
        e = get_id(c, v, "teamFileId", &out->file_id);
    if (e == ERR_OK)
        e = get_range(c, v, out);
    if (e == ERR_OK)
        e = check_meta(c, json_get(c->arena, v, "meta"), &out->meta);
    int sources = (out->hash.p != NULL) + (out->link.p != NULL) + (out->src_image_id != 0) +
                  (out->file_id != 0);
    if (e == ERR_OK && sources != 1)
        e = fail(c, ERR_INVALID, "hash",
                 "one of \"hash\", \"link\", \"imageId\" and \"teamFileId\" is required");
    return e;
}

enum err images_read(struct call *c, struct json_value *list, size_t max, struct image_new **out,
                     size_t *len_out)
{
    size_t n = json_count(c->arena, list), i = 0;
    struct image_new *images = arena_array(c->arena, n + 1, sizeof *images);

    if (n > max)
        return fail(c, ERR_INVALID, "images", "at most %zu images in one call", max);
    if (images == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *v = json_first(c->arena, list); v; v = v->next, i++) {
        enum err e = read_one(c, v, &images[i]);

        if (e != ERR_OK) {
            fault_prefix(&c->fault, "images[%zu]: ", i);
            return e;
        }
    }
    *out = images;
    *len_out = n;
    return ERR_OK;
}

/* ---- making ---- */

/* What the image is made of. */
static enum err find_content(struct call *c, const struct image_new *n, struct image *out)
{
    struct blob_info b;
    struct image src;
    enum err e;

    out->link = n->link;
    if (n->link.p && n->hash.p == NULL) {
        out->mime = STR("image/*");
        return ERR_OK;
    }
    if (n->src_image_id) {
        e = store_image_get(c->db, n->src_image_id, &src);
        out->link = src.link;
        out->hash = src.hash;
        out->mime = src.mime;
        out->size = src.size;
        out->width = src.width;
        out->height = src.height;
        if (src.range.team_id == c->at.team_id) /* others may not read the file */
            out->range = src.range;
        return e;
    }
    out->range = n->range;
    e = store_blob_for(c->db, n->hash, &c->me, &b);
    if (e == ERR_NOT_FOUND)
        return fail(c, ERR_INVALID, "hash", "no image with hash %.*s has been uploaded",
                    STR_CUT(n->hash, 44));
    out->hash = n->hash;
    out->mime = b.mime;
    out->size = b.size;
    out->width = b.width;
    out->height = b.height;
    return e;
}

static enum err create_one(struct call *c, int64_t dataset_id, const struct image_new *n,
                           struct image *out)
{
    *out = (struct image){.project_id = c->at.project_id,
                          .dataset_id = dataset_id,
                          .name = n->name,
                          .description = STR(""),
                          .meta = n->meta,
                          .parent_id = n->parent_id,
                          .created_by = c->me.login,
                          .created_at = c->now_ms,
                          .updated_at = c->now_ms};
    enum err e = find_content(c, n, out);

    if (e == ERR_OK)
        e = store_image_insert(c->db, out, c->me.user_id, c->now_ms);
    if (e == ERR_CONFLICT)
        e = fail(c, ERR_INVALID, "title", "two images are called \"%.*s\"", STR_CUT(n->name, 100));
    if (e == ERR_OK && out->range.source_id)
        e = store_image_range_insert(c->db, out->id, &out->range);
    if (e == ERR_OK)
        e = store_images_counted(c->db, out->project_id, dataset_id, 1, out->size,
                                 out->hash.p == NULL);
    return e == ERR_OK ? call_event(c, (struct event){.action = "create_image",
                                                      .project_id = out->project_id,
                                                      .dataset_id = dataset_id,
                                                      .image_id = out->id})
                       : e;
}

static enum err check_names(struct call *c, int64_t dataset_id, const struct image_new *list,
                            size_t n, struct image_names *taken)
{
    struct str *names = arena_array(c->arena, n + 1, sizeof *names);
    enum err e;

    for (size_t i = 0; names && i < n; i++)
        names[i] = list[i].name;
    if (names == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    e = store_images_named(c->db, dataset_id, names, n, &taken->v, &taken->n);
    if (e == ERR_OK && taken->n > 0)
        return fail(c, ERR_CONFLICT, "title",
                    "%zu of the names are taken in this dataset, the first is \"%.100s\"", taken->n,
                    taken->v[0].name.p);
    return e;
}

enum err images_create(struct call *c, int64_t dataset_id, const struct image_new *list, size_t n,
                       struct image **out, struct image_names *taken)
{
    struct image *made = arena_array(c->arena, n + 1, sizeof *made);
    enum err e = made ? check_names(c, dataset_id, list, n, taken)
                      : fail(c, ERR_NOMEM, NULL, "out of memory");

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        e = create_one(c, dataset_id, &list[i], &made[i]);
        if (e != ERR_OK)
            fault_prefix(&c->fault, "images[%zu]: ", i);
    }
    *out = made;
    return e;
}

/* ---- changing ---- */

enum err image_remove(struct call *c, const struct image *i)
{
    bool changed = false;
    enum err e = job_forget_image(c, i->id); /* while it still is what jobs have counted */

    if (e == ERR_OK)
        e = store_image_remove(c->db, i->id, c->now_ms, &changed);
    if (e != ERR_OK || !changed)
        return e;
    if (e == ERR_OK)
        e = store_images_counted(c->db, i->project_id, i->dataset_id, -1, -i->size,
                                 i->hash.p ? 0 : -1);
    return e == ERR_OK ? call_event(c, (struct event){.action = "disable_image",
                                                      .project_id = i->project_id,
                                                      .dataset_id = i->dataset_id,
                                                      .image_id = i->id})
                       : e;
}

static enum err record_update(struct call *c, const struct image *i)
{
    return call_event(c, (struct event){.action = "update_image",
                                        .project_id = i->project_id,
                                        .dataset_id = i->dataset_id,
                                        .image_id = i->id});
}

static enum err write_image(struct call *c, struct image *i, bool renamed)
{
    enum err e = store_image_update(c->db, i, c->now_ms);

    if (e == ERR_CONFLICT)
        return fail(c, e, "name", "the dataset has another image \"%.200s\"", i->name.p);
    if (e == ERR_OK && renamed) /* jobs show names of images */
        e = store_names_changed(c->db);
    i->updated_at = c->now_ms;
    return e == ERR_OK ? record_update(c, i) : e;
}

enum err image_edit(struct call *c, struct image *i, const struct image_change *change)
{
    bool renamed = change->name.p && !str_eq(change->name, i->name);
    enum err e = change->name.p ? file_name_check(c, change->name, "name") : ERR_OK;

    if (e == ERR_OK && change->description.p)
        e = text_check(c, change->description, "description", DESCRIPTION_CHARS_MAX);
    if (e == ERR_OK && change->meta)
        e = check_meta(c, change->meta, &i->meta);
    if (e != ERR_OK)
        return e;
    if (renamed)
        i->name = change->name;
    if (change->description.p)
        i->description = change->description;
    return write_image(c, i, renamed);
}

enum err image_set_link(struct call *c, struct image *i, struct str link, bool clear)
{
    enum err e = text_check(c, link, "link", LINK_CHARS_MAX);

    if (e == ERR_OK && link.n == 0)
        e = fail(c, ERR_INVALID, "link", "\"link\" is not allowed to be empty");
    if (e != ERR_OK)
        return e;
    i->link = link;
    if (clear && i->hash.p)
        e = store_images_counted(c->db, i->project_id, i->dataset_id, 0, 0, 1);
    if (e == ERR_OK && clear && i->range.source_id)
        e = store_image_range_delete(c->db, i->id);
    if (clear)
        i->hash = STR_NULL;
    return e == ERR_OK ? write_image(c, i, false) : e;
}

enum err image_set_sort(struct call *c, struct image *i, struct str sort)
{
    struct json_value *change;
    struct buf text;
    struct json_w w;

    buf_init(&text, NAME_CHARS_MAX * 12);
    w = json_w_on(&text);
    json_obj(&w);
    json_kv_str(&w, "customSort", sort);
    json_obj_end(&w);
    change = text.failed ? NULL : json_parse_copy(c->arena, buf_str(&text));
    buf_finish(&text);
    if (change == NULL)
        return fail(c, ERR_INVALID, "customSort", "\"customSort\" is too long");
    i->meta = json_merge(c->arena, i->meta, change, NULL, NULL, META_BYTES_MAX);
    return i->meta.p ? write_image(c, i, false) : fail(c, ERR_INVALID, "meta", "\"meta\" is full");
}
