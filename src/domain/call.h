/* The context of one operation, whoever asked for it: the API, the command line, the demo. Domain
 * functions take it first, run in its open transaction, and fail through it. */
#ifndef DOMAIN_CALL_H
#define DOMAIN_CALL_H

#include "store/store_access.h"
#include "store/store_event.h"

/* Where a labeler sees only what they made, that is their account; 0 = what everybody made. */
struct sight {
    int64_t figures_by, tags_by;
};

struct call {
    struct db *db;       /* connection with the open transaction */
    struct arena *arena; /* lives as long as the call */
    struct caller me;
    struct access at;   /* the object the call is about, and what the caller may do with it */
    struct sight sight; /* what of it the caller sees; the job they work in decides */
    int64_t now_ms;     /* one time stamp for everything the call writes */
    struct fault fault; /* the first thing that went wrong */
};

/* What the caller sees in a job: its labeler maybe only their own. */
struct sight sight_of(const struct call *c, const struct access *job);

/* Record why the call fails; returns code. field: wire name of the request field, or NULL. */
enum err fail(struct call *c, enum err code, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Write an event of the caller, now. Fills team_id from c->at when it is 0. */
enum err call_event(struct call *c, struct event e);

/* Names people give: 1 to chars_max characters, no control characters, not only spaces. */
enum err name_check(struct call *c, struct str name, const char *field, size_t chars_max);

/* The same for names that clients make files and folders of: they must not lead out of the folder
 * that is downloaded to. */
enum err file_name_check(struct call *c, struct str name, const char *field);

/* Free text: at most chars_max characters, no NUL. */
enum err text_check(struct call *c, struct str text, const char *field, size_t chars_max);

#define NAME_CHARS_MAX        255
#define DESCRIPTION_CHARS_MAX 5000
#define README_CHARS_MAX      200000

/* s, or "" when it is absent. */
static inline struct str or_empty(struct str s)
{
    return s.p ? s : STR("");
}

#endif
