/* Rules of collections of images. */
#include "domain/collection.h"

#include <stdlib.h>

#include "domain/queue.h"

#define META_BYTES_MAX (64u << 10)

static enum err record(struct call *c, const char *action, int64_t id, size_t images)
{
    return call_event(
        c, (struct event){.action = action,
                          .project_id = c->at.project_id,
                          .meta = arena_printf(c->arena, "{\"collectionId\":%lld,\"images\":%zu}",
                                               (long long)id, images)});
}

static enum err texts_check(struct call *c, struct str name, struct str description)
{
    enum err e = name.p ? name_check(c, name, "name", NAME_CHARS_MAX) : ERR_OK;

    return e == ERR_OK ? text_check(c, or_empty(description), "description", DESCRIPTION_CHARS_MAX)
                       : e;
}

static enum err taken(struct call *c, struct str name)
{
    return fail(c, ERR_CONFLICT, "name", "a collection named \"" STR_FMT "\" exists already",
                STR_ARG(name));
}

/* A search is known again by its key, so a collection of that type needs one. */
static enum err type_check(struct call *c, struct str type, struct json_value *meta)
{
    struct json_value *key = json_get(c->arena, meta, "aiSearchKey");

    if (str_is(type, "default"))
        return ERR_OK;
    if (!str_is(type, "aiSearch"))
        return fail(c, ERR_INVALID, "type", "\"type\" must be \"default\" or \"aiSearch\"");
    if (key == NULL || key->type != JSON_STR || key->s.n == 0)
        return fail(c, ERR_INVALID, "meta", "a collection of type aiSearch needs meta.aiSearchKey");
    return ERR_OK;
}

enum err collection_create(struct call *c, const struct collection_new *n, int64_t *id_out)
{
    struct collection new = {.project_id = c->at.project_id,
                             .name = n->name,
                             .description = or_empty(n->description),
                             .type = n->type.p ? n->type : STR("default"),
                             .meta = n->meta ? n->meta->raw : STR("{}")};
    enum err e = texts_check(c, n->name, n->description);

    if (e == ERR_OK)
        e = type_check(c, new.type, n->meta);
    if (e == ERR_OK && new.meta.n > META_BYTES_MAX)
        e = fail(c, ERR_TOO_LARGE, "meta", "\"meta\" must be at most %u bytes", META_BYTES_MAX);
    if (e == ERR_OK)
        e = store_collection_insert(c->db, &new, c->me.user_id, c->now_ms);
    if (e == ERR_CONFLICT)
        return taken(c, n->name);
    *id_out = new.id;
    return e == ERR_OK ? record(c, "create_entities_collection", new.id, 0) : e;
}

enum err collection_edit(struct call *c, int64_t id, struct str name, struct str description)
{
    enum err e = texts_check(c, name, description);

    if (e == ERR_OK)
        e = store_collection_update(c->db, id, name, description, c->now_ms);
    if (e == ERR_CONFLICT)
        return taken(c, name);
    return e == ERR_OK ? record(c, "update_entities_collection", id, 0) : e;
}

enum err collection_remove(struct call *c, int64_t id, bool hard)
{
    bool changed = false;
    enum err e = store_collection_remove(c->db, id, c->now_ms, &changed);

    if (e == ERR_OK && hard)
        e = store_collection_empty(c->db, id);
    return e == ERR_OK ? record(c, "disable_entities_collection", id, 0) : e;
}

/* ---- content ---- */

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static enum err make_result(struct call *c, size_t n, struct collection_result *out)
{
    *out = (struct collection_result){
        .missing = arena_array(c->arena, n + 1, sizeof *out->missing),
        .items = arena_array(c->arena, n + 1, sizeof *out->items),
    };
    return out->missing && out->items ? ERR_OK : fail(c, ERR_NOMEM, NULL, "out of memory");
}

/* The content has changed, if it has; queues made of the collection follow. */
static enum err record_content(struct call *c, int64_t id, const struct collection_result *r,
                               const char *action)
{
    enum err e = ERR_OK;

    if (r->items_len == 0)
        return ERR_OK;
    e = store_collection_update(c->db, id, STR_NULL, STR_NULL, c->now_ms);
    if (e == ERR_OK)
        e = record(c, action, id, r->items_len);
    return e == ERR_OK ? queue_follow_collection(c, id) : e;
}

enum err collection_add(struct call *c, int64_t id, const struct collection_item *items, size_t n,
                        struct collection_result *out)
{
    int64_t *ids = arena_array(c->arena, n + 1, sizeof *ids), *live = NULL;
    size_t live_len = 0;
    enum err e = make_result(c, n, out);

    for (size_t i = 0; ids && i < n; i++)
        ids[i] = items[i].image_id;
    if (e == ERR_OK)
        e = ids ? store_images_of_project(c->db, c->at.project_id, ids, n, &live, &live_len)
                : fail(c, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        if (live_len == 0 || !bsearch(&ids[i], live, live_len, sizeof *live, compare_ids)) {
            out->missing[out->missing_len++] = ids[i];
            continue;
        }
        out->items[out->items_len] = items[i];
        e = store_collection_put(c->db, id, &out->items[out->items_len++], c->me.user_id,
                                 c->now_ms);
    }
    return e == ERR_OK ? record_content(c, id, out, "add_to_entities_collection") : e;
}

static int compare_items(const void *key, const void *item)
{
    return compare_ids(key, &((const struct collection_item *)item)->image_id);
}

enum err collection_take(struct call *c, int64_t id, const int64_t *image_ids, size_t n,
                         struct collection_result *out)
{
    struct collection_item *there = NULL;
    size_t there_len = 0;
    enum err e = make_result(c, n, out);

    if (e == ERR_OK)
        e = store_collection_items(c->db, id, image_ids, n, &there, &there_len);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        const struct collection_item *item =
            there_len ? bsearch(&image_ids[i], there, there_len, sizeof *there, compare_items)
                      : NULL;

        if (item)
            out->items[out->items_len++] = *item;
        else
            out->missing[out->missing_len++] = image_ids[i];
    }
    if (e == ERR_OK)
        e = store_collection_items_remove(c->db, id, image_ids, n);
    return e == ERR_OK ? record_content(c, id, out, "remove_from_entities_collection") : e;
}
