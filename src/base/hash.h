/* SHA-256 and HMAC-SHA-256 over OpenSSL, base64 both ways, random bytes. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/arena.h"

#define SHA256_SIZE     32
#define SHA256_B64_SIZE 45 /* 44 characters and NUL; the API's form of a content hash */
#define SHA256_HEX_SIZE 65 /* 64 digits and NUL; names of files */

struct sha256 {
    unsigned char b[SHA256_SIZE];
};

/* One-shot hash. Aborts the process when OpenSSL has no SHA-256, which is a broken install. */
struct sha256 sha256_of(struct str data);

/* In lower case. */
void sha256_hex(const struct sha256 *h, char out[SHA256_HEX_SIZE]);

/* Running hash, for streams: begin, add any number of times, end exactly once. */
struct sha256_ctx;
struct sha256_ctx *sha256_begin(void);
void sha256_add(struct sha256_ctx *c, const void *p, size_t n);
struct sha256 sha256_end(struct sha256_ctx *c);

struct sha256 hmac_sha256(struct str key, struct str data);

/* Standard base64 with padding; out needs 4 * ((n + 2) / 3) + 1 bytes and is NUL-terminated. */
void b64_encode(const unsigned char *p, size_t n, char *out);

/* base64url without padding, the alphabet of JWT and of tokens. Same room as above. */
void b64url_encode(const unsigned char *p, size_t n, char *out);

/* Strict standard base64. Returns the number of bytes, or -1 when s is malformed.
 * out needs s.n / 4 * 3 bytes. */
ptrdiff_t b64_decode(struct str s, unsigned char *out);

#endif
