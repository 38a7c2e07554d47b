/* Multipart bodies: any bytes, cut into any pieces. However they are cut, the same parts come out.
 * The first byte says how long the pieces are. */
#include "base/buf.h"
#include "fuzz.h"
#include "http/multipart.h"

static bool begin(void *ctx, struct str name, struct str filename)
{
    struct buf *log = ctx;

    MUST(name.p != NULL && str_is_utf8(name) && str_is_utf8(filename));
    buf_printf(log, "[%.*s]", (int)name.n, name.p);
    return true;
}

static bool data(void *ctx, const char *p, size_t n)
{
    MUST(n > 0);
    buf_add(ctx, p, n);
    return true;
}

static bool end(void *ctx)
{
    BUF_ADD_LIT((struct buf *)ctx, "[end]");
    return true;
}

static enum err parse(struct buf *log, const char *p, size_t n, size_t piece)
{
    const struct multipart_app app = {begin, data, end, log};
    struct multipart m;
    struct fault f = {0};
    enum err e = ERR_OK;

    MUST(multipart_init(&m, STR("multipart/form-data; boundary=\"b-b\""), &app));
    for (size_t i = 0; i < n && e == ERR_OK; i += piece)
        e = multipart_feed(&m, p + i, n - i < piece ? n - i : piece, &f);
    if (e == ERR_OK)
        e = multipart_finish(&m, &f);
    MUST(e == ERR_OK || f.message[0] != '\0');
    return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct buf whole, cut;

    if (size < 1 || size > 65536)
        return 0;
    buf_init(&whole, size * 8 + 4096);
    buf_init(&cut, size * 8 + 4096);
    enum err a = parse(&whole, (const char *)bytes + 1, size - 1, size);
    enum err b = parse(&cut, (const char *)bytes + 1, size - 1, bytes[0] % 17 + 1u);
    MUST(a == b);
    MUST(a != ERR_OK || (whole.n == cut.n && memcmp(whole.p, cut.p, whole.n) == 0));
    buf_finish(&whole);
    buf_finish(&cut);
    return 0;
}
