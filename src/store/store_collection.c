/* Rows of collections of images. */
#include "store/store_collection.h"

#include <math.h>
#include <stdlib.h>

#include "store/store_int.h"

void store_collection_read(struct db_query *q, struct collection *out)
{
    *out = (struct collection){
        .id = db_col_i64(q, 0),
        .project_id = db_col_i64(q, 1),
        .team_id = db_col_i64(q, 2),
        .name = db_col_str(q, 3),
        .description = db_col_str(q, 4),
        .type = db_col_str(q, 5),
        .meta = db_col_str(q, 6),
        .created_at = db_col_i64(q, 7),
        .updated_at = db_col_i64(q, 8),
    };
}

enum err store_collection_get(struct db *db, int64_t id, struct collection *out)
{
    struct db_query *q = db_query(db, STMT_COLLECTION_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        store_collection_read(q, out);
    return store__end_found(q, found);
}

enum err store_collection_insert(struct db *db, struct collection *c, int64_t created_by_id,
                                 int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_COLLECTION_INSERT);

    db_bind_i64(q, c->project_id);
    db_bind_str(q, c->name);
    db_bind_str(q, c->description);
    db_bind_str(q, c->type);
    db_bind_str(q, c->meta);
    db_bind_id(q, created_by_id);
    db_bind_i64(q, now_ms);
    return db_insert(q, &c->id);
}

enum err store_collection_update(struct db *db, int64_t id, struct str name, struct str description,
                                 int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_COLLECTION_UPDATE);

    db_bind_i64(q, id);
    db_bind_str(q, name);
    db_bind_str(q, description);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_collection_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out)
{
    struct db_query *q = db_query(db, STMT_COLLECTION_REMOVE);

    db_bind_i64(q, id);
    db_bind_i64(q, now_ms);
    return store__run_changed(db, q, changed_out);
}

enum err store_collection_empty(struct db *db, int64_t id)
{
    struct db_query *q = db_query(db, STMT_COLLECTION_EMPTY);

    db_bind_i64(q, id);
    return db_run(q);
}

enum err store_images_of_project(struct db *db, int64_t project_id, const int64_t *ids, size_t n,
                                 int64_t **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_IMAGES_OF_PROJECT_AMONG);
    int64_t *list = NULL;
    size_t len = 0, cap = 0;

    db_bind_i64(q, project_id);
    db_bind_str(q, store__id_array(db, ids, n));
    while (db_step(q) && (list = arena_room(db_arena(db), list, len, &cap, sizeof *list)) != NULL)
        list[len++] = db_col_i64(q, 0);
    *out = list;
    *len_out = list ? len : 0;
    return db_end(q);
}

enum err store_collection_put(struct db *db, int64_t id, struct collection_item *item,
                              int64_t created_by_id, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_COLLECTION_ITEM_PUT);

    db_bind_i64(q, id);
    db_bind_i64(q, item->image_id);
    if (isnan(item->score))
        db_bind_null(q);
    else
        db_bind_real(q, item->score);
    db_bind_id(q, created_by_id);
    db_bind_i64(q, now_ms);
    if (db_step(q)) {
        item->id = db_col_i64(q, 0);
        item->created_at = db_col_i64(q, 1);
        db_step(q); /* to the end: the row counts as written only then */
    }
    return db_end(q);
}

enum err store_collection_items(struct db *db, int64_t id, const int64_t *image_ids, size_t n,
                                struct collection_item **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_COLLECTION_ITEMS_AMONG);
    struct collection_item *list = NULL;
    size_t len = 0, cap = 0;

    db_bind_i64(q, id);
    db_bind_str(q, store__id_array(db, image_ids, n));
    while (db_step(q) && (list = arena_room(db_arena(db), list, len, &cap, sizeof *list)) != NULL)
        list[len++] = (struct collection_item){
            .id = db_col_i64(q, 0), .image_id = db_col_i64(q, 1), .created_at = db_col_i64(q, 2)};
    *out = list;
    *len_out = list ? len : 0;
    return db_end(q);
}

enum err store_collection_items_remove(struct db *db, int64_t id, const int64_t *image_ids,
                                       size_t n)
{
    struct db_query *q = db_query(db, STMT_COLLECTION_ITEMS_REMOVE);

    db_bind_i64(q, id);
    db_bind_str(q, store__id_array(db, image_ids, n));
    return db_run(q);
}

static int by_id(const void *a, const void *b)
{
    int64_t x = (*(struct image *const *)a)->id, y = (*(struct image *const *)b)->id;

    return (x > y) - (x < y);
}

static struct image *with_id(struct image *const *sorted, size_t n, int64_t id)
{
    struct image key = {.id = id}, *at = &key;
    struct image **found = bsearch(&at, sorted, n, sizeof *sorted, by_id);

    return found ? *found : NULL;
}

enum err store_collection_score(struct db *db, int64_t id, struct image *images, size_t n)
{
    struct image **sorted = arena_array(db_arena(db), n + 1, sizeof(struct image *));
    int64_t *ids = arena_array(db_arena(db), n + 1, sizeof *ids);

    if (sorted == NULL || ids == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = &images[i];
        ids[i] = images[i].id;
    }
    qsort(sorted, n, sizeof *sorted, by_id);
    struct db_query *q = db_query(db, STMT_COLLECTION_SCORES);
    db_bind_i64(q, id);
    db_bind_str(q, store__id_array(db, ids, n));
    while (db_step(q)) {
        struct image *i = with_id(sorted, n, db_col_i64(q, 0));

        if (i) {
            i->scored = true;
            i->score = db_col_real(q, 1);
        }
    }
    return db_end(q);
}
