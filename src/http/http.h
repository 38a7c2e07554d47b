/* HTTP/1.1 server over libmicrohttpd: sockets, limits, deadlines, threads. Knows nothing of what it
 * serves; that is struct http_app.
 *
 * Life of a request, on its IO thread unless said otherwise:
 *   app->begin   headers are there; the app sets how large a body it takes, or answers at once
 *   app->handle  the body is there; the app answers, or calls http_defer and hands the request to
 *                another thread, which ends with http_resume
 *   app->end     the answer has left or the connection is lost; last use of the request
 *   app->closed  the caller closed the connection (after the end of its last request) */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct http_server;
struct http_conn;

/* How a connection ended, as far as the kernel knows. */
enum http_close {
    HTTP_CLOSE_CLEAN, /* the answer was sent whole and the connection closed in good order */
    HTTP_CLOSE_LOST   /* reset by the peer, or cut with bytes of ours not acknowledged */
};

/* A further header of an answer; both texts must live until app->end. */
struct http_line {
    const char *name, *value;
};
#define HTTP_LINES_MAX 6

/* A piece of an answer: bytes, or a file that is opened when its turn comes. */
struct http_part {
    struct str bytes;
    int dir_fd;       /* borrowed; must stay open until app->end */
    const char *path; /* below dir_fd; NULL: the piece is `bytes` */
    int64_t at, size; /* where in the file it begins, and its length */
    struct http_part *next;
};

struct http_req {
    /* What was asked. Borrowed from the request. */
    const char *method;
    struct str path; /* decoded, without the query */
    struct buf body; /* whole body, with JSON_PADDING bytes of room behind it */

    struct arena arena; /* for the app; lives until app->end */
    size_t body_max;    /* set by app->begin; a larger body gets 413 */
    /* Set by app->begin to take the body piece by piece, on the IO thread, instead of in `body`.
     * false: the rest is read and dropped, app->handle sees the request all the same. */
    bool (*sink)(struct http_req *r, const char *p, size_t n);
    bool answered; /* set by app->begin to answer without reading the body */

    /* The answer. Set status and fill out, or answer with a file. */
    int status;
    const char *content_type;
    struct buf out;
    bool no_store;                          /* add Cache-Control: no-store */
    int cache_s;                            /* > 0: this client may keep a 200 that long */
    bool close;                             /* close the connection afterwards */
    struct http_line lines[HTTP_LINES_MAX]; /* see http_add_line */
    size_t lines_len;
    int retry_after_s;       /* > 0: add Retry-After */
    const char *etag;        /* quoted; NULL = none; must live until app->end */
    int file_fd;             /* >= 0: the body is this file; closed by the server */
    int64_t file_at;         /* the body begins there in the file, */
    int64_t file_size;       /* and is that long */
    bool no_range;           /* the file is made for this answer: no parts of it */
    struct http_part *parts; /* or the body is these, one behind the other; NULL = not */
    const char *file_hash;   /* base64 SHA-256 for x-content-checksum-sha256, or NULL; arena */
    /* Or the answer has no end: called on the IO thread with out empty, at first, when what it gave
     * has left, after http_wake_streams, and every HTTP_BEAT_MS. Adds to out what there is;
     * nothing: the stream waits. false: with that it ends. Mind what the arena keeps: it lives as
     * long. */
    bool (*more)(struct http_req *r);

    void *app_data;         /* free for the app */
    struct http_conn *conn; /* the connection it came on; valid until app->end */

    struct http__state *state; /* the server's own business */
};

struct http_app {
    void (*begin)(struct http_req *r, void *ctx);
    void (*handle)(struct http_req *r, void *ctx);
    void (*end)(struct http_req *r, bool sent, void *ctx);
    void (*closed)(void *conn_data, enum http_close how, void *ctx);
    /* on an IO thread, before its streams are asked for more after http_wake_streams */
    void (*round)(void *thread_data, void *ctx);
    /* on an IO thread, after the requests it had: time to let go of what they shared; may be NULL
     */
    void (*rest)(void *thread_data, void *ctx);
    /* per IO thread set-up and tear-down: connections to the database and such */
    void *(*thread_begin)(void *ctx);
    void (*thread_end)(void *thread_data, void *ctx);
    void *ctx;
};

struct http_config {
    const char *listen; /* "127.0.0.1:8080", "[::1]:0"; port 0 picks a free one */
    int threads;
    size_t arena_bytes_max;  /* cap on the arena of a request */
    size_t out_bytes_max;    /* cap on a generated answer */
    int conns_max;           /* over all threads */
    const char *cors_origin; /* "*", one origin, or NULL for no CORS headers */
    int header_deadline_ms, body_grace_ms, idle_ms, answer_grace_ms;
    int body_bytes_per_s_min, answer_bytes_per_s_min;
};

/* Defaults for everything but listen. */
struct http_config http_config_default(void);

/* Bind, start the IO threads. ERR_INVALID with a sentence in *f when the address is no good. */
enum err http_start(const struct http_config *config, const struct http_app *app,
                    struct http_server **out, struct fault *f);

/* The port we listen on. */
int http_port(const struct http_server *s);

/* Stop accepting, let running requests end (at most grace_ms), close everything, join. */
void http_stop(struct http_server *s, int grace_ms);

/* Header of the request, absent when it has none. Borrowed. */
struct str http_header(struct http_req *r, const char *name);

/* Add a header to the answer; the texts must live until app->end. */
void http_add_line(struct http_req *r, const char *name, const char *value);

/* Call f for every parameter of the query string, in order. */
void http_each_query(struct http_req *r, void (*f)(void *arg, struct str key, struct str value),
                     void *arg);

/* Address of the peer without its port, as text. */
void http_peer(struct http_req *r, char *out, size_t size);

/* The app's data of this request's IO thread, and of its connection. */
void *http_thread_data(struct http_req *r);
void **http_conn_data(struct http_req *r);

/* The answer will come later, from any thread: call this before handing the request over. */
void http_defer(struct http_req *r);
void http_resume(struct http_req *r);

/* There may be more to send in the streams (http_req.more); from any thread, cheap to repeat. */
void http_wake_streams(struct http_server *s);

#define HTTP_BEAT_MS 15000 /* a silent stream is asked for more that often */

#endif
