/* Outgoing HTTP over libcurl. */
#include "net/fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <unistd.h>

struct net4 {
    uint32_t base;
    int bits;
};

/* IANA's special-purpose registry: what is not reachable from everywhere */
static const struct net4 not_public[] = {
    {0x00000000, 8},  /* this network */
    {0x0a000000, 8},  /* private */
    {0x64400000, 10}, /* carrier NAT */
    {0x7f000000, 8},  /* loopback */
    {0xa9fe0000, 16}, /* link-local, metadata */
    {0xac100000, 12}, /* private */
    {0xc0000000, 24}, /* protocol assignments */
    {0xc0000200, 24}, /* documentation */
    {0xc0586300, 24}, /* 6to4 relays */
    {0xc0a80000, 16}, /* private */
    {0xc6120000, 15}, /* benchmarks */
    {0xc6336400, 24}, /* documentation */
    {0xcb007100, 24}, /* documentation */
    {0xe0000000, 3},  /* multicast, reserved, broadcast */
};

static bool public4(uint32_t a)
{
    for (size_t i = 0; i < ARRAY_LEN(not_public); i++)
        if ((a ^ not_public[i].base) >> (32 - not_public[i].bits) == 0)
            return false;
    return true;
}

/* Only 2000::/3 is in use as global unicast; that leaves out ::1, fc00::/7, fe80::/10, ff00::/8,
 * mapped addresses and NAT64. */
static bool public6(const uint8_t b[16])
{
    if ((b[0] & 0xe0) != 0x20)
        return false;
    if (b[0] == 0x20 && b[1] == 0x02) /* 6to4 holds an IPv4 address */
        return public4((uint32_t)b[2] << 24 | (uint32_t)b[3] << 16 | (uint32_t)b[4] << 8 | b[5]);
    if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 2) /* Teredo and other protocols */
        return false;
    return !(b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8); /* documentation */
}

bool fetch_is_public(const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, sa, sizeof in);
        return public4(ntohl(in.sin_addr.s_addr));
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, sa, sizeof in6);
        return public6(in6.sin6_addr.s6_addr);
    }
    return false;
}

/* A transfer under way. */
struct transfer {
    const struct fetch *r;
    CURL *curl;
    struct fault *f;
    int64_t got;
    bool refused, too_large, sink_failed;
};

static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct transfer *t = ctx;

    (void)purpose;
    if (!t->r->allow_private && !fetch_is_public(&a->addr)) {
        t->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    long status = 0;

    n *= size;
    if ((int64_t)n > t->r->bytes_max - t->got) {
        t->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    t->got += (int64_t)n;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (t->r->sink && status / 100 == 2 && !t->r->sink(t->r->ctx, (struct str){p, n}, t->f)) {
        t->sink_failed = true;
        return CURL_WRITEFUNC_ERROR;
    }
    return n;
}

/* libcurl asks about once a second, also while nothing happens. */
static int ask_cancel(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct transfer *t = ctx;

    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return atomic_load(t->r->cancel);
}

static void set_up(struct transfer *t, struct curl_slist *headers)
{
    const struct fetch *r = t->r;
    CURL *c = t->curl;

    curl_easy_setopt(c, CURLOPT_URL, r->url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_PROXY, ""); /* a proxy would connect for us, unchecked */
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, r->timeout_ms);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, r->redirects_max > 0 ? 1L : 0L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)r->redirects_max);
    curl_easy_setopt(c, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
    curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)r->bytes_max);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "labeld");
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    if (r->any_certificate) {
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (r->cancel) {
        curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, ask_cancel);
        curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    }
    if (r->post) {
        curl_easy_setopt(c, CURLOPT_POST, 1L);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->post->p ? r->post->p : "");
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->post->n);
    }
}

static enum err explain(const struct transfer *t, CURLcode rc)
{
    const char *field = t->r->field;

    if (rc == CURLE_OK)
        return ERR_OK;
    if (t->sink_failed) {
        if (t->f->code != ERR_OK)
            return t->f->code;
        return fault_set(t->f, ERR_INTERNAL, field, "the download could not be stored");
    }
    if (t->too_large || rc == CURLE_FILESIZE_EXCEEDED)
        return fault_set(t->f, ERR_TOO_LARGE, field, "the answer is larger than %lld bytes",
                         (long long)t->r->bytes_max);
    if (rc == CURLE_OPERATION_TIMEDOUT)
        return fault_set(t->f, ERR_TIMEOUT, field, "no complete answer within %ld ms",
                         t->r->timeout_ms);
    if (rc == CURLE_OUT_OF_MEMORY)
        return fault_set(t->f, ERR_NOMEM, field, "out of memory");
    if (t->refused)
        return fault_set(t->f, ERR_INVALID, field,
                         "the URL leads to an address that is not public");
    return fault_set(t->f, ERR_INVALID, field, "the URL cannot be fetched: %s",
                     curl_easy_strerror(rc));
}

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum err fetch_run(const struct fetch *r, int *status_out, struct fault *f)
{
    struct transfer t = {.r = r, .f = f};
    struct curl_slist *headers = NULL;
    long status = 0;
    enum err e = ERR_NOMEM;

    *status_out = 0;
    pthread_once(&curl_once, init_curl);
    t.curl = curl_easy_init();
    if (!t.curl)
        return fault_set(f, ERR_NOMEM, r->field, "out of memory");
    for (const char *const *h = r->headers; h && *h; h++) {
        struct curl_slist *more = curl_slist_append(headers, *h);

        if (!more) {
            fault_set(f, ERR_NOMEM, r->field, "out of memory");
            goto out;
        }
        headers = more;
    }
    set_up(&t, headers);
    e = explain(&t, curl_easy_perform(t.curl));
    curl_easy_getinfo(t.curl, CURLINFO_RESPONSE_CODE, &status);
    *status_out = (int)status;
out:
    curl_slist_free_all(headers);
    curl_easy_cleanup(t.curl);
    return e;
}
