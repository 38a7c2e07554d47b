/* Mask PNGs. The input is the PNG; it is packed as the wire packs it. With an odd first byte the
 * input is the packed text itself. */
#include <zlib.h>

#include "base/hash.h"
#include "domain/mask.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mask m = {0};
    const char *error;

    if (size < 1 || size > 1u << 20)
        return 0;
    if (data[0] & 1) {
        error = mask_read((struct str){(const char *)data + 1, size - 1}, &m);
    } else {
        uLongf packed_len = compressBound((uLong)size - 1);
        unsigned char *packed = malloc(packed_len);
        char *text = malloc(packed_len / 3 * 4 + 8);

        MUST(packed && text &&
             compress2(packed, &packed_len, data + 1, (uLong)size - 1, 1) == Z_OK);
        b64_encode(packed, packed_len, text);
        error = mask_read(str_from(text), &m);
        free(packed);
        free(text);
    }
    if (error == NULL)
        MUST(m.width > 0 && m.height > 0 && m.drawn >= 0 && m.drawn <= m.width * m.height);
    return 0;
}
