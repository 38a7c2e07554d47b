/* Images that are somewhere else, fetched by the server. */
#ifndef API_LINKS_H
#define API_LINKS_H

#include "api/rq.h"
#include "domain/image.h"

/* Fetch what the links of list lead to, look into it, keep it: list[i].hash and fetched[i] say what
 * it is. Only on the pool that may wait (rq->fetching). A link that cannot be followed, that leads
 * into a private network, or to what is no image, fails the call by name; what was fetched before
 * it is swept as nobody wants it. */
enum err links_fetch(struct rq *rq, struct image_new *list, size_t n, struct blob_info *fetched);

#endif
