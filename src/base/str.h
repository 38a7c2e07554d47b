/* Strings as (pointer, length), borrowed from whoever owns the bytes; mostly the request arena. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* p == NULL means "absent", which is not the same as the empty string. Not NUL-terminated unless
 * the maker says so; everything from an arena or from the JSON reader is. */
struct str {
    const char *p;
    size_t n;
};

#define STR(lit)   ((struct str){"" lit, sizeof(lit) - 1})
#define STR_NULL   ((struct str){NULL, 0})
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_from(const char *z)
{
    return (struct str){z, z ? strlen(z) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *z)
{
    return str_eq(a, str_from(z));
}

/* Byte order, which is also code point order for UTF-8. */
int str_cmp(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Whole of s as a decimal number. false: empty, other characters, or out of range. */
bool str_to_i64(struct str s, int64_t *out);

/* Is s valid UTF-8 (no overlong forms, no surrogates)? */
bool str_is_utf8(struct str s);

/* Does s hold a C0 control or DEL byte, or NUL? Tab and newlines count. */
bool str_has_control(struct str s);

/* At most bytes_max bytes of s, cut between characters: for messages. Use with "%.*s". */
#define STR_CUT(s, bytes_max) (int)str_cut(s, bytes_max), (s).p
size_t str_cut(struct str s, size_t bytes_max);

/* Shorten the NUL-terminated z, in place, so that it does not end inside a UTF-8 character. */
void str_trim_utf8(char *z);

#endif
