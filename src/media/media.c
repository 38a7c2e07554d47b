/* The server's side of labeld-media: starting it, asking it, and starting it again. */
#include "media/media.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "media/media_proto.h"

#define WORKERS_MAX 8
#define ON_THE_WAY  16  /* questions at once: their files count against the worker's descriptors */
#define PATIENCE_MS 250 /* about what it takes to start a worker on a busy machine */

struct worker {
    pthread_mutex_t lock;
    pid_t pid;         /* 0 = not running */
    _Atomic bool runs; /* the same for those who do not hold the lock */
    int fd;
    int failures; /* since the last answer */
};

struct media {
    struct media_config config;
    char program[4096];
    struct worker workers[WORKERS_MAX];
    _Atomic unsigned next;
};

enum err media_start(const struct media_config *config, struct media **out, struct fault *f)
{
    struct media *m;

    if (access(config->program, X_OK) != 0)
        return fault_set(f, ERR_NOT_FOUND, NULL, "%s: %s", config->program, strerror(errno));
    m = calloc(1, sizeof *m);
    if (m == NULL)
        return fault_set(f, ERR_NOMEM, NULL, "out of memory");
    m->config = *config;
    snprintf(m->program, sizeof m->program, "%s", config->program);
    if (m->config.workers > WORKERS_MAX)
        m->config.workers = WORKERS_MAX;
    for (int i = 0; i < m->config.workers; i++)
        pthread_mutex_init(&m->workers[i].lock, NULL);
    *out = m;
    return ERR_OK;
}

static void end_worker(struct worker *w)
{
    if (w->pid == 0)
        return;
    close(w->fd);
    kill(w->pid, SIGKILL);
    while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    w->pid = 0;
    atomic_store(&w->runs, false);
}

void media_stop(struct media *m)
{
    for (int i = 0; m && i < m->config.workers; i++) {
        end_worker(&m->workers[i]);
        pthread_mutex_destroy(&m->workers[i].lock);
    }
    free(m);
}

static enum err begin_worker(struct media *m, struct worker *w, struct fault *f)
{
    char *const argv[] = {m->program, NULL};
    char locale[] = "LC_ALL=C";
    char *const env[] = {locale, NULL}; /* nothing else of ours is its business */
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return fault_set(f, ERR_BUSY, NULL, "no socket for the media worker");
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pair[1], MEDIA_SOCKET_FD);
    posix_spawn_file_actions_addclosefrom_np(&actions, MEDIA_SOCKET_FD + 1);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    int rc = posix_spawn(&w->pid, m->program, &actions, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    close(pair[1]);
    if (rc != 0) {
        close(pair[0]);
        w->pid = 0;
        return fault_set(f, ERR_BUSY, NULL, "cannot start the media worker: %s", strerror(rc));
    }
    w->fd = pair[0];
    atomic_store(&w->runs, true);
    return ERR_OK;
}

static bool send_request(struct worker *w, const struct media_request *rq, const int *fds, size_t n)
{
    char control[CMSG_SPACE(2 * sizeof(int))] = {0};
    struct iovec iov = {(void *)(uintptr_t)rq, sizeof *rq};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = CMSG_SPACE(n * sizeof(int))};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(n * sizeof(int));
    memcpy(CMSG_DATA(c), fds, n * sizeof(int));
    return sendmsg(w->fd, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof *rq;
}

static bool read_reply(struct worker *w, struct media_reply *reply, int deadline_ms)
{
    struct pollfd p = {.fd = w->fd, .events = POLLIN};
    int rc;

    do
        rc = poll(&p, 1, deadline_ms);
    while (rc < 0 && errno == EINTR);
    return rc > 0 && recv(w->fd, reply, sizeof *reply, 0) == (ssize_t)sizeof *reply;
}

static struct worker *try_lock(struct media *m, unsigned first, bool running)
{
    unsigned n = (unsigned)m->config.workers;

    for (unsigned i = 0; i < n; i++) {
        struct worker *w = &m->workers[(first + i) % n];

        if (atomic_load(&w->runs) == running && pthread_mutex_trylock(&w->lock) == 0)
            return w;
    }
    return NULL;
}

/* One that runs is mostly free again before another one could be started. */
static struct worker *wait_for_running(struct media *m, unsigned first)
{
    unsigned n = (unsigned)m->config.workers;
    struct timespec end;

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += PATIENCE_MS * 1000000L;
    end.tv_sec += end.tv_nsec / 1000000000L;
    end.tv_nsec %= 1000000000L;
    for (unsigned i = 0; i < n; i++) {
        struct worker *w = &m->workers[(first + i) % n];

        if (atomic_load(&w->runs))
            return pthread_mutex_clocklock(&w->lock, CLOCK_MONOTONIC, &end) == 0 ? w : NULL;
    }
    return NULL;
}

/* Any worker that is free, rather one that runs; the next one in turn when none is. brief: the
 * question is answered in much less time than it takes to start a worker. */
static struct worker *take_worker(struct media *m, bool brief)
{
    unsigned first = atomic_fetch_add(&m->next, 1), n = (unsigned)m->config.workers;
    struct worker *w = try_lock(m, first, true);

    if (w == NULL && brief)
        w = wait_for_running(m, first);
    if (w == NULL)
        w = try_lock(m, first, false);
    if (w == NULL) {
        w = &m->workers[first % n];
        pthread_mutex_lock(&w->lock);
    }
    return w;
}

/* Files that kill worker after worker must not turn the server into a fork loop. */
static void rest(int failures)
{
    int ms = failures > 6 ? 1000 : 20 << failures;
    struct timespec pause = {ms / 1000, ms % 1000 * 1000000L};

    nanosleep(&pause, NULL);
}

/* Ask once. ERR_INVALID: the worker did not answer and is gone; ERR_BUSY: none can be started. */
static enum err ask(struct media *m, const struct media_request *rq, const int *fds, size_t n,
                    struct media_reply *reply, bool fresh)
{
    struct worker *w = take_worker(m, false);
    struct fault ignored = {0};

    if (fresh)
        end_worker(w);
    if (w->pid == 0 && w->failures > 2)
        rest(w->failures);
    enum err e = w->pid ? ERR_OK : begin_worker(m, w, &ignored);

    if (e == ERR_OK &&
        (!send_request(w, rq, fds, n) || !read_reply(w, reply, m->config.deadline_ms) ||
         !media_reply_ok(reply, rq))) {
        log_warn("media", "the media worker crashed or took too long; it is started anew");
        end_worker(w);
        e = ERR_INVALID;
    }
    w->failures = e == ERR_OK ? 0 : w->failures + 1;
    pthread_mutex_unlock(&w->lock);
    return e;
}

static enum err refused(const struct media_reply *reply, struct fault *f)
{
    return fault_set(f, ERR_INVALID, NULL, "the file %s", reply->message);
}

static void take_info(const struct media_reply *reply, struct media_info *out)
{
    out->width = reply->width;
    out->height = reply->height;
    memcpy(out->mime, reply->mime, sizeof out->mime);
}

/* With a fresh worker. */
static enum err ask_again(struct media *m, const struct media_request *rq, const int *fds, size_t n,
                          struct media_reply *reply, struct fault *f)
{
    enum err e = ask(m, rq, fds, n, reply, true);

    if (e == ERR_BUSY)
        return fault_set(f, e, NULL, "the media worker cannot be started");
    if (e != ERR_OK)
        return fault_set(f, e, NULL, "the file cannot be read as an image");
    if (!reply->ok)
        return refused(reply, f);
    return ERR_OK;
}

/* A worker may have died of an earlier file, or of the machine: a second try with a fresh one tells
 * whether it is this file. */
static enum err ask_twice(struct media *m, struct media_request *rq, const int *fds, size_t n,
                          struct media_reply *reply, struct fault *f)
{
    rq->pixels_max = m->config.pixels_max;
    if (ask(m, rq, fds, n, reply, false) != ERR_OK)
        return ask_again(m, rq, fds, n, reply, f);
    return reply->ok ? ERR_OK : refused(reply, f);
}

/* Ask a worker about one file after the other. How many it has answered: when that is not all, the
 * next one, or chance, has ended it. */
static size_t probe_in_row(struct media *m, const int *fds, size_t n, struct media_info *out,
                           struct fault *faults)
{
    const struct media_request rq = {.op = MEDIA_PROBE, .pixels_max = m->config.pixels_max};
    struct worker *w = take_worker(m, true);
    size_t asked = 0, answered = 0;
    struct fault ignored = {0};
    bool ok = w->pid != 0 || begin_worker(m, w, &ignored) == ERR_OK;

    while (ok && answered < n) {
        struct media_reply reply;

        for (; ok && asked < n && asked < answered + ON_THE_WAY; asked++)
            ok = send_request(w, &rq, &fds[asked], 1);
        ok = ok && read_reply(w, &reply, m->config.deadline_ms) && media_reply_ok(&reply, &rq);
        if (ok && reply.ok)
            take_info(&reply, &out[answered]);
        else if (ok)
            refused(&reply, &faults[answered]);
        answered += ok;
    }
    if (!ok)
        end_worker(w);
    w->failures = ok ? 0 : w->failures + 1;
    pthread_mutex_unlock(&w->lock);
    return answered;
}

/* The file that a worker did not answer about. */
static enum err probe_again(struct media *m, int fd, struct media_info *out, struct fault *f)
{
    const struct media_request rq = {.op = MEDIA_PROBE, .pixels_max = m->config.pixels_max};
    struct media_reply reply = {0};
    enum err e = ask_again(m, &rq, &fd, 1, &reply, f);

    if (e == ERR_OK)
        take_info(&reply, out);
    return e;
}

enum err media_probe_all(struct media *m, const int *fds, size_t n, struct media_info *out,
                         struct fault *faults)
{
    for (size_t at = 0; at < n; at++) {
        at += probe_in_row(m, fds + at, n - at, out + at, faults + at);
        if (at < n && probe_again(m, fds[at], &out[at], &faults[at]) == ERR_BUSY)
            return ERR_BUSY;
    }
    return ERR_OK;
}

enum err media_probe(struct media *m, int fd, struct media_info *out, struct fault *f)
{
    *f = (struct fault){0};
    enum err e = media_probe_all(m, &fd, 1, out, f);
    return e == ERR_OK ? f->code : e;
}

enum err media_resize(struct media *m, int in_fd, int out_fd, const struct media_size *size,
                      struct fault *f)
{
    struct media_request rq = {.op = MEDIA_RESIZE,
                               .width = (uint32_t)size->width,
                               .height = (uint32_t)size->height,
                               .method = (uint32_t)size->method,
                               .quality = (uint32_t)size->quality};
    struct media_reply reply = {0};
    const int fds[2] = {in_fd, out_fd};

    snprintf(rq.format, sizeof rq.format, "%s", size->format);
    return ask_twice(m, &rq, fds, 2, &reply, f);
}
