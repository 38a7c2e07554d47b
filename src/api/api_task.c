/* Tasks, and the calls that answer with one: copying projects, erasing what was archived. */
#include "api/rq.h"
#include "domain/clone.h"
#include "store/store_task.h"

#define PER_PAGE_DEFAULT 500
#define ERASED_MAX       50

static void put_task(struct json_w *w, const struct task *t)
{
    json_obj(w);
    json_kv_i64(w, "id", t->id);
    json_kv_str(w, "type", t->type);
    json_kv_str(w, "status", t->status);
    json_kv_iso(w, "createdAt", t->created_at);
    json_kv_iso(w, "startedAt", t->created_at);
    json_kv_iso(w, "finishedAt", t->finished_at);
    json_kv_raw(w, "meta", t->meta);
    json_kv_lit(w, "description", "");
    json_kv_i64(w, "teamId", t->team_id);
    json_kv_id(w, "workspaceId", t->workspace_id);
    json_kv_i64(w, "userId", t->user_id);
    json_kv_str(w, "userLogin", t->user);
    json_obj_end(w);
}

static enum err reply_task_id(struct rq *rq, enum err e, int64_t id)
{
    json_obj(&rq->out);
    json_kv_i64(&rq->out, "taskId", id);
    json_obj_end(&rq->out);
    return e;
}

struct tasks_info_in {
    int64_t id;
};
const struct field tasks_info_fields[] = {
    F_ID(REQUIRED, struct tasks_info_in, id, "id", "the task"), F_END};

enum err tasks_info(struct rq *rq, const void *input)
{
    int64_t id = ((const struct tasks_info_in *)input)->id;
    struct task t;
    enum err e = store_task_for(rq->call.db, id, &rq->call.me, &t);

    if (e == ERR_NOT_FOUND)
        return fail(&rq->call, e, "id", "there is no task %lld for you", (long long)id);
    if (e == ERR_OK)
        put_task(&rq->out, &t);
    return e;
}

struct tasks_list_in {
    int64_t workspace_id;
    struct list_args list;
};
const struct field tasks_list_fields[] = {
    F_ID(REQUIRED, struct tasks_list_in, workspace_id, "workspaceId", "the workspace"),
    LIST_FIELDS(struct tasks_list_in, list), F_END};

static void put_task_row(struct rq *rq, struct db_query *row)
{
    struct task t;

    store_task_read(row, &t);
    put_task(&rq->out, &t);
}

enum err tasks_list(struct rq *rq, const void *input)
{
    const struct tasks_list_in *in = input;

    return rq_list(rq, LIST_MAKE(rq->call.db, LIST_TASKS, in->workspace_id), &in->list,
                   PER_PAGE_DEFAULT, put_task_row);
}

/* ---- copies ---- */

struct projects_clone_in {
    int64_t id, workspace_id;
    struct str name;
    struct json_value *include;
};
const struct field projects_clone_fields[] = {
    F_ID(REQUIRED, struct projects_clone_in, id, "id", "the project to copy"),
    F_ID(REQUIRED, struct projects_clone_in, workspace_id, "workspaceId", "where to"),
    F_STR(REQUIRED, struct projects_clone_in, name, "name", 255, "of the copy"),
    F_OBJ(OPTIONAL, struct projects_clone_in, include, "include",
          "classes, projectTags, datasets, images, imagesTags, figures, figuresTags: false leaves "
          "that"
          " part out; all are true"),
    F_END};

static enum err read_part(struct call *c, struct json_value *include, const char *key, bool *out)
{
    struct json_value *v = json_get(c->arena, include, key);

    *out = true;
    if (v == NULL || v->type == JSON_NULL)
        return ERR_OK;
    if (v->type != JSON_BOOL)
        return fail(c, ERR_INVALID, "include", "include.%s must be a boolean", key);
    *out = v->b;
    return ERR_OK;
}

static enum err read_parts(struct call *c, struct json_value *include, struct clone_parts *out)
{
    const struct {
        const char *key;
        bool *part;
    } parts[] = {{"classes", &out->classes},        {"projectTags", &out->tags},
                 {"datasets", &out->datasets},      {"images", &out->images},
                 {"imagesTags", &out->image_tags},  {"figures", &out->figures},
                 {"figuresTags", &out->figure_tags}};
    enum err e = ERR_OK;

    for (size_t i = 0; i < ARRAY_LEN(parts) && e == ERR_OK; i++)
        e = read_part(c, include, parts[i].key, parts[i].part);
    return e;
}

enum err projects_clone(struct rq *rq, const void *input)
{
    const struct projects_clone_in *in = input;
    struct access workspace = rq->call.at;
    struct clone_parts parts;
    int64_t task_id = 0;
    enum err e = read_parts(&rq->call, in->include, &parts);

    rq->job_id = 0; /* a job shows its images, not the whole project */
    if (e == ERR_OK)
        e = rq_access(rq, ACCESS_PROJECT, in->id, PERM_VIEW, "id");
    rq->call.at = workspace;
    if (e == ERR_OK)
        e = project_clone(&rq->call, in->id, in->name, &parts, &task_id);
    return reply_task_id(rq, e, task_id);
}

/* ---- the end ---- */

/* [{id}, ...] */
static enum err read_ids(struct call *c, struct json_value *list, const char *field, int64_t *ids,
                         size_t *len_out)
{
    size_t n = 0;

    for (struct json_value *v = json_first(c->arena, list); v; v = v->next) {
        struct json_value *id = json_get(c->arena, v, "id");

        if (n == ERASED_MAX)
            return fail(c, ERR_INVALID, field, "at most %d in one call", ERASED_MAX);
        if (id == NULL || id->type != JSON_INT || id->i < 1)
            return fail(c, ERR_INVALID, field, "%s[%zu].id must be an id", field, n);
        if (json_get(c->arena, v, "archiveUrl"))
            return fail(c, ERR_INVALID, field, "links to backups elsewhere are not kept here");
        ids[n++] = id->i;
    }
    *len_out = n;
    return n > 0 ? ERR_OK : fail(c, ERR_INVALID, field, "\"%s\" is empty", field);
}

struct erase_in {
    struct json_value *list;
};
const struct field projects_remove_permanently_fields[] = {
    F_ARR(REQUIRED, struct erase_in, list, "projects", "[{id}]: archived ones of one team"),
    F_IGNORED("preserveProjectCard", "the id and the name always stay, for the log"), F_END};
const struct field datasets_remove_permanently_fields[] = {
    F_ARR(REQUIRED, struct erase_in, list, "datasets", "[{id}]: archived ones of one team"), F_END};

static enum err erase(struct rq *rq, const char *field, struct json_value *list,
                      enum err (*f)(struct call *c, const int64_t *ids, size_t n,
                                    int64_t *task_out))
{
    int64_t ids[ERASED_MAX], task_id = 0;
    size_t n = 0;
    enum err e = read_ids(&rq->call, list, field, ids, &n);

    if (e == ERR_OK)
        e = f(&rq->call, ids, n, &task_id);
    return reply_task_id(rq, e, task_id);
}

enum err projects_remove_permanently(struct rq *rq, const void *input)
{
    return erase(rq, "projects", ((const struct erase_in *)input)->list, projects_erase);
}

enum err datasets_remove_permanently(struct rq *rq, const void *input)
{
    return erase(rq, "datasets", ((const struct erase_in *)input)->list, datasets_erase);
}
