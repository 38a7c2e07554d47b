/* Projects and their datasets. */
#ifndef STORE_STORE_PROJECT_H
#define STORE_STORE_PROJECT_H

#include "store/statements.h"

struct project {
    int64_t id, workspace_id, team_id;
    struct str name, description, readme, type;
    struct str settings, custom_data; /* JSON objects as text */
    int64_t images_count, datasets_count;
    int64_t size;       /* bytes of all images */
    int64_t created_by; /* 0 = nobody recorded */
    int64_t created_at, updated_at;
    int64_t preview_image_id; /* 0 = no images */
    int64_t remote_count;     /* images whose bytes are elsewhere */
    bool embeddings_on, embeddings_busy;
    int64_t embedded_at; /* 0 = never */
};

struct dataset {
    int64_t id, project_id;
    int64_t parent_id; /* 0 = none */
    struct str name, description, custom_data;
    int64_t images_count; /* directly in it */
    int64_t size;
    int64_t created_by, created_at, updated_at;
    int64_t team_id, workspace_id;
    int64_t preview_image_id;
    bool favorite;
};

/* New values; absent ones stay. */
struct project_edit {
    struct str name, description, readme, custom_data, settings, type;
    bool silent;         /* leave updated_at alone */
    int embeddings;      /* 1 = on, -1 = off, 0 = stays */
    int64_t embedded_at; /* 0 = stays */
};
struct dataset_edit {
    struct str name, description, custom_data;
};

void store_project_read(struct db_query *q, struct project *out);
void store_dataset_read(struct db_query *q, struct dataset *out);

enum err store_project_get(struct db *db, int64_t id, struct project *out);
enum err store_project_by_name(struct db *db, int64_t workspace_id, struct str name,
                               struct project *out);
/* Fills p->id. ERR_CONFLICT: the name is taken in the workspace. */
enum err store_project_insert(struct db *db, struct project *p, int64_t now_ms);
enum err store_project_update(struct db *db, int64_t id, const struct project_edit *edit,
                              int64_t now_ms);
/* ERR_CONFLICT: the workspace has a project of this name. */
enum err store_project_set_workspace(struct db *db, int64_t id, int64_t workspace_id,
                                     int64_t now_ms);
/* Is a program indexing it right now? */
enum err store_project_set_embedding(struct db *db, int64_t id, bool busy, bool *changed_out);
enum err store_project_touch(struct db *db, int64_t id, int64_t now_ms);
enum err store_project_owner(struct db *db, int64_t id, int64_t *user_out);
/* With its datasets and jobs. */
enum err store_project_archive(struct db *db, int64_t id, int64_t now_ms, bool *changed_out);

enum err store_dataset_get(struct db *db, int64_t id, struct dataset *out);
enum err store_dataset_by_name(struct db *db, int64_t project_id, int64_t parent_id,
                               struct str name, struct dataset *out);
/* All live ones of a project, by id; in the arena. */
enum err store_datasets(struct db *db, int64_t project_id, struct dataset **out, size_t *len_out);
/* Fills d->id; the project counts it. ERR_CONFLICT: the name is taken under its parent. */
enum err store_dataset_insert(struct db *db, struct dataset *d, int64_t now_ms);
enum err store_dataset_update(struct db *db, int64_t id, const struct dataset_edit *edit,
                              int64_t now_ms);
/* parent_id 0 = to the top. */
enum err store_dataset_set_favorite(struct db *db, int64_t id, bool favorite, bool *changed_out);
enum err store_dataset_set_parent(struct db *db, int64_t id, int64_t parent_id, int64_t now_ms);
/* Is `id` the dataset `tree_id` or one below it? */
enum err store_dataset_is_below(struct db *db, int64_t tree_id, int64_t id, bool *out);
enum err store_dataset_owner(struct db *db, int64_t id, int64_t *user_out);
/* With all below it and their jobs; the project's counters follow. */
enum err store_dataset_archive(struct db *db, int64_t id, int64_t project_id, int64_t now_ms,
                               bool *changed_out);

/* Images came to a dataset or left it, or their bytes did: counters of both follow. remote: how
 * many more of them have their bytes elsewhere. */
enum err store_images_counted(struct db *db, int64_t project_id, int64_t dataset_id, int64_t images,
                              int64_t bytes, int64_t remote);

/* Something that other rows show by name was renamed: the names epoch grows. */
enum err store_names_changed(struct db *db);
enum err store_names_epoch(struct db *db, int64_t *out);

#endif
