/* Threads, sockets and the event loop. Each IO thread runs its own libmicrohttpd daemon inside its
 * own epoll: the library's polling stalls when the ready set is a multiple of 128, and a TLS
 * handshake on the plain port must be seen before the library waits for more of it. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/http_int.h"

#define EVENTS_MAX    64
#define TICK_MS       250
#define CONN_MEMORY   (16 * 1024) /* for request line and headers; cleared for each call */
#define TLS_HANDSHAKE 0x16

/* A connection that has not sent its first byte yet. */
struct fresh {
    enum watch watch;
    int fd;
    int64_t since_ms;
    struct sockaddr_storage address;
    socklen_t address_len;
    struct fresh *prev, *next;
};

struct http_config http_config_default(void)
{
    return (struct http_config){
        .threads = (int)sysconf(_SC_NPROCESSORS_ONLN),
        .arena_bytes_max = 192u << 20,
        .out_bytes_max = 256u << 20,
        .conns_max = 20000,
        .cors_origin = "*",
        .header_deadline_ms = 10000,
        .body_grace_ms = 10000,
        .idle_ms = 75000,
        .answer_grace_ms = 30000,
        .body_bytes_per_s_min = 1024,
        .answer_bytes_per_s_min = 4096,
    };
}

/* "host:port" or "[v6]:port" to its parts. */
static bool split_address(const char *listen, char *host, size_t host_size, char *port,
                          size_t port_size)
{
    const char *colon = strrchr(listen, ':');
    size_t n = colon ? (size_t)(colon - listen) : 0;

    if (colon == NULL || strlen(colon + 1) >= port_size || n >= host_size)
        return false;
    if (n >= 2 && listen[0] == '[' && listen[n - 1] == ']') {
        listen++;
        n -= 2;
    }
    memcpy(host, listen, n);
    host[n] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    int64_t number;
    return str_to_i64(str_from(port), &number) && number >= 0 && number <= 65535;
}

static int bind_one(const struct addrinfo *a)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, defer_s = 5;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* inherited by what it accepts */
    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer_s, sizeof defer_s);
    if (bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, 4096) != 0) {
        int saved = errno;

        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static enum err bind_listen(struct http_server *s, struct fault *f)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list = NULL;
    char host[256], port[16];
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;

    if (!split_address(s->config.listen, host, sizeof host, port, sizeof port))
        return fault_set(f, ERR_INVALID, "listen", "%s is not HOST:PORT", s->config.listen);
    int rc = getaddrinfo(host[0] ? host : NULL, port, &hints, &list);
    if (rc != 0)
        return fault_set(f, ERR_INVALID, "listen", "%s: %s", s->config.listen, gai_strerror(rc));
    for (struct addrinfo *a = list; a && s->listen_fd < 0; a = a->ai_next)
        s->listen_fd = bind_one(a);
    int saved = errno;
    freeaddrinfo(list);
    if (s->listen_fd < 0)
        return fault_set(f, ERR_INVALID, "listen", "cannot listen on %s: %s", s->config.listen,
                         strerror(saved));
    getsockname(s->listen_fd, (struct sockaddr *)&bound, &len);
    s->port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                : ((struct sockaddr_in *)&bound)->sin_port);
    return ERR_OK;
}

static void watch(int epoll_fd, int fd, uint32_t events, enum watch *what)
{
    struct epoll_event ev = {.events = events, .data.ptr = what};

    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

static void refuse(struct io *io, int fd)
{
    close(fd);
    atomic_fetch_sub(&io->conns_len, 1);
}

/* First byte of a connection: hand it to libmicrohttpd, unless it is a TLS handshake, which clients
 * try on the plain port; waiting for the rest of it would cost each of them five seconds.
 * false: nothing has come yet. */
static bool admit(struct io *io, const struct fresh *f)
{
    unsigned char first;
    ssize_t n = recv(f->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return false;
    if (n <= 0 || first == TLS_HANDSHAKE || io->draining)
        refuse(io, f->fd);
    else if (MHD_add_connection(io->daemon, f->fd, (const struct sockaddr *)&f->address,
                                f->address_len) != MHD_YES)
        atomic_fetch_sub(&io->conns_len, 1); /* it has closed it */
    return true;
}

static void unlink_fresh(struct fresh **list, struct fresh *f)
{
    *(f->prev ? &f->prev->next : list) = f->next;
    if (f->next)
        f->next->prev = f->prev;
    free(f);
}

static struct fresh *copy_of(const struct fresh *f)
{
    struct fresh *copy = malloc(sizeof *copy);

    if (copy)
        *copy = *f;
    return copy;
}

static void wait_for_first_byte(struct io *io, struct fresh **list, const struct fresh *in)
{
    struct fresh *f = copy_of(in);

    if (f == NULL) {
        refuse(io, in->fd);
        return;
    }
    f->since_ms = clock_mono_ms();
    f->prev = NULL;
    f->next = *list;
    if (*list)
        (*list)->prev = f;
    *list = f;
    watch(io->epoll_fd, f->fd, EPOLLIN | EPOLLRDHUP, &f->watch);
}

static void begin(struct io *io, struct fresh **list, const struct fresh *f)
{
    if (!admit(io, f))
        wait_for_first_byte(io, list, f);
}

/* The kernel wakes the same thread again and again while the others sleep: without this a few busy
 * connections would all be on one of them. */
static struct io *least_busy(struct io *here)
{
    struct http_server *s = here->server;
    struct io *best = here;

    for (int i = 0; i < s->io_len; i++)
        if (atomic_load(&s->io[i].conns_len) < atomic_load(&best->conns_len))
            best = &s->io[i];
    return best;
}

static void hand_over(struct io *to, const struct fresh *in)
{
    struct fresh *f = copy_of(in);

    if (f == NULL) {
        refuse(to, in->fd);
        return;
    }
    pthread_mutex_lock(&to->lock);
    f->next = to->handed;
    to->handed = f;
    pthread_mutex_unlock(&to->lock);
    http__io_wake(to);
}

static void take_handed(struct io *io, struct fresh **list)
{
    pthread_mutex_lock(&io->lock);
    struct fresh *f = io->handed;
    io->handed = NULL;
    pthread_mutex_unlock(&io->lock);
    while (f) {
        struct fresh *next = f->next;

        begin(io, list, f);
        free(f);
        f = next;
    }
}

/* When all threads have ended: until then others hand connections to it, and wake it. */
static void finish_io(struct io *io)
{
    for (struct fresh *f = io->handed, *next; f; f = next) {
        next = f->next;
        close(f->fd);
        free(f);
    }
    close(io->epoll_fd);
    close(io->event_fd);
}

static void accept_some(struct io *io, struct fresh **list)
{
    for (int i = 0; i < 64; i++) { /* leave some for the other threads */
        struct fresh f = {.watch = WATCH_FRESH, .address_len = sizeof f.address};

        f.fd = accept4(io->server->listen_fd, (struct sockaddr *)&f.address, &f.address_len,
                       SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (f.fd < 0) {
            if (errno == EMFILE || errno == ENFILE)
                http__conns_close_idle(io, 64);
            return;
        }
        struct io *to = least_busy(io);
        atomic_fetch_add(&to->conns_len, 1);
        if (to == io)
            begin(io, list, &f);
        else
            hand_over(to, &f);
    }
}

static void first_byte_came(struct io *io, struct fresh **list, struct fresh *f)
{
    epoll_ctl(io->epoll_fd, EPOLL_CTL_DEL, f->fd, NULL);
    if (admit(io, f))
        unlink_fresh(list, f);
    else
        watch(io->epoll_fd, f->fd, EPOLLIN | EPOLLRDHUP, &f->watch);
}

static void drop_silent(struct io *io, struct fresh **list, bool all)
{
    int64_t limit = clock_mono_ms() - io->server->config.header_deadline_ms;

    for (struct fresh *f = *list, *next; f; f = next) {
        next = f->next;
        if (!all && f->since_ms > limit)
            continue;
        refuse(io, f->fd);
        unlink_fresh(list, f);
    }
}

void http__io_wake(struct io *io)
{
    uint64_t one = 1;

    if (write(io->event_fd, &one, sizeof one) != sizeof one)
        log_error("http", "eventfd: %s", strerror(errno));
}

void http_resume(struct http_req *r)
{
    struct io *io = r->state->io;

    pthread_mutex_lock(&io->lock);
    bool wake = io->done == NULL;
    r->state->next = io->done;
    io->done = r;
    pthread_mutex_unlock(&io->lock);
    if (wake)
        http__io_wake(io);
}

static void resume_done(struct io *io)
{
    uint64_t count;
    ssize_t ignored = read(io->event_fd, &count, sizeof count);

    (void)ignored;
    pthread_mutex_lock(&io->lock);
    struct http_req *r = io->done;
    io->done = NULL;
    pthread_mutex_unlock(&io->lock);
    while (r) {
        struct http_req *next = r->state->next;

        r->state->deferred = false;
        MHD_resume_connection(r->state->mhd);
        r = next;
    }
}

/* How long epoll may sleep: the library has connections it wants to go on with by itself. */
static int wait_ms(struct io *io)
{
    MHD_UNSIGNED_LONG_LONG ms;

    if (MHD_get_timeout(io->daemon, &ms) == MHD_YES && ms < TICK_MS)
        return (int)ms;
    return http__streams_wait_ms(io, TICK_MS);
}

/* Everything the thread has to do until it is told to stop and its requests have ended. */
static void io_loop(struct io *io)
{
    struct http_server *s = io->server;
    struct epoll_event events[EVENTS_MAX];
    struct fresh *fresh = NULL;
    int64_t swept_ms = clock_mono_ms();

    for (;;) {
        int n = epoll_wait(io->epoll_fd, events, EVENTS_MAX, wait_ms(io));

        for (int i = 0; i < n; i++) {
            enum watch *what = events[i].data.ptr;

            switch (*what) {
            case WATCH_LISTENER:
                accept_some(io, &fresh);
                break;
            case WATCH_RESUMED:
                resume_done(io);
                take_handed(io, &fresh);
                break;
            case WATCH_FRESH: /* watch is its first member */
                first_byte_came(io, &fresh, (struct fresh *)what);
                break;
            case WATCH_CONN:
                ((struct http_conn *)what)->lost |= (events[i].events & EPOLLERR) != 0;
                http__stream_peer_gone((struct http_conn *)what);
                break;
            case WATCH_DAEMON:
                break;
            }
        }
        http__streams_turn(io);
        MHD_run(io->daemon);
        if (s->app.rest)
            s->app.rest(io->app_data, s->app.ctx);
        int64_t now = clock_mono_ms();
        if (atomic_load(&s->stopping) && !io->draining) {
            io->draining = true;
            epoll_ctl(io->epoll_fd, EPOLL_CTL_DEL, s->listen_fd, NULL);
            swept_ms = 0;
        }
        if (now - swept_ms >= TICK_MS) {
            http__conns_sweep(io);
            http__streams_beat(io);
            drop_silent(io, &fresh, io->draining);
            swept_ms = now;
        }
        if (io->draining &&
            (atomic_load(&io->conns_len) == 0 || now > atomic_load(&s->stop_deadline_ms)) &&
            io->requests_len == 0)
            break;
        if (io->draining && now > atomic_load(&s->stop_deadline_ms) + 5000)
            break; /* something never answers: do not hang for ever */
    }
    drop_silent(io, &fresh, true);
}

static void *io_main(void *arg)
{
    struct io *io = arg;
    struct http_app *app = &io->server->app;

    pthread_setname_np(pthread_self(), "io");
    io->app_data = app->thread_begin ? app->thread_begin(app->ctx) : NULL;
    io_loop(io);
    MHD_stop_daemon(io->daemon);
    http__free_reqs(io);
    if (app->thread_end)
        app->thread_end(io->app_data, app->ctx);
    return NULL;
}

__attribute__((format(printf, 2, 0))) static void on_log(void *cls, const char *fmt, va_list ap)
{
    char line[256];

    (void)cls;
    vsnprintf(line, sizeof line, fmt, ap);
    line[strcspn(line, "\n")] = '\0';
    log_debug("http", "%s", line);
}

static enum err start_io(struct http_server *s, struct io *io, struct fault *f)
{
    const unsigned flags =
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

    io->server = s;
    io->listener = WATCH_LISTENER;
    io->resumed = WATCH_RESUMED;
    io->library = WATCH_DAEMON;
    pthread_mutex_init(&io->lock, NULL);
    io->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    io->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    io->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, http__access, io, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)(s->config.conns_max / s->config.threads + 1),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONN_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
        MHD_OPTION_NOTIFY_COMPLETED, http__completed, io, MHD_OPTION_NOTIFY_CONNECTION,
        http__conn_notify, io, MHD_OPTION_URI_LOG_CALLBACK, http__uri_seen, io,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
    if (io->epoll_fd < 0 || io->event_fd < 0 || io->daemon == NULL)
        return fault_set(f, ERR_INTERNAL, NULL, "cannot start an IO thread");
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(io->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    watch(io->epoll_fd, info->epoll_fd, EPOLLIN, &io->library);
    watch(io->epoll_fd, io->event_fd, EPOLLIN, &io->resumed);
    watch(io->epoll_fd, s->listen_fd, EPOLLIN | EPOLLEXCLUSIVE, &io->listener);
    if (pthread_create(&io->thread, NULL, io_main, io) != 0)
        return fault_set(f, ERR_INTERNAL, NULL, "cannot start an IO thread");
    return ERR_OK;
}

/* As many descriptors as we may have. */
static void raise_file_limit(struct http_config *config)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur != RLIM_INFINITY && (rlim_t)config->conns_max + 200 > limit.rlim_cur)
        config->conns_max = limit.rlim_cur > 400 ? (int)limit.rlim_cur - 200 : 200;
}

enum err http_start(const struct http_config *config, const struct http_app *app,
                    struct http_server **out, struct fault *f)
{
    struct http_server *s = calloc(1, sizeof *s);

    if (s == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    s->config = *config;
    s->app = *app;
    s->listen_fd = -1;
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit(&s->config);
    enum err e = bind_listen(s, f);
    s->io = e == ERR_OK ? calloc((size_t)config->threads, sizeof *s->io) : NULL;
    for (int i = 0; e == ERR_OK && i < config->threads; i++) {
        e = start_io(s, &s->io[i], f);
        if (e == ERR_OK)
            atomic_store(&s->io_len, i + 1); /* from now on others hand connections to it */
    }
    if (e != ERR_OK) {
        http_stop(s, 0);
        return e;
    }
    *out = s;
    return ERR_OK;
}

int http_port(const struct http_server *s)
{
    return s->port;
}

void http_stop(struct http_server *s, int grace_ms)
{
    atomic_store(&s->stop_deadline_ms, clock_mono_ms() + grace_ms);
    atomic_store(&s->stopping, true);
    for (int i = 0; i < s->io_len; i++)
        http__io_wake(&s->io[i]);
    for (int i = 0; i < s->io_len; i++)
        pthread_join(s->io[i].thread, NULL);
    for (int i = 0; i < s->io_len; i++)
        finish_io(&s->io[i]);
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    free(s->io);
    free(s);
}
