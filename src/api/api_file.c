/* Team files. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "api/api_int.h"
#include "api/tar.h"
#include "api/upload.h"
#include "blob/blob.h"
#include "domain/file.h"

#define PATHS_MAX        20000
#define PARTS_MAX        3000
#define UPLOAD_BYTES_MAX (64ull << 30)
#define LIST_MAX         10000

/* ---- what files look like ---- */

static void put_place(struct rq *rq, const struct team_file *f)
{
    struct arena *a = rq->call.arena;
    struct str host = http_header(rq->http, "Host");
    struct str proto = http_header(rq->http, "X-Forwarded-Proto");
    struct str path = arena_printf(a, "/files/original/%lld", (long long)f->id);

    json_kv_str(&rq->out, "storagePath", path);
    json_kv_str(&rq->out, "fullStorageUrl",
                path.p && host.p
                    ? arena_printf(a, "%s://%.*s%s", str_is(proto, "https") ? "https" : "http",
                                   (int)host.n, host.p, path.p)
                    : STR_NULL);
}

static void put_file(struct rq *rq, const struct team_file *f)
{
    struct json_w *w = &rq->out;

    json_obj(w);
    json_kv_i64(w, "id", f->id);
    json_kv_i64(w, "teamId", f->team_id);
    json_kv_id(w, "userId", f->user_id);
    json_kv_lit(w, "type", "file");
    json_kv_bool(w, "isDir", false);
    json_kv_str(w, "name", file_name(f->path));
    json_kv_str(w, "path", f->path);
    json_kv_str(w, "hash", f->hash);
    json_kv_obj(w, "meta");
    json_kv_str(w, "mime", f->mime);
    json_kv_str(w, "ext", file_ext(f->path));
    json_kv_i64(w, "size", f->size);
    json_obj_end(w);
    json_kv_iso(w, "createdAt", f->created_at);
    json_kv_iso(w, "updatedAt", f->updated_at);
    put_place(rq, f);
    json_obj_end(w);
}

/* A folder has no row: what is known of it is its path. */
static void put_folder(struct rq *rq, int64_t team_id, struct str path)
{
    struct json_w *w = &rq->out;

    json_obj(w);
    json_kv_null(w, "id");
    json_kv_i64(w, "teamId", team_id);
    json_kv_null(w, "userId");
    json_kv_lit(w, "type", "folder");
    json_kv_bool(w, "isDir", true);
    json_kv_str(w, "name", file_name(path));
    json_kv_str(w, "path", path);
    json_kv_null(w, "hash");
    json_kv_obj(w, "meta");
    json_obj_end(w);
    json_kv_null(w, "createdAt");
    json_kv_null(w, "updatedAt");
    json_kv_null(w, "storagePath");
    json_kv_null(w, "fullStorageUrl");
    json_obj_end(w);
}

/* ---- lists ---- */

struct listing {
    struct str path; /* of a folder */
    struct str from; /* continue here; absent = from the start */
    bool recursive, files, folders;
    int64_t max;     /* entries */
    struct str next; /* out: where to continue; absent = that was all */
};

/* The folder below l->path that a file is in, without its '/'; absent: the file is no deeper. */
static struct str folder_of(const struct listing *l, struct str path)
{
    const char *slash = memchr(path.p + l->path.n, '/', path.n - l->path.n);

    return slash ? (struct str){path.p, (size_t)(slash - path.p)} : STR_NULL;
}

/* Files come in order of their paths, so those of a folder stand together. */
static enum err put_listing(struct rq *rq, int64_t team_id, struct listing *l)
{
    struct file_range r = file_range(&rq->call, l->path);
    struct str from = l->from.p && str_cmp(l->from, r.from) > 0 ? l->from : r.from;
    struct db_query *q = store_files_open(rq->call.db, team_id, from, r.end);
    struct str last = STR_NULL;
    struct team_file f;
    int64_t n = 0;

    while (l->next.p == NULL && db_step(q)) {
        store_file_read(q, &f);
        struct str folder = l->recursive ? STR_NULL : folder_of(l, f.path);
        bool wanted = folder.p ? l->folders && !(last.p && str_eq(folder, last)) : l->files;

        if (!wanted)
            continue;
        if (n++ == l->max) {
            l->next = f.path;
        } else if (folder.p) {
            last = folder;
            put_folder(rq, team_id, folder);
        } else {
            put_file(rq, &f);
        }
        rq_spill(rq);
    }
    return db_end(q);
}

struct file_storage_list_in {
    int64_t team_id;
    struct str path;
    struct opt_bool recursive;
};
const struct field file_storage_list_fields[] = {
    F_ID(REQUIRED, struct file_storage_list_in, team_id, "teamId", "the team"),
    F_STR(REQUIRED, struct file_storage_list_in, path, "path", FILE_PATH_BYTES_MAX,
          "a folder, or a file: then the answer holds that file"),
    F_BOOL(OPTIONAL, struct file_storage_list_in, recursive, "recursive",
           "files of the folders below too; without it folders are listed"),
    F_END};

enum err file_storage_list(struct rq *rq, const void *input)
{
    const struct file_storage_list_in *in = input;
    struct listing l = {
        .recursive = in->recursive.v, .files = true, .folders = true, .max = INT64_MAX};
    struct team_file f;
    enum err e = file_path(&rq->call, in->path, "path", &l.path);

    if (e != ERR_OK)
        return e;
    json_arr(&rq->out);
    if (!file_is_folder(l.path)) {
        e = store_file_by_path(rq->call.db, in->team_id, l.path, &f);
        if (e == ERR_OK)
            put_file(rq, &f);
        if (e == ERR_NOT_FOUND) /* then it may be a folder */
            e = file_path(&rq->call, arena_printf(rq->call.arena, "%.*s/", (int)l.path.n, l.path.p),
                          "path", &l.path);
    }
    if (e == ERR_OK && file_is_folder(l.path))
        e = put_listing(rq, in->team_id, &l);
    json_arr_end(&rq->out);
    return e;
}

struct file_storage_v2_list_in {
    int64_t team_id;
    struct str path, token;
    struct opt_bool recursive, files, folders;
    struct opt_int limit;
};
const struct field file_storage_v2_list_fields[] = {
    F_ID(REQUIRED, struct file_storage_v2_list_in, team_id, "teamId", "the team"),
    F_STR(REQUIRED, struct file_storage_v2_list_in, path, "path", FILE_PATH_BYTES_MAX, "a folder"),
    F_BOOL(OPTIONAL, struct file_storage_v2_list_in, recursive, "recursive",
           "files of the folders below too; then no folders are listed"),
    F_BOOL(OPTIONAL, struct file_storage_v2_list_in, files, "files", "list files"),
    F_BOOL(OPTIONAL, struct file_storage_v2_list_in, folders, "folders", "list folders"),
    F_INT(OPTIONAL, struct file_storage_v2_list_in, limit, "limit", 1, LIST_MAX, "entries a page"),
    F_STR(OPTIONAL, struct file_storage_v2_list_in, token, "continuationToken",
          FILE_PATH_BYTES_MAX + 2, "of the page before"),
    F_IGNORED("withMetadata", "all is answered"),
    F_END};

enum err file_storage_v2_list(struct rq *rq, const void *input)
{
    const struct file_storage_v2_list_in *in = input;
    struct listing l = {.from = in->token,
                        .recursive = in->recursive.v,
                        .files = !in->files.set || in->files.v,
                        .folders = !in->folders.set || in->folders.v,
                        .max = in->limit.set ? in->limit.v : LIST_MAX};
    struct str folder = arena_printf(rq->call.arena, "%.*s/", (int)in->path.n, in->path.p);
    enum err e = file_path(&rq->call, folder, "path", &l.path);

    if (e != ERR_OK)
        return e;
    json_obj(&rq->out);
    json_kv_arr(&rq->out, "entities");
    e = put_listing(rq, in->team_id, &l);
    json_arr_end(&rq->out);
    json_kv_str(&rq->out, "continuationToken", l.next);
    json_obj_end(&rq->out);
    return e;
}

struct file_storage_info_in {
    int64_t id;
};
const struct field file_storage_info_fields[] = {
    F_ID(REQUIRED, struct file_storage_info_in, id, "id", "the file"), F_END};

static enum err file_by_id(struct rq *rq, int64_t id, struct team_file *out)
{
    enum err e = store_file_for(rq->call.db, id, &rq->call.me, out);

    if (e == ERR_NOT_FOUND)
        return fail(&rq->call, e, "id", "there is no file %lld here", (long long)id);
    return e;
}

enum err file_storage_info(struct rq *rq, const void *input)
{
    const struct file_storage_info_in *in = input;
    struct team_file f;
    enum err e = file_by_id(rq, in->id, &f);

    if (e == ERR_OK)
        put_file(rq, &f);
    return e;
}

/* ---- downloads ---- */

struct file_storage_download_in {
    int64_t team_id, id;
    struct str path;
};
const struct field file_storage_download_fields[] = {
    F_ID(OPTIONAL, struct file_storage_download_in, team_id, "teamId", "the team; with path"),
    F_STR(OPTIONAL, struct file_storage_download_in, path, "path", FILE_PATH_BYTES_MAX,
          "a file, or a folder (with a / at its end): then the answer is a tar archive"),
    F_ID(OPTIONAL, struct file_storage_download_in, id, "id", "or a file by its id"), F_END};

static enum err send_file(struct rq *rq, const struct team_file *f)
{
    struct http_req *http = rq->http;
    struct sha256 hash;

    if (!blob_hash_parse(f->hash, &hash) ||
        blob_read(rq->api->blobs, &hash, &http->file_fd, &http->file_size) != ERR_OK)
        return fail(&rq->call, ERR_INTERNAL, NULL, "the bytes of file %lld are missing",
                    (long long)f->id);
    http->content_type = "application/octet-stream"; /* nobody's files run as pages of ours */
    http->file_hash = f->hash.p;
    http->etag = arena_printf(rq->call.arena, "\"%s\"", f->hash.p).p;
    return ERR_OK;
}

static void add_bytes(struct rq *rq, struct http_part ***last, struct str bytes)
{
    struct http_part *p = arena_alloc(rq->call.arena, sizeof *p);

    if (p && bytes.p) {
        p->bytes = bytes;
        **last = p;
        *last = &p->next;
    }
}

static enum err add_content(struct rq *rq, struct http_part ***last, const struct team_file *f)
{
    struct http_part *p = arena_alloc(rq->call.arena, sizeof *p);
    char path[BLOB_PATH_SIZE];
    struct sha256 hash;

    if (p == NULL || !blob_hash_parse(f->hash, &hash))
        return ERR_INTERNAL;
    blob_path(&hash, path);
    p->dir_fd = blob_dir(rq->api->blobs);
    p->path = arena_str(rq->call.arena, str_from(path)).p;
    p->size = f->size;
    **last = p;
    *last = &p->next;
    return ERR_OK;
}

/* The files below a folder, under the folder's name. */
static enum err send_tar(struct rq *rq, int64_t team_id, struct str folder)
{
    struct file_range r = file_range(&rq->call, folder);
    struct db_query *q = store_files_open(rq->call.db, team_id, r.from, r.end);
    struct http_part **last = &rq->http->parts;
    size_t skip = folder.n - file_name(folder).n - (folder.n > 1);
    struct arena *a = rq->call.arena;
    enum err e = ERR_OK;
    struct team_file f;

    while (e == ERR_OK && db_step(q)) {
        store_file_read(q, &f);
        struct str name = {f.path.p + skip, f.path.n - skip};

        add_bytes(rq, &last, tar_head(a, name, f.size, f.updated_at / 1000));
        if (f.size > 0)
            e = add_content(rq, &last, &f);
        if (tar_padding(f.size) > 0)
            add_bytes(rq, &last, (struct str){tar_end, tar_padding(f.size)});
    }
    enum err end = db_end(q);
    if (e == ERR_OK && end == ERR_OK && rq->http->parts == NULL)
        return fail(&rq->call, ERR_NOT_FOUND, "path", "there is no folder %.*s in the team files",
                    STR_CUT(folder, 200));
    add_bytes(rq, &last, (struct str){tar_end, sizeof tar_end});
    rq->http->content_type = "application/x-tar";
    return e == ERR_OK ? end : e;
}

enum err file_storage_download(struct rq *rq, const void *input)
{
    const struct file_storage_download_in *in = input;
    struct team_file f;
    struct str path;
    enum err e;

    if (in->id) {
        e = file_by_id(rq, in->id, &f);
        return e == ERR_OK ? send_file(rq, &f) : e;
    }
    if (in->team_id == 0)
        return fail(&rq->call, ERR_INVALID, "teamId", "\"teamId\" is required");
    e = rq_access(rq, ACCESS_TEAM, in->team_id, PERM_VIEW, "teamId");
    if (e == ERR_OK)
        e = file_path(&rq->call, in->path, "path", &path);
    if (e == ERR_OK && file_is_folder(path))
        return send_tar(rq, in->team_id, path);
    if (e == ERR_OK)
        e = store_file_by_path(rq->call.db, in->team_id, path, &f);
    if (e == ERR_NOT_FOUND)
        return fail(&rq->call, e, "path", "there is no file %.*s in the team files",
                    STR_CUT(in->path, 200));
    return e == ERR_OK ? send_file(rq, &f) : e;
}

/* ---- uploads ---- */

struct file_storage_upload_in {
    int64_t team_id;
    struct str path;
};
const struct field file_storage_upload_fields[] = {
    F_ID(REQUIRED, struct file_storage_upload_in, team_id, "teamId", "the team"),
    F_STR(OPTIONAL, struct file_storage_upload_in, path, "path", FILE_PATH_BYTES_MAX,
          "where the body goes when it is the file itself"),
    F_END};
const struct field file_storage_bulk_upload_fields[] = {
    F_ID(REQUIRED, struct file_storage_upload_in, team_id, "teamId", "the team"), F_END};
const struct upload_plan file_storage_upload_upload = {
    .to_blobs = true, .parts_max = 3, .bytes_max = UPLOAD_BYTES_MAX, .text_max = 4096};
const struct upload_plan file_storage_bulk_upload_upload = {
    .to_blobs = true, .parts_max = PARTS_MAX, .bytes_max = UPLOAD_BYTES_MAX, .text_max = 4u << 20};

struct uploads {
    struct team_file *v; /* path, hash, size */
    size_t n;
};

static enum err keep_file(struct rq *rq, struct upload_part *p, struct str path,
                          struct team_file *out)
{
    char text[SHA256_B64_SIZE];
    struct sha256 hash;
    enum err e = file_path(&rq->call, path, "path", &out->path);

    if (e == ERR_OK && file_is_folder(out->path))
        e = fail(&rq->call, ERR_INVALID, "path", "\"path\" must name a file, not a folder");
    if (e != ERR_OK)
        return e;
    e = blob_commit(p->writer, &hash, &out->size, &rq->call.fault);
    p->writer = NULL;
    blob_hash_format(&hash, text);
    out->hash = arena_str(rq->call.arena, str_from(text));
    return e;
}

/* Fields "name" and "path" (its folder) stand in front of each "file". */
static enum err keep_parts(struct rq *rq, struct uploads *out)
{
    struct upload *u = rq->upload;
    struct arena *a = rq->call.arena;
    struct str name = STR_NULL, folder = STR_NULL;
    enum err e = ERR_OK;

    for (size_t i = 0; i < u->n && e == ERR_OK; i++) {
        struct upload_part *p = &u->parts[i];

        if (p->writer == NULL && str_is(p->name, "name")) {
            name = arena_str(a, buf_str(&p->text));
        } else if (p->writer == NULL && str_is(p->name, "path")) {
            folder = arena_str(a, buf_str(&p->text));
        } else if (p->writer == NULL || name.n == 0 || folder.n == 0) {
            return fail(&rq->call, ERR_INVALID, "body",
                        "send the parts name, path and file, in this order, for each file");
        } else if (memchr(name.p, '/', name.n)) {
            return fail(&rq->call, ERR_INVALID, "name", "\"name\" must not hold a /");
        } else {
            struct str path =
                arena_printf(a, "%.*s/%.*s", (int)folder.n, folder.p, (int)name.n, name.p);

            e = keep_file(rq, p, path, &out->v[out->n++]);
            name = folder = STR_NULL;
        }
    }
    return e;
}

static enum err keep_all(struct rq *rq, struct str raw_path)
{
    struct upload *u = rq->upload;
    struct uploads *out = arena_alloc(rq->call.arena, sizeof *out);

    if (out)
        out->v = arena_array(rq->call.arena, u->n + 1, sizeof *out->v);
    if (out == NULL || out->v == NULL)
        return fail(&rq->call, ERR_NOMEM, NULL, "out of memory");
    rq->parsed = out;
    if (!u->raw)
        return keep_parts(rq, out);
    out->n = 1;
    return keep_file(rq, &u->parts[0], raw_path, &out->v[0]);
}

enum err file_storage_upload_prepare(struct rq *rq, const void *input)
{
    return keep_all(rq, ((const struct file_storage_upload_in *)input)->path);
}

enum err file_storage_bulk_upload_prepare(struct rq *rq, const void *input)
{
    (void)input;
    if (rq->upload->raw)
        return fail(&rq->call, ERR_INVALID, "body", "send multipart/form-data");
    return keep_all(rq, STR_NULL);
}

/* The row of one upload, in the transaction; the parsed one may be needed again. */
static enum err put_one(struct rq *rq, const struct team_file *parsed)
{
    struct team_file f = *parsed;
    enum err e = file_put(&rq->call, &f);

    if (e == ERR_OK)
        put_file(rq, &f);
    return e;
}

enum err file_storage_upload(struct rq *rq, const void *input)
{
    const struct uploads *u = rq->parsed;

    (void)input;
    if (u->n != 1)
        return fail(&rq->call, ERR_INVALID, "body", "send one file");
    return put_one(rq, &u->v[0]);
}

enum err file_storage_bulk_upload(struct rq *rq, const void *input)
{
    const struct uploads *u = rq->parsed;
    enum err e = ERR_OK;

    (void)input;
    json_arr(&rq->out);
    for (size_t i = 0; i < u->n && e == ERR_OK; i++)
        e = put_one(rq, &u->v[i]);
    json_arr_end(&rq->out);
    return e;
}

/* ---- removing ---- */

struct file_storage_remove_in {
    int64_t team_id;
    struct str path;
};
const struct field file_storage_remove_fields[] = {
    F_ID(REQUIRED, struct file_storage_remove_in, team_id, "teamId", "the team"),
    F_STR(REQUIRED, struct file_storage_remove_in, path, "path", FILE_PATH_BYTES_MAX,
          "a file, or a folder (with a / at its end) and all in it"),
    F_END};

static enum err remove_path(struct rq *rq, struct str text, const char *field)
{
    struct str path;
    enum err e = file_path(&rq->call, text, field, &path);

    return e == ERR_OK ? file_remove(&rq->call, path) : e;
}

enum err file_storage_remove(struct rq *rq, const void *input)
{
    const struct file_storage_remove_in *in = input;
    enum err e = remove_path(rq, in->path, "path");

    return e == ERR_OK ? rq_success(rq) : e;
}

struct file_storage_bulk_remove_in {
    int64_t team_id;
    struct strs paths;
};
const struct field file_storage_bulk_remove_fields[] = {
    F_ID(REQUIRED, struct file_storage_bulk_remove_in, team_id, "teamId", "the team"),
    F_STRS(REQUIRED, struct file_storage_bulk_remove_in, paths, "paths", PATHS_MAX,
           "files and folders; all are removed or none"),
    F_END};

enum err file_storage_bulk_remove(struct rq *rq, const void *input)
{
    const struct file_storage_bulk_remove_in *in = input;
    enum err e = ERR_OK;

    for (size_t i = 0; i < in->paths.n && e == ERR_OK; i++)
        e = remove_path(rq, in->paths.v[i], "paths");
    return e == ERR_OK ? rq_success(rq) : e;
}
