/* Shared by the files of http/ only. */
#ifndef HTTP_HTTP_INT_H
#define HTTP_HTTP_INT_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/http.h"

#define BODY_PADDING 64 /* = JSON_PADDING: parsers may read this far behind the body */

/* What a connection is waiting for; decides which deadline holds. */
enum conn_stage {
    CONN_FRESH,   /* nothing asked yet */
    CONN_IDLE,    /* between requests */
    CONN_HEADERS, /* a request line has come */
    CONN_BODY,
    CONN_APP, /* the app works on the answer: no deadline of ours */
    CONN_ANSWER
};

/* What an epoll event is about; first member of everything that is watched. */
enum watch { WATCH_LISTENER, WATCH_RESUMED, WATCH_DAEMON, WATCH_FRESH, WATCH_CONN };

struct http_conn {
    enum watch watch;
    bool watched;                  /* for being reset by the peer */
    bool lost;                     /* what we sent last may not have arrived */
    struct http_conn *prev, *next; /* in io->conns, oldest change first */
    struct io *io;
    int fd;
    enum conn_stage stage;
    int64_t stage_ms;        /* monotonic time of the last change */
    int64_t body_bytes;      /* received of the current request */
    int64_t deadline_ms;     /* of CONN_ANSWER */
    struct http_req *stream; /* its answer without an end; NULL = none */
    void *app_data;
};

struct http__state {
    struct MHD_Connection *mhd;
    struct io *io;
    struct http_req *next; /* in io->done or io->free_reqs */
    struct MHD_Response *response;
    bool deferred, begun;
    bool swallow; /* the sink wants no more */
    /* where an answer made of parts stands */
    struct http_part *part;
    int64_t part_at;
    int part_fd;
    /* an answer without an end */
    struct http_req *stream_prev, *stream_next; /* in io->streams */
    size_t stream_sent;                         /* bytes of out */
    int64_t stream_sent_ms;                     /* when the last ones left, monotonic */
    bool streaming, stream_ended, parked, peer_gone;
};

struct fresh;

/* One IO thread. */
struct io {
    enum watch listener, resumed, library; /* what epoll events point to */
    struct http_server *server;
    pthread_t thread;
    struct MHD_Daemon *daemon;
    int epoll_fd, event_fd;
    pthread_mutex_t lock;  /* guards done and handed */
    struct http_req *done; /* resumed by other threads, newest first */
    struct fresh *handed;  /* accepted by other threads, which have more */
    struct http_conn *conns, *conns_last;
    struct http_req *free_reqs;
    int free_reqs_len;
    _Atomic int conns_len; /* with those that have not begun */
    int requests_len;
    void *app_data;
    bool draining;
    struct http_req *streams;   /* newest first */
    struct http_req *stream_at; /* where the round stands that asks all of them; NULL = none runs */
    int64_t round_started_ms, round_next_ms;
    _Atomic bool streams_wanted; /* a round is due */
};

struct http_server {
    struct http_config config;
    struct http_app app;
    int listen_fd;
    int port;
    struct io *io;
    _Atomic int io_len; /* those that run */
    _Atomic bool stopping;
    _Atomic int64_t stop_deadline_ms;
};

/* http_conn.c: the list of connections and their deadlines. */
void http__conn_stage(struct http_conn *c, enum conn_stage stage);
void http__conn_notify(void *cls, struct MHD_Connection *mhd, void **socket_context,
                       enum MHD_ConnectionNotificationCode code);
struct http_conn *http__conn_of(struct MHD_Connection *mhd);
void http__conns_sweep(struct io *io);
void http__conn_watch(struct http_conn *c);
void http__conns_close_idle(struct io *io, int how_many);

/* http_request.c: what libmicrohttpd calls for a request. */
enum MHD_Result http__access(void *cls, struct MHD_Connection *mhd, const char *url,
                             const char *method, const char *version, const char *upload,
                             size_t *upload_size, void **req_cls);
void http__completed(void *cls, struct MHD_Connection *mhd, void **req_cls,
                     enum MHD_RequestTerminationCode code);
void *http__uri_seen(void *cls, const char *uri, struct MHD_Connection *mhd);
void http__free_reqs(struct io *io);

/* http_server.c: let the thread look what there is to do. */
void http__io_wake(struct io *io);

/* http_stream.c */
struct MHD_Response *http__stream_response(struct http_req *r); /* NULL when memory is out */
void http__stream_end(struct http_req *r);
void http__stream_peer_gone(struct http_conn *c);
void http__streams_turn(struct io *io);
int http__streams_wait_ms(const struct io *io, int wait_ms); /* at most wait_ms */
void http__streams_beat(struct io *io);

/* http_parts.c: an answer made of parts; NULL when memory is out. */
struct MHD_Response *http__parts_response(struct http_req *r);
int64_t http__parts_size(const struct http_part *p);

#endif
