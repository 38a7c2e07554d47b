/* What every fuzz target shares. A target is one LLVMFuzzerTestOneInput; libFuzzer drives it
 * (make fuzz), and replay.c runs it over the kept inputs in the tests. A target aborts when a rule
 * is broken; crashes and sanitizer reports speak for themselves. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
