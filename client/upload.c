/* Bytes of images, up, over several connections.
 *
 * It goes by batches. Each worker takes the next one, and sends its files but those of which the
 * server has the bytes; this is what takes time, and it runs side by side. To ask whether it has
 * them costs their hashes, a second reading: it is done as long as the answers are worth it. Then
 * batches become images in their order, so that what is there after a failure is the beginning of
 * the list. */
#include "client.h"

#include "images.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH_FILES_MAX 64
#define BATCH_BYTES_MAX (16 << 20)
#define HASH_SIZE       45 /* base64 of a SHA-256, with the zero */
#define READ_SIZE       (256 << 10)
#define NAME_SIZE       512
#define META_BYTES_MAX  (4 << 20) /* in one call that makes images: servers take 16 MB */
#define CONFLICTS_MAX   50        /* rounds of renaming */
#define ASK_EVERY       8         /* batches: one of so many asks in any case */

/* Files that go together, all into one dataset. */
struct batch {
    int64_t dataset_id;
    size_t first, n;
    int64_t bytes;
    size_t meta_bytes;
    struct item *items; /* while a worker is at it */
    json_t *images;     /* what it has become, in order */
};

struct upload {
    struct lb_crew crew;
    int64_t dataset_id; /* of files that name none */
    const struct label_upload *in;
    struct batch *batches;
    size_t n_batches;
    atomic_bool asking; /* the server had some of what it was last asked about, or was not asked */

    pthread_mutex_t lock;
    size_t items_done; /* under lock, and one thread in the progress function at a time */
    int64_t bytes_done;
};

/* A file that a worker is at. */
struct item {
    const struct label_image_file *file;
    char name[NAME_SIZE];
    char hash[HASH_SIZE]; /* "": not known yet */
    bool there;           /* the server has the bytes */
    int64_t taken_by;     /* an image that has the name and stays */
    int suffix;           /* of the last new name */
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static const char *name_of(const struct label_image_file *f)
{
    return f->name ? f->name : base_name(f->path);
}

static void file_failed(struct lb_op *op, const char *path)
{
    lb_fail(op, LABEL_ERR_FILE, NULL, "%s: %s", path, strerror(errno));
}

/* ---- hashing ---- */

static bool add_file(EVP_MD_CTX *md, int fd, char *buffer)
{
    ssize_t n;

    while ((n = read(fd, buffer, READ_SIZE)) != 0) {
        if (n > 0)
            EVP_DigestUpdate(md, buffer, (size_t)n);
        else if (errno != EINTR)
            return false;
    }
    return true;
}

static void hash_file(struct lb_op *op, const char *path, char hash[HASH_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    char *buffer = malloc(READ_SIZE);
    bool begun = md && buffer && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || (begun && !add_file(md, fd, buffer)))
        file_failed(op, path);
    else if (!begun || EVP_DigestFinal_ex(md, digest, NULL) != 1)
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
    else
        EVP_EncodeBlock((unsigned char *)hash, digest, 32);
    if (fd >= 0)
        close(fd);
    free(buffer);
    EVP_MD_CTX_free(md);
}

enum label_err label_file_hash(const char *path, char **hash, struct label_error *error)
{
    char text[HASH_SIZE] = "";
    struct lb_op op;

    lb_begin(&op, NULL, error);
    hash_file(&op, path, text);
    *hash = lb_failed(&op) ? NULL : lb_result_bytes(&op, text, strlen(text));
    return lb_end(&op);
}

/* ---- sending bytes ---- */

static bool is_repeat(const struct item *items, size_t i)
{
    for (size_t k = 0; k < i && items[i].hash[0]; k++) {
        if (strcmp(items[k].hash, items[i].hash) == 0)
            return true;
    }
    return false;
}

/* Find out which bytes the server has. */
static void ask(struct lb_op *op, struct upload *u, struct item *items, size_t n)
{
    json_t *hashes = json_array(), *found, *one;
    size_t k;

    for (size_t i = 0; i < n && !lb_failed(op); i++) {
        hash_file(op, items[i].file->path, items[i].hash);
        lb_append(hashes, json_string(items[i].hash));
    }
    found = lb_existing_hashes(op, hashes);
    json_array_foreach (found, k, one) {
        for (size_t i = 0; i < n; i++) {
            if (json_is_string(one) && strcmp(json_string_value(one), items[i].hash) == 0)
                items[i].there = true;
        }
    }
    atomic_store(&u->asking, json_array_size(found) > 0);
    json_decref(found);
}

/* The server says for each part its hash, or why it is no image. */
static void check_parts(struct lb_op *op, const json_t *answer, struct item *const *sent, size_t n)
{
    if (!lb_failed(op) && json_array_size(answer) != n)
        lb_fail(op, LABEL_ERR_ANSWER, NULL, "images.bulk.upload: an answer for %zu files, not %zu",
                json_array_size(answer), n);
    for (size_t i = 0; i < n && !lb_failed(op); i++) {
        const json_t *part = json_array_get(answer, i);
        const char *hash = json_string_value(json_object_get(part, "hash"));
        const json_t *why = json_array_get(json_object_get(part, "errors"), 0);
        const char *text = json_string_value(json_object_get(why, "message"));

        if (hash == NULL)
            lb_fail(op, LABEL_ERR_INVALID, NULL, "%s: %s", sent[i]->file->path,
                    text ? text : "refused");
        else if (sent[i]->hash[0] == '\0' && strlen(hash) == HASH_SIZE - 1)
            memcpy(sent[i]->hash, hash, HASH_SIZE);
        else if (strcmp(hash, sent[i]->hash) != 0)
            lb_fail(op, LABEL_ERR_FILE, NULL, "%s has changed while it was read",
                    sent[i]->file->path);
    }
}

static void send_missing(struct lb_op *op, struct item *items, size_t n)
{
    struct lb_part parts[BATCH_FILES_MAX] = {0};
    struct item *sent[BATCH_FILES_MAX];
    struct lb_request request = {.path = "/public/api/v3/images.bulk.upload",
                                 .json = true,
                                 .name = "images.bulk.upload",
                                 .kind = LB_WRITE,
                                 .parts = parts};
    struct lb_answer answer;
    size_t n_sent = 0;

    for (size_t i = 0; i < n; i++) {
        if (items[i].there || is_repeat(items, i))
            continue;
        sent[n_sent] = &items[i];
        parts[n_sent].path = items[i].file->path;
        parts[n_sent].type = "image/*";
        snprintf(parts[n_sent].name, sizeof parts->name, "%zu-file", n_sent);
        snprintf(parts[n_sent].file_name, sizeof parts->file_name, "%zu", n_sent);
        n_sent++;
    }
    if (n_sent == 0)
        return;
    request.n_parts = n_sent;
    lb_send(op, &request, &answer);
    check_parts(op, answer.json, sent, n_sent);
    lb_answer_drop(&answer);
}

/* ---- making images ---- */

static json_t *add_body(struct lb_op *op, int64_t dataset_id, const struct item *items, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) {
        json_t *one;

        if (items[i].taken_by)
            continue;
        one = json_pack("{s:s,s:s}", "title", items[i].name, "hash", items[i].hash);
        if (one)
            lb_put(one, "meta", lb_parse(op, "meta_json", items[i].file->meta_json));
        lb_append(list, one);
    }
    return json_pack("{s:I,s:o}", "datasetId", (json_int_t)dataset_id, "images", list);
}

/* a.jpg, a_001.jpg, a_002.jpg ... */
static void rename_item(struct item *item)
{
    const char *name = name_of(item->file);
    const char *dot = strrchr(name, '.');
    size_t base = dot && dot != name ? (size_t)(dot - name) : strlen(name);

    snprintf(item->name, sizeof item->name, "%.*s_%03d%s", (int)base, name, ++item->suffix,
             name + base);
}

static bool has_name_of_another(const struct item *items, size_t n, size_t i)
{
    for (size_t k = 0; k < n; k++) {
        if (k != i && strcmp(items[k].name, items[i].name) == 0)
            return true;
    }
    return false;
}

/* Do with item i of n, whose name image id has, what the caller wants. */
static void settle(struct lb_op *op, struct item *items, size_t n, size_t i, int64_t id,
                   enum label_conflict conflict)
{
    if (conflict == LABEL_CONFLICT_SKIP)
        items[i].taken_by = id;
    else if (conflict == LABEL_CONFLICT_RENAME) {
        do {
            rename_item(&items[i]);
        } while (has_name_of_another(items, n, i));
    } else
        label_image_remove(op->api, id, op->error);
}

/* After a refusal: is it because of names, and is there something to be done about it? Then the
 * failure is forgotten. */
static bool settle_conflicts(struct lb_op *op, struct item *items, size_t n, const json_t *refusal,
                             enum label_conflict conflict)
{
    const json_t *details = json_object_get(refusal, "details"), *list, *one;
    const char *type;
    size_t k;

    if (json_is_array(details))
        details = json_array_get(details, 0);
    type = json_string_value(json_object_get(details, "type"));
    list = json_object_get(details, "errors");
    if (conflict == LABEL_CONFLICT_FAIL || type == NULL || strcmp(type, "NONUNIQUE") != 0 ||
        json_array_size(list) == 0)
        return false;
    memset(op->error, 0, sizeof *op->error);
    json_array_foreach (list, k, one) {
        const char *name = json_string_value(json_object_get(one, "name"));
        int64_t id = json_integer_value(json_object_get(one, "id"));

        for (size_t i = 0; name && id && i < n && !lb_failed(op); i++) {
            if (!items[i].taken_by && strcmp(items[i].name, name) == 0)
                settle(op, items, n, i, id, conflict);
        }
    }
    return !lb_failed(op);
}

/* Put the images whose names were taken, and which stay, between those that were made. */
static json_t *weave(struct lb_op *op, int64_t dataset_id, const struct item *items, size_t n,
                     json_t *made)
{
    json_t *ids = json_array(), *there, *all;
    size_t next = 0;

    for (size_t i = 0; i < n; i++) {
        if (items[i].taken_by)
            json_array_append_new(ids, json_integer(items[i].taken_by));
    }
    if (json_array_size(ids) == 0) {
        json_decref(ids);
        return made;
    }
    there = lb_images_by_id(op, dataset_id, ids);
    all = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *one = items[i].taken_by ? NULL : json_array_get(made, next++), *other;
        size_t k;

        json_array_foreach (there, k, other) {
            if (items[i].taken_by &&
                json_integer_value(json_object_get(other, "id")) == items[i].taken_by)
                one = other;
        }
        if (one)
            json_array_append(all, one);
    }
    json_decref(there);
    json_decref(made);
    return all;
}

static json_t *make_images(struct lb_op *op, int64_t dataset_id, enum label_conflict conflict,
                           struct item *items, size_t n)
{
    json_t *made = NULL, *refusal = NULL;

    for (int round = 0; round < CONFLICTS_MAX; round++) {
        json_t *body = add_body(op, dataset_id, items, n);

        if (!lb_failed(op) && json_array_size(json_object_get(body, "images")) == 0) {
            json_decref(body);
            made = json_array();
            break;
        }
        made = lb_try(op, "images.bulk.add", body, &refusal);
        if (!lb_failed(op) || !settle_conflicts(op, items, n, refusal, conflict))
            break;
        json_decref(refusal);
        refusal = NULL;
    }
    json_decref(refusal);
    if (!lb_failed(op) && made == NULL)
        lb_fail(op, LABEL_ERR_INVALID, "name", "no free names were found");
    return lb_failed(op) ? NULL : weave(op, dataset_id, items, n, made);
}

/* ---- batches ---- */

static void tell(struct lb_op *op, struct upload *u, size_t items, int64_t bytes)
{
    const struct label_progress *p = &u->in->progress;

    pthread_mutex_lock(&u->lock);
    u->items_done += items;
    u->bytes_done += bytes;
    if (p->fn && !lb_failed(op) && !p->fn(p->ctx, u->items_done, u->in->n, u->bytes_done))
        lb_fail(op, LABEL_ERR_CANCELLED, NULL, "cancelled");
    pthread_mutex_unlock(&u->lock);
}

static void tell_made(struct lb_op *op, const struct upload *u, const struct batch *b)
{
    struct label_image_list *list = lb_result_list(op, &lb_shape_image, json_incref(b->images));

    if (list && u->in->made(u->in->made_ctx, b->first, list, op->error) != LABEL_OK &&
        !lb_failed(op))
        lb_fail(op, LABEL_ERR_CANCELLED, NULL, "cancelled");
    label_free(list);
}

static void send_batch(struct lb_op *op, struct upload *u, struct batch *b)
{
    for (size_t k = 0; k < b->n; k++) {
        struct item *item = &b->items[k];

        item->file = &u->in->files[b->first + k];
        snprintf(item->name, sizeof item->name, "%s", name_of(item->file));
    }
    if (atomic_load(&u->asking) || (b - u->batches) % ASK_EVERY == 0)
        ask(op, u, b->items, b->n);
    send_missing(op, b->items, b->n);
    if (!lb_failed(op))
        tell(op, u, 0, b->bytes);
}

/* Make images of batches, one call for all of them. */
static void images_of(struct lb_op *op, const struct upload *u, struct batch *b, size_t n)
{
    struct item *items;
    json_t *made;
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        k += b[i].n;
    items = calloc(k + 1, sizeof *items);
    if (items == NULL) {
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
        return;
    }
    k = 0;
    for (size_t i = 0; i < n; i++) {
        memcpy(items + k, b[i].items, b[i].n * sizeof *items);
        k += b[i].n;
    }
    made = make_images(op, b->dataset_id, u->in->conflict, items, k);
    lb_check_made(op, made, k);
    k = 0;
    for (size_t i = 0; i < n && !lb_failed(op); i++) {
        b[i].images = json_array();
        for (size_t last = k + b[i].n; k < last; k++)
            json_array_append(b[i].images, json_array_get(made, k));
    }
    json_decref(made);
    free(items);
}

/* How many of n batches fit into one call. */
static size_t take_together(const struct batch *b, size_t n)
{
    size_t meta_bytes = 0, taken = 0;

    while (taken < n && b[taken].dataset_id == b->dataset_id &&
           (taken == 0 || meta_bytes + b[taken].meta_bytes <= META_BYTES_MAX))
        meta_bytes += b[taken++].meta_bytes;
    return taken;
}

/* In its turn, with the batches behind it that wait for theirs: the server writes one behind the
 * other anyway, and many images at once cost less. */
static bool become_images(struct lb_op *op, struct upload *u, size_t i)
{
    struct batch *b = &u->batches[i];
    size_t n;

    if (lb_failed(op) || !lb_crew_wait(&u->crew, i, &n))
        return false;
    if (n == 0)
        return true;
    n = take_together(b, n);
    images_of(op, u, b, n);
    lb_crew_pass(&u->crew, op, n);
    return !lb_failed(op);
}

static void upload_batch(struct lb_op *op, size_t i, void *ctx)
{
    struct upload *u = ctx;
    struct batch *b = &u->batches[i];

    b->items = calloc(b->n, sizeof *b->items);
    if (b->items == NULL) {
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
        return;
    }
    send_batch(op, u, b);
    if (become_images(op, u, i)) {
        if (u->in->made)
            tell_made(op, u, b);
        if (!lb_failed(op))
            tell(op, u, b->n, 0);
    }
    free(b->items);
}

static int64_t dataset_of(const struct upload *u, size_t i)
{
    return u->in->files[i].dataset_id ? u->in->files[i].dataset_id : u->dataset_id;
}

struct name {
    int64_t dataset_id;
    const char *text;
};

static int compare_names(const void *a, const void *b)
{
    const struct name *x = a, *y = b;

    return x->dataset_id != y->dataset_id ? (x->dataset_id > y->dataset_id) * 2 - 1
                                          : strcmp(x->text, y->text);
}

/* Names must differ: the server would take the first and refuse the second, half-way. */
static void check_names(struct lb_op *op, const struct upload *u)
{
    size_t n = u->in->n;
    struct name *names = malloc((n + 1) * sizeof *names);

    if (names == NULL) {
        lb_fail(op, LABEL_ERR_MEMORY, NULL, "out of memory");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        names[i] = (struct name){dataset_of(u, i), name_of(&u->in->files[i])};
        if (strlen(names[i].text) >= NAME_SIZE - 16)
            lb_fail(op, LABEL_ERR_ARGUMENT, "name", "the name '%.40s...' is too long",
                    names[i].text);
    }
    qsort(names, n, sizeof *names, compare_names);
    for (size_t i = 1; i < n; i++) {
        if (compare_names(&names[i - 1], &names[i]) == 0)
            lb_fail(op, LABEL_ERR_ARGUMENT, "name", "two files would have the name '%s'",
                    names[i].text);
    }
    free(names);
}

static void make_batches(struct lb_op *op, struct upload *u)
{
    struct batch *b = NULL;

    for (size_t i = 0; i < u->in->n && !lb_failed(op); i++) {
        const char *meta = u->in->files[i].meta_json;
        size_t meta_bytes = meta ? strlen(meta) : 0;
        struct stat st;

        if (stat(u->in->files[i].path, &st) != 0) {
            file_failed(op, u->in->files[i].path);
            return;
        }
        if (b == NULL || b->n == BATCH_FILES_MAX || b->bytes + st.st_size > BATCH_BYTES_MAX ||
            b->meta_bytes + meta_bytes > META_BYTES_MAX || b->dataset_id != dataset_of(u, i)) {
            b = &u->batches[u->n_batches++];
            b->dataset_id = dataset_of(u, i);
            b->first = i;
        }
        b->n++;
        b->bytes += st.st_size;
        b->meta_bytes += meta_bytes;
    }
}

enum label_err label_image_upload_paths(struct label_api *api, int64_t dataset_id,
                                        const struct label_upload *upload,
                                        struct label_image_list **images, struct label_error *error)
{
    struct lb_op op;
    struct upload u = {
        .dataset_id = dataset_id, .in = upload, .asking = true, .lock = PTHREAD_MUTEX_INITIALIZER};
    json_t *all = json_array();

    lb_begin(&op, api, error);
    u.batches = calloc(upload->n + 1, sizeof *u.batches);
    if (u.batches == NULL)
        lb_fail(&op, LABEL_ERR_MEMORY, NULL, "out of memory");
    check_names(&op, &u);
    make_batches(&op, &u);
    u.crew = (struct lb_crew){.op = &op, .n = u.n_batches, .work = upload_batch, .ctx = &u};
    lb_crew_run(&u.crew);
    for (size_t i = 0; i < u.n_batches; i++) {
        json_array_extend(all, u.batches[i].images);
        json_decref(u.batches[i].images);
    }
    free(u.batches);
    pthread_mutex_destroy(&u.lock);
    *images = lb_result_list(&op, &lb_shape_image, all);
    return lb_end(&op);
}

enum label_err label_image_upload_path(struct label_api *api, int64_t dataset_id, const char *name,
                                       const char *path, struct label_image **image,
                                       struct label_error *error)
{
    struct label_image_file file = {.name = name, .path = path};
    struct label_upload upload = {.files = &file, .n = 1};
    struct label_image_list *images;
    struct label_error own;
    struct lb_op op;

    *image = NULL;
    label_image_upload_paths(api, dataset_id, &upload, &images, error ? error : &own);
    if (images == NULL)
        return error ? error->err : own.err;
    lb_begin(&op, api, error);
    *image =
        lb_result(&op, &lb_shape_image, json_incref(json_array_get(lb_result_json(images), 0)));
    label_free(images);
    return lb_end(&op);
}
