/* The API server: the endpoint table served over HTTP, on a database. */
#ifndef API_API_H
#define API_API_H

#include "base/err.h"
#include "http/http.h"

struct api;

struct blob_store;
struct media;
struct preview_cache;

struct api_config {
    const char *db_target;          /* SQLite file or postgres:// URL */
    const char *guest_lock;         /* see db/writer.h; NULL for PostgreSQL */
    struct blob_store *blobs;       /* borrowed */
    struct media *media;            /* borrowed */
    struct preview_cache *previews; /* borrowed */
    const char *blob_dir;           /* where it is: long answers spill there */
    struct http_config http;
    bool private_addresses; /* links may lead into networks that are not public */
    int heavy_threads;
    bool log_requests; /* one line for every request, not only the slow and the failed */
};

/* Open the database (already migrated), start all threads, serve. */
enum err api_start(const struct api_config *config, struct api **out, struct fault *f);

int api_port(const struct api *a);

/* Housekeeping; call about once a minute. */
void api_tick(struct api *a);

/* The OpenAPI document and the reference page, made from the endpoint table. */
void api_describe_openapi(struct buf *out);
void api_describe_markdown(struct buf *out);
void api_describe_table(struct buf *out); /* JSON for tests: one object a row */

/* Drain and stop: at most grace_ms for running requests. */
void api_stop(struct api *a, int grace_ms);

/* The version of the wire protocol that instance.version answers. */
#define API_VERSION "6.18.3"

#endif
