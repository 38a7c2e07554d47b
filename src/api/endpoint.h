/* The endpoint table: one row for each method of the API (endpoints.tbl). */
#ifndef API_ENDPOINT_H
#define API_ENDPOINT_H

#include "api/field.h"
#include "store/perm.h"

struct rq;
struct upload_plan;

/* What kind of object the row's parameter names; the caller must have one of the row's permission
 * bits on it. */
enum scope {
    SCOPE_PUBLIC,   /* no token needed */
    SCOPE_LOGIN,    /* any enabled account */
    SCOPE_INSTANCE, /* administrators of the instance */
    SCOPE_HANDLER,  /* several ways to name the object: the handler calls rq_access */
    SCOPE_TEAM,
    SCOPE_WORKSPACE,
    SCOPE_PROJECT,
    SCOPE_DATASET,
    SCOPE_IMAGE,
    SCOPE_FIGURE,
    SCOPE_CLASS,
    SCOPE_JOB,
    SCOPE_QUEUE,
    SCOPE_COLLECTION,
    SCOPE_WEBHOOK,
    SCOPE_DELIVERY,
    SCOPE_ISSUE,
    SCOPE_COMMENT,
    SCOPE_GUIDE,
    SCOPE_JOBS, /* the parameter is a list of jobs: all or none */
    SCOPE_USER,
};

enum tx_kind {
    TX_NONE,  /* does not touch the database */
    TX_READ,  /* a snapshot, on the IO thread: point reads only */
    TX_HEAVY, /* a snapshot, on the heavy pool */
    TX_MEDIA, /* a snapshot, on the pool that waits for labeld-media */
    TX_WRITE, /* on the writer */
};

/* What happens when a client that lost the answer sends the call again. */
enum repeat {
    REPEAT_READ,    /* changes nothing */
    REPEAT_NATURAL, /* the second time changes nothing more */
    REPEAT_JOURNAL, /* the stored answer is sent again (api/replay.h) */
};

struct endpoint {
    const char *handler_name;
    const char *name; /* on the wire: "jobs.info" */
    enum scope scope;
    const char *param; /* the field that names the object; "" for none */
    unsigned need;     /* any of these bits of enum perm */
    enum tx_kind tx;
    enum repeat repeat;
    enum err (*handler)(struct rq *rq, const void *input);
    const struct field *fields;
    const char *answer;  /* shape of the answer: "Job", "list Job", "array Job" ... (shapes.tbl) */
    const char *summary; /* one sentence for the reference */
    /* runs before the transaction and without database; NULL = nothing to prepare */
    enum err (*prepare)(struct rq *rq, const void *input);
    const struct upload_plan *upload; /* the body is streamed (api/upload.h); NULL = JSON */
    bool password;                    /* prepare hashes a password: on the pool for that */
};

extern const struct endpoint endpoints[];
extern const size_t endpoints_len;

/* Row of a method, NULL: there is none. */
const struct endpoint *endpoint_find(struct str name);

/* The handlers, their field tables and prepare steps, one for each row; they stand in api_*.c. */
#define ENDPOINT(handler, name, scope, param, need, tx, repeat, answer, summary)                   \
    enum err handler(struct rq *rq, const void *input);                                            \
    extern const struct field handler##_fields[];
#define PREPARE(handler, name, scope, param, need, tx, repeat, answer, summary)                    \
    ENDPOINT(handler, name, scope, param, need, tx, repeat, answer, summary)                       \
    enum err handler##_prepare(struct rq *rq, const void *input);
#define PASSWORD PREPARE
#define UPLOAD(handler, name, scope, param, need, tx, repeat, answer, summary)                     \
    PREPARE(handler, name, scope, param, need, tx, repeat, answer, summary)                        \
    extern const struct upload_plan handler##_upload;
#include "api/endpoints.tbl"
#undef ENDPOINT
#undef PREPARE
#undef PASSWORD
#undef UPLOAD

const char *scope_name(enum scope s);
const char *tx_name(enum tx_kind t);
const char *repeat_name(enum repeat r);

#endif
