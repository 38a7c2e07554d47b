/* API tokens and the JWT that hands one out at login. */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include "base/hash.h"

#define TOKEN_CHARS 128 /* what the SDK documents */

/* A new random token (512 bits in hex), NUL-terminated. */
void token_make(char out[TOKEN_CHARS + 1]);

/* What is stored and looked up. */
struct sha256 token_hash(struct str token);

/* The same for the cookie of a session of the web UI: of no use as an API token, nor the other way
 * round. */
struct sha256 token_session_hash(struct str token);

/* HS256 JWT over a JSON claims object, in a. The only algorithm we ever sign with; nothing here
 * accepts a JWT back. */
struct str token_jwt(struct arena *a, struct str key, struct str claims_json);

#endif
