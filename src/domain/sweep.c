/* Sweeping orphaned bytes. */
#include "domain/sweep.h"

#include "domain/webhook.h"
#include "store/store_image.h"

enum err sweep_rows(struct call *c, int64_t age_s)
{
    enum err e = store_deliveries_forget(c->db, c->now_ms - WEBHOOK_LOG_DAYS * 24 * 3600 * 1000LL);

    return e == ERR_OK ? store_blobs_forget(c->db, c->now_ms - age_s * 1000 + 1) : e;
}

static bool unwanted(const struct sha256 *hash, void *ctx)
{
    char text[SHA256_B64_SIZE];
    bool known = true;

    blob_hash_format(hash, text);
    return store_blob_known(ctx, str_from(text), &known) == ERR_OK && !known;
}

int64_t sweep_files(struct db *db, struct blob_store *blobs, int64_t age_s)
{
    return blob_sweep(blobs, age_s, unwanted, db);
}
