/* Rows of verdicts and of comments. */
#include "store/store_verdict.h"

#include "store/store_int.h"

enum err store_figure_verdict_put(struct db *db, const struct verdict_by *by, int64_t figure_id,
                                  struct str class_status, struct str geometry_status)
{
    struct db_query *q = db_query(db, STMT_FIGURE_VERDICT_PUT);

    db_bind_i64(q, by->job_id);
    db_bind_i64(q, figure_id);
    db_bind_str(q, class_status);
    db_bind_str(q, geometry_status);
    db_bind_i64(q, by->user_id);
    db_bind_i64(q, by->now_ms);
    return db_run(q);
}

enum err store_tag_verdict_put(struct db *db, const struct verdict_by *by, enum tag_owner kind,
                               int64_t tag_row, struct str status)
{
    struct db_query *q = db_query(db, STMT_TAG_VERDICT_PUT);

    db_bind_i64(q, by->job_id);
    db_bind_i64(q, kind);
    db_bind_i64(q, tag_row);
    db_bind_str(q, status);
    db_bind_i64(q, by->user_id);
    db_bind_i64(q, by->now_ms);
    return db_run(q);
}

enum err store_verdicts_fill(struct db *db, const struct verdict_by *by, int64_t image_id,
                             struct str status)
{
    static const enum stmt steps[] = {STMT_FIGURE_VERDICTS_FILL, STMT_IMAGE_TAG_VERDICTS_FILL,
                                      STMT_FIGURE_TAG_VERDICTS_FILL};
    enum err e = ERR_OK;

    for (size_t i = 0; i < ARRAY_LEN(steps) && e == ERR_OK; i++) {
        struct db_query *q = db_query(db, steps[i]);

        db_bind_i64(q, by->job_id);
        db_bind_i64(q, image_id);
        db_bind_str(q, status);
        db_bind_i64(q, by->user_id);
        db_bind_i64(q, by->now_ms);
        e = db_run(q);
    }
    return e;
}

enum err store_figure_verdicts_changed(struct db *db, int64_t figure_id, bool class, bool geometry)
{
    struct db_query *q = db_query(db, STMT_FIGURE_VERDICTS_CHANGED);

    db_bind_i64(q, figure_id);
    db_bind_i64(q, class);
    db_bind_i64(q, geometry);
    return db_run(q);
}

enum err store_tag_verdicts_changed(struct db *db, enum tag_owner kind, int64_t tag_row, bool gone)
{
    struct db_query *q = db_query(db, gone ? STMT_TAG_VERDICTS_GONE : STMT_TAG_VERDICTS_CHANGED);

    db_bind_i64(q, tag_row);
    db_bind_i64(q, kind);
    return db_run(q);
}

enum err store_job_figure(struct db *db, int64_t job_id, int64_t figure_id, int64_t *image_id_out)
{
    struct db_query *q = db_query(db, STMT_JOB_FIGURE);

    db_bind_i64(q, job_id);
    db_bind_i64(q, figure_id);
    bool found = db_step(q);
    if (found)
        *image_id_out = db_col_i64(q, 0);
    return store__end_found(q, found);
}

enum err store_job_tag(struct db *db, int64_t job_id, enum tag_owner kind, int64_t tag_row,
                       int64_t on_id, int64_t *image_id_out)
{
    struct db_query *q =
        db_query(db, kind == TAG_OF_IMAGE ? STMT_JOB_IMAGE_TAG : STMT_JOB_FIGURE_TAG);

    db_bind_i64(q, job_id);
    db_bind_i64(q, tag_row);
    db_bind_i64(q, on_id);
    bool found = db_step(q);
    if (found)
        *image_id_out = db_col_i64(q, 0);
    return store__end_found(q, found);
}

static void bind_pick(struct db_query *q, const struct verdict_pick *pick)
{
    db_bind_i64(q, pick->job_id);
    db_bind_i64(q, pick->before_id);
    db_bind_i64(q, pick->image_id);
    db_bind_i64(q, pick->figures_by);
}

enum err store_figure_verdicts(struct db *db, const struct verdict_pick *pick,
                               struct figure_verdict **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_FIGURE_VERDICTS);
    struct figure_verdict *list = NULL;
    size_t n = 0, cap = 0;

    bind_pick(q, pick);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct figure_verdict){
            .figure_id = db_col_i64(q, 0),
            .class_status = db_col_str(q, 1),
            .geometry_status = db_col_str(q, 2),
            .class_before = db_col_str(q, 3),
            .geometry_before = db_col_str(q, 4),
            .user_id = db_col_i64(q, 5),
            .updated_at = db_col_i64(q, 6),
        };
    *out = list;
    *len_out = list ? n : 0;
    return db_end(q);
}

enum err store_tag_verdicts(struct db *db, const struct verdict_pick *pick, enum tag_owner kind,
                            struct tag_verdict **out, size_t *len_out)
{
    struct db_query *q =
        db_query(db, kind == TAG_OF_IMAGE ? STMT_IMAGE_TAG_VERDICTS : STMT_FIGURE_TAG_VERDICTS);
    struct tag_verdict *list = NULL;
    size_t n = 0, cap = 0;

    bind_pick(q, pick);
    db_bind_i64(q, pick->tags_by);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct tag_verdict){
            .tag_row = db_col_i64(q, 0),
            .figure_id = db_col_i64(q, 1),
            .status = db_col_str(q, 2),
            .before = db_col_str(q, 3),
            .user_id = db_col_i64(q, 4),
            .updated_at = db_col_i64(q, 5),
        };
    *out = list;
    *len_out = list ? n : 0;
    return db_end(q);
}

static enum err read_counts(struct db *db, enum stmt stmt, int64_t job_id, int64_t *const *out,
                            size_t n)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, job_id);
    bool found = db_step(q);
    for (size_t i = 0; i < n; i++)
        *out[i] = found ? db_col_i64(q, (int)i) : 0;
    return db_end(q);
}

enum err store_job_quality(struct db *db, int64_t job_id, struct job_quality *out)
{
    int64_t *const objects[] = {&out->objects,           &out->reviewed,
                                &out->class_reviewed,    &out->class_approved,
                                &out->geometry_reviewed, &out->geometry_approved};
    int64_t *const tags[] = {&out->tags_reviewed, &out->tags_approved};
    int64_t *const regions[] = {&out->error_regions};
    enum err e = read_counts(db, STMT_JOB_QUALITY, job_id, objects, ARRAY_LEN(objects));

    if (e == ERR_OK)
        e = read_counts(db, STMT_JOB_TAG_QUALITY, job_id, tags, ARRAY_LEN(tags));
    return e == ERR_OK ? read_counts(db, STMT_JOB_ERROR_REGIONS, job_id, regions, 1) : e;
}

enum err store_review_comment_insert(struct db *db, const struct review_comment *c, int64_t *id_out)
{
    struct db_query *q = db_query(db, STMT_REVIEW_COMMENT_INSERT);

    db_bind_i64(q, c->job_id);
    db_bind_i64(q, c->image_id);
    db_bind_id(q, c->figure_id);
    db_bind_i64(q, c->user_id);
    db_bind_str(q, c->status);
    db_bind_str(q, c->comment);
    db_bind_i64(q, c->created_at);
    return db_insert(q, id_out);
}

enum err store_review_comment_repeats(struct db *db, const struct review_comment *c, bool *out)
{
    struct db_query *q = db_query(db, STMT_REVIEW_COMMENT_LAST);

    db_bind_i64(q, c->job_id);
    db_bind_i64(q, c->image_id);
    db_bind_i64(q, c->user_id);
    *out = db_step(q) && db_col_i64(q, 0) == c->figure_id && str_eq(db_col_view(q, 1), c->status) &&
           str_eq(db_col_view(q, 2), c->comment);
    return db_end(q);
}

enum err store_review_comments(struct db *db, int64_t job_id, int64_t image_id, int64_t figures_by,
                               struct review_comment **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_REVIEW_COMMENTS);
    struct review_comment *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, job_id);
    db_bind_i64(q, image_id);
    db_bind_i64(q, figures_by);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct review_comment){
            .id = db_col_i64(q, 0),
            .job_id = db_col_i64(q, 1),
            .round = db_col_i64(q, 2),
            .image_id = db_col_i64(q, 3),
            .figure_id = db_col_i64(q, 4),
            .user_id = db_col_i64(q, 5),
            .login = db_col_str(q, 6),
            .status = db_col_str(q, 7),
            .comment = db_col_str(q, 8),
            .created_at = db_col_i64(q, 9),
        };
    *out = list;
    *len_out = list ? n : 0;
    return db_end(q);
}
