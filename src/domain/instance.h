/* The instance as a whole: making it, and the demo data. */
#ifndef DOMAIN_INSTANCE_H
#define DOMAIN_INSTANCE_H

#include "blob/blob.h"
#include "domain/call.h"

/* What a database needs besides its schema: roles, the key that signs logins. Repeatable. */
enum err instance_ensure(struct call *c);

struct instance_new {
    struct str admin_login, password_hash;
};
struct instance_made {
    char token[129];
    int64_t user_id, team_id, workspace_id;
};
/* The administrator with a team and a workspace. ERR_CONFLICT when there is any account already. */
enum err instance_init(struct call *c, const struct instance_new *n, struct instance_made *out);

/* Has nobody made an administrator yet? */
enum err instance_is_new(struct call *c, bool *out);

struct demo_made {
    int64_t team_id, workspace_id, project_id, dataset_id;
    bool created; /* false: everything was there already */
};
/* Workspace "Testing Workspace" with project "Lemons (Test)": six photos of lemons and kiwis in
 * dataset ds1, in the first team. */
enum err instance_demo(struct call *c, struct blob_store *blobs, struct demo_made *out);

/* Make `login` the caller of c: the command line acts as an administrator. */
enum err instance_act_as_admin(struct call *c);

#endif
