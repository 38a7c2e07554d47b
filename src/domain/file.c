/* Rules of team files. */
#include "domain/file.h"

#include <stdio.h>
#include <strings.h>

#include "domain/setting.h"
#include "domain/team.h"
#include "json/json_write.h"

#define MIME_DEFAULT "application/octet-stream"

static const struct {
    const char *ext, *mime;
} mimes[] = {
    {"csv", "text/csv"},         {"gif", "image/gif"},       {"html", "text/html"},
    {"jpeg", "image/jpeg"},      {"jpg", "image/jpeg"},      {"json", "application/json"},
    {"md", "text/markdown"},     {"mp4", "video/mp4"},       {"nrrd", MIME_DEFAULT},
    {"pdf", "application/pdf"},  {"png", "image/png"},       {"tar", "application/x-tar"},
    {"tif", "image/tiff"},       {"tiff", "image/tiff"},     {"txt", "text/plain"},
    {"webp", "image/webp"},      {"xml", "application/xml"}, {"yaml", "application/yaml"},
    {"yml", "application/yaml"}, {"zip", "application/zip"},
};

struct str file_name(struct str path)
{
    size_t end = path.n - (path.n > 0 && path.p[path.n - 1] == '/'), from = end;

    while (from > 0 && path.p[from - 1] != '/')
        from--;
    return (struct str){path.p + from, end - from};
}

struct str file_ext(struct str path)
{
    struct str name = file_name(path);
    size_t from = name.n;

    while (from > 0 && name.p[from - 1] != '.')
        from--;
    return from > 1 ? (struct str){name.p + from, name.n - from} : STR("");
}

static struct str mime_of(struct str path)
{
    struct str ext = file_ext(path);

    for (size_t i = 0; i < ARRAY_LEN(mimes); i++)
        if (ext.n == strlen(mimes[i].ext) && strncasecmp(ext.p, mimes[i].ext, ext.n) == 0)
            return str_from(mimes[i].mime);
    return STR(MIME_DEFAULT);
}

/* ---- paths ---- */

static enum err check_part(struct call *c, struct str part, const char *field)
{
    if (str_is(part, ".") || str_is(part, ".."))
        return fail(c, ERR_INVALID, field, "\"%s\" must not hold . or ..", field);
    if (part.n > FILE_NAME_BYTES_MAX)
        return fail(c, ERR_INVALID, field, "\"%s\" has a name of more than %d bytes", field,
                    FILE_NAME_BYTES_MAX);
    return ERR_OK;
}

enum err file_path(struct call *c, struct str path, const char *field, struct str *out)
{
    char *text = arena_alloc(c->arena, FILE_PATH_BYTES_MAX + 3);
    size_t n = 0;

    if (text == NULL)
        return fail(c, ERR_NOMEM, NULL, "out of memory");
    if (path.n == 0)
        return fail(c, ERR_INVALID, field, "\"%s\" is required", field);
    if (path.n > FILE_PATH_BYTES_MAX)
        return fail(c, ERR_INVALID, field, "\"%s\" must be at most %d bytes long", field,
                    FILE_PATH_BYTES_MAX);
    if (str_has_control(path) || !str_is_utf8(path))
        return fail(c, ERR_INVALID, field, "\"%s\" must not hold control characters", field);
    if (memmem(path.p, path.n, "://", 3))
        return fail(c, ERR_INVALID, field,
                    "\"%s\" must be a path of team files: other storages"
                    " are not connected",
                    field);
    for (size_t i = 0; i < path.n;) {
        const char *slash = memchr(path.p + i, '/', path.n - i);
        struct str part = {path.p + i, slash ? (size_t)(slash - path.p) - i : path.n - i};
        enum err e = check_part(c, part, field);

        if (e != ERR_OK)
            return e;
        if (part.n > 0) {
            text[n++] = '/';
            memcpy(text + n, part.p, part.n);
            n += part.n;
        }
        i += part.n + 1;
    }
    if (n == 0 || path.p[path.n - 1] == '/')
        text[n++] = '/';
    *out = (struct str){text, n};
    return ERR_OK;
}

struct file_range file_range(struct call *c, struct str path)
{
    struct str end = arena_printf(c->arena, "%.*s%s", (int)path.n, path.p, "\x01");

    if (end.p && file_is_folder(path)) /* the first text behind all that begin with "path/" */
        end = arena_printf(c->arena, "%.*s0", (int)path.n - 1, path.p);
    return (struct file_range){path, end.p ? end : path};
}

/* ---- putting ---- */

/* A file cannot stand where a folder is, nor below another file. */
static enum err check_place(struct call *c, struct str path)
{
    struct str folder = arena_printf(c->arena, "%.*s/", (int)path.n, path.p);
    struct file_totals below = {0};
    struct team_file other;
    enum err e = ERR_NOMEM;

    if (folder.p) {
        struct file_range r = file_range(c, folder);
        e = store_files_totals(c->db, c->at.team_id, r.from, r.end, 0, &below);
    }
    if (e == ERR_OK && below.count > 0)
        return fail(c, ERR_INVALID, "path", "there is a folder %.*s", STR_CUT(path, 200));
    for (size_t n = 1; n < path.n && e == ERR_OK; n++) {
        struct str above = {path.p, n};

        if (path.p[n] != '/')
            continue;
        e = store_file_by_path(c->db, c->at.team_id, above, &other);
        if (e == ERR_OK)
            return fail(c, ERR_INVALID, "path", "%.*s is a file, not a folder",
                        STR_CUT(above, 200));
        e = e == ERR_NOT_FOUND ? ERR_OK : e;
    }
    return e;
}

static enum err check_quota(struct call *c, int64_t more)
{
    int64_t used = 0, max = 0;
    enum err e = setting_get(c, SETTING_TEAM_FILES_BYTES_MAX, &max);

    if (e == ERR_OK && more > 0)
        e = store_files_size(c->db, c->at.team_id, &used);
    if (e == ERR_OK && more > 0 && more > max - used)
        return fail(c, ERR_NO_SPACE, NULL,
                    "the files of this team may take %lld bytes; %lld are left", (long long)max,
                    (long long)(max > used ? max - used : 0));
    return e;
}

static enum err record(struct call *c, const char *action, struct str path)
{
    struct buf text;
    struct json_w w;

    buf_init(&text, FILE_PATH_BYTES_MAX * 6 + 64);
    w = json_w_on(&text);
    json_obj(&w);
    json_kv_str(&w, "path", path);
    json_obj_end(&w);
    enum err e = call_event(c, (struct event){.action = action, .meta = buf_str(&text)});
    buf_finish(&text);
    return e;
}

enum err file_put(struct call *c, struct team_file *out)
{
    struct team_file old = {0};
    enum err e = store_file_by_path(c->db, c->at.team_id, out->path, &old);

    if (e == ERR_NOT_FOUND)
        e = check_place(c, out->path);
    if (e == ERR_OK)
        e = check_quota(c, out->size - old.size);
    if (e != ERR_OK)
        return e;
    out->id = old.id;
    out->team_id = c->at.team_id;
    out->user_id = c->me.user_id;
    out->mime = mime_of(out->path);
    out->created_at = old.id ? old.created_at : c->now_ms;
    out->updated_at = c->now_ms;
    if (old.id && str_eq(old.hash, out->hash)) { /* the same again changes nothing */
        *out = old;
        return ERR_OK;
    }
    if (old.id && old.user_id != c->me.user_id &&
        (e = owner_check(c, old.user_id, "file")) != ERR_OK)
        return e;
    e = store_file_put(c->db, out);
    if (e == ERR_OK)
        e = store_files_size_add(c->db, c->at.team_id, out->size - old.size);
    return e == ERR_OK ? record(c, "upload_file", out->path) : e;
}

/* ---- removing ---- */

enum err file_remove(struct call *c, struct str path)
{
    struct file_range r = file_range(c, path);
    struct file_totals t = {0};
    enum err e;

    if (str_is(path, "/"))
        return fail(c, ERR_INVALID, "path", "name the folders to remove, not all of them at once");
    e = store_files_totals(c->db, c->at.team_id, r.from, r.end, c->me.user_id, &t);
    if (e != ERR_OK || t.count == 0)
        return e;
    if (t.of_others > 0)
        e = owner_check(c, 0, "file");
    if (e == ERR_OK)
        e = store_files_remove(c->db, c->at.team_id, r.from, r.end, c->now_ms);
    if (e == ERR_OK)
        e = store_files_size_add(c->db, c->at.team_id, -t.size);
    return e == ERR_OK ? record(c, "remove_file", path) : e;
}
