/* Roles and permissions. A role is a set of bits; who may do what with one job depends on the job
 * as well, see store/store_access.h. */
#ifndef STORE_PERM_H
#define STORE_PERM_H

#include "base/str.h"

enum perm {
    PERM_NONE = 0,
    PERM_TEAM = 1 << 0,         /* member of the team: its name, one's own role in it */
    PERM_VIEW = 1 << 1,         /* see workspaces, projects, datasets, classes, images */
    PERM_EDIT = 1 << 2,         /* change them; archive one's own */
    PERM_REMOVE = 1 << 3,       /* archive those of others */
    PERM_MEMBERS_VIEW = 1 << 4, /* see who is in the team */
    PERM_MEMBERS_EDIT = 1 << 5, /* invite, change roles, remove */
    PERM_TEAM_EDIT = 1 << 6,    /* rename or archive the team */
    PERM_ACTIVITY = 1 << 7,     /* read the activity log */
    PERM_JOB_CREATE = 1 << 8,   /* create jobs; manage those one has created */
    PERM_JOB_ALL = 1 << 9,      /* see and manage every job of the team */
    /* On one job; computed, never part of a role: */
    PERM_JOB_VIEW = 1 << 10,   /* the job exists for the caller */
    PERM_JOB_LABEL = 1 << 11,  /* the caller is its labeler and it is open to them */
    PERM_JOB_REVIEW = 1 << 12, /* the caller reviews it, or manages it */
    PERM_JOB_MANAGE = 1 << 13, /* edit, stop, archive, remove */
    /* On one account; computed: */
    PERM_USER_VIEW = 1 << 14,
    PERM_USER_EDIT = 1 << 15,
    /* Of the whole instance: */
    PERM_INSTANCE = 1 << 16,
    /* Of a role, or of the labeler or reviewer of a job: */
    PERM_ANNOTATE = 1 << 17, /* draw, tag, and change what is drawn */
    PERM_BROWSE = 1 << 18,   /* see a project as a whole, not only what a job shows of it */
    /* On one issue; computed: */
    PERM_ISSUE_VIEW = 1 << 19, /* the issue exists for the caller */
    PERM_ISSUE_TALK = 1 << 20, /* comment, open and close, add parts */
    PERM_ISSUE_EDIT = 1 << 21, /* rename, pin, remove */

    PERM__ALL = (1 << 22) - 1
};

struct role {
    int64_t id;
    const char *name;
    unsigned perms;
};

#define ROLE_ADMIN     1
#define ROLE_DEVELOPER 2
#define ROLE_ANNOTATOR 3
#define ROLE_VIEWER    4

extern const struct role roles[];
extern const size_t roles_len;

/* Name of one permission bit ("view", "job_all"), "" for none. */
const char *perm_name(enum perm p);

#endif
