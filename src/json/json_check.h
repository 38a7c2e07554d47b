/* Seam to simdjson: the only C++ behind a C header. Private to json/. */
#ifndef JSON_JSON_CHECK_H
#define JSON_JSON_CHECK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Is p[0..n) one well-formed JSON text no deeper than depth_max? NULL: yes, otherwise a static
 * sentence. 64 readable bytes must follow. Keeps no pointer to p. */
const char *json_check(const char *p, size_t n, size_t depth_max);

#ifdef __cplusplus
}
#endif

#endif
