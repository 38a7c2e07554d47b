/* Geometries of alpha masks, which travel by themselves: in parts of multipart bodies. */
#include <stdio.h>
#include <stdlib.h>

#include "api/put.h"
#include "api/upload.h"
#include "domain/annotation.h"

#define FIGURES_MAX 1000

struct geometry_download_in {
    struct ids ids;
};
const struct field figures_bulk_download_geometry_fields[] = {
    F_IDS(REQUIRED, struct geometry_download_in, ids, "ids", FIGURES_MAX, "the figures"), F_END};

/* What a part holds: the mask's {origin, data}, or the whole geometry of other shapes. */
static struct str content_of(struct rq *rq, const struct figure *f)
{
    struct json_value *v = json_parse_copy(rq->call.arena, f->geometry);
    struct json_value *bitmap = json_get(rq->call.arena, v, "bitmap");

    return bitmap ? bitmap->raw : f->geometry;
}

enum err figures_bulk_download_geometry(struct rq *rq, const void *input)
{
    const struct geometry_download_in *in = input;
    struct figures list = {0};
    struct parts p;
    enum err e = rq_load_figures(rq, &in->ids, false, PERM_VIEW, "ids", &list);

    if (e == ERR_OK && list.n < in->ids.n)
        e = fail(&rq->call, ERR_NOT_FOUND, "ids", "some of these figures were removed");
    if (e != ERR_OK)
        return e;
    parts_begin(rq, &p);
    for (size_t i = 0; i < list.n; i++) {
        char name[24];

        snprintf(name, sizeof name, "%lld", (long long)list.v[i].id);
        parts_add_bytes(&p, str_from(name), content_of(rq, &list.v[i]));
    }
    parts_end(&p);
    return ERR_OK;
}

/* ---- upload ---- */

struct geometry_upload_in {
    int64_t unused;
};
const struct field figures_bulk_upload_geometry_fields[] = {F_END};
const struct upload_plan figures_bulk_upload_geometry_upload = {
    .parts_max = 2 * FIGURES_MAX, .bytes_max = 64u << 20, .text_max = 64u << 20};

struct geometries {
    struct ids ids;
    struct geometry *v;
};

/* One file part: JSON of {origin, data}; its name is the figure's id. */
static enum err read_part(struct rq *rq, const struct upload_part *p, int64_t *id,
                          struct geometry *out)
{
    struct call *c = &rq->call;
    struct str text = arena_printf(c->arena, "{\"bitmap\":%.*s}", (int)p->text.n, p->text.p);
    struct json_value *v = text.p ? json_parse_copy(c->arena, text) : NULL;

    if (!str_to_i64(p->filename, id) || *id < 1)
        return fail(c, ERR_INVALID, "figureId",
                    "the file name of a geometry must be a figure's id");
    if (v == NULL)
        return fail(c, ERR_INVALID, "geometry", "the geometry of figure %lld is not JSON",
                    (long long)*id);
    enum err e = geometry_read(c, geometry_type(STR("alpha_mask")), v, out);
    if (e != ERR_OK)
        fault_prefix(&c->fault, "figure %lld: ", (long long)*id);
    return e;
}

enum err figures_bulk_upload_geometry_prepare(struct rq *rq, const void *input)
{
    const struct upload *u = rq->upload;
    struct geometries *g = arena_alloc(rq->call.arena, sizeof *g);
    enum err e = ERR_OK;

    (void)input;
    if (g) {
        g->ids.v = arena_array(rq->call.arena, u->n + 1, sizeof *g->ids.v);
        g->v = arena_array(rq->call.arena, u->n + 1, sizeof *g->v);
    }
    if (g == NULL || g->ids.v == NULL || g->v == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    for (size_t i = 0; i < u->n && e == ERR_OK; i++) {
        if (!str_is(u->parts[i].name, "geometry"))
            continue; /* the ids come a second time, as fields */
        e = read_part(rq, &u->parts[i], &g->ids.v[g->ids.n], &g->v[g->ids.n]);
        g->ids.n++;
    }
    rq->parsed = g;
    return e;
}

enum err figures_bulk_upload_geometry(struct rq *rq, const void *input)
{
    const struct geometries *g = rq->parsed;
    struct figures list = {0};
    struct labeling l;
    enum err e = rq_load_figures(rq, &g->ids, false, PERM_ANNOTATE, "figureId", &list);

    (void)input;
    if (e == ERR_OK && list.n < g->ids.n)
        e = fail(&rq->call, ERR_NOT_FOUND, "figureId", "some of these figures were removed");
    if (e == ERR_OK)
        e = labeling_open(&l, &rq->call, rq->job_id);
    for (size_t i = 0; i < g->ids.n && e == ERR_OK; i++)
        for (size_t k = 0; k < list.n && e == ERR_OK; k++)
            if (list.v[k].id == g->ids.v[i])
                e = figure_set_mask(&l, &list.v[k], &g->v[i]);
    return e == ERR_OK ? rq_success(rq) : e;
}
