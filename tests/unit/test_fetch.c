/* net/: outgoing HTTP, against a server of one answer on a port of its own. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/fetch.h"
#include "unit.h"

struct peer {
    int fd;
    int port;
    const char *answers[4]; /* one connection each; NULL = end, "" = say nothing for a while */
    char heard[4096];       /* the last request */
    pthread_t thread;
};

static void *serve(void *ctx)
{
    struct peer *p = ctx;

    for (size_t i = 0; i < ARRAY_LEN(p->answers) && p->answers[i]; i++) {
        int c = accept(p->fd, NULL, NULL);
        size_t n = strlen(p->answers[i]);
        ssize_t got = c < 0 ? -1 : recv(c, p->heard, sizeof p->heard - 1, 0);

        if (c < 0)
            break;
        p->heard[got > 0 ? got : 0] = 0;
        if (n == 0)
            usleep(500000);
        else
            send(c, p->answers[i], n, MSG_NOSIGNAL);
        close(c);
    }
    return NULL;
}

static void listen_on(struct peer *p)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;

    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(p->fd, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(p->fd, 8), 0);
    assert_int_equal(getsockname(p->fd, (struct sockaddr *)&a, &n), 0);
    p->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
}

static void finish(struct peer *p)
{
    shutdown(p->fd, SHUT_RDWR); /* ends an accept that nobody will answer */
    pthread_join(p->thread, NULL);
    close(p->fd);
}

static bool append(void *ctx, struct str piece, struct fault *f)
{
    (void)f;
    strncat(ctx, piece.p, piece.n);
    return true;
}

static bool refuse(void *ctx, struct str piece, struct fault *f)
{
    (void)ctx;
    (void)piece;
    return fault_set(f, ERR_NO_SPACE, "", "full") == ERR_OK;
}

static enum err run(struct peer *p, struct fetch r, int *status, struct fault *f)
{
    char url[64];
    enum err e;

    listen_on(p);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/x", p->port);
    r.url = url;
    r.field = "link";
    r.bytes_max = 100;
    r.timeout_ms = 200;
    e = fetch_run(&r, status, f);
    finish(p);
    return e;
}

#define OK_ABC "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
#define TO(url)                                                                                    \
    "HTTP/1.1 302 Found\r\nLocation: " url "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

static void bodies_arrive_and_are_capped(void **state)
{
    struct peer one = {.answers = {OK_ABC}}, missing = {.answers = {"HTTP/1.1 404 No\r\n\r\nabc"}};
    struct peer announced = {.answers = {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n"}};
    struct peer endless = {.answers = {"HTTP/1.1 200 OK\r\n\r\n"
                                       "0123456789012345678901234567890123456789012345678901234567"
                                       "0123456789012345678901234567890123456789012345678901234"}};
    struct peer full = {.answers = {OK_ABC}}, silent = {.answers = {""}};
    char body[200] = "";
    struct fetch r = {.sink = append, .ctx = body, .allow_private = true};
    struct fault f = {0}, g = {0}, h = {0}, i = {0};
    int status;

    (void)state;
    assert_int_equal(run(&one, r, &status, &f), ERR_OK);
    assert_int_equal(status, 200);
    assert_string_equal(body, "abc");
    assert_int_equal(run(&missing, r, &status, &f), ERR_OK);
    assert_int_equal(status, 404);
    assert_string_equal(body, "abc"); /* an error page is no download */
    assert_int_equal(run(&announced, r, &status, &f), ERR_TOO_LARGE);
    assert_int_equal(run(&endless, r, &status, &g), ERR_TOO_LARGE);
    assert_string_equal(g.field, "link");
    assert_int_equal(run(&silent, r, &status, &h), ERR_TIMEOUT);
    assert_int_equal(status, 0);
    r.sink = refuse;
    assert_int_equal(run(&full, r, &status, &i), ERR_NO_SPACE);
}

static void posts_carry_body_and_headers(void **state)
{
    struct peer p = {.answers = {TO("/again"), OK_ABC}};
    const char *const headers[] = {"X-Test: yes", NULL};
    struct str body = STR("{\"a\":1}");
    struct fault f = {0};
    int status;

    (void)state;
    assert_int_equal(
        run(&p,
            (struct fetch){
                .post = &body, .headers = headers, .redirects_max = 3, .allow_private = true},
            &status, &f),
        ERR_OK);
    assert_int_equal(status, 200);
    assert_ptr_equal(strstr(p.heard, "POST /again HTTP/1.1\r\n"), p.heard);
    assert_non_null(strstr(p.heard, "X-Test: yes\r\n"));
}

static void redirects_are_counted_and_stay_http(void **state)
{
    struct peer stay = {.answers = {TO("/1")}};
    struct peer loop = {.answers = {TO("/1"), TO("/2"), TO("/3")}};
    struct peer file = {.answers = {TO("file:///etc/passwd")}};
    struct fetch r = {.allow_private = true};
    struct fault f = {0};
    int status;

    (void)state;
    assert_int_equal(run(&stay, r, &status, &f), ERR_OK);
    assert_int_equal(status, 302);
    r.redirects_max = 2;
    assert_int_equal(run(&loop, r, &status, &f), ERR_INVALID);
    assert_int_equal(run(&file, r, &status, &f), ERR_INVALID);
}

static void our_own_network_is_refused(void **state)
{
    static const char *const urls[] = {"http://127.0.0.1:1/",
                                       "http://localhost:1/",
                                       "http://[::1]:1/",
                                       "http://2130706433:1/",
                                       "http://169.254.169.254/",
                                       "http://[::ffff:10.0.0.1]/",
                                       "file:///etc/passwd",
                                       "gopher://127.0.0.1:1/",
                                       "not a url",
                                       ""};
    int status;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct fetch r = {.url = urls[i], .field = "link", .bytes_max = 9, .timeout_ms = 500};
        struct fault f = {0};

        assert_int_equal(fetch_run(&r, &status, &f), ERR_INVALID);
        assert_string_equal(f.field, "link");
        if (i < 6)
            assert_non_null(strstr(f.message, "not public"));
    }
}

static bool is_public(const char *text)
{
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6};
    struct sockaddr_in a4 = {.sin_family = AF_INET};

    if (inet_pton(AF_INET, text, &a4.sin_addr) == 1)
        return fetch_is_public((struct sockaddr *)&a4);
    assert_int_equal(inet_pton(AF_INET6, text, &a6.sin6_addr), 1);
    return fetch_is_public((struct sockaddr *)&a6);
}

static void addresses_are_known(void **state)
{
    static const char *const yes[] = {"1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1",
                                      "2002:0101:0101::1"};
    static const char *const no[] = {
        "0.0.0.0",         "10.1.2.3",  "100.64.0.1",  "127.9.9.9",      "169.254.169.254",
        "172.31.9.9",      "192.0.2.1", "192.168.0.1", "198.19.0.1",     "224.0.0.1",
        "255.255.255.255", "::",        "::1",         "::ffff:8.8.8.8", "64:ff9b::a00:1",
        "fd00::1",         "fe80::1",   "ff02::1",     "2002:a00:1::1",  "2001:db8::1",
        "2001::1"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(is_public(yes[i]));
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(is_public(no[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_arrive_and_are_capped),
        cmocka_unit_test(posts_carry_body_and_headers),
        cmocka_unit_test(redirects_are_counted_and_stay_http),
        cmocka_unit_test(our_own_network_is_refused),
        cmocka_unit_test(addresses_are_known),
    };

    return RUN(tests);
}
