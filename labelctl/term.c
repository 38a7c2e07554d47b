/* Terminals: their width, colours, and text that is safe to show on one. */
#include "ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

bool ctl_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

int ctl_columns(int fd)
{
    struct winsize size;

    if (!ctl_is_terminal(fd))
        return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

bool ctl_colours(int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    return ctl_is_terminal(fd) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

/* The next character of p: its bytes, and columns; what cannot be shown has *columns -1. */
static size_t next_char(const char *p, int *columns)
{
    mbstate_t state = {0};
    wchar_t wide;
    size_t n = mbrtowc(&wide, p, MB_CUR_MAX, &state);

    if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
        *columns = -1;
        return 1;
    }
    *columns = wcwidth(wide); /* -1 for control characters */
    return n;
}

int ctl_width(const char *text)
{
    int width = 0, columns;

    while (*text) {
        text += next_char(text, &columns);
        width += columns < 0 ? 1 : columns;
    }
    return width;
}

char *ctl_cut(const char *text, int most)
{
    bool whole = most == 0 || ctl_width(text) <= most;
    char *out = malloc(strlen(text) + sizeof "\u2026"), *to = out;
    int width = 0, columns;

    while (out && *text) {
        size_t n = next_char(text, &columns);
        int more = columns < 0 ? 1 : columns;

        if (!whole && width + more > most - 1)
            break;
        if (columns < 0)
            *to++ = '?';
        else
            to = (char *)memcpy(to, text, n) + n;
        width += more;
        text += n;
    }
    if (out)
        memcpy(to, whole ? "" : "\u2026", whole ? 1 : sizeof "\u2026");
    return out;
}

void ctl_size_text(int64_t bytes, char *to, size_t size)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double n = (double)bytes;
    size_t unit = 0;

    while (n >= 999.5 && unit + 1 < ARRAY_LEN(units)) {
        n /= 1000;
        unit++;
    }
    snprintf(to, size, unit > 0 && n < 9.95 ? "%.1f %s" : "%.0f %s", n, units[unit]);
}
