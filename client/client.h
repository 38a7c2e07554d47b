/* Inside liblabel: what its files share. Not installed.
 *
 * A public function is a few steps on a struct lb_op: each does nothing once one has failed, so
 * that only the end looks at the error. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include <jansson.h>
#include <label/label.h>
#include <pthread.h>
#include <stdatomic.h>

#define LB_PARALLEL_MAX 64

struct lb_conn;

struct label_api {
    char *address; /* with scheme, without a slash at the end */
    char *token;   /* NULL: none */
    struct label_settings set;
    atomic_bool cancelled;
    pthread_mutex_t lock;
    struct lb_conn *idle; /* under lock: connections that no call uses, kept alive */
};

/* ---- one call of a public function ---- */

struct lb_op {
    struct label_api *api;
    struct label_error *error; /* the caller's, or own */
    struct label_error own;
};

void lb_begin(struct lb_op *op, struct label_api *api, struct label_error *error);
enum label_err lb_end(struct lb_op *op);
bool lb_failed(const struct lb_op *op);

/* The first failure wins; field may be NULL. */
__attribute__((format(printf, 4, 5))) enum label_err
lb_fail(struct lb_op *op, enum label_err err, const char *field, const char *format, ...);

/* ---- transport.c ---- */

enum lb_kind {
    LB_READ,  /* changes nothing */
    LB_WRITE, /* carries an x-operation-id: a repeat takes effect once */
};

/* A part of a form. */
struct lb_part {
    char name[32];      /* of the field */
    char file_name[24]; /* "": none */
    const char *type;   /* NULL: text */
    const char *path;   /* a file with the bytes, or ... */
    const char *data;   /* ... the bytes */
    size_t n;
};

/* Where the body of a good answer goes, instead of memory. false: op has failed. */
struct lb_sink {
    bool (*begin)(struct lb_op *op, void *ctx); /* of each attempt: forget what came before */
    bool (*take)(struct lb_op *op, void *ctx, const char *content_type, const char *p, size_t n);
    void *ctx;
};

struct lb_request {
    const char *path; /* of the address: "/public/api/v3/jobs.add" */
    const char *name; /* for messages: "jobs.add" */
    enum lb_kind kind;
    const char *body;         /* JSON text; NULL: a form, as multipart/form-data */
    const char *content_type; /* of body; NULL: JSON */
    const struct lb_part *parts;
    size_t n_parts;
    const struct lb_sink *sink; /* NULL: the answer comes in memory */
    bool json;                  /* it must be JSON */
};

struct lb_answer {
    char *data; /* malloc()ed, ends with a zero that is not counted; NULL with a sink */
    size_t n;
    json_t *json;    /* with json */
    json_t *refusal; /* of a refused call: the server's answer, when it was JSON */
};

/* Send it, again where that is safe, and take the answer. On failure all but refusal is NULL. */
void lb_send(struct lb_op *op, const struct lb_request *request, struct lb_answer *answer);
void lb_answer_drop(struct lb_answer *answer);

/* Wait, unless the handle is cancelled meanwhile. */
void lb_sleep_ms(struct lb_op *op, int64_t ms);

void lb_conns_close(struct label_api *api);

/* ---- multipart.c: answers of several parts ---- */

/* Who takes the parts, each with its name; false: op has failed. */
struct lb_taker {
    bool (*begin)(struct lb_op *op, void *ctx, const char *name);
    bool (*data)(struct lb_op *op, void *ctx, const char *p, size_t n);
    bool (*end)(struct lb_op *op, void *ctx);
    void *ctx;
};

/* Call a method that reads, and give the parts of its answer to taker; a further attempt begins at
 * the first part again. What came of it is to be looked at: parts may be missing. */
void lb_call_parts(struct lb_op *op, const char *method, json_t *body,
                   const struct lb_taker *taker);

/* ---- call.c: calls with JSON. Bodies are consumed; NULL (no UTF-8) is a failure ---- */

/* A new reference, NULL on failure. */
json_t *lb_call(struct lb_op *op, const char *method, enum lb_kind kind, json_t *body);

/* Send a request whose path is that of its name, with JSON text or JSON, which are consumed. */
void lb_send_text(struct lb_op *op, struct lb_request *request, char *text,
                  struct lb_answer *answer);
void lb_send_json(struct lb_op *op, struct lb_request *request, json_t *body,
                  struct lb_answer *answer);

/* A change; *refusal is what the server said when it refused, a new reference, or NULL. */
json_t *lb_try(struct lb_op *op, const char *method, json_t *body, json_t **refusal);

/* The same, when the answer does not matter. */
void lb_do(struct lb_op *op, const char *method, json_t *body);

/* Entities of all pages in one array. */
json_t *lb_pages(struct lb_op *op, const char *method, json_t *body,
                 const struct label_list_options *options);

/* JSON text of an argument; NULL text is NULL without failure. */
json_t *lb_parse(struct lb_op *op, const char *field, const char *text);

/* Append value; null for NULL, so that what is no UTF-8 is refused by the server, not left out. */
void lb_append(json_t *array, json_t *value);

/* Append {field, operator, value}. Consumes value. */
void lb_filter(json_t *filters, const char *field, const char *op, json_t *value);

json_t *lb_ids(const struct label_ids *ids);
json_t *lb_names(const struct label_names *names);

/* Set key when value is there: text that is not NULL, an id that is not 0, JSON. Consumes value. */
void lb_put(json_t *object, const char *key, json_t *value);
void lb_put_text(json_t *object, const char *key, const char *value);
void lb_put_id(json_t *object, const char *key, int64_t value);

/* ---- result.c: JSON to structs, by tables ---- */

enum lb_type { LB_INT, LB_BOOL, LB_TEXT, LB_JSON, LB_IDS, LB_NAMES, LB_LIST };

struct lb_shape;

struct lb_field {
    const char *key; /* "meta.range.start"; NULL: the last */
    enum lb_type type;
    size_t offset; /* of lists: of the pointer, with the count behind it */
    const struct lb_shape *items;
};

struct lb_shape {
    const char *name;
    size_t size;
    const struct lb_field *fields;
};

#define LB_FIELD(type, what, key, member)                                                          \
    {                                                                                              \
        key, what, offsetof(type, member), NULL                                                    \
    }
#define LB_FIELD_LIST(type, key, member, shape)                                                    \
    {                                                                                              \
        key, LB_LIST, offsetof(type, member), shape                                                \
    }
#define LB_FIELD_END                                                                               \
    {                                                                                              \
        NULL, LB_INT, 0, NULL                                                                      \
    }

/* A result of a shape, or a list of it, made of JSON, which is consumed. */
void *lb_result(struct lb_op *op, const struct lb_shape *shape, json_t *json);
void *lb_result_list(struct lb_op *op, const struct lb_shape *shape, json_t *array);

/* The only item of a list as a result: LABEL_ERR_NOT_FOUND when there is none. */
void *lb_result_first(struct lb_op *op, const struct lb_shape *shape, json_t *array);

/* A result that is n bytes, with a zero behind them; data may be NULL: they are to be filled in. */
void *lb_result_bytes(struct lb_op *op, const void *data, size_t n);

/* Memory that lives as long as a result. NULL is a failure. */
void *lb_result_alloc(struct lb_op *op, void *result, size_t n);

/* The JSON of a result, borrowed; NULL: it is text. */
json_t *lb_result_json(const void *result);

/* JSON as text, which is a result; json is consumed. */
char *lb_result_text(struct lb_op *op, json_t *json);

/* Call and make a result of the answer. */
void *lb_get(struct lb_op *op, const char *method, enum lb_kind kind, json_t *body,
             const struct lb_shape *shape);
void *lb_list(struct lb_op *op, const char *method, json_t *body,
              const struct label_list_options *options, const struct lb_shape *shape);

/* The entity of that name in a list that body chooses. */
void *lb_by_name(struct lb_op *op, const char *method, json_t *body, const char *key,
                 const char *name, const struct lb_shape *shape);

extern const struct lb_shape lb_shape_user, lb_shape_membership, lb_shape_role, lb_shape_team,
    lb_shape_event, lb_shape_workspace, lb_shape_project, lb_shape_project_meta, lb_shape_dataset,
    lb_shape_image, lb_shape_annotation, lb_shape_job, lb_shape_queue, lb_shape_queue_entity;

/* ---- parallel.c ---- */

/* Several threads that take numbers from 0 to n - 1, in order, and work on each. */
struct lb_crew {
    struct lb_op *op; /* gets the first failure, which ends the work */
    size_t n;
    void (*work)(struct lb_op *op, size_t i, void *ctx); /* op: the worker's own */
    void *ctx;

    pthread_mutex_t lock;
    pthread_cond_t turn;
    size_t next, passed, claimed; /* under lock, as is what follows */
    bool *ready;                  /* those that wait for their turn */
    bool stop;
};

void lb_crew_run(struct lb_crew *crew);

/* Some of the work has to be done in order. Wait for the turn of i: the caller then does it for i
 * and those behind it that wait already, *n in all, and passes them, also when it has failed. They
 * wait until it has. *n == 0: another worker has done it for i. false: the work has failed. */
bool lb_crew_wait(struct lb_crew *crew, size_t i, size_t *n);
void lb_crew_pass(struct lb_crew *crew, const struct lb_op *op, size_t n);

#endif
