/* Versions of figures. */
#include "store/store_history.h"

#include "store/store_int.h"

static struct figure_state read_state(struct db_query *q, int i)
{
    return (struct figure_state){
        .class_id = db_col_i64(q, i),
        .class_name = db_col_str(q, i + 1),
        .type = db_col_str(q, i + 2),
        .description = db_col_str(q, i + 3),
        .tags = db_col_str(q, i + 4),
        .geometry = db_col_str(q, i + 5),
    };
}

static void read_version(struct db_query *q, struct figure_version *out)
{
    *out = (struct figure_version){
        .id = db_col_i64(q, 0),
        .figure_id = db_col_i64(q, 1),
        .at = db_col_i64(q, 2),
        .user_id = db_col_i64(q, 3),
        .login = db_col_str(q, 4),
        .job_id = db_col_i64(q, 5),
        .action = db_col_str(q, 6),
        .was = read_state(q, 7),
    };
}

static void read_then(struct db_query *q, struct figure_then *out)
{
    *out = (struct figure_then){
        .id = db_col_i64(q, 0),
        .there = db_col_i64(q, 1) != 0,
        .created_by_id = db_col_i64(q, 2),
        .created_by = db_col_str(q, 3),
        .created_at = db_col_i64(q, 4),
        .state = read_state(q, 5),
    };
}

enum err store_figure_versions(struct db *db, int64_t figure_id, struct figure_version **out,
                               size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_FIGURE_VERSIONS);
    struct figure_version *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, figure_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        read_version(q, &list[n++]);
    *out = list;
    *len_out = list ? n : 0;
    return db_end(q);
}

enum err store_figure_version_get(struct db *db, int64_t figure_id, int64_t version_id,
                                  struct figure_version *out)
{
    struct db_query *q = db_query(db, STMT_FIGURE_VERSION_GET);

    db_bind_i64(q, figure_id);
    db_bind_i64(q, version_id);
    bool found = db_step(q);
    if (found)
        read_version(q, out);
    return store__end_found(q, found);
}

enum err store_figure_version_of_others(struct db *db, int64_t figure_id, int64_t since_ms,
                                        int64_t user_id, struct figure_version *out)
{
    struct db_query *q = db_query(db, STMT_FIGURE_VERSION_OF_OTHERS);

    db_bind_i64(q, figure_id);
    db_bind_i64(q, since_ms);
    db_bind_i64(q, user_id);
    bool found = db_step(q);
    if (found)
        read_version(q, out);
    return store__end_found(q, found);
}

enum err store_figure_now(struct db *db, int64_t figure_id, struct figure_then *out)
{
    struct db_query *q = db_query(db, STMT_FIGURE_NOW);

    db_bind_i64(q, figure_id);
    bool found = db_step(q);
    if (found)
        read_then(q, out);
    return store__end_found(q, found);
}

enum err store_figures_at(struct db *db, int64_t image_id, int64_t at_ms, int64_t by,
                          struct figure_then **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_FIGURES_AT);
    struct figure_then *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, image_id);
    db_bind_i64(q, at_ms);
    db_bind_i64(q, by);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        read_then(q, &list[n++]);
    *out = list;
    *len_out = list ? n : 0;
    return db_end(q);
}

enum err store_job_round(struct db *db, int64_t job_id, int64_t earlier_id, int64_t *round_out,
                         int64_t *at_out)
{
    struct db_query *q = db_query(db, STMT_JOB_ROUND);

    db_bind_i64(q, job_id);
    db_bind_i64(q, earlier_id);
    bool found = db_step(q);
    if (found) {
        *round_out = db_col_i64(q, 0);
        *at_out = db_col_i64(q, 1);
    }
    return store__end_found(q, found);
}

enum err store_job_round_end(struct db *db, int64_t job_id, int64_t image_id, int64_t *at_out)
{
    struct db_query *q = db_query(db, STMT_JOB_ROUND_END);

    db_bind_i64(q, job_id);
    db_bind_i64(q, image_id);
    *at_out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}
