/* Files compiled into the program (tools/embed.sh): migrations, demo images, the web UI. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "base/str.h"

struct embed_file {
    const char *name; /* path in the source tree, "sql/0001_init.sql" */
    const char *start, *end;
};

extern const struct embed_file embed_files[];
extern const size_t embed_files_len;

static inline struct str embed_text(const struct embed_file *f)
{
    return (struct str){f->start, (size_t)(f->end - f->start)};
}

#endif
