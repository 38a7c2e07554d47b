/* Rows of events. */
#include "store/store_event.h"

enum err store_event_insert(struct db *db, const struct event *e, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_EVENT_INSERT);

    db_bind_id(q, e->team_id);
    db_bind_i64(q, now_ms);
    db_bind_id(q, e->user_id);
    db_bind_str(q, str_from(e->action));
    db_bind_id(q, e->project_id);
    db_bind_id(q, e->dataset_id);
    db_bind_id(q, e->image_id);
    db_bind_id(q, e->class_id);
    db_bind_id(q, e->figure_id);
    db_bind_id(q, e->job_id);
    db_bind_id(q, e->tag_id);
    db_bind_str(q, e->meta.p ? e->meta : STR("{}"));
    return db_run(q);
}

void store_event_read(struct db_query *q, struct event_view *out)
{
    *out = (struct event_view){
        .id = db_col_i64(q, 0),
        .user_id = db_col_i64(q, 1),
        .action = db_col_str(q, 2),
        .at = db_col_i64(q, 3),
        .user = db_col_str(q, 4),
        .project_id = db_col_i64(q, 5),
        .project = db_col_str(q, 6),
        .dataset_id = db_col_i64(q, 7),
        .dataset = db_col_str(q, 8),
        .image_id = db_col_i64(q, 9),
        .image = db_col_str(q, 10),
        .class_id = db_col_i64(q, 11),
        .class_name = db_col_str(q, 12),
        .figure_id = db_col_i64(q, 13),
        .job = db_col_str(q, 14),
        .job_id = db_col_i64(q, 15),
        .tag = db_col_str(q, 16),
        .tag_id = db_col_i64(q, 17),
        .meta = db_col_str(q, 18),
    };
}
