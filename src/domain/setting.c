/* Settings of the instance. */
#include "domain/setting.h"

#include "store/store_setting.h"

const struct setting settings[SETTING__MAX] = {
#define SETTING(id, name, standard, least, most, summary) {name, standard, least, most, summary},
#include "domain/settings.tbl"
#undef SETTING
};

static enum err parse(struct call *c, const struct setting *s, struct str text, int64_t *out)
{
    if (str_to_i64(text, out) && *out >= s->least && *out <= s->most)
        return ERR_OK;
    if (s->most == INT64_MAX)
        return fail(c, ERR_INVALID, "value", "the setting %s must be a number from %lld", s->name,
                    (long long)s->least);
    return fail(c, ERR_INVALID, "value", "the setting %s must be a number from %lld to %lld",
                s->name, (long long)s->least, (long long)s->most);
}

enum err setting_get(struct call *c, enum setting_id id, int64_t *out)
{
    const struct setting *s = &settings[id];
    struct str text;
    enum err e = store_setting_get(c->db, str_from(s->name), &text);

    if (e == ERR_NOT_FOUND) {
        *out = s->standard;
        return ERR_OK;
    }
    return e == ERR_OK ? parse(c, s, text, out) : e;
}

enum err setting_set(struct call *c, struct str name, struct str value)
{
    int64_t number;

    for (size_t i = 0; i < SETTING__MAX; i++) {
        if (!str_is(name, settings[i].name))
            continue;
        enum err e = parse(c, &settings[i], value, &number);
        return e == ERR_OK ? store_setting_put(c->db, name, value) : e;
    }
    return fail(c, ERR_NOT_FOUND, "name", "there is no setting %.*s; see labeld setting list",
                STR_CUT(name, 100));
}
