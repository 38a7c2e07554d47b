/* Images: made of bytes that are here, copied, renamed, removed. */
#ifndef DOMAIN_IMAGE_H
#define DOMAIN_IMAGE_H

#include "domain/call.h"
#include "store/store_image.h"
#include "json/json_read.h"

/* A wanted image. Exactly one of hash, link, src_image_id and file_id says what it is made of. */
struct image_new {
    struct str name;
    struct str hash; /* of bytes that are here and that the caller may use */
    struct str link; /* where it is; with a hash: where these bytes were fetched from */
    int64_t src_image_id;
    int64_t file_id; /* of the team; with a hash: these bytes of it, range.start to range.end */
    struct image_range range;
    int64_t parent_id; /* 0 = none */
    struct str meta;   /* JSON object */
};

/* Read the elements of images.bulk.add; arena. */
enum err images_read(struct call *c, struct json_value *list, size_t max, struct image_new **out,
                     size_t *len_out);

struct image_names {
    struct image_name *v;
    size_t n;
};

/* Make all of them in a dataset, or none; out has as many, in order. ERR_CONFLICT: names are taken,
 * by the images in *taken. The caller has checked access to source images. */
enum err images_create(struct call *c, int64_t dataset_id, const struct image_new *list, size_t n,
                       struct image **out, struct image_names *taken);

/* Remove images with their figures, from their jobs too. c->at is their project. */
enum err image_remove(struct call *c, const struct image *i);

/* New values; absent and NULL ones stay. i is updated. */
struct image_change {
    struct str name, description;
    struct json_value *meta; /* object; replaces */
};
enum err image_edit(struct call *c, struct image *i, const struct image_change *change);

/* Where a remote image lives; with clear the bytes that are here are forgotten. */
enum err image_set_link(struct call *c, struct image *i, struct str link, bool clear);

/* meta.customSort of one image. */
enum err image_set_sort(struct call *c, struct image *i, struct str sort);

#endif
