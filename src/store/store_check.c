/* Reading the whole store over. */
#include "store/store_check.h"

#include "store/store_int.h"

enum err store_check_blobs(struct db *db, struct str after, size_t n, struct stored_blob **out,
                           size_t *len_out)
{
    struct stored_blob *list = arena_array(db_arena(db), n, sizeof *list);
    struct db_query *q = db_query(db, STMT_CHECK_BLOBS);
    size_t len = 0;

    db_bind_str(q, after);
    db_bind_i64(q, (int64_t)n);
    while (list && len < n && db_step(q)) {
        list[len].hash = db_col_str(q, 0);
        list[len++].size = db_col_i64(q, 1);
    }
    *out = list;
    *len_out = len;
    enum err e = db_end(q);
    return list ? e : ERR_NOMEM;
}

enum err store_check_database(struct db *db, void (*found)(const char *text, void *ctx), void *ctx)
{
    static const enum stmt checks[] = {STMT_CHECK_PAGES, STMT_CHECK_REFERENCES, STMT_CHECK_JOBS,
                                       STMT_CHECK_DATASETS};
    struct arena arena;
    enum err e = ERR_OK;

    arena_init(&arena, 16u << 20);
    db_use_arena(db, &arena);
    for (size_t i = 0; i < ARRAY_LEN(checks) && e == ERR_OK; i++) {
        struct db_query *q = db_query(db, checks[i]);

        while (db_step(q)) {
            struct str text = db_col_str(q, 0);

            if (!str_is(text, "ok"))
                found(text.p ? text.p : "broken", ctx);
        }
        e = db_end(q);
    }
    arena_finish(&arena);
    return e;
}
