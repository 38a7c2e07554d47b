/* What the server and labeld-media say to each other over a SOCK_SEQPACKET pair: one fixed-size
 * message each way, files as passed descriptors. Both ends are always of the same build. */
#ifndef MEDIA_MEDIA_PROTO_H
#define MEDIA_MEDIA_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEDIA_SOCKET_FD 3        /* in the worker */
#define MEDIA_SIDE_MAX  10000000 /* pixels; libvips takes no more */

enum media_op { MEDIA_PROBE = 1, MEDIA_RESIZE = 2 };

struct media_request {
    uint32_t op;
    uint32_t width, height; /* MEDIA_RESIZE: box in pixels, 0 = free */
    uint32_t method;        /* enum media_method */
    uint32_t quality;       /* 1 to 100 */
    char format[8];         /* "jpeg", "png", "webp" */
    int64_t pixels_max;     /* larger images are refused from their header */
}; /* with the image, and for MEDIA_RESIZE the file to write to, as descriptors */

struct media_reply {
    uint32_t ok;
    int64_t width, height; /* as it is shown: EXIF orientation applied */
    char mime[32];
    char message[160]; /* why not; continues "the file ..." */
};

/* Kinds of images that are taken. */
extern const char *const media_mimes[];
extern const size_t media_mimes_len;

/* Does every field hold what it may? Strings are terminated then. */
bool media_request_ok(const struct media_request *rq);
/* Could this be an honest reply to rq? */
bool media_reply_ok(const struct media_reply *reply, const struct media_request *rq);

#endif
