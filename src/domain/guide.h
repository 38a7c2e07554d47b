/* Guides: instructions that jobs refer to by meta.guide. */
#ifndef DOMAIN_GUIDE_H
#define DOMAIN_GUIDE_H

#include "domain/call.h"
#include "store/store_guide.h"

/* Absent members: nothing, or (when editing) they stay. "" for file_path takes it away. */
struct guide_new {
    struct str name, description, file_path, text;
    int64_t video_id;
};

/* In team c->at.team_id. */
enum err guide_create(struct call *c, const struct guide_new *n, int64_t *id_out);
enum err guide_edit(struct call *c, int64_t id, const struct guide_new *n);
/* Take it out of use, or back. Repeating changes nothing. */
enum err guide_set_disabled(struct call *c, int64_t id, bool disabled);

/* May new jobs of team c->at.team_id refer to it? 0: they refer to none. */
enum err guide_check(struct call *c, int64_t id, const char *field);

#endif
