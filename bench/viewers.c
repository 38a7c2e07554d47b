/* Many viewers of a team's event stream see one change of status: how long until the last has it?
 *
 * Usage: viewers PORT TEAM JOB VIEWERS ROUNDS TOKEN...
 * The tokens take turns, because an account may have only so many streams. Once all viewers are
 * there it prints "ready" and waits for a line; then, for each round, milliseconds from the moment
 * the change was sent: "answer FIRST MEDIAN LAST". Exit status 1: somebody missed one or had it
 * twice. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SEEN     "\"action\":\"update_job_status\""
#define TAIL_MAX 64 /* what may be the beginning of SEEN */
#define PAUSE_US 300000

struct viewer {
    int fd;
    char tail[TAIL_MAX];
    size_t tail_len;
    int seen;
    double at_ms;
};

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static int dial(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
        die("connect");
    return fd;
}

static void say(int fd, const char *text)
{
    size_t n = strlen(text);

    if (write(fd, text, n) != (ssize_t)n)
        die("write");
}

/* Read until `what` has come, which it must in the first few KB. */
static void expect(int fd, const char *what)
{
    char text[8192];
    size_t n = 0;

    for (text[0] = '\0'; strstr(text, what) == NULL;) {
        ssize_t got = read(fd, text + n, sizeof text - 1 - n);

        if (got <= 0) {
            fprintf(stderr, "no %s in %s\n", what, text);
            exit(2);
        }
        n += (size_t)got;
        text[n] = '\0';
    }
}

/* How often SEEN stands in what has come, counted across reads. */
static void take(struct viewer *v, double at_ms)
{
    char text[TAIL_MAX + 16384];
    ssize_t got = recv(v->fd, text + v->tail_len, sizeof text - 1 - v->tail_len, MSG_DONTWAIT);

    if (got <= 0 && errno == EAGAIN)
        return;
    if (got <= 0)
        die("a stream ended");
    memcpy(text, v->tail, v->tail_len);
    size_t n = v->tail_len + (size_t)got;
    text[n] = '\0';
    const char *from = text;
    for (const char *p = text; (p = strstr(p, SEEN)) != NULL; from = p) {
        p += strlen(SEEN);
        v->seen++;
        v->at_ms = at_ms;
    }
    size_t rest = (size_t)(text + n - from);
    v->tail_len = rest < strlen(SEEN) ? rest : strlen(SEEN) - 1;
    memcpy(v->tail, text + n - v->tail_len, v->tail_len);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Serve the epoll until all have seen `times` changes, or for ten seconds. */
static bool watch(int epoll_fd, struct viewer *all, int n, int times)
{
    struct epoll_event events[256];
    double end = now_ms() + 10000;
    bool done = false;

    while (!done && now_ms() < end) {
        int ready = epoll_wait(epoll_fd, events, 256, 100);

        for (int i = 0; i < ready; i++)
            take(events[i].data.ptr, now_ms());
        done = true;
        for (int i = 0; i < n && done; i++)
            done = all[i].seen >= times;
    }
    for (int i = 0; i < n; i++)
        done = done && all[i].seen == times;
    return done;
}

int main(int argc, char **argv)
{
    if (argc < 7)
        return 2;
    int port = (int)strtol(argv[1], NULL, 10), n = (int)strtol(argv[4], NULL, 10);
    int rounds = (int)strtol(argv[5], NULL, 10), tokens = argc - 6, epoll_fd = epoll_create1(0);
    struct viewer *all = calloc((size_t)n, sizeof *all);
    double *at = calloc((size_t)n, sizeof *at);
    struct rlimit limit;
    char text[1024];
    bool good = true;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < n; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = &all[i]};

        all[i].fd = dial(port);
        snprintf(text, sizeof text,
                 "GET /public/api/v3/teams.events?teamId=%s HTTP/1.1\r\nHost: x\r\n"
                 "x-api-key: %s\r\n\r\n",
                 argv[2], argv[6 + i % tokens]);
        say(all[i].fd, text);
        expect(all[i].fd, "event: ready");
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, all[i].fd, &e);
    }
    printf("ready\n");
    fflush(stdout);
    if (fgets(text, sizeof text, stdin) == NULL)
        return 2;
    int change = dial(port);
    for (int round = 1; round <= rounds; round++) {
        char body[128];
        int len = snprintf(body, sizeof body, "{\"id\":%s,\"status\":\"%s\"}", argv[3],
                           round % 2 ? "in_progress" : "stopped");

        snprintf(text, sizeof text,
                 "POST /public/api/v3/jobs.set-status HTTP/1.1\r\nHost: x\r\n"
                 "x-api-key: %s\r\nContent-Length: %d\r\n\r\n%s",
                 argv[6], len, body);
        double start = now_ms();
        say(change, text);
        expect(change, "{\"success\":true}");
        double answer = now_ms() - start;
        good = watch(epoll_fd, all, n, round) && good;
        for (int i = 0; i < n; i++)
            at[i] = all[i].at_ms - start;
        qsort(at, (size_t)n, sizeof *at, compare);
        usleep(PAUSE_US); /* the server rests after a round; here it is about one change */
        printf("%.2f %.2f %.2f %.2f\n", answer, at[0], at[n / 2], at[n - 1]);
        fflush(stdout);
    }
    return good ? 0 : 1;
}
