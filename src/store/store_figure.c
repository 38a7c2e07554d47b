/* Rows of figures and their versions. */
#include "store/store_figure.h"

#include "store/store_int.h"
#include "store/store_job_count.h"

typedef struct str (*text_of)(struct db_query *q, int column);

static void read_figure(struct db_query *q, struct figure *out, text_of text)
{
    *out = (struct figure){
        .id = db_col_i64(q, 0),
        .image_id = db_col_i64(q, 1),
        .dataset_id = db_col_i64(q, 2),
        .project_id = db_col_i64(q, 3),
        .class_id = db_col_i64(q, 4),
        .class_name = text(q, 5),
        .type = text(q, 6),
        .pos = db_col_i64(q, 7),
        .has_priority = !db_col_is_null(q, 8),
        .priority = db_col_i64(q, 8),
        .placed = !db_col_is_null(q, 9),
        .area = db_col_real(q, 9),
        .left = db_col_i64(q, 10),
        .top = db_col_i64(q, 11),
        .right = db_col_i64(q, 12),
        .bottom = db_col_i64(q, 13),
        .description = text(q, 14),
        .nn_created = db_col_i64(q, 15) != 0,
        .nn_updated = db_col_i64(q, 16) != 0,
        .created_by = text(q, 17),
        .created_at = db_col_i64(q, 18),
        .updated_at = db_col_i64(q, 19),
        .custom_data = text(q, 20),
        .meta = text(q, 21),
        .more = text(q, 22),
        .geometry = text(q, 23),
    };
}

void store_figure_view(struct db_query *q, struct figure *out)
{
    read_figure(q, out, db_col_view);
}

void store_figure_read(struct db_query *q, struct figure *out)
{
    read_figure(q, out, db_col_str);
}

static struct db_query *open_with(struct db *db, enum stmt stmt, struct str ids, int64_t by)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_str(q, ids);
    db_bind_i64(q, by);
    return q;
}

struct db_query *store_figures_open(struct db *db, struct str image_ids, int64_t by)
{
    return open_with(db, STMT_FIGURES_OF_IMAGES, image_ids, by);
}

struct db_query *store_figure_tags_open(struct db *db, struct str image_ids, int64_t by,
                                        int64_t tags_by)
{
    struct db_query *q = open_with(db, STMT_FIGURE_TAGS_OF_IMAGES, image_ids, by);

    db_bind_i64(q, tags_by);
    return q;
}

enum err store_figure_get(struct db *db, int64_t id, struct figure *out)
{
    struct db_query *q = db_query(db, STMT_FIGURE_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        store_figure_read(q, out);
    return store__end_found(q, found);
}

enum err store_figure_place(struct db *db, int64_t id, int64_t *image_id_out, int64_t *author_out)
{
    struct db_query *q = db_query(db, STMT_FIGURE_PLACE);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found) {
        *image_id_out = db_col_i64(q, 0);
        *author_out = db_col_i64(q, 1);
    }
    return store__end_found(q, found);
}

static enum err load_figures(struct db *db, struct db_query *q, struct figure **out,
                             size_t *len_out)
{
    struct figure *list = NULL;
    size_t n = 0, cap = 0;

    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        store_figure_read(q, &list[n++]);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_figures(struct db *db, const struct figure_pick *pick, struct figure **out,
                       size_t *len_out)
{
    enum stmt stmt = pick->removed ? STMT_FIGURES_REMOVED : STMT_FIGURES_LOAD;
    struct str ids = store__id_array(db, pick->ids, pick->n);

    return load_figures(db, open_with(db, stmt, ids, pick->by), out, len_out);
}

enum err store_figures_of_image(struct db *db, int64_t image_id, int64_t by, struct figure **out,
                                size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_FIGURES_OF_IMAGE);

    db_bind_i64(q, image_id);
    db_bind_i64(q, by);
    return load_figures(db, q, out, len_out);
}

enum err store_figure_pos_next(struct db *db, int64_t image_id, int64_t *out)
{
    struct db_query *q = db_query(db, STMT_FIGURE_POS_NEXT);

    db_bind_i64(q, image_id);
    if (db_step(q))
        *out = db_col_i64(q, 0);
    return db_end(q);
}

static void bind_priority_and_place(struct db_query *q, const struct figure *f)
{
    if (f->has_priority)
        db_bind_i64(q, f->priority);
    else
        db_bind_null(q);
    if (!f->placed) {
        for (int i = 0; i < 5; i++)
            db_bind_null(q);
        return;
    }
    db_bind_real(q, f->area);
    db_bind_i64(q, f->left);
    db_bind_i64(q, f->top);
    db_bind_i64(q, f->right);
    db_bind_i64(q, f->bottom);
}

enum err store_figure_insert(struct db *db, struct figure *f, int64_t created_by_id, int64_t job_id)
{
    struct db_query *q = db_query(db, STMT_FIGURE_INSERT);

    db_bind_i64(q, f->image_id);
    db_bind_i64(q, f->dataset_id);
    db_bind_i64(q, f->project_id);
    db_bind_i64(q, f->class_id);
    db_bind_str(q, f->type);
    db_bind_i64(q, f->pos);
    bind_priority_and_place(q, f);
    db_bind_str(q, f->description);
    db_bind_i64(q, f->nn_created);
    db_bind_i64(q, f->nn_updated);
    db_bind_id(q, job_id);
    db_bind_id(q, created_by_id);
    db_bind_i64(q, f->created_at);
    db_bind_i64(q, f->updated_at);
    db_bind_str(q, f->custom_data);
    db_bind_str(q, f->meta);
    db_bind_str(q, f->more);
    db_bind_str(q, f->geometry);
    db_bind_id(q, f->added_at == f->created_at ? 0 : f->added_at);
    enum err e = db_insert(q, &f->id);
    return e == ERR_OK ? store__count_figure(db, f->id, false, 1) : e;
}

enum err store_figure_keep(struct db *db, int64_t id, const char *action, int64_t user_id,
                           int64_t job_id, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_FIGURE_VERSION_INSERT);

    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    db_bind_id(q, user_id);
    db_bind_id(q, job_id);
    db_bind_str(q, str_from(action));
    return db_run(q);
}

enum err store_figure_update(struct db *db, const struct figure *f, int64_t now_ms)
{
    enum err e = store__count_figure(db, f->id, false, -1); /* it may become one of another class */
    if (e != ERR_OK)
        return e;

    struct db_query *q = db_query(db, STMT_FIGURE_UPDATE);

    db_bind_i64(q, f->id);
    db_bind_i64(q, f->class_id);
    db_bind_str(q, f->type);
    db_bind_i64(q, f->pos);
    bind_priority_and_place(q, f);
    db_bind_str(q, f->description);
    db_bind_i64(q, f->nn_created);
    db_bind_i64(q, f->nn_updated);
    db_bind_str(q, f->custom_data);
    db_bind_str(q, f->meta);
    db_bind_str(q, f->more);
    db_bind_str(q, f->geometry);
    db_bind_i64(q, now_ms);
    e = db_run(q);
    return e == ERR_OK ? store__count_figure(db, f->id, false, 1) : e;
}

enum err store_figure_set_pos(struct db *db, int64_t id, int64_t pos)
{
    struct db_query *q = db_query(db, STMT_FIGURE_SET_POS);

    db_bind_i64(q, id);
    db_bind_i64(q, pos);
    return db_run(q);
}

enum err store_figure_set_removed(struct db *db, int64_t id, bool removed, int64_t now_ms)
{
    enum err e = removed ? store__count_figure(db, id, true, -1) : ERR_OK;
    if (e != ERR_OK)
        return e;

    struct db_query *q = db_query(db, removed ? STMT_FIGURE_REMOVE : STMT_FIGURE_RESTORE);
    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    e = db_run(q);
    return e == ERR_OK && !removed ? store__count_figure(db, id, true, 1) : e;
}
