/* Password hashing. */
#include "auth/password.h"

#include <sodium.h>

enum err password_check(struct str password, const char *field, struct fault *f)
{
    if (password.n < PASSWORD_BYTES_MIN || password.n > PASSWORD_BYTES_MAX)
        return fault_set(f, ERR_INVALID, field, "a password has %d to %d bytes", PASSWORD_BYTES_MIN,
                         PASSWORD_BYTES_MAX);
    if (memchr(password.p, '\0', password.n))
        return fault_set(f, ERR_INVALID, field, "a password cannot hold a NUL character");
    return ERR_OK;
}

struct str password_hash(struct arena *a, struct str password)
{
    char text[crypto_pwhash_STRBYTES];

    if (sodium_init() < 0 ||
        crypto_pwhash_str(text, password.p, password.n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        return STR_NULL;
    return arena_str(a, str_from(text));
}

bool password_verify(struct str hash, struct str password)
{
    /* hash of a random password that nobody knows, with the same cost */
    static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$ZHVtbXlzYWx0ZHVtbXlzYQ$"
                                 "Q0a1tZCJ8nIlsUoQ3v4ZC7Vqr0Q0C0mOQvcyS0l0t3k";
    const char *text = hash.p ? hash.p : nobody;

    if (sodium_init() < 0 || password.p == NULL)
        return false;
    bool ok = crypto_pwhash_str_verify(text, password.p, password.n) == 0;
    return ok && hash.p != NULL;
}
