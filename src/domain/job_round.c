/* Rounds: sending images back for another one. */
#include <stdlib.h>

#include "domain/job_int.h"
#include "domain/verdict.h"
#include "store/store_job_count.h"

/* What "name (#3)" counts is taken off, so that rounds do not pile up. */
static struct str base_name(struct str name)
{
    size_t n = name.n;

    if (n < 5 || name.p[n - 1] != ')')
        return name;
    for (n--; n > 0 && name.p[n - 1] >= '0' && name.p[n - 1] <= '9';)
        n--;
    return n > 3 && memcmp(name.p + n - 3, " (#", 3) == 0 ? (struct str){name.p, n - 3} : name;
}

static bool is_accepted(struct str status)
{
    return str_is(status, "accepted") || str_is(status, "quality_check_accepted");
}

/* The images that go into the next round, at the front of the list. */
static size_t choose(struct job_entity *list, size_t n, bool not_accepted)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (not_accepted ? !is_accepted(list[i].status) : str_is(list[i].status, "rejected"))
            list[kept++] = list[i];
    return kept;
}

/* One labeler's share of the next round. */
static enum err insert_round(struct call *c, struct job *j, const struct job_label *labels,
                             size_t labels_len, const struct job_entity *images, size_t n)
{
    j->images_count = (int64_t)n;
    enum err e = store_job_insert(c->db, j, c->now_ms);
    for (size_t i = 0; i < labels_len && e == ERR_OK; i++) {
        struct job_label l = labels[i];

        l.job_id = j->id;
        e = store_job_label_insert(c->db, &l, (int64_t)i);
    }
    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = store_job_entity_insert(c->db, j->id, images[i].image_id);
    if (e == ERR_OK)
        e = store_job_count_all(c->db, j->id);
    return e == ERR_OK ? call_event(c, (struct event){.action = "create_job",
                                                      .team_id = j->team_id,
                                                      .project_id = j->project_id,
                                                      .dataset_id = j->dataset_id,
                                                      .job_id = j->id})
                       : e;
}

static enum err insert_rounds(struct call *c, const struct job *old, const struct job_restart *r,
                              const struct job_entity *images, size_t n, struct job_created *out)
{
    struct job_label *labels = NULL;
    size_t labels_len = 0, users = r->user_ids_len;
    enum err e = store_job_labels(c->db, old->id, &labels, &labels_len);
    struct str name = r->name.p
                          ? r->name
                          : arena_printf(c->arena, STR_FMT " (#%lld)",
                                         STR_ARG(base_name(old->name)), (long long)old->round + 1);

    for (size_t i = 0, from = 0; i < users && e == ERR_OK; i++) {
        size_t share = n / users + (i < n % users);
        struct job j = *old;

        j.name = users > 1 ? arena_printf(c->arena, STR_FMT " (#%zu)", STR_ARG(name), i + 1) : name;
        j.user_id = r->user_ids[i];
        j.reviewer_id = r->reviewer_id;
        j.created_by = c->me.user_id;
        j.by_ids = true;
        j.range_start = j.range_end = 0;
        j.round = old->round + 1;
        j.src_job_id = old->id;
        j.queue_id = 0; /* in the queue it stays with the old job */
        e = job__name_check(c, j.name);
        if (e == ERR_OK)
            e = insert_round(c, &j, labels, labels_len, images + from, share);
        from += share;
        out[i] = (struct job_created){.id = j.id, .user_id = j.user_id, .name = j.name};
    }
    return e;
}

/* The old job: what goes back is rejected there, and it is over. */
static enum err close_old(struct call *c, struct job *old, const struct job_restart *r,
                          const struct job_entity *images, size_t n)
{
    enum err e = ERR_OK;

    for (size_t i = 0; i < n && e == ERR_OK && r->reject; i++)
        if (!str_is(images[i].status, "rejected"))
            e = job__review(c, old, images[i].image_id, images[i].status, STR("rejected"));
    if (e == ERR_OK && r->complete && !str_is(old->status, "completed"))
        e = job__move(c, old, STR("completed"));
    return e;
}

enum err job_restart(struct call *c, int64_t id, const struct job_restart *r,
                     struct job_created **out, size_t *len_out)
{
    const struct job_new users = {
        .user_ids = r->user_ids, .user_ids_len = r->user_ids_len, .reviewer_id = r->reviewer_id};
    struct job_entity *images = NULL;
    struct job old;
    size_t n = 0;
    enum err e = store_job_get(c->db, id, &old);

    if (e == ERR_OK)
        e = job__users_check(c, &users);
    if (e == ERR_OK)
        e = store_job_entities(c->db, id, &images, &n);
    n = choose(images, n, r->not_accepted);
    if (e == ERR_OK && n < r->user_ids_len)
        return fail(c, ERR_INVALID, "id",
                    n == 0 ? "No images found" : "No images found for every labeler");
    *out = arena_array(c->arena, r->user_ids_len, sizeof **out);
    *len_out = r->user_ids_len;
    if (e == ERR_OK && *out == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    if (e == ERR_OK)
        e = insert_rounds(c, &old, r, images, n, *out);
    return e == ERR_OK ? close_old(c, &old, r, images, n) : e;
}

enum err job_reject(struct call *c, int64_t id, bool unmarked_only,
                    const struct verdict_comment *comment)
{
    struct job_entity *images = NULL;
    struct job j;
    size_t n = 0;
    enum err e = store_job_get(c->db, id, &j);

    if (e == ERR_OK)
        e = store_job_entities(c->db, id, &images, &n);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        int64_t image_id = images[i].image_id;

        if (str_is(images[i].status, "rejected") ||
            (unmarked_only && is_accepted(images[i].status)))
            continue;
        e = job__review(c, &j, image_id, images[i].status, STR("rejected"));
        if (e == ERR_OK)
            e = verdict_comment(c, &j, image_id, STR("rejected"), comment);
    }
    return e;
}

enum err job_set_priority(struct call *c, int64_t id, int64_t priority)
{
    struct job j;
    enum err e = store_job_get(c->db, id, &j);

    if (e != ERR_OK || j.priority == priority)
        return e;
    e = store_job_set_priority(c->db, id, priority, c->now_ms);
    return e == ERR_OK ? call_event(c, (struct event){.action = "update_job",
                                                      .team_id = j.team_id,
                                                      .project_id = j.project_id,
                                                      .dataset_id = j.dataset_id,
                                                      .job_id = id})
                       : e;
}
