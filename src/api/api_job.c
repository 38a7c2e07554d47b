/* Labeling jobs. */
#include <stdlib.h>

#include "api/api_int.h"
#include "api/api_job.h"
#include "api/job_cache.h"
#include "base/log.h"
#include "domain/verdict.h"
#include "store/store_project.h"

#define PER_PAGE_DEFAULT    500
#define INLINE_ENTITIES_MAX 500 /* jobs with more images are rendered on the heavy pool */
#define IDS_MAX             1000

/* ---- the job object ---- */

static void put_labels(struct json_w *w, const char *key, const struct job_view *v,
                       enum job_label_kind kind)
{
    json_kv_arr(w, key);
    for (size_t i = 0; i < v->labels_len; i++) {
        if (v->labels[i].kind != kind)
            continue;
        json_obj(w);
        json_kv_i64(w, "id", v->labels[i].ref_id);
        json_kv_str(w, "name", v->labels[i].name);
        if (kind == JOB_IMAGE_TAG || kind == JOB_IMAGE_CLASS)
            json_kv_bool(w, "positive", v->labels[i].positive);
        json_obj_end(w);
    }
    json_arr_end(w);
}

static void put_read_only_tags(struct json_w *w, const struct job_view *v)
{
    json_kv_arr(w, "readOnlyTags");
    for (size_t i = 0; i < v->labels_len; i++)
        if (v->labels[i].kind == JOB_READ_ONLY_TAG)
            json_str(w, v->labels[i].name);
    json_arr_end(w);
}

/* Ids of the entities, when they were named one by one; in the order of the ids. */
static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void put_entity_ids(struct json_w *w, const struct job_view *v)
{
    size_t n = v->job.by_ids ? v->entities_len : 0;
    int64_t *ids = malloc((n + 1) * sizeof *ids);

    json_kv_arr(w, "entityIds");
    for (size_t i = 0; ids && i < n; i++)
        ids[i] = v->entities[i].image_id;
    if (ids)
        qsort(ids, n, sizeof *ids, compare_ids);
    for (size_t i = 0; ids && i < n; i++)
        json_i64(w, ids[i]);
    json_arr_end(w);
    free(ids);
}

static void put_meta(struct json_w *w, const struct job_view *v)
{
    const struct job *j = &v->job;

    json_kv_obj(w, "meta");
    put_labels(w, "classes", v, JOB_CLASS);
    put_labels(w, "projectTags", v, JOB_TAG);
    put_labels(w, "imageTags", v, JOB_IMAGE_TAG);
    put_labels(w, "imageClasses", v, JOB_IMAGE_CLASS);
    put_read_only_tags(w, v);
    json_kv_obj(w, "range");
    json_kv_id(w, "start", j->range_start);
    json_kv_id(w, "end", j->range_end);
    json_obj_end(w);
    json_kv_id(w, "imageFiguresLimit", j->figures_limit); /* no limit is null, never 0 */
    json_kv_id(w, "imageTagsLimit", j->tags_limit);
    json_kv_id(w, "imageTagsMinLimit", j->tags_min);
    json_kv_lit(w, "figuresVisibility", j->own_figures ? "own" : "all");
    json_kv_lit(w, "tagsVisibility", j->own_tags ? "own" : "all");
    json_kv_id(w, "guide", j->guide_id);
    json_kv_bool(w, "dynamicClasses", j->dynamic_classes);
    json_kv_bool(w, "dynamicTags", j->dynamic_tags);
    json_kv_bool(w, "allowRestore", j->allow_restore);
    json_kv_bool(w, "disableConfirm", j->disable_confirm);
    json_kv_bool(w, "disableSubmit", j->disable_submit);
    json_kv_bool(w, "enableIntermediateReview", j->intermediate_review);
    json_splice(w, j->meta_more);
    put_entity_ids(w, v);
    json_obj_end(w);
}

/* The object without its last member, the entities. */
static void put_job_head(struct json_w *w, const struct job_view *v)
{
    const struct job *j = &v->job;

    json_obj(w);
    json_kv_i64(w, "id", j->id);
    json_kv_str(w, "name", j->name);
    json_kv_str(w, "readme", j->readme);
    json_kv_str(w, "description", j->description);
    json_kv_i64(w, "teamId", j->team_id);
    json_kv_i64(w, "workspaceId", v->workspace_id);
    json_kv_str(w, "workspaceTitle", v->workspace_title);
    json_kv_i64(w, "projectId", j->project_id);
    json_kv_str(w, "projectTitle", v->project_title);
    json_kv_i64(w, "datasetId", j->dataset_id);
    json_kv_str(w, "datasetTitle", v->dataset_title);
    json_kv_i64(w, "createdBy", j->created_by);
    json_kv_str(w, "managerLogin", v->manager_login);
    json_kv_i64(w, "userId", j->user_id);
    json_kv_str(w, "labelerLogin", v->labeler_login);
    json_kv_id(w, "reviewerId", j->reviewer_id);
    json_kv_str(w, "reviewerLogin", v->reviewer_login);
    json_kv_iso(w, "createdAt", j->created_at);
    json_kv_iso(w, "updatedAt", j->updated_at);
    json_kv_iso(w, "startedAt", j->started_at);
    json_kv_iso(w, "annotationFinishedAt", j->annotation_finished_at);
    json_kv_iso(w, "reviewFinishedAt", j->review_finished_at);
    json_kv_iso(w, "finishedAt", j->finished_at);
    json_kv_str(w, "status", j->status);
    json_kv_bool(w, "disabled", j->disabled);
    json_kv_id(w, "labelingQueueId", j->queue_id);
    json_kv_id(w, "labelingExamId", j->exam_id);
    json_kv_i64(w, "imagesCount", j->images_count);
    json_kv_i64(w, "finishedImagesCount", j->done_count);
    json_kv_i64(w, "rejectedImagesCount", j->rejected_count);
    json_kv_i64(w, "acceptedImagesCount", j->accepted_count);
    json_kv_i64(w, "progressImagesCount", j->done_count + j->accepted_count);
    json_kv_id(w, "priority", j->priority);
    json_kv_i64(w, "round", j->round);
    json_kv_id(w, "srcJobId", j->src_job_id);
    json_kv_raw(w, "customData", j->custom_data);
    put_meta(w, v);
}

static void put_entities(struct json_w *w, const struct job_view *v)
{
    json_kv_arr(w, "entities");
    for (size_t i = 0; i < v->entities_len; i++) {
        json_obj(w);
        json_kv_str(w, "reviewStatus", v->entities[i].status);
        json_kv_i64(w, "id", v->entities[i].image_id);
        json_kv_str(w, "name", v->entities[i].name);
        json_obj_end(w);
    }
    json_arr_end(w);
}

/* Render into `scratch`; *head is where the entities begin. */
static struct str render(struct buf *scratch, const struct job_view *v, size_t *head)
{
    struct json_w w;

    buf_clear(scratch);
    w = json_w_on(scratch);
    put_job_head(&w, v);
    *head = scratch->n;
    put_entities(&w, v);
    json_obj_end(&w);
    return buf_str(scratch);
}

/* ---- one job ---- */

struct job_in {
    int64_t id;
};
#define JOB_FIELD F_ID(REQUIRED, struct job_in, id, "id", "the job")

/* Test aid: render even what the cache holds and stop when it differs. */
static void check_hit(struct rq *rq, struct job_version v, size_t from)
{
    struct job_view *view;
    struct buf fresh;
    size_t n, head;

    if (!rq->api->check_cache || store_jobs_load(rq->call.db, &v.id, 1, true, &view, &n) != ERR_OK)
        return;
    buf_init(&fresh, 256u << 20);
    render(&fresh, view, &head);
    struct str cached = {rq->http->out.p + from, rq->http->out.n - from};
    if (n != 1 || !str_eq(cached, buf_str(&fresh))) {
        log_error("api", "the job cache is stale for job %lld", (long long)v.id);
        abort();
    }
    buf_finish(&fresh);
}

struct jobs_info_in {
    int64_t id;
    struct opt_bool entities;
};
const struct field jobs_info_fields[] = {
    F_ID(REQUIRED, struct jobs_info_in, id, "id", "the job"),
    F_BOOL(
        OPTIONAL, struct jobs_info_in, entities, "withEntities",
        "false: without \"entities\" and with meta.entityIds empty, which costs the same for jobs"
        " of any size (default true)"),
    F_END};

static enum err put_head(struct rq *rq, int64_t id)
{
    struct job_view *v;
    size_t n;
    enum err e = store_jobs_load(rq->call.db, &id, 1, false, &v, &n);

    if (e != ERR_OK || n == 0)
        return e != ERR_OK ? e : ERR_NOT_FOUND;
    put_job_head(&rq->out, v);
    json_obj_end(&rq->out);
    return ERR_OK;
}

enum err jobs_info(struct rq *rq, const void *input)
{
    const struct jobs_info_in *in = input;
    const struct access *at = &rq->call.at;
    struct job_version version = {in->id, at->job_rev, at->names_epoch};
    struct buf *out = &rq->http->out;
    struct job_view *v;
    size_t n, head, from = out->n;

    if (in->entities.set && !in->entities.v)
        return put_head(rq, in->id);
    if (job_cache_append(rq->api->job_cache, version, true, out)) {
        check_hit(rq, version, from);
        return ERR_OK;
    }
    if (at->images_count > INLINE_ENTITIES_MAX && !rq->heavy)
        return RQ_HEAVY;
    enum err e = store_jobs_load(rq->call.db, &in->id, 1, true, &v, &n);
    if (e != ERR_OK || n == 0)
        return e != ERR_OK ? e : ERR_NOT_FOUND;
    struct str json = render(out, v, &head);
    job_cache_put(rq->api->job_cache, version, json, head);
    return ERR_OK;
}

/* ---- lists ---- */

struct jobs_list_in {
    int64_t team_id;
    struct opt_bool show_disabled;
    struct strs fields;
    struct list_args list;
};
const struct field jobs_list_fields[] = {
    F_ID(REQUIRED, struct jobs_list_in, team_id, "teamId", "the team"),
    F_BOOL(OPTIONAL, struct jobs_list_in, show_disabled, "showDisabled",
           "true: archived jobs too (default false)"),
    F_STRS(OPTIONAL, struct jobs_list_in, fields, "fields", 100,
           "names of fields wanted; without \"entities\" among them these are left out"),
    LIST_FIELDS(struct jobs_list_in, list), F_END};

/* A row of the list and, when the cache did not have it, its JSON. */
struct job_row {
    struct job_version version;
    struct str json; /* arena */
    size_t head;
};

static bool wants_entities(const struct strs *fields)
{
    for (size_t i = 0; i < fields->n; i++)
        if (str_is(fields->v[i], "entities"))
            return true;
    return fields->n == 0;
}

static int compare_row_id(const void *key, const void *row)
{
    int64_t id = *(const int64_t *)key, other = (*(struct job_row *const *)row)->version.id;

    return (id > other) - (id < other);
}

static int compare_rows(const void *a, const void *b)
{
    return compare_row_id(&(*(struct job_row *const *)a)->version.id, b);
}

/* Render the rows that the cache does not have, all of them with three queries. */
static enum err load_missing(struct rq *rq, struct job_row *rows, size_t n)
{
    int64_t *ids = arena_array(rq->call.arena, n, sizeof *ids);
    struct job_row **missing = arena_array(rq->call.arena, n, sizeof *missing);
    struct job_view *views;
    struct buf scratch;
    size_t m = 0, views_len;

    if (ids == NULL || missing == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (rows[i].json.p == NULL && !job_cache_has(rq->api->job_cache, rows[i].version))
            missing[m++] = &rows[i];
    qsort(missing, m, sizeof *missing, compare_rows); /* views come ordered by id */
    for (size_t i = 0; i < m; i++)
        ids[i] = missing[i]->version.id;
    enum err e = store_jobs_load(rq->call.db, ids, m, true, &views, &views_len);
    buf_init(&scratch, 256u << 20);
    for (size_t i = 0; e == ERR_OK && i < views_len; i++) {
        struct job_row **found =
            bsearch(&views[i].job.id, missing, m, sizeof *missing, compare_row_id);
        struct job_row *row = found ? *found : NULL;

        if (row == NULL)
            continue;
        row->json = arena_str(rq->call.arena, render(&scratch, &views[i], &row->head));
        if (row->json.p == NULL)
            e = ERR_NOMEM;
        else
            job_cache_put(rq->api->job_cache, row->version, row->json, row->head);
    }
    buf_finish(&scratch);
    return e;
}

static enum err put_rows(struct rq *rq, struct job_row *rows, size_t n, bool entities)
{
    struct buf *out = &rq->http->out;
    enum err e = ERR_OK;

    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        size_t from = out->n + (i > 0);

        if (i > 0)
            buf_add_char(out, ',');
        if (rows[i].json.p == NULL &&
            job_cache_append(rq->api->job_cache, rows[i].version, entities, out)) {
            if (entities)
                check_hit(rq, rows[i].version, from);
            continue;
        }
        if (rows[i].json.p == NULL)
            e = load_missing(rq, rows + i, n - i);
        if (e == ERR_OK && rows[i].json.p == NULL)
            e = ERR_INTERNAL; /* listed and loaded in one snapshot: cannot be missing */
        if (e != ERR_OK)
            break;
        buf_add(out, rows[i].json.p, entities ? rows[i].json.n : rows[i].head);
        if (!entities)
            buf_add_char(out, '}');
    }
    rq->out.comma = n > 0;
    return e;
}

static struct list choose_list(struct rq *rq, const struct jobs_list_in *in)
{
    unsigned perms = rq->call.at.perms;

    if (perms & PERM_JOB_ALL)
        return LIST_MAKE(rq->call.db, in->show_disabled.v ? LIST_JOBS_ARCHIVED_TOO : LIST_JOBS,
                         in->team_id);
    return LIST_MAKE(rq->call.db, LIST_JOBS_OWN, in->team_id, in->show_disabled.v,
                     rq->call.me.user_id, (perms & PERM_JOB_CREATE) != 0);
}

enum err jobs_list(struct rq *rq, const void *input)
{
    const struct jobs_list_in *in = input;
    struct list l = choose_list(rq, in);
    struct list_query query = {0};
    struct job_row *rows = NULL;
    size_t n = 0, cap = 0;
    int64_t epoch = 0;
    enum err e = list_args_query(&rq->call, &in->list, PER_PAGE_DEFAULT, &query);

    if (e == ERR_OK)
        e = store_names_epoch(rq->call.db, &epoch);
    if (e == ERR_OK)
        e = list_open(&l, &query, &rq->call.fault);
    if (e != ERR_OK)
        return e;
    while (list_next(&l) &&
           (rows = arena_room(rq->call.arena, rows, n, &cap, sizeof *rows)) != NULL)
        rows[n++] = (struct job_row){
            .version = {db_col_i64(l.q, 0), db_col_i64(l.q, 1), epoch},
        };
    e = list_close(&l);
    if (e != ERR_OK)
        return e;
    list_envelope(&rq->out, &l);
    e = put_rows(rq, rows, rows ? n : 0, wants_entities(&in->fields));
    list_envelope_end(&rq->out, &l);
    return e;
}

/* ---- create ---- */

struct jobs_add_in {
    int64_t dataset_id, reviewer_id, src_job_id;
    struct str name, readme, description;
    struct ids user_ids, additional_dataset_ids;
    struct json_value *custom_data, *meta;
};
const struct field jobs_add_fields[] = {
    F_STR(REQUIRED, struct jobs_add_in, name, "name", 255, "without / and \\"),
    F_ID(REQUIRED, struct jobs_add_in, dataset_id, "datasetId", "dataset with the images"),
    F_IDS(REQUIRED, struct jobs_add_in, user_ids, "userIds", 1000,
          "labelers, members of the team; a job for each"),
    F_STR(OPTIONAL, struct jobs_add_in, readme, "readme", 200000, "instructions in markdown"),
    F_STR(OPTIONAL, struct jobs_add_in, description, "description", 255, "short text"),
    F_ID(OPTIONAL, struct jobs_add_in, reviewer_id, "reviewerId", "who reviews"),
    F_IDS(OPTIONAL, struct jobs_add_in, additional_dataset_ids, "additionalDatasetIds", 1000,
          "more datasets of the project; jobs for each"),
    F_OBJ(OPTIONAL, struct jobs_add_in, custom_data, "customData", "kept as it is sent"),
    F_ID(OPTIONAL, struct jobs_add_in, src_job_id, "srcJobId", "the job this one is a copy of"),
    F_OBJ(OPTIONAL, struct jobs_add_in, meta, "meta",
          "classes, projectTags, readOnlyTags (names; none = all), imageTags and imageClasses"
          " [{name, positive}] choose images, entityIds (none = the whole dataset), range {start, "
          "end}, imageFiguresLimit,"
          " imageTagsLimit, imageTagsMinLimit (0 = none), figuresVisibility and tagsVisibility"
          " (all; own: the labeler sees only what they made), guide, dynamicClasses, dynamicTags,"
          " allowRestore (a removed job of this name in the dataset comes back as it was),"
          " disableConfirm, disableSubmit, enableIntermediateReview; other keys are kept"),
    F_END};

enum err jobs_add(struct rq *rq, const void *input)
{
    const struct jobs_add_in *in = input;
    struct job_new n = {
        .name = in->name,
        .readme = in->readme,
        .description = in->description,
        .user_ids = in->user_ids.v,
        .user_ids_len = in->user_ids.n,
        .more_dataset_ids = in->additional_dataset_ids.v,
        .more_dataset_ids_len = in->additional_dataset_ids.n,
        .reviewer_id = in->reviewer_id,
        .src_job_id = in->src_job_id,
        .custom_data = in->custom_data,
        .meta = in->meta,
    };
    struct access at = rq->call.at;
    struct job_created *jobs;
    size_t len;
    enum err e = ERR_OK;

    if (in->src_job_id)
        e = rq_access(rq, ACCESS_JOB, in->src_job_id, PERM_JOB_VIEW, "srcJobId");
    rq->call.at = at;
    if (e == ERR_OK)
        e = job_create(&rq->call, &n, &jobs, &len);
    return e == ERR_OK ? rq_put_created(rq, jobs, len) : e;
}

enum err rq_put_created(struct rq *rq, const struct job_created *jobs, size_t len)
{
    json_arr(&rq->out);
    for (size_t i = 0; i < len; i++) {
        json_obj(&rq->out);
        json_kv_i64(&rq->out, "id", jobs[i].id);
        json_kv_i64(&rq->out, "userId", jobs[i].user_id);
        json_kv_lit(&rq->out, "type", "annotation");
        json_kv_str(&rq->out, "name", jobs[i].name);
        json_obj_end(&rq->out);
    }
    json_arr_end(&rq->out);
    return ERR_OK;
}

/* ---- change ---- */

static enum err done(struct rq *rq, enum err e)
{
    return e == ERR_OK ? rq_success(rq) : e;
}

struct jobs_set_status_in {
    int64_t id;
    struct str status;
};
const struct field jobs_set_status_fields[] = {
    F_ID(REQUIRED, struct jobs_set_status_in, id, "id", "the job"),
    F_STR(REQUIRED, struct jobs_set_status_in, status, "status", 32,
          "pending, in_progress, on_review, review_completed, completed or stopped"),
    F_END};

enum err jobs_set_status(struct rq *rq, const void *input)
{
    const struct jobs_set_status_in *in = input;

    return done(rq, job_set_status(&rq->call, in->id, in->status));
}

const struct field jobs_stop_fields[] = {JOB_FIELD, F_END};

enum err jobs_stop(struct rq *rq, const void *input)
{
    return done(rq, job_set_status(&rq->call, ((const struct job_in *)input)->id, STR("stopped")));
}

const struct field jobs_pause_fields[] = {JOB_FIELD, F_END};

enum err jobs_pause(struct rq *rq, const void *input)
{
    return jobs_stop(rq, input);
}

const struct field jobs_archive_fields[] = {JOB_FIELD, F_END};

enum err jobs_archive(struct rq *rq, const void *input)
{
    return done(rq, job_set_disabled(&rq->call, ((const struct job_in *)input)->id, true));
}

struct jobs_bulk_in {
    struct ids ids;
};
#define JOBS_FIELD F_IDS(REQUIRED, struct jobs_bulk_in, ids, "ids", IDS_MAX, "the jobs")

static enum err set_disabled_all(struct rq *rq, const struct jobs_bulk_in *in, bool disabled)
{
    enum err e = ERR_OK;

    for (size_t i = 0; i < in->ids.n && e == ERR_OK; i++) {
        if (in->ids.v[i] == 0)
            return fail(&rq->call, ERR_NOT_FOUND, "ids", "ids[%zu] is a job that was removed", i);
        e = job_set_disabled(&rq->call, in->ids.v[i], disabled);
    }
    return done(rq, e);
}

const struct field jobs_bulk_archive_fields[] = {JOBS_FIELD, F_END};

enum err jobs_bulk_archive(struct rq *rq, const void *input)
{
    return set_disabled_all(rq, input, true);
}

const struct field jobs_bulk_unarchive_fields[] = {JOBS_FIELD, F_END};

enum err jobs_bulk_unarchive(struct rq *rq, const void *input)
{
    return set_disabled_all(rq, input, false);
}

const struct field jobs_bulk_remove_fields[] = {JOBS_FIELD, F_END};

enum err jobs_bulk_remove(struct rq *rq, const void *input)
{
    const struct jobs_bulk_in *in = input;
    enum err e = ERR_OK;

    for (size_t i = 0; i < in->ids.n && e == ERR_OK; i++) {
        bool twice = in->ids.v[i] == 0; /* removed by an earlier call, or named twice in this one */

        for (size_t k = 0; k < i; k++)
            twice = twice || in->ids.v[k] == in->ids.v[i];
        if (!twice)
            e = job_remove(&rq->call, in->ids.v[i]);
    }
    return done(rq, e);
}

struct jobs_edit_info_in {
    int64_t id, user_id, reviewer_id;
    struct json_value *custom_data, *meta;
};
const struct field jobs_edit_info_fields[] = {
    F_ID(REQUIRED, struct jobs_edit_info_in, id, "id", "the job"),
    F_ID(OPTIONAL, struct jobs_edit_info_in, user_id, "userId", "new labeler"),
    F_ID(OPTIONAL, struct jobs_edit_info_in, reviewer_id, "reviewerId", "new reviewer"),
    F_OBJ(OPTIONAL, struct jobs_edit_info_in, custom_data, "customData", "replaces the old"),
    F_OBJ(OPTIONAL, struct jobs_edit_info_in, meta, "meta",
          "disableConfirm, disableSubmit, enableIntermediateReview, toolboxSettings"),
    F_END};

enum err jobs_edit_info(struct rq *rq, const void *input)
{
    const struct jobs_edit_info_in *in = input;
    struct job_change change = {
        .custom_data = in->custom_data,
        .meta = in->meta,
        .user_id = in->user_id,
        .reviewer_id = in->reviewer_id,
    };

    return done(rq, job_edit(&rq->call, in->id, &change));
}

struct jobs_entities_update_review_status_in {
    int64_t job_id, entity_id, figure_id;
    struct str status, comment;
};
const struct field jobs_entities_update_review_status_fields[] = {
    F_ID(REQUIRED, struct jobs_entities_update_review_status_in, job_id, "jobId", "the job"),
    F_ID(REQUIRED, struct jobs_entities_update_review_status_in, entity_id, "entityId",
         "image of the job"),
    F_STR(REQUIRED, struct jobs_entities_update_review_status_in, status, "status", 32,
          "none, done, accepted, rejected or quality_check_accepted"),
    F_STR(OPTIONAL, struct jobs_entities_update_review_status_in, comment, "comment",
          DESCRIPTION_CHARS_MAX, "why; kept for jobs.comments.list"),
    F_ID(OPTIONAL, struct jobs_entities_update_review_status_in, figure_id, "figureId",
         "the figure that the comment is about"),
    F_END};

enum err jobs_entities_update_review_status(struct rq *rq, const void *input)
{
    const struct jobs_entities_update_review_status_in *in = input;
    const struct verdict_comment comment = {in->comment, in->figure_id};

    return done(rq,
                job_set_entity_status(&rq->call, in->job_id, in->entity_id, in->status, &comment));
}
