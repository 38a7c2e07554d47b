/* Running the server: wiring, signals, housekeeping. */
#include "cli/serve.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/api.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/data_dir.h"
#include "domain/instance.h"
#include "domain/setting.h"
#include "media/media.h"
#include "media/preview_cache.h"

#define TICK_S   60
#define DRAIN_MS 10000

#define MEDIA_PROGRAM     "labeld-media"
#define MEDIA_WORKERS     2
#define MEDIA_DEADLINE_MS 20000

/* Settings that are read at start. */
struct limits {
    int64_t pixels_max, preview_bytes_max, private_addresses;
};

static enum err ensure(struct call *c, void *arg)
{
    struct limits *limits = arg;
    enum err e = instance_ensure(c);

    if (e == ERR_OK)
        e = setting_get(c, SETTING_IMAGE_PIXELS_MAX, &limits->pixels_max);
    if (e == ERR_OK)
        e = setting_get(c, SETTING_PRIVATE_ADDRESSES, &limits->private_addresses);
    return e == ERR_OK ? setting_get(c, SETTING_PREVIEW_CACHE_BYTES, &limits->preview_bytes_max)
                       : e;
}

/* Migrate with a connection of our own, closed again before the server opens its own. */
static enum err bring_up_to_date(struct data_dir *d, struct limits *limits, struct fault *f)
{
    struct arena arena;
    struct call c = {.arena = &arena};

    arena_init(&arena, 1u << 20);
    enum err e = data_dir_connect(d, f);
    if (e == ERR_OK) {
        e = data_dir_write(d, &c, ensure, limits);
        if (e != ERR_OK)
            *f = c.fault;
    }
    db_close(d->db);
    d->db = NULL;
    arena_finish(&arena);
    return e;
}

/* Test aid: another time between the rounds of housekeeping. */
static int64_t tick_s(void)
{
    const char *text = getenv("LABELD_TICK_S");
    int64_t s = TICK_S;

    return text && str_to_i64(str_from(text), &s) && s > 0 ? s : TICK_S;
}

static void wait_for_signal(struct api *a)
{
    struct timespec tick = {.tv_sec = tick_s()};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    for (;;) {
        int got = sigtimedwait(&set, NULL, &tick);

        if (got == SIGTERM || got == SIGINT)
            break;
        api_tick(a);
    }
}

/* What the API works with and does not start itself. */
struct parts {
    struct blob_store *blobs;
    struct media *media;
    struct preview_cache *previews;
    bool private_addresses;
};

/* labeld-media stands beside this program. */
static enum err start_media(int64_t pixels_max, struct media **out, struct fault *f)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
    char *slash;

    if (n < 0)
        return fault_set(f, ERR_INTERNAL, NULL, "cannot tell where this program is");
    path[n] = '\0';
    slash = strrchr(path, '/');
    memcpy(slash + 1, MEDIA_PROGRAM, sizeof MEDIA_PROGRAM);
    const struct media_config config = {.program = path,
                                        .workers = MEDIA_WORKERS,
                                        .deadline_ms = MEDIA_DEADLINE_MS,
                                        .pixels_max = pixels_max};
    return media_start(&config, out, f);
}

static enum err run(struct data_dir *d, const struct parts *parts, const struct serve_options *o,
                    struct fault *f)
{
    struct api_config config = {
        .db_target = d->db_target,
        .guest_lock = data_dir_is_pg(d) ? NULL : d->guest_path,
        .blobs = parts->blobs,
        .media = parts->media,
        .previews = parts->previews,
        .blob_dir = d->blob_path,
        .private_addresses = parts->private_addresses,
        .http = http_config_default(),
        .heavy_threads = (int)sysconf(_SC_NPROCESSORS_ONLN),
        .log_requests = o->log_requests,
    };
    struct api *a;
    sigset_t set;

    sigemptyset(&set); /* before threads start: they inherit it */
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    config.http.listen = o->listen;
    if (o->threads > 0)
        config.http.threads = config.heavy_threads = o->threads;
    enum err e = api_start(&config, &a, f);
    if (e != ERR_OK)
        return e;
    log_info("serve", "labeld %s is ready on port %d, data in %s", LABELD_VERSION, api_port(a),
             d->dir);
    wait_for_signal(a);
    log_info("serve", "stopping: finishing running requests");
    api_stop(a, DRAIN_MS);
    log_info("serve", "stopped");
    return ERR_OK;
}

enum err serve(const struct serve_options *o, struct fault *f)
{
    struct limits limits = {0};
    struct parts parts = {0};
    struct data_dir d;
    enum err e = data_dir_name(&d, o->data, f);

    /* an empty directory is set up in the browser; any other without our data is a mistake */
    if (e == ERR_OK && !data_dir_exists(&d) && !data_dir_is_empty(&d))
        return fault_set(f, ERR_NOT_FOUND, "data",
                         "there is no labeld data in %s; run `labeld init --data %s` first",
                         o->data, o->data);
    if (e == ERR_OK)
        e = data_dir_own(&d, f);
    if (e == ERR_OK)
        e = bring_up_to_date(&d, &limits, f);
    if (e == ERR_OK)
        e = blob_open(d.blob_path, &parts.blobs, f);
    if (e == ERR_OK)
        e = start_media(limits.pixels_max, &parts.media, f);
    if (e == ERR_OK)
        e = preview_cache_open(d.preview_path, limits.preview_bytes_max, &parts.previews, f);
    if (e == ERR_OK) {
        parts.private_addresses = limits.private_addresses != 0;
        e = run(&d, &parts, o, f);
    }
    preview_cache_close(parts.previews);
    media_stop(parts.media);
    blob_close(parts.blobs);
    data_dir_close(&d);
    return e;
}
