/* Rows of tags on images and on figures: two tables of one layout. */
#include "store/store_tag.h"

#include "store/store_int.h"
#include "store/store_job_count.h"

typedef struct str (*text_of)(struct db_query *q, int column);

static void read_tag(struct db_query *q, struct tag *out, text_of text)
{
    *out = (struct tag){
        .id = db_col_i64(q, 0),
        .owner_id = db_col_i64(q, 1),
        .tag_id = db_col_i64(q, 2),
        .name = text(q, 3),
        .value = text(q, 4),
        .created_by = text(q, 5),
        .created_at = db_col_i64(q, 6),
        .updated_at = db_col_i64(q, 7),
        .custom_data = text(q, 8),
    };
}

void store_tag_view(struct db_query *q, struct tag *out)
{
    read_tag(q, out, db_col_view);
}

enum err store_tags_of(struct db *db, const struct tag_pick *pick, struct tag **out,
                       size_t *len_out)
{
    struct db_query *q =
        db_query(db, pick->kind == TAG_OF_IMAGE ? STMT_IMAGE_TAGS : STMT_FIGURE_TAGS);
    struct tag *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_str(q, store__id_array(db, pick->owner_ids, pick->n));
    db_bind_i64(q, pick->by);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        read_tag(q, &list[n++], db_col_str);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_tag_get(struct db *db, enum tag_owner kind, int64_t id, struct tag *out)
{
    struct db_query *q =
        db_query(db, kind == TAG_OF_IMAGE ? STMT_IMAGE_TAG_GET : STMT_FIGURE_TAG_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        read_tag(q, out, db_col_str);
    return store__end_found(q, found);
}

enum err store_tag_put(struct db *db, enum tag_owner kind, struct tag *t, int64_t created_by_id,
                       int64_t now_ms)
{
    struct db_query *q =
        db_query(db, kind == TAG_OF_IMAGE ? STMT_IMAGE_TAG_INSERT : STMT_FIGURE_TAG_INSERT);

    db_bind_i64(q, t->owner_id);
    db_bind_i64(q, t->tag_id);
    db_bind_str(q, t->value);
    db_bind_str(q, t->custom_data.p ? t->custom_data : STR("{}"));
    db_bind_id(q, created_by_id);
    db_bind_i64(q, now_ms);
    enum err e = db_insert(q, &t->id);
    return e == ERR_OK ? store__count_tag(db, kind, t->id, 1) : e;
}

static enum err set_text(struct db *db, enum stmt stmt, int64_t id, struct str text, int64_t now_ms)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, id);
    db_bind_str(q, text);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_tag_set_value(struct db *db, enum tag_owner kind, int64_t id, struct str value,
                             int64_t now_ms)
{
    enum stmt stmt = kind == TAG_OF_IMAGE ? STMT_IMAGE_TAG_SET : STMT_FIGURE_TAG_SET;
    enum err e = store__count_tag(db, kind, id, -1);

    if (e == ERR_OK)
        e = set_text(db, stmt, id, value, now_ms);
    return e == ERR_OK ? store__count_tag(db, kind, id, 1) : e;
}

enum err store_tag_set_custom(struct db *db, enum tag_owner kind, int64_t id, struct str custom,
                              int64_t now_ms)
{
    return set_text(db,
                    kind == TAG_OF_IMAGE ? STMT_IMAGE_TAG_SET_CUSTOM : STMT_FIGURE_TAG_SET_CUSTOM,
                    id, custom, now_ms);
}

enum err store_tag_delete(struct db *db, enum tag_owner kind, int64_t id)
{
    enum err e = store__count_tag(db, kind, id, -1);
    if (e != ERR_OK)
        return e;

    struct db_query *q =
        db_query(db, kind == TAG_OF_IMAGE ? STMT_IMAGE_TAG_DELETE : STMT_FIGURE_TAG_DELETE);
    db_bind_i64(q, id);
    return db_run(q);
}
