/* Slows down guessing of passwords: in memory, by login and by address. Thread-safe. */
#ifndef AUTH_LOGIN_LIMIT_H
#define AUTH_LOGIN_LIMIT_H

#include "base/str.h"

struct login_limit;

struct login_limit *login_limit_create(void);
void login_limit_destroy(struct login_limit *l);

/* May this attempt be checked now? 0: yes, and it counts. Otherwise: seconds to wait. After 10
 * failures in a row a login waits 1 s, 2 s, 4 s ... up to 15 min; an address gets 60 a minute. */
int login_limit_wait_s(struct login_limit *l, struct str login, struct str address,
                       int64_t mono_ms);

/* How it ended. */
void login_limit_result(struct login_limit *l, struct str login, bool ok, int64_t mono_ms);

#endif
