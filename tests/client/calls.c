/* Functions of liblabel against a real server, and what each refuses: the handle, people, projects,
 * datasets, images, annotations. */
#include "calls.h"

/* 3 x 3 pixels, some of them half transparent. */
#define MASK_DATA                                                                                  \
    "eJzrDPBz5+WS4mJgYOD19HAJAtLMIMwBJBiKnV8lAymmkiC/YAaGsslnLYA8EU8Xx5CKOckWH//bCzfLKx/"          \
    "mbPvPoHCR5f"                                                                                  \
    "65yoNqIF2ern4u65wSmgBhoxeX"
#define MASK "{\"origin\": [2, 1], \"data\": \"" MASK_DATA "\"}"

/* ---- the handle, errors, results ---- */

static void test_handle(void **state)
{
    struct label_settings s = {.server_address = getenv("SERVER_ADDRESS") + strlen("http://")};
    struct label_api *other = NULL;
    struct label_user *user;
    char *text;

    (void)state;
    assert_string_equal(label_version(), LABEL_VERSION);
    assert_string_equal(label_err_name(LABEL_OK), "ok");
    assert_string_equal(label_err_name((enum label_err)99), "?");
    assert_string_equal(label_token(api), getenv("API_TOKEN"));
    assert_string_equal(label_server_address(api), getenv("SERVER_ADDRESS"));
    OK(label_open(&s, &other, &error)); /* an address without scheme is http */
    assert_string_equal(label_server_address(other), getenv("SERVER_ADDRESS"));
    assert_null(label_token(other));
    REFUSED(LABEL_ERR_TOKEN, label_user_get_my_info(other, &user, &error));
    assert_null(user);
    label_cancel(other);
    REFUSED(LABEL_ERR_CANCELLED, label_user_get_my_info(other, &user, &error));
    label_close(other);
    label_close(NULL);
    REFUSED(LABEL_ERR_ARGUMENT, label_open(&(struct label_settings){0}, &other, &error));
    assert_null(other);
    REFUSED(LABEL_ERR_TOKEN,
            label_open_from_credentials(&s, "nobody", "wrong-password", &other, &error));
    assert_null(other);
    OK(label_post(api, "users.me", NULL, &text, &error));
    assert_non_null(strstr(text, "\"login\""));
    assert_null(label_json(text));
    label_free(text);
    REFUSED(LABEL_ERR_ARGUMENT, label_post(api, "users.me", "{no json", &text, &error));
    REFUSED(LABEL_ERR_ARGUMENT, label_post(api, "users.me?x=/../", NULL, &text, &error));
    REFUSED(LABEL_ERR_NOT_FOUND, label_post(api, "no.such.method", NULL, &text, &error));
    assert_null(text);
    label_free(NULL);
}

static void test_results(void **state)
{
    struct label_user *user;
    char *json;

    (void)state;
    assert_int_equal(label_user_get_my_info(api, &user, NULL), LABEL_OK); /* without details */
    json = label_json(user);
    assert_non_null(strstr(json, user->login));
    label_free(json);
    label_free(user);
}

static void test_env(void **state)
{
    struct label_env *env;
    int64_t id;

    (void)state;
    OK(label_env_load(&env, &error));
    assert_string_equal(label_env_get(env, "API_TOKEN"), getenv("API_TOKEN"));
    assert_null(label_env_get(env, "NO_SUCH_VARIABLE"));
    OK(label_env_id(env, "TEAM_ID", &id, &error));
    assert_int_equal(id, team);
    REFUSED(LABEL_ERR_ARGUMENT, label_env_id(env, "NO_SUCH_VARIABLE", &id, &error));
    REFUSED(LABEL_ERR_ARGUMENT, label_env_id(env, "API_TOKEN", &id, &error));
    label_free(env);
}

/* ---- people ---- */

static void test_roles(void **state)
{
    struct label_role_list *roles;

    (void)state;
    OK(label_role_get_list(api, NULL, &roles, &error));
    assert_int_equal(roles->n, 6);
    for (size_t i = 0; i < roles->n; i++) {
        if (roles->items[i].id == LABEL_ROLE_ANNOTATOR)
            assert_string_equal(roles->items[i].role, "annotator");
    }
    label_free(roles);
}

static void test_users(void **state)
{
    struct label_user_options taken = {.login = labeler->login, .password = "a-password"};
    struct label_user_options weak = {.login = unique("user"), .password = "x"};
    struct label_filter filter = {"login", "=", "\"admin\""};
    struct label_list_options one = {.filters = &filter, .n_filters = 1}, few = {.limit = 2};
    struct label_user_list *users;
    struct label_user *user;

    (void)state;
    OK(label_user_get_info_by_id(api, labeler->id, &user, &error));
    assert_string_equal(user->login, labeler->login);
    assert_true(user->is_restricted);
    label_free(user);
    REFUSED(LABEL_ERR_NOT_FOUND, label_user_get_info_by_id(api, missing(), &user, &error));
    OK(label_user_get_info_by_login(api, labeler->login, &user, &error));
    assert_int_equal(user->id, labeler->id);
    label_free(user);
    REFUSED(LABEL_ERR_NOT_FOUND, label_user_get_info_by_login(api, "nobody", &user, &error));
    REFUSED(LABEL_ERR_ARGUMENT, label_user_get_info_by_login(api, "\xff", &user, &error));
    OK(label_user_get_list(api, &one, &users, &error));
    assert_int_equal(users->n, 1);
    label_free(users);
    OK(label_user_get_list(api, &few, &users, &error));
    assert_int_equal(users->n, 2);
    label_free(users);
    filter.field = "no such field";
    REFUSED(LABEL_ERR_INVALID, label_user_get_list(api, &one, &users, &error));
    REFUSED(LABEL_ERR_FORBIDDEN, label_user_get_list(labeler_api, NULL, &users, &error));
    REFUSED(LABEL_ERR_INVALID, label_user_create(api, &taken, &user, &error));
    assert_string_equal(error.field, "login");
    REFUSED(LABEL_ERR_INVALID, label_user_create(api, &weak, &user, &error));
    assert_string_equal(error.field, "password");
    OK(label_user_update(api, labeler->id, NULL, "Another name", &user, &error));
    assert_string_equal(user->name, "Another name");
    label_free(user);
    REFUSED(LABEL_ERR_ARGUMENT, label_user_update(api, labeler->id, NULL, NULL, &user, &error));
    OK(label_user_disable(api, labeler->id, &error));
    REFUSED(LABEL_ERR_FORBIDDEN, label_user_get_my_info(labeler_api, &user, &error));
    OK(label_user_enable(api, labeler->id, &error));
    OK(label_user_get_my_info(labeler_api, &user, &error));
    label_free(user);
    REFUSED(LABEL_ERR_NOT_FOUND, label_user_disable(api, missing(), &error));
}

static void test_members(void **state)
{
    struct label_user *user = new_user(LABEL_ROLE_VIEWER, "a-password"), *member;
    struct label_membership_list *teams;
    struct label_membership *role;
    struct label_user_list *members;
    size_t n;

    (void)state;
    OK(label_user_get_teams(api, user->id, &teams, &error));
    assert_int_equal(teams->n, 1);
    assert_int_equal(teams->items[0].id, team);
    label_free(teams);
    OK(label_user_change_team_role(api, user->id, team, LABEL_ROLE_MANAGER, &error));
    OK(label_user_get_team_role(api, user->id, team, &role, &error));
    assert_string_equal(role->role, "manager");
    label_free(role);
    REFUSED(LABEL_ERR_INVALID, label_user_change_team_role(api, user->id, team, 77, &error));
    OK(label_user_get_member_info_by_id(api, team, user->id, &member, &error));
    assert_int_equal(member->role_id, LABEL_ROLE_MANAGER);
    label_free(member);
    OK(label_user_get_member_info_by_login(api, team, user->login, &member, &error));
    label_free(member);
    OK(label_user_get_team_members(api, team, &members, &error));
    n = members->n;
    label_free(members);
    OK(label_user_remove_from_team(api, user->id, team, &error));
    OK(label_user_get_team_members(api, team, &members, &error));
    assert_int_equal(members->n, n - 1);
    label_free(members);
    REFUSED(LABEL_ERR_NOT_FOUND, label_user_get_team_role(api, user->id, team, &role, &error));
    REFUSED(LABEL_ERR_NOT_FOUND,
            label_user_get_member_info_by_id(api, team, user->id, &member, &error));
    REFUSED(LABEL_ERR_NOT_FOUND,
            label_user_get_member_info_by_login(api, team, user->login, &member, &error));
    OK(label_user_add_to_team_by_login(api, user->login, team, LABEL_ROLE_VIEWER, &error));
    REFUSED(LABEL_ERR_INVALID, label_user_add_to_team(api, user->id, team, 77, &error));
    label_free(user);
}

static void test_teams(void **state)
{
    struct label_activity_filter filter = {.user_id = 1, .limit = 3};
    const char *actions[] = {"create_project"};
    struct label_names names = {actions, 1};
    struct label_event_list *events;
    struct label_team_list *teams;
    struct label_team *one;
    const char *name = unique("team");

    (void)state;
    OK(label_team_create(api, name, "made by a test", &one, &error));
    assert_string_equal(one->description, "made by a test");
    label_free(one);
    REFUSED(LABEL_ERR_INVALID, label_team_create(api, name, NULL, &one, &error));
    OK(label_team_get_info_by_name(api, name, &one, &error));
    label_free(one);
    OK(label_team_get_info_by_id(api, team, &one, &error));
    assert_int_equal(one->id, team);
    label_free(one);
    REFUSED(LABEL_ERR_NOT_FOUND, label_team_get_info_by_id(api, missing(), &one, &error));
    OK(label_team_get_list(api, NULL, &teams, &error));
    assert_true(teams->n >= 2);
    label_free(teams);
    OK(label_team_get_activity(api, team, &filter, &events, &error));
    assert_int_equal(events->n, 3);
    assert_true(events->items[0].id > events->items[2].id);
    label_free(events);
    filter = (struct label_activity_filter){
        .actions = &names, .project_id = project->id, .start_date = "2020-01-01T00:00:00.000Z"};
    OK(label_team_get_activity(api, team, &filter, &events, &error));
    assert_int_equal(events->n, 1);
    assert_string_equal(events->items[0].action, "create_project");
    assert_string_equal(events->items[0].project, project->name);
    label_free(events);
    REFUSED(LABEL_ERR_FORBIDDEN, label_team_get_activity(labeler_api, team, NULL, &events, &error));
}

static void test_workspaces(void **state)
{
    struct label_workspace_list *list;
    struct label_workspace *one;
    const char *name = unique("workspace");

    (void)state;
    OK(label_workspace_create(api, team, name, NULL, &one, &error));
    assert_int_equal(one->team_id, team);
    label_free(one);
    REFUSED(LABEL_ERR_INVALID, label_workspace_create(api, team, name, NULL, &one, &error));
    OK(label_workspace_get_info_by_name(api, team, name, &one, &error));
    label_free(one);
    OK(label_workspace_get_info_by_id(api, workspace, &one, &error));
    label_free(one);
    REFUSED(LABEL_ERR_NOT_FOUND, label_workspace_get_info_by_name(api, team, "none", &one, &error));
    OK(label_workspace_get_list(api, team, NULL, &list, &error));
    assert_true(list->n >= 2);
    label_free(list);
}

/* ---- projects, datasets ---- */

static void test_projects(void **state)
{
    struct label_project_edit edit = {.description = "new", .custom_data_json = "{\"a\": [1, 2]}"};
    struct label_project_list *list;
    struct label_project *one, *same;
    const char *name = unique("project");
    char *text;

    (void)state;
    OK(label_project_get_or_create(api, workspace, name, NULL, &one, &error));
    OK(label_project_get_or_create(api, workspace, name, NULL, &same, &error));
    assert_int_equal(one->id, same->id);
    label_free(same);
    REFUSED(LABEL_ERR_INVALID, label_project_create(api, workspace, name, NULL, &same, &error));
    REFUSED(LABEL_ERR_NOT_FOUND,
            label_project_get_or_create(api, missing(), name, NULL, &same, &error));
    OK(label_project_edit_info(api, one->id, &edit, &same, &error));
    assert_string_equal(same->description, "new");
    assert_string_equal(same->name, name);
    assert_string_equal(same->custom_data_json, "{\"a\":[1,2]}");
    label_free(same);
    edit.custom_data_json = "{";
    REFUSED(LABEL_ERR_ARGUMENT, label_project_edit_info(api, one->id, &edit, &same, &error));
    OK(label_project_get_info_by_name(api, workspace, name, &same, &error));
    label_free(same);
    OK(label_project_get_list(api, workspace, 0, NULL, &list, &error));
    label_free(list);
    OK(label_project_get_list(api, 0, team, NULL, &list, &error));
    assert_true(list->n >= 2);
    label_free(list);
    OK(label_project_update_settings(api, one->id, "{\"groupImages\": true}", &error));
    OK(label_project_get_settings(api, one->id, &text, &error));
    assert_non_null(strstr(text, "\"groupImages\":true"));
    label_free(text);
    OK(label_project_get_stats(api, one->id, &text, &error));
    assert_non_null(strstr(text, "\"images\""));
    label_free(text);
    OK(label_project_remove(api, one->id, &error));
    REFUSED(LABEL_ERR_NOT_FOUND, label_project_get_info_by_id(api, one->id, &same, &error));
    label_free(one);
}

static void test_meta(void **state)
{
    static const char *const sizes[] = {"small", "large"}, *const fruits[] = {"kiwi"};
    struct label_class classes[] = {{.name = "kiwi", .shape = "rectangle", .color = "#D0021B"},
                                    {.name = "gone", .shape = "polygon"}};
    struct label_tag_meta tags[] = {{.name = "size",
                                     .value_type = "oneof_string",
                                     .values = {sizes, 2},
                                     .classes = {fruits, 1}},
                                    {.name = "lost", .value_type = "none"}};
    struct label_class bad = {.name = "bad", .shape = "spiral"};
    struct label_project_meta *meta;
    int64_t class_id, tag_id;

    (void)state;
    OK(label_project_append_classes(api, project->id, classes, 2, &error));
    OK(label_project_append_tags(api, project->id, tags, 2, &error));
    OK(label_project_get_meta(api, project->id, &meta, &error));
    assert_int_equal(meta->n_classes, 2);
    assert_string_equal(meta->classes[1].name, "kiwi");
    assert_string_equal(meta->classes[1].color, "#D0021B");
    assert_int_equal(meta->n_tags, 2);
    assert_string_equal(meta->tags[1].values.items[1], "large");
    assert_string_equal(meta->tags[1].classes.items[0], "kiwi");
    class_id = meta->classes[0].id;
    tag_id = meta->tags[0].id;
    label_free(meta);
    OK(label_project_remove_class(api, project->id, class_id, &error));
    OK(label_project_remove_tag(api, project->id, tag_id, &error));
    REFUSED(LABEL_ERR_INVALID, label_project_append_classes(api, project->id, &bad, 1, &error));
    REFUSED(LABEL_ERR_ARGUMENT, label_project_update_meta(api, project->id, "[", &meta, &error));
    OK(label_project_update_meta(api, project->id, "{\"classes\": [], \"tags\": []}", &meta,
                                 &error));
    assert_int_equal(meta->n_classes, 1);
    label_free(meta);
}

static void test_datasets(void **state)
{
    struct label_dataset_edit edit = {.name = "renamed", .custom_data_json = "{\"b\": 1}"};
    struct label_dataset *top, *below, *same;
    struct label_dataset_list *list;

    (void)state;
    OK(label_dataset_create(api, project->id, "top", 0, &top, &error));
    OK(label_dataset_get_or_create(api, project->id, "below", top->id, &below, &error));
    assert_int_equal(below->parent_id, top->id);
    OK(label_dataset_get_or_create(api, project->id, "below", top->id, &same, &error));
    assert_int_equal(same->id, below->id);
    label_free(same);
    REFUSED(LABEL_ERR_NOT_FOUND,
            label_dataset_get_info_by_name(api, project->id, "below", 0, &same, &error));
    REFUSED(LABEL_ERR_INVALID, label_dataset_create(api, project->id, "top", 0, &same, &error));
    OK(label_dataset_get_list(api, project->id, false, NULL, &list, &error));
    assert_int_equal(list->n, 2);
    label_free(list);
    OK(label_dataset_get_list(api, project->id, true, NULL, &list, &error));
    assert_int_equal(list->n, 3);
    label_free(list);
    OK(label_dataset_update(api, below->id, &edit, &same, &error));
    assert_string_equal(same->name, "renamed");
    label_free(same);
    OK(label_dataset_get_info_by_id(api, below->id, &same, &error));
    assert_string_equal(same->custom_data_json, "{\"b\":1}");
    label_free(same);
    REFUSED(LABEL_ERR_INVALID, label_dataset_move_to_dataset(api, top->id, below->id, &error));
    OK(label_dataset_move_to_dataset(api, below->id, dataset->id, &error));
    OK(label_dataset_remove(api, below->id, &error));
    OK(label_dataset_remove(api, top->id, &error));
    REFUSED(LABEL_ERR_NOT_FOUND, label_dataset_get_info_by_id(api, top->id, &same, &error));
    label_free(top);
    label_free(below);
}

/* ---- images, annotations ---- */

static void test_images(void **state)
{
    struct label_image_filter filter = {.dataset_id = dataset->id}, wrong = {0};
    struct label_image_edit edit = {.name = "renamed.png", .meta_json = "{\"k\": \"v\"}"};
    struct label_image *image, *same;
    struct label_image_list *list;

    (void)state;
    OK(label_image_get_list(api, &filter, &list, &error));
    assert_int_equal(list->n, N_FILES);
    assert_string_equal(list->items[0].name, "a.png");
    assert_string_equal(list->items[0].meta_json, "{\"n\":1}");
    label_free(list);
    filter.only_labelled = true;
    OK(label_image_get_list(api, &filter, &list, &error));
    label_free(list);
    REFUSED(LABEL_ERR_ARGUMENT, label_image_get_list(api, &wrong, &list, &error));
    OK(label_image_upload_path(api, dataset->id, "one.png", file_path(0), &image, &error));
    assert_string_equal(image->hash, images->items[0].hash); /* the bytes were there */
    assert_int_equal(
        label_image_upload_path(api, dataset->id, "one.png", file_path(0), &same, NULL),
        LABEL_ERR_INVALID);
    assert_null(same);
    REFUSED(LABEL_ERR_FILE,
            label_image_upload_path(api, dataset->id, "x", "/no/such", &same, &error));
    OK(label_image_edit(api, image->id, &edit, &same, &error));
    assert_string_equal(same->name, "renamed.png");
    label_free(same);
    OK(label_image_get_info_by_name(api, dataset->id, "renamed.png", &same, &error));
    assert_string_equal(same->meta_json, "{\"k\":\"v\"}");
    label_free(same);
    OK(label_image_get_info_by_id(api, image->id, &same, &error));
    label_free(same);
    OK(label_image_remove(api, image->id, &error));
    REFUSED(LABEL_ERR_NOT_FOUND, label_image_get_info_by_id(api, image->id, &same, &error));
    OK(label_image_remove_batch(api, &(struct label_ids){&image->id, 1}, &error));
    label_free(image);
}

static void test_sources(void **state)
{
    const char *hashes[] = {images->items[0].hash, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
    struct label_names asked = {hashes, 2}, *existing;
    struct label_image_source sources[] = {
        {.name = "by-hash.png", .hash = images->items[0].hash, .meta_json = "{}"},
        {.name = "by-id.png", .image_id = images->items[1].id},
        {.name = "by-link.png", .link = "http://127.0.0.1:1/x.png"}};
    struct label_image_source unknown = {.name = "x.png", .hash = hashes[1]},
                              none = {.name = "y.png"};
    struct label_image_list *made;

    (void)state;
    OK(label_image_check_existing_hashes(api, &asked, &existing, &error));
    assert_int_equal(existing->n, 1);
    assert_string_equal(existing->items[0], hashes[0]);
    label_free(existing);
    OK(label_image_upload_sources(api, dataset->id, sources, 3, &made, &error));
    assert_int_equal(made->n, 3);
    assert_string_equal(made->items[1].hash, images->items[1].hash);
    assert_string_equal(made->items[2].link, sources[2].link);
    for (size_t i = 0; i < made->n; i++)
        OK(label_image_remove(api, made->items[i].id, &error));
    label_free(made);
    REFUSED(LABEL_ERR_INVALID,
            label_image_upload_sources(api, dataset->id, &unknown, 1, &made, &error));
    REFUSED(LABEL_ERR_ARGUMENT,
            label_image_upload_sources(api, dataset->id, &none, 1, &made, &error));
}

static void test_downloads(void **state)
{
    char path[600];
    struct label_download_item item = {images->items[0].id, path, 0};
    struct label_download d = {.items = &item, .n = 1};
    struct label_bytes *bytes;

    (void)state;
    snprintf(path, sizeof path, "%s/out", getenv("FILES"));
    OK(label_image_download_bytes(api, images->items[0].id, &bytes, &error));
    assert_int_equal(bytes->n, images->items[0].size);
    assert_memory_equal(bytes->data, "\x89PNG", 4);
    label_free(bytes);
    REFUSED(LABEL_ERR_NOT_FOUND, label_image_download_bytes(api, missing(), &bytes, &error));
    assert_null(bytes);
    OK(label_image_download_path(api, images->items[0].id, path, &error));
    assert_int_equal(unlink(path), 0);
    OK(label_image_download_paths(api, &d, &error));
    assert_int_equal(unlink(path), 0);
    item.path = "/no/such/folder/x";
    REFUSED(LABEL_ERR_FILE, label_image_download_paths(api, &d, &error));
}

/* Of one dataset: many in one answer. */
static void test_bulk_download(void **state)
{
    char paths[N_FILES][600], *hash;
    struct label_download_item items[N_FILES];
    struct label_download d = {.items = items, .n = N_FILES, .dataset_id = dataset->id};

    (void)state;
    for (int i = 0; i < N_FILES; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/bulk%d", getenv("FILES"), i);
        items[i] =
            (struct label_download_item){images->items[i].id, paths[i], images->items[i].size};
    }
    OK(label_image_download_paths(api, &d, &error));
    for (int i = 0; i < N_FILES; i++) {
        OK(label_file_hash(paths[i], &hash, &error));
        assert_string_equal(hash, images->items[i].hash);
        label_free(hash);
        assert_int_equal(unlink(paths[i]), 0);
    }
    REFUSED(LABEL_ERR_FILE, label_file_hash(paths[0], &hash, &error));
    assert_null(hash);
    items[1].id = missing();
    REFUSED(LABEL_ERR_NOT_FOUND, label_image_download_paths(api, &d, &error));
    items[1].id = images->items[1].id;
    d.dataset_id = missing();
    REFUSED(LABEL_ERR_INVALID, label_image_download_paths(api, &d, &error));
    for (int i = 0; i < N_FILES; i++)
        assert_int_equal(access(paths[i], F_OK), -1);
}

static void test_annotations(void **state)
{
    int64_t ids[] = {images->items[1].id, images->items[0].id};
    struct label_ids both = {ids, 2}, first = {&ids[1], 1}, third = {&images->items[2].id, 1};
    struct label_annotation_upload uploads[] = {{ids[0], BOX}, {ids[1], BOX}};
    struct label_annotation_list *list;
    struct label_annotation *one;

    (void)state;
    OK(label_annotation_upload_jsons(api, dataset->id, uploads, 2, &error));
    OK(label_annotation_download(api, ids[0], &one, &error));
    assert_non_null(strstr(one->annotation_json, "[[1,1],[4.5,4]]"));
    label_free(one);
    OK(label_annotation_download_batch(api, dataset->id, &both, &list, &error));
    assert_int_equal(list->n, 2);
    assert_int_equal(list->items[0].image_id, ids[0]);
    label_free(list);
    OK(label_annotation_copy_batch(api, &first, &third, &error));
    REFUSED(LABEL_ERR_ARGUMENT, label_annotation_copy_batch(api, &first, &both, &error));
    OK(label_annotation_get_list(api, dataset->id, NULL, &list, &error));
    assert_int_equal(list->n, N_FILES);
    assert_non_null(strstr(list->items[2].annotation_json, "kiwi"));
    label_free(list);
    OK(label_annotation_upload_json(
        api, third.items[0],
        "{\"description\": \"\", \"tags\": [], \"size\": {\"height\": 8, "
        "\"width\": 8}, \"objects\": []}",
        &error));
    REFUSED(LABEL_ERR_ARGUMENT, label_annotation_upload_json(api, ids[0], "{", &error));
    REFUSED(LABEL_ERR_INVALID,
            label_annotation_upload_json(api, ids[0], "{\"objects\": 7}", &error));
    REFUSED(LABEL_ERR_NOT_FOUND, label_annotation_download(api, missing(), &one, &error));
}

/* In batches, by several threads: each image once, and what take says ends it. */
static int taken;

static enum label_err take(void *ctx, size_t first, const struct label_annotation_list *list,
                           struct label_error *e)
{
    const int64_t *ids = ctx;

    for (size_t i = 0; i < list->n; i++)
        assert_int_equal(list->items[i].image_id, ids[first + i]);
    __atomic_add_fetch(&taken, (int)list->n, __ATOMIC_RELAXED);
    if (ids[0] != images->items[2].id)
        return LABEL_OK;
    *e = (struct label_error){.err = LABEL_ERR_FILE, .message = "no room"};
    return e->err;
}

static void test_annotations_each(void **state)
{
    int64_t ids[] = {images->items[1].id, images->items[0].id}, third = images->items[2].id;
    struct label_ids both = {ids, 2}, one = {&third, 1};
    int64_t nobody = missing();

    (void)state;
    OK(label_annotation_download_each(api, dataset->id, &both, take, ids, &error));
    assert_int_equal(taken, 2);
    REFUSED(LABEL_ERR_FILE,
            label_annotation_download_each(api, dataset->id, &one, take, &third, &error));
    assert_string_equal(error.message, "no room");
    REFUSED(LABEL_ERR_NOT_FOUND,
            label_annotation_download_each(api, dataset->id, &(struct label_ids){&nobody, 1}, take,
                                           ids, &error));
}

/* Alpha masks: as part of an annotation, and their pixels alone. */
static void test_alpha_masks(void **state)
{
    static const char annotation[] = "{\"description\": \"\", \"tags\": [], \"size\": "
                                     "{\"height\": 8, \"width\": 8}, \"objects\": "
                                     "[{\"classTitle\": \"soft\", \"geometryType\": "
                                     "\"alpha_mask\", \"tags\": [], \"bitmap\": " MASK "}]}";
    struct label_class soft = {.name = "soft", .shape = "alpha_mask"};
    struct label_annotation *read;
    struct label_names *masks;
    struct label_geometry g = {0, "{\"origin\": [3, 4], \"data\": \"" MASK_DATA "\"}"};
    struct label_ids ids = {&g.figure_id, 1};

    (void)state;
    OK(label_project_append_classes(api, project->id, &soft, 1, &error));
    OK(label_annotation_upload_json(api, images->items[0].id, annotation, &error));
    OK(label_annotation_download(api, images->items[0].id, &read, &error));
    assert_non_null(strstr(read->annotation_json, MASK_DATA));
    g.figure_id = strtoll(strstr(read->annotation_json, "\"id\":") + 5, NULL, 10);
    label_free(read);
    OK(label_figure_upload_geometries(api, &g, 1, &error));
    OK(label_figure_download_geometries(api, &ids, &masks, &error));
    assert_int_equal(masks->n, 1);
    assert_non_null(strstr(masks->items[0], "[3,4]"));
    assert_non_null(strstr(masks->items[0], MASK_DATA));
    label_free(masks);
    g.geometry_json = "{\"origin\": [3, 4], \"data\": \"nonsense\"}";
    REFUSED(LABEL_ERR_INVALID, label_figure_upload_geometries(api, &g, 1, &error));
    g.figure_id = missing();
    REFUSED(LABEL_ERR_NOT_FOUND, label_figure_download_geometries(api, &ids, &masks, &error));
    assert_null(masks);
}

static void test_image_tags(void **state)
{
    struct label_tag_meta tag = {.name = "weight", .value_type = "any_number"};
    struct label_ids ids = {&images->items[0].id, 1};
    struct label_project_meta *meta;
    struct label_image *image;
    int64_t tag_id = 0;

    (void)state;
    OK(label_project_append_tags(api, project->id, &tag, 1, &error));
    OK(label_project_get_meta(api, project->id, &meta, &error));
    for (size_t i = 0; i < meta->n_tags; i++) {
        if (strcmp(meta->tags[i].name, "weight") == 0)
            tag_id = meta->tags[i].id;
    }
    label_free(meta);
    OK(label_image_add_tag(api, &ids, tag_id, "3.5", &error));
    REFUSED(LABEL_ERR_INVALID, label_image_add_tag(api, &ids, tag_id, "\"heavy\"", &error));
    OK(label_image_get_info_by_id(api, ids.items[0], &image, &error));
    assert_int_equal(image->n_tags, 1);
    assert_string_equal(image->tags[0].value_json, "3.5");
    assert_int_equal(image->tags[0].tag_id, tag_id);
    label_free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handle),      cmocka_unit_test(test_results),
        cmocka_unit_test(test_env),         cmocka_unit_test(test_roles),
        cmocka_unit_test(test_users),       cmocka_unit_test(test_members),
        cmocka_unit_test(test_teams),       cmocka_unit_test(test_workspaces),
        cmocka_unit_test(test_projects),    cmocka_unit_test(test_meta),
        cmocka_unit_test(test_datasets),    cmocka_unit_test(test_images),
        cmocka_unit_test(test_sources),     cmocka_unit_test(test_downloads),
        cmocka_unit_test(test_annotations), cmocka_unit_test(test_annotations_each),
        cmocka_unit_test(test_alpha_masks), cmocka_unit_test(test_bulk_download),
        cmocka_unit_test(test_image_tags),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
