/* String slices: comparing, number parsing, UTF-8 checks. */
#include "base/str.h"

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;

    if (c != 0)
        return c;
    return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0;
}

bool str_to_i64(struct str s, int64_t *out)
{
    size_t i = 0;
    bool negative = s.n > 0 && s.p[0] == '-';
    int64_t v = 0;

    if (negative)
        i = 1;
    if (i == s.n)
        return false;
    for (; i < s.n; i++) {
        int d = s.p[i] - '0';

        if (d < 0 || d > 9)
            return false;
        /* accumulate downwards: INT64_MIN has no positive twin */
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, d, &v))
            return false;
    }
    if (!negative && __builtin_mul_overflow(v, -1, &v))
        return false;
    *out = v;
    return true;
}

/* Length of the UTF-8 sequence at p (n bytes left), 0 when malformed. */
static size_t utf8_len(const unsigned char *p, size_t n)
{
    static const uint32_t min[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80             ? 1
                 : (p[0] & 0xe0) == 0xc0 ? 2
                 : (p[0] & 0xf0) == 0xe0 ? 3
                 : (p[0] & 0xf8) == 0xf0 ? 4
                                         : 0;

    if (len <= 1 || len > n)
        return len > n ? 0 : len;
    uint32_t c = p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    bool bad = c < min[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff);
    return bad ? 0 : len;
}

bool str_is_utf8(struct str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t len = utf8_len((const unsigned char *)s.p + i, s.n - i);

        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

bool str_has_control(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return true;
    return false;
}

void str_trim_utf8(char *z)
{
    size_t n = strlen(z);
    size_t start = n;

    while (start > 0 && n - start < 4) {
        start--;
        if (((unsigned char)z[start] & 0xc0) != 0x80)
            break;
    }
    if (start < n && utf8_len((unsigned char *)z + start, n - start) != n - start)
        z[start] = '\0';
}

size_t str_cut(struct str s, size_t bytes_max)
{
    size_t n = s.n;

    if (n <= bytes_max)
        return n;
    n = bytes_max;
    while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return n;
}
