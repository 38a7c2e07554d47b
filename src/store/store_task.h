/* Tasks: what calls have started that answer with a task instead of a result. */
#ifndef STORE_STORE_TASK_H
#define STORE_STORE_TASK_H

#include "store/store_access.h"

struct task {
    int64_t id, team_id, workspace_id, user_id;
    struct str user; /* login */
    struct str type, status;
    struct str meta;                 /* JSON object */
    int64_t created_at, finished_at; /* ms */
};

/* Current row of LIST_TASKS. */
void store_task_read(struct db_query *q, struct task *out);

/* A task that is done. Fills t->id. */
enum err store_task_insert(struct db *db, struct task *t, int64_t now_ms);

/* For its starter, and for those who see the data of its team. ERR_NOT_FOUND. */
enum err store_task_for(struct db *db, int64_t id, const struct caller *who, struct task *out);

#endif
