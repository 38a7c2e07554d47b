/* Login limits: two fixed tables that forget by being overwritten; no allocation an attacker could
 * drive. */
#include "auth/login_limit.h"

#include <pthread.h>
#include <stdlib.h>

#define SLOTS              4096
#define FREE_FAILURES      10
#define WAIT_MS_MAX        (15 * 60 * 1000)
#define ADDRESS_PER_MINUTE 60
#define MINUTE_MS          60000

struct by_login {
    uint64_t hash;
    int failures;
    int64_t next_ms; /* not before this */
};

struct by_address {
    uint64_t hash;
    int64_t minute_ms; /* start of the minute that is counted */
    int count;
};

struct login_limit {
    pthread_mutex_t lock;
    struct by_login logins[SLOTS];
    struct by_address addresses[SLOTS];
};

struct login_limit *login_limit_create(void)
{
    struct login_limit *l = calloc(1, sizeof *l);

    if (l)
        pthread_mutex_init(&l->lock, NULL);
    return l;
}

void login_limit_destroy(struct login_limit *l)
{
    free(l);
}

static uint64_t hash(struct str s)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a, over lower case */

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        h = (h ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * 1099511628211u;
    }
    return h;
}

static struct by_login *login_slot(struct login_limit *l, struct str login)
{
    uint64_t h = hash(login);
    struct by_login *slot = &l->logins[h % SLOTS];

    if (slot->hash != h)
        *slot = (struct by_login){.hash = h};
    return slot;
}

static int address_wait_s(struct login_limit *l, struct str address, int64_t now)
{
    uint64_t h = hash(address);
    struct by_address *slot = &l->addresses[h % SLOTS];

    if (slot->hash != h || now - slot->minute_ms >= MINUTE_MS)
        *slot = (struct by_address){.hash = h, .minute_ms = now};
    if (slot->count >= ADDRESS_PER_MINUTE)
        return (int)((slot->minute_ms + MINUTE_MS - now) / 1000) + 1;
    slot->count++;
    return 0;
}

int login_limit_wait_s(struct login_limit *l, struct str login, struct str address, int64_t mono_ms)
{
    pthread_mutex_lock(&l->lock);
    struct by_login *slot = login_slot(l, login);
    int wait = mono_ms < slot->next_ms ? (int)((slot->next_ms - mono_ms) / 1000) + 1
                                       : address_wait_s(l, address, mono_ms);
    pthread_mutex_unlock(&l->lock);
    return wait;
}

void login_limit_result(struct login_limit *l, struct str login, bool ok, int64_t mono_ms)
{
    pthread_mutex_lock(&l->lock);
    struct by_login *slot = login_slot(l, login);
    if (ok) {
        slot->failures = 0;
        slot->next_ms = 0;
    } else if (++slot->failures >= FREE_FAILURES) {
        int doublings = slot->failures - FREE_FAILURES;
        int64_t wait = doublings < 10 ? 1000ll << doublings : WAIT_MS_MAX;

        slot->next_ms = mono_ms + (wait < WAIT_MS_MAX ? wait : WAIT_MS_MAX);
    }
    pthread_mutex_unlock(&l->lock);
}
