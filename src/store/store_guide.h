/* Guides: instructions that jobs refer to. */
#ifndef STORE_STORE_GUIDE_H
#define STORE_STORE_GUIDE_H

#include "store/statements.h"

struct guide {
    int64_t id, team_id;
    struct str name, description;
    struct str file_path; /* of a team file; absent = none */
    int64_t video_id;     /* 0 = none */
    struct str text;      /* Markdown */
    int64_t created_by, created_at, updated_at;
    int64_t disabled_by, disabled_at; /* 0 = not disabled */
};

void store_guide_read(struct db_query *q, struct guide *out);
enum err store_guide_get(struct db *db, int64_t id, struct guide *out);
/* Fills g->id. */
enum err store_guide_insert(struct db *db, struct guide *g, int64_t now_ms);
/* Name, description, file, video, text. */
enum err store_guide_update(struct db *db, const struct guide *g, int64_t now_ms);
enum err store_guide_set_disabled(struct db *db, const struct guide *g, bool disabled,
                                  bool *changed_out);

#endif
