/* What the tests of liblabel drive: one call, with settings from the environment, and what became
 * of it as a line of JSON. Built with sanitizers, so that a leak fails the test that made it.
 *
 *     probe COMMAND [ARGUMENT ...]
 *
 * PROBE_ATTEMPTS, PROBE_WAIT_MS, PROBE_TIMEOUT_MS, PROBE_PARALLEL set the handle;
 * PROBE_CANCEL_MS cancels it from another thread after so long. */
#include <jansson.h>
#include <label/label.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS 8

static int retries;

static int number(const char *name)
{
    const char *value = getenv(name);

    return value ? (int)strtol(value, NULL, 10) : 0;
}

static int64_t id(const char *text)
{
    return strtoll(text, NULL, 10);
}

static void count_retry(void *ctx, const struct label_retry *retry)
{
    (void)ctx, (void)retry;
    __atomic_add_fetch(&retries, 1, __ATOMIC_RELAXED);
}

/* Print the outcome; value is consumed. */
static void report(const struct label_error *e, json_t *value)
{
    json_t *line = json_pack("{s:s,s:i,s:i,s:s,s:s,s:i,s:o?}", "err", label_err_name(e->err),
                             "status", e->http_status, "attempts", e->attempts, "field", e->field,
                             "message", e->message, "retries", retries, "value", value);
    char *text = json_dumps(line, 0);

    puts(text);
    free(text);
    json_decref(line);
}

static json_t *text_value(const char *text)
{
    return text ? json_string(text) : NULL;
}

/* ---- commands: each makes a call, reports it ---- */

static void do_me(struct label_api *api, char **args)
{
    struct label_error e;
    struct label_user *user;

    (void)args;
    label_user_get_my_info(api, &user, &e);
    report(&e, user ? text_value(user->login) : NULL);
    label_free(user);
}

static void do_post(struct label_api *api, char **args)
{
    struct label_error e;
    char *answer;

    label_post(api, args[0], args[1], &answer, &e);
    report(&e, text_value(answer));
    label_free(answer);
}

static void do_job(struct label_api *api, char **args)
{
    struct label_error e;
    struct label_job *job;

    label_job_get_info_by_id(api, id(args[0]), &job, &e);
    report(&e, job ? text_value(job->status) : NULL);
    label_free(job);
}

/* job_create NAME DATASET USER */
static void do_job_create(struct label_api *api, char **args)
{
    int64_t user = id(args[2]);
    struct label_job_options o = {
        .name = args[0], .dataset_id = id(args[1]), .user_ids = {&user, 1}};
    struct label_job_list *jobs;
    struct label_error e;

    label_job_create(api, &o, &jobs, &e);
    report(&e, jobs ? json_integer(jobs->items[0].id) : NULL);
    label_free(jobs);
}

/* jobs TEAM: how many there are */
static void do_jobs(struct label_api *api, char **args)
{
    struct label_job_list *jobs;
    struct label_error e;

    label_job_get_list(api, id(args[0]), NULL, &jobs, &e);
    report(&e, jobs ? json_integer((json_int_t)jobs->n) : NULL);
    label_free(jobs);
}

/* job_wait ID STATUS ATTEMPTS INTERVAL_MS */
static void do_job_wait(struct label_api *api, char **args)
{
    struct label_error e;

    label_job_wait(api, id(args[0]), args[1], (int)id(args[2]), (int)id(args[3]), &e);
    report(&e, NULL);
}

static bool print_progress(void *ctx, size_t done, size_t total, int64_t bytes)
{
    json_t *seen = ctx;

    json_array_append_new(
        seen, json_pack("[I,I,I]", (json_int_t)done, (json_int_t)total, (json_int_t)bytes));
    return number("PROBE_STOP_AFTER") == 0 || (int)done < number("PROBE_STOP_AFTER");
}

/* Images as they were made, by the threads of the upload: [number of the file, name]. */
static json_t *told;
static pthread_mutex_t told_lock = PTHREAD_MUTEX_INITIALIZER;

static enum label_err keep_made(void *ctx, size_t first, const struct label_image_list *images,
                                struct label_error *error)
{
    int fail_at = number("PROBE_FAIL_AT");

    (void)ctx;
    pthread_mutex_lock(&told_lock);
    for (size_t i = 0; i < images->n; i++)
        json_array_append_new(told,
                              json_pack("[I,s]", (json_int_t)(first + i), images->items[i].name));
    pthread_mutex_unlock(&told_lock);
    if (fail_at == 0 || first + images->n <= (size_t)fail_at)
        return LABEL_OK;
    *error = (struct label_error){.err = LABEL_ERR_FILE, .message = "made: no"};
    return LABEL_ERR_FILE;
}

static char *meta_of(int bytes)
{
    size_t size = (size_t)bytes + 16;
    char *text = bytes ? malloc(size) : NULL;

    if (text)
        snprintf(text, size, "{\"x\":\"%0*d\"}", bytes, 0);
    return text;
}

/* upload DATASET CONFLICT PATH ... : names and ids, the progress that was told, and what was told
 * of images that were made. PROBE_META_BYTES: each with so much meta */
static void do_upload(struct label_api *api, char **args)
{
    struct label_image_file files[1024];
    json_t *seen = json_array(), *made = json_array();
    struct label_upload u = {.files = files,
                             .conflict = (enum label_conflict)id(args[1]),
                             .progress = {print_progress, seen},
                             .made = keep_made};
    char *meta = meta_of(number("PROBE_META_BYTES"));
    struct label_image_list *images;
    struct label_error e;

    for (char **path = args + 2; *path && u.n < 1024; path++)
        files[u.n++] = (struct label_image_file){.path = *path, .meta_json = meta};
    told = json_array();
    label_image_upload_paths(api, id(args[0]), &u, &images, &e);
    for (size_t i = 0; images && i < images->n; i++)
        json_array_append_new(
            made, json_pack("[s,I]", images->items[i].name, (json_int_t)images->items[i].id));
    report(&e, json_pack("{s:o,s:o,s:o}", "images", made, "progress", seen, "made", told));
    label_free(images);
    free(meta);
}

/* download DIR ID ... : into DIR/ID; PROBE_DATASET says of which dataset all are */
static void do_download(struct label_api *api, char **args)
{
    struct label_download_item items[1024];
    char paths[1024][256];
    json_t *seen = json_array();
    struct label_download d = {
        .items = items, .progress = {print_progress, seen}, .dataset_id = number("PROBE_DATASET")};
    struct label_error e;

    for (char **image = args + 1; *image && d.n < 1024; image++) {
        snprintf(paths[d.n], sizeof *paths, "%s/%s", args[0], *image);
        items[d.n] = (struct label_download_item){id(*image), paths[d.n], 0};
        d.n++;
    }
    label_image_download_paths(api, &d, &e);
    report(&e, seen);
}

/* masks ID ... : geometries of figures */
static void do_masks(struct label_api *api, char **args)
{
    json_t *texts = json_array();
    struct label_names *masks;
    struct label_error e;
    int64_t items[64];
    struct label_ids ids = {items, 0};

    for (char **figure = args; *figure && ids.n < 64; figure++)
        items[ids.n++] = id(*figure);
    label_figure_download_geometries(api, &ids, &masks, &e);
    for (size_t i = 0; masks && i < masks->n; i++)
        json_array_append_new(texts, json_string(masks->items[i]));
    report(&e, texts);
    label_free(masks);
}

/* set_mask ID JSON */
static void do_set_mask(struct label_api *api, char **args)
{
    struct label_geometry g = {id(args[0]), args[1]};
    struct label_error e;

    label_figure_upload_geometries(api, &g, 1, &e);
    report(&e, NULL);
}

/* annotation IMAGE: as text */
static void do_annotation(struct label_api *api, char **args)
{
    struct label_annotation *a;
    struct label_error e;

    label_annotation_download(api, id(args[0]), &a, &e);
    report(&e, a ? text_value(a->annotation_json) : NULL);
    label_free(a);
}

struct creator {
    struct label_api *api;
    char **args;
    int failed;
};

static void *create_some(void *ctx)
{
    struct creator *c = ctx;
    int64_t user = id(c->args[2]);
    struct label_job_options o = {
        .name = c->args[0], .dataset_id = id(c->args[1]), .user_ids = {&user, 1}};

    for (int i = 0; i < 4; i++) {
        struct label_job_list *jobs;

        if (label_job_create(c->api, &o, &jobs, NULL) != LABEL_OK)
            __atomic_add_fetch(&c->failed, 1, __ATOMIC_RELAXED);
        label_free(jobs);
    }
    return NULL;
}

/* threads NAME DATASET USER: eight threads on one handle, each makes four jobs of the same name */
static void do_threads(struct label_api *api, char **args)
{
    struct creator c = {api, args, 0};
    struct label_error none = {0};
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, create_some, &c);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    report(&none, json_integer(c.failed));
}

static void *cancel_later(void *ctx)
{
    int ms = number("PROBE_CANCEL_MS");

    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
    label_cancel(ctx);
    return NULL;
}

static const struct {
    const char *name;
    int args;
    void (*run)(struct label_api *api, char **args);
} commands[] = {
    {"me", 0, do_me},
    {"post", 2, do_post},
    {"job", 1, do_job},
    {"jobs", 1, do_jobs},
    {"job_create", 3, do_job_create},
    {"job_wait", 4, do_job_wait},
    {"upload", 3, do_upload},
    {"download", 2, do_download},
    {"masks", 1, do_masks},
    {"set_mask", 2, do_set_mask},
    {"annotation", 1, do_annotation},
    {"threads", 3, do_threads},
};

static void run(const char *name, int n, char **args)
{
    struct label_settings s = {.server_address = getenv("SERVER_ADDRESS"),
                               .token = getenv("API_TOKEN"),
                               .attempts = number("PROBE_ATTEMPTS"),
                               .retry_wait_ms = number("PROBE_WAIT_MS"),
                               .timeout_ms = number("PROBE_TIMEOUT_MS"),
                               .parallel = number("PROBE_PARALLEL"),
                               .connect_timeout_ms = 2000,
                               .on_retry = count_retry};
    struct label_error e;
    struct label_api *api;
    pthread_t canceller;

    if (label_open(&s, &api, &e) != LABEL_OK) {
        report(&e, NULL);
        return;
    }
    if (number("PROBE_CANCEL_MS"))
        pthread_create(&canceller, NULL, cancel_later, api);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, name) == 0 && n >= commands[i].args)
            commands[i].run(api, args);
    }
    if (number("PROBE_CANCEL_MS"))
        pthread_join(canceller, NULL);
    label_close(api);
}

/* login LOGIN PASSWORD; env */
static void run_without_token(const char *name, int n, char **args)
{
    struct label_settings s = {.server_address = getenv("SERVER_ADDRESS"), .attempts = 1};
    struct label_error e;
    struct label_api *api;

    if (strcmp(name, "login") == 0 && n == 2)
        label_open_from_credentials(&s, args[0], args[1], &api, &e);
    else
        label_open_from_env(&api, &e);
    if (api)
        do_me(api, args);
    else
        report(&e, NULL);
    label_close(api);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    if (strcmp(argv[1], "login") == 0 || strcmp(argv[1], "env") == 0)
        run_without_token(argv[1], argc - 2, argv + 2);
    else
        run(argv[1], argc - 2, argv + 2);
    return 0;
}
