/* Shared by the files of store/ only: the shapes that most statements have. */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include "store/statements.h"

/* One row or none: ERR_NOT_FOUND when found is false and nothing else went wrong. */
static inline enum err store__end_found(struct db_query *q, bool found)
{
    enum err e = db_end(q);

    return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

/* UPDATE ... WHERE ... AND value <> new: did a row change? */
static inline enum err store__run_changed(struct db *db, struct db_query *q, bool *changed_out)
{
    enum err e = db_run(q);

    *changed_out = e == ERR_OK && db_changes(db) > 0;
    return e;
}

/* created_by of an object; 0 when nobody is recorded. ERR_NOT_FOUND. */
enum err store__owner(struct db *db, enum stmt stmt, int64_t id, int64_t *user_out);

/* "[1,2,3]", the form in which statements take many ids; in the arena of the connection. */
struct str store__id_array(struct db *db, const int64_t *ids, size_t n);

/* The same for strings: a JSON array of them. */
struct str store__text_array(struct db *db, const struct str *texts, size_t n);

/* Three parameters: with, how many, without. */
struct id_rule;
void store__bind_rule(struct db *db, struct db_query *q, const struct id_rule *r);

/* Archive an object with what hangs below it: one statement a kind, the object itself last; each
 * takes the id and the time, so that a later restore finds what went together. */
enum err store__archive(struct db *db, const enum stmt *steps, size_t steps_len, int64_t id,
                        int64_t now_ms, bool *changed_out);

#endif
