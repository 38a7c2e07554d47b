/* Laying one JSON object over another, member by member, without re-encoding any value. */
#ifndef JSON_JSON_MERGE_H
#define JSON_JSON_MERGE_H

#include "json/json_read.h"

/* Text of an object with the members of base (text of an object, absent = {}) and of change (an
 * object or NULL), whose members win; in a. Members of change that `takes` refuses are left out
 * (NULL: takes all); one that `clears` (NULL: none does) removes the member instead of setting it.
 * .p == NULL: larger than bytes_max, or out of memory. */
struct str json_merge(struct arena *a, struct str base, struct json_value *change,
                      bool (*takes)(const struct json_value *member),
                      bool (*clears)(const struct json_value *member), size_t bytes_max);

#endif
