/* Issues, their parts and comments. */
#include <stdio.h>

#include "api/rq.h"
#include "domain/issue.h"
#include "store/store_figure.h"

#define PER_PAGE_DEFAULT 500

/* ---- answers ---- */

/* A part with the binding that *p shows; images that are gone have no name. */
static void put_part(struct json_w *w, const struct issue_part *p)
{
    json_obj(w);
    json_kv_i64(w, "id", p->id);
    json_kv_i64(w, "parentId", p->parent_id);
    json_kv_str(w, "name", p->name);
    json_kv_str(w, "status", p->status);
    json_kv_i64(w, "createdBy", p->created_by);
    json_kv_str(w, "userLogin", p->login);
    json_kv_iso(w, "createdAt", p->created_at);
    json_kv_iso(w, "updatedAt", p->updated_at);
    json_kv_id(w, "projectId", p->about.project_id);
    json_kv_id(w, "datasetId", p->about.dataset_id);
    json_kv_id(w, "imageId", p->about.image_id);
    json_kv_str(w, "imageName", p->image_name);
    json_kv_arr(w, "bindings");
    json_obj(w);
    json_kv_str(w, "field", p->about.field);
    json_kv_i64(w, "value", p->about.value);
    json_kv_raw(w, "extra", p->about.extra);
    json_obj_end(w);
    json_arr_end(w);
    json_kv_raw(w, "meta", p->meta);
    json_obj_end(w);
}

/* What is shown with issues: of many at once. */
struct extras {
    struct issue_assignee *assignees;
    size_t assignees_len;
    struct issue_part *parts; /* NULL with parts_len 0: not asked for */
    size_t parts_len;
    bool with_parts;
};

static enum err load_extras(struct rq *rq, const struct issue *list, size_t n, bool with_parts,
                            struct extras *out)
{
    int64_t *ids = arena_array(rq->call.arena, n + 1, sizeof *ids);

    *out = (struct extras){.with_parts = with_parts};
    if (ids == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < n; i++)
        ids[i] = list[i].id;
    enum err e = store_issue_assignees(rq->call.db, ids, n, &out->assignees, &out->assignees_len);
    if (e == ERR_OK && with_parts)
        e = store_issue_parts(rq->call.db, ids, n, &rq->call.me, &out->parts, &out->parts_len);
    return e;
}

/* Issues are about nothing themselves, but clients want the keys. */
static void put_issue_head(struct json_w *w, const struct issue *i, const struct extras *x)
{
    json_obj(w);
    json_kv_i64(w, "id", i->id);
    json_kv_str(w, "status", i->status);
    json_kv_str(w, "userLogin", i->login);
    json_kv_null(w, "imageId");
    json_kv_i64(w, "createdBy", i->created_by);
    json_kv_iso(w, "createdAt", i->created_at);
    json_kv_iso(w, "updatedAt", i->updated_at);
    json_kv_null(w, "datasetId");
    json_kv_null(w, "projectId");
    json_kv_null(w, "imageName");
    json_kv_str(w, "name", i->name);
    json_kv_i64(w, "teamId", i->team_id);
    json_kv_id(w, "parentId", i->parent_id);
    json_kv_bool(w, "isLocal", i->is_local);
    json_kv_bool(w, "isPinned", i->is_pinned);
    json_kv_arr(w, "assignees");
    for (size_t k = 0; k < x->assignees_len; k++)
        if (x->assignees[k].issue_id == i->id)
            json_i64(w, x->assignees[k].user_id);
    json_arr_end(w);
    if (!x->with_parts)
        return;
    json_kv_arr(w, "subIssues");
    for (size_t k = 0; k < x->parts_len; k++)
        if (x->parts[k].parent_id == i->id)
            put_part(w, &x->parts[k]);
    json_arr_end(w);
}

/* The addresses in a text, each from "http" to the next space or bracket. */
static void put_links(struct json_w *w, struct str text)
{
    json_kv_obj(w, "links");
    json_kv_arr(w, "urls");
    for (size_t i = 0; i < text.n; i++) {
        struct str rest = {text.p + i, text.n - i};
        size_t n = 0;

        if (!str_starts(rest, STR("http://")) && !str_starts(rest, STR("https://")))
            continue;
        while (n < rest.n && (unsigned char)rest.p[n] > ' ' && !strchr("<>()[]\"", rest.p[n]))
            n++;
        json_str(w, (struct str){rest.p, n});
        i += n;
    }
    json_arr_end(w);
    json_obj_end(w);
}

static void put_comment(struct json_w *w, const struct issue_comment *c)
{
    json_obj(w);
    json_kv_i64(w, "id", c->id);
    json_kv_i64(w, "issueId", c->issue_id);
    json_kv_i64(w, "createdBy", c->created_by);
    json_kv_iso(w, "createdAt", c->created_at);
    json_kv_iso(w, "updatedAt", c->updated_at);
    json_kv_str(w, "comment", c->comment);
    json_kv_raw(w, "meta", STR("{}"));
    json_kv_str(w, "createdByUser", c->login);
    put_links(w, c->comment);
    json_obj_end(w);
}

static enum err reply_comment(struct rq *rq, int64_t id)
{
    struct issue_comment c;
    enum err e = store_comment_get(rq->call.db, id, &c);

    if (e == ERR_OK)
        put_comment(&rq->out, &c);
    return e;
}

static enum err reply_id(struct rq *rq, int64_t id)
{
    json_obj(&rq->out);
    json_kv_i64(&rq->out, "id", id);
    json_obj_end(&rq->out);
    return ERR_OK;
}

/* ---- reading ---- */

struct issues_list_in {
    int64_t team_id;
    struct opt_bool with_parts;
    struct list_args list;
};
const struct field issues_list_fields[] = {
    F_ID(REQUIRED, struct issues_list_in, team_id, "teamId", "the team"),
    F_BOOL(OPTIONAL, struct issues_list_in, with_parts, "withSubIssues", "with subIssues"),
    LIST_FIELDS(struct issues_list_in, list), F_END};

enum err issues_list(struct rq *rq, const void *input)
{
    const struct issues_list_in *in = input;
    struct list l = LIST_MAKE(rq->call.db, LIST_ISSUES, in->team_id, rq->call.me.user_id,
                              rq->call.me.is_admin, PERM_VIEW);
    struct list_query query = {0};
    struct issue *list = NULL;
    size_t n = 0, cap = 0;
    struct extras x;
    enum err e = list_args_query(&rq->call, &in->list, PER_PAGE_DEFAULT, &query);

    if (e == ERR_OK)
        e = list_open(&l, &query, &rq->call.fault);
    if (e != ERR_OK)
        return e;
    while (list_next(&l) &&
           (list = arena_room(rq->call.arena, list, n, &cap, sizeof *list)) != NULL)
        store_issue_read(l.q, &list[n++]);
    e = list_close(&l);
    if (e == ERR_OK)
        e = load_extras(rq, list, list ? n : 0, in->with_parts.v, &x);
    if (e != ERR_OK)
        return e;
    list_envelope(&rq->out, &l);
    for (size_t i = 0; list && i < n; i++) {
        put_issue_head(&rq->out, &list[i], &x);
        json_obj_end(&rq->out);
    }
    list_envelope_end(&rq->out, &l);
    return ERR_OK;
}

struct issues_info_in {
    int64_t id;
    struct opt_bool with_parts;
};
const struct field issues_info_fields[] = {
    F_ID(REQUIRED, struct issues_info_in, id, "id", "the issue, or a sub-issue"),
    F_BOOL(OPTIONAL, struct issues_info_in, with_parts, "withSubIssues", "with subIssues"), F_END};

enum err issues_info(struct rq *rq, const void *input)
{
    const struct issues_info_in *in = input;
    struct issue_comment *comments = NULL;
    size_t n = 0;
    struct extras x;
    struct issue i;
    enum err e = store_issue_get(rq->call.db, in->id, &i);

    if (e == ERR_OK)
        e = load_extras(rq, &i, 1, in->with_parts.v, &x);
    if (e == ERR_OK)
        e = store_comments_of(rq->call.db, in->id, &comments, &n);
    if (e != ERR_OK)
        return e;
    put_issue_head(&rq->out, &i, &x);
    json_kv_arr(&rq->out, "comments");
    for (size_t k = 0; k < n; k++)
        put_comment(&rq->out, &comments[k]);
    json_arr_end(&rq->out);
    json_obj_end(&rq->out);
    return ERR_OK;
}

struct issues_dataset_issues_list_in {
    int64_t dataset_id, project_id;
};
const struct field issues_dataset_issues_list_fields[] = {
    F_ID(OPTIONAL, struct issues_dataset_issues_list_in, dataset_id, "datasetId", "the dataset"),
    F_ID(OPTIONAL, struct issues_dataset_issues_list_in, project_id, "projectId",
         "or the project: give one of them"),
    F_END};

enum err issues_dataset_issues_list(struct rq *rq, const void *input)
{
    const struct issues_dataset_issues_list_in *in = input;
    struct issue *issues = NULL;
    struct issue_part *parts = NULL;
    struct extras x;
    size_t n = 0, parts_len = 0;

    if ((in->dataset_id > 0) == (in->project_id > 0))
        return fail(&rq->call, ERR_INVALID, "datasetId",
                    "one of \"datasetId\" and \"projectId\" is required");
    enum err e = in->dataset_id
                     ? rq_access(rq, ACCESS_DATASET, in->dataset_id, PERM_VIEW, "datasetId")
                     : rq_access(rq, ACCESS_PROJECT, in->project_id, PERM_VIEW, "projectId");
    const int64_t project_id = rq->call.at.project_id;

    if (e == ERR_OK)
        e = store_issues_about(rq->call.db, project_id, in->dataset_id, &rq->call.me, &issues, &n);
    if (e == ERR_OK)
        e = store_issue_parts_about(rq->call.db, project_id, in->dataset_id, &rq->call.me, &parts,
                                    &parts_len);
    if (e == ERR_OK)
        e = load_extras(rq, issues, n, false, &x);
    if (e != ERR_OK)
        return e;
    json_arr(&rq->out);
    for (size_t i = 0; i < n; i++) {
        put_issue_head(&rq->out, &issues[i], &x);
        json_obj_end(&rq->out);
    }
    for (size_t i = 0; i < parts_len; i++) {
        put_part(&rq->out, &parts[i]);
        rq_spill(rq);
    }
    json_arr_end(&rq->out);
    return ERR_OK;
}

/* ---- changing ---- */

struct issues_add_in {
    int64_t team_id;
    struct str name, comment;
    struct ids assignees;
    struct opt_bool is_local;
};
const struct field issues_add_fields[] = {
    F_ID(REQUIRED, struct issues_add_in, team_id, "teamId", "the team"),
    F_STR(REQUIRED, struct issues_add_in, name, "name", 255, "what it is called"),
    F_STR(OPTIONAL, struct issues_add_in, comment, "comment", 20000, "a first comment, Markdown"),
    F_IDS(OPTIONAL, struct issues_add_in, assignees, "assignees", ISSUE_ASSIGNEES_MAX,
          "members of the team whom it is for"),
    F_BOOL(OPTIONAL, struct issues_add_in, is_local, "isLocal",
           "true: only for the team; otherwise every account that is not restricted may read it,"
           " but not what its sub-issues are about"),
    F_END};

enum err issues_add(struct rq *rq, const void *input)
{
    const struct issues_add_in *in = input;
    const struct issue_new n = {.name = in->name,
                                .comment = in->comment,
                                .assignees = in->assignees.v,
                                .assignees_len = in->assignees.n,
                                .is_local = in->is_local.v};
    int64_t id;
    enum err e = issue_create(&rq->call, &n, &id);

    return e == ERR_OK ? reply_id(rq, id) : e;
}

struct issues_edit_info_in {
    int64_t id;
    struct str name, status;
    struct opt_bool is_pinned;
    struct ids assignees;
};
const struct field issues_edit_info_fields[] = {
    F_ID(REQUIRED, struct issues_edit_info_in, id, "id", "the issue"),
    F_STR(OPTIONAL, struct issues_edit_info_in, name, "name", 255, "new name"),
    F_STR(OPTIONAL, struct issues_edit_info_in, status, "status", 6, "open or closed"),
    F_BOOL(OPTIONAL, struct issues_edit_info_in, is_pinned, "isPinned", "keep it in sight"),
    F_IDS(OPTIONAL, struct issues_edit_info_in, assignees, "assignees", ISSUE_ASSIGNEES_MAX,
          "whom it is for, instead of those before"),
    F_END};

enum err issues_edit_info(struct rq *rq, const void *input)
{
    const struct issues_edit_info_in *in = input;
    static const int64_t nobody[1];
    const struct issue_edit n = {.name = in->name,
                                 .status = in->status,
                                 .has_pinned = in->is_pinned.set,
                                 .pinned = in->is_pinned.v,
                                 .assignees = !in->assignees.set ? NULL
                                              : in->assignees.n  ? in->assignees.v
                                                                 : nobody,
                                 .assignees_len = in->assignees.n};
    enum err e = issue_edit(&rq->call, in->id, &n);

    return e == ERR_OK ? rq_success(rq) : e;
}

struct issues_remove_in {
    int64_t id;
};
const struct field issues_remove_fields[] = {
    F_ID(REQUIRED, struct issues_remove_in, id, "id", "the issue, or a sub-issue"), F_END};

enum err issues_remove(struct rq *rq, const void *input)
{
    int64_t id = ((const struct issues_remove_in *)input)->id;
    bool removed = false;
    enum err e = store_issue_was_removed(rq->call.db, id, &rq->call.me, &removed);

    if (e == ERR_OK && removed)
        return rq_success(rq);
    if (e == ERR_OK)
        e = rq_access(rq, ACCESS_ISSUE, id, rq->ep->need, "id");
    if (e == ERR_OK)
        e = issue_remove(&rq->call, id);
    return e == ERR_OK ? rq_success(rq) : e;
}

struct issues_comments_add_in {
    int64_t issue_id;
    struct str comment;
};
const struct field issues_comments_add_fields[] = {
    F_ID(REQUIRED, struct issues_comments_add_in, issue_id, "issueId", "the issue or sub-issue"),
    F_STR(REQUIRED, struct issues_comments_add_in, comment, "comment", 20000, "Markdown"), F_END};

enum err issues_comments_add(struct rq *rq, const void *input)
{
    const struct issues_comments_add_in *in = input;
    int64_t id;
    enum err e = issue_comment_add(&rq->call, in->issue_id, in->comment, &id);

    return e == ERR_OK ? reply_comment(rq, id) : e;
}

struct issues_comments_edit_info_in {
    int64_t id;
    struct str comment;
};
const struct field issues_comments_edit_info_fields[] = {
    F_ID(REQUIRED, struct issues_comments_edit_info_in, id, "id", "the comment"),
    F_STR(REQUIRED, struct issues_comments_edit_info_in, comment, "comment", 20000, "Markdown"),
    F_END};

enum err issues_comments_edit_info(struct rq *rq, const void *input)
{
    const struct issues_comments_edit_info_in *in = input;
    enum err e = issue_comment_edit(&rq->call, in->id, in->comment);

    return e == ERR_OK ? reply_comment(rq, in->id) : e;
}

/* ---- sub-issues ---- */

struct issues_sub_issue_add_in {
    int64_t issue_id, parent_id;
    struct str name, comment;
    struct json_value *bindings, *meta;
};
const struct field issues_sub_issue_add_fields[] = {
    F_ID(REQUIRED, struct issues_sub_issue_add_in, issue_id, "issueId", "the issue"),
    F_ID(OPTIONAL, struct issues_sub_issue_add_in, parent_id, "parentId", "the same"),
    F_STR(OPTIONAL, struct issues_sub_issue_add_in, name, "name", 255, "what it is called"),
    F_STR(OPTIONAL, struct issues_sub_issue_add_in, comment, "comment", 20000, "a first comment"),
    F_ARR(REQUIRED, struct issues_sub_issue_add_in, bindings, "bindings",
          "[{field, value, extra}]: what it is about; field imageId, figureId, projectId or jobId,"
          " value its id"),
    F_OBJ(OPTIONAL, struct issues_sub_issue_add_in, meta, "meta",
          "position of the marker and such; kept as it is sent"),
    F_END};

static enum err wrong_binding(struct rq *rq, size_t index, const char *what)
{
    char field[32];

    snprintf(field, sizeof field, "bindings[%zu]", index);
    return fail(&rq->call, ERR_INVALID, field, "\"%s\" %s", field, what);
}

static enum err find_image(struct rq *rq, int64_t id, struct issue_binding *b)
{
    enum err e = rq_access(rq, ACCESS_IMAGE, id, PERM_VIEW, "bindings");

    b->image_id = id;
    b->dataset_id = rq->call.at.dataset_id;
    b->project_id = rq->call.at.project_id;
    return e;
}

static enum err find_figure(struct rq *rq, int64_t id, struct issue_binding *b)
{
    int64_t image_id = 0, author;
    enum err e = rq_access(rq, ACCESS_FIGURE, id, PERM_VIEW, "bindings");

    if (e == ERR_OK)
        e = store_figure_place(rq->call.db, id, &image_id, &author);
    b->extra = arena_printf(rq->call.arena, "{\"figureImageId\":%lld}", (long long)image_id);
    return e == ERR_OK ? find_image(rq, image_id, b) : e;
}

static enum err find_project(struct rq *rq, int64_t id, struct issue_binding *b)
{
    enum err e = rq_access(rq, ACCESS_PROJECT, id, PERM_VIEW, "bindings");

    b->project_id = id;
    return e;
}

static enum err find_job(struct rq *rq, int64_t id, struct issue_binding *b)
{
    enum err e = rq_access(rq, ACCESS_JOB, id, PERM_JOB_VIEW, "bindings");

    b->project_id = rq->call.at.project_id;
    return e;
}

/* What a binding names must be in the issue's team, and the caller must see it. */
static enum err read_binding(struct rq *rq, struct json_value *v, size_t index, int64_t team_id,
                             struct issue_binding *out)
{
    static const struct {
        const char *field;
        enum err (*find)(struct rq *rq, int64_t id, struct issue_binding *b);
    } kinds[] = {{"imageId", find_image},
                 {"figureId", find_figure},
                 {"projectId", find_project},
                 {"jobId", find_job}};
    struct arena *a = rq->call.arena;
    struct json_value *field = json_get(a, v, "field"), *value = json_get(a, v, "value");
    struct json_value *extra = json_get(a, v, "extra");

    if (value == NULL || value->type != JSON_INT || value->i < 1)
        return wrong_binding(rq, index, "needs the id of something as its value");
    if (extra && extra->type != JSON_OBJ && extra->type != JSON_NULL)
        return wrong_binding(rq, index, "must have an object as its extra");
    for (size_t i = 0; field && field->type == JSON_STR && i < ARRAY_LEN(kinds); i++) {
        if (!str_is(field->s, kinds[i].field))
            continue;
        *out = (struct issue_binding){.field = field->s,
                                      .value = value->i,
                                      .extra = extra && extra->type == JSON_OBJ ? extra->raw
                                                                                : STR("{}")};
        enum err e = kinds[i].find(rq, value->i, out);
        if (e == ERR_OK && rq->call.at.team_id != team_id)
            return wrong_binding(rq, index, "is of another team than the issue");
        return e;
    }
    return wrong_binding(rq, index, "must have imageId, figureId, projectId or jobId as its field");
}

enum err issues_sub_issue_add(struct rq *rq, const void *input)
{
    const struct issues_sub_issue_add_in *in = input;
    const struct access at = rq->call.at;
    size_t n = json_count(rq->call.arena, in->bindings), i = 0;
    struct issue_binding *about = arena_array(rq->call.arena, n + 1, sizeof *about);
    enum err e = ERR_OK;
    int64_t id;

    if (in->parent_id && in->parent_id != in->issue_id)
        return fail(&rq->call, ERR_INVALID, "parentId", "\"parentId\" must equal \"issueId\"");
    if (n == 0 || n > ISSUE_BINDINGS_MAX)
        return fail(&rq->call, ERR_INVALID, "bindings", "1 to %d bindings are needed",
                    ISSUE_BINDINGS_MAX);
    if (about == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (struct json_value *v = json_first(rq->call.arena, in->bindings); v && e == ERR_OK;
         v = v->next, i++)
        e = read_binding(rq, v, i, at.team_id, &about[i]);
    rq->call.at = at;
    const struct issue_part_new new = {.parent_id = in->issue_id,
                                       .name = in->name,
                                       .comment = in->comment,
                                       .meta = in->meta ? in->meta->raw : STR("{}"),
                                       .about = about,
                                       .about_len = n};
    if (e == ERR_OK)
        e = issue_part_create(&rq->call, &new, &id);
    return e == ERR_OK ? reply_id(rq, id) : e;
}

struct issues_sub_issue_edit_info_in {
    int64_t id, parent_id;
    struct str status;
    struct json_value *meta;
};
const struct field issues_sub_issue_edit_info_fields[] = {
    F_ID(REQUIRED, struct issues_sub_issue_edit_info_in, id, "id", "the sub-issue"),
    F_STR(OPTIONAL, struct issues_sub_issue_edit_info_in, status, "status", 6, "open or closed"),
    F_ID(OPTIONAL, struct issues_sub_issue_edit_info_in, parent_id, "parentId",
         "the issue it moves to"),
    F_OBJ(OPTIONAL, struct issues_sub_issue_edit_info_in, meta, "meta",
          "instead of the one before"),
    F_END};

enum err issues_sub_issue_edit_info(struct rq *rq, const void *input)
{
    const struct issues_sub_issue_edit_info_in *in = input;
    const struct issue_part_edit n = {.status = in->status,
                                      .meta = in->meta ? in->meta->raw : STR_NULL,
                                      .parent_id = in->parent_id};
    const struct access at = rq->call.at;
    enum err e = ERR_OK;

    if (in->parent_id)
        e = rq_access(rq, ACCESS_ISSUE, in->parent_id, PERM_ISSUE_TALK, "parentId");
    rq->call.at = at;
    if (e == ERR_OK)
        e = issue_part_edit(&rq->call, in->id, &n);
    return e == ERR_OK ? rq_success(rq) : e;
}
