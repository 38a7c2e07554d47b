/* Counting queries. */
#include "store/store_stats.h"

#include "store/store_int.h"

enum err store_usage(struct db *db, enum usage_of what, int64_t project_id, struct usage **out,
                     size_t *len_out)
{
    static const enum stmt statements[] = {[USAGE_OF_CLASSES] = STMT_USAGE_OF_CLASSES,
                                           [USAGE_OF_IMAGE_TAGS] = STMT_USAGE_OF_IMAGE_TAGS,
                                           [USAGE_OF_FIGURE_TAGS] = STMT_USAGE_OF_FIGURE_TAGS};
    struct db_query *q = db_query(db, statements[what]);
    struct usage *list = NULL;
    size_t n = 0, cap = 0;

    db_bind_i64(q, project_id);
    while (db_step(q) && (list = arena_room(db_arena(db), list, n, &cap, sizeof *list)) != NULL)
        list[n++] =
            (struct usage){db_col_i64(q, 0), db_col_i64(q, 1), db_col_i64(q, 2), db_col_i64(q, 3)};
    *out = list;
    *len_out = n;
    return db_end(q);
}

enum err store_images_marked(struct db *db, int64_t project_id, int64_t *out)
{
    struct db_query *q = db_query(db, STMT_IMAGES_MARKED);

    db_bind_i64(q, project_id);
    *out = db_step(q) ? db_col_i64(q, 0) : 0;
    return db_end(q);
}
