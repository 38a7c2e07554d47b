/* Sessions of the web UI. The browser holds a random token in a cookie that scripts cannot read
 * (HttpOnly) and other sites cannot send (SameSite=Strict); the database holds its hash. Whatever
 * changes something must also carry a header that only pages of our own can set, with a value that
 * GET /api/session tells them. */
#ifndef API_SESSION_H
#define API_SESSION_H

#include "api/api.h"
#include "base/hash.h"
#include "http/http.h"

#define SESSION_CSRF_HEADER "x-csrf-token"

/* Hash of the session cookie, as the database knows it. false: the request has none. */
bool session_hash(struct http_req *r, struct sha256 *out);

/* Does the request carry the value that belongs to its cookie? */
bool session_csrf_ok(struct api *a, struct http_req *r);

void session_set_cookie(struct http_req *r, const char *token);

#endif
