/* Copying whole projects, and erasing what was archived. Each is one transaction, so a copy is
 * there whole or not at all. */
#ifndef DOMAIN_CLONE_H
#define DOMAIN_CLONE_H

#include "domain/call.h"

/* What a copy has of its source. Parts that others stand on are implied by nothing: figures without
 * their classes cannot be copied and are refused. */
struct clone_parts {
    bool classes, tags, datasets, images, image_tags, figures, figure_tags;
};

/* Copy project src_id, which the caller may see, into the workspace c->at. ERR_CONFLICT: the name
 * is taken there. *task_out: the task that stands for it. */
enum err project_clone(struct call *c, int64_t src_id, struct str name,
                       const struct clone_parts *parts, int64_t *task_out);

/* Forget for good what is in these archived projects or datasets, which must be of one team. */
enum err projects_erase(struct call *c, const int64_t *ids, size_t n, int64_t *task_out);
enum err datasets_erase(struct call *c, const int64_t *ids, size_t n, int64_t *task_out);

#endif
