/* Rules of issues. */
#include "domain/issue.h"

#include "store/store_team.h"

#define COMMENT_CHARS_MAX 20000
#define META_BYTES_MAX    (4u << 20) /* clients put an annotation into it */

static enum err record(struct call *c, const char *action, const struct issue *i)
{
    return call_event(
        c, (struct event){.action = action,
                          .team_id = i->team_id,
                          .meta = arena_printf(c->arena, "{\"issueId\":%lld}", (long long)i->id)});
}

static enum err status_check(struct call *c, struct str status)
{
    if (status.p == NULL || str_is(status, "open") || str_is(status, "closed"))
        return ERR_OK;
    return fail(c, ERR_INVALID, "status", "\"status\" must be \"open\" or \"closed\"");
}

static enum err comment_check(struct call *c, struct str text)
{
    if (text.n == 0)
        return fail(c, ERR_INVALID, "comment", "\"comment\" is not allowed to be empty");
    return text_check(c, text, "comment", COMMENT_CHARS_MAX);
}

static enum err meta_check(struct call *c, struct str meta)
{
    if (meta.n <= META_BYTES_MAX)
        return ERR_OK;
    return fail(c, ERR_TOO_LARGE, "meta", "\"meta\" must be at most %u bytes", META_BYTES_MAX);
}

static enum err assign(struct call *c, const struct issue *i, const int64_t *users, size_t n)
{
    enum err e = ERR_OK;

    for (size_t k = 0; k < n && e == ERR_OK; k++) {
        int64_t role;

        e = store_member_role(c->db, i->team_id, users[k], &role);
        if (e == ERR_NOT_FOUND)
            return fail(c, ERR_INVALID, "assignees", "user %lld is not a member of the team",
                        (long long)users[k]);
        if (e == ERR_OK)
            e = store_issue_assign(c->db, i->id, users[k]);
    }
    return e;
}

static enum err say(struct call *c, int64_t issue_id, struct str text, int64_t *id_out)
{
    struct issue_comment comment = {
        .issue_id = issue_id, .comment = text, .created_by = c->me.user_id};
    enum err e = store_comment_insert(c->db, &comment, c->now_ms);

    *id_out = comment.id;
    return e;
}

enum err issue_create(struct call *c, const struct issue_new *n, int64_t *id_out)
{
    struct issue i = {.team_id = c->at.team_id,
                      .name = n->name,
                      .is_local = n->is_local,
                      .meta = STR("{}"),
                      .created_by = c->me.user_id};
    int64_t comment_id;
    enum err e = name_check(c, n->name, "name", NAME_CHARS_MAX);

    if (e == ERR_OK && n->comment.n > 0)
        e = comment_check(c, n->comment);
    if (e == ERR_OK)
        e = store_issue_insert(c->db, &i, c->now_ms);
    if (e == ERR_OK)
        e = assign(c, &i, n->assignees, n->assignees_len);
    if (e == ERR_OK && n->comment.n > 0)
        e = say(c, i.id, n->comment, &comment_id);
    *id_out = i.id;
    return e == ERR_OK ? record(c, "create_issue", &i) : e;
}

/* Whoever is on an issue may close it; the rest is for who made it and for the team's editors. */
static enum err edit_check(struct call *c, const struct issue_edit *n)
{
    if ((n->name.p || n->has_pinned || n->assignees) && !(c->at.perms & PERM_ISSUE_EDIT))
        return fail(c, ERR_FORBIDDEN,
                    n->name.p       ? "name"
                    : n->has_pinned ? "isPinned"
                                    : "assignees",
                    "only who made the issue, or edits the team's projects, may change that");
    enum err e = n->name.p ? name_check(c, n->name, "name", NAME_CHARS_MAX) : ERR_OK;
    return e == ERR_OK ? status_check(c, n->status) : e;
}

enum err issue_edit(struct call *c, int64_t id, const struct issue_edit *n)
{
    struct issue i;
    enum err e = edit_check(c, n);

    if (e == ERR_OK)
        e = store_issue_get(c->db, id, &i);
    if (e != ERR_OK)
        return e;
    i.name = n->name.p ? n->name : i.name;
    i.status = n->status.p ? n->status : i.status;
    i.is_pinned = n->has_pinned ? n->pinned : i.is_pinned;
    e = store_issue_update(c->db, &i, c->now_ms);
    if (e == ERR_OK && n->assignees)
        e = store_issue_unassign_all(c->db, id);
    if (e == ERR_OK && n->assignees)
        e = assign(c, &i, n->assignees, n->assignees_len);
    return e == ERR_OK ? record(c, "update_issue", &i) : e;
}

enum err issue_remove(struct call *c, int64_t id)
{
    const struct issue i = {.id = id, .team_id = c->at.team_id};
    bool changed = false;
    enum err e = store_issue_remove(c->db, id, c->now_ms, &changed);

    return e == ERR_OK && changed ? record(c, "remove_issue", &i) : e;
}

/* ---- parts ---- */

/* Parts hang on issues that are no parts themselves. */
static enum err parent_check(struct call *c, int64_t parent_id, int64_t team_id)
{
    struct issue parent;
    enum err e = store_issue_get(c->db, parent_id, &parent);

    if (e == ERR_NOT_FOUND || (e == ERR_OK && (parent.parent_id || parent.team_id != team_id)))
        return fail(c, ERR_INVALID, "parentId", "%lld is no issue that can have parts",
                    (long long)parent_id);
    return e;
}

enum err issue_part_create(struct call *c, const struct issue_part_new *n, int64_t *id_out)
{
    struct issue i = {.team_id = c->at.team_id,
                      .parent_id = n->parent_id,
                      .name = or_empty(n->name),
                      .meta = n->meta,
                      .created_by = c->me.user_id};
    int64_t comment_id;
    enum err e = parent_check(c, n->parent_id, i.team_id);

    if (e == ERR_OK)
        e = text_check(c, i.name, "name", NAME_CHARS_MAX);
    if (e == ERR_OK)
        e = meta_check(c, n->meta);
    if (e == ERR_OK && n->comment.n > 0)
        e = comment_check(c, n->comment);
    if (e == ERR_OK)
        e = store_issue_insert(c->db, &i, c->now_ms);
    for (size_t k = 0; k < n->about_len && e == ERR_OK; k++)
        e = store_issue_bind(c->db, i.id, (int64_t)k, &n->about[k]);
    if (e == ERR_OK && n->comment.n > 0)
        e = say(c, i.id, n->comment, &comment_id);
    *id_out = i.id;
    return e == ERR_OK ? record(c, "create_issue", &i) : e;
}

enum err issue_part_edit(struct call *c, int64_t id, const struct issue_part_edit *n)
{
    struct issue i;
    enum err e = status_check(c, n->status);

    if (e == ERR_OK)
        e = meta_check(c, n->meta);
    if (e == ERR_OK)
        e = store_issue_get(c->db, id, &i);
    if (e == ERR_OK && i.parent_id == 0)
        return fail(c, ERR_INVALID, "id", "issue %lld is no part of another one", (long long)id);
    if (e == ERR_OK && n->parent_id)
        e = parent_check(c, n->parent_id, i.team_id);
    if (e != ERR_OK)
        return e;
    i.status = n->status.p ? n->status : i.status;
    i.meta = n->meta.p ? n->meta : i.meta;
    i.parent_id = n->parent_id ? n->parent_id : i.parent_id;
    e = store_issue_update(c->db, &i, c->now_ms);
    return e == ERR_OK ? record(c, "update_issue", &i) : e;
}

/* ---- comments ---- */

enum err issue_comment_add(struct call *c, int64_t issue_id, struct str text, int64_t *id_out)
{
    const struct issue i = {.id = issue_id, .team_id = c->at.team_id};
    enum err e = comment_check(c, text);

    if (e == ERR_OK)
        e = say(c, issue_id, text, id_out);
    return e == ERR_OK ? record(c, "comment_issue", &i) : e;
}

enum err issue_comment_edit(struct call *c, int64_t id, struct str text)
{
    struct issue i = {.team_id = c->at.team_id};
    struct issue_comment comment;
    enum err e = comment_check(c, text);

    if (e == ERR_OK)
        e = store_comment_get(c->db, id, &comment);
    if (e != ERR_OK)
        return e;
    if (comment.created_by != c->me.user_id)
        return fail(c, ERR_FORBIDDEN, "id", "only who wrote a comment may change it");
    i.id = comment.issue_id;
    e = store_comment_update(c->db, id, text, c->now_ms);
    return e == ERR_OK ? record(c, "comment_issue", &i) : e;
}
