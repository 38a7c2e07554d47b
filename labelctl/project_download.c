/* project download: a project into a project folder of the SDK. Images and annotations go in
 * chunks, over several connections; every file is there completely or not at all. */
#include "coords.h"
#include "folder.h"
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHUNK 8192

struct download {
    struct ctl *c;
    struct ctl_progress progress;
    int64_t project_id;
    const char *path;
    struct label_dataset_list *datasets;
    const char **paths; /* of the datasets */
    size_t n_images, remote;
};

/* Images of a dataset, and where they go. */
struct place {
    int64_t dataset_id;
    const char *path;
    const struct label_image *images;
    size_t first, n; /* of the images of the dataset */
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

/* Is it there, with the bytes that the server has? */
static int is_there(struct ctl *c, const char *path, const struct label_image *image, bool *there)
{
    struct stat st;
    char *hash;

    *there = false;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size != image->size)
        return CTL_DONE;
    if (label_file_hash(path, &hash, &c->error) != LABEL_OK)
        return ctl_failed(c);
    *there = strcmp(hash, image->hash) == 0;
    label_free(hash);
    return CTL_DONE;
}

static int fetch_images(struct download *d, const struct place *at)
{
    struct ctl *c = d->c;
    struct label_download_item *items = ctl_alloc(c, (at->n + 1) * sizeof *items);
    struct label_download download = {.items = items, .dataset_id = at->dataset_id};
    int code = CTL_DONE;

    for (size_t i = 0; i < at->n && code == CTL_DONE; i++) {
        const struct label_image *image = &at->images[i];
        const char *file = ctl_format(c, "%s/img/%s", at->path, image->name);
        bool there = false;

        if (image->hash == NULL || ctl_flag(c, "no-images")) {
            ctl_progress_add(&d->progress, 1, 0);
            continue;
        }
        code = is_there(c, file, image, &there);
        if (there)
            ctl_progress_skip(&d->progress, 1);
        else
            items[download.n++] = (struct label_download_item){image->id, file, image->size};
    }
    download.progress = ctl_progress_hook(&d->progress);
    if (code == CTL_DONE && label_image_download_paths(c->api, &download, &c->error) != LABEL_OK)
        code = ctl_failed(c);
    return code;
}

/* The meta of images: meta/NAME.json, for those that have one. */
static int write_metas(struct download *d, const struct place *at)
{
    struct ctl *c = d->c;
    int code = CTL_DONE;

    for (size_t i = 0; i < at->n && code == CTL_DONE && ctl_flag(c, "image-meta"); i++) {
        const char *text = at->images[i].meta_json;
        json_t *meta = text ? json_loads(text, 0, NULL) : NULL;

        if (json_object_size(meta) > 0)
            code = make_folder(c, ctl_format(c, "%s/meta", at->path));
        if (code == CTL_DONE && json_object_size(meta) > 0 &&
            folder_write_json(ctl_format(c, "%s/meta/%s.json", at->path, at->images[i].name), meta,
                              JSON_COMPACT, &c->error) != LABEL_OK)
            code = ctl_failed(c);
        json_decref(meta);
    }
    return code;
}

/* ---- what the server knows of images ---- */

/* The SDK's record of an image, from the server's. */
static json_t *info_of(const json_t *image)
{
    /* the SDK's name, and the server's where it is another; NULL: it is never there */
    static const char *const keys[][2] = {
        {"id", "id"},
        {"name", "name"},
        {"link", "link"},
        {"hash", "hash"},
        {"mime", "mime"},
        {"ext", "ext"},
        {"size", "size"},
        {"width", "width"},
        {"height", "height"},
        {"labels_count", "labelsCount"},
        {"dataset_id", "datasetId"},
        {"created_at", "createdAt"},
        {"updated_at", "updatedAt"},
        {"meta", "meta"},
        {"path_original", "pathOriginal"},
        {"full_storage_url", "fullStorageUrl"},
        {"tags", "tags"},
        {"created_by", "createdBy"},
        {"related_data_id", "relatedDataId"},
        {"download_id", "downloadId"},
        {"offset_start", "offsetStart"},
        {"offset_end", "offsetEnd"},
        {"ai_search_meta", "aiSearchMeta"},
        {"embeddings_updated_at", "embeddingsUpdatedAt"},
        {"project_id", "projectId"},
        {"description", "description"},
        {"parent_id", "parentId"},
    };
    const char *mime = json_string_value(json_object_get(image, "mime"));
    const char *slash = mime ? strchr(mime, '/') : NULL;
    json_t *info = json_object();

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        json_t *value = json_object_get(image, keys[i][1]);

        json_object_set_new(info, keys[i][0], value ? json_incref(value) : json_null());
    }
    if (slash)
        json_object_set_new(info, "ext", json_string(slash + 1));
    return info;
}

/* img_info/NAME.json: of all images that have no bytes here, or of all. */
static int write_infos(struct download *d, const struct place *at, const json_t *all)
{
    struct ctl *c = d->c;
    int code = CTL_DONE;

    for (size_t i = 0; i < at->n && code == CTL_DONE; i++) {
        const char *name = at->images[i].name;
        json_t *info;

        if (at->images[i].hash && !ctl_flag(c, "image-info"))
            continue;
        info = info_of(json_array_get(all, at->first + i));
        code = make_folder(c, ctl_format(c, "%s/img_info", at->path));
        if (code == CTL_DONE &&
            folder_write_json(ctl_format(c, "%s/img_info/%s.json", at->path, name), info,
                              JSON_INDENT(4), &c->error) != LABEL_OK)
            code = ctl_failed(c);
        d->remote += at->images[i].hash == NULL;
        json_decref(info);
    }
    return code;
}

/* The server's records of images, as JSON; NULL: nobody wants them. */
static json_t *records(struct ctl *c, const struct label_image_list *images)
{
    bool wanted = ctl_flag(c, "image-info");
    char *text = NULL;
    json_t *all = NULL;

    for (size_t i = 0; i < images->n; i++)
        wanted = wanted || images->items[i].hash == NULL;
    if (wanted)
        text = label_json(images);
    if (text)
        all = json_loads(text, 0, NULL);
    label_free(text);
    return all;
}

/* ---- annotations ---- */

/* Called by the library's threads. */
static enum label_err write_annotations(void *ctx, size_t first,
                                        const struct label_annotation_list *list,
                                        struct label_error *error)
{
    const struct place *at = ctx;
    enum label_err err = LABEL_OK;
    char path[4096];

    for (size_t i = 0; i < list->n && err == LABEL_OK; i++) {
        const char *name = at->images[first + i].name, *text = list->items[i].annotation_json;
        json_t *json = json_loads(text ? text : "", 0, NULL);

        coords_to_pixels(json);
        if (snprintf(path, sizeof path, "%s/ann/%s.json", at->path, name) >= (int)sizeof path)
            err = folder_fail(error, "%s/ann/%s.json: the path is too long", at->path, name);
        else if (json == NULL)
            err = folder_fail(error, "%s: the server sent no annotation", path);
        else
            err = folder_write_json(path, json, JSON_COMPACT, error);
        json_decref(json);
    }
    return err;
}

static int fetch_annotations(struct download *d, const struct place *at)
{
    struct ctl *c = d->c;
    int64_t *items = ctl_alloc(c, (at->n + 1) * sizeof *items);
    struct label_ids ids = {items, at->n};
    struct place place = *at;

    for (size_t i = 0; i < at->n; i++)
        items[i] = at->images[i].id;
    return label_annotation_download_each(c->api, at->dataset_id, &ids, write_annotations, &place,
                                          &c->error) == LABEL_OK
               ? CTL_DONE
               : ctl_failed(c);
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

static int fetch_chunk(struct download *d, const struct place *at, const json_t *infos)
{
    int code = fetch_images(d, at);

    if (code == CTL_DONE)
        code = fetch_annotations(d, at);
    if (code == CTL_DONE)
        code = write_metas(d, at);
    return code == CTL_DONE ? write_infos(d, at, infos) : code;
}

static int fetch_dataset(struct download *d, size_t index)
{
    struct ctl *c = d->c;
    struct place at = {.dataset_id = d->datasets->items[index].id, .path = d->paths[index]};
    struct label_image_filter filter = {.dataset_id = at.dataset_id};
    struct label_image_list *images;
    int code = make_folder(c, ctl_format(c, "%s/img", at.path));
    json_t *infos;

    if (code == CTL_DONE)
        code = make_folder(c, ctl_format(c, "%s/ann", at.path));
    if (code != CTL_DONE)
        return code;
    if (label_image_get_list(c->api, &filter, &images, &c->error) != LABEL_OK)
        return ctl_failed(c);
    code = check_names(c, images);
    infos = records(c, images);
    for (; at.first < images->n && code == CTL_DONE; at.first += CHUNK) {
        size_t left = images->n - at.first;

        at.images = &images->items[at.first];
        at.n = left < CHUNK ? left : CHUNK;
        code = fetch_chunk(d, &at, infos);
    }
    json_decref(infos);
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
    if (code == CTL_DONE && folder_write_json(ctl_format(c, "%s/meta.json", d->path), meta,
                                              JSON_INDENT(4), &c->error) != LABEL_OK)
        code = ctl_failed(c);
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
    if (d.remote)
        ctl_note(c, "labelctl: %zu images are remote: img_info/ says where their bytes are",
                 d.remote);
    if (code == CTL_DONE)
        ctl_did(c, "project", d.project_id,
                ctl_format(c, "%zu datasets, %zu images, %zu of them were there", d.datasets->n,
                           d.progress.done, d.progress.skipped));
    label_free(d.datasets);
    return code == CTL_DONE ? ctl_did_all(c) : code;
}
