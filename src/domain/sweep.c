/* Sweeping orphaned bytes. */
#include "domain/sweep.h"

#include "store/store_image.h"

enum err sweep_rows(struct call *c, int64_t age_s)
{
    return store_blobs_forget(c->db, c->now_ms - age_s * 1000 + 1);
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
