/* Masks as the wire carries them: base64 of zlib of a PNG, in which every pixel is either drawn or
 * not. Read row by row, so that a mask of any size costs two rows of memory. */
#ifndef DOMAIN_MASK_H
#define DOMAIN_MASK_H

#include "base/str.h"

#define MASK_SIDE_MAX  65535
#define MASK_BYTES_MAX (64u << 20) /* of the PNG */

struct mask {
    int64_t width, height; /* pixels */
    int64_t drawn;         /* pixels that belong to the object */
};

/* Decode and count. NULL: fine; otherwise why not, static text that continues "the mask ...".
 * A pixel is drawn when its alpha is not 0 (palette with tRNS, grey with alpha, RGBA), or, without
 * alpha, when it is not black. RGB without alpha is refused: the SDK cannot read it back. */
const char *mask_read(struct str base64, struct mask *out);

#endif
