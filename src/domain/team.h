/* Teams, membership and workspaces. */
#ifndef DOMAIN_TEAM_H
#define DOMAIN_TEAM_H

#include "domain/call.h"
#include "store/store_team.h"

/* A team with the caller as its admin, and a first workspace in it. ERR_CONFLICT on "name". */
enum err team_create(struct call *c, struct str name, struct str description, int64_t *id_out);

/* The team every unrestricted user gets: named after the login (or login_002 ...), they its admin.
 */
enum err team_create_personal(struct call *c, struct str login, int64_t user_id);

/* Absent values stay. */
enum err team_edit(struct call *c, int64_t id, struct str name, struct str description);

/* Add the account with this login to the team c->at. With the role they have already: nothing
 * changes; with another one: ERR_CONFLICT. */
enum err member_add(struct call *c, struct str login, int64_t role_id, int64_t *user_id_out);
/* ERR_NOT_FOUND: no member. The last enabled admin of a team stays one. */
enum err member_set_role(struct call *c, int64_t user_id, int64_t role_id);
/* They leave the queues of the team, too; jobs stay assigned. Removing who is no member changes
 * nothing. */
enum err member_remove(struct call *c, int64_t user_id);

/* In the team c->at. ERR_CONFLICT on "name". */
enum err workspace_create(struct call *c, struct str name, struct str description, int64_t *id_out);
enum err workspace_edit(struct call *c, int64_t id, struct str name, struct str description);
/* With everything in it. Who may not remove what others made must have created it. */
enum err workspace_archive(struct call *c, int64_t id);

/* ERR_FORBIDDEN unless the caller may remove what others made, or made it. */
enum err owner_check(struct call *c, int64_t owner_id, const char *what);

#endif
