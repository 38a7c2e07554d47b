/* What annotations and their masks share. */
#ifndef CLIENT_MASKS_H
#define CLIENT_MASKS_H

#include "client.h"

/* Annotations ([{annotation: {objects}}]) come with alpha masks that have no pixels: fetch those,
 * and put them where they belong. */
void lb_fill_masks(struct lb_op *op, json_t *annotations);

#endif
