/* Queries over the event log. */
#include "store/store_performance.h"

#include <stdlib.h>

#include "store/store_int.h"

static struct db_query *open_query(struct db *db, enum stmt stmt, const struct performance_query *p)
{
    struct db_query *q = db_query(db, stmt);

    db_bind_i64(q, p->team_id);
    db_bind_i64(q, p->me);
    db_bind_i64(q, p->all);
    db_bind_i64(q, p->start_ms);
    db_bind_i64(q, p->end_ms);
    db_bind_i64(q, p->local_ms);
    db_bind_i64(q, p->slot_ms);
    db_bind_i64(q, p->project_id);
    db_bind_i64(q, p->workspace_id);
    db_bind_str(q, store__id_array(db, p->user_ids, p->user_ids_len));
    db_bind_str(q, store__id_array(db, p->job_ids, p->job_ids_len));
    db_bind_str(q, p->job_title.p ? p->job_title : STR(""));
    return q;
}

struct rows {
    struct performance_row *v;
    size_t n, cap;
};

static enum err add_rows(struct db *db, enum stmt stmt, const struct performance_query *p,
                         struct rows *out)
{
    struct db_query *q = open_query(db, stmt, p);

    while (db_step(q) &&
           (out->v = arena_room(db_arena(db), out->v, out->n, &out->cap, sizeof *out->v)) != NULL) {
        struct performance_row *r = &out->v[out->n++];

        r->user_id = db_col_i64(q, 0);
        r->login = db_col_str(q, 1);
        r->slot = db_col_i64(q, 2);
        for (int i = 0; i < WORK__MAX; i++)
            r->n[i] = db_col_i64(q, 3 + i);
    }
    return db_end(q);
}

static int by_slot_and_login(const void *a, const void *b)
{
    const struct performance_row *x = a, *y = b;

    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    return str_cmp(x->login, y->login);
}

enum err store_performance(struct db *db, const struct performance_query *p,
                           struct performance_row **out, size_t *len_out)
{
    static const enum stmt parts[] = {STMT_PERFORMANCE_WORK, STMT_PERFORMANCE_VERDICTS,
                                      STMT_PERFORMANCE_REVIEWS, STMT_PERFORMANCE_JOBS};
    struct rows rows = {0};
    size_t len = 0;
    enum err e = ERR_OK;

    for (size_t i = 0; i < ARRAY_LEN(parts) && e == ERR_OK; i++)
        e = add_rows(db, parts[i], p, &rows);
    if (rows.n > 0 && rows.v)
        qsort(rows.v, rows.n, sizeof *rows.v, by_slot_and_login);
    for (size_t i = 0; rows.v && i < rows.n; i++) { /* logins are unique */
        if (len == 0 || by_slot_and_login(&rows.v[len - 1], &rows.v[i]) != 0) {
            rows.v[len++] = rows.v[i];
            continue;
        }
        for (int k = 0; k < WORK__MAX; k++)
            rows.v[len - 1].n[k] += rows.v[i].n[k];
    }
    *out = rows.v;
    *len_out = len;
    return e;
}

enum err store_performance_use(struct db *db, const struct performance_query *p, bool tags,
                               struct performance_use **out, size_t *len_out)
{
    struct db_query *q = open_query(db, tags ? STMT_PERFORMANCE_TAGS : STMT_PERFORMANCE_CLASSES, p);
    struct performance_use *list = NULL;
    size_t n = 0, cap = 0;

    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] = (struct performance_use){.id = db_col_i64(q, 0),
                                             .name = db_col_str(q, 1),
                                             .color = db_col_str(q, 2),
                                             .project = db_col_str(q, 3),
                                             .count = db_col_i64(q, 4),
                                             .images = db_col_i64(q, 5),
                                             .seconds = db_col_i64(q, 6)};
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_performance_assets(struct db *db, const struct performance_query *p,
                                  struct performance_assets *out)
{
    struct db_query *q = open_query(db, STMT_PERFORMANCE_ASSETS, p);

    if (db_step(q))
        *out = (struct performance_assets){.total = db_col_i64(q, 0),
                                           .done = db_col_i64(q, 1),
                                           .accepted = db_col_i64(q, 2),
                                           .rejected = db_col_i64(q, 3)};
    return db_end(q);
}
