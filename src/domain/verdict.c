/* Verdicts on objects, tags and images. */
#include "domain/verdict.h"

static const char *const statuses[] = {"none", "approved", "rejected", "reviewable"};

static enum err status_check(struct call *c, struct str status, const char *field)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (status.p == NULL || str_is(status, statuses[i]))
            return ERR_OK;
    return fail(c, ERR_INVALID, field, "\"%s\" must be none, approved, rejected or reviewable",
                field);
}

static struct verdict_by by(const struct call *c, int64_t job_id)
{
    return (struct verdict_by){job_id, c->me.user_id, c->now_ms};
}

static enum err record(struct call *c, const char *action, struct event e, struct str meta)
{
    e.action = action;
    e.project_id = c->at.project_id;
    e.dataset_id = c->at.dataset_id;
    e.meta = meta;
    return call_event(c, e);
}

static struct str quoted(struct call *c, struct str s)
{
    return s.p ? arena_printf(c->arena, "\"" STR_FMT "\"", STR_ARG(s)) : STR("null");
}

enum err verdict_figure(struct call *c, int64_t job_id, int64_t figure_id, struct str class_status,
                        struct str geometry_status)
{
    const struct verdict_by mine = by(c, job_id);
    int64_t image_id = 0;
    enum err e = status_check(c, class_status, "classReviewStatus");

    if (e == ERR_OK)
        e = status_check(c, geometry_status, "geometryReviewStatus");
    if (e == ERR_OK && class_status.p == NULL && geometry_status.p == NULL)
        return fail(c, ERR_INVALID, "classReviewStatus",
                    "\"classReviewStatus\" or \"geometryReviewStatus\" is required");
    if (e == ERR_OK)
        e = store_job_figure(c->db, job_id, figure_id, &image_id);
    if (e == ERR_NOT_FOUND)
        return fail(c, e, "figureId", "figure %lld is not on an image of job %lld",
                    (long long)figure_id, (long long)job_id);
    if (e == ERR_OK)
        e = store_figure_verdict_put(c->db, &mine, figure_id, class_status, geometry_status);
    if (e != ERR_OK)
        return e;
    struct str class = quoted(c, class_status), geometry = quoted(c, geometry_status);
    return record(c, "figure_review_status_updated",
                  (struct event){.job_id = job_id, .image_id = image_id, .figure_id = figure_id},
                  arena_printf(c->arena,
                               "{\"classReviewStatus\":" STR_FMT
                               ",\"geometryReviewStatus\":" STR_FMT "}",
                               STR_ARG(class), STR_ARG(geometry)));
}

/* On an image, on a figure, or on both: then the caller must say which. */
static enum err find_tag(struct call *c, int64_t job_id, const struct tag_named *tag,
                         enum tag_owner *kind, int64_t *image_id)
{
    int64_t on_image = 0, on_figure = 0;
    enum err image = ERR_NOT_FOUND, figure = ERR_NOT_FOUND;

    if (tag->on_figure == 0)
        image = store_job_tag(c->db, job_id, TAG_OF_IMAGE, tag->tag_row, tag->on_image, &on_image);
    if (tag->on_image == 0)
        figure =
            store_job_tag(c->db, job_id, TAG_OF_FIGURE, tag->tag_row, tag->on_figure, &on_figure);
    if (image == ERR_OK && figure == ERR_OK)
        return fail(
            c, ERR_INVALID, "figureId",
            "%lld is a tag of an image and one of an object: say \"entityId\" or \"figureId\"",
            (long long)tag->tag_row);
    *kind = image == ERR_OK ? TAG_OF_IMAGE : TAG_OF_FIGURE;
    *image_id = image == ERR_OK ? on_image : on_figure;
    if (image == ERR_OK || figure == ERR_OK)
        return ERR_OK;
    if (image != ERR_NOT_FOUND || figure != ERR_NOT_FOUND)
        return image != ERR_NOT_FOUND ? image : figure;
    return fail(c, ERR_NOT_FOUND, "tagId", "tag %lld is not on an image of job %lld",
                (long long)tag->tag_row, (long long)job_id);
}

enum err verdict_tag(struct call *c, int64_t job_id, const struct tag_named *tag, struct str status)
{
    const struct verdict_by mine = by(c, job_id);
    enum tag_owner kind = TAG_OF_IMAGE;
    int64_t image_id = 0;
    struct tag t;
    enum err e = status_check(c, status, "reviewStatus");

    if (e == ERR_OK)
        e = find_tag(c, job_id, tag, &kind, &image_id);
    if (e == ERR_OK)
        e = store_tag_get(c->db, kind, tag->tag_row, &t);
    if (e == ERR_OK)
        e = store_tag_verdict_put(c->db, &mine, kind, tag->tag_row, status);
    return e == ERR_OK ? record(c, "tag_review_status_updated",
                                (struct event){.job_id = job_id,
                                               .image_id = image_id,
                                               .figure_id = kind == TAG_OF_FIGURE ? t.owner_id : 0,
                                               .tag_id = t.tag_id},
                                arena_printf(c->arena, "{\"reviewStatus\":\"" STR_FMT "\"}",
                                             STR_ARG(status)))
                       : e;
}

enum err verdict_follow(struct call *c, const struct job *j, int64_t image_id, struct str status)
{
    const struct verdict_by mine = by(c, j->id);
    bool good = str_is(status, "accepted") || str_is(status, "quality_check_accepted");

    if (!good && !str_is(status, "rejected"))
        return ERR_OK;
    return store_verdicts_fill(c->db, &mine, image_id, good ? STR("approved") : STR("rejected"));
}

enum err verdict_comment(struct call *c, const struct job *j, int64_t image_id, struct str status,
                         const struct verdict_comment *comment)
{
    struct review_comment row = {.job_id = j->id,
                                 .image_id = image_id,
                                 .figure_id = comment->figure_id,
                                 .user_id = c->me.user_id,
                                 .status = status,
                                 .comment = comment->text,
                                 .created_at = c->now_ms};
    int64_t on = 0;
    bool repeats = false;
    enum err e = ERR_OK;

    if (comment->text.p == NULL)
        return ERR_OK;
    if (comment->figure_id) {
        e = store_job_figure(c->db, j->id, comment->figure_id, &on);
        if (e == ERR_NOT_FOUND || (e == ERR_OK && on != image_id))
            return fail(c, ERR_NOT_FOUND, "figureId", "figure %lld is not on this image",
                        (long long)comment->figure_id);
    }
    if (e == ERR_OK)
        e = store_review_comment_repeats(c->db, &row, &repeats);
    if (e != ERR_OK || repeats)
        return e;
    e = store_review_comment_insert(c->db, &row, &row.id);
    return e == ERR_OK
               ? record(c, "add_review_comment",
                        (struct event){
                            .job_id = j->id, .image_id = image_id, .figure_id = comment->figure_id},
                        STR_NULL)
               : e;
}
