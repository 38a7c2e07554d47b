/* Images. */
#include "api/rq.h"
#include "store/store_image.h"

#define PER_PAGE_DEFAULT 10000

static void put_tag(struct json_w *w, const struct image_tag *t)
{
    json_obj(w);
    json_kv_i64(w, "id", t->id);
    json_kv_i64(w, "tagId", t->tag_id);
    json_kv_str(w, "name", t->name);
    json_kv_raw(w, "value", t->value);
    json_kv_str(w, "labelerLogin", t->created_by);
    json_kv_iso(w, "createdAt", t->created_at);
    json_kv_iso(w, "updatedAt", t->updated_at);
    json_kv_i64(w, "entityId", t->image_id);
    json_obj_end(w);
}

static void put_image(struct json_w *w, const struct image *i, const struct image_tag *tags,
                      size_t tags_len)
{
    json_obj(w);
    json_kv_i64(w, "id", i->id);
    json_kv_str(w, "name", i->name);
    json_kv_str(w, "description", i->description);
    json_kv_str(w, "link", i->link);
    json_kv_str(w, "hash", i->hash);
    json_kv_str(w, "mime", i->mime);
    json_kv_i64(w, "size", i->size);
    json_kv_i64(w, "width", i->width);
    json_kv_i64(w, "height", i->height);
    json_kv_i64(w, "labelsCount", i->labels_count);
    json_kv_i64(w, "datasetId", i->dataset_id);
    json_kv_i64(w, "projectId", i->project_id);
    json_kv_null(w, "parentId");
    json_kv_iso(w, "createdAt", i->created_at);
    json_kv_iso(w, "updatedAt", i->updated_at);
    json_kv_raw(w, "meta", i->meta);
    json_kv_null(w, "pathOriginal");
    json_kv_null(w, "fullStorageUrl");
    json_kv_arr(w, "tags");
    for (size_t k = 0; k < tags_len; k++)
        put_tag(w, &tags[k]);
    json_arr_end(w);
    json_kv_str(w, "createdBy", i->created_by);
    json_obj_end(w);
}

struct images_info_in {
    int64_t id;
};
const struct field images_info_fields[] = {
    F_ID(REQUIRED, struct images_info_in, id, "id", "the image"),
    F_IGNORED("forceMetadataForLinks", "metadata is always there"), F_END};

enum err images_info(struct rq *rq, const void *input)
{
    const struct images_info_in *in = input;
    struct image i;
    struct image_tag *tags = NULL;
    size_t tags_len = 0;
    enum err e = store_image_get(rq->call.db, in->id, &i);

    if (e == ERR_OK)
        e = store_image_tags(rq->call.db, &in->id, 1, &tags, &tags_len);
    if (e == ERR_OK)
        put_image(&rq->out, &i, tags, tags_len);
    return e;
}

struct images_list_in {
    int64_t project_id, dataset_id;
    struct opt_bool recursive;
    struct list_args list;
};
const struct field images_list_fields[] = {
    F_ID(OPTIONAL, struct images_list_in, project_id, "projectId",
         "all images of this project; give this or datasetId"),
    F_ID(OPTIONAL, struct images_list_in, dataset_id, "datasetId", "images of this dataset"),
    F_BOOL(OPTIONAL, struct images_list_in, recursive, "recursive",
           "with datasetId: also those of the datasets below it"),
    F_IGNORED("forceMetadataForLinks", "metadata is always there"),
    F_IGNORED("fields", "names of fields; all are answered"),
    LIST_FIELDS(struct images_list_in, list),
    F_END};

/* Which list serves the request, with its parameters. The object has been checked. */
static struct list choose_list(struct rq *rq, const struct images_list_in *in)
{
    struct db *db = rq->call.db;

    if (rq->job_id)
        return LIST_MAKE(db, LIST_IMAGES_OF_JOB, rq->job_id, in->dataset_id);
    if (in->dataset_id == 0)
        return LIST_MAKE(db, LIST_IMAGES_OF_PROJECT, in->project_id);
    if (in->recursive.v)
        return LIST_MAKE(db, LIST_IMAGES_BELOW, in->dataset_id);
    return LIST_MAKE(db, LIST_IMAGES, in->dataset_id);
}

/* The object that was named, and with x-job-id the job, which then limits the list whoever asks. A
 * job the caller cannot see says nothing, like any garbage in that header. */
static enum err check_list(struct rq *rq, const struct images_list_in *in)
{
    struct access job;
    enum err e;

    if (in->project_id == 0 && in->dataset_id == 0)
        return fail(&rq->call, ERR_INVALID, "datasetId",
                    "\"datasetId\" or \"projectId\" is required");
    e = in->dataset_id ? rq_access(rq, ACCESS_DATASET, in->dataset_id, PERM_VIEW, "datasetId")
                       : rq_access(rq, ACCESS_PROJECT, in->project_id, PERM_VIEW, "projectId");
    if (e != ERR_OK || rq->job_id == 0)
        return e;
    e = store_access(rq->call.db, ACCESS_JOB, rq->job_id, &rq->call.me, &job);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && job.project_id != rq->call.at.project_id)) {
        rq->job_id = 0;
        return ERR_OK;
    }
    return e;
}

/* Where the tags of an image start; tags are ordered by image. */
static size_t first_tag(const struct image_tag *tags, size_t n, int64_t image_id)
{
    size_t low = 0;

    while (low < n) {
        size_t middle = low + (n - low) / 2;

        if (tags[middle].image_id < image_id)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

enum err images_list(struct rq *rq, const void *input)
{
    const struct images_list_in *in = input;
    struct list_query query = {0};
    struct image *images = NULL;
    struct image_tag *tags = NULL;
    int64_t *ids = NULL;
    size_t n = 0, cap = 0, tags_len = 0;
    enum err e = check_list(rq, in);

    if (e == ERR_OK)
        e = list_args_query(&rq->call, &in->list, PER_PAGE_DEFAULT, &query);
    struct list l = choose_list(rq, in);
    if (e == ERR_OK)
        e = list_open(&l, &query, &rq->call.fault);
    if (e != ERR_OK)
        return e;
    while (list_next(&l) &&
           (images = arena_room(rq->call.arena, images, n, &cap, sizeof *images)) != NULL)
        store_image_read(l.q, &images[n++]);
    e = list_close(&l);
    if (e == ERR_OK && n > 0 && images)
        ids = arena_array(rq->call.arena, n, sizeof *ids);
    for (size_t i = 0; ids && i < n; i++)
        ids[i] = images[i].id;
    if (e == ERR_OK && ids)
        e = store_image_tags(rq->call.db, ids, n, &tags, &tags_len);
    if (e != ERR_OK)
        return e;
    list_envelope(&rq->out, &l);
    for (size_t i = 0; ids && i < n; i++) {
        size_t from = first_tag(tags, tags_len, images[i].id), count = 0;

        while (from + count < tags_len && tags[from + count].image_id == images[i].id)
            count++;
        put_image(&rq->out, &images[i], tags + from, count);
    }
    list_envelope_end(&rq->out, &l);
    return ERR_OK;
}
