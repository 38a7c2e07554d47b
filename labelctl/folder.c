/* Project folders: what is where, and files that are there completely or not at all. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 64

/* Names in a dataset's folder that are no datasets. */
static const char *const reserved[] = {"img", "ann", "img_info", "seg", "meta", "datasets", "blob"};

static const char *const image_ends[] = {".jpg",  ".jpeg", ".mpo", ".bmp",  ".png",
                                         ".webp", ".tiff", ".tif", ".nrrd", ".jfif"};

/* ---- listing ---- */

struct names {
    const char **items;
    size_t n, room;
};

static int compare(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strcmp(*x, *y);
}

static void add_name(struct ctl *c, struct names *names, const char *name)
{
    if (names->n == names->room) {
        const char **more = ctl_alloc(c, (2 * names->room + 64) * sizeof *more);

        if (names->n)
            memcpy(more, names->items, names->n * sizeof *more);
        names->items = more;
        names->room = 2 * names->room + 64;
    }
    names->items[names->n++] = ctl_format(c, "%s", name);
}

/* Names in a folder but hidden ones, sorted; false: it cannot be read. */
static bool list(struct ctl *c, const char *path, struct names *names)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    *names = (struct names){0};
    if (dir == NULL)
        return false;
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.')
            add_name(c, names, entry->d_name);
    }
    closedir(dir);
    if (names->n)
        qsort(names->items, names->n, sizeof *names->items, compare);
    return true;
}

static bool has(const struct names *names, const char *name)
{
    return names->n && bsearch(&name, names->items, names->n, sizeof name, compare) != NULL;
}

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_image(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < ARRAY_LEN(image_ends); i++) {
        if (strcasecmp(dot, image_ends[i]) == 0)
            return true;
    }
    return false;
}

bool folder_can_name(const char *name, bool dataset)
{
    for (size_t i = 0; dataset && i < ARRAY_LEN(reserved); i++) {
        if (strcmp(name, reserved[i]) == 0)
            return false;
    }
    return *name && strchr(name, '/') == NULL && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool folder_is_empty(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    bool empty = true;

    if (dir == NULL)
        return errno == ENOENT;
    while (empty && (entry = readdir(dir)) != NULL)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(dir);
    return empty;
}

bool folder_make(const char *path)
{
    char part[4096];

    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (char *p = part + 1; *p; p++) {
        if (*p == '/') {
            *p = '\0';
            mkdir(part, 0777);
            *p = '/';
        }
    }
    return mkdir(part, 0777) == 0 || (errno == EEXIST && is_folder(part));
}

/* ---- files ---- */

enum label_err folder_fail(struct label_error *error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    *error = (struct label_error){.err = LABEL_ERR_FILE};
    vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
    return LABEL_ERR_FILE;
}

/* Whole content of a file, malloc()ed; NULL: errno says why. */
static char *read_whole(const char *path, size_t *n)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = NULL;
    struct stat st;

    *n = 0;
    if (fd >= 0 && fstat(fd, &st) == 0 && (text = malloc((size_t)st.st_size + 1)) != NULL) {
        ssize_t k = 1;

        while (*n < (size_t)st.st_size && k > 0) {
            k = read(fd, text + *n, (size_t)st.st_size - *n);
            *n += k > 0 ? (size_t)k : 0;
        }
        if (k < 0) {
            free(text);
            text = NULL;
        }
    }
    if (fd >= 0)
        close(fd);
    return text;
}

json_t *folder_read_json(const char *path, struct label_error *error)
{
    json_error_t why;
    size_t n;
    char *text = read_whole(path, &n);
    json_t *json = text ? json_loadb(text, n, JSON_REJECT_DUPLICATES, &why) : NULL;

    if (text == NULL)
        folder_fail(error, "%s: %s", path, strerror(errno));
    else if (json == NULL)
        folder_fail(error, "%s:%d: %s", path, why.line, why.text);
    else if (!json_is_object(json))
        folder_fail(error, "%s holds no JSON object", path);
    free(text);
    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}

static bool write_whole(const char *path, const char *text, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    ssize_t k = 0;

    if (fd < 0)
        return false;
    while (n > 0 && (k = write(fd, text, n)) >= 0) {
        text += k;
        n -= (size_t)k;
    }
    return close(fd) == 0 && n == 0;
}

enum label_err folder_write_json(const char *path, const json_t *json, size_t flags,
                                 struct label_error *error)
{
    char part[4096];
    char *text = json_dumps(json, flags);
    bool good = false;

    if (text == NULL)
        errno = ENOMEM;
    else if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        errno = ENAMETOOLONG;
    else if (!(good = write_whole(part, text, strlen(text)) && rename(part, path) == 0))
        unlink(part);
    free(text);
    return good ? LABEL_OK : folder_fail(error, "%s: %s", path, strerror(errno));
}

/* ---- reading ---- */

/* A folder of JSON files, and what is in it. */
struct jsons {
    const char *path;
    struct names names;
};

static struct jsons list_jsons(struct ctl *c, const struct folder_dataset *d, const char *name)
{
    struct jsons j = {.path = ctl_format(c, "%s/%s", d->path, name)};

    list(c, j.path, &j.names);
    return j;
}

/* The file for an image: NAME.json, or as of old STEM.json. */
static const char *json_for(struct ctl *c, const struct jsons *j, const char *image)
{
    const char *file = ctl_format(c, "%s.json", image);

    if (!has(&j->names, file))
        file = ctl_format(c, "%.*s.json", (int)(strrchr(image, '.') - image), image);
    return has(&j->names, file) ? ctl_format(c, "%s/%s", j->path, file) : NULL;
}

/* The name of the image that img_info/FILE is about; NULL: of none. */
static const char *image_of(struct ctl *c, const char *file)
{
    size_t n = strlen(file);
    const char *name;

    if (n < 6 || strcmp(file + n - 5, ".json") != 0)
        return NULL;
    name = ctl_format(c, "%.*s", (int)(n - 5), file);
    return is_image(name) ? name : NULL;
}

static int read_images(struct ctl *c, struct folder *f, struct folder_dataset *d)
{
    struct jsons anns = list_jsons(c, d, "ann"), metas = list_jsons(c, d, "meta"),
                 infos = list_jsons(c, d, "img_info");
    const char *img = ctl_format(c, "%s/img", d->path);
    struct names images;

    if (!list(c, img, &images) && errno != ENOENT)
        return ctl_fail(c, CTL_FAILED, "%s: %s", img, strerror(errno));
    d->images = ctl_alloc(c, (images.n + infos.names.n + 1) * sizeof *d->images);
    for (size_t i = 0; i < images.n; i++) {
        const char *path = ctl_format(c, "%s/%s", img, images.items[i]);
        struct stat st;

        if (is_image(images.items[i]) && stat(path, &st) == 0 && S_ISREG(st.st_mode))
            d->images[d->n++] = (struct folder_image){.name = images.items[i], .path = path};
        else
            ctl_note(c, "%s is no image; left out", path);
    }
    for (size_t i = 0; i < infos.names.n; i++) {
        const char *name = image_of(c, infos.names.items[i]);

        if (name && !has(&images, name))
            d->images[d->n++] = (struct folder_image){.name = name};
    }
    for (size_t i = 0; i < d->n; i++) {
        d->images[i].annotation = json_for(c, &anns, d->images[i].name);
        d->images[i].meta = json_for(c, &metas, d->images[i].name);
        d->images[i].info = json_for(c, &infos, d->images[i].name);
    }
    f->n_images += d->n;
    return CTL_DONE;
}

static bool is_dataset(struct ctl *c, const char *path)
{
    return is_folder(ctl_format(c, "%s/img", path)) || is_folder(ctl_format(c, "%s/ann", path)) ||
           is_folder(ctl_format(c, "%s/datasets", path));
}

static int read_datasets(struct ctl *c, struct folder *f, const char *path, size_t parent,
                         int depth)
{
    struct names names;
    int code = CTL_DONE;

    if (!list(c, path, &names) || depth > DEPTH_MAX)
        return ctl_fail(c, CTL_FAILED, "%s: %s", path,
                        depth > DEPTH_MAX ? "too deep" : strerror(errno));
    for (size_t i = 0; i < names.n && code == CTL_DONE; i++) {
        const char *below = ctl_format(c, "%s/%s", path, names.items[i]);
        struct folder_dataset *all;
        size_t index = f->n;

        if (!folder_can_name(names.items[i], true) || !is_folder(below) || !is_dataset(c, below))
            continue;
        all = ctl_alloc(c, (f->n + 1) * sizeof *all);
        if (f->n)
            memcpy(all, f->datasets, f->n * sizeof *all);
        f->datasets = all;
        all[f->n++] =
            (struct folder_dataset){.name = names.items[i], .path = below, .parent = parent};
        code = read_images(c, f, &f->datasets[index]);
        below = ctl_format(c, "%s/datasets", below);
        if (code == CTL_DONE && is_folder(below))
            code = read_datasets(c, f, below, index + 1, depth + 1);
    }
    return code;
}

int folder_read(struct ctl *c, const char *path, struct folder *f)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    *f = (struct folder){.path = ctl_format(c, "%.*s", (int)n, path)};
    if (!is_folder(f->path))
        return ctl_fail(c, CTL_FAILED, "%s is no folder", f->path);
    f->meta = folder_read_json(ctl_format(c, "%s/meta.json", f->path), &c->error);
    if (f->meta == NULL)
        return ctl_failed(c);
    return read_datasets(c, f, f->path, 0, 0);
}
