/* Times and hashes as text: what is read can be written and read again. */
#include "base/clock.h"
#include "base/hash.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    unsigned char bytes[4096];
    char back[8192];
    int64_t ms, again;

    if (clock_parse(text, &ms)) {
        char iso[CLOCK_ISO_SIZE];

        clock_iso(ms, iso);
        MUST(clock_parse(str_from(iso), &again));
        MUST(again == ms || ms < -62167219200000 || ms > 253402300799999);
    }
    ptrdiff_t n = size <= 4096 ? b64_decode(text, bytes) : -1;
    if (n >= 0) {
        b64_encode(bytes, (size_t)n, back);
        MUST(b64_decode(str_from(back), bytes) == n);
    }
    return 0;
}
