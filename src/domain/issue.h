/* Issues: what people tell each other about a project's images, figures and jobs. An issue has
 * parts (sub-issues), each about something; both can be talked about, and are open or closed. */
#ifndef DOMAIN_ISSUE_H
#define DOMAIN_ISSUE_H

#include "domain/call.h"
#include "store/store_issue.h"
#include "json/json_read.h"

struct issue_new {
    struct str name, comment;
    const int64_t *assignees;
    size_t assignees_len;
    bool is_local;
};

/* In team c->at.team_id; with a first comment when it is not empty. */
enum err issue_create(struct call *c, const struct issue_new *n, int64_t *id_out);

/* Absent members stay. c->at is the issue. */
struct issue_edit {
    struct str name, status;
    bool has_pinned, pinned;
    const int64_t *assignees; /* NULL: they stay */
    size_t assignees_len;
};
enum err issue_edit(struct call *c, int64_t id, const struct issue_edit *n);

/* Repeating changes nothing. */
enum err issue_remove(struct call *c, int64_t id);

/* A part of issue `parent_id`, about these; each was looked up, so that the caller may see it. */
struct issue_part_new {
    int64_t parent_id;
    struct str name, comment;
    struct str meta; /* text of an object */
    const struct issue_binding *about;
    size_t about_len;
};
enum err issue_part_create(struct call *c, const struct issue_part_new *n, int64_t *id_out);

/* Absent members stay; parent_id 0 stays. */
struct issue_part_edit {
    struct str status, meta;
    int64_t parent_id;
};
enum err issue_part_edit(struct call *c, int64_t id, const struct issue_part_edit *n);

enum err issue_comment_add(struct call *c, int64_t issue_id, struct str text, int64_t *id_out);
/* Only by who wrote it. */
enum err issue_comment_edit(struct call *c, int64_t id, struct str text);

#define ISSUE_ASSIGNEES_MAX 200
#define ISSUE_BINDINGS_MAX  1000

#endif
