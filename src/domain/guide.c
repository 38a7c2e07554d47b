/* Rules of guides. */
#include "domain/guide.h"

#define PATH_CHARS_MAX 1024

static enum err record(struct call *c, const char *action, int64_t id)
{
    return call_event(
        c, (struct event){.action = action,
                          .meta = arena_printf(c->arena, "{\"guideId\":%lld}", (long long)id)});
}

/* Lay what is given over *g, checked. */
static enum err apply(struct call *c, const struct guide_new *n, struct guide *g)
{
    enum err e = n->name.p ? name_check(c, n->name, "name", NAME_CHARS_MAX) : ERR_OK;

    if (e == ERR_OK)
        e = text_check(c, or_empty(n->description), "description", DESCRIPTION_CHARS_MAX);
    if (e == ERR_OK)
        e = text_check(c, or_empty(n->text), "text", README_CHARS_MAX);
    if (e == ERR_OK)
        e = text_check(c, or_empty(n->file_path), "filePath", PATH_CHARS_MAX);
    if (e == ERR_OK && n->file_path.n > 0 && n->file_path.p[0] != '/')
        return fail(c, ERR_INVALID, "filePath", "\"filePath\" must be the path of a team file");
    g->name = n->name.p ? n->name : g->name;
    g->description = n->description.p ? n->description : g->description;
    g->text = n->text.p ? n->text : g->text;
    if (n->file_path.p)
        g->file_path = n->file_path.n > 0 ? n->file_path : STR_NULL;
    g->video_id = n->video_id ? n->video_id : g->video_id;
    return e;
}

enum err guide_create(struct call *c, const struct guide_new *n, int64_t *id_out)
{
    struct guide g = {.team_id = c->at.team_id,
                      .description = STR(""),
                      .text = STR(""),
                      .created_by = c->me.user_id};
    enum err e = apply(c, n, &g);

    if (e == ERR_OK)
        e = store_guide_insert(c->db, &g, c->now_ms);
    *id_out = g.id;
    return e == ERR_OK ? record(c, "create_guide", g.id) : e;
}

enum err guide_edit(struct call *c, int64_t id, const struct guide_new *n)
{
    struct guide g;
    enum err e = store_guide_get(c->db, id, &g);

    if (e == ERR_OK)
        e = apply(c, n, &g);
    if (e == ERR_OK)
        e = store_guide_update(c->db, &g, c->now_ms);
    return e == ERR_OK ? record(c, "update_guide", id) : e;
}

enum err guide_set_disabled(struct call *c, int64_t id, bool disabled)
{
    const struct guide g = {.id = id, .disabled_by = c->me.user_id, .disabled_at = c->now_ms};
    bool changed = false;
    enum err e = store_guide_set_disabled(c->db, &g, disabled, &changed);

    return e == ERR_OK && changed ? record(c, disabled ? "disable_guide" : "restore_guide", id) : e;
}

enum err guide_check(struct call *c, int64_t id, const char *field)
{
    struct guide g = {0};
    enum err e = id ? store_guide_get(c->db, id, &g) : ERR_OK;

    if (e == ERR_NOT_FOUND || (e == ERR_OK && id && g.team_id != c->at.team_id))
        return fail(c, ERR_INVALID, field, "the team has no guide %lld", (long long)id);
    return e;
}
