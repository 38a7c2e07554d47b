/* Teams, their members and their workspaces. */
#ifndef STORE_STORE_TEAM_H
#define STORE_STORE_TEAM_H

#include "store/store_access.h"

struct team {
    int64_t id;
    struct str name, description;
    int64_t created_at, updated_at;
    struct str role; /* of the caller; absent when not a member */
};

struct workspace {
    int64_t id, team_id;
    struct str name, description;
    bool hidden;
    int64_t created_at, updated_at;
};

/* Read TEAM_COLUMNS / WORKSPACE_COLUMNS of the current row. */
void store_team_read(struct db_query *q, struct team *out);
void store_workspace_read(struct db_query *q, struct workspace *out);

enum err store_team_get(struct db *db, int64_t id, int64_t caller_id, struct team *out);
enum err store_team_name_taken(struct db *db, struct str name, bool *out);
/* Does the caller know another team of this name? Those of strangers do not count. */
enum err store_team_name_seen(struct db *db, struct str name, const struct caller *who,
                              int64_t except_id, bool *out);
enum err store_team_insert(struct db *db, struct str name, struct str description,
                           int64_t created_by, int64_t now_ms, int64_t *id_out);
/* Absent name or description stays. */
enum err store_team_update(struct db *db, int64_t id, struct str name, struct str description,
                           int64_t now_ms);

/* Role of a member; ERR_NOT_FOUND when they are none. */
enum err store_member_role(struct db *db, int64_t team_id, int64_t user_id, int64_t *role_out);
enum err store_member_insert(struct db *db, int64_t team_id, int64_t user_id, int64_t role_id,
                             int64_t now_ms);
enum err store_member_set_role(struct db *db, int64_t team_id, int64_t user_id, int64_t role_id,
                               bool *changed_out);
enum err store_member_delete(struct db *db, int64_t team_id, int64_t user_id, bool *changed_out);
/* Enabled admins of the team other than this user. */
enum err store_member_other_admins(struct db *db, int64_t team_id, int64_t user_id,
                                   int64_t *count_out);

enum err store_workspace_get(struct db *db, int64_t id, struct workspace *out);
enum err store_workspace_by_name(struct db *db, int64_t team_id, struct str name,
                                 struct workspace *out);
/* Fills w->id. ERR_CONFLICT: the name is taken in the team. */
enum err store_workspace_insert(struct db *db, struct workspace *w, int64_t created_by,
                                int64_t now_ms);
enum err store_workspace_update(struct db *db, int64_t id, struct str name, struct str description,
                                int64_t now_ms);
enum err store_workspace_owner(struct db *db, int64_t id, int64_t *user_out);
/* With its projects, datasets and jobs. */
enum err store_workspace_archive(struct db *db, int64_t id, int64_t now_ms, bool *changed_out);

#endif
