/* Issues, what their parts are about, and comments. */
#ifndef STORE_STORE_ISSUE_H
#define STORE_STORE_ISSUE_H

#include "store/store_access.h"

struct issue {
    int64_t id, team_id;
    int64_t parent_id; /* 0: it is no part of another one */
    struct str name, status;
    bool is_local, is_pinned;
    struct str meta; /* JSON object */
    int64_t created_by;
    struct str login; /* of who made it */
    int64_t created_at, updated_at;
};

/* What a part is about. */
struct issue_binding {
    struct str field; /* imageId, figureId, projectId, jobId */
    int64_t value;
    struct str extra;                         /* JSON object */
    int64_t project_id, dataset_id, image_id; /* 0 = none */
};

/* A part with one of its bindings. */
struct issue_part {
    int64_t id, parent_id;
    struct str name, status, meta;
    int64_t created_by;
    struct str login;
    int64_t created_at, updated_at;
    struct issue_binding about;
    struct str image_name; /* absent: not about one image */
};

struct issue_assignee {
    int64_t issue_id, user_id;
};

struct issue_comment {
    int64_t id, issue_id, created_by;
    struct str login;
    int64_t created_at, updated_at;
    struct str comment;
};

void store_issue_read(struct db_query *q, struct issue *out);
enum err store_issue_get(struct db *db, int64_t id, struct issue *out);
/* Fills i->id. */
enum err store_issue_insert(struct db *db, struct issue *i, int64_t now_ms);
/* Name, status, pin, meta, parent. */
enum err store_issue_update(struct db *db, const struct issue *i, int64_t now_ms);
/* With its parts. */
enum err store_issue_remove(struct db *db, int64_t id, int64_t now_ms, bool *changed_out);
/* Was it removed before, by somebody who may do what the caller may? */
enum err store_issue_was_removed(struct db *db, int64_t id, const struct caller *who, bool *out);

enum err store_issue_assign(struct db *db, int64_t id, int64_t user_id);
enum err store_issue_unassign_all(struct db *db, int64_t id);
/* Of these issues, ordered by issue and user. */
enum err store_issue_assignees(struct db *db, const int64_t *ids, size_t n,
                               struct issue_assignee **out, size_t *n_out);

enum err store_issue_bind(struct db *db, int64_t id, int64_t pos, const struct issue_binding *b);
/* Parts of these issues that the caller may see, once for every binding; ordered by issue and part.
 */
enum err store_issue_parts(struct db *db, const int64_t *ids, size_t n, const struct caller *who,
                           struct issue_part **out, size_t *n_out);
/* What is about a project, or (not 0) a dataset of it: issues, and parts ordered by id. */
enum err store_issues_about(struct db *db, int64_t project_id, int64_t dataset_id,
                            const struct caller *who, struct issue **out, size_t *n_out);
enum err store_issue_parts_about(struct db *db, int64_t project_id, int64_t dataset_id,
                                 const struct caller *who, struct issue_part **out, size_t *n_out);

enum err store_comment_get(struct db *db, int64_t id, struct issue_comment *out);
enum err store_comments_of(struct db *db, int64_t issue_id, struct issue_comment **out,
                           size_t *n_out);
/* Fills c->id. */
enum err store_comment_insert(struct db *db, struct issue_comment *c, int64_t now_ms);
enum err store_comment_update(struct db *db, int64_t id, struct str comment, int64_t now_ms);

#endif
