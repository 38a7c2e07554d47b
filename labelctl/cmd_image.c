/* image: listing, files up and down, annotations, tags. */
#include "ctl.h"

#include "coords.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct column image_columns[] = {
    {"ID", "id", COL_NUMBER},       {"NAME", "name", COL_TEXT},
    {"WIDTH", "width", COL_NUMBER}, {"HEIGHT", "height", COL_NUMBER},
    {"SIZE", "size", COL_SIZE},     {"OBJECTS", "labelsCount", COL_NUMBER},
    {"TAGS", "tags", COL_LIST},     {0},
};

static const struct column one_image[] = {
    {"id", "id", COL_NUMBER},
    {"name", "name", COL_TEXT},
    {"description", "description", COL_TEXT},
    {"project", "projectId", COL_NUMBER},
    {"dataset", "datasetId", COL_NUMBER},
    {"width", "width", COL_NUMBER},
    {"height", "height", COL_NUMBER},
    {"size", "size", COL_SIZE},
    {"mime", "mime", COL_TEXT},
    {"SHA-256", "hash", COL_TEXT},
    {"link", "link", COL_TEXT},
    {"objects", "labelsCount", COL_NUMBER},
    {"tags", "tags", COL_LIST},
    {"created", "createdAt", COL_TIME},
    {"updated", "updatedAt", COL_TIME},
    {"created by", "createdBy", COL_TEXT},
    {"meta", "meta", COL_JSON},
    {0},
};

int run_image_list(struct ctl *c)
{
    struct label_filter name;
    struct label_image_filter filter = {
        .dataset_id = ctl_id(c, "dataset"),
        .project_id = ctl_id(c, "project"),
        .recursive = ctl_flag(c, "recursive"),
        .only_labelled = ctl_flag(c, "labelled"),
        .list = ctl_list_options(c),
    };
    struct label_image_list *images;

    if ((filter.dataset_id == 0) == (filter.project_id == 0))
        return ctl_usage(c, "please give --dataset ID or --project ID");
    filter.list.n_filters = ctl_name_filter(c, &name);
    filter.list.filters = &name;
    if (label_image_get_list(c->api, &filter, &images, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, images, image_columns);
}

int run_image_info(struct ctl *c)
{
    struct label_image *image;

    if (label_image_get_info_by_id(c->api, ctl_arg_id(c, 0), &image, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, image, one_image);
}

int run_image_remove(struct ctl *c)
{
    struct label_ids ids = ctl_arg_ids(c);

    if (label_image_remove_batch(c->api, &ids, &c->error) != LABEL_OK)
        return ctl_failed(c);
    for (size_t i = 0; i < ids.n; i++)
        ctl_did(c, "image", ids.items[i], "removed");
    return ctl_did_all(c);
}

/* ---- bytes ---- */

static enum label_conflict conflict_of(const char *name)
{
    return name == NULL                   ? LABEL_CONFLICT_FAIL
           : strcmp(name, "skip") == 0    ? LABEL_CONFLICT_SKIP
           : strcmp(name, "rename") == 0  ? LABEL_CONFLICT_RENAME
           : strcmp(name, "replace") == 0 ? LABEL_CONFLICT_REPLACE
                                          : LABEL_CONFLICT_FAIL;
}

int run_image_upload(struct ctl *c)
{
    struct label_image_file *files = ctl_alloc(c, c->n_args * sizeof *files);
    struct label_upload upload = {
        .files = files, .n = c->n_args, .conflict = conflict_of(ctl_text(c, "conflict"))};
    struct label_image_list *images;
    struct ctl_progress progress;

    for (size_t i = 0; i < c->n_args; i++)
        files[i].path = ctl_arg(c, i);
    ctl_progress_begin(c, &progress, "upload", upload.n);
    upload.progress = ctl_progress_hook(&progress);
    label_image_upload_paths(c->api, ctl_id(c, "dataset"), &upload, &images, &c->error);
    ctl_progress_end(&progress);
    if (progress.done > 0)
        c->resume = "the same command with --conflict skip";
    return images ? ctl_show_list(c, images, image_columns) : ctl_failed(c);
}

/* Where image i goes: into the folder --to with its name, or into the file --to. */
static int path_for(struct ctl *c, size_t i, const char **path)
{
    const char *to = ctl_text(c, "to");
    struct label_image *image;
    struct stat st;
    int code = CTL_DONE;

    if (stat(to, &st) != 0 || !S_ISDIR(st.st_mode)) {
        *path = to;
        return c->n_args == 1 ? CTL_DONE : ctl_fail(c, CTL_FAILED, "%s is no folder", to);
    }
    if (label_image_get_info_by_id(c->api, ctl_arg_id(c, i), &image, &c->error) != LABEL_OK)
        return ctl_failed(c);
    if (strchr(image->name, '/') || strcmp(image->name, ".") == 0 || strcmp(image->name, "..") == 0)
        code = ctl_fail(c, CTL_FAILED, "the name of image %lld is none for a file",
                        (long long)image->id);
    *path = ctl_format(c, "%s/%s", to, image->name);
    label_free(image);
    return code;
}

int run_image_download(struct ctl *c)
{
    struct label_download_item *items = ctl_alloc(c, c->n_args * sizeof *items);
    struct label_download download = {.items = items, .n = c->n_args};
    struct ctl_progress progress;
    int code = CTL_DONE;

    for (size_t i = 0; i < c->n_args && code == CTL_DONE; i++) {
        items[i].id = ctl_arg_id(c, i);
        code = path_for(c, i, &items[i].path);
    }
    if (code != CTL_DONE)
        return code;
    ctl_progress_begin(c, &progress, "download", download.n);
    download.progress = ctl_progress_hook(&progress);
    label_image_download_paths(c->api, &download, &c->error);
    ctl_progress_end(&progress);
    if (c->error.err != LABEL_OK)
        return ctl_failed(c);
    for (size_t i = 0; i < download.n; i++)
        ctl_did(c, "image", items[i].id, items[i].path);
    return ctl_did_all(c);
}

/* ---- annotations and tags ---- */

/* JSON text with its coordinates converted, as a library's text would be; of ctl_alloc(). */
static const char *converted(struct ctl *c, const char *text, void (*convert)(json_t *annotation))
{
    json_error_t why;
    json_t *json = json_loads(text, 0, &why);
    const char *copy = NULL;
    char *dumped;

    if (!json_is_object(json)) {
        ctl_fail(c, CTL_FAILED, "that is no annotation: %s", json ? "no JSON object" : why.text);
        json_decref(json);
        return NULL;
    }
    convert(json);
    dumped = json_dumps(json, JSON_COMPACT);
    copy = ctl_format(c, "%s", dumped ? dumped : "");
    free(dumped);
    json_decref(json);
    return copy;
}

int run_image_annotation(struct ctl *c)
{
    const char *file = ctl_text(c, "set"), *text;
    struct label_annotation *annotation;
    int64_t id = ctl_arg_id(c, 0);

    if (file) {
        text = ctl_read_file(c, file);
        text = text ? converted(c, text, coords_to_plane) : NULL;
        if (text == NULL)
            return CTL_FAILED;
        if (label_annotation_upload_json(c->api, id, text, &c->error) != LABEL_OK)
            return ctl_failed(c);
        ctl_did(c, "image", id, "annotated");
        return ctl_did_all(c);
    }
    if (label_annotation_download(c->api, id, &annotation, &c->error) != LABEL_OK)
        return ctl_failed(c);
    text = converted(c, annotation->annotation_json, coords_to_pixels);
    label_free(annotation);
    return text ? ctl_show_text(c, text) : CTL_FAILED;
}

/* VALUE of NAME=VALUE as JSON: a number for tags that want one, else text. */
static const char *value_json(struct ctl *c, const struct label_tag_meta *tag, const char *value)
{
    struct label_names one = {&value, 1};
    const char *list;

    if (value == NULL || strcmp(tag->value_type, "any_number") == 0)
        return value;
    list = ctl_json_names(c, &one); /* ["..."] */
    return ctl_format(c, "%.*s", (int)strlen(list) - 2, list + 1);
}

/* Put the tag of that name, of the project of an image, on images; exit codes. */
static int put_tag(struct ctl *c, int64_t image_id, const char *name, const char *value,
                   struct label_ids *images)
{
    struct label_image *image;
    struct label_project_meta *meta;
    enum label_err err = label_image_get_info_by_id(c->api, image_id, &image, &c->error);
    bool found = false;
    int code = CTL_DONE;

    if (err == LABEL_OK)
        err = label_project_get_meta(c->api, image->project_id, &meta, &c->error);
    label_free(image);
    if (err != LABEL_OK)
        return ctl_failed(c);
    for (size_t i = 0; i < meta->n_tags && !found; i++) {
        const struct label_tag_meta *tag = &meta->tags[i];

        found = strcmp(tag->name, name) == 0;
        if (found && label_image_add_tag(c->api, images, tag->id, value_json(c, tag, value),
                                         &c->error) != LABEL_OK)
            code = ctl_failed(c);
    }
    label_free(meta);
    return found ? code : ctl_fail(c, CTL_NOT_FOUND, "the project has no tag '%s'", name);
}

int run_image_tag(struct ctl *c)
{
    struct label_names tags = ctl_names(c, "tag");
    struct label_ids images = ctl_arg_ids(c);
    int code = CTL_DONE;

    for (size_t i = 0; i < tags.n && code == CTL_DONE; i++) {
        const char *equals = strchr(tags.items[i], '=');
        size_t n = equals ? (size_t)(equals - tags.items[i]) : strlen(tags.items[i]);

        code = put_tag(c, images.items[0], ctl_format(c, "%.*s", (int)n, tags.items[i]),
                       equals ? equals + 1 : NULL, &images);
    }
    for (size_t i = 0; i < images.n && code == CTL_DONE; i++)
        ctl_did(c, "image", images.items[i], "tagged");
    return code == CTL_DONE ? ctl_did_all(c) : code;
}
