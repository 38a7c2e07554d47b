/* Counting queries over the images of a job or a queue. */
#include "store/store_job_stats.h"

#include "store/store_int.h"

static enum err add_times(struct db *db, const struct stats_of *of, struct class_stat *list,
                          size_t n)
{
    struct db_query *q = db_query(db, of->queue ? STMT_QUEUE_CLASS_TIMES : STMT_JOB_CLASS_TIMES);

    db_bind_i64(q, of->id);
    while (db_step(q))
        for (size_t i = 0; i < n; i++)
            if (list[i].class_id == db_col_i64(q, 0))
                list[i].editing_ms = db_col_i64(q, 1);
    return db_end(q);
}

enum err store_class_stats(struct db *db, const struct stats_of *of, struct class_stat **out,
                           size_t *len_out)
{
    struct db_query *q = db_query(db, of->queue ? STMT_QUEUE_CLASS_STATS : STMT_JOB_CLASS_STATS);
    struct class_stat *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, of->id);
    db_bind_i64(q, of->job_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct class_stat){.class_id = db_col_i64(q, 0),
                                        .name = db_col_str(q, 1),
                                        .color = db_col_str(q, 2),
                                        .shape = db_col_str(q, 3),
                                        .figures = db_col_i64(q, 4),
                                        .images = db_col_i64(q, 5)};
    *out = list;
    *len_out = n;
    enum err e = db_end(q);
    return e == ERR_OK ? add_times(db, of, list, n) : e;
}

enum err store_tag_stats(struct db *db, const struct stats_of *of, struct tag_stat **out,
                         size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_JOB_TAGS);
    struct tag_stat *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, of->id);
    db_bind_i64(q, of->job_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct tag_stat){.tag_id = db_col_i64(q, 0),
                                      .name = db_col_str(q, 1),
                                      .color = db_col_str(q, 2),
                                      .options = db_col_str(q, 3)};
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_tag_counts(struct db *db, const struct stats_of *of, struct tag_count **out,
                          size_t *len_out)
{
    struct db_query *q = db_query(db, of->queue ? STMT_QUEUE_TAG_STATS : STMT_JOB_TAG_STATS);
    struct tag_count *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, of->id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct tag_count){.tag_id = db_col_i64(q, 0),
                                       .value = db_col_str(q, 1),
                                       .images = db_col_i64(q, 2),
                                       .figures = db_col_i64(q, 3)};
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_image_stats(struct db *db, int64_t job_id, struct image_stat **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_JOB_IMAGE_STATS);
    struct image_stat *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, job_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct image_stat){.id = db_col_i64(q, 0),
                                        .name = db_col_str(q, 1),
                                        .status = db_col_str(q, 2),
                                        .figures = db_col_i64(q, 3),
                                        .tool_ms = db_col_i64(q, 4),
                                        .editing_ms = db_col_i64(q, 5)};
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_queue_user_stats(struct db *db, int64_t queue_id, struct queue_user_stat **out,
                                size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_QUEUE_USER_STATS);
    struct queue_user_stat *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, queue_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct queue_user_stat){.user_id = db_col_i64(q, 0),
                                             .login = db_col_str(q, 1),
                                             .kind = db_col_i64(q, 2),
                                             .job_id = db_col_i64(q, 3),
                                             .images = db_col_i64(q, 4),
                                             .done = db_col_i64(q, 5),
                                             .accepted = db_col_i64(q, 6),
                                             .rejected = db_col_i64(q, 7),
                                             .tool_ms = db_col_i64(q, 8)};
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_stats_times(struct db *db, const struct stats_of *of, int64_t *tool_ms,
                           int64_t *editing_ms)
{
    struct db_query *q = db_query(db, of->queue ? STMT_QUEUE_TIMES : STMT_JOB_TIMES);

    db_bind_i64(q, of->id);
    if (db_step(q)) {
        *tool_ms = db_col_i64(q, 0);
        *editing_ms = db_col_i64(q, 1);
    }
    return db_end(q);
}

enum err store_job_time_add(struct db *db, int64_t job_id, int64_t image_id, int64_t class_id,
                            int64_t editing_ms, int64_t tool_ms)
{
    struct db_query *q = db_query(db, STMT_JOB_ENTITY_TIME_ADD);

    db_bind_i64(q, job_id);
    db_bind_i64(q, image_id);
    db_bind_i64(q, editing_ms);
    db_bind_i64(q, tool_ms);
    enum err e = db_run(q);
    if (e != ERR_OK)
        return e;
    q = db_query(db, STMT_JOB_TIME_ADD);
    db_bind_i64(q, job_id);
    db_bind_i64(q, tool_ms);
    db_bind_i64(q, editing_ms);
    e = db_run(q);
    if (e != ERR_OK || class_id == 0)
        return e;
    q = db_query(db, STMT_JOB_CLASS_TIME_ADD);
    db_bind_i64(q, job_id);
    db_bind_i64(q, class_id);
    db_bind_i64(q, editing_ms);
    return db_run(q);
}
