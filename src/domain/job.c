/* Creating and editing jobs: what meta may hold, which images a job takes, how they are shared. */
#include "domain/job_int.h"

#include <stdlib.h>

#include "domain/guide.h"
#include "domain/meta.h"
#include "domain/queue.h"
#include "store/store_job_count.h"
#include "store/store_project.h"
#include "store/store_team.h"
#include "json/json_merge.h"

#define USERS_MAX      1000
#define ENTITIES_MAX   1000000
#define NUMBER_MAX     1000000000
#define META_BYTES_MAX (1u << 20)

static struct json_value *member(struct call *c, struct json_value *meta, const char *key)
{
    struct json_value *v = json_get(c->arena, meta, key);

    return v && v->type == JSON_NULL ? NULL : v;
}

static enum err get_number(struct call *c, struct json_value *v, const char *field, int64_t min,
                           int64_t *out)
{
    *out = 0;
    if (v == NULL || v->type == JSON_NULL)
        return ERR_OK;
    if (v->type != JSON_INT || v->i < min || v->i > NUMBER_MAX)
        return fail(c, ERR_INVALID, field, "\"%s\" must be an integer of at least %lld", field,
                    (long long)min);
    *out = v->i;
    return ERR_OK;
}

static enum err get_flag(struct call *c, struct json_value *meta, const char *key, bool *out)
{
    struct json_value *v = member(c, meta, key);

    if (v && v->type != JSON_BOOL)
        return fail(c, ERR_INVALID, key, "\"meta.%s\" must be a boolean", key);
    *out = v && v->b;
    return ERR_OK;
}

/* "all" (default) or "own": what of an image the labeler sees. */
static enum err get_visibility(struct call *c, struct json_value *meta, const char *key, bool *out)
{
    struct json_value *v = member(c, meta, key);

    if (v && (v->type != JSON_STR || !(str_is(v->s, "all") || str_is(v->s, "own"))))
        return fail(c, ERR_INVALID, key, "\"meta.%s\" must be \"all\" or \"own\"", key);
    *out = v && str_is(v->s, "own");
    return ERR_OK;
}

/* A guide comes as a number or, from some clients, as its digits. */
static enum err get_guide(struct call *c, struct json_value *v, int64_t *out)
{
    if (v && v->type == JSON_STR && str_to_i64(v->s, out) && *out > 0)
        return ERR_OK;
    return get_number(c, v, "meta.guide", 1, out);
}

static enum err add_label(struct call *c, struct job_plan *p, struct job_label l)
{
    p->labels = arena_room(c->arena, p->labels, p->labels_len, &p->labels_cap, sizeof l);
    if (p->labels == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < p->labels_len; i++)
        if (p->labels[i].kind == l.kind && p->labels[i].ref_id == l.ref_id)
            return ERR_OK; /* named twice */
    p->labels[p->labels_len++] = l;
    return ERR_OK;
}

/* Id of the class or tag with this name; 0: the project has none. */
static int64_t find_definition(const struct meta *m, enum job_label_kind kind, struct str name)
{
    bool class = kind == JOB_CLASS || kind == JOB_IMAGE_CLASS;

    for (size_t i = 0; class && i < m->classes_len; i++)
        if (str_eq(m->classes[i].name, name))
            return m->classes[i].id;
    for (size_t i = 0; !class && i < m->tags_len; i++)
        if (str_eq(m->tags[i].name, name))
            return m->tags[i].id;
    return 0;
}

static enum err add_named(struct call *c, struct job_plan *p, const struct meta *m,
                          struct job_label l, struct json_value *name, const char *field)
{
    if (name == NULL || name->type != JSON_STR)
        return fail(c, ERR_INVALID, field, "\"%s\" must hold names", field);
    l.ref_id = find_definition(m, l.kind, name->s);
    if (l.ref_id == 0)
        return fail(c, ERR_INVALID, field, "the project has no %s \"" STR_FMT "\"",
                    l.kind == JOB_CLASS || l.kind == JOB_IMAGE_CLASS ? "class" : "tag",
                    STR_ARG(name->s));
    return add_label(c, p, l);
}

static enum err get_names(struct call *c, struct job_plan *p, const struct meta *m,
                          enum job_label_kind kind, struct json_value *list, const char *field)
{
    enum err e = ERR_OK;

    if (list && list->type != JSON_ARR)
        return fail(c, ERR_INVALID, field, "\"%s\" must be an array of names", field);
    for (struct json_value *v = json_first(c->arena, list); v && e == ERR_OK; v = v->next)
        e = add_named(c, p, m, (struct job_label){.kind = kind, .positive = true}, v, field);
    return e;
}

/* [{name, positive}]: only images with all the positive and none of the negative tags. */
static enum err get_image_tags(struct call *c, struct job_plan *p, const struct meta *m,
                               struct json_value *list)
{
    const char *field = "meta.imageTags";
    enum err e = ERR_OK;

    if (list && list->type != JSON_ARR)
        return fail(c, ERR_INVALID, field, "\"%s\" must be an array", field);
    for (struct json_value *v = json_first(c->arena, list); v && e == ERR_OK; v = v->next) {
        struct json_value *positive = json_get(c->arena, v, "positive");

        if (positive == NULL || positive->type != JSON_BOOL)
            return fail(c, ERR_INVALID, field, "every image tag needs a boolean \"positive\"");
        e = add_named(c, p, m, (struct job_label){.kind = JOB_IMAGE_TAG, .positive = positive->b},
                      json_get(c->arena, v, "name"), field);
    }
    return e;
}

/* The same for classes of objects; a name alone is one that must be there. */
static enum err get_image_classes(struct call *c, struct job_plan *p, const struct meta *m,
                                  struct json_value *list)
{
    const char *field = "meta.imageClasses";
    enum err e = ERR_OK;

    if (list && list->type != JSON_ARR)
        return fail(c, ERR_INVALID, field, "\"%s\" must be an array", field);
    for (struct json_value *v = json_first(c->arena, list); v && e == ERR_OK; v = v->next) {
        struct json_value *positive = json_get(c->arena, v, "positive");
        bool wanted = positive == NULL || (positive->type == JSON_BOOL && positive->b);

        if (positive && positive->type != JSON_BOOL)
            return fail(c, ERR_INVALID, field, "\"positive\" must be a boolean");
        e = add_named(c, p, m, (struct job_label){.kind = JOB_IMAGE_CLASS, .positive = wanted},
                      v->type == JSON_STR ? v : json_get(c->arena, v, "name"), field);
    }
    return e;
}

static enum err get_entity_ids(struct call *c, struct job_plan *p, struct json_value *list)
{
    const char *field = "meta.entityIds";

    if (list && list->type != JSON_ARR)
        return fail(c, ERR_INVALID, field, "\"%s\" must be an array of image ids", field);
    size_t n = json_count(c->arena, list);
    if (n == 0)
        return ERR_OK;
    if (n > ENTITIES_MAX)
        return fail(c, ERR_INVALID, field, "\"%s\" holds at most %d ids", field, ENTITIES_MAX);
    p->entity_ids = arena_array(c->arena, n, sizeof *p->entity_ids);
    if (p->entity_ids == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *v = json_first(c->arena, list); v; v = v->next) {
        if (v->type != JSON_INT || v->i < 1)
            return fail(c, ERR_INVALID, field, "\"%s\" must hold image ids", field);
        p->entity_ids[p->entity_ids_len++] = v->i;
    }
    p->job.by_ids = true;
    return ERR_OK;
}

static enum err get_range(struct call *c, struct job_plan *p, struct json_value *range)
{
    if (range && range->type != JSON_OBJ)
        return fail(c, ERR_INVALID, "meta.range", "\"meta.range\" must be {start, end}");
    enum err e = get_number(c, json_get(c->arena, range, "start"), "meta.range.start", 1,
                            &p->job.range_start);
    if (e == ERR_OK)
        e = get_number(c, json_get(c->arena, range, "end"), "meta.range.end", 1, &p->job.range_end);
    if (e == ERR_OK && p->job.range_end != 0 && p->job.range_end < p->job.range_start)
        return fail(c, ERR_INVALID, "meta.range.end", "the range ends before it starts");
    return e;
}

/* Keys of meta that become columns or labels; all others are kept as they came. */
static const char *const known_keys[] = {
    "classes",           "projectTags",       "imageTags",
    "readOnlyTags",      "entityIds",         "range",
    "imageFiguresLimit", "imageTagsLimit",    "guide",
    "dynamicClasses",    "dynamicTags",       "allowRestore",
    "disableConfirm",    "disableSubmit",     "enableIntermediateReview",
    "imageClasses",      "imageTagsMinLimit", "figuresVisibility",
    "tagsVisibility",
};

static bool is_unknown_key(const struct json_value *v)
{
    for (size_t i = 0; i < ARRAY_LEN(known_keys); i++)
        if (str_is(v->key, known_keys[i]))
            return false;
    return true;
}

static enum err merge_more(struct call *c, struct str base, struct json_value *meta,
                           struct str *out)
{
    *out = json_merge(c->arena, base, meta, is_unknown_key, NULL, META_BYTES_MAX);
    return out->p ? ERR_OK : fail(c, ERR_TOO_LARGE, "meta", "\"meta\" is too large");
}

static enum err get_flags(struct call *c, struct job *j, struct json_value *meta)
{
    enum err e = get_flag(c, meta, "dynamicClasses", &j->dynamic_classes);

    if (e == ERR_OK)
        e = get_flag(c, meta, "dynamicTags", &j->dynamic_tags);
    if (e == ERR_OK)
        e = get_flag(c, meta, "allowRestore", &j->allow_restore);
    if (e == ERR_OK)
        e = get_flag(c, meta, "disableConfirm", &j->disable_confirm);
    if (e == ERR_OK)
        e = get_flag(c, meta, "disableSubmit", &j->disable_submit);
    if (e == ERR_OK)
        e = get_visibility(c, meta, "figuresVisibility", &j->own_figures);
    if (e == ERR_OK)
        e = get_visibility(c, meta, "tagsVisibility", &j->own_tags);
    return e == ERR_OK ? get_flag(c, meta, "enableIntermediateReview", &j->intermediate_review) : e;
}

/* How much may, and must, be on an image. 0 means no limit, as the SDK sends it. */
static enum err get_limits(struct call *c, struct job *j, struct json_value *meta)
{
    const char *min = "meta.imageTagsMinLimit";
    enum err e = get_number(c, member(c, meta, "imageFiguresLimit"), "meta.imageFiguresLimit", 0,
                            &j->figures_limit);

    if (e == ERR_OK)
        e = get_number(c, member(c, meta, "imageTagsLimit"), "meta.imageTagsLimit", 0,
                       &j->tags_limit);
    if (e == ERR_OK)
        e = get_number(c, member(c, meta, "imageTagsMinLimit"), min, 0, &j->tags_min);
    if (e == ERR_OK && j->tags_limit && j->tags_min > j->tags_limit)
        return fail(c, ERR_INVALID, min, "\"%s\" is more than \"meta.imageTagsLimit\" allows", min);
    return e;
}

static enum err read_meta(struct call *c, struct job_plan *p, const struct meta *m,
                          struct json_value *meta)
{
    struct job *j = &p->job;
    enum err e = get_names(c, p, m, JOB_CLASS, member(c, meta, "classes"), "meta.classes");

    if (e == ERR_OK)
        e = get_names(c, p, m, JOB_TAG, member(c, meta, "projectTags"), "meta.projectTags");
    if (e == ERR_OK)
        e = get_names(c, p, m, JOB_READ_ONLY_TAG, member(c, meta, "readOnlyTags"),
                      "meta.readOnlyTags");
    if (e == ERR_OK)
        e = get_image_tags(c, p, m, member(c, meta, "imageTags"));
    if (e == ERR_OK)
        e = get_image_classes(c, p, m, member(c, meta, "imageClasses"));
    if (e == ERR_OK)
        e = get_entity_ids(c, p, member(c, meta, "entityIds"));
    if (e == ERR_OK)
        e = get_range(c, p, member(c, meta, "range"));
    if (e == ERR_OK)
        e = get_limits(c, j, meta);
    if (e == ERR_OK)
        e = get_guide(c, member(c, meta, "guide"), &j->guide_id);
    if (e == ERR_OK)
        e = get_flags(c, j, meta);
    return e == ERR_OK ? merge_more(c, STR_NULL, meta, &j->meta_more) : e;
}

enum err job__collect(struct call *c, const struct job_plan *p, enum job_label_kind kind,
                      struct id_rule *out)
{
    int64_t *with = arena_array(c->arena, p->labels_len + 1, sizeof *with);
    int64_t *without = arena_array(c->arena, p->labels_len + 1, sizeof *without);

    *out = (struct id_rule){with, without, 0, 0};
    if (with == NULL || without == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < p->labels_len; i++) {
        if (p->labels[i].kind != kind)
            continue;
        if (p->labels[i].positive)
            with[out->with_len++] = p->labels[i].ref_id;
        else
            without[out->without_len++] = p->labels[i].ref_id;
    }
    return ERR_OK;
}

enum err job__member_check(struct call *c, int64_t user_id, const char *field)
{
    int64_t role;
    enum err e = store_member_role(c->db, c->at.team_id, user_id, &role);

    if (e == ERR_NOT_FOUND)
        return fail(c, ERR_INVALID, field, "user %lld is not a member of the team",
                    (long long)user_id);
    return e;
}

enum err job__users_check(struct call *c, const struct job_new *n)
{
    enum err e = ERR_OK;

    if (n->user_ids_len == 0)
        return fail(c, ERR_INVALID, "userIds", "\"userIds\" must name at least one labeler");
    if (n->user_ids_len > USERS_MAX)
        return fail(c, ERR_INVALID, "userIds", "\"userIds\" names at most %d labelers", USERS_MAX);
    for (size_t i = 0; i < n->user_ids_len && e == ERR_OK; i++) {
        for (size_t k = 0; k < i; k++)
            if (n->user_ids[k] == n->user_ids[i])
                return fail(c, ERR_INVALID, "userIds", "user %lld is named twice",
                            (long long)n->user_ids[i]);
        e = job__member_check(c, n->user_ids[i], "userIds");
    }
    return e == ERR_OK && n->reviewer_id ? job__member_check(c, n->reviewer_id, "reviewerId") : e;
}

enum err job__name_check(struct call *c, struct str name)
{
    enum err e = name_check(c, name, "name", NAME_CHARS_MAX);

    if (e == ERR_OK && (memchr(name.p, '/', name.n) || memchr(name.p, '\\', name.n)))
        return fail(c, ERR_INVALID, "name", "\"name\" must not hold / or \\");
    return e;
}

enum err job__plan(struct call *c, const struct job_new *n, struct job_plan *p)
{
    struct meta m = {0};
    enum err e = job__name_check(c, n->name);

    p->job = (struct job){
        .team_id = c->at.team_id,
        .project_id = c->at.project_id,
        .readme = or_empty(n->readme),
        .description = or_empty(n->description),
        .created_by = c->me.user_id,
        .reviewer_id = n->reviewer_id,
        .custom_data = n->custom_data ? n->custom_data->raw : STR("{}"),
        .meta_more = STR("{}"),
        .round = 1,
        .src_job_id = n->src_job_id,
    };
    if (e == ERR_OK)
        e = text_check(c, p->job.readme, "readme", README_CHARS_MAX);
    if (e == ERR_OK)
        e = text_check(c, p->job.description, "description", NAME_CHARS_MAX);
    if (e == ERR_OK)
        e = job__users_check(c, n);
    if (e == ERR_OK)
        e = meta_load(c->db, c->at.project_id, &m);
    if (e == ERR_OK)
        e = read_meta(c, p, &m, n->meta);
    if (e == ERR_OK)
        e = job__collect(c, p, JOB_IMAGE_TAG, &p->tags);
    return e == ERR_OK ? job__collect(c, p, JOB_IMAGE_CLASS, &p->classes) : e;
}

/* Keep positions start..end (1-based, inclusive) of the picked images. */
static void cut_range(const struct job *j, int64_t **ids, size_t *n)
{
    size_t start = j->range_start > 0 ? (size_t)j->range_start - 1 : 0;
    size_t end = j->range_end > 0 && (size_t)j->range_end < *n ? (size_t)j->range_end : *n;

    if (start > end)
        start = end;
    *ids += start;
    *n = end - start;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Leave those of the images that were named. */
static enum err keep_named(struct call *c, const struct job_plan *p, int64_t *ids, size_t *n)
{
    int64_t *named = arena_array(c->arena, p->entity_ids_len + 1, sizeof *named);
    size_t kept = 0;

    if (named == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    memcpy(named, p->entity_ids, p->entity_ids_len * sizeof *named);
    qsort(named, p->entity_ids_len, sizeof *named, by_id);
    for (size_t i = 0; i < *n; i++)
        if (bsearch(&ids[i], named, p->entity_ids_len, sizeof *named, by_id))
            ids[kept++] = ids[i];
    *n = kept;
    return ERR_OK;
}

enum err job__pick(struct call *c, const struct job_plan *p, int64_t dataset_id, bool one_dataset,
                   int64_t **ids, size_t *n)
{
    struct job_pick pick = {
        .dataset_id = dataset_id,
        .tags = p->tags,
        .classes = p->classes,
        .ids = p->entity_ids,
        .ids_len = p->entity_ids_len,
    };
    bool ranged = p->job.range_start > 0 || p->job.range_end > 0;
    int64_t known = 0;
    enum err e = ERR_OK;

    if (p->entity_ids && one_dataset)
        e = store_job_count_ids(c->db, &pick, &known);
    if (e == ERR_OK && p->entity_ids && one_dataset && (size_t)known != p->entity_ids_len)
        return fail(c, ERR_INVALID, "meta.entityIds",
                    "%zu of these are not (different) images of dataset %lld",
                    p->entity_ids_len - (size_t)known, (long long)dataset_id);
    if (ranged) /* its positions are those in the dataset, not among the named ones */
        pick.ids = NULL;
    if (e == ERR_OK)
        e = store_job_pick(c->db, &pick, ids, n);
    if (e == ERR_OK)
        cut_range(&p->job, ids, n);
    return e == ERR_OK && ranged && p->entity_ids ? keep_named(c, p, *ids, n) : e;
}

/* One row of job with its labels, its share of the images and its event. */
enum err job__insert(struct call *c, const struct job_plan *p, struct job *j, const int64_t *images,
                     size_t n)
{
    int64_t pos = 0;

    j->images_count = (int64_t)n;
    enum err e = store_job_insert(c->db, j, c->now_ms);
    for (size_t i = 0; i < p->labels_len && e == ERR_OK; i++) {
        struct job_label l = p->labels[i];

        l.job_id = j->id;
        e = store_job_label_insert(c->db, &l, pos++);
    }
    for (size_t i = 0; i < n && e == ERR_OK; i++)
        e = store_job_entity_insert(c->db, j->id, images[i]);
    if (e == ERR_OK)
        e = store_job_count_all(c->db, j->id);
    return e == ERR_OK ? call_event(c, (struct event){.action = "create_job",
                                                      .project_id = j->project_id,
                                                      .dataset_id = j->dataset_id,
                                                      .job_id = j->id})
                       : e;
}

/* "name", or "name (#2)" for the second of several labelers, or "name (#2) (dataset)". */
static struct str share_name(struct call *c, const struct job_new *n, size_t user,
                             struct str dataset)
{
    struct str name = n->name;

    if (n->user_ids_len > 1)
        name = arena_printf(c->arena, STR_FMT " (#%zu)", STR_ARG(name), user + 1);
    if (name.p && n->more_dataset_ids_len > 0)
        name = arena_printf(c->arena, STR_FMT " (" STR_FMT ")", STR_ARG(name), STR_ARG(dataset));
    return name;
}

/* With allowRestore a removed job of this name in the dataset comes back as it was: its images,
 * their statuses and its own stay; the people are those of the request. */
static enum err insert_or_restore(struct call *c, const struct job_plan *p, struct job *j,
                                  const int64_t *images, size_t n)
{
    bool anybodys = (c->at.perms & PERM_JOB_ALL) != 0;
    int64_t id = 0;
    enum err e = ERR_NOT_FOUND;

    if (j->allow_restore)
        e = store_job_removed_named(c->db, j, anybodys ? 0 : c->me.user_id, &id);
    if (e == ERR_NOT_FOUND)
        return job__insert(c, p, j, images, n);
    j->id = id;
    if (e == ERR_OK)
        e = store_job_bring_back(c->db, j, c->now_ms);
    return e == ERR_OK ? call_event(c, (struct event){.action = "restore_job",
                                                      .project_id = j->project_id,
                                                      .dataset_id = j->dataset_id,
                                                      .job_id = id})
                       : e;
}

/* Jobs of one dataset: a share for each labeler. *at is where in `out` the next one goes. */
static enum err create_in_dataset(struct call *c, const struct job_new *n, const struct job_plan *p,
                                  const struct dataset *d, struct job_created *out, size_t *at)
{
    int64_t *images = NULL;
    size_t total = 0, users = n->user_ids_len;
    enum err e = job__pick(c, p, d->id, n->more_dataset_ids_len == 0, &images, &total);

    if (e == ERR_OK && total < users)
        return fail(c, ERR_INVALID, p->entity_ids ? "meta.entityIds" : "datasetId",
                    total == 0 ? "No images found"
                               : "No images found for every labeler: there are"
                                 " fewer images than labelers");
    for (size_t i = 0, from = 0; i < users && e == ERR_OK; i++) {
        size_t share = total / users + (i < total % users);
        struct job j = p->job;

        j.dataset_id = d->id;
        j.user_id = n->user_ids[i];
        j.name = share_name(c, n, i, d->name);
        if (users > 1 && p->entity_ids == NULL) { /* say which part of the selection this is */
            int64_t first = p->job.range_start > 0 ? p->job.range_start : 1;

            j.range_start = first + (int64_t)from;
            j.range_end = j.range_start + (int64_t)share - 1;
        }
        e = job__name_check(c, j.name);
        if (e == ERR_OK)
            e = insert_or_restore(c, p, &j, images + from, share);
        from += share;
        out[(*at)++] = (struct job_created){.id = j.id, .user_id = j.user_id, .name = j.name};
    }
    return e;
}

/* Other datasets must be of the same project, which the caller may see already. */
static enum err load_dataset(struct call *c, int64_t id, struct dataset *out)
{
    enum err e = store_dataset_get(c->db, id, out);

    if (e == ERR_NOT_FOUND || (e == ERR_OK && out->project_id != c->at.project_id))
        return fail(c, ERR_INVALID, "additionalDatasetIds", "dataset %lld is not in this project",
                    (long long)id);
    return e;
}

enum err job_create(struct call *c, const struct job_new *n, struct job_created **out,
                    size_t *len_out)
{
    struct job_plan p = {0};
    struct dataset d;
    enum err e = job__plan(c, n, &p);

    if (e == ERR_OK)
        e = guide_check(c, p.job.guide_id, "meta.guide");
    *len_out = 0;
    *out = arena_array(c->arena, n->user_ids_len * (n->more_dataset_ids_len + 1), sizeof **out);
    if (e == ERR_OK && *out == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    if (e == ERR_OK)
        e = load_dataset(c, c->at.dataset_id, &d);
    if (e == ERR_OK)
        e = create_in_dataset(c, n, &p, &d, *out, len_out);
    for (size_t i = 0; i < n->more_dataset_ids_len && e == ERR_OK; i++) {
        e = load_dataset(c, n->more_dataset_ids[i], &d);
        if (e == ERR_OK)
            e = create_in_dataset(c, n, &p, &d, *out, len_out);
    }
    return e;
}

static enum err edit_flag(struct call *c, struct json_value *meta, const char *key, int *out)
{
    struct json_value *v = member(c, meta, key);
    bool flag = false;
    enum err e = get_flag(c, meta, key, &flag);

    *out = v ? flag : -1;
    return e;
}

/* Somebody else labels or reviews: who did so sees the job no more and is told, of that alone. */
static enum err tell_replaced(struct call *c, const struct job *j, int64_t who, int64_t by)
{
    if (who == 0 || by == 0 || who == by)
        return ERR_OK;
    return call_event(
        c, (struct event){.action = "unassign_job",
                          .project_id = j->project_id,
                          .dataset_id = j->dataset_id,
                          .job_id = j->id,
                          .meta = arena_printf(c->arena, "{\"userId\":%lld}", (long long)who)});
}

enum err job_edit(struct call *c, int64_t id, const struct job_change *change)
{
    struct job_edit edit = {
        .custom_data = change->custom_data ? change->custom_data->raw : STR_NULL,
        .user_id = change->user_id,
        .reviewer_id = change->reviewer_id,
    };
    struct job j;
    enum err e = store_job_get(c->db, id, &j);

    if (e == ERR_OK && j.queue_id && j.reviewer_id == j.user_id && edit.reviewer_id == 0)
        edit.reviewer_id = change->user_id; /* a reviewer's place in a queue */
    if (e == ERR_OK && change->user_id)
        e = job__member_check(c, change->user_id, "userId");
    if (e == ERR_OK && change->reviewer_id)
        e = job__member_check(c, change->reviewer_id, "reviewerId");
    if (e == ERR_OK)
        e = edit_flag(c, change->meta, "disableConfirm", &edit.disable_confirm);
    if (e == ERR_OK)
        e = edit_flag(c, change->meta, "disableSubmit", &edit.disable_submit);
    if (e == ERR_OK)
        e = edit_flag(c, change->meta, "enableIntermediateReview", &edit.intermediate_review);
    if (e == ERR_OK && change->meta)
        e = merge_more(c, j.meta_more, change->meta, &edit.meta_more);
    if (e == ERR_OK)
        e = store_job_edit(c->db, id, &edit, c->now_ms);
    if (e == ERR_OK && j.queue_id && change->user_id)
        e = queue_set_user(c, &j, change->user_id);
    if (e == ERR_OK)
        e = tell_replaced(c, &j, j.user_id, change->user_id);
    if (e == ERR_OK)
        e = tell_replaced(c, &j, j.reviewer_id, change->reviewer_id);
    return e == ERR_OK ? call_event(c, (struct event){.action = "update_job",
                                                      .project_id = j.project_id,
                                                      .dataset_id = j.dataset_id,
                                                      .job_id = id})
                       : e;
}
