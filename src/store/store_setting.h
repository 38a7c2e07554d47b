/* Settings of the instance, roles, and the schema's migrations. */
#ifndef STORE_STORE_SETTING_H
#define STORE_STORE_SETTING_H

#include "store/statements.h"

/* ERR_NOT_FOUND: never set. */
enum err store_setting_get(struct db *db, struct str name, struct str *value_out);
enum err store_setting_put(struct db *db, struct str name, struct str value);

/* Make the role table equal to roles.tbl. */
enum err store_roles_sync(struct db *db, int64_t now_ms);

struct role_row {
    int64_t id;
    struct str name;
    int64_t created_at, updated_at;
};
/* Read a row of LIST_ROLES. */
void store_role_read(struct db_query *q, struct role_row *out);

#endif
