/* project upload: a project folder of the SDK into a project.
 *
 * Images go in chunks: bytes over several connections, and behind them, as soon as they have become
 * images, their annotations. What is there after an interruption is whole: an image, or an image
 * with its annotation. --resume looks what is there, sends the rest and what has changed, and
 * annotates what has no annotation. */
#include "coords.h"
#include "folder.h"
#include "settings.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK        8192
#define REMOTE_CHUNK 500

struct upload {
    struct ctl *c;
    struct folder folder;
    struct ctl_progress progress;
    int64_t project_id;
    int64_t *dataset_ids; /* of the datasets of the folder */
    atomic_size_t annotated;
    size_t replaced;
};

struct item {
    const struct folder_image *file;
    int64_t dataset_id;
    int64_t id; /* 0: the server does not have it */
};

/* Images that are treated alike; those of a dataset stand together. */
struct items {
    struct item *v;
    size_t n;
};

/* What is to be done. */
struct plan {
    struct items fresh, changed; /* not there, and there with other bytes */
    struct items remote;         /* not there; their bytes are elsewhere */
    struct items bare;           /* there, without annotation */
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

/* Are the bytes of the file others than those that the server has? */
static int compare_bytes(struct ctl *c, const struct folder_image *file,
                         const struct label_image *image, bool *other)
{
    char *hash;

    *other = false;
    if (file->path == NULL || image->hash == NULL)
        return CTL_DONE;
    if (label_file_hash(file->path, &hash, &c->error) != LABEL_OK)
        return ctl_failed(c);
    *other = strcmp(hash, image->hash) != 0;
    label_free(hash);
    return CTL_DONE;
}

static void add(struct items *to, const struct item *item)
{
    to->v[to->n++] = *item;
}

static struct items room_for(struct ctl *c, size_t n)
{
    return (struct items){ctl_alloc(c, (n + 1) * sizeof(struct item)), 0};
}

static int sort_out(struct upload *u, const struct folder_dataset *d, int64_t dataset_id,
                    struct plan *plan)
{
    struct label_image_filter filter = {.dataset_id = dataset_id};
    struct label_image_list *list = NULL;
    const struct label_image **sorted;
    struct ctl *c = u->c;
    int code = CTL_DONE;
    size_t n = 0;

    if (ctl_flag(c, "resume") &&
        label_image_get_list(c->api, &filter, &list, &c->error) != LABEL_OK)
        return ctl_failed(c);
    sorted = ctl_alloc(c, ((list ? list->n : 0) + 1) * sizeof *sorted);
    for (n = 0; list && n < list->n; n++)
        sorted[n] = &list->items[n];
    qsort(sorted, n, sizeof *sorted, compare_images);
    for (size_t i = 0; i < d->n && code == CTL_DONE; i++) {
        const struct folder_image *file = &d->images[i];
        const struct label_image *const *found =
            bsearch(file->name, sorted, n, sizeof *sorted, compare_to_name);
        struct item item = {file, dataset_id, 0};
        bool other = false;

        if (found)
            code = compare_bytes(c, file, *found, &other);
        if (found == NULL)
            add(file->path ? &plan->fresh : &plan->remote, &item);
        else if (other)
            add(&plan->changed, &item);
        else if (!has_annotation(*found) && file->annotation) {
            item.id = (*found)->id;
            add(&plan->bare, &item);
        }
        if (found && !other)
            ctl_progress_skip(&u->progress, 1);
    }
    label_free(list);
    return code;
}

/* ---- annotations ---- */

static bool is_nothing(const json_t *annotation)
{
    const char *text = json_string_value(json_object_get(annotation, "description"));

    return json_array_size(json_object_get(annotation, "objects")) == 0 &&
           json_array_size(json_object_get(annotation, "tags")) == 0 &&
           (text == NULL || *text == 0);
}

/* JSON text of a file, converted; NULL with LABEL_OK: nothing is in it. malloc()ed. */
static enum label_err read_annotation(const char *path, char **text, struct label_error *error)
{
    json_t *json = folder_read_json(path, error);

    *text = NULL;
    if (json == NULL)
        return error->err;
    if (!is_nothing(json)) {
        coords_to_plane(json);
        *text = json_dumps(json, JSON_COMPACT);
    }
    json_decref(json);
    return LABEL_OK;
}

/* Annotate images of a dataset. For any thread. */
static enum label_err annotate(struct upload *u, const struct items *items,
                               struct label_error *error)
{
    struct label_annotation_upload *list = calloc(items->n + 1, sizeof *list);
    enum label_err err = LABEL_OK;
    size_t n = 0;

    if (list == NULL)
        return folder_fail(error, "out of memory");
    for (size_t i = 0; i < items->n && err == LABEL_OK; i++) {
        char *text = NULL;

        if (items->v[i].file->annotation)
            err = read_annotation(items->v[i].file->annotation, &text, error);
        if (text)
            list[n++] = (struct label_annotation_upload){items->v[i].id, text};
    }
    if (err == LABEL_OK && n > 0)
        err = label_annotation_upload_jsons(u->c->api, items->v[0].dataset_id, list, n, error);
    if (err == LABEL_OK)
        atomic_fetch_add(&u->annotated, n);
    for (size_t i = 0; i < n; i++)
        free((void *)(uintptr_t)list[i].annotation_json);
    free(list);
    return err;
}

/* ---- images ---- */

/* Part of an upload: what the library's threads call annotates it. */
struct chunk {
    struct upload *upload;
    struct items items;
};

static enum label_err annotate_made(void *ctx, size_t first, const struct label_image_list *images,
                                    struct label_error *error)
{
    const struct chunk *chunk = ctx;
    struct items made = {chunk->items.v + first, images->n};

    for (size_t i = 0; i < images->n; i++)
        made.v[i].id = images->items[i].id;
    return annotate(chunk->upload, &made, error);
}

/* The meta of an image: of img_info/, and of meta/, which wins. *text is malloc()ed. */
static enum label_err read_meta(const struct folder_image *file, char **text,
                                struct label_error *error)
{
    json_t *info = file->info ? folder_read_json(file->info, error) : json_object();
    json_t *meta = file->meta && info ? folder_read_json(file->meta, error) : json_object();
    json_t *known = json_object_get(info, "meta");
    bool good = info && meta;

    *text = NULL;
    if (good)
        json_object_update_missing(meta, known);
    if (json_object_size(meta) > 0)
        *text = json_dumps(meta, JSON_COMPACT);
    json_decref(info);
    json_decref(meta);
    return good ? LABEL_OK : error->err;
}

static int send_chunk(struct chunk *chunk, enum label_conflict conflict)
{
    struct ctl *c = chunk->upload->c;
    size_t n = chunk->items.n;
    struct label_image_file *files = calloc(n + 1, sizeof *files);
    struct label_upload upload = {.files = files,
                                  .n = n,
                                  .conflict = conflict,
                                  .progress = ctl_progress_hook(&chunk->upload->progress),
                                  .made = annotate_made,
                                  .made_ctx = chunk};
    struct label_image_list *images = NULL;
    enum label_err err = files ? LABEL_OK : folder_fail(&c->error, "out of memory");

    for (size_t i = 0; i < n && err == LABEL_OK; i++) {
        const struct item *item = &chunk->items.v[i];
        char *meta;

        err = read_meta(item->file, &meta, &c->error);
        files[i] =
            (struct label_image_file){item->file->name, item->file->path, meta, item->dataset_id};
    }
    if (err == LABEL_OK)
        err = label_image_upload_paths(c->api, 0, &upload, &images, &c->error);
    label_free(images);
    for (size_t i = 0; files && i < n; i++)
        free((void *)(uintptr_t)files[i].meta_json);
    free(files);
    return err == LABEL_OK ? CTL_DONE : ctl_failed(c);
}

static int send_images(struct upload *u, const struct items *items, enum label_conflict conflict)
{
    int code = CTL_DONE;

    for (size_t i = 0; i < items->n && code == CTL_DONE; i += CHUNK) {
        size_t left = items->n - i;
        struct chunk chunk = {u, {items->v + i, left < CHUNK ? left : CHUNK}};

        code = send_chunk(&chunk, conflict);
    }
    return code;
}

/* The next of items, all of one dataset. */
static struct chunk chunk_at(struct upload *u, const struct items *items, size_t first, size_t most)
{
    struct chunk chunk = {u, {items->v + first, 0}};

    while (chunk.items.n < most && first + chunk.items.n < items->n &&
           chunk.items.v[chunk.items.n].dataset_id == chunk.items.v[0].dataset_id)
        chunk.items.n++;
    return chunk;
}

static int annotate_bare(struct upload *u, const struct items *bare)
{
    for (size_t i = 0; i < bare->n;) {
        struct chunk chunk = chunk_at(u, bare, i, CHUNK);

        if (annotate(u, &chunk.items, &u->c->error) != LABEL_OK)
            return ctl_failed(u->c);
        i += chunk.items.n;
    }
    return CTL_DONE;
}

/* ---- images whose bytes are elsewhere ---- */

/* Where img_info/ says that they are: at a link, or as in the SDK at the image it was made of. */
static enum label_err read_source(struct ctl *c, const struct folder_image *file,
                                  struct label_image_source *source, struct label_error *error)
{
    json_t *info = folder_read_json(file->info, error);
    const char *link = json_string_value(json_object_get(info, "link"));
    int64_t id = json_integer_value(json_object_get(info, "id"));
    char *meta;

    if (info && link == NULL && id == 0)
        folder_fail(error, "%s holds neither link nor id, and there is no image", file->info);
    if (error->err != LABEL_OK || read_meta(file, &meta, error) != LABEL_OK) {
        json_decref(info);
        return error->err;
    }
    *source = (struct label_image_source){.name = file->name, .image_id = link ? 0 : id};
    if (link)
        source->link = ctl_format(c, "%s", link);
    if (meta)
        source->meta_json = ctl_format(c, "%s", meta);
    free(meta);
    json_decref(info);
    return LABEL_OK;
}

static enum label_err send_remote(struct chunk *chunk)
{
    struct ctl *c = chunk->upload->c;
    struct label_image_source *sources = ctl_alloc(c, (chunk->items.n + 1) * sizeof *sources);
    struct label_image_list *images = NULL;
    enum label_err err = LABEL_OK;

    for (size_t i = 0; i < chunk->items.n && err == LABEL_OK; i++)
        err = read_source(c, chunk->items.v[i].file, &sources[i], &c->error);
    if (err == LABEL_OK)
        err = label_image_upload_sources(c->api, chunk->items.v[0].dataset_id, sources,
                                         chunk->items.n, &images, &c->error);
    if (err == LABEL_OK)
        err = annotate_made(chunk, 0, images, &c->error);
    if (err == LABEL_OK)
        ctl_progress_add(&chunk->upload->progress, chunk->items.n, 0);
    label_free(images);
    return err;
}

static int send_remotes(struct upload *u, const struct items *remote)
{
    for (size_t i = 0; i < remote->n;) {
        struct chunk chunk = chunk_at(u, remote, i, REMOTE_CHUNK);

        if (send_remote(&chunk) != LABEL_OK)
            return ctl_failed(u->c);
        i += chunk.items.n;
    }
    return CTL_DONE;
}

/* ---- datasets ---- */

/* Find or make a dataset, and what is to be done with it. */
static int plan_dataset(struct upload *u, size_t index, struct plan *plan)
{
    struct ctl *c = u->c;
    const struct folder_dataset *d = &u->folder.datasets[index];
    int64_t parent = d->parent ? u->dataset_ids[d->parent - 1] : 0;
    struct label_dataset *dataset;

    if (label_dataset_get_or_create(c->api, u->project_id, d->name, parent, &dataset, &c->error) !=
        LABEL_OK)
        return ctl_failed(c);
    u->dataset_ids[index] = dataset->id;
    label_free(dataset);
    return sort_out(u, d, u->dataset_ids[index], plan);
}

/* All datasets together: none waits for the last images of another. */
static int send_datasets(struct upload *u)
{
    struct ctl *c = u->c;
    size_t n = u->folder.n_images;
    struct plan plan = {room_for(c, n), room_for(c, n), room_for(c, n), room_for(c, n)};
    int code = CTL_DONE;

    u->dataset_ids = ctl_alloc(c, (u->folder.n + 1) * sizeof *u->dataset_ids);
    for (size_t i = 0; i < u->folder.n && code == CTL_DONE; i++)
        code = plan_dataset(u, i, &plan);
    if (code == CTL_DONE)
        code = annotate_bare(u, &plan.bare);
    if (code == CTL_DONE)
        code = send_images(u, &plan.changed, LABEL_CONFLICT_REPLACE);
    if (code == CTL_DONE)
        u->replaced = plan.changed.n;
    if (code == CTL_DONE)
        code = send_images(u, &plan.fresh,
                           ctl_flag(c, "resume") ? LABEL_CONFLICT_SKIP : LABEL_CONFLICT_FAIL);
    return code == CTL_DONE ? send_remotes(u, &plan.remote) : code;
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
    ctl_progress_begin(c, &u.progress, "upload", u.folder.n_images);
    code = send_datasets(&u);
    ctl_progress_end(&u.progress);
    if (u.replaced)
        ctl_note(c, "labelctl: %zu images were there with other bytes, and were replaced",
                 u.replaced);
    if (code != CTL_DONE)
        return code;
    ctl_did(c, "project", u.project_id,
            ctl_format(c, "%zu datasets, %zu images, %zu of them sent, %zu annotations sent",
                       u.folder.n, u.folder.n_images, u.folder.n_images - u.progress.skipped,
                       atomic_load(&u.annotated)));
    return ctl_did_all(c);
}
