/* Hashing and base64. The digest is fetched once: an implicit fetch costs more than a short hash.
 */
#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"

struct sha256_ctx {
    EVP_MD_CTX *md;
};

static EVP_MD *sha256_md;
static pthread_key_t thread_ctx; /* an EVP_MD_CTX for each thread that hashes short things */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_ctx(void *md)
{
    EVP_MD_CTX_free(md);
}

static void fetch(void)
{
    sha256_md = EVP_MD_fetch(NULL, "SHA256", NULL);
    pthread_key_create(&thread_ctx, free_ctx);
}

static void must(bool ok)
{
    if (ok)
        return;
    log_error("hash", "OpenSSL cannot compute SHA-256");
    abort();
}

struct sha256_ctx *sha256_begin(void)
{
    struct sha256_ctx *c = malloc(sizeof *c);

    pthread_once(&once, fetch);
    must(c != NULL && sha256_md != NULL);
    c->md = EVP_MD_CTX_new();
    must(c->md != NULL && EVP_DigestInit_ex2(c->md, sha256_md, NULL) == 1);
    return c;
}

void sha256_add(struct sha256_ctx *c, const void *p, size_t n)
{
    must(EVP_DigestUpdate(c->md, p, n) == 1);
}

struct sha256 sha256_end(struct sha256_ctx *c)
{
    struct sha256 h;

    must(EVP_DigestFinal_ex(c->md, h.b, NULL) == 1);
    EVP_MD_CTX_free(c->md);
    free(c);
    return h;
}

void sha256_hex(const struct sha256 *h, char out[SHA256_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef"; /* printf costs as much as opening the file */

    for (size_t i = 0; i < SHA256_SIZE; i++) {
        *out++ = digits[h->b[i] >> 4];
        *out++ = digits[h->b[i] & 15];
    }
    *out = '\0';
}

struct sha256 sha256_of(struct str data)
{
    struct sha256 h = {0};

    pthread_once(&once, fetch);
    EVP_MD_CTX *md = pthread_getspecific(thread_ctx);
    if (md == NULL) {
        md = EVP_MD_CTX_new();
        pthread_setspecific(thread_ctx, md);
    }
    must(md != NULL && sha256_md != NULL && EVP_DigestInit_ex2(md, sha256_md, NULL) == 1 &&
         EVP_DigestUpdate(md, data.p, data.n) == 1 && EVP_DigestFinal_ex(md, h.b, NULL) == 1);
    return h;
}

struct sha256 hmac_sha256(struct str key, struct str data)
{
    struct sha256 h;

    must(HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)data.p, data.n, h.b, NULL) !=
         NULL);
    return h;
}

void b64_encode(const unsigned char *p, size_t n, char *out)
{
    EVP_EncodeBlock((unsigned char *)out, p, (int)n);
}

void b64url_encode(const unsigned char *p, size_t n, char *out)
{
    b64_encode(p, n, out);
    for (char *c = out; *c; c++) {
        if (*c == '+')
            *c = '-';
        else if (*c == '/')
            *c = '_';
        else if (*c == '=')
            *c = '\0';
    }
}

ptrdiff_t b64_decode(struct str s, unsigned char *out)
{
    static const signed char bad = -1;
    ptrdiff_t n = 0;

    if (s.n % 4 != 0)
        return -1;
    for (size_t i = 0; i < s.n; i += 4) {
        uint32_t word = 0;
        int pad = 0;

        for (size_t j = i; j < i + 4; j++) {
            char c = s.p[j];
            int v = c >= 'A' && c <= 'Z'   ? c - 'A'
                    : c >= 'a' && c <= 'z' ? c - 'a' + 26
                    : c >= '0' && c <= '9' ? c - '0' + 52
                    : c == '+'             ? 62
                    : c == '/'             ? 63
                                           : bad;
            if (c == '=' && i + 4 == s.n && j >= i + 2) {
                v = 0;
                pad++;
            } else if (pad > 0 || v == bad) {
                return -1;
            }
            word = word << 6 | (uint32_t)v;
        }
        out[n++] = (unsigned char)(word >> 16);
        if (pad < 2)
            out[n++] = (unsigned char)(word >> 8);
        if (pad < 1)
            out[n++] = (unsigned char)word;
    }
    return n;
}
