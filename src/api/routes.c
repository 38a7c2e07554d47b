/* Paths that are not methods of the API. */
#include "api/api_int.h"

static void root(struct api *a, struct http_req *r)
{
    (void)a;
    r->content_type = "text/html; charset=utf-8";
    BUF_ADD_LIT(&r->out, "<!doctype html><html lang=en><meta charset=utf-8><title>labeld</title>"
                         "<p>labeld is running. The API is at <code>/public/api/v3/</code>; "
                         "<a href=/openapi.json>openapi.json</a> describes it.\n");
}

static void healthz(struct api *a, struct http_req *r)
{
    (void)a;
    BUF_ADD_LIT(&r->out, "{\"status\":\"ok\"}");
}

static void openapi(struct api *a, struct http_req *r)
{
    (void)a;
    api_describe_openapi(&r->out);
}

static const struct route routes[] = {
    {"/", 0, root},
    {"/healthz", 0, healthz},
    {"/openapi.json", 0, openapi},
    {"/api/account", 4096, api__account_login},
};

const struct route *api__route_find(struct str path)
{
    for (size_t i = 0; i < ARRAY_LEN(routes); i++)
        if (str_is(path, routes[i].path))
            return &routes[i];
    return NULL;
}
