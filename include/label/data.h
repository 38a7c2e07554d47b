/* liblabel: projects and their meta, datasets, images, annotations. Include <label/label.h>; its
 * rules on ownership and errors hold here (base.h). */
#ifndef LABEL_DATA_H
#define LABEL_DATA_H

#include <label/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- projects ---- */

struct label_project {
    int64_t id;
    const char *name, *description, *readme;
    const char *size; /* bytes of its images, as digits */
    const char *type; /* "images" */
    int64_t workspace_id, team_id;
    int64_t images_count, datasets_count;
    int64_t created_by_id;
    const char *created_at, *updated_at;
    const char *custom_data_json;
};

struct label_project_list {
    const struct label_project *items;
    size_t n;
};

/* Projects of a workspace; or, when workspace_id is 0, of a team; or, when both are 0, all that one
 * may see. *projects is the caller's; label_free() it. */
LABEL_API enum label_err label_project_get_list(struct label_api *api, int64_t workspace_id,
                                                int64_t team_id,
                                                const struct label_list_options *options,
                                                struct label_project_list **projects,
                                                struct label_error *error);

/* One project, by id or by name. *project is the caller's; label_free() it. LABEL_ERR_NOT_FOUND:
 * none that one may see. */
LABEL_API enum label_err label_project_get_info_by_id(struct label_api *api, int64_t id,
                                                      struct label_project **project,
                                                      struct label_error *error);
LABEL_API enum label_err label_project_get_info_by_name(struct label_api *api, int64_t workspace_id,
                                                        const char *name,
                                                        struct label_project **project,
                                                        struct label_error *error);

/* Create an image project; description may be NULL. *project is the caller's; label_free() it.
 * LABEL_ERR_INVALID: name taken. */
LABEL_API enum label_err label_project_create(struct label_api *api, int64_t workspace_id,
                                              const char *name, const char *description,
                                              struct label_project **project,
                                              struct label_error *error);

/* The project of that name, created when there is none. *project is the caller's; label_free() it.
 */
LABEL_API enum label_err label_project_get_or_create(struct label_api *api, int64_t workspace_id,
                                                     const char *name, const char *description,
                                                     struct label_project **project,
                                                     struct label_error *error);

/* New texts; what is NULL stays. */
struct label_project_edit {
    const char *name, *description, *readme;
    const char *custom_data_json; /* an object; replaces the old */
};

/* edit_info() and update_custom_data(). *project, as it is then, is the caller's; label_free() it.
 */
LABEL_API enum label_err label_project_edit_info(struct label_api *api, int64_t id,
                                                 const struct label_project_edit *edit,
                                                 struct label_project **project,
                                                 struct label_error *error);

/* Archive a project with its datasets and jobs. LABEL_ERR_NOT_FOUND: no such project. */
LABEL_API enum label_err label_project_remove(struct label_api *api, int64_t id,
                                              struct label_error *error);

/* A class of objects. To create one: name, shape and color are enough. */
struct label_class {
    int64_t id;
    const char *name;  /* unique in the project */
    const char *shape; /* "bitmap", "polygon", "rectangle" ... */
    const char *color; /* "#50E3C2" */
    const char *hotkey, *description;
};

/* A kind of tag. To create one: name, value_type and what it may be put on. */
struct label_tag_meta {
    int64_t id;
    const char *name;          /* unique in the project */
    const char *value_type;    /* "none", "any_number", "any_string", "oneof_string", "date" */
    struct label_names values; /* of "oneof_string" */
    const char *color, *hotkey;
    const char *applicable_type; /* "all", "imagesOnly", "objectsOnly"; NULL: all */
    struct label_names classes;  /* it may be put on; none: all */
};

/* Classes by name, tags by name. label_json() gives the text that the SDK's ProjectMeta reads. */
struct label_project_meta {
    const struct label_class *classes;
    size_t n_classes;
    const struct label_tag_meta *tags;
    size_t n_tags;
};

/* Classes and tags of a project. *meta is the caller's; label_free() it. */
LABEL_API enum label_err label_project_get_meta(struct label_api *api, int64_t id,
                                                struct label_project_meta **meta,
                                                struct label_error *error);

/* Merge classes and tags, as ProjectMeta JSON, into a project: items of the same name are changed,
 * others added, what is not sent stays. *meta, as it is then, is the caller's; label_free() it.
 * LABEL_ERR_INVALID: a shape or a value that is none. */
LABEL_API enum label_err label_project_update_meta(struct label_api *api, int64_t id,
                                                   const char *meta_json,
                                                   struct label_project_meta **meta,
                                                   struct label_error *error);

/* Add n classes, or n kinds of tags. LABEL_ERR_INVALID: see label_project_update_meta(). */
LABEL_API enum label_err label_project_append_classes(struct label_api *api, int64_t id,
                                                      const struct label_class *classes, size_t n,
                                                      struct label_error *error);
LABEL_API enum label_err label_project_append_tags(struct label_api *api, int64_t id,
                                                   const struct label_tag_meta *tags, size_t n,
                                                   struct label_error *error);

/* Remove a class with its objects, or a kind of tag from all it is on. LABEL_ERR_NOT_FOUND: none of
 * this project. */
LABEL_API enum label_err label_project_remove_class(struct label_api *api, int64_t project_id,
                                                    int64_t class_id, struct label_error *error);
LABEL_API enum label_err label_project_remove_tag(struct label_api *api, int64_t project_id,
                                                  int64_t tag_id, struct label_error *error);

/* Images and objects for each class and tag, as JSON text; the caller's, label_free() it. */
LABEL_API enum label_err label_project_get_stats(struct label_api *api, int64_t id,
                                                 char **stats_json, struct label_error *error);

/* Settings of a project as JSON text; the caller's, label_free() it. */
LABEL_API enum label_err label_project_get_settings(struct label_api *api, int64_t id,
                                                    char **settings_json,
                                                    struct label_error *error);

/* Merge settings, a JSON object, into those of a project. LABEL_ERR_INVALID: not accepted. */
LABEL_API enum label_err label_project_update_settings(struct label_api *api, int64_t id,
                                                       const char *settings_json,
                                                       struct label_error *error);

/* ---- datasets ---- */

struct label_dataset {
    int64_t id;
    const char *name, *description;
    const char *size; /* bytes of its images, as digits */
    int64_t project_id, workspace_id, team_id;
    int64_t parent_id; /* 0: at the top of the project */
    int64_t images_count;
    int64_t created_by_id;
    const char *created_at, *updated_at;
    const char *custom_data_json; /* NULL in lists */
};

struct label_dataset_list {
    const struct label_dataset *items;
    size_t n;
};

/* Datasets at the top of a project, or with recursive all of them, nested ones too. *datasets is
 * the caller's; label_free() it. */
LABEL_API enum label_err label_dataset_get_list(struct label_api *api, int64_t project_id,
                                                bool recursive,
                                                const struct label_list_options *options,
                                                struct label_dataset_list **datasets,
                                                struct label_error *error);

/* One dataset; or the one of that name under parent_id (0: at the top). *dataset is the caller's;
 * label_free() it. LABEL_ERR_NOT_FOUND: none that one may see. */
LABEL_API enum label_err label_dataset_get_info_by_id(struct label_api *api, int64_t id,
                                                      struct label_dataset **dataset,
                                                      struct label_error *error);
LABEL_API enum label_err label_dataset_get_info_by_name(struct label_api *api, int64_t project_id,
                                                        const char *name, int64_t parent_id,
                                                        struct label_dataset **dataset,
                                                        struct label_error *error);

/* Create a dataset under parent_id (0: at the top). *dataset is the caller's; label_free() it.
 * LABEL_ERR_INVALID: name taken. */
LABEL_API enum label_err label_dataset_create(struct label_api *api, int64_t project_id,
                                              const char *name, int64_t parent_id,
                                              struct label_dataset **dataset,
                                              struct label_error *error);

/* The dataset of that name there, created when there is none. *dataset is the caller's;
 * label_free() it. */
LABEL_API enum label_err label_dataset_get_or_create(struct label_api *api, int64_t project_id,
                                                     const char *name, int64_t parent_id,
                                                     struct label_dataset **dataset,
                                                     struct label_error *error);

/* New texts; what is NULL stays. */
struct label_dataset_edit {
    const char *name, *description;
    const char *custom_data_json; /* an object; replaces the old */
};

/* update() and update_custom_data(). *dataset, as it is then, is the caller's; label_free() it. */
LABEL_API enum label_err label_dataset_update(struct label_api *api, int64_t id,
                                              const struct label_dataset_edit *edit,
                                              struct label_dataset **dataset,
                                              struct label_error *error);

/* Put a dataset under another one of the same project. LABEL_ERR_INVALID: into itself ... */
LABEL_API enum label_err label_dataset_move_to_dataset(struct label_api *api, int64_t dataset_id,
                                                       int64_t destination_dataset_id,
                                                       struct label_error *error);

/* Archive a dataset, all below it and their jobs. LABEL_ERR_NOT_FOUND: no such dataset. */
LABEL_API enum label_err label_dataset_remove(struct label_api *api, int64_t id,
                                              struct label_error *error);

/* ---- images ---- */

struct label_image_tag {
    int64_t id;     /* of this tag on this image */
    int64_t tag_id; /* of the kind of tag */
    const char *name;
    const char *value_json; /* NULL: a tag without value */
    const char *labeler_login, *created_at, *updated_at;
};

struct label_image {
    int64_t id;
    const char *name, *description;
    const char *link;      /* where a remote image lives; NULL: its bytes are here */
    const char *hash;      /* base64 of the SHA-256 of the bytes; NULL: remote */
    const char *mime;      /* NULL: remote */
    int64_t size;          /* bytes */
    int64_t width, height; /* pixels */
    int64_t labels_count;
    int64_t dataset_id, project_id;
    const char *created_at, *updated_at;
    const char *created_by; /* login */
    const char *meta_json;
    const char *full_storage_url;
    const struct label_image_tag *tags;
    size_t n_tags;
};

struct label_image_list {
    const struct label_image *items;
    size_t n;
};

/* Which images. */
struct label_image_filter {
    int64_t dataset_id, project_id; /* one of them */
    bool recursive;                 /* with dataset_id: those of the datasets below it too */
    bool only_labelled;             /* with at least one object */
    struct label_list_options list;
};

/* Images of a dataset or of a project. *images is the caller's; label_free() it.
 * LABEL_ERR_ARGUMENT: neither dataset nor project, or both. */
LABEL_API enum label_err label_image_get_list(struct label_api *api,
                                              const struct label_image_filter *filter,
                                              struct label_image_list **images,
                                              struct label_error *error);

/* One image, by id or by name. *image is the caller's; label_free() it. LABEL_ERR_NOT_FOUND: none
 * that one may see. */
LABEL_API enum label_err label_image_get_info_by_id(struct label_api *api, int64_t id,
                                                    struct label_image **image,
                                                    struct label_error *error);
LABEL_API enum label_err label_image_get_info_by_name(struct label_api *api, int64_t dataset_id,
                                                      const char *name, struct label_image **image,
                                                      struct label_error *error);

/* What happens to an image whose name the dataset has already. */
enum label_conflict {
    LABEL_CONFLICT_FAIL, /* LABEL_ERR_INVALID */
    LABEL_CONFLICT_SKIP, /* the one that is there stays, and is in the result: resumes an upload */
    LABEL_CONFLICT_RENAME,  /* a number behind the name: a_001.jpg */
    LABEL_CONFLICT_REPLACE, /* the one that is there is removed */
};

struct label_image_file {
    const char *name;      /* in the dataset, unique there; NULL: the last part of path */
    const char *path;      /* local file */
    const char *meta_json; /* an object; NULL: none */
    int64_t dataset_id;    /* 0: the dataset of the call */
};

struct label_upload {
    const struct label_image_file *files;
    size_t n;
    enum label_conflict conflict;
    struct label_progress progress; /* bytes_done: of files that were sent or were there already */

    /* NULL, or what is to be done when files[first] and those behind it have become images: by the
     * threads of the upload, several at once, with the same handle. What is not LABEL_OK, with
     * words in *error, ends the upload. Images are borrowed. */
    enum label_err (*made)(void *ctx, size_t first, const struct label_image_list *images,
                           struct label_error *error);
    void *made_ctx;
};

/* Upload images over several connections, into one dataset or several of a project (those of one
 * dataset stand together). Bytes that the server has already are not sent again: it is asked about
 * the first files, and about all others as long as it has some; else only about some of them.
 * When it fails, the images before some point in the order of files are there, and none after it:
 * the same call with LABEL_CONFLICT_SKIP goes on from there. *images, in the order of files, is the
 * caller's; label_free() it. LABEL_ERR_FILE: unreadable; LABEL_ERR_INVALID: no image, or a name
 * that is taken. */
LABEL_API enum label_err label_image_upload_paths(struct label_api *api, int64_t dataset_id,
                                                  const struct label_upload *upload,
                                                  struct label_image_list **images,
                                                  struct label_error *error);

/* Upload one image. *image is the caller's; label_free() it. Errors as above. */
LABEL_API enum label_err label_image_upload_path(struct label_api *api, int64_t dataset_id,
                                                 const char *name, const char *path,
                                                 struct label_image **image,
                                                 struct label_error *error);

/* An image of which the server has the bytes, or which stays elsewhere. */
struct label_image_source {
    const char *name;
    const char *hash; /* base64 of a SHA-256 ... */
    const char *link; /* ... or an address ... */
    int64_t image_id; /* ... or another image; exactly one of the three */
    const char *meta_json;
};

/* upload_hashes(), upload_links(), upload_ids(): make n images of bytes that the server has, of
 * links or of other images. All or none. *images is the caller's; label_free() it.
 * LABEL_ERR_INVALID: unknown hash, name taken. */
LABEL_API enum label_err label_image_upload_sources(struct label_api *api, int64_t dataset_id,
                                                    const struct label_image_source *sources,
                                                    size_t n, struct label_image_list **images,
                                                    struct label_error *error);

/* Which of these hashes (base64 of SHA-256) the server has, for this account. *existing is the
 * caller's; label_free() it. */
LABEL_API enum label_err label_image_check_existing_hashes(struct label_api *api,
                                                           const struct label_names *hashes,
                                                           struct label_names **existing,
                                                           struct label_error *error);

/* sly.fs.get_file_hash(): base64 of the SHA-256 of a file, as label_image has it. *hash is the
 * caller's; label_free() it. LABEL_ERR_FILE: it cannot be read. */
LABEL_API enum label_err label_file_hash(const char *path, char **hash, struct label_error *error);

struct label_bytes {
    const unsigned char *data;
    size_t n;
};

/* Bytes of an image. *bytes is the caller's; label_free() it. */
LABEL_API enum label_err label_image_download_bytes(struct label_api *api, int64_t id,
                                                    struct label_bytes **bytes,
                                                    struct label_error *error);

/* Bytes of an image into a file, which is there completely or not at all. LABEL_ERR_FILE: it cannot
 * be written. */
LABEL_API enum label_err label_image_download_path(struct label_api *api, int64_t id,
                                                   const char *path, struct label_error *error);

struct label_download_item {
    int64_t id;
    const char *path;
    int64_t size; /* bytes, as label_image has them; 0: not known */
};

struct label_download {
    const struct label_download_item *items;
    size_t n;
    struct label_progress progress;
    /* Of all of them, which are different images then, and come many in one answer; 0: one for one.
     */
    int64_t dataset_id;
};

/* Bytes of several images into files, over several connections. Each file is there completely or
 * not at all; the first failure ends the transfer. LABEL_ERR_FILE: one cannot be written. */
LABEL_API enum label_err label_image_download_paths(struct label_api *api,
                                                    const struct label_download *download,
                                                    struct label_error *error);

/* New texts; what is NULL stays. */
struct label_image_edit {
    const char *name, *description;
    const char *meta_json; /* an object; replaces the old */
};

/* edit(), rename() and update_meta(). *image, as it is then, is the caller's; label_free() it. */
LABEL_API enum label_err label_image_edit(struct label_api *api, int64_t id,
                                          const struct label_image_edit *edit,
                                          struct label_image **image, struct label_error *error);

/* Remove images with their annotations; those that are gone already are fine. Of several, 1000 at a
 * time are removed all or none. */
LABEL_API enum label_err label_image_remove(struct label_api *api, int64_t id,
                                            struct label_error *error);
LABEL_API enum label_err label_image_remove_batch(struct label_api *api,
                                                  const struct label_ids *ids,
                                                  struct label_error *error);

/* add_tag() and add_tag_batch(): put a tag on images. value_json NULL: a tag without value. */
LABEL_API enum label_err label_image_add_tag(struct label_api *api, const struct label_ids *ids,
                                             int64_t tag_id, const char *value_json,
                                             struct label_error *error);

/* ---- annotations ---- */

struct label_annotation {
    int64_t image_id;
    const char *image_name;
    const char
        *annotation_json; /* description, tags, size, objects: what the SDK reads and writes */
    const char *created_at, *updated_at;
    int64_t dataset_id;
};

struct label_annotation_list {
    const struct label_annotation *items;
    size_t n;
};

/* Annotation of one image; as in the SDK, alpha masks come with their pixels. *annotation is the
 * caller's; label_free() it. */
LABEL_API enum label_err label_annotation_download(struct label_api *api, int64_t image_id,
                                                   struct label_annotation **annotation,
                                                   struct label_error *error);

/* Annotations of several images of a dataset, in the order of image_ids, over several connections;
 * alpha masks come with their pixels. *annotations is the caller's; label_free() it.
 * LABEL_ERR_NOT_FOUND: one is no image of the dataset. */
LABEL_API enum label_err label_annotation_download_batch(struct label_api *api, int64_t dataset_id,
                                                         const struct label_ids *image_ids,
                                                         struct label_annotation_list **annotations,
                                                         struct label_error *error);

/* The same, but for so many that one does not want them all at once: take is given those of
 * image_ids[first] and the images behind it, by the threads of the download, several at once. What
 * it returns but LABEL_OK, with words in *error, ends the download. The list is borrowed. */
LABEL_API enum label_err label_annotation_download_each(
    struct label_api *api, int64_t dataset_id, const struct label_ids *image_ids,
    enum label_err (*take)(void *ctx, size_t first, const struct label_annotation_list *list,
                           struct label_error *error),
    void *ctx, struct label_error *error);

/* Annotations of a dataset; alpha masks without their pixels. *annotations is the caller's;
 * label_free() it. */
LABEL_API enum label_err label_annotation_get_list(struct label_api *api, int64_t dataset_id,
                                                   const struct label_list_options *options,
                                                   struct label_annotation_list **annotations,
                                                   struct label_error *error);

struct label_annotation_upload {
    int64_t image_id;
    const char *annotation_json;
};

/* upload_json(), upload_jsons(), upload_paths(): replace the annotations of n different images
 * of one dataset, over several connections. LABEL_ERR_ARGUMENT: no JSON; LABEL_ERR_INVALID: unknown
 * class, bad geometry ...; then none of its batch of 100 is replaced. */
LABEL_API enum label_err label_annotation_upload_jsons(struct label_api *api, int64_t dataset_id,
                                                       const struct label_annotation_upload *items,
                                                       size_t n, struct label_error *error);

/* Replace the annotation of one image. Errors as above. */
LABEL_API enum label_err label_annotation_upload_json(struct label_api *api, int64_t image_id,
                                                      const char *annotation_json,
                                                      struct label_error *error);

/* What an alpha mask is drawn with: {"origin": [x, y], "data": "..."}. */
struct label_geometry {
    int64_t figure_id;
    const char *geometry_json;
};

/* upload_geometries_batch(): set the pixels of alpha masks, 100 at a time all or none.
 * LABEL_ERR_INVALID: the figure is no alpha mask, or the geometry none; LABEL_ERR_NOT_FOUND. */
LABEL_API enum label_err label_figure_upload_geometries(struct label_api *api,
                                                        const struct label_geometry *items,
                                                        size_t n, struct label_error *error);

/* download_geometries_batch(): pixels of alpha masks as JSON texts, in the order of figure_ids.
 * *geometries is the caller's; label_free() it. LABEL_ERR_NOT_FOUND: one of them is not there. */
LABEL_API enum label_err label_figure_download_geometries(struct label_api *api,
                                                          const struct label_ids *figure_ids,
                                                          struct label_names **geometries,
                                                          struct label_error *error);

/* Copy annotations from images onto others, pair by pair, replacing what is there.
 * LABEL_ERR_ARGUMENT: not as many of one as of the other. */
LABEL_API enum label_err label_annotation_copy_batch(struct label_api *api,
                                                     const struct label_ids *src_image_ids,
                                                     const struct label_ids *dst_image_ids,
                                                     struct label_error *error);

#ifdef __cplusplus
}
#endif

#endif
