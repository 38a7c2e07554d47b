/* Outgoing HTTP: download a URL somebody gave us, or post to one. The server must not become the
 * way into its own network, so every address it connects to, on every redirect, is checked at the
 * moment of connecting: there is no second look at the DNS that could answer differently. */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"

/* Takes the next piece of the answer's body; false stops the transfer with ERR_INTERNAL, unless it
 * has filled the fault itself. Called only for a final answer (no redirect) with a status 2xx. */
typedef bool (*fetch_sink)(void *ctx, struct str piece, struct fault *f);

struct fetch {
    const char *url;            /* http or https */
    const char *field;          /* wire name for faults, "" = none */
    const struct str *post;     /* body to post; NULL = GET */
    const char *const *headers; /* "Name: value", NULL at the end; NULL = none */
    fetch_sink sink;            /* NULL: the body is dropped */
    void *ctx;
    int64_t bytes_max;         /* of the answer's body */
    long timeout_ms;           /* for everything: names, connecting, redirects, body */
    int redirects_max;         /* 0: a redirect is the answer */
    bool allow_private;        /* a setting of the server: its own network may be reached */
    bool any_certificate;      /* of the peer: it need not be one that is trusted */
    const atomic_bool *cancel; /* give up within a second when it becomes true; NULL = never */
};

/* Do r, in the calling thread, which waits: never call it on an IO thread or on the writer.
 * *status_out is the HTTP status of the last answer, 0 when there was none. ERR_OK: the peer
 * answered, with whatever status. ERR_INVALID: not http(s), refused address, unreachable, broken
 * answer; ERR_TIMEOUT; ERR_TOO_LARGE; ERR_NOMEM. */
enum err fetch_run(const struct fetch *r, int *status_out, struct fault *f);

/* Is sa an address of the public Internet? Private, loopback, link-local (with the metadata service
 * of clouds), multicast and reserved ones are not, nor what wraps one of these in IPv6. */
bool fetch_is_public(const struct sockaddr *sa);

#endif
