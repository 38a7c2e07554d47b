/* project download: a project into a project folder of the SDK. Images and annotations go in
 * chunks, over several connections; every file is there completely or not at all. */
#include "coords.h"
#include "folder.h"
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHUNK 2048

struct download {
    struct ctl *c;
    struct ctl_progress progress;
    int64_t project_id;
    const char *path;
    struct label_dataset_list *datasets;
    const char **paths; /* of the datasets */
    size_t n_images, masks_left_out;
};

/* ---- where datasets go ---- */

static size_t index_of(const struct label_dataset_list *all, int64_t id)
{
    size_t i = 0;

    while (i < all->n && all->items[i].id != id)
        i++;
    return i;
}

/* DIR/a/datasets/b for b below a; depth ends a circle that no server should give. */
static int place_dataset(struct download *d, size_t i, size_t depth)
{
    struct ctl *c = d->c;
    const struct label_dataset *one = &d->datasets->items[i];
    size_t above = one->parent_id ? index_of(d->datasets, one->parent_id) : d->datasets->n;
    int code = CTL_DONE;

    if (d->paths[i])
        return CTL_DONE;
    if (!folder_can_name(one->name, true) || depth > d->datasets->n)
        return ctl_fail(c, CTL_FAILED, "the name of dataset %lld, '%s', is none for a folder",
                        (long long)one->id, one->name);
    if (above < d->datasets->n)
        code = place_dataset(d, above, depth + 1);
    if (code != CTL_DONE)
        return code;
    d->paths[i] = above < d->datasets->n
                      ? ctl_format(c, "%s/datasets/%s", d->paths[above], one->name)
                      : ctl_format(c, "%s/%s", d->path, one->name);
    return CTL_DONE;
}

static int find_datasets(struct download *d)
{
    struct ctl *c = d->c;
    int code = CTL_DONE;

    if (label_dataset_get_list(c->api, d->project_id, true, NULL, &d->datasets, &c->error) !=
        LABEL_OK)
        return ctl_failed(c);
    d->paths = ctl_alloc(c, (d->datasets->n + 1) * sizeof *d->paths);
    for (size_t i = 0; i < d->datasets->n && code == CTL_DONE; i++) {
        code = place_dataset(d, i, 0);
        d->n_images += (size_t)d->datasets->items[i].images_count;
    }
    return code;
}

static int make_folder(struct ctl *c, const char *path)
{
    return folder_make(path) ? CTL_DONE : ctl_fail(c, CTL_FAILED, "%s: %s", path, strerror(errno));
}

/* ---- images ---- */

/* Is it there? Bytes of an image never change, so the size tells whether these are others. */
static bool is_there(const char *path, int64_t bytes)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == bytes;
}

static int fetch_images(struct download *d, const char *path, const struct label_image *images,
                        size_t n)
{
    struct ctl *c = d->c;
    struct label_download_item items[CHUNK];
    struct label_download download = {.items = items};

    if (ctl_flag(c, "no-images")) {
        ctl_progress_add(&d->progress, n, 0);
        return CTL_DONE;
    }
    for (size_t i = 0; i < n; i++) {
        const char *file = ctl_format(c, "%s/img/%s", path, images[i].name);

        if (is_there(file, images[i].size))
            ctl_progress_skip(&d->progress, 1);
        else
            items[download.n++] = (struct label_download_item){images[i].id, file};
    }
    download.progress = ctl_progress_hook(&d->progress);
    return label_image_download_paths(c->api, &download, &c->error) == LABEL_OK ? CTL_DONE
                                                                                : ctl_failed(c);
}

/* What else is known of images: meta/NAME.json, for those that have something. */
static int write_metas(struct download *d, const char *path, const struct label_image *images,
                       size_t n)
{
    struct ctl *c = d->c;
    int code = CTL_DONE;

    for (size_t i = 0; i < n && code == CTL_DONE && ctl_flag(c, "image-meta"); i++) {
        json_t *meta = images[i].meta_json ? json_loads(images[i].meta_json, 0, NULL) : NULL;

        if (json_object_size(meta) > 0)
            code = make_folder(c, ctl_format(c, "%s/meta", path));
        if (code == CTL_DONE && json_object_size(meta) > 0)
            code = folder_write_json(c, ctl_format(c, "%s/meta/%s.json", path, images[i].name),
                                     meta, JSON_COMPACT);
        json_decref(meta);
    }
    return code;
}

/* ---- annotations ---- */

/* Masks of the type alpha_mask come without their pixels, and cannot be read without. */
static size_t leave_out_masks(json_t *annotation)
{
    json_t *objects = json_object_get(annotation, "objects");
    size_t n = 0;

    for (size_t i = json_array_size(objects); i-- > 0;) {
        const json_t *object = json_array_get(objects, i);
        const char *type = json_string_value(json_object_get(object, "geometryType"));

        if (type && strcmp(type, "alpha_mask") == 0 && !json_object_get(object, "bitmap")) {
            json_array_remove(objects, i);
            n++;
        }
    }
    return n;
}

static int write_annotation(struct download *d, const char *path, const struct label_annotation *a)
{
    json_t *json = json_loads(a->annotation_json ? a->annotation_json : "", 0, NULL);
    int code;

    d->masks_left_out += leave_out_masks(json);
    coords_to_pixels(json);
    code = folder_write_json(d->c, path, json, JSON_COMPACT);
    json_decref(json);
    return code;
}

static int fetch_annotations(struct download *d, int64_t dataset_id, const char *path,
                             const struct label_image *images, size_t n)
{
    struct ctl *c = d->c;
    struct label_annotation_list *list;
    int64_t items[CHUNK];
    struct label_ids ids = {items, n};
    int code = CTL_DONE;

    for (size_t i = 0; i < n; i++)
        items[i] = images[i].id;
    if (label_annotation_download_batch(c->api, dataset_id, &ids, &list, &c->error) != LABEL_OK)
        return ctl_failed(c);
    for (size_t i = 0; i < list->n && i < n && code == CTL_DONE; i++)
        code = write_annotation(d, ctl_format(c, "%s/ann/%s.json", path, images[i].name),
                                &list->items[i]);
    label_free(list);
    return code;
}

/* ---- datasets ---- */

static int check_names(struct ctl *c, const struct label_image_list *images)
{
    for (size_t i = 0; i < images->n; i++) {
        if (!folder_can_name(images->items[i].name, false))
            return ctl_fail(c, CTL_FAILED, "the name of image %lld, '%s', is none for a file",
                            (long long)images->items[i].id, images->items[i].name);
    }
    return CTL_DONE;
}

static int fetch_dataset(struct download *d, size_t index)
{
    struct ctl *c = d->c;
    const char *path = d->paths[index];
    int64_t id = d->datasets->items[index].id;
    struct label_image_filter filter = {.dataset_id = id};
    struct label_image_list *images;
    int code = make_folder(c, ctl_format(c, "%s/img", path));

    if (code == CTL_DONE)
        code = make_folder(c, ctl_format(c, "%s/ann", path));
    if (code != CTL_DONE)
        return code;
    if (label_image_get_list(c->api, &filter, &images, &c->error) != LABEL_OK)
        return ctl_failed(c);
    code = check_names(c, images);
    for (size_t i = 0; i < images->n && code == CTL_DONE; i += CHUNK) {
        const struct label_image *some = &images->items[i];
        size_t n = images->n - i < CHUNK ? images->n - i : CHUNK;

        code = fetch_images(d, path, some, n);
        if (code == CTL_DONE)
            code = fetch_annotations(d, id, path, some, n);
        if (code == CTL_DONE)
            code = write_metas(d, path, some, n);
    }
    label_free(images);
    return code;
}

/* ---- the project ---- */

static int begin(struct download *d)
{
    struct ctl *c = d->c;
    int code = CTL_DONE;
    json_t *meta;

    if (!ctl_flag(c, "resume") && !folder_is_empty(d->path))
        return ctl_fail(c, CTL_FAILED, "%s is not empty; --resume goes on with a download",
                        d->path);
    meta = settings_get_meta(c, d->project_id, &code);
    if (meta == NULL)
        return code;
    code = make_folder(c, d->path);
    if (code == CTL_DONE)
        code = folder_write_json(c, ctl_format(c, "%s/meta.json", d->path), meta, JSON_INDENT(4));
    json_decref(meta);
    c->resume = ctl_format(c, "labelctl project download %lld %s --resume",
                           (long long)d->project_id, ctl_shell_word(c, d->path));
    return code == CTL_DONE ? find_datasets(d) : code;
}

int run_project_download(struct ctl *c)
{
    struct download d = {.c = c, .project_id = ctl_arg_id(c, 0), .path = ctl_arg(c, 1)};
    int code = begin(&d);

    if (code == CTL_DONE) {
        ctl_progress_begin(c, &d.progress, "download", d.n_images);
        for (size_t i = 0; i < d.datasets->n && code == CTL_DONE; i++)
            code = fetch_dataset(&d, i);
        ctl_progress_end(&d.progress);
    }
    if (d.masks_left_out)
        ctl_note(c,
                 "labelctl: %zu masks of the type alpha_mask were left out; the SDK can fetch them",
                 d.masks_left_out);
    if (code == CTL_DONE)
        ctl_did(c, "project", d.project_id,
                ctl_format(c, "%zu datasets, %zu images, %zu of them were there", d.datasets->n,
                           d.progress.done, d.progress.skipped));
    label_free(d.datasets);
    return code == CTL_DONE ? ctl_did_all(c) : code;
}
