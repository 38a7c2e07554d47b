/* Who waits for events, and which events may be shown. The writer says that it has committed; the
 * IO threads look what came, once for all their streams, and ask those that it may concern. */
#ifndef API_EVENT_HUB_H
#define API_EVENT_HUB_H

#include "db/db.h"

struct event_hub;
struct http_server;

struct event_hub *event_hub_create(void);
void event_hub_destroy(struct event_hub *h); /* NULL is fine */

/* Whom to wake; NULL before the server goes. */
void event_hub_attach(struct event_hub *h, struct http_server *http);

/* Hooks of the writer (db/writer.h): PostgreSQL runs transactions side by side, and one with lower
 * numbers may commit last. Streams only read as far as nothing can come in between. */
void event_hub_began(struct event_hub *h, int writer, struct db *db);
void event_hub_ended(struct event_hub *h, int writer);

/* A stream that is open. */
struct event_viewer {
    int64_t user_id, team_id, job_id; /* job 0: all of the team */
    struct event_viewer *prev, *next;
};

/* false: there are too many, of this account or at all. Any thread. */
bool event_hub_join(struct event_hub *h, struct event_viewer *v);
void event_hub_leave(struct event_hub *h, struct event_viewer *v);

/* On an IO thread with its reading connection: look what is new, for all its streams. */
void event_hub_round(struct event_hub *h, struct db *db);

/* The newest event that a stream may read now. Call it once before the writer starts. *newest_out
 * (NULL: not asked) is the newest that was given out, to transactions that still run too. */
int64_t event_hub_settled(struct event_hub *h, struct db *db, int64_t *newest_out);

/* After event_hub_round: is there something for the viewer behind event `after`? If not, it may go
 * on behind *upto at once. */
bool event_hub_concerns(const struct event_viewer *v, int64_t after, int64_t *upto);

#endif
