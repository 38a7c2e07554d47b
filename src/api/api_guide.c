/* Guides. */
#include "api/rq.h"
#include "domain/guide.h"

#define PER_PAGE_DEFAULT 500

static void put_guide(struct json_w *w, const struct guide *g, bool text)
{
    json_obj(w);
    json_kv_i64(w, "id", g->id);
    json_kv_str(w, "name", g->name);
    json_kv_str(w, "description", g->description);
    json_kv_str(w, "filePath", g->file_path);
    json_kv_iso(w, "createdAt", g->created_at);
    json_kv_iso(w, "updatedAt", g->updated_at);
    json_kv_i64(w, "createdBy", g->created_by);
    json_kv_i64(w, "teamId", g->team_id);
    json_kv_id(w, "videoId", g->video_id);
    json_kv_id(w, "disabledBy", g->disabled_by);
    json_kv_iso(w, "disabledAt", g->disabled_at);
    if (text)
        json_kv_str(w, "text", g->text);
    json_obj_end(w);
}

static enum err reply_guide(struct rq *rq, int64_t id)
{
    struct guide g;
    enum err e = store_guide_get(rq->call.db, id, &g);

    if (e == ERR_OK)
        put_guide(&rq->out, &g, true);
    return e;
}

struct guides_list_in {
    int64_t team_id;
    struct opt_bool show_disabled;
    struct list_args list;
};
const struct field guides_list_fields[] = {
    F_ID(REQUIRED, struct guides_list_in, team_id, "teamId", "the team"),
    F_BOOL(OPTIONAL, struct guides_list_in, show_disabled, "showDisabled", "disabled ones, too"),
    LIST_FIELDS(struct guides_list_in, list), F_END};

static void put_guide_row(struct rq *rq, struct db_query *row)
{
    struct guide g;

    store_guide_read(row, &g);
    put_guide(&rq->out, &g, false);
}

enum err guides_list(struct rq *rq, const void *input)
{
    const struct guides_list_in *in = input;
    bool sees_all = (rq->call.at.perms & PERM_VIEW) != 0;
    struct list l = LIST_MAKE(rq->call.db, LIST_GUIDES, in->team_id, rq->call.me.user_id, sees_all,
                              in->show_disabled.v);

    return rq_list(rq, l, &in->list, PER_PAGE_DEFAULT, put_guide_row);
}

struct guides_info_in {
    int64_t id;
};
const struct field guides_info_fields[] = {
    F_ID(REQUIRED, struct guides_info_in, id, "id", "the guide"), F_END};

enum err guides_info(struct rq *rq, const void *input)
{
    return reply_guide(rq, ((const struct guides_info_in *)input)->id);
}

#define GUIDE_FIELDS(T)                                                                            \
    F_STR(OPTIONAL, T, guide.description, "description", 5000, "short text"),                      \
        F_STR(OPTIONAL, T, guide.text, "text", 200000, "the guide itself, Markdown"),              \
        F_STR(OPTIONAL, T, guide.file_path, "filePath", 1024, "path of a team file with it"),      \
        F_ID(OPTIONAL, T, guide.video_id, "videoId", "a video with it")

struct guides_add_in {
    int64_t team_id;
    struct guide_new guide;
};
const struct field guides_add_fields[] = {
    F_ID(REQUIRED, struct guides_add_in, team_id, "teamId", "the team"),
    F_STR(REQUIRED, struct guides_add_in, guide.name, "name", 255, "what it is called"),
    GUIDE_FIELDS(struct guides_add_in), F_END};

enum err guides_add(struct rq *rq, const void *input)
{
    int64_t id;
    enum err e = guide_create(&rq->call, &((const struct guides_add_in *)input)->guide, &id);

    return e == ERR_OK ? reply_guide(rq, id) : e;
}

struct guides_edit_info_in {
    int64_t id;
    struct guide_new guide;
};
const struct field guides_edit_info_fields[] = {
    F_ID(REQUIRED, struct guides_edit_info_in, id, "id", "the guide"),
    F_STR(OPTIONAL, struct guides_edit_info_in, guide.name, "name", 255, "new name"),
    GUIDE_FIELDS(struct guides_edit_info_in), F_END};

enum err guides_edit_info(struct rq *rq, const void *input)
{
    const struct guides_edit_info_in *in = input;
    enum err e = guide_edit(&rq->call, in->id, &in->guide);

    return e == ERR_OK ? reply_guide(rq, in->id) : e;
}

struct guides_disable_in {
    int64_t id;
    struct opt_bool disable;
};
const struct field guides_disable_fields[] = {
    F_ID(REQUIRED, struct guides_disable_in, id, "id", "the guide"),
    F_BOOL(OPTIONAL, struct guides_disable_in, disable, "disable", "false: back into use"), F_END};

enum err guides_disable(struct rq *rq, const void *input)
{
    const struct guides_disable_in *in = input;
    enum err e = guide_set_disabled(&rq->call, in->id, !in->disable.set || in->disable.v);

    return e == ERR_OK ? rq_success(rq) : e;
}
