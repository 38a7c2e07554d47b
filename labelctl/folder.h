/* Project folders of the SDK:
 *
 *     meta.json                 classes and tags
 *     DATASET/img/NAME          images
 *     DATASET/ann/NAME.json     an annotation for each
 *     DATASET/meta/NAME.json    the meta of an image
 *     DATASET/img_info/NAME.json  what the server knows of an image, also where its bytes are not
 *     DATASET/datasets/NAME/    datasets below
 */
#ifndef LABELCTL_FOLDER_H
#define LABELCTL_FOLDER_H

#include "ctl.h"

struct folder_image {
    const char *name;
    const char *path;                     /* NULL: its bytes are elsewhere, info says where */
    const char *annotation, *meta, *info; /* paths; NULL: there is none */
};

struct folder_dataset {
    const char *name, *path;
    size_t parent;               /* index + 1 of the dataset above; 0: at the top */
    struct folder_image *images; /* by name */
    size_t n;
};

struct folder {
    const char *path;
    json_t *meta;
    struct folder_dataset *datasets; /* those above before those below */
    size_t n, n_images;
};

/* Read what is where. Memory is the run's, but meta: json_decref() it. Exit codes. */
int folder_read(struct ctl *c, const char *path, struct folder *f);

/* A folder without anything in it: does not exist, or is empty. */
bool folder_is_empty(const char *path);
/* With all folders above; false: errno says why. */
bool folder_make(const char *path);
/* May it be the name of a file, or with dataset of the folder of a dataset? */
bool folder_can_name(const char *name, bool dataset);

/* A JSON object in a file; NULL: *error says why. For any thread, as is the next one. */
json_t *folder_read_json(const char *path, struct label_error *error);
/* Write it; there completely or not at all. */
enum label_err folder_write_json(const char *path, const json_t *json, size_t flags,
                                 struct label_error *error);

/* LABEL_ERR_FILE with these words. */
__attribute__((format(printf, 2, 3))) enum label_err folder_fail(struct label_error *error,
                                                                 const char *format, ...);

#endif
