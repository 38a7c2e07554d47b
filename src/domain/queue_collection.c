/* Queues of collections: their pool is what the collection holds now. */
#include "domain/queue_int.h"

/* The tags that images of the queue must and must not carry, from any of its jobs. */
static enum err load_pick(struct call *c, const struct queue *q, struct job_pick *out)
{
    struct queue_user *users = NULL;
    struct job_label *labels = NULL;
    size_t n = 0, labels_len = 0;
    enum err e = store_queue_users(c->db, &q->id, 1, &users, &n);

    if (e == ERR_OK && n > 0)
        e = store_job_labels(c->db, users[0].job_id, &labels, &labels_len);
    int64_t *with = arena_array(c->arena, labels_len + 1, sizeof *with);
    int64_t *without = arena_array(c->arena, labels_len + 1, sizeof *without);
    if (with == NULL || without == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    *out = (struct job_pick){
        .dataset_id = q->collection_id, .with_tags = with, .without_tags = without};
    for (size_t i = 0; i < labels_len; i++) {
        if (labels[i].kind != JOB_IMAGE_TAG)
            continue;
        if (labels[i].positive)
            with[out->with_tags_len++] = labels[i].ref_id;
        else
            without[out->without_tags_len++] = labels[i].ref_id;
    }
    return e;
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
        e = store_queue_missing(c->db, q->id, &pick, &images, &n);
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
