/* Bytes that nobody refers to any more: forgotten in the database first, then removed from the
 * disk, so that what the database knows is always there. */
#ifndef DOMAIN_SWEEP_H
#define DOMAIN_SWEEP_H

#include "blob/blob.h"
#include "domain/call.h"

#define SWEEP_AGE_S (24 * 3600) /* what was sent less than this ago may still become an image */

/* In a write transaction: forget bytes that no image is made of and that were sent age_s ago or
 * before, and old deliveries of webhooks. */
enum err sweep_rows(struct call *c, int64_t age_s);

/* Afterwards, with any connection: remove the files the database does not know.
 * Returns how many. */
int64_t sweep_files(struct db *db, struct blob_store *blobs, int64_t age_s);

#endif
