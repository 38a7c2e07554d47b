/* Connections: which stage each is in, and the deadlines that slow or silent peers run into.
 * libmicrohttpd has one inactivity timeout, which a byte now and then defeats; these do not move.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/http_int.h"

static void unlink_conn(struct http_conn *c)
{
    struct io *io = c->io;

    *(c->prev ? &c->prev->next : &io->conns) = c->next;
    *(c->next ? &c->next->prev : &io->conns_last) = c->prev;
}

static void link_last(struct http_conn *c)
{
    struct io *io = c->io;

    c->next = NULL;
    c->prev = io->conns_last;
    *(c->prev ? &c->prev->next : &io->conns) = c;
    io->conns_last = c;
}

void http__conn_stage(struct http_conn *c, enum conn_stage stage)
{
    if (c == NULL)
        return;
    c->stage = stage;
    c->stage_ms = clock_mono_ms();
    unlink_conn(c);
    link_last(c);
}

static struct http_conn *open_conn(struct io *io, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct http_conn *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL; /* the connection lives without deadlines */
    c->watch = WATCH_CONN;
    c->io = io;
    c->fd = info ? info->connect_fd : -1;
    c->stage = CONN_FRESH;
    c->stage_ms = clock_mono_ms();
    link_last(c);
    return c;
}

/* Has the peer's kernel not acknowledged all that we sent? */
static bool has_unacknowledged(int fd)
{
    struct tcp_info info;
    socklen_t len = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 || info.tcpi_unacked != 0;
}

/* Learn of a reset while libmicrohttpd still only sees "closed". Edge-triggered and once for each
 * connection, so that it costs nothing more. */
void http__conn_watch(struct http_conn *c)
{
    struct epoll_event ev = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = &c->watch};

    if (!c->watched)
        c->watched = epoll_ctl(c->io->epoll_fd, EPOLL_CTL_ADD, c->fd, &ev) == 0;
}

void http__conn_notify(void *cls, struct MHD_Connection *mhd, void **socket_context,
                       enum MHD_ConnectionNotificationCode code)
{
    struct io *io = cls;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = open_conn(io, mhd);
        return;
    }
    struct http_conn *c = *socket_context;
    atomic_fetch_sub(&io->conns_len, 1);
    if (c == NULL)
        return;
    if (c->app_data && io->server->app.closed)
        io->server->app.closed(c->app_data, c->lost ? HTTP_CLOSE_LOST : HTTP_CLOSE_CLEAN,
                               io->server->app.ctx);
    unlink_conn(c);
    free(c);
    *socket_context = NULL;
}

struct http_conn *http__conn_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static bool overdue(const struct http_conn *c, int64_t now)
{
    const struct http_config *cfg = &c->io->server->config;
    int64_t waited = now - c->stage_ms;

    switch (c->stage) {
    case CONN_FRESH:
    case CONN_HEADERS:
        return waited > cfg->header_deadline_ms;
    case CONN_IDLE:
        return waited > cfg->idle_ms;
    case CONN_BODY:
        return waited > cfg->body_grace_ms &&
               c->body_bytes * 1000 < (waited - cfg->body_grace_ms) * cfg->body_bytes_per_s_min;
    case CONN_ANSWER:
        return now > c->deadline_ms;
    case CONN_APP:
        break;
    }
    return false;
}

/* Has the peer closed in the middle of a request, with all it sent read? libmicrohttpd waits for an
 * event after a short read, and there is none when the end came together with the last bytes. */
static bool broken_off(const struct http_conn *c)
{
    char next;

    return (c->stage == CONN_BODY || c->stage == CONN_HEADERS) &&
           recv(c->fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Making the socket useless is the one way to end a connection that libmicrohttpd owns. */
static void cut(struct http_conn *c)
{
    c->lost |= has_unacknowledged(c->fd);
    shutdown(c->fd, SHUT_RDWR);
}

void http__conns_sweep(struct io *io)
{
    int64_t now = clock_mono_ms();

    for (struct http_conn *c = io->conns; c; c = c->next)
        if (overdue(c, now) || broken_off(c) ||
            (io->draining && (c->stage == CONN_IDLE || c->stage == CONN_FRESH)))
            cut(c);
}

void http__conns_close_idle(struct io *io, int how_many)
{
    for (struct http_conn *c = io->conns; c && how_many > 0; c = c->next)
        if (c->stage == CONN_IDLE) {
            cut(c);
            how_many--;
        }
}
