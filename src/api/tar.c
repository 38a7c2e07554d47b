/* Headers of tar archives. */
#include "api/tar.h"

#include <stdio.h>

#define NAME_MAX_USTAR 100
#define SIZE_MAX_OCTAL 077777777777ll

struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
    char magic[8], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

const char tar_end[2 * TAR_BLOCK];

/* Eleven octal digits; larger numbers in base 256, as GNU tar does. */
static void put_number(char out[12], int64_t n)
{
    if (n <= SIZE_MAX_OCTAL) {
        snprintf(out, 12, "%011llo", (unsigned long long)n);
        return;
    }
    out[0] = (char)0x80;
    for (int i = 11; i > 0; i--, n >>= 8)
        out[i] = (char)(n & 0xff);
}

static void put_header(struct header *h, struct str name, char type, int64_t size, int64_t mtime_s)
{
    unsigned sum = 0;

    memset(h, 0, sizeof *h);
    memcpy(h->name, name.p, name.n < NAME_MAX_USTAR ? name.n : NAME_MAX_USTAR);
    memcpy(h->mode, "0000644", 8);
    memcpy(h->uid, "0000000", 8);
    memcpy(h->gid, "0000000", 8);
    put_number(h->size, size);
    put_number(h->mtime, mtime_s);
    h->type = type;
    memcpy(h->magic,
           "ustar\0"
           "00",
           8);
    memset(h->sum, ' ', sizeof h->sum);
    for (size_t i = 0; i < sizeof *h; i++)
        sum += ((const unsigned char *)h)[i];
    snprintf(h->sum, sizeof h->sum, "%06o", sum);
}

size_t tar_padding(int64_t size)
{
    return (size_t)(-(uint64_t)size % TAR_BLOCK);
}

struct str tar_head(struct arena *a, struct str name, int64_t size, int64_t mtime_s)
{
    _Static_assert(sizeof(struct header) == TAR_BLOCK, "a header is one block");
    bool is_long = name.n > NAME_MAX_USTAR;
    size_t extra = is_long ? TAR_BLOCK + name.n + 1 + tar_padding((int64_t)name.n + 1) : 0;
    char *p = arena_alloc(a, extra + TAR_BLOCK);

    if (p == NULL)
        return STR_NULL;
    if (is_long) { /* an entry that is the name of the next one, with its NUL */
        put_header((struct header *)(void *)p, STR("././@LongLink"), 'L', (int64_t)name.n + 1, 0);
        memcpy(p + TAR_BLOCK, name.p, name.n);
    }
    put_header((struct header *)(void *)(p + extra), name, '0', size, mtime_s);
    return (struct str){p, extra + TAR_BLOCK};
}
