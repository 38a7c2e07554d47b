/* Rows of object classes and tag metas. */
#include "store/store_meta.h"

#include "store/store_int.h"

void store_class_read(struct db_query *q, struct object_class *out)
{
    *out = (struct object_class){
        .id = db_col_i64(q, 0),
        .name = db_col_str(q, 1),
        .shape = db_col_str(q, 2),
        .color = db_col_str(q, 3),
        .geometry_config = db_col_str(q, 4),
        .hotkey = db_col_str(q, 5),
        .description = db_col_str(q, 6),
        .settings = db_col_str(q, 7),
        .created_at = db_col_i64(q, 8),
        .updated_at = db_col_i64(q, 9),
    };
}

void store_tag_meta_read(struct db_query *q, struct tag_meta *out)
{
    *out = (struct tag_meta){
        .id = db_col_i64(q, 0),
        .name = db_col_str(q, 1),
        .value_type = db_col_str(q, 2),
        .options = db_col_str(q, 3),
        .color = db_col_str(q, 4),
        .hotkey = db_col_str(q, 5),
        .applicable_type = db_col_str(q, 6),
        .target_type = db_col_str(q, 7),
        .more = db_col_str(q, 8),
        .created_at = db_col_i64(q, 9),
        .updated_at = db_col_i64(q, 10),
    };
}

enum err store_class_get(struct db *db, int64_t id, struct object_class *out)
{
    struct db_query *q = db_query(db, STMT_CLASS_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        store_class_read(q, out);
    return store__end_found(q, found);
}

enum err store_classes(struct db *db, int64_t project_id, struct object_class **out,
                       size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_CLASSES_OF_PROJECT);
    struct object_class *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, project_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        store_class_read(q, &list[n++]);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_tags(struct db *db, int64_t project_id, struct tag_meta **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_TAGS_OF_PROJECT);
    struct tag_meta *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, project_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        store_tag_meta_read(q, &list[n++]);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_tag_classes(struct db *db, int64_t project_id, struct tag_class **out,
                           size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_TAG_CLASSES_OF_PROJECT);
    struct tag_class *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, project_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct tag_class){
            .tag_id = db_col_i64(q, 0),
            .class_id = db_col_i64(q, 1),
            .class_name = db_col_str(q, 2),
        };
    *out = list;
    *len_out = n;
    return db_end(q);
}

static void bind_class(struct db_query *q, const struct object_class *c, int64_t now_ms)
{
    db_bind_str(q, c->name);
    db_bind_str(q, c->shape);
    db_bind_str(q, c->color);
    db_bind_str(q, c->geometry_config);
    db_bind_str(q, c->hotkey);
    db_bind_str(q, c->description);
    db_bind_str(q, c->settings);
    db_bind_i64(q, now_ms);
}

enum err store_class_insert(struct db *db, int64_t project_id, struct object_class *c,
                            int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_CLASS_INSERT);

    db_bind_i64(q, project_id);
    bind_class(q, c, now_ms);
    return db_insert(q, &c->id);
}

enum err store_class_update(struct db *db, const struct object_class *c, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_CLASS_UPDATE);

    db_bind_i64(q, c->id);
    bind_class(q, c, now_ms);
    return db_run(q);
}

static void bind_tag(struct db_query *q, const struct tag_meta *t, int64_t now_ms)
{
    db_bind_str(q, t->name);
    db_bind_str(q, t->value_type);
    db_bind_str(q, t->options);
    db_bind_str(q, t->color);
    db_bind_str(q, t->hotkey);
    db_bind_str(q, t->applicable_type);
    db_bind_str(q, t->target_type);
    db_bind_str(q, t->more);
    db_bind_i64(q, now_ms);
}

enum err store_tag_insert(struct db *db, int64_t project_id, struct tag_meta *t, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_TAG_INSERT);

    db_bind_i64(q, project_id);
    bind_tag(q, t, now_ms);
    return db_insert(q, &t->id);
}

enum err store_tag_update(struct db *db, const struct tag_meta *t, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_TAG_UPDATE);

    db_bind_i64(q, t->id);
    bind_tag(q, t, now_ms);
    return db_run(q);
}

enum err store_tag_set_classes(struct db *db, int64_t tag_id, const int64_t *class_ids, size_t n)
{
    struct db_query *q = db_query(db, STMT_TAG_CLASSES_CLEAR);

    db_bind_i64(q, tag_id);
    enum err e = db_run(q);
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        q = db_query(db, STMT_TAG_CLASS_ADD);
        db_bind_i64(q, tag_id);
        db_bind_i64(q, class_ids[i]);
        e = db_run(q);
    }
    return e;
}

enum err store_class_project(struct db *db, int64_t id, int64_t *project_id_out)
{
    return store__owner(db, STMT_CLASS_PROJECT, id, project_id_out);
}

enum err store_tag_project(struct db *db, int64_t id, int64_t *project_id_out)
{
    return store__owner(db, STMT_TAG_OF_PROJECT, id, project_id_out);
}

enum err store_class_figures(struct db *db, int64_t id, int64_t **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_FIGURES_OF_CLASS);
    int64_t *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = db_col_i64(q, 0);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_class_has_other(struct db *db, int64_t id, struct str shape, bool *out)
{
    struct db_query *q = db_query(db, STMT_CLASS_OTHER_SHAPE);

    db_bind_i64(q, id);
    db_bind_str(q, shape);
    *out = db_step(q);
    return db_end(q);
}

static enum err run_with_time(struct db *db, enum stmt stmt, int64_t id, int64_t now_ms)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_class_remove(struct db *db, int64_t id, int64_t now_ms)
{
    return run_with_time(db, STMT_CLASS_REMOVE, id, now_ms);
}

enum err store_tag_remove(struct db *db, int64_t id, int64_t now_ms)
{
    static const enum stmt steps[] = {STMT_IMAGE_TAG_VERDICTS_OFF, STMT_FIGURE_TAG_VERDICTS_OFF,
                                      STMT_TAG_OFF_IMAGES, STMT_TAG_OFF_FIGURES};
    enum err e = ERR_OK;

    for (size_t i = 0; i < ARRAY_LEN(steps) && e == ERR_OK; i++) {
        struct db_query *q = db_query(db, steps[i]);

        db_bind_i64(q, id);
        e = db_run(q);
    }
    return e == ERR_OK ? run_with_time(db, STMT_TAG_REMOVE, id, now_ms) : e;
}
