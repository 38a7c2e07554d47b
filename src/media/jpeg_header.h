/* Most images are JPEGs, and of most only size and orientation are asked: libjpeg reads them in a
 * tenth of the time that libvips needs to set up a pipeline. */
#ifndef MEDIA_JPEG_HEADER_H
#define MEDIA_JPEG_HEADER_H

#include <stdbool.h>
#include <stddef.h>

struct jpeg_size {
    unsigned width, height; /* pixels as shown: EXIF orientation applied */
};

/* bytes are the first n of a file. false: no JPEG, damaged, or its header goes on beyond them. */
bool jpeg_header(const unsigned char *bytes, size_t n, struct jpeg_size *out);

#endif
