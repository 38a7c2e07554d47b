/* Shared by the files of annotations only. */
#ifndef DOMAIN_ANNOTATION_INT_H
#define DOMAIN_ANNOTATION_INT_H

#include "domain/annotation.h"
#include "store/store_verdict.h"

/* Tags of an image or a figure that the caller sees: what they do not see they cannot change. */
enum err annotation__tags(struct labeling *l, enum tag_owner kind, int64_t owner_id,
                          struct tag **out, size_t *len_out);

struct tag_place annotation__on_figure(const struct figure *f);
struct tag_place annotation__on_image(const struct image *i);

/* Keep what the figure is now as a version of its history: before it is changed. */
enum err annotation__keep(struct labeling *l, int64_t figure_id, const char *action);

/* So many figures more on the image, which has been annotated just now. */
enum err annotation__count(struct labeling *l, int64_t image_id, int64_t more);

void annotation__set_geometry(struct figure *f, const struct geometry *g);

/* The class that is meant, when it takes the geometry and the job has it. */
enum err annotation__find_class(struct labeling *l, const struct object_in *in,
                                const struct object_class **out);

/* Does the job let the caller touch the figure, tags of this kind? */
enum err annotation__class_check(struct labeling *l, const struct figure *f);
enum err annotation__tag_check(struct labeling *l, int64_t tag_id);

/* One more tag on something that is new, or whose change is kept already. */
enum err annotation__tag_add(struct labeling *l, const struct tag_place *place,
                             const struct tag_in *in, int64_t *id_out);

bool annotation__same_tag(const struct tag *old, int64_t tag_id, const struct tag_in *in);

/* Make the tags of a place these, in this order. Those that are there already keep their author and
 * time, as far as the order lets them. */
enum err annotation__replace_tags(struct labeling *l, const struct tag_place *place,
                                  struct tag *old, size_t old_len, const struct tag_in *in,
                                  size_t in_len);

/* New tags of a figure; those of the object in the request, or none are meant. */
struct new_tags {
    bool given;
    const struct tag_in *v;
    size_t n;
};

/* Write what differs between old and changed, keeping what was as one version. */
enum err annotation__write_change(struct labeling *l, const struct figure *old,
                                  const struct figure *changed, const struct new_tags *tags);

#endif
