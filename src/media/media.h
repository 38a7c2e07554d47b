/* Looking into images: done by labeld-media, a sandboxed process of its own, because decoders are
 * what attackers aim at. It may crash, hang or run out of memory: that costs one call. */
#ifndef MEDIA_MEDIA_H
#define MEDIA_MEDIA_H

#include <stdint.h>

#include "base/err.h"

struct media;

struct media_config {
    const char *program; /* path of labeld-media */
    int workers;         /* processes */
    int deadline_ms;     /* a call that takes longer is given up, its worker killed */
    int64_t pixels_max;  /* larger images are refused */
};

/* Start. Workers start when they are first needed. ERR_NOT_FOUND: the program is not there. */
enum err media_start(const struct media_config *config, struct media **out, struct fault *f);
void media_stop(struct media *m); /* NULL is fine */

struct media_info {
    int64_t width, height; /* pixels, EXIF orientation applied */
    char mime[32];         /* by content: "image/jpeg" */
};

/* Look at the header of the file fd, whose offset does not matter, and whether a PNG has
 * its end: a JPEG that is cut off behind its header is taken, decoders show what there is.
 * ERR_INVALID: no image we take, too large, damaged, cut off; ERR_BUSY: no worker can be started.
 * Any thread; blocks. */
enum err media_probe(struct media *m, int fd, struct media_info *out, struct fault *f);

/* The same for n files, without waiting for each answer before the next question. What became of
 * each is in its fault: ERR_OK or ERR_INVALID. ERR_BUSY: as above, the rest was not looked at. */
enum err media_probe_all(struct media *m, const int *fds, size_t n, struct media_info *out,
                         struct fault *faults);

/* Where both sides of the box are given; otherwise all of them keep the proportions. */
enum media_method {
    MEDIA_FIT,   /* into the box; never enlarges */
    MEDIA_FILL,  /* the box, cutting off what is over; never enlarges */
    MEDIA_FORCE, /* exactly the box, proportions or not */
};

struct media_size {
    int width, height; /* box; 0 = free */
    enum media_method method;
    int quality;        /* 1 to 100 */
    const char *format; /* "jpeg", "png", "webp" */
};

/* Write a smaller copy of the image in_fd to out_fd, upright. Errors as above. */
enum err media_resize(struct media *m, int in_fd, int out_fd, const struct media_size *size,
                      struct fault *f);

#endif
