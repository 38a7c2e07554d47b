/* Rows of images that are ranges of a file. */
#include "store/store_range.h"

#include "store/store_int.h"

enum err store_source_put(struct db *db, int64_t team_id, struct str hash, int64_t size,
                          int64_t now_ms, int64_t *id_out)
{
    struct db_query *q = db_query(db, STMT_SOURCE_PUT);

    db_bind_i64(q, team_id);
    db_bind_str(q, hash);
    db_bind_i64(q, size);
    db_bind_i64(q, now_ms);
    return db_insert(q, id_out);
}

enum err store_image_range_insert(struct db *db, int64_t image_id, const struct image_range *r)
{
    struct db_query *q = db_query(db, STMT_IMAGE_RANGE_INSERT);

    db_bind_i64(q, image_id);
    db_bind_i64(q, r->source_id);
    db_bind_i64(q, r->start);
    db_bind_i64(q, r->end);
    return db_run(q);
}

enum err store_image_range_delete(struct db *db, int64_t image_id)
{
    struct db_query *q = db_query(db, STMT_IMAGE_RANGE_DELETE);

    db_bind_i64(q, image_id);
    return db_run(q);
}

enum err store_blob_place(struct db *db, struct str hash, struct blob_place *out)
{
    struct db_query *q = db_query(db, STMT_BLOB_PLACE);

    db_bind_str(q, hash);
    bool found = db_step(q);
    if (found)
        *out = (struct blob_place){db_col_str(q, 0), db_col_i64(q, 1), db_col_i64(q, 2)};
    return store__end_found(q, found);
}

enum err store_source_of_project(struct db *db, int64_t project_id, struct str hash,
                                 struct blob_place *out)
{
    struct db_query *q = db_query(db, STMT_SOURCE_OF_PROJECT);

    db_bind_i64(q, project_id);
    db_bind_str(q, hash);
    bool found = db_step(q);
    if (found)
        *out = (struct blob_place){db_col_str(q, 0), 0, db_col_i64(q, 1)};
    return store__end_found(q, found);
}
