/* What lists of images and their transfer share. */
#ifndef CLIENT_IMAGES_H
#define CLIENT_IMAGES_H

#include "client.h"

#include <stdlib.h>
#include <string.h>

/* Images of a dataset by their ids, as JSON; consumes ids. */
json_t *lb_images_by_id(struct lb_op *op, int64_t dataset_id, json_t *ids);

/* Which of these hashes the server has, as JSON; consumes hashes. */
json_t *lb_existing_hashes(struct lb_op *op, json_t *hashes);

/* images.bulk.add has answered for n images, in their order: else they would be taken for others.
 */
void lb_check_made(struct lb_op *op, const json_t *made, size_t n);

#endif
