/* Limits of a job. */
#include "domain/job_limits.h"

enum err job_limits_load(struct call *c, int64_t *job_id, int64_t project_id,
                         struct job_limits *out)
{
    struct job_label *labels = NULL;
    struct access at;

    *out = (struct job_limits){0};
    if (*job_id == 0)
        return ERR_OK;
    enum err e = store_access(c->db, ACCESS_JOB, *job_id, &c->me, &at);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && at.project_id != project_id)) {
        *job_id = 0;
        return ERR_OK;
    }
    if (e != ERR_OK || (at.perms & PERM_JOB_LABEL) == 0)
        return e;
    e = store_job_get(c->db, *job_id, &out->job);
    if (e == ERR_OK)
        e = store_job_labels(c->db, *job_id, &labels, &out->labels_len);
    out->labels = labels;
    out->active = true;
    return e;
}

/* Is it one of the job's, or is there no list? Made later, it counts when the job is dynamic. */
static bool listed(const struct job_limits *l, enum job_label_kind kind, int64_t id, bool dynamic)
{
    bool limited = false;

    for (size_t i = 0; i < l->labels_len; i++) {
        if (l->labels[i].kind != kind)
            continue;
        if (l->labels[i].ref_id == id)
            return true;
        limited = true;
    }
    return !limited || dynamic;
}

bool job_limits_class(const struct job_limits *l, const struct object_class *class)
{
    bool later = l->job.dynamic_classes && class->created_at > l->job.created_at;

    return !l->active || listed(l, JOB_CLASS, class->id, later);
}

bool job_limits_tag(const struct job_limits *l, const struct tag_meta *tag)
{
    bool later = l->job.dynamic_tags && tag->created_at > l->job.created_at;

    for (size_t i = 0; l->active && i < l->labels_len; i++)
        if (l->labels[i].kind == JOB_READ_ONLY_TAG && l->labels[i].ref_id == tag->id)
            return false;
    return !l->active || listed(l, JOB_TAG, tag->id, later);
}

enum err job_limits_check(struct call *c, const struct job_limits *l, int64_t image_id)
{
    int64_t n = 0;
    enum err e = ERR_OK;

    if (!l->active)
        return ERR_OK;
    if (l->job.figures_limit > 0)
        e = store_figures_by(c->db, image_id, c->me.user_id, &n);
    if (e == ERR_OK && n > l->job.figures_limit && l->job.figures_limit > 0)
        return fail(c, ERR_INVALID, "objects", "this job allows at most %lld objects on an image",
                    (long long)l->job.figures_limit);
    if (e == ERR_OK && l->job.tags_limit > 0)
        e = store_tags_by(c->db, image_id, c->me.user_id, &n);
    if (e == ERR_OK && n > l->job.tags_limit && l->job.tags_limit > 0)
        return fail(c, ERR_INVALID, "tags", "this job allows at most %lld tags on an image",
                    (long long)l->job.tags_limit);
    return e;
}
