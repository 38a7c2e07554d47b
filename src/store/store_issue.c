/* Rows of issues. */
#include "store/store_issue.h"

#include "store/store_int.h"

void store_issue_read(struct db_query *q, struct issue *out)
{
    *out = (struct issue){
        .id = db_col_i64(q, 0),
        .team_id = db_col_i64(q, 1),
        .parent_id = db_col_i64(q, 2),
        .name = db_col_str(q, 3),
        .status = db_col_str(q, 4),
        .is_local = db_col_i64(q, 5) != 0,
        .is_pinned = db_col_i64(q, 6) != 0,
        .meta = db_col_str(q, 7),
        .created_by = db_col_i64(q, 8),
        .login = db_col_str(q, 9),
        .created_at = db_col_i64(q, 10),
        .updated_at = db_col_i64(q, 11),
    };
}

enum err store_issue_get(struct db *db, int64_t id, struct issue *out)
{
    struct db_query *q = db_query(db, STMT_ISSUE_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        store_issue_read(q, out);
    return store__end_found(q, found);
}

enum err store_issue_insert(struct db *db, struct issue *i, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_ISSUE_INSERT);

    db_bind_i64(q, i->team_id);
    db_bind_id(q, i->parent_id);
    db_bind_str(q, i->name);
    db_bind_i64(q, i->is_local);
    db_bind_str(q, i->meta);
    db_bind_i64(q, i->created_by);
    db_bind_i64(q, now_ms);
    return db_insert(q, &i->id);
}

enum err store_issue_update(struct db *db, const struct issue *i, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_ISSUE_UPDATE);

    db_bind_i64(q, i->id);
    db_bind_str(q, i->name);
    db_bind_str(q, i->status);
    db_bind_i64(q, i->is_pinned);
    db_bind_str(q, i->meta);
    db_bind_id(q, i->parent_id);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_issue_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out)
{
    struct db_query *q = db_query(db, STMT_ISSUE_REMOVE);

    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    return store__run_changed(db, q, changed_out);
}

enum err store_issue_was_removed(struct db *db, int64_t id, const struct caller *who, bool *out)
{
    struct db_query *q = db_query(db, STMT_ISSUE_WAS_REMOVED);

    db_bind_i64(q, id);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, PERM_EDIT);
    *out = db_step(q);
    return db_end(q);
}

enum err store_issue_assign(struct db *db, int64_t id, int64_t user_id)
{
    struct db_query *q = db_query(db, STMT_ISSUE_ASSIGN);

    db_bind_i64(q, id);
    db_bind_i64(q, user_id);
    return db_run(q);
}

enum err store_issue_unassign_all(struct db *db, int64_t id)
{
    struct db_query *q = db_query(db, STMT_ISSUE_UNASSIGN);

    db_bind_i64(q, id);
    return db_run(q);
}

enum err store_issue_assignees(struct db *db, const int64_t *ids, size_t ids_len,
                               struct issue_assignee **out, size_t *n_out)
{
    struct db_query *q = db_query(db, STMT_ISSUE_ASSIGNEES);
    struct issue_assignee *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_str(q, store__id_array(db, ids, ids_len));
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct issue_assignee){db_col_i64(q, 0), db_col_i64(q, 1)};
    *out = list;
    *n_out = list ? n : 0;
    return db_end(q);
}

/* ---- parts ---- */

enum err store_issue_bind(struct db *db, int64_t id, int64_t pos, const struct issue_binding *b)
{
    struct db_query *q = db_query(db, STMT_ISSUE_BIND);

    db_bind_i64(q, id);
    db_bind_i64(q, pos);
    db_bind_str(q, b->field);
    db_bind_i64(q, b->value);
    db_bind_str(q, b->extra);
    db_bind_i64(q, b->project_id);
    db_bind_id(q, b->dataset_id);
    db_bind_id(q, b->image_id);
    return db_run(q);
}

static void read_part(struct db_query *q, struct issue_part *out)
{
    *out = (struct issue_part){
        .id = db_col_i64(q, 0),
        .parent_id = db_col_i64(q, 1),
        .name = db_col_str(q, 2),
        .status = db_col_str(q, 3),
        .meta = db_col_str(q, 4),
        .created_by = db_col_i64(q, 5),
        .login = db_col_str(q, 6),
        .created_at = db_col_i64(q, 7),
        .updated_at = db_col_i64(q, 8),
        .about = {.field = db_col_str(q, 9),
                  .value = db_col_i64(q, 10),
                  .extra = db_col_str(q, 11),
                  .project_id = db_col_i64(q, 12),
                  .dataset_id = db_col_i64(q, 13),
                  .image_id = db_col_i64(q, 14)},
        .image_name = db_col_str(q, 15),
    };
}

static enum err read_parts(struct db *db, struct db_query *q, struct issue_part **out,
                           size_t *n_out)
{
    struct issue_part *list = NULL;
    size_t n = 0, cap = 0;

    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        read_part(q, &list[n++]);
    *out = list;
    *n_out = list ? n : 0;
    return db_end(q);
}

static void bind_caller(struct db_query *q, const struct caller *who)
{
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, PERM_VIEW);
}

enum err store_issue_parts(struct db *db, const int64_t *ids, size_t n, const struct caller *who,
                           struct issue_part **out, size_t *n_out)
{
    struct db_query *q = db_query(db, STMT_ISSUE_PARTS);

    db_bind_str(q, store__id_array(db, ids, n));
    bind_caller(q, who);
    return read_parts(db, q, out, n_out);
}

enum err store_issue_parts_about(struct db *db, int64_t project_id, int64_t dataset_id,
                                 const struct caller *who, struct issue_part **out, size_t *n_out)
{
    struct db_query *q = db_query(db, STMT_ISSUE_PARTS_ABOUT);

    db_bind_i64(q, project_id);
    bind_caller(q, who);
    db_bind_i64(q, dataset_id);
    return read_parts(db, q, out, n_out);
}

enum err store_issues_about(struct db *db, int64_t project_id, int64_t dataset_id,
                            const struct caller *who, struct issue **out, size_t *n_out)
{
    struct db_query *q = db_query(db, STMT_ISSUES_ABOUT);
    struct issue *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, project_id);
    bind_caller(q, who);
    db_bind_i64(q, dataset_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        store_issue_read(q, &list[n++]);
    *out = list;
    *n_out = list ? n : 0;
    return db_end(q);
}

/* ---- comments ---- */

static void read_comment(struct db_query *q, struct issue_comment *out)
{
    *out = (struct issue_comment){
        .id = db_col_i64(q, 0),
        .issue_id = db_col_i64(q, 1),
        .created_by = db_col_i64(q, 2),
        .login = db_col_str(q, 3),
        .created_at = db_col_i64(q, 4),
        .updated_at = db_col_i64(q, 5),
        .comment = db_col_str(q, 6),
    };
}

enum err store_comment_get(struct db *db, int64_t id, struct issue_comment *out)
{
    struct db_query *q = db_query(db, STMT_COMMENT_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        read_comment(q, out);
    return store__end_found(q, found);
}

enum err store_comments_of(struct db *db, int64_t issue_id, struct issue_comment **out,
                           size_t *n_out)
{
    struct db_query *q = db_query(db, STMT_COMMENTS_OF);
    struct issue_comment *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, issue_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        read_comment(q, &list[n++]);
    *out = list;
    *n_out = list ? n : 0;
    return db_end(q);
}

enum err store_comment_insert(struct db *db, struct issue_comment *c, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_COMMENT_INSERT);

    db_bind_i64(q, c->issue_id);
    db_bind_str(q, c->comment);
    db_bind_i64(q, c->created_by);
    db_bind_i64(q, now_ms);
    return db_insert(q, &c->id);
}

enum err store_comment_update(struct db *db, int64_t id, struct str comment, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_COMMENT_UPDATE);

    db_bind_i64(q, id);
    db_bind_str(q, comment);
    db_bind_i64(q, now_ms);
    return db_run(q);
}
