/* The yardstick for queues: claim the next image, then confirm it, one durable transaction each, on
 * the same file, without a server around it.
 *
 * Usage: bare_claim FILE QUEUE SECONDS   prints images per second. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/statements.h"

#define AUTOCHECKPOINT_PAGES 1000 /* SQLite's own default */

static enum err claim(struct db *db, int64_t queue, int64_t *image)
{
    enum err e = db_begin(db);
    struct db_query *q = db_query_text(
        db, STR("UPDATE queue_entity SET status = 'none' WHERE queue_id = ?1 AND entity_id ="
                " (SELECT entity_id FROM queue_entity WHERE queue_id = ?1 AND status IS NULL"
                " AND held_by IS NULL ORDER BY skips, entity_id LIMIT 1) RETURNING entity_id"));

    db_bind_i64(q, queue);
    *image = 0;
    while (e == ERR_OK && db_step(q))
        *image = db_col_i64(q, 0);
    enum err end = db_end(q);
    if (e == ERR_OK)
        e = end;
    return e == ERR_OK ? db_commit(db) : e;
}

static enum err confirm(struct db *db, int64_t queue, int64_t image)
{
    enum err e = db_begin(db);
    struct db_query *q = db_query_text(
        db, STR("UPDATE queue_entity SET status = 'done' WHERE queue_id = ?1 AND entity_id = ?2"));

    db_bind_i64(q, queue);
    db_bind_i64(q, image);
    enum err end = db_run(q);
    if (e == ERR_OK)
        e = end;
    return e == ERR_OK ? db_commit(db) : e;
}

int main(int argc, char **argv)
{
    struct db_options o = {.mode = DB_WRITE, .stmts = store_stmts, .stmts_len = STMT__MAX};
    int64_t queue, image, n = 0;
    struct fault f = {0};
    struct db *db;

    if (argc != 4 || !str_to_i64(str_from(argv[2]), &queue))
        return 2;
    o.target = argv[1];
    if (db_open(&o, &db, &f) != ERR_OK) {
        fprintf(stderr, "%s\n", f.message);
        return 1;
    }
    int64_t start = clock_mono_ms();
    int64_t end = start + (int64_t)(strtod(argv[3], NULL) * 1000);
    while (clock_mono_ms() < end && claim(db, queue, &image) == ERR_OK && image &&
           confirm(db, queue, image) == ERR_OK) {
        db_checkpoint(db, AUTOCHECKPOINT_PAGES);
        n++;
    }
    printf("%.0f\n", (double)n * 1000 / (double)(clock_mono_ms() - start));
    db_close(db);
    return 0;
}
