/* Failing, event writing and the checks of text that every domain shares. */
#include "domain/call.h"

enum err fail(struct call *c, enum err code, const char *field, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    code = fault_setv(&c->fault, code, field, fmt, ap);
    va_end(ap);
    return code;
}

struct sight sight_of(const struct call *c, const struct access *job)
{
    int64_t me = job->perms & PERM_JOB_LABEL ? c->me.user_id : 0;

    return (struct sight){job->own_figures ? me : 0, job->own_tags ? me : 0};
}

enum err call_event(struct call *c, struct event e)
{
    e.user_id = c->me.user_id;
    if (e.team_id == 0)
        e.team_id = c->at.team_id;
    return store_event_insert(c->db, &e, c->now_ms);
}

static size_t count_chars(struct str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

enum err name_check(struct call *c, struct str name, const char *field, size_t chars_max)
{
    bool blank = true;

    for (size_t i = 0; i < name.n; i++)
        blank = blank && name.p[i] == ' ';
    if (blank)
        return fail(c, ERR_INVALID, field, "\"%s\" is not allowed to be empty", field);
    if (count_chars(name) > chars_max)
        return fail(c, ERR_INVALID, field, "\"%s\" must be at most %zu characters long", field,
                    chars_max);
    if (str_has_control(name))
        return fail(c, ERR_INVALID, field, "\"%s\" must not hold control characters", field);
    return ERR_OK;
}

enum err file_name_check(struct call *c, struct str name, const char *field)
{
    enum err e = name_check(c, name, field, NAME_CHARS_MAX);
    bool slash = name.n > 0 && (name.p[0] == '/' || name.p[0] == '\\');

    for (size_t i = 0; i < name.n && e == ERR_OK && !slash;) {
        size_t n = 0;

        while (i + n < name.n && name.p[i + n] != '/' && name.p[i + n] != '\\')
            n++;
        slash =
            str_is((struct str){name.p + i, n}, ".") || str_is((struct str){name.p + i, n}, "..");
        i += n + 1;
    }
    if (e == ERR_OK && slash)
        return fail(c, ERR_INVALID, field,
                    "\"%s\" must not begin with a slash, nor be or hold a folder . or ..", field);
    return e;
}

enum err text_check(struct call *c, struct str text, const char *field, size_t chars_max)
{
    if (text.n > 0 && memchr(text.p, '\0', text.n))
        return fail(c, ERR_INVALID, field, "\"%s\" must not hold NUL characters", field);
    if (count_chars(text) > chars_max)
        return fail(c, ERR_INVALID, field, "\"%s\" must be at most %zu characters long", field,
                    chars_max);
    return ERR_OK;
}
