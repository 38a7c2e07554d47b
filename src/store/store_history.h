/* What figures were before: their versions, and images as they were at a time. */
#ifndef STORE_STORE_HISTORY_H
#define STORE_STORE_HISTORY_H

#include "store/statements.h"

/* What there is to a figure that changes. */
struct figure_state {
    int64_t class_id;
    struct str class_name, type, description;
    struct str tags; /* JSON array of {tagId, value} */
    struct str geometry;
};

/* A figure now or at a time. */
struct figure_then {
    int64_t id;
    bool there; /* otherwise it was, or is, removed */
    int64_t created_by_id;
    struct str created_by; /* login */
    int64_t created_at;
    struct figure_state state;
};

/* A change of a figure, and what it was before. */
struct figure_version {
    int64_t id, figure_id;
    int64_t at, user_id, job_id; /* user_id, job_id: 0 = nobody, none */
    struct str login, action;
    struct figure_state was;
};

/* All in the arena of the connection. Versions from the oldest to the newest. */
enum err store_figure_versions(struct db *db, int64_t figure_id, struct figure_version **out,
                               size_t *len_out);
enum err store_figure_version_get(struct db *db, int64_t figure_id, int64_t version_id,
                                  struct figure_version *out);
/* The latest change after since_ms by anybody but the account. ERR_NOT_FOUND: there is none. */
enum err store_figure_version_of_others(struct db *db, int64_t figure_id, int64_t since_ms,
                                        int64_t user_id, struct figure_version *out);
enum err store_figure_now(struct db *db, int64_t figure_id, struct figure_then *out);
/* Figures of an image that had been made by then, by id; `by`: of one account only, 0 = all. */
enum err store_figures_at(struct db *db, int64_t image_id, int64_t at_ms, int64_t by,
                          struct figure_then **out, size_t *len_out);

/* Number and beginning of an earlier round of a job, or of the job itself. ERR_NOT_FOUND: it is
 * none of them. */
enum err store_job_round(struct db *db, int64_t job_id, int64_t earlier_id, int64_t *round_out,
                         int64_t *at_out);
/* When an image went on into the next round; 0: it did not. */
enum err store_job_round_end(struct db *db, int64_t job_id, int64_t image_id, int64_t *at_out);

#endif
