/* Rows of team files. */
#include "store/store_file.h"

#include "store/store_int.h"

void store_file_read(struct db_query *q, struct team_file *out)
{
    *out = (struct team_file){
        .id = db_col_i64(q, 0),
        .team_id = db_col_i64(q, 1),
        .user_id = db_col_i64(q, 2),
        .path = db_col_str(q, 3),
        .hash = db_col_str(q, 4),
        .mime = db_col_str(q, 5),
        .size = db_col_i64(q, 6),
        .created_at = db_col_i64(q, 7),
        .updated_at = db_col_i64(q, 8),
    };
}

static struct db_query *on_range(struct db *db, enum stmt stmt, int64_t team_id, struct str from,
                                 struct str end)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, team_id);
    db_bind_str(q, from);
    db_bind_str(q, end);
    return q;
}

struct db_query *store_files_open(struct db *db, int64_t team_id, struct str from, struct str end)
{
    return on_range(db, STMT_FILES_OF_RANGE, team_id, from, end);
}

enum err store_file_by_path(struct db *db, int64_t team_id, struct str path, struct team_file *out)
{
    struct db_query *q = db_query(db, STMT_FILE_BY_PATH);

    db_bind_i64(q, team_id);
    db_bind_str(q, path);
    bool found = db_step(q);
    if (found)
        store_file_read(q, out);
    return store__end_found(q, found);
}

enum err store_file_for(struct db *db, int64_t id, const struct caller *who, struct team_file *out)
{
    struct db_query *q = db_query(db, STMT_FILE_FOR);

    db_bind_i64(q, id);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
    db_bind_i64(q, PERM_VIEW);
    bool found = db_step(q);
    if (found)
        store_file_read(q, out);
    return store__end_found(q, found);
}

enum err store_file_put(struct db *db, struct team_file *f)
{
    struct db_query *q = db_query(db, f->id ? STMT_FILE_UPDATE : STMT_FILE_INSERT);

    db_bind_i64(q, f->id ? f->id : f->team_id);
    db_bind_str(q, f->path);
    db_bind_str(q, f->hash);
    db_bind_i64(q, f->size);
    db_bind_str(q, f->mime);
    db_bind_id(q, f->user_id);
    db_bind_i64(q, f->updated_at);
    return db_insert(q, &f->id);
}

enum err store_files_remove(struct db *db, int64_t team_id, struct str from, struct str end,
                            int64_t now_ms)
{
    struct db_query *q = on_range(db, STMT_FILES_REMOVE, team_id, from, end);

    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_files_totals(struct db *db, int64_t team_id, struct str from, struct str end,
                            int64_t user_id, struct file_totals *out)
{
    struct db_query *q = on_range(db, STMT_FILES_TOTALS, team_id, from, end);

    db_bind_i64(q, user_id);
    if (db_step(q))
        *out = (struct file_totals){db_col_i64(q, 0), db_col_i64(q, 1), db_col_i64(q, 2)};
    return db_end(q);
}

enum err store_files_size(struct db *db, int64_t team_id, int64_t *out)
{
    struct db_query *q = db_query(db, STMT_FILES_SIZE);

    db_bind_i64(q, team_id);
    *out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}

enum err store_files_size_add(struct db *db, int64_t team_id, int64_t more)
{
    struct db_query *q = db_query(db, STMT_FILES_SIZE_ADD);

    db_bind_i64(q, team_id);
    db_bind_i64(q, more);
    return db_run(q);
}
