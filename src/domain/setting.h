/* Settings of the instance: numbers with a default, bounded by their row in settings.tbl. */
#ifndef DOMAIN_SETTING_H
#define DOMAIN_SETTING_H

#include "domain/call.h"

enum setting_id {
#define SETTING(id, name, standard, least, most, summary) SETTING_##id,
#include "domain/settings.tbl"
#undef SETTING
    SETTING__MAX
};

struct setting {
    const char *name;
    int64_t standard, least, most;
    const char *summary;
};
extern const struct setting settings[SETTING__MAX];

/* What is set, or the default. ERR_INVALID: somebody wrote nonsense into the table by hand. */
enum err setting_get(struct call *c, enum setting_id id, int64_t *out);

/* ERR_NOT_FOUND: no such setting; ERR_INVALID: value is no number within its bounds. */
enum err setting_set(struct call *c, struct str name, struct str value);

#endif
