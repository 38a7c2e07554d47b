/* Datasets. */
#include "client.h"

static const struct lb_field dataset_fields[] = {
    LB_FIELD(struct label_dataset, LB_INT, "id", id),
    LB_FIELD(struct label_dataset, LB_TEXT, "name", name),
    LB_FIELD(struct label_dataset, LB_TEXT, "description", description),
    LB_FIELD(struct label_dataset, LB_TEXT, "size", size),
    LB_FIELD(struct label_dataset, LB_INT, "projectId", project_id),
    LB_FIELD(struct label_dataset, LB_INT, "workspaceId", workspace_id),
    LB_FIELD(struct label_dataset, LB_INT, "teamId", team_id),
    LB_FIELD(struct label_dataset, LB_INT, "parentId", parent_id),
    LB_FIELD(struct label_dataset, LB_INT, "imagesCount", images_count),
    LB_FIELD(struct label_dataset, LB_INT, "createdBy", created_by_id),
    LB_FIELD(struct label_dataset, LB_TEXT, "createdAt", created_at),
    LB_FIELD(struct label_dataset, LB_TEXT, "updatedAt", updated_at),
    LB_FIELD(struct label_dataset, LB_JSON, "customData", custom_data_json),
    LB_FIELD_END,
};
const struct lb_shape lb_shape_dataset = {"dataset", sizeof(struct label_dataset), dataset_fields};

enum label_err label_dataset_get_list(struct label_api *api, int64_t project_id, bool recursive,
                                      const struct label_list_options *options,
                                      struct label_dataset_list **datasets,
                                      struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *datasets =
        lb_list(&op, "datasets.list",
                json_pack("{s:I,s:b}", "projectId", (json_int_t)project_id, "recursive", recursive),
                options, &lb_shape_dataset);
    return lb_end(&op);
}

enum label_err label_dataset_get_info_by_id(struct label_api *api, int64_t id,
                                            struct label_dataset **dataset,
                                            struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    *dataset = lb_get(&op, "datasets.info", LB_READ, json_pack("{s:I}", "id", (json_int_t)id),
                      &lb_shape_dataset);
    return lb_end(&op);
}

enum label_err label_dataset_get_info_by_name(struct label_api *api, int64_t project_id,
                                              const char *name, int64_t parent_id,
                                              struct label_dataset **dataset,
                                              struct label_error *error)
{
    json_t *filters = json_array();
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_filter(filters, "name", "=", json_string(name ? name : ""));
    lb_filter(filters, "parentId", "=", parent_id ? json_integer(parent_id) : json_null());
    *dataset =
        lb_result_first(&op, &lb_shape_dataset,
                        lb_pages(&op, "datasets.list",
                                 json_pack("{s:I,s:b,s:o}", "projectId", (json_int_t)project_id,
                                           "recursive", true, "filter", filters),
                                 NULL));
    return lb_end(&op);
}

enum label_err label_dataset_create(struct label_api *api, int64_t project_id, const char *name,
                                    int64_t parent_id, struct label_dataset **dataset,
                                    struct label_error *error)
{
    json_t *body = json_pack("{s:I}", "projectId", (json_int_t)project_id);
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_put_text(body, "name", name ? name : "");
    lb_put_id(body, "parentId", parent_id);
    *dataset = lb_get(&op, "datasets.add", LB_WRITE, body, &lb_shape_dataset);
    return lb_end(&op);
}

enum label_err label_dataset_get_or_create(struct label_api *api, int64_t project_id,
                                           const char *name, int64_t parent_id,
                                           struct label_dataset **dataset,
                                           struct label_error *error)
{
    struct label_error own;
    struct label_error *e = error ? error : &own;
    enum label_err err =
        label_dataset_get_info_by_name(api, project_id, name, parent_id, dataset, e);

    if (err == LABEL_ERR_NOT_FOUND && e->http_status == 200)
        err = label_dataset_create(api, project_id, name, parent_id, dataset, e);
    return err;
}

enum label_err label_dataset_update(struct label_api *api, int64_t id,
                                    const struct label_dataset_edit *edit,
                                    struct label_dataset **dataset, struct label_error *error)
{
    json_t *body = json_pack("{s:I}", "id", (json_int_t)id);
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_put_text(body, "name", edit->name);
    lb_put_text(body, "description", edit->description);
    lb_put(body, "customData", lb_parse(&op, "custom_data_json", edit->custom_data_json));
    *dataset = lb_get(&op, "datasets.editInfo", LB_WRITE, body, &lb_shape_dataset);
    return lb_end(&op);
}

enum label_err label_dataset_move_to_dataset(struct label_api *api, int64_t dataset_id,
                                             int64_t destination_dataset_id,
                                             struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, "datasets.move",
          json_pack("{s:I,s:I}", "srcId", (json_int_t)dataset_id, "destId",
                    (json_int_t)destination_dataset_id));
    return lb_end(&op);
}

enum label_err label_dataset_remove(struct label_api *api, int64_t id, struct label_error *error)
{
    struct lb_op op;

    lb_begin(&op, api, error);
    lb_do(&op, "datasets.archive", json_pack("{s:I}", "id", (json_int_t)id));
    return lb_end(&op);
}
