/* What reviewers say of objects, tags and images of a job. */
#ifndef STORE_STORE_VERDICT_H
#define STORE_STORE_VERDICT_H

#include "store/statements.h"
#include "store/store_tag.h"

/* Who says it in which job, when. */
struct verdict_by {
    int64_t job_id, user_id, now_ms;
};

/* Absent: stays as it is. */
enum err store_figure_verdict_put(struct db *db, const struct verdict_by *by, int64_t figure_id,
                                  struct str class_status, struct str geometry_status);
enum err store_tag_verdict_put(struct db *db, const struct verdict_by *by, enum tag_owner kind,
                               int64_t tag_row, struct str status);
/* Everything on the image that nothing was said of, or that is to be looked at again. */
enum err store_verdicts_fill(struct db *db, const struct verdict_by *by, int64_t image_id,
                             struct str status);

/* Something was changed after a verdict: it is to be looked at again. A tag was taken off. */
enum err store_figure_verdicts_changed(struct db *db, int64_t figure_id, bool class, bool geometry);
enum err store_tag_verdicts_changed(struct db *db, enum tag_owner kind, int64_t tag_row, bool gone);

/* The image of the job on which the figure, or the tag, stands; on_id: only on this image or
 * figure, 0 = wherever. ERR_NOT_FOUND. */
enum err store_job_figure(struct db *db, int64_t job_id, int64_t figure_id, int64_t *image_id_out);
enum err store_job_tag(struct db *db, int64_t job_id, enum tag_owner kind, int64_t tag_row,
                       int64_t on_id, int64_t *image_id_out);

struct figure_verdict {
    int64_t figure_id;
    struct str class_status, geometry_status;
    struct str class_before, geometry_before; /* in the round before; absent = nothing */
    int64_t user_id, updated_at;              /* 0 = nobody has said anything */
};
struct tag_verdict {
    int64_t tag_row, figure_id; /* figure_id: 0 = on the image */
    struct str status, before;
    int64_t user_id, updated_at;
};
/* Which verdicts are meant: those of a job on one image. */
struct verdict_pick {
    int64_t job_id, before_id; /* the round before; 0 = none */
    int64_t image_id;
    int64_t figures_by, tags_by; /* only what this account made; 0 = everything */
};
enum err store_figure_verdicts(struct db *db, const struct verdict_pick *pick,
                               struct figure_verdict **out, size_t *len_out);
enum err store_tag_verdicts(struct db *db, const struct verdict_pick *pick, enum tag_owner kind,
                            struct tag_verdict **out, size_t *len_out);

struct job_quality {
    int64_t objects, reviewed;
    int64_t class_reviewed, class_approved, geometry_reviewed, geometry_approved;
    int64_t tags_reviewed, tags_approved;
    int64_t error_regions; /* objects that mark what is missing */
};
enum err store_job_quality(struct db *db, int64_t job_id, struct job_quality *out);

struct review_comment {
    int64_t id, job_id, round, image_id, figure_id, user_id, created_at; /* figure_id: 0 = none */
    struct str login, status, comment;
};
enum err store_review_comment_insert(struct db *db, const struct review_comment *c,
                                     int64_t *id_out);
/* Is this what the account said last of the image? */
enum err store_review_comment_repeats(struct db *db, const struct review_comment *c, bool *out);
/* Of a job and the rounds before it, oldest first; image_id 0: of all its images. */
enum err store_review_comments(struct db *db, int64_t job_id, int64_t image_id, int64_t figures_by,
                               struct review_comment **out, size_t *len_out);

#endif
