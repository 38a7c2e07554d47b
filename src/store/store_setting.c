/* Rows of settings and roles. */
#include "store/store_setting.h"

#include "store/perm.h"
#include "store/store_int.h"

enum err store_setting_get(struct db *db, struct str name, struct str *value_out)
{
    struct db_query *q = db_query(db, STMT_SETTING_GET);

    db_bind_str(q, name);
    bool found = db_step(q);
    if (found)
        *value_out = db_col_str(q, 0);
    return store__end_found(q, found);
}

enum err store_setting_put(struct db *db, struct str name, struct str value)
{
    struct db_query *q = db_query(db, STMT_SETTING_PUT);

    db_bind_str(q, name);
    db_bind_str(q, value);
    return db_run(q);
}

enum err store_roles_sync(struct db *db, int64_t now_ms)
{
    enum err e = ERR_OK;

    for (size_t i = 0; i < roles_len && e == ERR_OK; i++) {
        struct db_query *q = db_query(db, STMT_ROLE_PUT);

        db_bind_i64(q, roles[i].id);
        db_bind_str(q, str_from(roles[i].name));
        db_bind_i64(q, roles[i].perms);
        db_bind_i64(q, now_ms);
        e = db_run(q);
    }
    return e;
}

void store_role_read(struct db_query *q, struct role_row *out)
{
    *out = (struct role_row){
        .id = db_col_i64(q, 0),
        .name = db_col_str(q, 1),
        .created_at = db_col_i64(q, 2),
        .updated_at = db_col_i64(q, 3),
    };
}
