/* Images. */
#include "api/put.h"

#define PER_PAGE_DEFAULT 10000

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
    struct tag *tags = NULL;
    size_t tags_len = 0;
    enum err e = store_image_get(rq->call.db, in->id, &i);

    if (e == ERR_OK)
        e = store_tags_of(rq->call.db, TAG_OF_IMAGE, &in->id, 1, &tags, &tags_len);
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

enum err images_list(struct rq *rq, const void *input)
{
    const struct images_list_in *in = input;
    struct list_query query = {0};
    struct image *images = NULL;
    struct tag *tags = NULL;
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
        e = store_tags_of(rq->call.db, TAG_OF_IMAGE, ids, n, &tags, &tags_len);
    if (e != ERR_OK)
        return e;
    list_envelope(&rq->out, &l);
    for (size_t i = 0; ids && i < n; i++) {
        size_t count;
        const struct tag *own = tags_of(tags, tags_len, images[i].id, &count);

        put_image(&rq->out, &images[i], own, count);
        rq_spill(rq);
    }
    list_envelope_end(&rq->out, &l);
    return ERR_OK;
}
