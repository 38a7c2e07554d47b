/* Labelers of a queue, a process each: pull, confirm, again; some are killed at random moments and
 * come back only after their lease.
 *
 * Usage: queue_clients PORT QUEUE ADMIN_TOKEN KILLS_PER_S AWAY_MS < lines "TOKEN JOB"
 * Ends when the queue has no image that is not confirmed, or after ten minutes; prints
 * "SECONDS KILLED" as soon as it knows. Exit status 1: time was up. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 1000
#define TOKEN_MAX   200
#define GIVE_UP_MS  600000
#define EMPTY_US    50000 /* before asking again when others hold the rest */
#define LOOK_US     20000

struct client {
    char token[TOKEN_MAX];
    long job;
    pid_t pid;      /* 0 = away */
    double back_ms; /* when it comes back */
};

static int port;

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int dial(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        perror("connect");
        _exit(2);
    }
    return fd;
}

/* One call; the whole answer, which must be a 200, in `answer`. */
static void call(int fd, const char *token, const char *method, const char *body, char answer[8192])
{
    char text[2048];
    size_t n = 0;
    int len = snprintf(text, sizeof text,
                       "POST /public/api/v3/%s HTTP/1.1\r\nHost: x\r\nx-api-key: %s\r\n"
                       "Content-Length: %zu\r\n\r\n%s",
                       method, token, strlen(body), body);

    if (write(fd, text, (size_t)len) != len)
        _exit(3);
    for (;;) {
        ssize_t got = read(fd, answer + n, 8191 - n);

        if (got <= 0)
            _exit(3);
        n += (size_t)got;
        answer[n] = '\0';
        const char *head = strcasestr(answer, "content-length:"), *end = strstr(answer, "\r\n\r\n");
        if (head && end && answer + n >= end + 4 + strtol(head + 15, NULL, 10))
            break;
    }
    if (strncmp(answer, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "%s %s: %s\n", method, body, answer);
        _exit(4);
    }
}

/* The number behind "name":, -1 for null. */
static long number(const char *answer, const char *name)
{
    const char *p = strstr(answer, name);

    if (p == NULL)
        return -1;
    p += strlen(name);
    return *p >= '0' && *p <= '9' ? strtol(p, NULL, 10) : -1;
}

static void work(const struct client *c)
{
    char body[128], answer[8192];
    int fd = dial();

    for (;;) {
        snprintf(body, sizeof body, "{\"id\":%ld}", c->job);
        call(fd, c->token, "labeling-queues.entities.get-next", body, answer);
        long image = number(answer, "\"id\":");
        if (image < 0) {
            usleep(EMPTY_US);
            continue;
        }
        snprintf(body, sizeof body, "{\"jobId\":%ld,\"entityId\":%ld,\"status\":\"done\"}", c->job,
                 image);
        call(fd, c->token, "jobs.entities.update-review-status", body, answer);
    }
}

static void start(struct client *c)
{
    c->pid = fork();
    if (c->pid == 0) {
        signal(SIGTERM, SIG_DFL);
        work(c);
        _exit(0);
    }
}

static bool finished(int fd, const char *token, const char *queue)
{
    char body[64], answer[8192 * 4];

    snprintf(body, sizeof body, "{\"id\":%s,\"entityStatus\":[null,\"none\"],\"per_page\":1}",
             queue);
    call(fd, token, "labeling-queues.stats.entities", body, answer);
    return number(answer, "\"total\":") == 0;
}

static size_t read_clients(struct client *all)
{
    char line[TOKEN_MAX + 32];
    size_t n = 0;

    while (n < CLIENTS_MAX && fgets(line, sizeof line, stdin)) {
        char *space = strchr(line, ' ');

        if (space == NULL || space - line >= TOKEN_MAX)
            break;
        memcpy(all[n].token, line, (size_t)(space - line));
        all[n++].job = strtol(space + 1, NULL, 10);
    }
    return n;
}

int main(int argc, char **argv)
{
    static struct client all[CLIENTS_MAX];
    size_t n = read_clients(all);
    bool done = false, broken = false;
    long killed = 0;

    if (argc != 6 || n == 0)
        return 2;
    port = (int)strtol(argv[1], NULL, 10);
    double each_ms = 1000 / strtod(argv[4], NULL), away_ms = strtod(argv[5], NULL);
    double begin = now_ms(), next = begin + each_ms, look = begin;
    int fd = dial();
    srand(7);
    for (size_t i = 0; i < n; i++)
        start(&all[i]);
    while (!done && !broken && now_ms() < begin + GIVE_UP_MS) {
        int status;

        usleep(LOOK_US);
        for (; next < now_ms(); next += each_ms) {
            struct client *c = &all[(size_t)rand() % n];

            if (c->pid == 0)
                continue;
            kill(c->pid, SIGKILL);
            waitpid(c->pid, NULL, 0);
            c->pid = 0;
            c->back_ms = now_ms() + away_ms;
            killed++;
        }
        for (size_t i = 0; i < n; i++)
            if (all[i].pid == 0 && now_ms() > all[i].back_ms)
                start(&all[i]);
        broken = waitpid(-1, &status, WNOHANG) > 0; /* nobody ends by themselves */
        if (now_ms() > look) {
            done = finished(fd, argv[3], argv[2]);
            look = now_ms() + 500;
        }
    }
    printf("%.2f %ld\n", (now_ms() - begin) / 1000, killed);
    for (size_t i = 0; i < n; i++)
        if (all[i].pid)
            kill(all[i].pid, SIGKILL);
    while (wait(NULL) > 0)
        ;
    return !done || broken;
}
