/* How often each class and tag of a project is used, and where. */
#include "api/rq.h"
#include "domain/meta.h"
#include "store/store_project.h"
#include "store/store_stats.h"

struct projects_stats_in {
    int64_t id;
};
const struct field projects_stats_fields[] = {
    F_ID(REQUIRED, struct projects_stats_in, id, "id", "the project"), F_END};

/* {KEY: {...}, total, datasets: [{id, count}]}: the counts of one class or tag. */
static void put_counts(struct json_w *w, const struct usage *u, size_t n, int64_t id, bool images)
{
    int64_t total = 0;

    for (size_t i = 0; i < n; i++)
        if (u[i].id == id)
            total += images ? u[i].images : u[i].count;
    json_kv_i64(w, "total", total);
    json_kv_arr(w, "datasets");
    for (size_t i = 0; i < n; i++) {
        if (u[i].id != id)
            continue;
        json_obj(w);
        json_kv_i64(w, "id", u[i].dataset_id);
        json_kv_i64(w, "count", images ? u[i].images : u[i].count);
        json_obj_end(w);
    }
    json_arr_end(w);
}

static void put_classes(struct json_w *w, const char *key, const struct meta *m,
                        const struct usage *u, size_t n, bool images)
{
    json_kv_arr(w, key);
    for (size_t i = 0; i < m->classes_len; i++) {
        json_obj(w);
        json_kv_obj(w, "objectClass");
        json_kv_i64(w, "id", m->classes[i].id);
        json_kv_str(w, "name", m->classes[i].name);
        json_kv_str(w, "color", m->classes[i].color);
        json_kv_str(w, "shape", m->classes[i].shape);
        json_obj_end(w);
        put_counts(w, u, n, m->classes[i].id, images);
        json_obj_end(w);
    }
    json_arr_end(w);
}

static void put_tags(struct json_w *w, const char *key, const struct meta *m, const struct usage *u,
                     size_t n)
{
    json_kv_obj(w, key);
    json_kv_arr(w, "items");
    for (size_t i = 0; i < m->tags_len; i++) {
        json_obj(w);
        json_kv_obj(w, "tagMeta");
        json_kv_i64(w, "id", m->tags[i].id);
        json_kv_str(w, "name", m->tags[i].name);
        json_kv_str(w, "color", m->tags[i].color);
        json_obj_end(w);
        put_counts(w, u, n, m->tags[i].id, false);
        json_obj_end(w);
    }
    json_arr_end(w);
    json_obj_end(w);
}

enum err projects_stats(struct rq *rq, const void *input)
{
    int64_t id = ((const struct projects_stats_in *)input)->id, marked = 0;
    struct usage *use[USAGE__MAX];
    size_t n[USAGE__MAX];
    struct json_w *w = &rq->out;
    struct project p;
    struct meta m = {0};
    enum err e = store_project_get(rq->call.db, id, &p);

    if (e == ERR_OK)
        e = meta_load(rq->call.db, id, &m);
    if (e == ERR_OK)
        e = store_images_marked(rq->call.db, id, &marked);
    for (enum usage_of k = 0; k < USAGE__MAX && e == ERR_OK; k++)
        e = store_usage(rq->call.db, k, id, &use[k], &n[k]);
    if (e != ERR_OK)
        return e;
    json_obj(w);
    json_kv_obj(w, "images");
    json_kv_obj(w, "total");
    json_kv_i64(w, "imagesInDataset", p.images_count);
    json_kv_i64(w, "imagesMarked", marked);
    json_kv_i64(w, "imagesNotMarked", p.images_count - marked);
    json_obj_end(w);
    put_classes(w, "objectClasses", &m, use[USAGE_OF_CLASSES], n[USAGE_OF_CLASSES], true);
    json_obj_end(w);
    json_kv_obj(w, "objects");
    put_classes(w, "items", &m, use[USAGE_OF_CLASSES], n[USAGE_OF_CLASSES], false);
    json_obj_end(w);
    put_tags(w, "imageTags", &m, use[USAGE_OF_IMAGE_TAGS], n[USAGE_OF_IMAGE_TAGS]);
    put_tags(w, "objectTags", &m, use[USAGE_OF_FIGURE_TAGS], n[USAGE_OF_FIGURE_TAGS]);
    json_obj_end(w);
    return ERR_OK;
}
