/* Reported time: the sums of jobs, and the log from which they can be made again. */
#include "domain/work_time.h"

#include "domain/queue.h"
#include "store/store_job_stats.h"

/* In the labeler's job everybody else reviews; in a queue the reviewers have jobs of their own. */
static enum err is_review(struct call *c, const struct job *j, bool *out)
{
    struct queue_user u;
    enum err e = j->queue_id ? store_queue_user_of_job(c->db, j->id, &u) : ERR_NOT_FOUND;

    *out = j->user_id != c->me.user_id || (e == ERR_OK && u.kind != QUEUE_LABELER);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err add_to_job(struct call *c, const struct work_time *t, int64_t seconds, bool *review)
{
    int64_t ms = seconds * 1000;
    struct job j;
    enum err e = store_job_get(c->db, t->job_id, &j);

    if (e == ERR_OK)
        e = store_job_time_add(c->db, j.id, t->image_id, t->class_id, t->figure_id ? ms : 0, ms);
    if (e == ERR_OK && j.queue_id)
        e = queue_sign_of_life(c, &j, t->image_id);
    return e == ERR_OK ? is_review(c, &j, review) : e;
}

enum err work_report(struct call *c, const struct work_time *t)
{
    int64_t seconds = t->seconds < WORK_IDLE_S ? t->seconds : WORK_IDLE_S;
    bool review = false;
    enum err e = t->job_id ? add_to_job(c, t, seconds, &review) : ERR_OK;

    if (e != ERR_OK)
        return e;
    return call_event(
        c, (struct event){
               .action = "annotation_duration",
               .project_id = t->project_id,
               .dataset_id = t->dataset_id,
               .image_id = t->image_id,
               .class_id = t->class_id,
               .figure_id = t->figure_id,
               .job_id = t->job_id,
               .meta = arena_printf(c->arena, "{\"duration\":%lld%s}", (long long)seconds,
                                    review ? ",\"review\":true" : ""),
           });
}
