/* Rows of tasks. */
#include "store/store_task.h"

#include "store/store_int.h"

void store_task_read(struct db_query *q, struct task *out)
{
    *out = (struct task){
        .id = db_col_i64(q, 0),
        .team_id = db_col_i64(q, 1),
        .workspace_id = db_col_i64(q, 2),
        .user_id = db_col_i64(q, 3),
        .user = db_col_str(q, 4),
        .type = db_col_str(q, 5),
        .status = db_col_str(q, 6),
        .meta = db_col_str(q, 7),
        .created_at = db_col_i64(q, 8),
        .finished_at = db_col_i64(q, 9),
    };
}

enum err store_task_insert(struct db *db, struct task *t, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_TASK_INSERT);

    db_bind_i64(q, t->team_id);
    db_bind_id(q, t->workspace_id);
    db_bind_i64(q, t->user_id);
    db_bind_str(q, t->type);
    db_bind_str(q, t->meta);
    db_bind_i64(q, now_ms);
    return db_insert(q, &t->id);
}

enum err store_task_for(struct db *db, int64_t id, const struct caller *who, struct task *out)
{
    struct db_query *q = db_query(db, STMT_TASK_FOR);

    db_bind_i64(q, id);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, PERM_VIEW);
    bool found = db_step(q);
    if (found)
        store_task_read(q, out);
    return store__end_found(q, found);
}
