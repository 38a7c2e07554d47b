/* project upload: a project folder of the SDK into a project.
 *
 * Images go in chunks: the bytes of a chunk over several connections, then its annotations. What is
 * there after an interruption is whole: an image, or an image with its annotation. --resume looks
 * what is there, sends the rest, and annotates what has no annotation. */
#include "coords.h"
#include "folder.h"
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 2048

struct upload {
    struct ctl *c;
    struct folder folder;
    struct ctl_progress progress;
    int64_t project_id;
    int64_t *dataset_ids; /* of the datasets of the folder */
    size_t annotated;
};

/* An image of the folder that is to be sent, or that the server has. */
struct item {
    const struct folder_image *file;
    int64_t id; /* 0: not there */
};

/* ---- the project ---- */

/* The project of --name in the workspace: made, or with --resume found. */
static int make_project(struct upload *u)
{
    struct ctl *c = u->c;
    const char *name = ctl_text(c, "name"), *slash = strrchr(u->folder.path, '/');
    struct label_project *project;
    int64_t workspace;
    int code = ctl_workspace(c, &workspace);

    if (code != CTL_DONE)
        return code;
    if (name == NULL)
        name = slash && slash[1] ? slash + 1 : u->folder.path;
    label_project_get_info_by_name(c->api, workspace, name, &project, &c->error);
    if (project && !ctl_flag(c, "resume"))
        code =
            ctl_fail(c, CTL_REFUSED,
                     "there is a project '%s' (%lld): --resume goes on with it, --name TEXT makes"
                     " another one",
                     name, (long long)project->id);
    else if (c->error.err == LABEL_ERR_NOT_FOUND &&
             label_project_create(c->api, workspace, name, NULL, &project, &c->error) != LABEL_OK)
        code = ctl_failed(c);
    else if (project == NULL)
        code = ctl_failed(c);
    if (code == CTL_DONE)
        u->project_id = project->id;
    label_free(project);
    return code;
}

static int find_project(struct upload *u)
{
    struct ctl *c = u->c;
    struct label_project *project;
    int code = CTL_DONE;

    u->project_id = ctl_id(c, "project");
    if (u->project_id && (ctl_flag(c, "name") || ctl_flag(c, "workspace") || ctl_flag(c, "team")))
        return ctl_usage(c, "--project wants neither --name nor --workspace nor --team");
    if (u->project_id == 0)
        code = make_project(u);
    else if (label_project_get_info_by_id(c->api, u->project_id, &project, &c->error) == LABEL_OK)
        label_free(project);
    else
        code = ctl_failed(c);
    if (code == CTL_DONE)
        c->resume = ctl_format(c, "labelctl project upload %s --project %lld --resume",
                               ctl_shell_word(c, u->folder.path), (long long)u->project_id);
    return code;
}

/* ---- what is there ---- */

static int compare_images(const void *a, const void *b)
{
    const struct label_image *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static int compare_to_name(const void *name, const void *image)
{
    const struct label_image *const *i = image;

    return strcmp(name, (*i)->name);
}

/* Has somebody, or an earlier run, put something on it? */
static bool has_annotation(const struct label_image *image)
{
    return image->labels_count > 0 || image->n_tags > 0;
}

/* Split the files of a dataset: to be sent, and there without annotation. */
static int sort_out(struct upload *u, const struct folder_dataset *d, int64_t dataset_id,
                    struct item *items, size_t *n_new, size_t *n_bare)
{
    struct label_image_filter filter = {.dataset_id = dataset_id};
    struct label_image_list *list = NULL;
    const struct label_image **sorted;
    size_t n = 0, n_there = 0;

    if (ctl_flag(u->c, "resume") &&
        label_image_get_list(u->c->api, &filter, &list, &u->c->error) != LABEL_OK)
        return ctl_failed(u->c);
    sorted = ctl_alloc(u->c, ((list ? list->n : 0) + 1) * sizeof *sorted);
    for (n = 0; list && n < list->n; n++)
        sorted[n] = &list->items[n];
    qsort(sorted, n, sizeof *sorted, compare_images);
    for (size_t i = 0; i < d->n; i++) {
        const struct label_image *const *found =
            bsearch(d->images[i].name, sorted, n, sizeof *sorted, compare_to_name);

        n_there += found != NULL;
        if (found == NULL)
            items[(*n_new)++] = (struct item){&d->images[i], 0};
        else if (!has_annotation(*found) && d->images[i].annotation)
            items[d->n - ++*n_bare] = (struct item){&d->images[i], (*found)->id};
    }
    ctl_progress_skip(&u->progress, n_there);
    label_free(list);
    return CTL_DONE;
}

/* ---- annotations ---- */

static bool is_nothing(const json_t *annotation)
{
    const char *text = json_string_value(json_object_get(annotation, "description"));

    return json_array_size(json_object_get(annotation, "objects")) == 0 &&
           json_array_size(json_object_get(annotation, "tags")) == 0 &&
           (text == NULL || *text == 0);
}

/* JSON text of a file, converted; NULL with CTL_DONE: nothing is in it. malloc()ed. */
static int read_annotation(struct ctl *c, const char *path, char **text)
{
    json_t *json = folder_read_json(c, path);

    *text = NULL;
    if (json == NULL)
        return CTL_FAILED;
    if (!is_nothing(json)) {
        coords_to_plane(json);
        *text = json_dumps(json, JSON_COMPACT);
    }
    json_decref(json);
    return CTL_DONE;
}

static int annotate(struct upload *u, int64_t dataset_id, const struct item *items, size_t n)
{
    struct ctl *c = u->c;
    struct label_annotation_upload *list = calloc(n + 1, sizeof *list);
    size_t n_list = 0;
    int code = list ? CTL_DONE : ctl_fail(c, CTL_FAILED, "out of memory");

    for (size_t i = 0; i < n && code == CTL_DONE; i++) {
        char *text = NULL;

        if (items[i].file->annotation)
            code = read_annotation(c, items[i].file->annotation, &text);
        if (text)
            list[n_list++] = (struct label_annotation_upload){items[i].id, text};
    }
    if (code == CTL_DONE && n_list > 0 &&
        label_annotation_upload_jsons(c->api, dataset_id, list, n_list, &c->error) != LABEL_OK)
        code = ctl_failed(c);
    else
        u->annotated += n_list;
    for (size_t i = 0; i < n_list; i++)
        free((void *)(uintptr_t)list[i].annotation_json);
    free(list);
    return code;
}

/* ---- images ---- */

static int read_meta(struct ctl *c, const char *path, char **text)
{
    json_t *json = folder_read_json(c, path);

    *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return json ? CTL_DONE : CTL_FAILED;
}

/* Send up to CHUNK images, and set the ids of items. */
static int send_images(struct upload *u, int64_t dataset_id, struct item *items, size_t n)
{
    struct ctl *c = u->c;
    struct label_image_file files[CHUNK] = {0};
    char *metas[CHUNK] = {0};
    struct label_upload upload = {.files = files, .n = n};
    struct label_image_list *images = NULL;
    int code = CTL_DONE;

    upload.conflict = ctl_flag(c, "resume") ? LABEL_CONFLICT_SKIP : LABEL_CONFLICT_FAIL;
    upload.progress = ctl_progress_hook(&u->progress);
    for (size_t i = 0; i < n && code == CTL_DONE; i++) {
        if (items[i].file->meta)
            code = read_meta(c, items[i].file->meta, &metas[i]);
        files[i] = (struct label_image_file){items[i].file->name, items[i].file->path, metas[i]};
    }
    if (code == CTL_DONE &&
        label_image_upload_paths(c->api, dataset_id, &upload, &images, &c->error) != LABEL_OK)
        code = ctl_failed(c);
    for (size_t i = 0; i < n && images && i < images->n; i++)
        items[i].id = images->items[i].id;
    for (size_t i = 0; i < n; i++)
        free(metas[i]);
    label_free(images);
    return code;
}

static int send_dataset(struct upload *u, size_t index)
{
    struct ctl *c = u->c;
    const struct folder_dataset *d = &u->folder.datasets[index];
    int64_t parent = d->parent ? u->dataset_ids[d->parent - 1] : 0, id;
    struct item *items = ctl_alloc(c, (d->n + 1) * sizeof *items);
    struct label_dataset *dataset;
    size_t n_new = 0, n_bare = 0;
    int code;

    if (label_dataset_get_or_create(c->api, u->project_id, d->name, parent, &dataset, &c->error) !=
        LABEL_OK)
        return ctl_failed(c);
    id = u->dataset_ids[index] = dataset->id;
    label_free(dataset);
    code = sort_out(u, d, id, items, &n_new, &n_bare);
    for (size_t i = 0; i < n_bare && code == CTL_DONE; i += CHUNK)
        code = annotate(u, id, items + d->n - n_bare + i, n_bare - i < CHUNK ? n_bare - i : CHUNK);
    for (size_t i = 0; i < n_new && code == CTL_DONE; i += CHUNK) {
        size_t n = n_new - i < CHUNK ? n_new - i : CHUNK;

        code = send_images(u, id, items + i, n);
        if (code == CTL_DONE)
            code = annotate(u, id, items + i, n);
    }
    return code;
}

int run_project_upload(struct ctl *c)
{
    struct upload u = {.c = c};
    int code = folder_read(c, ctl_arg(c, 0), &u.folder);

    if (code == CTL_DONE)
        code = find_project(&u);
    if (code == CTL_DONE)
        code = settings_put_meta(c, u.project_id, u.folder.meta);
    json_decref(u.folder.meta);
    if (code != CTL_DONE)
        return code;
    u.dataset_ids = ctl_alloc(c, (u.folder.n + 1) * sizeof *u.dataset_ids);
    ctl_progress_begin(c, &u.progress, "upload", u.folder.n_images);
    for (size_t i = 0; i < u.folder.n && code == CTL_DONE; i++)
        code = send_dataset(&u, i);
    ctl_progress_end(&u.progress);
    if (code != CTL_DONE)
        return code;
    ctl_did(c, "project", u.project_id,
            ctl_format(c, "%zu datasets, %zu images, %zu of them sent, %zu annotations sent",
                       u.folder.n, u.folder.n_images, u.folder.n_images - u.progress.skipped,
                       u.annotated));
    return ctl_did_all(c);
}
