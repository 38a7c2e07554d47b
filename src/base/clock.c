/* Clocks and ISO 8601, without the C library's locale and time zone state. */
#include "base/clock.h"

#include <time.h>

#define MS_PER_DAY 86400000ll

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar; years are counted from March
 * so that the leap day comes last. */
static int64_t days_from_date(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static void date_from_days(int64_t days, int *y, int *m, int *d)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;

    *d = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    *m = (int)(month < 10 ? month + 3 : month - 9);
    *y = (int)(year_of_era + era * 400 + (*m <= 2));
}

static void put_digits(char *p, int v, int n)
{
    while (n-- > 0) {
        p[n] = (char)('0' + v % 10);
        v /= 10;
    }
}

void clock_iso(int64_t ms, char out[CLOCK_ISO_SIZE])
{
    int64_t first = days_from_date(0, 1, 1) * MS_PER_DAY;
    int64_t last = days_from_date(10000, 1, 1) * MS_PER_DAY - 1;
    int y, m, d;

    ms = ms < first ? first : ms > last ? last : ms;
    int64_t days = ms / MS_PER_DAY - (ms % MS_PER_DAY < 0);
    int in_day = (int)(ms - days * MS_PER_DAY);

    date_from_days(days, &y, &m, &d);
    memcpy(out, "0000-00-00T00:00:00.000Z", CLOCK_ISO_SIZE);
    put_digits(out, y, 4);
    put_digits(out + 5, m, 2);
    put_digits(out + 8, d, 2);
    put_digits(out + 11, in_day / 3600000, 2);
    put_digits(out + 14, in_day / 60000 % 60, 2);
    put_digits(out + 17, in_day / 1000 % 60, 2);
    put_digits(out + 20, in_day % 1000, 3);
}

/* Eat exactly n digits. */
static bool take_digits(struct str *s, int n, int *out)
{
    *out = 0;
    if (s->n < (size_t)n)
        return false;
    for (int i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        *out = *out * 10 + (s->p[i] - '0');
    }
    s->p += n;
    s->n -= (size_t)n;
    return true;
}

static bool take_char(struct str *s, const char *any_of)
{
    if (s->n == 0 || s->p[0] == '\0' || strchr(any_of, s->p[0]) == NULL)
        return false;
    s->p++;
    s->n--;
    return true;
}

static bool take_date(struct str *s, int64_t *days)
{
    static const int month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int y, m, d;

    if (!take_digits(s, 4, &y) || !take_char(s, "-") || !take_digits(s, 2, &m) ||
        !take_char(s, "-") || !take_digits(s, 2, &d))
        return false;
    if (m < 1 || m > 12 || d < 1 || d > month_days[m - 1])
        return false;
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (m == 2 && d == 29 && !leap)
        return false;
    *days = days_from_date(y, m, d);
    return true;
}

/* ".123456" to milliseconds; further digits are dropped. */
static bool take_fraction(struct str *s, int *ms)
{
    int digit, scale = 100;

    *ms = 0;
    if (!take_char(s, ".,"))
        return true;
    if (!take_digits(s, 1, &digit))
        return false;
    do {
        *ms += digit * scale;
        scale /= 10;
    } while (take_digits(s, 1, &digit));
    return true;
}

static bool take_time(struct str *s, int64_t *ms)
{
    int h, m, sec = 0, frac = 0;

    if (!take_digits(s, 2, &h) || !take_char(s, ":") || !take_digits(s, 2, &m))
        return false;
    if (take_char(s, ":") && (!take_digits(s, 2, &sec) || !take_fraction(s, &frac)))
        return false;
    if (h > 23 || m > 59 || sec > 60) /* 60: a leap second */
        return false;
    *ms = ((h * 60 + m) * 60 + sec) * 1000ll + frac;
    return true;
}

static bool take_zone(struct str *s, int64_t *offset_ms)
{
    int h, m = 0;

    *offset_ms = 0;
    if (s->n == 0 || take_char(s, "Zz"))
        return true;
    int sign = s->p[0] == '-' ? -1 : 1;
    /* a '+' in a query string may have been decoded to a space */
    if (!take_char(s, "+- ") || !take_digits(s, 2, &h))
        return false;
    take_char(s, ":");
    if (s->n > 0 && !take_digits(s, 2, &m))
        return false;
    *offset_ms = sign * (h * 60 + m) * 60000ll;
    return h <= 23 && m <= 59;
}

bool clock_parse(struct str s, int64_t *ms_out)
{
    int64_t days, in_day = 0, offset = 0;

    if (!take_date(&s, &days))
        return false;
    if (take_char(&s, "Tt ") && (!take_time(&s, &in_day) || !take_zone(&s, &offset)))
        return false;
    if (s.n != 0)
        return false;
    *ms_out = days * MS_PER_DAY + in_day - offset;
    return true;
}
