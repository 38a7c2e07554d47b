/* liblabel: the handle, errors, results, credentials. Include <label/label.h>.
 *
 * Rules that hold for every function of the library:
 *
 * - It returns LABEL_OK or what went wrong; the last argument takes the details and may be NULL.
 * - Results come back through a pointer to a pointer, set to NULL on failure. They are the
 * caller's; label_free() frees any of them, with everything in it, in one call. Members of results
 * are borrowed from the result and live as long as it does. A result may be read by several
 * threads.
 * - Arguments are borrowed for the call. Text is UTF-8 that ends with a zero.
 * - Ids are positive; 0 stands for "none". Absent text is NULL. Times are text as the server sends
 * it: ISO 8601 in UTC, "2026-01-31T12:00:00.000Z". Sizes are bytes.
 * - What the SDK answers with None is LABEL_ERR_NOT_FOUND here.
 * - A handle may be used by any number of threads at once. The library keeps no global state. */
#ifndef LABEL_BASE_H
#define LABEL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LABEL_API __attribute__((visibility("default")))
#else
#define LABEL_API
#endif

#define LABEL_VERSION "0.1.0"

/* ---- errors ---- */

enum label_err {
    LABEL_OK,
    LABEL_ERR_ARGUMENT,  /* an argument or a setting makes no sense; nothing was sent */
    LABEL_ERR_INVALID,   /* the server refused the input (400, 422 ...); see field */
    LABEL_ERR_TOKEN,     /* no token, or one the server does not know (401) */
    LABEL_ERR_FORBIDDEN, /* the account may not do this (403) */
    LABEL_ERR_NOT_FOUND, /* it does not exist, or the account may not see it (404) */
    LABEL_ERR_BUSY,      /* still 429 or 503 after the last attempt */
    LABEL_ERR_SERVER,    /* any other failure of the server (5xx) */
    LABEL_ERR_CONNECT,   /* no server, or the connection broke, after the last attempt */
    LABEL_ERR_TIMEOUT,   /* the server did not go on for timeout_ms, after the last attempt */
    LABEL_ERR_ANSWER,    /* the answer is not what the protocol says */
    LABEL_ERR_FILE,      /* a local file could not be read or written */
    LABEL_ERR_MEMORY,    /* out of memory */
    LABEL_ERR_CANCELLED, /* label_cancel(), or a progress function that returned false */
    LABEL_ERR_WAIT,      /* what was waited for did not happen in time */
};

/* What went wrong, in words. Owned by the caller, needs no cleaning up. */
struct label_error {
    enum label_err err;
    int http_status;   /* of the last answer; 0: there was none */
    int attempts;      /* how often the call was sent; 0: not at all */
    char field[64];    /* of the request, when the server named one; else "" */
    char message[512]; /* one line: the server's message where there is one */
};

/* "not found", "busy" ...: a short name of err for logs. Static. Never fails. */
LABEL_API const char *label_err_name(enum label_err err);

/* Version of the library that runs, "0.1.0". Static. Never fails. */
LABEL_API const char *label_version(void);

/* ---- results ---- */

/* Free a result, or text, that the library gave. NULL is fine. Never fails. */
LABEL_API void label_free(const void *result);

/* The JSON that a result was made of, as the server sent it: an object, or the array of a list.
 * NULL: out of memory, or result is text. The caller's; label_free() it. */
LABEL_API char *label_json(const void *result);

struct label_ids {
    const int64_t *items;
    size_t n;
};

struct label_names {
    const char *const *items;
    size_t n;
};

/* ---- the handle ---- */

/* A connection to one server with one token. Opaque; thread-safe. */
struct label_api;

/* What a retry is about: told before the library waits. */
struct label_retry {
    const char *method;  /* "jobs.add" */
    const char *message; /* why the last attempt failed */
    int attempt, attempts_max;
    int64_t wait_ms;
};

/* How to talk to the server. All zero but the first two: the SDK's ways. */
struct label_settings {
    const char
        *server_address; /* required: "https://host", "http://host:port"; without a scheme: http */
    const char *token;   /* API token; NULL: only what needs no login */
    int attempts;        /* for each call, 0: 10 */
    int retry_wait_ms;   /* before the second attempt, doubled for each one after, up to a
                            minute; 0: 1000. Retry-After of the server wins when it is longer */
    int connect_timeout_ms; /* 0: 10000 */
    int timeout_ms;         /* without a byte moving, give or take a second; 0: 60000 */
    int parallel;           /* connections that bulk transfers use, at most 64; 0: 8 */
    int64_t job_id;         /* act within this labeling job (header x-job-id); 0: none */
    void (*on_retry)(void *ctx,
                     const struct label_retry *retry); /* from any thread; NULL: silent */
    void *on_retry_ctx;
};

/* Make a handle; settings are copied. Nothing is sent. *api is the caller's; label_close() it.
 * LABEL_ERR_ARGUMENT: an address that is none. */
LABEL_API enum label_err label_open(const struct label_settings *settings, struct label_api **api,
                                    struct label_error *error);

/* Api.from_env(): a handle from SERVER_ADDRESS and API_TOKEN of label_env_load().
 * SUPERVISELY_PUBLIC_API_RETRIES and SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC are obeyed as well.
 * *api is the caller's; label_close() it. LABEL_ERR_ARGUMENT: one of them is missing. */
LABEL_API enum label_err label_open_from_env(struct label_api **api, struct label_error *error);

/* Api.from_credentials(): log in and make a handle with the token that the server gives. token of
 * settings is ignored. *api is the caller's; label_close() it. LABEL_ERR_TOKEN: wrong login or
 * password, or too many attempts. */
LABEL_API enum label_err label_open_from_credentials(const struct label_settings *settings,
                                                     const char *login, const char *password,
                                                     struct label_api **api,
                                                     struct label_error *error);

/* Close a handle that no thread uses any more. NULL is fine. Never fails. */
LABEL_API void label_close(struct label_api *api);

/* The token and the address (with its scheme) of a handle. Borrowed until label_close(); NULL: no
 * token. Never fail. */
LABEL_API const char *label_token(const struct label_api *api);
LABEL_API const char *label_server_address(const struct label_api *api);

/* Make all calls that run, and all later ones, end with LABEL_ERR_CANCELLED, within about a second.
 * May be called by a signal handler and by any thread. Never fails. */
LABEL_API void label_cancel(struct label_api *api);

/* Api.post(): any method of the server with a JSON body (NULL: an empty object). *answer is the
 * body of the answer as text; the caller's, label_free() it. A call that changes something carries
 * a name of its own, so that a retry cannot take effect twice. Errors: any of the list above. */
LABEL_API enum label_err label_post(struct label_api *api, const char *method,
                                    const char *body_json, char **answer,
                                    struct label_error *error);

/* ---- credentials ---- */

/* Variables of the environment and of .env files. */
struct label_env;

/* What sly.is_development() and load_dotenv() do: the environment of the process, then local.env of
 * the working folder, then ~/supervisely.env; the first that has a variable wins. The files are not
 * read when ENV is "production", and need not exist.
 * *env is the caller's; label_free() it. LABEL_ERR_FILE: a file exists but cannot be read. */
LABEL_API enum label_err label_env_load(struct label_env **env, struct label_error *error);

/* Value of a variable, without quotes. Borrowed from env. NULL: not set. Never fails. */
LABEL_API const char *label_env_get(const struct label_env *env, const char *name);

/* Value of a variable that holds an id: TEAM_ID, WORKSPACE_ID, PROJECT_ID ... LABEL_ERR_ARGUMENT:
 * not set, or no positive number. */
LABEL_API enum label_err label_env_id(const struct label_env *env, const char *name, int64_t *id,
                                      struct label_error *error);

/* ---- lists and progress ---- */

/* One condition of a list, as the SDK's filters: {"field": ..., "operator": ..., "value": ...}. */
struct label_filter {
    const char *field; /* of the wire: "name", "createdAt" ... */
    const char *op;    /* "=", "!=", ">", ">=", "<", "<=", "in", "!in", "like" ...; NULL: "=" */
    const char *value_json; /* "7", "\"text\"", "[1,2]", "null" */
};

/* What to list. NULL or all zero: everything, in the server's order. */
struct label_list_options {
    const struct label_filter *filters; /* all must hold */
    size_t n_filters;
    const char *sort;       /* field of the wire */
    const char *sort_order; /* "asc" or "desc" */
    int64_t limit;          /* at most so many; 0: all, over as many pages as it takes */
};

/* Told while a bulk transfer runs, by one thread at a time. false cancels the transfer. */
struct label_progress {
    bool (*fn)(void *ctx, size_t items_done, size_t items_total, int64_t bytes_done);
    void *ctx;
};

#ifdef __cplusplus
}
#endif

#endif
