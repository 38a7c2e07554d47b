/* Projects and datasets. */
#ifndef DOMAIN_PROJECT_H
#define DOMAIN_PROJECT_H

#include "domain/call.h"
#include "store/store_project.h"
#include "json/json_read.h"

struct project_new {
    struct str name, description, readme, type;
    struct json_value *settings, *custom_data; /* objects, NULL = {} */
};

/* In the workspace c->at. ERR_CONFLICT on "name". */
enum err project_create(struct call *c, const struct project_new *n, int64_t *id_out);

/* The project c->at. custom_data replaces; settings are merged by top-level key. */
struct project_change {
    struct str name, description, readme, type;
    struct json_value *settings, *custom_data; /* NULL = stays */
    bool silent;                               /* leave updatedAt alone */
    int embeddings;      /* are programs to index it? 1 yes, -1 no, 0 = stays */
    int64_t embedded_at; /* when they last did; 0 = stays */
};
enum err project_edit(struct call *c, const struct project_change *change);
enum err project_archive(struct call *c);
/* Is a program indexing it right now? What went wrong stands in the log. */
enum err project_set_embedding(struct call *c, bool busy, struct str error);
/* Into another workspace of the same team. ERR_CONFLICT: it has one of this name. */
enum err project_move(struct call *c, int64_t workspace_id);

struct dataset_new {
    int64_t parent_id; /* 0 = top level */
    struct str name, description;
    struct json_value *custom_data;
};

/* In the project c->at. ERR_CONFLICT on "name" when its parent has such a dataset. */
enum err dataset_create(struct call *c, const struct dataset_new *n, int64_t *id_out);
enum err dataset_change(struct call *c, int64_t id, struct str name, struct str description,
                        struct json_value *custom_data);
/* Under another dataset of the same project, never under itself. */
enum err dataset_move(struct call *c, int64_t id, int64_t parent_id);
enum err dataset_archive(struct call *c, int64_t id);
enum err dataset_set_favorite(struct call *c, int64_t id, bool favorite);

#endif
