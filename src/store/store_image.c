/* Rows of images, their tags and blobs. */
#include "store/store_image.h"

#include "store/store_int.h"

void store_image_read(struct db_query *q, struct image *out)
{
    *out = (struct image){
        .id = db_col_i64(q, 0),
        .project_id = db_col_i64(q, 1),
        .dataset_id = db_col_i64(q, 2),
        .name = db_col_str(q, 3),
        .description = db_col_str(q, 4),
        .hash = db_col_str(q, 5),
        .link = db_col_str(q, 6),
        .mime = db_col_str(q, 7),
        .size = db_col_i64(q, 8),
        .width = db_col_i64(q, 9),
        .height = db_col_i64(q, 10),
        .labels_count = db_col_i64(q, 11),
        .meta = db_col_str(q, 12),
        .created_by = db_col_str(q, 13),
        .created_at = db_col_i64(q, 14),
        .updated_at = db_col_i64(q, 15),
        .parent_id = db_col_i64(q, 16),
        .embedded_at = db_col_i64(q, 17),
        .annotated_at = db_col_i64(q, 18),
        .range = {db_col_i64(q, 19), db_col_i64(q, 20), db_col_str(q, 21), db_col_i64(q, 22),
                  db_col_i64(q, 23)},
    };
}

enum err store_image_get(struct db *db, int64_t id, struct image *out)
{
    struct db_query *q = db_query(db, STMT_IMAGE_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        store_image_read(q, out);
    return store__end_found(q, found);
}

enum err store_image_insert(struct db *db, struct image *i, int64_t created_by_id, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_IMAGE_INSERT);

    db_bind_i64(q, i->project_id);
    db_bind_i64(q, i->dataset_id);
    db_bind_str(q, i->name);
    db_bind_str(q, i->hash);
    db_bind_str(q, i->link);
    db_bind_str(q, i->mime);
    db_bind_i64(q, i->size);
    db_bind_i64(q, i->width);
    db_bind_i64(q, i->height);
    db_bind_str(q, i->meta);
    db_bind_id(q, created_by_id);
    db_bind_i64(q, now_ms);
    db_bind_id(q, i->parent_id);
    return db_insert(q, &i->id);
}

enum err store_images(struct db *db, const int64_t *ids, size_t n_ids, struct image **out,
                      size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_IMAGES_LOAD);
    struct image *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_str(q, store__id_array(db, ids, n_ids));
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        store_image_read(q, &list[n++]);
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_image_annotated(struct db *db, int64_t id, int64_t more_figures, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_IMAGE_ANNOTATED);

    db_bind_i64(q, id);
    db_bind_i64(q, more_figures);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_image_set_texts(struct db *db, int64_t id, struct str description,
                               struct str big_data)
{
    struct db_query *q = db_query(db, STMT_IMAGE_SET_TEXTS);

    db_bind_i64(q, id);
    db_bind_str(q, description);
    db_bind_str(q, big_data);
    return db_run(q);
}

enum err store_image_big_data(struct db *db, int64_t id, struct str *out)
{
    struct db_query *q = db_query(db, STMT_IMAGE_BIG_DATA);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        *out = db_col_str(q, 0);
    return store__end_found(q, found);
}

enum err store_image_datasets(struct db *db, const int64_t *ids, size_t n_ids,
                              int64_t **datasets_out, size_t *len_out, size_t *images_out)
{
    struct db_query *q = db_query(db, STMT_IMAGES_PLACES);
    int64_t *list = NULL;
    size_t n = 0, cap = 0;

    *images_out = 0;
    db_bind_str(q, store__id_array(db, ids, n_ids));
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL) {
        list[n++] = db_col_i64(q, 0);
        *images_out += (size_t)db_col_i64(q, 1);
    }
    *datasets_out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_image_update(struct db *db, const struct image *i, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_IMAGE_UPDATE);

    db_bind_i64(q, i->id);
    db_bind_str(q, i->name);
    db_bind_str(q, i->description);
    db_bind_str(q, i->meta);
    db_bind_str(q, i->link);
    db_bind_str(q, i->hash);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_image_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out)
{
    static const enum stmt steps[] = {STMT_FIGURES_OF_IMAGE_REMOVE, STMT_IMAGE_REMOVE};

    return store__archive(db, steps, ARRAY_LEN(steps), id, now_ms, changed_out);
}

enum err store_image_set_embedded(struct db *db, int64_t id, int64_t at_ms)
{
    struct db_query *q = db_query(db, STMT_IMAGE_SET_EMBEDDED);

    db_bind_i64(q, id);
    db_bind_id(q, at_ms);
    return db_run(q);
}

enum err store_image_was_removed(struct db *db, int64_t id, const struct caller *who, bool *out)
{
    struct db_query *q = db_query(db, STMT_IMAGE_WAS_REMOVED);

    db_bind_i64(q, id);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, PERM_EDIT);
    *out = db_step(q);
    return db_end(q);
}

enum err store_images_named(struct db *db, int64_t dataset_id, const struct str *names,
                            size_t n_names, struct image_name **out, size_t *len_out)
{
    struct db_query *q = db_query(db, STMT_IMAGES_NAMED);
    struct image_name *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, dataset_id);
    db_bind_str(q, store__text_array(db, names, n_names));
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct image_name){db_col_i64(q, 0), db_col_str(q, 1)};
    *out = list;
    *len_out = n;
    return db_end(q);
}

/* ---- blobs ---- */

static enum err insert_sender(struct db *db, struct str hash, int64_t user_id)
{
    struct db_query *q = db_query(db, STMT_BLOB_SENDER_INSERT);

    db_bind_str(q, hash);
    db_bind_i64(q, user_id);
    return db_run(q);
}

enum err store_blob_insert(struct db *db, const struct blob_info *b, int64_t user_id,
                           int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_BLOB_INSERT);

    db_bind_str(q, b->hash);
    db_bind_i64(q, b->size);
    db_bind_str(q, b->mime);
    db_bind_i64(q, b->width);
    db_bind_i64(q, b->height);
    db_bind_i64(q, now_ms);
    db_bind_id(q, b->source_id);
    db_bind_i64(q, b->start);
    enum err e = db_run(q);
    return e == ERR_OK && user_id ? insert_sender(db, b->hash, user_id) : e;
}

enum err store_blob_for(struct db *db, struct str hash, const struct caller *who,
                        struct blob_info *out)
{
    struct db_query *q = db_query(db, STMT_BLOB_FOR);

    db_bind_str(q, hash);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, PERM_VIEW);
    bool found = db_step(q);
    if (found)
        *out = (struct blob_info){.hash = db_col_str(q, 0),
                                  .size = db_col_i64(q, 1),
                                  .mime = db_col_str(q, 2),
                                  .width = db_col_i64(q, 3),
                                  .height = db_col_i64(q, 4)};
    return store__end_found(q, found);
}

enum err store_blob_known(struct db *db, struct str hash, bool *out)
{
    struct db_query *q = db_query(db, STMT_BLOB_KNOWN);

    db_bind_str(q, hash);
    *out = db_step(q);
    return db_end(q);
}

enum err store_blobs_forget(struct db *db, int64_t before_ms)
{
    static const enum stmt steps[] = {STMT_BLOB_SENDERS_FORGET, STMT_BLOBS_FORGET,
                                      STMT_SOURCES_FORGET};
    enum err e = ERR_OK;

    for (size_t i = 0; i < ARRAY_LEN(steps) && e == ERR_OK; i++) {
        struct db_query *q = db_query(db, steps[i]);

        db_bind_i64(q, before_ms);
        e = db_run(q);
    }
    return e;
}

enum err store_images_count_by(struct db *db, struct image *images, size_t n, int64_t user_id)
{
    struct db_query *q = db_query(db, STMT_FIGURES_COUNT_BY);
    int64_t *ids = arena_array(db_arena(db), n + 1, sizeof *ids);

    for (size_t i = 0; i < n; i++) {
        images[i].labels_count = 0;
        if (ids)
            ids[i] = images[i].id;
    }
    db_bind_str(q, store__id_array(db, ids, ids ? n : 0));
    db_bind_i64(q, user_id);
    while (db_step(q))
        for (size_t i = 0; i < n; i++)
            if (images[i].id == db_col_i64(q, 0))
                images[i].labels_count = db_col_i64(q, 1);
    return db_end(q);
}
