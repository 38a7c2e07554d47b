/* Reading multipart/form-data as it comes (RFC 7578): push bytes in, parts come out. Nothing is
 * kept but the header of the current part and what might be the start of a boundary. */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include "base/err.h"
#include "base/str.h"

#define MULTIPART_BOUNDARY_MAX 70
#define MULTIPART_HEADER_MAX   4096

/* What happens with the parts; false stops the reading. Strings are borrowed for the call. */
struct multipart_app {
    bool (*begin)(void *ctx, struct str name, struct str filename);
    bool (*data)(void *ctx, const char *p, size_t n);
    bool (*end)(void *ctx);
    void *ctx;
};

struct multipart {
    struct multipart_app app;
    enum {
        MULTIPART_START,
        MULTIPART_HEADER,
        MULTIPART_BODY,
        MULTIPART_AFTER,
        MULTIPART_DONE
    } state;
    char delimiter[MULTIPART_BOUNDARY_MAX + 8]; /* "\r\n--boundary" */
    size_t delimiter_len;
    size_t matched; /* bytes of the delimiter that have just been seen */
    bool last;      /* the delimiter is followed by "--" */
    char header[MULTIPART_HEADER_MAX];
    size_t header_len;
};

/* Take the boundary from the Content-Type header. false: it is no multipart/form-data. */
bool multipart_init(struct multipart *m, struct str content_type, const struct multipart_app *app);

/* Read on. ERR_INVALID with a sentence in *f: malformed, or the app has stopped (then f may hold
 * the app's own fault, which wins). */
enum err multipart_feed(struct multipart *m, const char *p, size_t n, struct fault *f);

/* The body has ended: was the last boundary there? */
enum err multipart_finish(const struct multipart *m, struct fault *f);

#endif
