/* Verdicts of reviewers on single objects and tags, and what they write beside those on images. */
#ifndef DOMAIN_VERDICT_H
#define DOMAIN_VERDICT_H

#include "domain/job.h"
#include "store/store_verdict.h"

/* Say something of a figure or a tag of the job c->at; absent statuses stay. */
enum err verdict_figure(struct call *c, int64_t job_id, int64_t figure_id, struct str class_status,
                        struct str geometry_status);
/* on_image, on_figure: where the tag stands, 0 = not said; ids of tags on images and on figures may
 * be the same, and then it must be. */
struct tag_named {
    int64_t tag_row, on_image, on_figure;
};
enum err verdict_tag(struct call *c, int64_t job_id, const struct tag_named *tag,
                     struct str status);

/* The verdict on an image holds for everything on it that nothing was said of. */
enum err verdict_follow(struct call *c, const struct job *j, int64_t image_id, struct str status);

/* Keep a comment with the review status of an image, about the image or one figure on it. The same
 * again changes nothing. */
struct verdict_comment {
    struct str text;   /* absent = none */
    int64_t figure_id; /* 0 = the image */
};
enum err verdict_comment(struct call *c, const struct job *j, int64_t image_id, struct str status,
                         const struct verdict_comment *comment);

#endif
