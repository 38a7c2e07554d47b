/* Making an instance and its demo data. */
#include "domain/instance.h"

#include <sodium.h>

#include "base/embed.h"
#include "domain/project.h"
#include "domain/team.h"
#include "domain/user.h"
#include "store/list.h"
#include "store/store_image.h"
#include "store/store_setting.h"

#define DEMO_FOLDER "demo/"

static enum err ensure_jwt_key(struct call *c)
{
    unsigned char random[32];
    char text[45];
    struct str key;
    enum err e = store_setting_get(c->db, STR("jwt_key"), &key);

    if (e != ERR_NOT_FOUND)
        return e;
    if (sodium_init() < 0)
        return fail(c, ERR_INTERNAL, NULL, "no source of random numbers");
    randombytes_buf(random, sizeof random);
    b64_encode(random, sizeof random, text);
    return store_setting_put(c->db, STR("jwt_key"), str_from(text));
}

enum err instance_ensure(struct call *c)
{
    enum err e = store_roles_sync(c->db, c->now_ms);

    return e == ERR_OK ? ensure_jwt_key(c) : e;
}

/* First row of a list, by id; 0 when it is empty. */
static enum err first_id(struct call *c, enum list_id list, const struct list_term *terms,
                         size_t terms_len, int64_t *out)
{
    struct list l = list == LIST_TEAMS ? LIST_MAKE(c->db, list, 0, c->me.user_id, 1)
                                       : list_make(c->db, list, NULL, 0);
    struct list_query query = {.page = 1, .per_page = 1, .terms = terms, .terms_len = terms_len};
    enum err e = list_open(&l, &query, &c->fault);

    *out = 0;
    if (e != ERR_OK)
        return e;
    if (list_next(&l))
        *out = db_col_i64(l.q, 0);
    return list_close(&l);
}

enum err instance_is_new(struct call *c, bool *out)
{
    int64_t anybody;
    enum err e = first_id(c, LIST_USERS, NULL, 0, &anybody);

    *out = anybody == 0;
    return e;
}

enum err instance_init(struct call *c, const struct instance_new *n, struct instance_made *out)
{
    struct user_new admin = {
        .login = n->admin_login,
        .password_hash = n->password_hash,
        .is_admin = true,
    };
    bool is_new;
    enum err e = instance_ensure(c);

    if (e == ERR_OK)
        e = instance_is_new(c, &is_new);
    if (e == ERR_OK && !is_new)
        return fail(c, ERR_CONFLICT, NULL, "this instance has accounts already");
    if (e == ERR_OK)
        e = user_create(c, &admin, &out->user_id);
    if (e == ERR_OK)
        e = store_user_home(c->db, out->user_id, &out->team_id, &out->workspace_id);
    if (e == ERR_OK)
        e = user_new_token(c, out->user_id, STR("init"), 0, out->token);
    return e;
}

enum err instance_act_as_admin(struct call *c)
{
    struct list_value no = {.kind = LIST_INT, .i = 0};
    struct list_term enabled = {STR("disabled"), LIST_EQ, &no, 1};
    int64_t id;
    struct user u;
    enum err e = first_id(c, LIST_USERS, &enabled, 1, &id);

    if (e == ERR_OK && id == 0)
        return fail(c, ERR_NOT_FOUND, NULL, "this instance has no accounts; run labeld init");
    if (e == ERR_OK)
        e = store_user_get(c->db, id, &u);
    if (e == ERR_OK)
        c->me = (struct caller){.user_id = id, .login = u.login, .is_admin = true};
    return e;
}

/* Width and height from the frame header of a JPEG file; our own files, but checked all the same.
 */
static bool jpeg_size(struct str f, int64_t *width, int64_t *height)
{
    const unsigned char *p = (const unsigned char *)f.p;

    for (size_t i = 2; i + 9 < f.n && p[i] == 0xff;) {
        unsigned marker = p[i + 1];

        if (marker >= 0xc0 && marker <= 0xc2) {
            *height = p[i + 5] << 8 | p[i + 6];
            *width = p[i + 7] << 8 | p[i + 8];
            return true;
        }
        i += 2u + (size_t)(p[i + 2] << 8 | p[i + 3]);
    }
    return false;
}

static enum err add_demo_image(struct call *c, struct blob_store *blobs,
                               const struct embed_file *file, const struct demo_made *demo)
{
    struct str bytes = embed_text(file);
    char base64[SHA256_B64_SIZE];
    struct sha256 hash;
    struct image i = {
        .project_id = demo->project_id,
        .dataset_id = demo->dataset_id,
        .name = str_from(file->name + strlen(DEMO_FOLDER)),
        .mime = STR("image/jpeg"),
        .size = (int64_t)bytes.n,
        .meta = STR("{}"),
    };

    if (!jpeg_size(bytes, &i.width, &i.height))
        return fail(c, ERR_INTERNAL, NULL, "%s is no JPEG file", file->name);
    enum err e = blob_put(blobs, bytes, &hash, &c->fault);
    if (e != ERR_OK)
        return e;
    blob_hash_format(&hash, base64);
    i.hash = str_from(base64);
    const struct blob_info blob = {
        .hash = i.hash, .mime = i.mime, .size = i.size, .width = i.width, .height = i.height};
    e = store_blob_insert(c->db, &blob, c->me.user_id, c->now_ms);
    if (e == ERR_OK)
        e = store_image_insert(c->db, &i, c->me.user_id, c->now_ms);
    if (e == ERR_OK)
        e = store_images_counted(c->db, i.project_id, i.dataset_id, 1, i.size, 0);
    return e == ERR_OK ? call_event(c, (struct event){.action = "create_image",
                                                      .project_id = i.project_id,
                                                      .dataset_id = i.dataset_id,
                                                      .image_id = i.id})
                       : e;
}

static enum err add_demo_dataset(struct call *c, struct blob_store *blobs, struct demo_made *out)
{
    /* in this order, so that ids ascend as on the tutorial's page */
    static const char *const names[] = {"IMG_4451.jpeg", "IMG_3861.jpeg", "IMG_0748.jpeg",
                                        "IMG_2084.jpeg", "IMG_1836.jpeg", "IMG_8144.jpeg"};
    struct dataset_new n = {.name = STR("ds1")};
    enum err e = dataset_create(c, &n, &out->dataset_id);

    for (size_t i = 0; i < ARRAY_LEN(names) && e == ERR_OK; i++)
        for (size_t k = 0; k < embed_files_len && e == ERR_OK; k++)
            if (str_starts(str_from(embed_files[k].name), STR(DEMO_FOLDER)) &&
                strcmp(embed_files[k].name + strlen(DEMO_FOLDER), names[i]) == 0)
                e = add_demo_image(c, blobs, &embed_files[k], out);
    return e;
}

enum err instance_demo(struct call *c, struct blob_store *blobs, struct demo_made *out)
{
    struct project_new n = {.name = STR("Lemons (Test)")};
    struct workspace w;
    struct project p;
    struct dataset d;
    enum err e = first_id(c, LIST_TEAMS, NULL, 0, &out->team_id);

    if (e == ERR_OK && out->team_id == 0)
        return fail(c, ERR_NOT_FOUND, NULL, "this instance has no team; run labeld init");
    c->at = (struct access){.team_id = out->team_id, .perms = PERM__ALL};
    if (e == ERR_OK)
        e = store_workspace_by_name(c->db, out->team_id, STR("Testing Workspace"), &w);
    out->workspace_id = e == ERR_OK ? w.id : 0;
    if (e == ERR_NOT_FOUND)
        e = workspace_create(c, STR("Testing Workspace"), STR_NULL, &out->workspace_id);
    c->at.workspace_id = out->workspace_id;
    if (e == ERR_OK)
        e = store_project_by_name(c->db, out->workspace_id, n.name, &p);
    out->project_id = e == ERR_OK ? p.id : 0;
    if (e == ERR_NOT_FOUND)
        e = project_create(c, &n, &out->project_id);
    c->at.project_id = out->project_id;
    if (e == ERR_OK)
        e = store_dataset_by_name(c->db, out->project_id, 0, STR("ds1"), &d);
    out->dataset_id = e == ERR_OK ? d.id : 0;
    if (e != ERR_NOT_FOUND)
        return e;
    out->created = true;
    return add_demo_dataset(c, blobs, out);
}
