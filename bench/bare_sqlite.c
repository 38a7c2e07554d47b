/* The yardstick for durable writes: the same UPDATE and event INSERT as jobs.set-status, one
 * transaction each, on the same file, without a server around it.
 *
 * Usage: bare_sqlite FILE SECONDS SHIFT   prints transactions per second; SHIFT picks the status
 * that the run starts with. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/store_event.h"
#include "store/store_job.h"

#define RUN_JOBS             10000 /* a run changes about as many: the next begins behind them */
#define AUTOCHECKPOINT_PAGES 1000  /* SQLite's own default */

static enum err change(struct db *db, int64_t n, int64_t jobs, int64_t shift)
{
    static const char *const statuses[] = {"in_progress", "on_review", "stopped", "pending"};
    struct job j = {.id = 1 + (n + shift * RUN_JOBS) * 7919 % jobs,
                    .status = str_from(statuses[(shift + n / jobs) % 4])};
    struct event ev = {.action = "update_job_status", .team_id = 1, .user_id = 1, .job_id = j.id};
    enum err e = db_begin(db);

    if (e == ERR_OK)
        e = store_job_set_status(db, &j, clock_wall_ms());
    if (e == ERR_OK)
        e = store_event_insert(db, &ev, clock_wall_ms());
    return e == ERR_OK ? db_commit(db) : e;
}

static int64_t count_jobs(struct db *db)
{
    struct db_query *q = db_query_text(db, STR("SELECT MAX(id) FROM job"));
    int64_t n = db_step(q) ? db_col_i64(q, 0) : 0;

    db_end(q);
    return n;
}

int main(int argc, char **argv)
{
    struct db_options o = {.mode = DB_WRITE, .stmts = store_stmts, .stmts_len = STMT__MAX};
    struct fault f = {0};
    struct db *db;
    int64_t n = 0;

    int64_t shift;

    if (argc != 4 || !str_to_i64(str_from(argv[3]), &shift))
        return 2;
    o.target = argv[1];
    if (db_open(&o, &db, &f) != ERR_OK) {
        fprintf(stderr, "%s\n", f.message);
        return 1;
    }
    int64_t jobs = count_jobs(db), start = clock_mono_ms();
    int64_t end = start + (int64_t)(strtod(argv[2], NULL) * 1000);
    while (clock_mono_ms() < end && change(db, n, jobs, shift) == ERR_OK) {
        db_checkpoint(db, AUTOCHECKPOINT_PAGES);
        n++;
    }
    printf("%.0f\n", (double)n * 1000 / (double)(clock_mono_ms() - start));
    db_close(db);
    return 0;
}
