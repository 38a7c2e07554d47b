/* May the caller touch this object? One query per kind of object, run in the transaction of the
 * call, with the role inside the SQL. What a caller may not see does not exist for them. */
#ifndef STORE_STORE_ACCESS_H
#define STORE_STORE_ACCESS_H

#include "base/hash.h"
#include "store/perm.h"
#include "store/statements.h"

struct caller {
    int64_t user_id;
    int64_t token_id;
    struct str login;
    bool is_admin; /* of the whole instance */
    bool is_restricted;
    bool disabled;
};

enum access_kind {
    ACCESS_TEAM,
    ACCESS_WORKSPACE,
    ACCESS_PROJECT,
    ACCESS_DATASET,
    ACCESS_IMAGE,
    ACCESS_FIGURE,
    ACCESS_CLASS,
    ACCESS_JOB,
    ACCESS_QUEUE,
    ACCESS_COLLECTION,
    ACCESS_WEBHOOK,
    ACCESS_DELIVERY,
    ACCESS_ISSUE,
    ACCESS_COMMENT,
    ACCESS_GUIDE,
    ACCESS_USER
};

/* Where the object stands, 0 for levels it has none of, and what the caller may do with it. */
struct access {
    int64_t team_id, workspace_id, project_id, dataset_id;
    unsigned perms; /* bits of enum perm */
    /* ACCESS_JOB only: */
    int64_t job_rev;     /* grows with each visible change of the job */
    int64_t names_epoch; /* grows with each rename of something the job shows */
    int64_t images_count;
    bool own_figures, own_tags; /* its labeler sees only what they made */
};

/* ERR_NOT_FOUND: no such object, archived, or nothing the caller may know of. */
enum err store_access(struct db *db, enum access_kind kind, int64_t id, const struct caller *who,
                      struct access *out);

/* Is the image one of the job's? */
enum err store_job_has_entity(struct db *db, int64_t job_id, int64_t image_id, bool *out);

/* Does the caller label or review an open job of the project? They need its definitions. */
enum err store_project_worked_on(struct db *db, int64_t project_id, const struct caller *who,
                                 bool *out);

/* How many of the images does the job list? */
enum err store_job_lists(struct db *db, int64_t job_id, const int64_t *image_ids, size_t n,
                         size_t *out);

/* Whose token is this? ERR_UNAUTHENTICATED: unknown, revoked or expired. */
enum err store_token_caller(struct db *db, const struct sha256 *hash, int64_t now_ms,
                            struct caller *out);

struct token {
    int64_t user_id;
    struct sha256 hash;
    struct str name;    /* what it is for */
    int64_t expires_at; /* ms; 0 = never */
};
enum err store_token_insert(struct db *db, const struct token *t, int64_t now_ms);

/* The token with this hash is worth nothing any more. Repeating changes nothing. */
enum err store_token_revoke(struct db *db, const struct sha256 *hash, int64_t now_ms);

/* The same for all tokens of this name that the user has, but for token `except` (0: none). */
enum err store_tokens_revoke(struct db *db, int64_t user_id, struct str name, int64_t except,
                             int64_t now_ms);

#endif
