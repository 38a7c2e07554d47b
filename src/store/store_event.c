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

enum err store_event_last(struct db *db, int64_t *out)
{
    struct db_query *q = db_query(db, STMT_EVENT_LAST);

    *out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}

enum err store_event_topics(struct db *db, int64_t after, int64_t upto, struct event_topic *out,
                            size_t max, size_t *n_out)
{
    struct db_query *q = db_query(db, STMT_EVENT_TOPICS);

    db_bind_i64(q, after);
    db_bind_i64(q, upto);
    db_bind_i64(q, (int64_t)max);
    for (*n_out = 0; *n_out < max && db_step(q); (*n_out)++)
        out[*n_out] = (struct event_topic){.team_id = db_col_i64(q, 0),
                                           .job_id = db_col_i64(q, 1),
                                           .access = db_col_i64(q, 2) != 0};
    return db_end(q);
}

struct db_query *store_events_for(struct db *db, const struct event_range *range,
                                  const struct caller *who)
{
    struct db_query *q = db_query(db, STMT_EVENTS_FOR_STREAM);

    db_bind_i64(q, range->team_id);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, range->job_id);
    db_bind_i64(q, range->after);
    db_bind_i64(q, range->upto);
    db_bind_i64(q, PERM_ACTIVITY);
    db_bind_i64(q, PERM_JOB_CREATE);
    db_bind_i64(q, range->max);
    return q;
}

void store_event_news_read(struct db_query *q, struct event_news *out)
{
    *out = (struct event_news){
        .id = db_col_i64(q, 0),
        .action = db_col_str(q, 1),
        .at = db_col_i64(q, 2),
        .user_id = db_col_i64(q, 3),
        .project_id = db_col_i64(q, 4),
        .dataset_id = db_col_i64(q, 5),
        .image_id = db_col_i64(q, 6),
        .class_id = db_col_i64(q, 7),
        .figure_id = db_col_i64(q, 8),
        .job_id = db_col_i64(q, 9),
        .tag_id = db_col_i64(q, 10),
        .meta = db_col_str(q, 11),
        .job_status = db_col_str(q, 12),
        .images = db_col_i64(q, 13),
        .done = db_col_i64(q, 14),
        .accepted = db_col_i64(q, 15),
        .rejected = db_col_i64(q, 16),
    };
}
