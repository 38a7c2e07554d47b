/* Rows of teams, members and workspaces. */
#include "store/store_team.h"

#include "store/store_int.h"

void store_team_read(struct db_query *q, struct team *out)
{
    *out = (struct team){
        .id = db_col_i64(q, 0),
        .name = db_col_str(q, 1),
        .description = db_col_str(q, 2),
        .created_at = db_col_i64(q, 3),
        .updated_at = db_col_i64(q, 4),
        .role = db_col_str(q, 5),
    };
}

void store_workspace_read(struct db_query *q, struct workspace *out)
{
    *out = (struct workspace){
        .id = db_col_i64(q, 0),
        .team_id = db_col_i64(q, 1),
        .name = db_col_str(q, 2),
        .description = db_col_str(q, 3),
        .hidden = db_col_i64(q, 4) != 0,
        .created_at = db_col_i64(q, 5),
        .updated_at = db_col_i64(q, 6),
    };
}

enum err store_team_get(struct db *db, int64_t id, int64_t caller_id, struct team *out)
{
    struct db_query *q = db_query(db, STMT_TEAM_GET);

    db_bind_i64(q, id);
    db_bind_i64(q, caller_id);
    bool found = db_step(q);
    if (found)
        store_team_read(q, out);
    return store__end_found(q, found);
}

enum err store_team_name_seen(struct db *db, struct str name, const struct caller *who,
                              int64_t except_id, bool *out)
{
    struct db_query *q = db_query(db, STMT_TEAM_NAME_SEEN);

    db_bind_str(q, name);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, except_id);
    *out = db_step(q);
    return db_end(q);
}

enum err store_team_name_taken(struct db *db, struct str name, bool *out)
{
    struct db_query *q = db_query(db, STMT_TEAM_NAME_TAKEN);

    db_bind_str(q, name);
    *out = db_step(q);
    return db_end(q);
}

enum err store_team_insert(struct db *db, struct str name, struct str description,
                           int64_t created_by, int64_t now_ms, int64_t *id_out)
{
    struct db_query *q = db_query(db, STMT_TEAM_INSERT);

    db_bind_str(q, name);
    db_bind_str(q, description);
    db_bind_id(q, created_by);
    db_bind_i64(q, now_ms);
    return db_insert(q, id_out);
}

static enum err update_names(struct db *db, enum stmt stmt, int64_t id, struct str name,
                             struct str description, int64_t now_ms)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, id);
    db_bind_str(q, name);
    db_bind_str(q, description);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_team_update(struct db *db, int64_t id, struct str name, struct str description,
                           int64_t now_ms)
{
    return update_names(db, STMT_TEAM_UPDATE, id, name, description, now_ms);
}

enum err store_member_role(struct db *db, int64_t team_id, int64_t user_id, int64_t *role_out)
{
    struct db_query *q = db_query(db, STMT_MEMBER_GET);

    db_bind_i64(q, team_id);
    db_bind_i64(q, user_id);
    bool found = db_step(q);
    if (found)
        *role_out = db_col_i64(q, 0);
    return store__end_found(q, found);
}

enum err store_member_insert(struct db *db, int64_t team_id, int64_t user_id, int64_t role_id,
                             int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_MEMBER_INSERT);

    db_bind_i64(q, team_id);
    db_bind_i64(q, user_id);
    db_bind_i64(q, role_id);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_member_set_role(struct db *db, int64_t team_id, int64_t user_id, int64_t role_id,
                               bool *changed_out)
{
    struct db_query *q = db_query(db, STMT_MEMBER_SET_ROLE);

    db_bind_i64(q, team_id);
    db_bind_i64(q, user_id);
    db_bind_i64(q, role_id);
    return store__run_changed(db, q, changed_out);
}

enum err store_member_delete(struct db *db, int64_t team_id, int64_t user_id, bool *changed_out)
{
    struct db_query *q = db_query(db, STMT_MEMBER_DELETE);

    db_bind_i64(q, team_id);
    db_bind_i64(q, user_id);
    return store__run_changed(db, q, changed_out);
}

enum err store_member_other_admins(struct db *db, int64_t team_id, int64_t user_id,
                                   int64_t *count_out)
{
    struct db_query *q = db_query(db, STMT_MEMBER_ADMINS);

    db_bind_i64(q, team_id);
    db_bind_i64(q, user_id);
    *count_out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}

static enum err read_workspace(struct db_query *q, struct workspace *out)
{
    bool found = db_step(q);

    if (found)
        store_workspace_read(q, out);
    return store__end_found(q, found);
}

enum err store_workspace_get(struct db *db, int64_t id, struct workspace *out)
{
    struct db_query *q = db_query(db, STMT_WORKSPACE_GET);

    db_bind_i64(q, id);
    return read_workspace(q, out);
}

enum err store_workspace_by_name(struct db *db, int64_t team_id, struct str name,
                                 struct workspace *out)
{
    struct db_query *q = db_query(db, STMT_WORKSPACE_BY_NAME);

    db_bind_i64(q, team_id);
    db_bind_str(q, name);
    return read_workspace(q, out);
}

enum err store_workspace_insert(struct db *db, struct workspace *w, int64_t created_by,
                                int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_WORKSPACE_INSERT);

    db_bind_i64(q, w->team_id);
    db_bind_str(q, w->name);
    db_bind_str(q, w->description);
    db_bind_id(q, created_by);
    db_bind_i64(q, now_ms);
    return db_insert(q, &w->id);
}

enum err store_workspace_update(struct db *db, int64_t id, struct str name, struct str description,
                                int64_t now_ms)
{
    return update_names(db, STMT_WORKSPACE_UPDATE, id, name, description, now_ms);
}

enum err store_workspace_owner(struct db *db, int64_t id, int64_t *user_out)
{
    return store__owner(db, STMT_WORKSPACE_OWNER, id, user_out);
}

enum err store_workspace_archive(struct db *db, int64_t id, int64_t now_ms, bool *changed_out)
{
    static const enum stmt steps[] = {STMT_JOBS_OF_WORKSPACE_REMOVE,
                                      STMT_QUEUES_OF_WORKSPACE_REMOVE,
                                      STMT_DATASETS_OF_WORKSPACE_ARCHIVE,
                                      STMT_PROJECTS_OF_WORKSPACE_ARCHIVE, STMT_WORKSPACE_ARCHIVE};

    return store__archive(db, steps, ARRAY_LEN(steps), id, now_ms, changed_out);
}
