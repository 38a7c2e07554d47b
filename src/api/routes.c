/* Paths that are not methods of the API. */
#include "api/api_int.h"

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
    {"/healthz", 0, healthz},
    {"/openapi.json", 0, openapi},
    {"/api/account", 4096, api__account_login},
    {"/api/session", 4096, api__session},
    {"/api/setup", 4096, api__setup},
    {"/api/token", 4096, api__renew_token},
};

const struct route *api__route_find(struct str path)
{
    for (size_t i = 0; i < ARRAY_LEN(routes); i++)
        if (str_is(path, routes[i].path))
            return &routes[i];
    return NULL;
}
