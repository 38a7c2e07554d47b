/* Time. Wall clock for what people see, monotonic clock for deadlines; never the other way round.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/str.h"

/* Milliseconds since 1970-01-01 UTC. May jump when an operator sets the clock. */
int64_t clock_wall_ms(void);

/* Milliseconds since some fixed moment. Never jumps. */
int64_t clock_mono_ms(void);

/* Bytes of "YYYY-MM-DDTHH:MM:SS.mmmZ" with its NUL. */
#define CLOCK_ISO_SIZE 25

/* Write ms as ISO 8601 in UTC with milliseconds, the only form the API ever answers.
 * Years 0000 to 9999; values outside are clamped. */
void clock_iso(int64_t ms, char out[CLOCK_ISO_SIZE]);

/* Read an ISO 8601 date or date-time: 'T' or space, fraction optional, zone 'Z', "+hh:mm" or none
 * (= UTC), as Python, JavaScript and people write them. false when s is none of these. */
bool clock_parse(struct str s, int64_t *ms_out);

#endif
