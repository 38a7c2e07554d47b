/* Changing annotations: figures and tags of the images of one project. Everything runs in the open
 * transaction of the call; what is wrong leaves nothing half-done. */
#ifndef DOMAIN_ANNOTATION_H
#define DOMAIN_ANNOTATION_H

#include "domain/job_limits.h"
#include "domain/meta.h"
#include "domain/object.h"
#include "store/store_figure.h"
#include "store/store_history.h"
#include "store/store_image.h"
#include "store/store_tag.h"

/* What the changes of one call have in common. */
struct labeling {
    struct call *c;
    int64_t project_id;
    struct meta meta; /* classes and tags of the project */
    int64_t job_id;   /* the job the caller works in; 0 = none */
    struct job_limits limits;
    bool skip_bounds; /* figures may lie outside their image */
    bool keep_dates;  /* copies keep the times of their source */
};

/* Load the definitions of the project of c->at. */
enum err labeling_open(struct labeling *l, struct call *c, int64_t job_id);

/* Replace the annotation of an image: tags, texts and figures. A figure whose id is sent again
 * stays the same figure, with its history. */
enum err annotation_put(struct labeling *l, const struct image *image,
                        const struct annotation_in *in);

/* The same objects and tags on another image, classes and tags found by name. */
enum err annotation_copy(struct labeling *l, int64_t src_image_id, const struct image *dest);

/* One more figure; its id. pos < 0: behind the others. */
enum err figure_add(struct labeling *l, const struct image *image, const struct object_in *in,
                    int64_t pos, int64_t *id_out);

/* New values of a figure; NULL and false: stays. */
struct figure_change {
    struct json_value *geometry; /* object */
    bool has_flags, nn_created, nn_updated;
    bool has_tags;
    const struct tag_in *tags;
    size_t tags_len;
    struct json_value *custom_data; /* object */
    int64_t class_id;               /* 0 = stays */
    struct str description;         /* absent = stays */
    int64_t seen_ms;                /* ERR_STALE when others have changed it since; 0 = whatever */
};
enum err figure_edit(struct labeling *l, const struct image *image, struct figure *f,
                     const struct figure_change *change);
/* The mask of an alpha mask, which comes by itself. */
enum err figure_set_mask(struct labeling *l, const struct figure *f, const struct geometry *g);
enum err figure_set_priority(struct labeling *l, const struct figure *f, int64_t priority);
enum err figure_remove(struct labeling *l, const struct figure *f);
enum err figure_restore(struct labeling *l, const struct figure *f);
/* Make the figure again what it was before the change v; `removed`: bring it back first. */
enum err figure_put_back(struct labeling *l, const struct figure *f, bool removed,
                         const struct figure_version *v);

/* Remove a class of the project c->at with its figures, or a kind of tag, off everything. Removing
 * again is fine. */
enum err class_remove(struct call *c, int64_t class_id);
enum err tag_meta_remove(struct call *c, int64_t tag_id);

/* One more tag on an image (class_id 0) or on a figure of that class; its id. */
struct tag_place {
    enum tag_owner kind;
    int64_t owner_id, class_id;
    int64_t image_id, dataset_id;
};
enum err tag_add(struct labeling *l, const struct tag_place *place, const struct tag_in *in,
                 int64_t *id_out);
enum err tag_set_value(struct labeling *l, const struct tag_place *place, const struct tag *t,
                       struct json_value *value);
enum err tag_set_custom(struct labeling *l, const struct tag *t, enum tag_owner kind,
                        struct str text);
enum err tag_remove(struct labeling *l, const struct tag_place *place, const struct tag *t);

#endif
