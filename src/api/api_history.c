/* What figures were before: the history of one, and what a round of a job has changed. */
#include "api/put.h"
#include "domain/annotation.h"

static void put_state(struct rq *rq, const struct figure_state *s)
{
    struct json_w *w = &rq->out;

    json_kv_i64(w, "classId", s->class_id);
    json_kv_str(w, "classTitle", s->class_name);
    json_kv_str(w, "geometryType", s->type);
    json_kv_raw(w, "geometry", s->geometry);
    json_kv_str(w, "description", s->description);
    /* who has put a tag there is not kept: who sees only their own sees none */
    json_kv_raw(w, "tags", rq->call.sight.tags_by ? STR("[]") : s->tags);
}

/* ---- one figure ---- */

struct figures_history_in {
    int64_t id;
};
const struct field figures_history_fields[] = {
    F_ID(REQUIRED, struct figures_history_in, id, "id", "the figure, removed or not"), F_END};

/* Removed figures have a history, too: what counts is the image. */
static enum err find_figure(struct rq *rq, int64_t id, unsigned need, int64_t *image_id)
{
    int64_t author = 0;
    enum err e = store_figure_place(rq->call.db, id, image_id, &author);

    if (e == ERR_OK)
        e = rq_access(rq, ACCESS_IMAGE, *image_id, need, "id");
    bool hidden = e == ERR_OK && rq->call.sight.figures_by && author != rq->call.me.user_id;
    if (e == ERR_NOT_FOUND || hidden) {
        rq->call.fault = (struct fault){0};
        return fail(&rq->call, ERR_NOT_FOUND, "id",
                    "figure %lld doesn't exist, its image is removed, or you don't have enough"
                    " permissions to access it",
                    (long long)id);
    }
    return e;
}

static void put_side(struct rq *rq, const char *key, const struct figure_state *s)
{
    if (s == NULL) {
        json_kv_null(&rq->out, key);
        return;
    }
    json_kv_obj(&rq->out, key);
    put_state(rq, s);
    json_obj_end(&rq->out);
}

static void put_change(struct rq *rq, const struct figure_version *v, const struct figure_state *to)
{
    struct json_w *w = &rq->out;

    json_obj(w);
    json_kv_id(w, "versionId", v->id);
    json_kv_iso(w, "date", v->at);
    json_kv_id(w, "userId", v->user_id);
    json_kv_str(w, "user", v->login);
    json_kv_id(w, "jobId", v->job_id);
    json_kv_str(w, "action", v->action);
    bool made = v->id == 0, back = str_is(v->action, "restore_figure");
    put_side(rq, "from", made || back ? NULL : &v->was);
    put_side(rq, "to", str_is(v->action, "disable_figure") ? NULL : to);
    json_obj_end(w);
    rq_spill(rq);
}

enum err figures_history(struct rq *rq, const void *input)
{
    const struct figures_history_in *in = input;
    struct figure_version *list = NULL;
    struct figure_then now;
    int64_t image_id;
    size_t n = 0;
    enum err e = find_figure(rq, in->id, PERM_VIEW, &image_id);

    if (e == ERR_OK)
        e = store_figure_now(rq->call.db, in->id, &now);
    if (e == ERR_OK)
        e = store_figure_versions(rq->call.db, in->id, &list, &n);
    if (e != ERR_OK)
        return e;
    const struct figure_version made = {.at = now.created_at,
                                        .user_id = now.created_by_id,
                                        .login = now.created_by,
                                        .action = STR("create_figure")};
    json_arr(&rq->out);
    put_change(rq, &made, n > 0 ? &list[0].was : &now.state);
    for (size_t i = 0; i < n; i++)
        put_change(rq, &list[i], i + 1 < n ? &list[i + 1].was : &now.state);
    json_arr_end(&rq->out);
    return ERR_OK;
}

struct figures_history_restore_in {
    int64_t id, version_id;
};
const struct field figures_history_restore_fields[] = {
    F_ID(REQUIRED, struct figures_history_restore_in, id, "id", "the figure, removed or not"),
    F_ID(REQUIRED, struct figures_history_restore_in, version_id, "versionId",
         "a change of figures.history: the figure becomes what it was before that change"),
    F_END};

enum err figures_history_restore(struct rq *rq, const void *input)
{
    const struct figures_history_restore_in *in = input;
    struct call *c = &rq->call;
    struct figure_version v;
    struct figure *list = NULL;
    struct labeling l;
    int64_t image_id;
    size_t n = 0;
    struct figure_pick pick = {.ids = &in->id, .n = 1};
    enum err e = find_figure(rq, in->id, PERM_ANNOTATE, &image_id);

    if (e == ERR_OK)
        e = store_figure_version_get(c->db, in->id, in->version_id, &v);
    if (e == ERR_NOT_FOUND)
        return fail(c, e, "versionId", "figure %lld has no change %lld in its history",
                    (long long)in->id, (long long)in->version_id);
    if (e == ERR_OK)
        e = store_figures(c->db, &pick, &list, &n);
    pick.removed = n == 0;
    if (e == ERR_OK && pick.removed)
        e = store_figures(c->db, &pick, &list, &n);
    if (e == ERR_OK)
        e = labeling_open(&l, c, rq->job_id);
    if (e == ERR_OK)
        e = figure_put_back(&l, list, pick.removed, &v);
    return e == ERR_OK ? rq_success(rq) : e;
}

/* ---- rounds ---- */

struct jobs_rounds_diff_in {
    int64_t job_id, entity_id, since_id;
};
const struct field jobs_rounds_diff_fields[] = {
    F_ID(REQUIRED, struct jobs_rounds_diff_in, job_id, "jobId", "the job, a round of a chain"),
    F_ID(REQUIRED, struct jobs_rounds_diff_in, entity_id, "entityId", "image of the job"),
    F_ID(OPTIONAL, struct jobs_rounds_diff_in, since_id, "sinceJobId",
         "an earlier round of the chain: what has changed since it began (default: since jobId"
         " did)"),
    F_END};

/* The image when the rounds that are asked for began, and when they ended. */
struct rounds {
    int64_t round, since_round, from, to; /* to: 0 = not over yet */
    struct figure_then *before, *after;   /* by id */
    size_t before_len, after_len;
};

static enum err load_rounds(struct rq *rq, const struct jobs_rounds_diff_in *in, struct rounds *r)
{
    struct call *c = &rq->call;
    int64_t since = in->since_id ? in->since_id : in->job_id, begin;
    bool listed = false;
    enum err e = store_job_has_entity(c->db, in->job_id, in->entity_id, &listed);

    if (e == ERR_OK && !listed)
        return fail(c, ERR_NOT_FOUND, "entityId", "image %lld is not in job %lld",
                    (long long)in->entity_id, (long long)in->job_id);
    if (e == ERR_OK)
        e = store_job_round(c->db, in->job_id, in->job_id, &r->round, &begin);
    if (e == ERR_OK)
        e = store_job_round(c->db, in->job_id, since, &r->since_round, &r->from);
    if (e == ERR_NOT_FOUND)
        return fail(c, ERR_INVALID, "sinceJobId", "job %lld is no earlier round of job %lld",
                    (long long)since, (long long)in->job_id);
    if (e == ERR_OK)
        e = store_job_round_end(c->db, in->job_id, in->entity_id, &r->to);
    c->sight = sight_of(c, &c->at);
    if (e == ERR_OK)
        e = store_figures_at(c->db, in->entity_id, r->from, c->sight.figures_by, &r->before,
                             &r->before_len);
    if (e == ERR_OK)
        e = store_figures_at(c->db, in->entity_id, r->to ? r->to : INT64_MAX, c->sight.figures_by,
                             &r->after, &r->after_len);
    return e;
}

static void put_figure(struct rq *rq, const struct figure_then *f)
{
    struct json_w *w = &rq->out;

    json_obj(w);
    json_kv_i64(w, "id", f->id);
    put_state(rq, &f->state);
    json_kv_str(w, "labelerLogin", f->created_by);
    json_kv_iso(w, "createdAt", f->created_at);
    json_obj_end(w);
    rq_spill(rq);
}

/* Names of what differs, as an array; true: something does. */
static bool put_differences(struct json_w *w, const struct figure_state *a,
                            const struct figure_state *b, bool tags)
{
    const struct {
        const char *name;
        bool differs;
    } parts[] = {
        {"class", a->class_id != b->class_id},
        {"geometry", !str_eq(a->type, b->type) || !str_eq(a->geometry, b->geometry)},
        {"description", !str_eq(a->description, b->description)},
        {"tags", tags && !str_eq(a->tags, b->tags)},
    };
    bool any = false;

    if (w)
        json_kv_arr(w, "fields");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        any = any || parts[i].differs;
        if (w && parts[i].differs)
            json_str(w, str_from(parts[i].name));
    }
    if (w)
        json_arr_end(w);
    return any;
}

static void put_changed(struct rq *rq, const struct figure_then *a, const struct figure_then *b)
{
    bool tags = rq->call.sight.tags_by == 0;

    if (!put_differences(NULL, &a->state, &b->state, tags))
        return;
    json_obj(&rq->out);
    json_kv_i64(&rq->out, "id", a->id);
    put_differences(&rq->out, &a->state, &b->state, tags);
    json_key(&rq->out, "before");
    put_figure(rq, a);
    json_key(&rq->out, "after");
    put_figure(rq, b);
    json_obj_end(&rq->out);
}

enum diff_part { ADDED, CHANGED, REMOVED };

/* Both lists are ordered by id, and what is in `before` is in `after` too, there or not. */
static void put_part(struct rq *rq, const struct rounds *r, enum diff_part part)
{
    for (size_t i = 0, k = 0; i < r->after_len; i++) {
        const struct figure_then *now = &r->after[i], *was;

        while (k < r->before_len && r->before[k].id < now->id)
            k++;
        was = k < r->before_len && r->before[k].id == now->id && r->before[k].there ? &r->before[k]
                                                                                    : NULL;
        if (part == ADDED && !was && now->there)
            put_figure(rq, now);
        if (part == CHANGED && was && now->there)
            put_changed(rq, was, now);
        if (part == REMOVED && was && !now->there)
            put_figure(rq, was);
    }
}

enum err jobs_rounds_diff(struct rq *rq, const void *input)
{
    static const char *const names[] = {"added", "changed", "removed"};
    const struct jobs_rounds_diff_in *in = input;
    struct rounds r = {0};
    struct json_w *w = &rq->out;
    enum err e = load_rounds(rq, in, &r);

    if (e != ERR_OK)
        return e;
    json_obj(w);
    json_kv_i64(w, "jobId", in->job_id);
    json_kv_i64(w, "entityId", in->entity_id);
    json_kv_i64(w, "round", r.round);
    json_kv_i64(w, "sinceRound", r.since_round);
    json_kv_iso(w, "from", r.from);
    json_kv_iso(w, "to", r.to);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        json_kv_arr(w, names[i]);
        put_part(rq, &r, (enum diff_part)i);
        json_arr_end(w);
    }
    json_obj_end(w);
    return ERR_OK;
}
