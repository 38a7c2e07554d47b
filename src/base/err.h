/* The one error type of the program: a small enum; the message travels beside it (struct fault). */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stddef.h>

enum err {
#define ERR(id, status, text) ERR_##id,
#include "base/err.tbl"
#undef ERR
    ERR__MAX
};

/* HTTP status of e. */
int err_status(enum err e);

/* Short stable text of e, in English. */
const char *err_text(enum err e);

/* What went wrong in one call, for the person who has to act on it. */
struct fault {
    enum err code;
    char field[64];    /* wire name of the offending request field, "" when there is none */
    char type[32];     /* machine-readable kind, "" = derived from code */
    char message[320]; /* one sentence, valid UTF-8 */
};

/* Fill *f and return code, so that a caller can write `return fault_set(...)`. The first fault of a
 * call wins: later ones are consequences. Takes printf arguments. */
enum err fault_set(struct fault *f, enum err code, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
enum err fault_setv(struct fault *f, enum err code, const char *field, const char *fmt, va_list ap)
    __attribute__((format(printf, 4, 0)));

/* Say where it happened: put "annotations[3]: " in front of the message. */
void fault_prefix(struct fault *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
