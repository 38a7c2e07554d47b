/* Sending what the outbox of the webhooks holds (domain/webhook.h): two threads, so that one
 * receiver that hangs does not hold up the others. Each webhook gets its deliveries one after the
 * other, at least once: a crash between the answer and its record sends one again, under the same
 * uid. */
#ifndef API_DELIVERY_H
#define API_DELIVERY_H

#include "db/writer.h"

struct delivery_agent;

/* Starts sending what an earlier run has left. NULL: out of memory, threads or database. */
struct delivery_agent *delivery_start(const struct db_options *read, struct writer *writer);

/* Something was committed; it may have to be sent. Any thread, cheap. NULL is fine. */
void delivery_look(struct delivery_agent *a);

/* Requests under way are given up within about a second; they stay in the outbox. Before the writer
 * stops; destroy it afterwards. NULL is fine. */
void delivery_stop(struct delivery_agent *a);
void delivery_destroy(struct delivery_agent *a);

#endif
