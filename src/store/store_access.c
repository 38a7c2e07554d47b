/* Access queries and API tokens. */
#include "store/store_access.h"

#include "store/store_int.h"

static void read_place(struct db_query *q, struct access *out)
{
    out->team_id = db_col_i64(q, 0);
    out->workspace_id = db_col_i64(q, 1);
    out->project_id = db_col_i64(q, 2);
    out->dataset_id = db_col_i64(q, 3);
    out->perms = (unsigned)db_col_i64(q, 4);
}

static void bind_object(struct db_query *q, int64_t id, const struct caller *who)
{
    db_bind_i64(q, id);
    db_bind_i64(q, who->user_id);
    db_bind_i64(q, who->is_admin);
}

static unsigned job_perms(unsigned role_perms, bool labels, bool reviews, bool creates)
{
    bool manages = (role_perms & PERM_JOB_ALL) || (creates && (role_perms & PERM_JOB_CREATE));

    return role_perms | PERM_JOB_VIEW | (labels ? PERM_JOB_LABEL : 0u) |
           (reviews || manages ? PERM_JOB_REVIEW : 0u) | (manages ? PERM_JOB_MANAGE : 0u);
}

static bool access_job(struct db_query *q, struct access *out)
{
    db_bind_i64(q, PERM_JOB_ALL);
    db_bind_i64(q, PERM_JOB_CREATE);
    if (!db_step(q))
        return false;
    read_place(q, out);
    out->perms = job_perms(out->perms, db_col_i64(q, 5), db_col_i64(q, 6), db_col_i64(q, 7));
    out->job_rev = db_col_i64(q, 8);
    out->images_count = db_col_i64(q, 9);
    out->names_epoch = db_col_i64(q, 10);
    out->own_figures = db_col_i64(q, 11) != 0;
    out->own_tags = db_col_i64(q, 12) != 0;
    return true;
}

static bool access_queue(struct db_query *q, struct access *out)
{
    db_bind_i64(q, PERM_JOB_ALL);
    db_bind_i64(q, PERM_JOB_CREATE);
    if (!db_step(q))
        return false;
    read_place(q, out);
    out->perms = job_perms(out->perms, false, false, db_col_i64(q, 5));
    return true;
}

static bool access_user(struct db_query *q, int64_t id, const struct caller *who,
                        struct access *out)
{
    db_bind_i64(q, PERM_MEMBERS_VIEW);
    if (!db_step(q))
        return false;
    out->perms = PERM_USER_VIEW | (id == who->user_id ? PERM_USER_EDIT : 0u);
    return true;
}

/* Who is on it talks; who made it, or edits the team's projects, may change it; one that is for
 * everybody can be read by every account that is not kept to its jobs. */
static bool access_issue(struct db_query *q, const struct caller *who, struct access *out)
{
    db_bind_i64(q, PERM_VIEW);
    if (!db_step(q))
        return false;
    read_place(q, out);
    bool on_it = db_col_i64(q, 5) != 0, mine = db_col_i64(q, 6) == who->user_id;
    bool reads = on_it || (db_col_i64(q, 7) != 0 && !who->is_restricted);
    bool edits = on_it && (mine || (out->perms & PERM_EDIT));

    out->perms |= (reads ? PERM_ISSUE_VIEW : 0u) | (on_it ? PERM_ISSUE_TALK : 0u) |
                  (edits ? PERM_ISSUE_EDIT : 0u);
    return true;
}

enum err store_access(struct db *db, enum access_kind kind, int64_t id, const struct caller *who,
                      struct access *out)
{
    static const enum stmt by_kind[] = {
        [ACCESS_TEAM] = STMT_ACCESS_TEAM,
        [ACCESS_WORKSPACE] = STMT_ACCESS_WORKSPACE,
        [ACCESS_PROJECT] = STMT_ACCESS_PROJECT,
        [ACCESS_DATASET] = STMT_ACCESS_DATASET,
        [ACCESS_IMAGE] = STMT_ACCESS_IMAGE,
        [ACCESS_CLASS] = STMT_ACCESS_CLASS,
        [ACCESS_QUEUE] = STMT_ACCESS_QUEUE,
        [ACCESS_FIGURE] = STMT_ACCESS_FIGURE,
        [ACCESS_JOB] = STMT_ACCESS_JOB,
        [ACCESS_USER] = STMT_ACCESS_USER,
        [ACCESS_COLLECTION] = STMT_ACCESS_COLLECTION,
        [ACCESS_WEBHOOK] = STMT_ACCESS_WEBHOOK,
        [ACCESS_DELIVERY] = STMT_ACCESS_DELIVERY,
        [ACCESS_ISSUE] = STMT_ACCESS_ISSUE,
        [ACCESS_COMMENT] = STMT_ACCESS_COMMENT,
        [ACCESS_GUIDE] = STMT_ACCESS_GUIDE,
    };
    struct db_query *q = db_query(db, by_kind[kind]);
    bool found;

    *out = (struct access){0};
    bind_object(q, id, who);
    if (kind == ACCESS_JOB) {
        found = access_job(q, out);
    } else if (kind == ACCESS_QUEUE) {
        found = access_queue(q, out);
    } else if (kind == ACCESS_ISSUE || kind == ACCESS_COMMENT) {
        found = access_issue(q, who, out);
    } else if (kind == ACCESS_GUIDE) {
        found = db_step(q);
        if (found)
            read_place(q, out);
        if (found && db_col_i64(q, 5))
            out->perms |= PERM_VIEW;
    } else if (kind == ACCESS_USER) {
        found = access_user(q, id, who, out);
    } else {
        found = db_step(q);
        if (found)
            read_place(q, out);
    }
    enum err e = db_end(q);
    if (who->is_admin)
        out->perms |= PERM__ALL & ~(unsigned)PERM_JOB_LABEL;
    return e == ERR_OK && !found ? ERR_NOT_FOUND : e;
}

enum err store_job_has_entity(struct db *db, int64_t job_id, int64_t image_id, bool *out)
{
    struct db_query *q = db_query(db, STMT_JOB_HAS_ENTITY);

    db_bind_i64(q, job_id);
    db_bind_i64(q, image_id);
    *out = db_step(q);
    return db_end(q);
}

enum err store_project_worked_on(struct db *db, int64_t project_id, const struct caller *who,
                                 bool *out)
{
    struct db_query *q = db_query(db, STMT_PROJECT_WORKED_ON);

    db_bind_i64(q, project_id);
    db_bind_i64(q, who->user_id);
    *out = db_step(q);
    return db_end(q);
}

enum err store_job_lists(struct db *db, int64_t job_id, const int64_t *image_ids, size_t n,
                         size_t *out)
{
    struct db_query *q = db_query(db, STMT_JOB_LISTS);

    db_bind_str(q, store__id_array(db, image_ids, n));
    db_bind_i64(q, job_id);
    *out = db_step(q) ? (size_t)db_col_i64(q, 0) : 0;
    return db_end(q);
}

enum err store_token_caller(struct db *db, const struct sha256 *hash, int64_t now_ms,
                            struct caller *out)
{
    struct db_query *q = db_query(db, STMT_TOKEN_AUTH);

    db_bind_blob(q, hash->b, sizeof hash->b);
    db_bind_i64(q, now_ms);
    bool found = db_step(q);
    if (found)
        *out = (struct caller){
            .token_id = db_col_i64(q, 0),
            .user_id = db_col_i64(q, 1),
            .login = db_col_str(q, 2),
            .is_admin = db_col_i64(q, 3) != 0,
            .is_restricted = db_col_i64(q, 4) != 0,
            .disabled = db_col_i64(q, 5) != 0,
        };
    enum err e = db_end(q);
    return e == ERR_OK && !found ? ERR_UNAUTHENTICATED : e;
}

enum err store_token_insert(struct db *db, const struct token *t, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_TOKEN_INSERT);
    int64_t id;

    db_bind_i64(q, t->user_id);
    db_bind_blob(q, t->hash.b, sizeof t->hash.b);
    db_bind_str(q, t->name);
    db_bind_i64(q, now_ms);
    db_bind_id(q, t->expires_at);
    return db_insert(q, &id);
}

enum err store_token_revoke(struct db *db, const struct sha256 *hash, int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_TOKEN_REVOKE);

    db_bind_blob(q, hash->b, sizeof hash->b);
    db_bind_i64(q, now_ms);
    return db_run(q);
}

enum err store_tokens_revoke(struct db *db, int64_t user_id, struct str name, int64_t except,
                             int64_t now_ms)
{
    struct db_query *q = db_query(db, STMT_TOKENS_REVOKE);

    db_bind_i64(q, user_id);
    db_bind_str(q, name);
    db_bind_i64(q, except);
    db_bind_i64(q, now_ms);
    return db_run(q);
}
