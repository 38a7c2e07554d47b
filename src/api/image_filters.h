/* "filters" of images.list and figures.list: [{type, data}], all must hold. */
#ifndef API_IMAGE_FILTERS_H
#define API_IMAGE_FILTERS_H

#include "api/rq.h"

/* Read them into query->predicates. ERR_INVALID names the element; a job the caller cannot see is
 * ERR_NOT_FOUND. figures: those for figures.list. */
enum err image_filters_read(struct rq *rq, struct json_value *filters, bool figures,
                            struct list_query *query);

#endif
