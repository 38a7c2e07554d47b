/* Runs a fuzz target over files, without a fuzzer: past crashers and the corpus, in the tests. */
#include "fuzz.h"

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        uint8_t *data = malloc(1 << 20);

        MUST(f != NULL && data != NULL);
        size_t n = fread(data, 1, 1 << 20, f);
        fclose(f);
        /* an exact copy, so that reading behind the end is seen */
        uint8_t *exact = malloc(n ? n : 1);
        MUST(exact != NULL);
        for (size_t k = 0; k < n; k++)
            exact[k] = data[k];
        free(data);
        LLVMFuzzerTestOneInput(exact, n);
        free(exact);
    }
    return 0;
}
