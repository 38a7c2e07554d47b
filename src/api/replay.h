/* Calls that must not take effect twice.
 *
 * The SDK repeats a POST up to ten times when its answer was lost, so a job could be created twice.
 * Calls that a repeat would change (REPEAT_JOURNAL) store their answer in the transaction of the
 * change, under a hash of token, method and body. When an equal call comes within REPLAY_MS:
 *
 * - It is known that the first answer arrived, because the caller went on asking on the same
 *   connection: this is a new call.
 * - The connection broke, timed out, or was cut before all of the answer was acknowledged, or the
 *   server itself was restarted: the stored answer is sent again.
 * - The connection was closed in good order after the whole answer. That is what a client does that
 *   got it, and also what a proxy does that lost it on its other side. Then the time tells: clients
 *   that lost an answer wait about a second before they repeat, and ask nothing else meanwhile.
 *
 * A client that names its call in the header x-operation-id needs none of this: an equal call with
 * the same name is a repeat, one with another name is not. The web UI does.
 *
 * What a token asked last is kept in memory only (struct api, activity). */
#ifndef API_REPLAY_H
#define API_REPLAY_H

#include "api/rq.h"
#include "store/store_replay.h"

#define REPLAY_MS             (10 * 60 * 1000)         /* how long answers are kept */
#define REPLAY_NAMED_MS       (7ll * 24 * 3600 * 1000) /* the same with an x-operation-id */
#define REPLAY_BACKOFF_MIN_MS 400   /* after a clean close: a repeat comes not sooner ... */
#define REPLAY_BACKOFF_MAX_MS 70000 /* ... and not later than this */

struct api;

/* The token of rq asks something: remember what, and whether it is a lone repeat. */
void replay_note_activity(struct rq *rq);

/* In the transaction, before the handler: sets rq->replayed and fills rq->out when the call has
 * been answered already. */
enum err replay_look_up(struct rq *rq);

/* In the transaction, after the handler. */
enum err replay_remember(struct rq *rq);

/* The answer is about to be sent: its connection now stands for its delivery. */
void replay_answered(struct rq *rq, enum err e);

/* The connection asks again: what was answered on it before has arrived. */
void replay_connection_used(struct rq *rq);

/* The connection is gone (http_app.closed). */
void replay_connection_closed(void *conn_data, enum http_close how, void *ctx);

/* Forget old answers; cheap, called now and then. */
void replay_sweep(struct api *a);

#endif
