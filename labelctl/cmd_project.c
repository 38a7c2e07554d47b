/* project and dataset, but for upload and download. */
#include "ctl.h"

static const struct column project_columns[] = {
    {"ID", "id", COL_NUMBER},
    {"NAME", "name", COL_TEXT},
    {"WORKSPACE", "workspaceId", COL_NUMBER},
    {"DATASETS", "datasetsCount", COL_NUMBER},
    {"IMAGES", "imagesCount", COL_NUMBER},
    {"SIZE", "size", COL_SIZE},
    {"CREATED", "createdAt", COL_TIME},
    {0},
};

static const struct column one_project[] = {
    {"id", "id", COL_NUMBER},
    {"name", "name", COL_TEXT},
    {"description", "description", COL_TEXT},
    {"team", "teamId", COL_NUMBER},
    {"workspace", "workspaceId", COL_NUMBER},
    {"datasets", "datasetsCount", COL_NUMBER},
    {"images", "imagesCount", COL_NUMBER},
    {"size", "size", COL_SIZE},
    {"created", "createdAt", COL_TIME},
    {"updated", "updatedAt", COL_TIME},
    {"custom data", "customData", COL_JSON},
    {0},
};

static const struct column dataset_columns[] = {
    {"ID", "id", COL_NUMBER},
    {"NAME", "name", COL_TEXT},
    {"BELOW", "parentId", COL_NUMBER},
    {"IMAGES", "imagesCount", COL_NUMBER},
    {"SIZE", "size", COL_SIZE},
    {"CREATED", "createdAt", COL_TIME},
    {0},
};

static const struct column one_dataset[] = {
    {"id", "id", COL_NUMBER},
    {"name", "name", COL_TEXT},
    {"description", "description", COL_TEXT},
    {"team", "teamId", COL_NUMBER},
    {"workspace", "workspaceId", COL_NUMBER},
    {"project", "projectId", COL_NUMBER},
    {"below dataset", "parentId", COL_NUMBER},
    {"images", "imagesCount", COL_NUMBER},
    {"size", "size", COL_SIZE},
    {"created", "createdAt", COL_TIME},
    {"updated", "updatedAt", COL_TIME},
    {0},
};

/* --limit and so on, with --name as a filter. */
static struct label_list_options named_list(struct ctl *c, struct label_filter *filter)
{
    struct label_list_options options = ctl_list_options(c);

    options.n_filters = ctl_name_filter(c, filter);
    options.filters = filter;
    return options;
}

/* ---- projects ---- */

int run_project_list(struct ctl *c)
{
    struct label_filter filter;
    struct label_list_options options = named_list(c, &filter);
    int64_t workspace = ctl_id(c, "workspace"), team = 0;
    struct label_project_list *projects;
    int code = CTL_DONE;

    if (ctl_flag(c, "all") && (workspace || ctl_id(c, "team")))
        return ctl_usage(c, "--all wants neither --team nor --workspace");
    if (workspace == 0 && !ctl_flag(c, "all"))
        code = ctl_team(c, &team);
    if (code != CTL_DONE)
        return code;
    if (label_project_get_list(c->api, workspace, team, &options, &projects, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, projects, project_columns);
}

int run_project_info(struct ctl *c)
{
    struct label_project *project;

    if (label_project_get_info_by_id(c->api, ctl_arg_id(c, 0), &project, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, project, one_project);
}

int run_project_create(struct ctl *c)
{
    const char *description = ctl_text(c, "description");
    struct label_project *project;
    int64_t workspace;
    int code = ctl_workspace(c, &workspace);

    if (code != CTL_DONE)
        return code;
    if (label_project_create(c->api, workspace, ctl_arg(c, 0), description, &project, &c->error) !=
        LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, project, one_project);
}

int run_project_update(struct ctl *c)
{
    const char *readme = ctl_text(c, "readme");
    struct label_project_edit edit = {.name = ctl_text(c, "name"),
                                      .description = ctl_text(c, "description")};
    struct label_project *project;

    if (readme == NULL && edit.name == NULL && edit.description == NULL)
        return ctl_usage(c, "please give --name, --description or --readme");
    if (readme && (edit.readme = ctl_read_file(c, readme)) == NULL)
        return CTL_FAILED;
    if (label_project_edit_info(c->api, ctl_arg_id(c, 0), &edit, &project, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, project, one_project);
}

int run_project_remove(struct ctl *c)
{
    int code = CTL_DONE;

    for (size_t i = 0; i < c->n_args && code == CTL_DONE; i++) {
        if (label_project_remove(c->api, ctl_arg_id(c, i), &c->error) != LABEL_OK)
            code = ctl_failed(c);
        else
            ctl_did(c, "project", ctl_arg_id(c, i), "removed");
    }
    ctl_did_all(c);
    return code;
}

int run_project_meta(struct ctl *c)
{
    const char *file = ctl_text(c, "merge"), *text;
    int64_t id = ctl_arg_id(c, 0);
    struct label_project_meta *meta;
    enum label_err err;
    char *json;

    if (file) {
        text = ctl_read_file(c, file);
        if (text == NULL)
            return CTL_FAILED;
        err = label_project_update_meta(c->api, id, text, &meta, &c->error);
    } else {
        err = label_project_get_meta(c->api, id, &meta, &c->error);
    }
    if (err != LABEL_OK)
        return ctl_failed(c);
    json = label_json(meta);
    label_free(meta);
    return ctl_show_json(c, json);
}

int run_project_stats(struct ctl *c)
{
    char *stats;

    if (label_project_get_stats(c->api, ctl_arg_id(c, 0), &stats, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_json(c, stats);
}

/* ---- datasets ---- */

int run_dataset_list(struct ctl *c)
{
    struct label_filter filter;
    struct label_list_options options = named_list(c, &filter);
    struct label_dataset_list *datasets;

    if (label_dataset_get_list(c->api, ctl_id(c, "project"), ctl_flag(c, "recursive"), &options,
                               &datasets, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_list(c, datasets, dataset_columns);
}

int run_dataset_info(struct ctl *c)
{
    struct label_dataset *dataset;

    if (label_dataset_get_info_by_id(c->api, ctl_arg_id(c, 0), &dataset, &c->error) != LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, dataset, one_dataset);
}

int run_dataset_create(struct ctl *c)
{
    int64_t project = ctl_id(c, "project"), parent = ctl_id(c, "parent");
    struct label_dataset *dataset;

    if (label_dataset_create(c->api, project, ctl_arg(c, 0), parent, &dataset, &c->error) !=
        LABEL_OK)
        return ctl_failed(c);
    return ctl_show_one(c, dataset, one_dataset);
}

int run_dataset_update(struct ctl *c)
{
    int64_t id = ctl_arg_id(c, 0), parent = ctl_id(c, "parent");
    struct label_dataset_edit edit = {.name = ctl_text(c, "name"),
                                      .description = ctl_text(c, "description")};
    struct label_dataset *dataset;
    enum label_err err = LABEL_OK;

    if (edit.name == NULL && edit.description == NULL && parent == 0)
        return ctl_usage(c, "please give --name, --description or --parent");
    if (parent)
        err = label_dataset_move_to_dataset(c->api, id, parent, &c->error);
    if (err == LABEL_OK && (edit.name || edit.description))
        err = label_dataset_update(c->api, id, &edit, &dataset, &c->error);
    else if (err == LABEL_OK)
        err = label_dataset_get_info_by_id(c->api, id, &dataset, &c->error);
    return err == LABEL_OK ? ctl_show_one(c, dataset, one_dataset) : ctl_failed(c);
}

int run_dataset_remove(struct ctl *c)
{
    int code = CTL_DONE;

    for (size_t i = 0; i < c->n_args && code == CTL_DONE; i++) {
        if (label_dataset_remove(c->api, ctl_arg_id(c, i), &c->error) != LABEL_OK)
            code = ctl_failed(c);
        else
            ctl_did(c, "dataset", ctl_arg_id(c, i), "removed");
    }
    ctl_did_all(c);
    return code;
}
