/* Reading mask PNGs: chunks, one running inflate, five row filters, count the pixels. */
#include "domain/mask.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/hash.h"

#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define TYPE(a, b, c, d)                                                                           \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

enum color { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGBA = 6 };

struct png {
    const unsigned char *at, *end;
    uint32_t width, height;
    int depth, color;
    int bits;              /* of a pixel */
    size_t stride;         /* bytes of a row without its filter byte */
    unsigned char *row;    /* filter byte and row */
    unsigned char *before; /* the row above */
    bool drawn[256];       /* by palette index, or by grey value up to 8 bits */
    size_t have;           /* bytes of the row that have arrived */
    uint32_t rows;         /* complete ones */
    int64_t pixels;
    const char *error;
};

static uint32_t be32(const unsigned char *p)
{
    return TYPE(p[0], p[1], p[2], p[3]);
}

/* One chunk: its type, body and length. false: the file is cut off. */
static bool next_chunk(struct png *p, uint32_t *type, const unsigned char **body, uint32_t *len)
{
    if (p->end - p->at < 12)
        return false;
    *len = be32(p->at);
    *type = be32(p->at + 4);
    *body = p->at + 8;
    if (*len > (size_t)(p->end - p->at) - 12)
        return false;
    p->at += 12 + (size_t)*len;
    return true;
}

static bool read_header(struct png *p)
{
    static const int channels[] = {[GREY] = 1, [PALETTE] = 1, [GREY_ALPHA] = 2, [RGBA] = 4};
    const unsigned char *body;
    uint32_t type, len;

    if (p->end - p->at < 8 || memcmp(p->at, SIGNATURE, 8) != 0) {
        p->error = "is not a PNG";
        return false;
    }
    p->at += 8;
    if (!next_chunk(p, &type, &body, &len) || type != TYPE('I', 'H', 'D', 'R') || len != 13) {
        p->error = "has no PNG header";
        return false;
    }
    p->width = be32(body);
    p->height = be32(body + 4);
    p->depth = body[8];
    p->color = body[9];
    bool depth_ok = p->depth == 8 || (p->depth == 16 && p->color != PALETTE) ||
                    (p->depth < 8 && (p->depth == 1 || p->depth == 2 || p->depth == 4) &&
                     (p->color == GREY || p->color == PALETTE));
    if (p->width == 0 || p->height == 0 || p->width > MASK_SIDE_MAX || p->height > MASK_SIDE_MAX)
        p->error = "must be 1 to 65535 pixels wide and high";
    else if (p->color == RGB)
        p->error = "has colours without alpha; use a palette with transparency, grey or RGBA";
    else if ((p->color != GREY && p->color != PALETTE && p->color != GREY_ALPHA &&
              p->color != RGBA) ||
             !depth_ok)
        p->error = "has an unknown pixel format";
    else if (body[12] != 0)
        p->error = "is interlaced; save it without";
    if (p->error)
        return false;
    p->bits = channels[p->color] * p->depth;
    p->stride = ((size_t)p->width * (size_t)p->bits + 7) / 8;
    return true;
}

/* Without transparency black is the background. */
static void read_palette(struct png *p, const unsigned char *body, uint32_t len)
{
    for (uint32_t i = 0; i < 256; i++)
        p->drawn[i] = i * 3 + 2 < len && (body[i * 3] | body[i * 3 + 1] | body[i * 3 + 2]) != 0;
}

static void read_transparency(struct png *p, const unsigned char *body, uint32_t len)
{
    if (p->color == PALETTE)
        for (uint32_t i = 0; i < 256; i++)
            p->drawn[i] = i >= len || body[i] != 0;
    else if (p->color == GREY && len >= 2 && p->depth <= 8)
        for (uint32_t i = 0; i < 256; i++)
            p->drawn[i] = i != body[1];
}

static unsigned char paeth(int left, int above, int corner)
{
    int p = left + above - corner;
    int a = abs(p - left), b = abs(p - above), c = abs(p - corner);

    return (unsigned char)(a <= b && a <= c ? left : b <= c ? above : corner);
}

static bool unfilter(struct png *p)
{
    size_t back = p->bits >= 8 ? (size_t)p->bits / 8 : 1;
    unsigned char *row = p->row + 1, *up = p->before + 1;

    for (size_t i = 0; i < p->stride; i++) {
        int left = i >= back ? row[i - back] : 0, corner = i >= back ? up[i - back] : 0;

        switch (p->row[0]) {
        case 0:
            return true;
        case 1:
            row[i] = (unsigned char)(row[i] + left);
            break;
        case 2:
            row[i] = (unsigned char)(row[i] + up[i]);
            break;
        case 3:
            row[i] = (unsigned char)(row[i] + (left + up[i]) / 2);
            break;
        case 4:
            row[i] = (unsigned char)(row[i] + paeth(left, up[i], corner));
            break;
        default:
            p->error = "has an unknown row filter";
            return false;
        }
    }
    return true;
}

static void count_packed(struct png *p)
{
    const unsigned char *row = p->row + 1;
    unsigned mask = (1u << p->depth) - 1;

    for (uint32_t x = 0; x < p->width; x++) {
        size_t bit = (size_t)x * (size_t)p->depth;
        unsigned value = (unsigned)row[bit / 8] >> (8 - (unsigned)p->depth - bit % 8) & mask;

        p->pixels += p->drawn[value];
    }
}

static void count_row(struct png *p)
{
    size_t step = (size_t)p->bits / 8, bytes = (size_t)p->depth / 8;
    const unsigned char *alpha = p->row + 1 + step - bytes;

    if (p->depth <= 8 && (p->color == GREY || p->color == PALETTE)) {
        count_packed(p);
        return;
    }
    for (uint32_t x = 0; x < p->width; x++, alpha += step)
        p->pixels += alpha[0] != 0 || (bytes == 2 && alpha[1] != 0);
}

static void end_row(struct png *p)
{
    unsigned char *spare = p->before;

    if (p->row[0] > 4)
        p->error = "has an unknown row filter";
    if (p->error || !unfilter(p))
        return;
    count_row(p);
    p->rows++;
    p->have = 0;
    p->before = p->row;
    p->row = spare;
}

/* Feed one IDAT chunk; a row is handled as soon as it is there. */
static void inflate_rows(struct png *p, z_stream *z, const unsigned char *body, uint32_t len)
{
    int rc = Z_OK;

    z->next_in = (z_const Bytef *)(uintptr_t)body;
    z->avail_in = len;
    while (!p->error && p->rows < p->height && rc != Z_STREAM_END) {
        z->next_out = p->row + p->have;
        z->avail_out = (uInt)(p->stride + 1 - p->have);
        rc = inflate(z, Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            p->error = "is damaged";
        p->have = p->stride + 1 - z->avail_out;
        if (!p->error && z->avail_out == 0)
            end_row(p);
        else if (z->avail_in == 0 || rc == Z_BUF_ERROR)
            return;
    }
}

static void read_chunks(struct png *p, z_stream *z)
{
    const unsigned char *body;
    uint32_t type, len;

    for (int i = 0; i < 256; i++)
        p->drawn[i] = i != 0;
    while (!p->error && p->rows < p->height && next_chunk(p, &type, &body, &len)) {
        if (type == TYPE('P', 'L', 'T', 'E') && p->color == PALETTE)
            read_palette(p, body, len);
        else if (type == TYPE('t', 'R', 'N', 'S'))
            read_transparency(p, body, len);
        else if (type == TYPE('I', 'D', 'A', 'T'))
            inflate_rows(p, z, body, len);
    }
    if (!p->error && p->rows < p->height)
        p->error = "is cut off";
}

static const char *read_png(struct str bytes, struct mask *out)
{
    struct png p = {.at = (const unsigned char *)bytes.p,
                    .end = (const unsigned char *)bytes.p + bytes.n};
    z_stream z = {0};

    if (!read_header(&p))
        return p.error;
    unsigned char *rows = calloc(2, p.stride + 1);
    if (rows == NULL || inflateInit(&z) != Z_OK) {
        free(rows);
        return "needs too much memory";
    }
    p.row = rows;
    p.before = rows + p.stride + 1;
    read_chunks(&p, &z);
    inflateEnd(&z);
    free(rows);
    *out = (struct mask){p.width, p.height, p.pixels};
    return p.error;
}

/* The outer zlib; a bomb ends at the cap. */
static const char *unpack(const unsigned char *p, size_t n, struct buf *out)
{
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)p, .avail_in = (uInt)n};
    int rc = Z_OK;

    if (inflateInit(&z) != Z_OK)
        return "needs too much memory";
    while (rc == Z_OK && buf_reserve(out, 4096)) {
        uInt room = (uInt)(out->cap - out->n);

        z.next_out = (Bytef *)out->p + out->n;
        z.avail_out = room;
        rc = inflate(&z, Z_NO_FLUSH);
        out->n += room - z.avail_out;
    }
    inflateEnd(&z);
    if (out->failed)
        return "is larger than 64 MB unpacked";
    return rc == Z_STREAM_END ? NULL : "is not zlib data";
}

const char *mask_read(struct str base64, struct mask *out)
{
    unsigned char *packed = malloc(base64.n / 4 * 3 + 3);
    const char *error;
    struct buf png;

    if (packed == NULL)
        return "needs too much memory";
    ptrdiff_t n = b64_decode(base64, packed);
    buf_init(&png, MASK_BYTES_MAX);
    error = n < 0 ? "is not base64" : unpack(packed, (size_t)n, &png);
    if (error == NULL)
        error = read_png(buf_str(&png), out);
    buf_finish(&png);
    free(packed);
    return error;
}
