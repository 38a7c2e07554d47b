/* Keeping the counts of jobs. */
#include "store/store_job_count.h"

#include "store/store_int.h"

static enum err run(struct db *db, enum stmt stmt, const int64_t *params, size_t n)
{
    struct db_query *q = db_query(db, stmt);

    for (size_t i = 0; i < n; i++)
        db_bind_i64(q, params[i]);
    return db_run(q);
}
#define RUN(db, stmt, ...)                                                                         \
    run(db, stmt, (const int64_t[]){__VA_ARGS__}, sizeof((int64_t[]){__VA_ARGS__}) / 8)

enum err store__count_figure(struct db *db, int64_t figure_id, bool tags, int sign)
{
    enum err e = RUN(db, STMT_COUNT_FIGURE, figure_id, sign);

    return e == ERR_OK && tags ? RUN(db, STMT_COUNT_FIGURE_TAGS, figure_id, sign) : e;
}

enum err store__count_tag(struct db *db, enum tag_owner kind, int64_t tag_row, int sign)
{
    return RUN(db, kind == TAG_OF_IMAGE ? STMT_COUNT_IMAGE_TAG : STMT_COUNT_FIGURE_TAG, tag_row,
               sign);
}

enum err store__count_entity(struct db *db, int64_t job_id, int64_t image_id, int sign)
{
    enum err e = RUN(db, STMT_COUNT_ENTITY, job_id, image_id, sign);

    return e == ERR_OK ? RUN(db, STMT_COUNT_ENTITY_TAGS, job_id, image_id, sign) : e;
}

enum err store_job_count_all(struct db *db, int64_t job_id)
{
    enum err e = RUN(db, STMT_COUNT_JOB, job_id);

    return e == ERR_OK ? RUN(db, STMT_COUNT_JOB_TAGS, job_id) : e;
}
