/* Passwords: argon2id through libsodium, 64 MiB and about 60 ms each. Run them on the password
 * pool, never on an IO thread or the writer. */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include "base/arena.h"
#include "base/err.h"

#define PASSWORD_BYTES_MIN 8
#define PASSWORD_BYTES_MAX 256

/* Is it long enough and not too long? ERR_INVALID on field with a sentence in *f. */
enum err password_check(struct str password, const char *field, struct fault *f);

/* Self-describing hash string in a. .p == NULL: out of memory. */
struct str password_hash(struct arena *a, struct str password);

/* Does the password belong to the hash? With an absent hash it takes as long and answers false, so
 * that unknown logins cannot be told by time. */
bool password_verify(struct str hash, struct str password);

#endif
