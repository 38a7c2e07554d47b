/* How much people did, and how good it was, counted from the event log. */
#ifndef STORE_STORE_PERFORMANCE_H
#define STORE_STORE_PERFORMANCE_H

#include "store/statements.h"

struct performance_query {
    int64_t team_id, me;
    bool all;                         /* the whole team; otherwise only `me` */
    int64_t start_ms, end_ms;         /* from, up to and not with */
    int64_t local_ms;                 /* local time is ahead of UTC by this */
    int64_t slot_ms;                  /* what goes into one row */
    int64_t project_id, workspace_id; /* 0 = any */
    const int64_t *user_ids, *job_ids;
    size_t user_ids_len, job_ids_len; /* 0 = any */
    struct str job_title;             /* pattern; absent = any */
};

enum performance_number {
    WORK_LABELING_S,
    WORK_REVIEWING_S,
    WORK_OBJECTS,
    WORK_TAGS,
    WORK_ACTIONS,
    WORK_SUBMITTED,
    WORK_ACCEPTED,
    WORK_REJECTED,
    WORK_FIRST,          /* images with a first verdict */
    WORK_FIRST_ACCEPTED, /* which accepted them */
    WORK_REVIEWS,
    WORK_JOBS,
    WORK__MAX
};

struct performance_row {
    int64_t user_id;
    struct str login;
    int64_t slot; /* local time / slot_ms */
    int64_t n[WORK__MAX];
};

/* A class or tag, how often it was used. */
struct performance_use {
    int64_t id;
    struct str name, color, project;
    int64_t count, images, seconds;
};

struct performance_assets {
    int64_t total, done, accepted, rejected;
};

/* A row for each person and slot with anything in it, by slot and login; in the arena. */
enum err store_performance(struct db *db, const struct performance_query *p,
                           struct performance_row **out, size_t *len_out);
enum err store_performance_use(struct db *db, const struct performance_query *p, bool tags,
                               struct performance_use **out, size_t *len_out);
/* Of the jobs as they are now. */
enum err store_performance_assets(struct db *db, const struct performance_query *p,
                                  struct performance_assets *out);

#endif
