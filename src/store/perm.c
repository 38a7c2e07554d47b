/* The role table. */
#include "store/perm.h"

#include <assert.h>

const struct role roles[] = {
#define ROLE(id, name, perms) {id, name, perms},
#include "store/roles.tbl"
#undef ROLE
};
const size_t roles_len = ARRAY_LEN(roles);

const char *perm_name(enum perm p)
{
    static const char *const names[] = {
        "team",       "view",       "edit",       "remove",     "members_view", "members_edit",
        "team_edit",  "activity",   "job_create", "job_all",    "job_view",     "job_label",
        "job_review", "job_manage", "user_view",  "user_edit",  "instance",     "annotate",
        "browse",     "issue_view", "issue_talk", "issue_edit",
    };

    static_assert(1u << ARRAY_LEN(names) == PERM__ALL + 1, "a permission has no name");
    return p == PERM_NONE ? "" : names[__builtin_ctz((unsigned)p)];
}
