/* Tokens. */
#include "auth/token.h"

#include <sodium.h>
#include <stdlib.h>

void token_make(char out[TOKEN_CHARS + 1])
{
    unsigned char random[TOKEN_CHARS / 2];

    if (sodium_init() < 0)
        abort();
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(out, TOKEN_CHARS + 1, random, sizeof random);
    sodium_memzero(random, sizeof random);
}

struct sha256 token_hash(struct str token)
{
    return sha256_of(token);
}

struct sha256 token_session_hash(struct str token)
{
    struct sha256_ctx *h = sha256_begin();

    sha256_add(h, "session:", 8);
    sha256_add(h, token.p, token.n);
    return sha256_end(h);
}

static char *put_b64url(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, 4 * ((s.n + 2) / 3) + 1);

    if (out)
        b64url_encode((const unsigned char *)s.p, s.n, out);
    return out;
}

struct str token_jwt(struct arena *a, struct str key, struct str claims_json)
{
    const char *header = put_b64url(a, STR("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"));
    const char *claims = put_b64url(a, claims_json);

    if (header == NULL || claims == NULL)
        return STR_NULL;
    struct str body = arena_printf(a, "%s.%s", header, claims);
    if (body.p == NULL)
        return STR_NULL;
    struct sha256 mac = hmac_sha256(key, body);
    const char *signature = put_b64url(a, (struct str){(const char *)mac.b, sizeof mac.b});
    return signature ? arena_printf(a, "%s.%s", body.p, signature) : STR_NULL;
}
