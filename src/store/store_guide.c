/* Rows of guides. */
#include "store/store_guide.h"

#include "store/store_int.h"

void store_guide_read(struct db_query *q, struct guide *out)
{
    *out = (struct guide){
        .id = db_col_i64(q, 0),
        .name = db_col_str(q, 1),
        .description = db_col_str(q, 2),
        .file_path = db_col_str(q, 3),
        .created_at = db_col_i64(q, 4),
        .updated_at = db_col_i64(q, 5),
        .created_by = db_col_i64(q, 6),
        .team_id = db_col_i64(q, 7),
        .video_id = db_col_i64(q, 8),
        .disabled_by = db_col_i64(q, 9),
        .disabled_at = db_col_i64(q, 10),
        .text = db_col_str(q, 11),
    };
}

enum err store_guide_get(struct db *db, int64_t id, struct guide *out)
{
    struct db_query *q = db_query(db, STMT_GUIDE_GET);

    db_bind_i64(q, id);
    bool found = db_step(q);
    if (found)
        store_guide_read(q, out);
    return store__end_found(q, found);
}

enum err store_guide_insert(struct db *db, struct guide *g, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_GUIDE_INSERT);

    db_bind_i64(q, g->team_id);
    db_bind_str(q, g->name);
    db_bind_str(q, g->description);
    db_bind_str(q, g->file_path);
    db_bind_id(q, g->video_id);
    db_bind_str(q, g->text);
    db_bind_i64(q, g->created_by);
    db_bind_i64(q, now_ms);
    return db_insert(q, &g->id);
}

enum err store_guide_update(struct db *db, const struct guide *g, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_GUIDE_UPDATE);

    db_bind_i64(q, g->id);
    db_bind_str(q, g->name);
    db_bind_str(q, g->description);
    db_bind_str(q, g->file_path);
    db_bind_id(q, g->video_id);
    db_bind_str(q, g->text);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_guide_set_disabled(struct db *db, const struct guide *g, bool disabled,
                                  bool *changed_out)
{
    struct db_query *q = db_query(db, disabled ? STMT_GUIDE_DISABLE : STMT_GUIDE_ENABLE);

    db_bind_i64(q, g->id);
    if (disabled) {
        db_bind_i64(q, g->disabled_by);
        db_bind_i64(q, g->disabled_at);
    }
    return store__run_changed(db, q, changed_out);
}
