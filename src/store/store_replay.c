/* Rows of the replay journal. */
#include "store/store_replay.h"

#include "store/store_int.h"

enum err store_replay_get(struct db *db, const struct sha256 *key, struct replay_entry *out)
{
    struct db_query *q = db_query(db, STMT_REPLAY_GET);

    db_bind_blob(q, key->b, sizeof key->b);
    bool found = db_step(q);
    if (found)
        *out = (struct replay_entry){
            .answered_at = db_col_i64(q, 0),
            .settled_at = db_col_i64(q, 1),
            .answer = db_col_str(q, 2),
        };
    return store__end_found(q, found);
}

enum err store_replay_put(struct db *db, const struct sha256 *key, struct str answer, bool named,
                          int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_REPLAY_PUT);

    db_bind_blob(q, key->b, sizeof key->b);
    db_bind_i64(q, now_ms);
    db_bind_str(q, answer);
    db_bind_i64(q, named);
    return db_run(q);
}

enum err store_replay_settle(struct db *db, const struct sha256 *key, int64_t answered_at,
                             int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_REPLAY_SETTLE);

    db_bind_blob(q, key->b, sizeof key->b);
    db_bind_i64(q, now_ms);
    db_bind_i64(q, answered_at);
    return db_run(q);
}

enum err store_replay_sweep(struct db *db, int64_t before_ms, int64_t named_before_ms)
{
    struct db_query *q = db_query(db, STMT_REPLAY_SWEEP);

    db_bind_i64(q, before_ms);
    db_bind_i64(q, named_before_ms);
    return db_run(q);
}
