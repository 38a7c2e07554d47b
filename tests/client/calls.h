/* What the programs share that call every function of liblabel against a real server. They need
 * SERVER_ADDRESS, API_TOKEN (of an administrator), TEAM_ID, WORKSPACE_ID, and FILES, a folder with
 * three images a.png, b.png, c.png. */
#ifndef CALLS_H
#define CALLS_H

#include <label/label.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <cmocka.h>

#define N_FILES 3

/* An annotation: a kiwi in a box. */
#define BOX                                                                                        \
    "{\"description\": \"\", \"tags\": [], \"size\": {\"height\": 8, \"width\": 8}, \"objects\": " \
    "[{\"classTitle\": \"kiwi\", \"geometryType\": \"rectangle\", \"tags\": [], \"points\": "      \
    "{\"exterior\": [[1, 1], [4.5, 4]], \"interior\": []}}]}"

static struct label_api *api;
static struct label_error error;
static int64_t team, workspace;

/* What the tests share: a project with a dataset, three images, a labeler and a reviewer. */
static struct label_project *project;
static struct label_dataset *dataset;
static struct label_image_list *images;
static struct label_user *labeler, *reviewer;
static struct label_api *labeler_api;

#define OK(call)           check((call), LABEL_OK, #call, __LINE__)
#define REFUSED(err, call) check((call), (err), #call, __LINE__)

static inline void check(enum label_err got, enum label_err wanted, const char *call, int line)
{
    if (got != wanted)
        fail_msg("line %d: %s: %s, not %s: %s", line, call, label_err_name(got),
                 label_err_name(wanted), error.message);
    assert_int_equal(got, error.err);
}

static inline const char *unique(const char *prefix)
{
    static char names[16][64];
    static int next;
    unsigned n = 0;
    char *name = names[next++ % 16];

    assert_int_equal(getrandom(&n, sizeof n, 0), sizeof n);
    snprintf(name, sizeof *names, "%s_%08x", prefix, n);
    return name;
}

static inline const char *file_path(int i)
{
    static char paths[N_FILES][512];

    snprintf(paths[i], sizeof *paths, "%s/%c.png", getenv("FILES"), 'a' + i);
    return paths[i];
}

static inline int64_t missing(void)
{
    return 99999999;
}

static inline struct label_user *new_user(int64_t role, const char *password)
{
    struct label_user_options o = {
        .login = unique("user"), .password = password, .name = "A name", .is_restricted = true};
    struct label_user *user;

    OK(label_user_create(api, &o, &user, &error));
    OK(label_user_add_to_team(api, user->id, team, role, &error));
    return user;
}

static inline int set_up(void **state)
{
    struct label_image_file files[N_FILES];
    struct label_upload u = {.files = files, .n = N_FILES};
    struct label_settings s = {.server_address = getenv("SERVER_ADDRESS"), .attempts = 1};
    struct label_env *env;

    (void)state;
    OK(label_env_load(&env, &error));
    OK(label_env_id(env, "TEAM_ID", &team, &error));
    OK(label_env_id(env, "WORKSPACE_ID", &workspace, &error));
    label_free(env);
    OK(label_open_from_env(&api, &error));
    OK(label_project_create(api, workspace, unique("project"), "for tests", &project, &error));
    OK(label_dataset_create(api, project->id, "ds1", 0, &dataset, &error));
    for (int i = 0; i < N_FILES; i++)
        files[i] = (struct label_image_file){.path = file_path(i), .meta_json = "{\"n\": 1}"};
    OK(label_image_upload_paths(api, dataset->id, &u, &images, &error));
    labeler = new_user(LABEL_ROLE_ANNOTATOR, "a-password");
    reviewer = new_user(LABEL_ROLE_REVIEWER, "a-password");
    OK(label_open_from_credentials(&s, labeler->login, "a-password", &labeler_api, &error));
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    label_free(project);
    label_free(dataset);
    label_free(images);
    label_free(labeler);
    label_free(reviewer);
    label_close(labeler_api);
    label_close(api);
    return 0;
}

#endif
