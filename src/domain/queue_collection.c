/* Queues of collections: their pool is what the collection holds now. */
#include "domain/queue_int.h"

/* What images of the queue must and must not carry, as its jobs say. */
static enum err load_pick(struct call *c, const struct queue *q, struct job_pick *out)
{
    struct job_plan p = {0};
    int64_t job_id = 0;
    enum err e = store_queue_first_job(c->db, q->id, &job_id);

    *out = (struct job_pick){0};
    if (e == ERR_OK)
        e = store_job_labels(c->db, job_id, &p.labels, &p.labels_len);
    if (e == ERR_OK)
        e = job__collect(c, &p, JOB_IMAGE_TAG, &out->tags);
    return e == ERR_OK ? job__collect(c, &p, JOB_IMAGE_CLASS, &out->classes) : e;
}

static enum err shrink(struct call *c, const struct queue *q, size_t *len_out)
{
    int64_t *images = NULL;
    enum err e = store_queue_surplus(c->db, q->id, q->collection_id, &images, len_out);

    for (size_t i = 0; i < *len_out && e == ERR_OK; i++)
        e = store_queue_entity_delete(c->db, q->id, images[i]);
    const struct queue_moves moves = {.all = -(int64_t)*len_out, .at = {-(int64_t)*len_out}};
    return e == ERR_OK && *len_out > 0 ? store_queue_count(c->db, q->id, &moves, c->now_ms) : e;
}

enum err queue__follow_collection(struct call *c, const struct queue *q)
{
    size_t lost = 0, n = 0;
    int64_t *images = NULL;
    struct job_pick pick;
    enum err e = load_pick(c, q, &pick);

    if (e == ERR_OK)
        e = shrink(c, q, &lost);
    if (e == ERR_OK)
        e = store_queue_missing(c->db, q, &pick, &images, &n);
    if (e == ERR_OK && n > 0)
        e = queue__fill(c, q->id, images, n);
    if (e == ERR_OK && lost > 0)
        e = queue__end(c, q->id);
    return e == ERR_OK && lost + n > 0 ? queue__event(c, q, "update_queue") : e;
}

enum err queue_follow_collection(struct call *c, int64_t collection_id)
{
    struct queue *list = NULL;
    size_t n = 0;
    enum err e = store_queues_of_collection(c->db, collection_id, &list, &n);

    for (size_t i = 0; i < n && e == ERR_OK; i++)
        if (!str_is(list[i].status, "completed"))
            e = queue__follow_collection(c, &list[i]);
    return e;
}

enum err queue_forget_dataset(struct call *c, int64_t dataset_id)
{
    int64_t *queues = NULL, *jobs = NULL;
    size_t n = 0, jobs_len = 0;
    enum err e = store_queues_losing(c->db, dataset_id, &queues, &n);

    if (e == ERR_OK && n > 0) /* jobs are found through the queues: first */
        e = store_jobs_losing(c->db, dataset_id, &jobs, &jobs_len);
    for (size_t i = 0; i < jobs_len && e == ERR_OK; i++)
        e = store_job_lose(c->db, jobs[i], dataset_id, c->now_ms);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        struct queue q;

        e = store_queue_lose(c->db, queues[i], dataset_id, c->now_ms);
        if (e == ERR_OK)
            e = store_queue_get(c->db, queues[i], &q);
        if (e == ERR_OK)
            e = queue__event(c, &q, "update_queue");
        if (e == ERR_OK)
            e = queue__end(c, queues[i]);
    }
    return e;
}
