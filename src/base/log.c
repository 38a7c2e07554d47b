/* Log lines as JSON, one write(2) each so that threads never interleave. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define MESSAGE_BYTES_MAX 1024

static enum log_level level_max = LOG_INFO;

void log_set_level(enum log_level level)
{
    level_max = level;
}

/* Append text as the inside of a JSON string; returns the new length. */
static size_t escape(char *out, size_t n, size_t cap, const char *text)
{
    bool utf8 = str_is_utf8(str_from(text));

    for (const unsigned char *p = (const unsigned char *)text; *p && n + 7 < cap; p++) {
        if (*p == '"' || *p == '\\')
            out[n++] = '\\';
        if (*p < 0x20 || *p == 0x7f || (*p >= 0x80 && !utf8))
            n += (size_t)snprintf(out + n, cap - n, "\\u%04x", *p);
        else
            out[n++] = (char)*p;
    }
    return n;
}

void log_write(enum log_level level, const char *area, const char *fmt, ...)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    char message[MESSAGE_BYTES_MAX];
    char line[MESSAGE_BYTES_MAX * 6 + 256]; /* every byte may become \u00XX */
    char time[CLOCK_ISO_SIZE];
    va_list ap;

    if (level > level_max)
        return;
    va_start(ap, fmt);
    int len = vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    if (len >= (int)sizeof message)
        str_trim_utf8(message);
    clock_iso(clock_wall_ms(), time);
    size_t n = (size_t)snprintf(line, sizeof line,
                                "{\"time\":\"%s\",\"level\":\"%s\",\"area\":\"%s\",\"message\":\"",
                                time, names[level], area);
    n = escape(line, n, sizeof line - 4, message);
    memcpy(line + n, "\"}\n", 3);
    ssize_t ignored = write(STDERR_FILENO, line, n + 3); /* nowhere left to report to */
    (void)ignored;
}
