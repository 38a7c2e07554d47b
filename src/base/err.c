/* Error codes, their HTTP statuses and the fault record. */
#include "base/err.h"

#include <stdio.h>

#include "base/str.h"

static const struct {
    int status;
    const char *text;
} table[ERR__MAX] = {
#define ERR(id, status, text) [ERR_##id] = {status, text},
#include "base/err.tbl"
#undef ERR
};

int err_status(enum err e)
{
    return table[e].status;
}

const char *err_text(enum err e)
{
    return table[e].text;
}

enum err fault_setv(struct fault *f, enum err code, const char *field, const char *fmt, va_list ap)
{
    if (f->code != ERR_OK)
        return f->code;
    f->code = code;
    snprintf(f->field, sizeof f->field, "%s", field ? field : "");
    int n = vsnprintf(f->message, sizeof f->message, fmt, ap);
    if (n >= (int)sizeof f->message)
        str_trim_utf8(f->message); /* cut between characters, not inside one */
    return code;
}

enum err fault_set(struct fault *f, enum err code, const char *field, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    code = fault_setv(f, code, field, fmt, ap);
    va_end(ap);
    return code;
}

void fault_prefix(struct fault *f, const char *fmt, ...)
{
    char prefix[sizeof f->message], whole[sizeof f->message];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(prefix, sizeof prefix, fmt, ap);
    va_end(ap);
    int n = snprintf(whole, sizeof whole, "%s%.*s", prefix, (int)sizeof f->message, f->message);
    memcpy(f->message, whole, sizeof whole);
    if (n >= (int)sizeof whole)
        str_trim_utf8(f->message);
}
