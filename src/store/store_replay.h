/* Journal of answers to calls that must not take effect twice. The rules are in api/replay.h. */
#ifndef STORE_STORE_REPLAY_H
#define STORE_STORE_REPLAY_H

#include "base/hash.h"
#include "store/statements.h"

struct replay_entry {
    int64_t answered_at; /* ms */
    int64_t settled_at;  /* 0 = it is not known that the caller got the answer */
    struct str answer;   /* JSON text, arena */
};

/* ERR_NOT_FOUND: no such call on record. */
enum err store_replay_get(struct db *db, const struct sha256 *key, struct replay_entry *out);
/* Record the answer, replacing an older one of the same key. named: the client named the call. */
enum err store_replay_put(struct db *db, const struct sha256 *key, struct str answer, bool named,
                          int64_t now_ms);
/* The caller closed in good order after the answer of that time. */
enum err store_replay_settle(struct db *db, const struct sha256 *key, int64_t answered_at,
                             int64_t now_ms);
/* Forget what was answered before those times. */
enum err store_replay_sweep(struct db *db, int64_t before_ms, int64_t named_before_ms);

#endif
