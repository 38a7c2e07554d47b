/* Schema migrations: numbered, forward only, recorded with their hash. */
#include "store/migrate.h"

#include "base/clock.h"
#include "base/embed.h"
#include "base/hash.h"
#include "base/log.h"

#define PREFIX "sql/"

/* The embedded migration number n (from 1), NULL behind the last. The list is sorted by name. */
static const struct embed_file *migration(int64_t n)
{
    for (size_t i = 0; i < embed_files_len; i++)
        if (strncmp(embed_files[i].name, PREFIX, strlen(PREFIX)) == 0 && --n == 0)
            return &embed_files[i];
    return NULL;
}

/* Check what is applied already; *count_out is how many. */
static enum err check_applied(struct db *db, int64_t *count_out, struct fault *f)
{
    struct db_query *q = db_query_text(db, STR("SELECT version, hash FROM migration"
                                               " ORDER BY version"));
    int64_t n = 0;
    enum err e = ERR_OK;

    while (e == ERR_OK && db_step(q)) {
        const struct embed_file *m = migration(++n);
        char hash[SHA256_HEX_SIZE];

        if (m == NULL || db_col_i64(q, 0) != n) {
            e = fault_set(f, ERR_INVALID, NULL,
                          "the database has migration %lld, which this program does not know;"
                          " use the labeld that wrote it or a newer one",
                          (long long)db_col_i64(q, 0));
            break;
        }
        struct sha256 of_text = sha256_of(embed_text(m));
        sha256_hex(&of_text, hash);
        if (!str_is(db_col_view(q, 1), hash))
            e = fault_set(f, ERR_INVALID, NULL,
                          "migration %s of the database is not the one of this program", m->name);
    }
    *count_out = n;
    enum err end = db_end(q);
    return e == ERR_OK ? end : e;
}

static enum err apply(struct db *db, int64_t version, const struct embed_file *m, struct fault *f)
{
    char hash[SHA256_HEX_SIZE];
    struct arena scratch;

    arena_init(&scratch, 4u << 20);
    struct str sql = db_spell_schema(db, &scratch, embed_text(m));
    enum err e = sql.p ? db_script(db, sql.p, f) : fault_set(f, ERR_NOMEM, NULL, "out of memory");
    arena_finish(&scratch);
    if (e != ERR_OK)
        return e;
    struct sha256 of_text = sha256_of(embed_text(m));
    sha256_hex(&of_text, hash);
    struct db_query *q = db_query_text(db, STR("INSERT INTO migration (version, name, hash,"
                                               " applied_at) VALUES (?1, ?2, ?3, ?4)"));
    db_bind_i64(q, version);
    db_bind_str(q, str_from(m->name));
    db_bind_str(q, str_from(hash));
    db_bind_i64(q, clock_wall_ms());
    return db_run(q);
}

static enum err migrate_in_tx(struct db *db, int *applied_out, struct fault *f)
{
    static const char *const table =
        "CREATE TABLE IF NOT EXISTS migration (version $INT PRIMARY KEY, name $TEXT NOT NULL,"
        " hash $TEXT NOT NULL, applied_at $INT NOT NULL)";
    struct arena scratch;
    int64_t have = 0;
    enum err e;

    arena_init(&scratch, 64 * 1024);
    e = db_script(db, db_spell_schema(db, &scratch, str_from(table)).p, f);
    arena_finish(&scratch);
    if (e == ERR_OK)
        e = check_applied(db, &have, f);
    for (const struct embed_file *m; e == ERR_OK && (m = migration(have + 1)) != NULL; have++) {
        e = apply(db, have + 1, m, f);
        *applied_out += e == ERR_OK;
    }
    return e;
}

enum err migrate(struct db *db, int *applied_out, struct fault *f)
{
    *applied_out = 0;
    enum err e = db_begin(db);
    if (e != ERR_OK)
        return fault_set(f, e, NULL, "the database is locked by another program");
    e = migrate_in_tx(db, applied_out, f);
    if (e == ERR_OK)
        e = db_commit(db);
    else
        db_rollback(db);
    return e == ERR_OK ? e : fault_set(f, e, NULL, "the schema could not be brought up to date");
}

enum err migrate_check(struct db *db, struct fault *f)
{
    int64_t have = 0;
    enum err e = check_applied(db, &have, f);

    if (e == ERR_OK && migration(have + 1) != NULL)
        return fault_set(f, ERR_CONFLICT, "data",
                         "the data is as an earlier labeld left it: `labeld migrate` first");
    return e;
}
