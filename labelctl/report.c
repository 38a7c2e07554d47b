/* What is said besides results: failures with what helps against them, and what was done. */
#include "ctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (64 << 20)

static int code_of(enum label_err err)
{
    switch (err) {
    case LABEL_OK:
        return CTL_DONE;
    case LABEL_ERR_ARGUMENT:
        return CTL_USAGE;
    case LABEL_ERR_INVALID:
        return CTL_REFUSED;
    case LABEL_ERR_TOKEN:
    case LABEL_ERR_FORBIDDEN:
        return CTL_DENIED;
    case LABEL_ERR_NOT_FOUND:
        return CTL_NOT_FOUND;
    case LABEL_ERR_BUSY:
    case LABEL_ERR_CONNECT:
    case LABEL_ERR_TIMEOUT:
        return CTL_UNREACHABLE;
    case LABEL_ERR_CANCELLED:
        return CTL_INTERRUPTED;
    case LABEL_ERR_WAIT:
        return CTL_WAITED;
    case LABEL_ERR_SERVER:
    case LABEL_ERR_ANSWER:
    case LABEL_ERR_FILE:
    case LABEL_ERR_MEMORY:
        break;
    }
    return CTL_FAILED;
}

static const char *advice(int code)
{
    switch (code) {
    case CTL_DENIED:
        return "labelctl user me shows who you are; labelctl login URL changes it";
    case CTL_UNREACHABLE:
        return "is the server running, and SERVER_ADDRESS right? labelctl login URL sets another";
    default:
        return NULL;
    }
}

int ctl_failed(struct ctl *c)
{
    const struct label_error *e = &c->error;
    int code = code_of(e->err);
    char *message = ctl_cut(e->message, 0);

    ctl_progress_clear();
    if (code == CTL_INTERRUPTED) {
        fputs("labelctl: interrupted\n", stderr);
        if (c->resume)
            fprintf(stderr, "To go on: %s\n", c->resume);
    } else {
        fprintf(stderr, "labelctl: %s", message ? message : label_err_name(e->err));
        if (code == CTL_REFUSED && e->field[0] && message && strstr(message, e->field) == NULL)
            fprintf(stderr, " (%s)", e->field);
        fputc('\n', stderr);
        if (c->resume)
            fprintf(stderr, "When that is settled, go on with: %s\n", c->resume);
        else if (advice(code))
            fprintf(stderr, "%s\n", advice(code));
    }
    free(message);
    return code;
}

int ctl_fail(struct ctl *c, int code, const char *format, ...)
{
    va_list args;

    (void)c;
    ctl_progress_clear();
    fputs("labelctl: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return code;
}

void ctl_note(const struct ctl *c, const char *format, ...)
{
    va_list args;

    if (c->quiet)
        return;
    ctl_progress_clear();
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void ctl_did(struct ctl *c, const char *what, int64_t id, const char *done)
{
    if (c->did == NULL)
        c->did = json_array();
    json_array_append_new(c->did, json_pack("{s:I,s:s}", "id", (json_int_t)id, "done", done));
    if (!c->json)
        printf("%s %lld: %s\n", what, (long long)id, done);
}

int ctl_did_all(struct ctl *c)
{
    if (c->json && c->did) {
        json_dumpf(c->did, stdout, JSON_COMPACT);
        putchar('\n');
    }
    return CTL_DONE;
}

const char *ctl_read_file(struct ctl *c, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *f = standard ? stdin : fopen(path, "re");
    size_t size = 4096, n = 0;
    char *text = f ? malloc(size) : NULL, *copy = NULL;

    while (text && n < FILE_BYTES_MAX) {
        size_t got = fread(text + n, 1, size - n - 1, f);
        char *grown = text;

        n += got;
        if (got == 0)
            break;
        if (n == size - 1)
            grown = realloc(text, size *= 2);
        if (grown == NULL)
            break;
        text = grown;
    }
    if (f == NULL || ferror(f))
        ctl_fail(c, CTL_FAILED, "%s: %s", path, strerror(errno));
    else if (text && n < FILE_BYTES_MAX && memchr(text, '\0', n) == NULL)
        copy = memcpy(ctl_alloc(c, n + 1), text, n);
    else
        ctl_fail(c, CTL_FAILED, "%s is no text, or too large", path);
    free(text);
    if (f && !standard)
        fclose(f);
    return copy;
}

const char *ctl_shell_word(struct ctl *c, const char *word)
{
    if (word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")] ==
        0)
        return word;
    return strchr(word, '\'') ? ctl_format(c, "\"%s\"", word) : ctl_format(c, "'%s'", word);
}
