/* Multipart bodies: a small state machine over the delimiter. */
#include "http/multipart.h"

#include <strings.h>

static enum err malformed(struct fault *f, const char *what)
{
    return fault_set(f, ERR_INVALID, "body", "the multipart body %s", what);
}

/* ---- parameters of a header: name="value"; other=value ---- */

static struct str trim(struct str s)
{
    while (s.n > 0 && (*s.p == ' ' || *s.p == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r'))
        s.n--;
    return s;
}

/* Cut off at the next ';' outside quotes; the rest is in *rest. */
static struct str next_parameter(struct str s, struct str *rest)
{
    bool quoted = false;
    size_t i = 0;

    for (; i < s.n && (quoted || s.p[i] != ';'); i++)
        if (s.p[i] == '"' && (i == 0 || s.p[i - 1] != '\\'))
            quoted = !quoted;
    *rest = (struct str){s.p + i, s.n - i};
    if (rest->n > 0) {
        rest->p++;
        rest->n--;
    }
    return trim((struct str){s.p, i});
}

static struct str parameter(struct str header, const char *name)
{
    size_t name_len = strlen(name);
    struct str rest = header;

    while (rest.n > 0) {
        struct str p = next_parameter(rest, &rest);

        if (p.n > name_len && p.p[name_len] == '=' && strncasecmp(p.p, name, name_len) == 0) {
            struct str value = {p.p + name_len + 1, p.n - name_len - 1};

            if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
                value = (struct str){value.p + 1, value.n - 2};
            return value;
        }
    }
    return STR_NULL;
}

bool multipart_init(struct multipart *m, struct str content_type, const struct multipart_app *app)
{
    static const char type[] = "multipart/form-data";
    struct str boundary = parameter(content_type, "boundary");

    if (content_type.n < sizeof type - 1 || strncasecmp(content_type.p, type, sizeof type - 1) != 0)
        return false;
    if (boundary.n == 0 || boundary.n > MULTIPART_BOUNDARY_MAX)
        return false;
    m->app = *app;
    m->state = MULTIPART_START;
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.p, boundary.n);
    m->delimiter_len = boundary.n + 4;
    m->matched = 2; /* the first delimiter has no line end before it */
    m->header_len = 0;
    return true;
}

/* ---- the states ---- */

/* Before the first delimiter. Text in front of it would be legal; no client sends any. */
static enum err at_start(struct multipart *m, char c, struct fault *f)
{
    if (c != m->delimiter[m->matched])
        return malformed(f, "does not begin with its boundary");
    if (++m->matched == m->delimiter_len) {
        m->state = MULTIPART_AFTER;
        m->matched = 0;
    }
    return ERR_OK;
}

/* Behind a delimiter: a line end begins a part, "--" ends the body. */
static enum err after_delimiter(struct multipart *m, char c, struct fault *f)
{
    static const char next[] = "\r\n", last[] = "--";

    if (m->matched == 0 && (c == ' ' || c == '\t'))
        return ERR_OK;
    if (m->matched == 0)
        m->last = c == '-';
    if (c != (m->last ? last : next)[m->matched])
        return malformed(f, "has a boundary that does not end its line");
    if (++m->matched < 2)
        return ERR_OK;
    m->state = m->last ? MULTIPART_DONE : MULTIPART_HEADER;
    m->matched = 0;
    m->header_len = 0;
    return ERR_OK;
}

static struct str header_line(struct str *rest)
{
    const char *end = memchr(rest->p, '\n', rest->n);
    struct str line = {rest->p, end ? (size_t)(end - rest->p) : rest->n};

    rest->p += line.n + (end != NULL);
    rest->n -= line.n + (end != NULL);
    return trim(line);
}

static enum err begin_part(struct multipart *m, struct fault *f)
{
    static const char key[] = "content-disposition:";
    struct str rest = {m->header, m->header_len};

    while (rest.n > 0) {
        struct str line = header_line(&rest);

        if (line.n < sizeof key || strncasecmp(line.p, key, sizeof key - 1) != 0)
            continue;
        struct str name = parameter(line, "name"), filename = parameter(line, "filename");

        if (name.p == NULL || !str_is_utf8(name) || !str_is_utf8(filename))
            break;
        m->state = MULTIPART_BODY;
        m->matched = 0;
        return m->app.begin(m->app.ctx, name, filename) ? ERR_OK : malformed(f, "was refused");
    }
    return malformed(f, "has a part without a name");
}

static enum err in_header(struct multipart *m, char c, struct fault *f)
{
    if (m->header_len == sizeof m->header)
        return malformed(f, "has a part with a header of more than 4 KB");
    m->header[m->header_len++] = c;
    bool empty = m->header_len == 2 && memcmp(m->header, "\r\n", 2) == 0;
    bool ended = m->header_len >= 4 && memcmp(m->header + m->header_len - 4, "\r\n\r\n", 4) == 0;
    return empty || ended ? begin_part(m, f) : ERR_OK;
}

static bool give(struct multipart *m, const char *p, size_t n)
{
    return n == 0 || m->app.data(m->app.ctx, p, n);
}

/* How many bytes at the end of p might begin a delimiter that goes on in the next piece. It can
 * only start at its '\r'. */
static size_t begun(const struct multipart *m, const char *p, size_t n)
{
    size_t at = n < m->delimiter_len ? 0 : n - m->delimiter_len + 1;

    for (; at < n; at++)
        if (p[at] == '\r' && memcmp(p + at, m->delimiter, n - at) == 0)
            return n - at;
    return 0;
}

/* A delimiter that has begun in the piece before: it goes on here, or it was none. Bytes taken. */
static size_t go_on(struct multipart *m, const char *p, size_t n)
{
    size_t i = 0;

    while (i < n && m->matched < m->delimiter_len && p[i] == m->delimiter[m->matched]) {
        i++;
        m->matched++;
    }
    return i;
}

/* Content of a part, as far as it goes in these bytes, in as few runs as can be: each becomes a
 * write. */
static enum err in_body(struct multipart *m, const char *p, size_t n, size_t *used, struct fault *f)
{
    size_t i = 0;

    if (m->matched > 0) {
        size_t held = m->matched;

        i = go_on(m, p, n);
        if (m->matched < m->delimiter_len && i == n) {
            *used = n;
            return ERR_OK;
        }
        if (m->matched < m->delimiter_len) { /* what was taken here is looked at again */
            m->matched = i = 0;
            if (!give(m, m->delimiter, held))
                return malformed(f, "was refused");
        }
    }
    if (m->matched == 0) {
        const char *end = memmem(p, n, m->delimiter, m->delimiter_len);
        size_t open = end ? 0 : begun(m, p, n), plain = end ? (size_t)(end - p) : n - open;

        if (!give(m, p, plain))
            return malformed(f, "was refused");
        m->matched = end ? m->delimiter_len : open;
        i = end ? plain + m->delimiter_len : n;
    }
    *used = i;
    if (m->matched < m->delimiter_len)
        return ERR_OK;
    m->matched = 0;
    m->state = MULTIPART_AFTER;
    return m->app.end(m->app.ctx) ? ERR_OK : malformed(f, "was refused");
}

enum err multipart_feed(struct multipart *m, const char *p, size_t n, struct fault *f)
{
    enum err e = ERR_OK;

    for (size_t i = 0, used = 1; i < n && e == ERR_OK; i += used, used = 1) {
        switch (m->state) {
        case MULTIPART_START:
            e = at_start(m, p[i], f);
            break;
        case MULTIPART_AFTER:
            e = after_delimiter(m, p[i], f);
            break;
        case MULTIPART_HEADER:
            e = in_header(m, p[i], f);
            break;
        case MULTIPART_BODY:
            e = in_body(m, p + i, n - i, &used, f);
            break;
        case MULTIPART_DONE: /* what follows the last boundary means nothing */
            used = n - i;
            break;
        }
    }
    return e;
}

enum err multipart_finish(const struct multipart *m, struct fault *f)
{
    return m->state == MULTIPART_DONE ? ERR_OK : malformed(f, "is cut off");
}
