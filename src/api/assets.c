/* The web UI: files of build/web compiled into the program, already compressed by the build. Files
 * below /assets/ have a hash in their names and never change; the rest is asked for again with its
 * ETag. Every page of the UI is the same file: what it shows is decided in the browser. */
#include "api/api_int.h"
#include "base/embed.h"

#define ROOT "build/web"

/* Nothing from other hosts, no inline scripts, no frames around us. Images are drawn from what was
 * fetched (blob:) and icons of the style sheet (data:). */
#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"         \
    " connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none';"                \
    " form-action 'self'; frame-ancestors 'none'"

static const struct embed_file *find(struct http_req *r, struct str path, const char *ending)
{
    struct str name = arena_printf(&r->arena, ROOT "%.*s%s", (int)path.n, path.p, ending);

    for (size_t i = 0; name.p && i < embed_files_len; i++)
        if (str_is(name, embed_files[i].name))
            return &embed_files[i];
    return NULL;
}

static bool ends(struct str s, const char *ending)
{
    size_t n = strlen(ending);

    return s.n >= n && memcmp(s.p + s.n - n, ending, n) == 0;
}

static const char *type_of(struct str path)
{
    static const struct {
        const char *ending, *type;
    } types[] = {{".html", "text/html; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},   {".svg", "image/svg+xml"},
                 {".json", "application/json"},         {".png", "image/png"}};

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (ends(path, types[i].ending))
            return types[i].type;
    return "application/octet-stream";
}

/* Is the word among the values of a header such as Accept-Encoding? */
static bool lists(struct str header, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= header.n; i++)
        if (memcmp(header.p + i, word, n) == 0)
            return true;
    return false;
}

static void set_etag(struct http_req *r, const struct embed_file *f)
{
    struct sha256 hash = sha256_of(embed_text(f));
    char text[SHA256_B64_SIZE];

    b64url_encode(hash.b, 15, text);
    r->etag = arena_printf(&r->arena, "\"%s\"", text).p;
}

static void send(struct http_req *r, struct str path, const struct embed_file *f)
{
    struct str accepts = http_header(r, "Accept-Encoding");
    const struct embed_file *packed = NULL;
    bool fixed = str_starts(path, STR("/assets/"));

    set_etag(r, f);
    r->content_type = type_of(path);
    r->no_store = false;
    http_add_line(r, "Cache-Control", fixed ? "public, max-age=31536000, immutable" : "no-cache");
    http_add_line(r, "Vary", "Accept-Encoding");
    http_add_line(r, "Content-Security-Policy", POLICY);
    http_add_line(r, "Referrer-Policy", "same-origin");
    if (r->etag && str_is(http_header(r, "If-None-Match"), r->etag)) {
        r->status = 304;
        return;
    }
    if (lists(accepts, "br") && (packed = find(r, path, ".br")) != NULL)
        http_add_line(r, "Content-Encoding", "br");
    else if (lists(accepts, "gzip") && (packed = find(r, path, ".gz")) != NULL)
        http_add_line(r, "Content-Encoding", "gzip");
    buf_add_str(&r->out, embed_text(packed ? packed : f));
}

bool api__asset(struct http_req *r)
{
    bool reads = strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
    const struct embed_file *f = reads && r->path.n > 1 ? find(r, r->path, "") : NULL;
    bool page = str_is(r->path, "/") || lists(http_header(r, "Accept"), "text/html");

    if (f) {
        send(r, r->path, f);
    } else if (reads && page && !str_starts(r->path, STR("/public/")) &&
               !str_starts(r->path, STR("/api/")) && !str_starts(r->path, STR("/assets/"))) {
        f = find(r, STR("/index.html"), "");
        if (f)
            send(r, STR("/index.html"), f);
    }
    return f != NULL;
}
