/* Reading typed filters of images and figures. */
#include "api/image_filters.h"

#include <stdio.h>

#include "json/json_write.h"

#define COUNT_MAX 1000000000

/* One element: its data, and where a predicate made of it goes. */
struct filter {
    struct rq *rq;
    struct json_value *data;
    size_t index;
    struct list_predicate *out;
    size_t *out_len;
};

static enum err wrong(const struct filter *f, const char *key, const char *what)
{
    char field[48];

    snprintf(field, sizeof field, "filters[%zu].data.%s", f->index, key);
    return fail(&f->rq->call, ERR_INVALID, field, "\"%s\" %s", field, what);
}

static struct json_value *member(const struct filter *f, const char *key)
{
    struct json_value *v = json_get(f->rq->call.arena, f->data, key);

    return v && v->type != JSON_NULL ? v : NULL;
}

static enum err get_int(const struct filter *f, const char *key, int64_t otherwise, int64_t *out)
{
    struct json_value *v = member(f, key);

    *out = otherwise;
    if (v == NULL)
        return ERR_OK;
    if (v->type != JSON_INT || v->i < 0)
        return wrong(f, key, "must be an integer");
    *out = v->i;
    return ERR_OK;
}

/* "include": false turns the condition round. */
static bool excludes(const struct filter *f)
{
    struct json_value *v = member(f, "include");

    return v && v->type == JSON_BOOL && !v->b;
}

static struct list_value number(int64_t i)
{
    return (struct list_value){.kind = LIST_INT, .i = i};
}

static struct list_value text(struct str s)
{
    return (struct list_value){.kind = LIST_TEXT, .s = s};
}

static enum err add(const struct filter *f, struct list_predicate p)
{
    if (*f->out_len == PREDICATES_MAX)
        return fail(&f->rq->call, ERR_INVALID, "filters", "at most %d filters", PREDICATES_MAX);
    f->out[(*f->out_len)++] = p;
    return ERR_OK;
}

/* ---- one reader for each type ---- */

static enum err by_name(const struct filter *f)
{
    struct json_value *v = member(f, "value");
    struct buf pattern;
    struct str like;

    if (v == NULL || v->type != JSON_STR)
        return wrong(f, "value", "must be a part of a name");
    buf_init(&pattern, 4096);
    buf_add_char(&pattern, '%');
    for (size_t i = 0; i < v->s.n; i++) {
        if (strchr("%_\\", v->s.p[i]))
            buf_add_char(&pattern, '\\');
        buf_add_char(&pattern, v->s.p[i]);
    }
    buf_add_char(&pattern, '%');
    like = pattern.failed ? STR_NULL : arena_str(f->rq->call.arena, buf_str(&pattern));
    buf_finish(&pattern);
    if (like.p == NULL)
        return wrong(f, "value", "is too long");
    return add(f, (struct list_predicate){PREDICATE_IMAGE_NAME_LIKE, excludes(f), {text(like)}});
}

/* The JSON text of a wanted value, "" for any. */
static struct list_value value_of(const struct filter *f)
{
    struct json_value *v = member(f, "value");

    return text(v ? v->raw : STR(""));
}

/* One tag as tagId, or several as tags: [{tagId}], of which each must hold. */
static enum err by_tag(const struct filter *f, enum predicate_id id)
{
    struct json_value *tags = member(f, "tags");
    int64_t tag = 0;
    enum err e = ERR_OK;

    if (tags == NULL) {
        e = get_int(f, "tagId", 0, &tag);
        return e == ERR_OK
                   ? add(f, (struct list_predicate){id, excludes(f), {number(tag), value_of(f)}})
                   : e;
    }
    for (struct json_value *v = json_first(f->rq->call.arena, tags); v && e == ERR_OK;
         v = v->next) {
        struct filter one = *f;

        one.data = v;
        e = get_int(&one, "tagId", 0, &tag);
        if (e == ERR_OK)
            e = add(f, (struct list_predicate){id, excludes(f), {number(tag), value_of(&one)}});
    }
    return e;
}

static enum err image_tag(const struct filter *f)
{
    return by_tag(f, PREDICATE_IMAGE_HAS_TAG);
}

static enum err figure_tag(const struct filter *f)
{
    return by_tag(f, PREDICATE_FIGURE_HAS_TAG);
}

/* from and to: how many objects. */
static enum err get_range(const struct filter *f, int64_t *from, int64_t *to)
{
    enum err e = get_int(f, "from", 1, from);

    return e == ERR_OK ? get_int(f, "to", COUNT_MAX, to) : e;
}

static enum err objects_tag(const struct filter *f)
{
    int64_t tag = 0, from = 1, to = COUNT_MAX;
    enum err e = get_range(f, &from, &to);

    if (e == ERR_OK)
        e = get_int(f, "tagId", 0, &tag);
    return e == ERR_OK
               ? add(f,
                     (struct list_predicate){PREDICATE_IMAGE_OBJECTS_TAGGED,
                                             excludes(f),
                                             {number(tag), value_of(f), number(from), number(to)}})
               : e;
}

static enum err objects_class(const struct filter *f)
{
    int64_t class = 0, from = 1, to = COUNT_MAX;
    enum err e = get_range(f, &from, &to);

    if (e == ERR_OK)
        e = get_int(f, "classId", 0, &class);
    return e == ERR_OK ? add(f, (struct list_predicate){PREDICATE_IMAGE_OBJECTS_OF_CLASS,
                                                        excludes(f),
                                                        {number(class), number(from), number(to)}})
                       : e;
}

static enum err figure_class(const struct filter *f)
{
    int64_t class = 0;
    enum err e = get_int(f, "classId", 0, &class);

    return e == ERR_OK ? add(f, (struct list_predicate){PREDICATE_FIGURE_OF_CLASS,
                                                        excludes(f),
                                                        {number(class)}})
                       : e;
}

static enum err objects_annotator(const struct filter *f)
{
    int64_t user = 0, from = 1, to = COUNT_MAX;
    enum err e = get_range(f, &from, &to);

    if (e == ERR_OK)
        e = get_int(f, "userId", 0, &user);
    return e == ERR_OK ? add(f, (struct list_predicate){PREDICATE_IMAGE_OBJECTS_BY,
                                                        excludes(f),
                                                        {number(user), number(from), number(to)}})
                       : e;
}

static enum err by_user(const struct filter *f, enum predicate_id id)
{
    int64_t user = 0;
    enum err e = get_int(f, "userId", 0, &user);

    if (e == ERR_OK && user == 0)
        return wrong(f, "userId", "is required");
    return e == ERR_OK ? add(f, (struct list_predicate){id, excludes(f), {number(user)}}) : e;
}

static enum err tagged_by(const struct filter *f)
{
    return by_user(f, PREDICATE_IMAGE_TAGGED_BY);
}

static enum err figure_by(const struct filter *f)
{
    return by_user(f, PREDICATE_FIGURE_BY);
}

static enum err of_job(const struct filter *f)
{
    struct json_value *statuses = member(f, "status");
    struct access before = f->rq->call.at;
    int64_t job = 0;
    enum err e = get_int(f, "jobId", 0, &job);

    if (e == ERR_OK && job == 0)
        return wrong(f, "jobId", "is required");
    if (e == ERR_OK && statuses && statuses->type != JSON_ARR)
        return wrong(f, "status", "must be an array of review statuses");
    if (e == ERR_OK)
        e = rq_access(f->rq, ACCESS_JOB, job, PERM_JOB_VIEW, "filters");
    f->rq->call.at = before;
    if (e != ERR_OK)
        return e;
    bool any = json_count(f->rq->call.arena, statuses) == 0;
    return add(f, (struct list_predicate){
                      PREDICATE_IMAGE_OF_JOB,
                      excludes(f),
                      {number(job), text(statuses ? statuses->raw : STR("[]")), number(any)}});
}

/* threshold: only what scores above it, or below. */
static enum err get_threshold(const struct filter *f, int64_t *side, struct str *number)
{
    struct json_value *v = member(f, "threshold"), *direction = member(f, "thresholdDirection");

    *side = 0;
    *number = STR("0");
    if (v == NULL)
        return ERR_OK;
    if (v->type != JSON_INT && v->type != JSON_REAL)
        return wrong(f, "threshold", "must be a number");
    *side = 1;
    *number = v->raw;
    if (direction == NULL || (direction->type == JSON_STR && str_is(direction->s, "above")))
        return ERR_OK;
    if (direction->type != JSON_STR || !str_is(direction->s, "below"))
        return wrong(f, "thresholdDirection", "must be \"above\" or \"below\"");
    *side = 2;
    return ERR_OK;
}

static enum err in_collection(const struct filter *f)
{
    struct access before = f->rq->call.at;
    struct str threshold;
    int64_t id = 0, side;
    enum err e = get_int(f, "collectionId", 0, &id);

    if (e == ERR_OK && id == 0)
        return wrong(f, "collectionId", "is required");
    if (e == ERR_OK)
        e = get_threshold(f, &side, &threshold);
    if (e == ERR_OK)
        e = rq_access(f->rq, ACCESS_COLLECTION, id, PERM_VIEW, "filters");
    f->rq->call.at = before;
    return e == ERR_OK
               ? add(f, (struct list_predicate){PREDICATE_IMAGE_IN_COLLECTION,
                                                excludes(f),
                                                {number(id), number(side), text(threshold)}})
               : e;
}

static enum err issues_count(const struct filter *f)
{
    struct json_value *status = member(f, "status");
    int64_t from = 1, to = COUNT_MAX;
    enum err e = get_range(f, &from, &to);

    if (e == ERR_OK && status &&
        (status->type != JSON_STR || !(str_is(status->s, "open") || str_is(status->s, "closed"))))
        return wrong(f, "status", "must be \"open\" or \"closed\"");
    return e == ERR_OK ? add(f, (struct list_predicate){PREDICATE_IMAGE_ISSUES,
                                                        excludes(f),
                                                        {number(from), number(to),
                                                         text(status ? status->s : STR(""))}})
                       : e;
}

static const struct filter_type {
    const char *name;
    bool figures;
    enum err (*read)(const struct filter *f);
} types[] = {
    {"images_filename", false, by_name},
    {"images_tag", false, image_tag},
    {"objects_tag", false, objects_tag},
    {"objects_class", false, objects_class},
    {"objects_annotator", false, objects_annotator},
    {"tagged_by_annotator", false, tagged_by},
    {"issues_count", false, issues_count},
    {"job", false, of_job},
    {"entities_collection", false, in_collection},
    {"entities_ai_search_collection", false, in_collection},
    {"objects_class", true, figure_class},
    {"objects_tag", true, figure_tag},
    {"objects_annotator", true, figure_by},
};

/* Where a labeler sees only what they made, conditions on what others made would tell of it. */
static enum err check_sight(const struct filter *f, const struct filter_type *t, const char *field)
{
    const struct sight *s = &f->rq->call.sight;
    bool objects = strncmp(t->name, "objects_", 8) == 0 && !t->figures && s->figures_by;
    bool tags = strstr(t->name, "tag") && s->tags_by;

    if (objects || tags)
        return fail(&f->rq->call, ERR_INVALID, field,
                    "this job shows you only what you made: no filter \"%s\"", t->name);
    return ERR_OK;
}

static enum err read_one(struct filter *f, struct json_value *v, bool figures)
{
    struct arena *a = f->rq->call.arena;
    struct json_value *type = json_get(a, v, "type");
    char field[48];

    f->data = json_get(a, v, "data");
    snprintf(field, sizeof field, "filters[%zu]", f->index);
    if (type == NULL || type->type != JSON_STR || f->data == NULL || f->data->type != JSON_OBJ)
        return fail(&f->rq->call, ERR_INVALID, field, "a filter needs \"type\" and \"data\"");
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i].figures == figures && str_is(type->s, types[i].name))
            return check_sight(f, &types[i], field) == ERR_OK ? types[i].read(f) : ERR_INVALID;
    return fail(&f->rq->call, ERR_INVALID, field, "there is no filter \"%.*s\" here",
                STR_CUT(type->s, 60));
}

enum err image_filters_read(struct rq *rq, struct json_value *filters, bool figures,
                            struct list_query *query)
{
    struct list_predicate *list = arena_array(rq->call.arena, PREDICATES_MAX, sizeof *list);
    struct filter f = {.rq = rq, .out = list, .out_len = &query->predicates_len};
    enum err e = ERR_OK;

    if (list == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *v = json_first(rq->call.arena, filters); v && e == ERR_OK;
         v = v->next, f.index++)
        e = read_one(&f, v, figures);
    query->predicates = list;
    return e;
}
