/* Request fields. Each endpoint has a table of them, beside the struct they are decoded into; the
 * decoder, the messages, the API reference and the OpenAPI file all come from that table. */
#ifndef API_FIELD_H
#define API_FIELD_H

#include "store/list.h"
#include "json/json_read.h"

enum field_type {
    FIELD_TYPE_END,
    FIELD_TYPE_ID,      /* int64_t, 1 or more; 0 = absent */
    FIELD_TYPE_IDS,     /* struct ids */
    FIELD_TYPE_INT,     /* struct opt_int */
    FIELD_TYPE_BOOL,    /* struct opt_bool */
    FIELD_TYPE_STR,     /* struct str; .p == NULL = absent */
    FIELD_TYPE_STRS,    /* struct strs */
    FIELD_TYPE_OBJ,     /* struct json_value *, an object; NULL = absent */
    FIELD_TYPE_ARR,     /* struct json_value *, an array; NULL = absent */
    FIELD_TYPE_ANY,     /* struct json_value *; NULL = absent */
    FIELD_TYPE_IGNORED, /* accepted, not used: documented so that clients know */
};

/* An explicit null always counts as "not given": the SDK sends many. */
struct opt_int {
    bool set;
    int64_t v;
};
struct opt_bool {
    bool set, v;
};
struct ids {
    int64_t *v; /* arena */
    size_t n;
    bool set;
};
struct strs {
    struct str *v; /* arena */
    size_t n;
    bool set;
};

enum field_flag { OPTIONAL = 0, REQUIRED = 1 };

struct field {
    const char *name; /* on the wire */
    enum field_type type;
    enum field_flag flag;
    size_t offset;    /* in the endpoint's input struct */
    int64_t min, max; /* INT: values; STR: characters; IDS, STRS: elements */
    const char *doc;  /* one phrase */
};

#define FIELD(type, flag, T, member, name, min, max, doc)                                          \
    {                                                                                              \
        name, FIELD_TYPE_##type, flag, offsetof(T, member), min, max, doc                          \
    }
#define F_ID(flag, T, member, name, doc)            FIELD(ID, flag, T, member, name, 1, INT64_MAX, doc)
#define F_IDS(flag, T, member, name, max, doc)      FIELD(IDS, flag, T, member, name, 0, max, doc)
#define F_INT(flag, T, member, name, min, max, doc) FIELD(INT, flag, T, member, name, min, max, doc)
#define F_BOOL(flag, T, member, name, doc)          FIELD(BOOL, flag, T, member, name, 0, 0, doc)
#define F_STR(flag, T, member, name, max, doc)      FIELD(STR, flag, T, member, name, 0, max, doc)
#define F_STRS(flag, T, member, name, max, doc)     FIELD(STRS, flag, T, member, name, 0, max, doc)
#define F_OBJ(flag, T, member, name, doc)           FIELD(OBJ, flag, T, member, name, 0, 0, doc)
#define F_ARR(flag, T, member, name, doc)           FIELD(ARR, flag, T, member, name, 0, 0, doc)
#define F_ANY(flag, T, member, name, doc)           FIELD(ANY, flag, T, member, name, 0, 0, doc)
#define F_IGNORED(name, doc)                                                                       \
    {                                                                                              \
        name, FIELD_TYPE_IGNORED, OPTIONAL, 0, 0, 0, doc                                           \
    }
#define F_END                                                                                      \
    {                                                                                              \
        NULL, FIELD_TYPE_END, OPTIONAL, 0, 0, 0, NULL                                              \
    }

/* Name of the field that is the whole body: a JSON array instead of an object. */
#define FIELD_BODY "[]"

/* Largest input struct of an endpoint. */
#define INPUT_BYTES_MAX 512

struct call;

/* Parameters of the query string, in order; values are text. */
struct query_param {
    struct str key, value;
    struct query_param *next;
};

/* Fill `input` (zeroed, in the arena of the call) from the body object and the query; the body
 * wins. Fails with the first wrong field by name. */
enum err field_decode(struct call *c, const struct field *fields, struct json_value *body,
                      const struct query_param *query, void *input);

/* "integer", "array of strings" ... */
const char *field_type_name(enum field_type type);

#endif
