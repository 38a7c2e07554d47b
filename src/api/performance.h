/* What the methods of labeling-performance share: their arguments, and the numbers they show. */
#ifndef API_PERFORMANCE_H
#define API_PERFORMANCE_H

#include "api/rq.h"
#include "store/store_performance.h"

struct performance_args {
    int64_t team_id;
    struct str split_by;
    struct json_value *filters;
};
#define PERFORMANCE_FIELDS(T, args)                                                                \
    F_ID(REQUIRED, T, args.team_id, "teamId", "the team"),                                         \
        F_OBJ(OPTIONAL, T, args.filters, "filters",                                                \
              "userIds, jobIds, jobTitle, projectId, workspaceId, date {start, end},"              \
              " timezoneOffset (minutes that UTC is ahead of local time), dataType (images)")
#define PERFORMANCE_SPLIT(T, args)                                                                 \
    F_STR(OPTIONAL, T, args.split_by, "splitBy", 8, "year, month, day (default) or hour")

/* Check the arguments; who may not see the team's numbers gets their own. by_time: a slot for each
 * day or hour, otherwise one for all. */
enum err performance_query(struct rq *rq, const struct performance_args *args, bool by_time,
                           struct performance_query *out);

/* A number of people's work: n[of], or factor * n[of] / (n[per] + n[and]), nothing when that is 0.
 */
struct performance_number_def {
    const char *name; /* on the wire, and in the first line of the CSV */
    enum performance_number of, per, and;
    int factor; /* 0: n[of] itself */
};
extern const struct performance_number_def performance_numbers[];
extern const size_t performance_numbers_len;
/* false: it cannot be said. Rounded to two digits. */
bool performance_ratio(const struct performance_number_def *d, const int64_t *n, double *out);

/* The start of a row's year, month, day or hour, in local time, as people write it. */
struct str performance_date(struct arena *a, const struct performance_query *q, int64_t slot,
                            struct str split_by);

/* Rows of the same date and order, made one; returns how many are left. */
size_t performance_merge(struct arena *a, const struct performance_query *q, struct str split_by,
                         struct performance_row *rows, size_t n);

#endif
