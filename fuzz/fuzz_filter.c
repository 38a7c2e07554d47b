/* List requests: any filter, sort and paging against every list, on a real schema. A request is
 * answered or refused; it never becomes SQL that the engine does not take. */
#include <unistd.h>

#include "api/list_args.h"
#include "domain/call.h"
#include "fuzz.h"
#include "store/migrate.h"

struct input {
    struct list_args list;
};

static const struct field fields[] = {LIST_FIELDS(struct input, list), F_END};

static struct db *open_schema(void)
{
    struct db_options o = {
        .target = ":memory:", .mode = DB_WRITE, .stmts = store_stmts, .stmts_len = STMT__MAX};
    struct fault f = {0};
    struct db *db;
    int applied;

    MUST(db_open(&o, &db, &f) == ERR_OK);
    MUST(migrate(db, &applied, &f) == ERR_OK);
    return db;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct db *db;
    struct arena a;
    struct call c = {.arena = &a};
    struct input in = {0};
    struct list_query query = {0};

    if (size < 2 || size > 16384)
        return 0;
    if (db == NULL)
        db = open_schema();
    arena_init(&a, 32u << 20);
    db_use_arena(db, &a);
    struct json_value *root = json_parse_copy(&a, (struct str){(const char *)data + 1, size - 1});
    if (root && field_decode(&c, fields, root, NULL, &in) == ERR_OK &&
        list_args_query(&c, &in.list, 50, &query) == ERR_OK) {
        const int64_t params[LIST_PARAMS_MAX] = {1, 1, 1, 1, 1, 1, 1, 1};
        enum list_id id = (enum list_id)(data[0] % LIST__MAX);
        struct list l = list_make(db, id, params, list_params_count(id));
        enum err e = list_open(&l, &query, &c.fault);

        MUST(e == ERR_OK || err_status(e) < 500);
        if (e == ERR_OK) {
            while (list_next(&l))
                ;
            MUST(list_close(&l) == ERR_OK);
        }
    }
    MUST(c.fault.code == ERR_OK || c.fault.message[0] != '\0');
    arena_finish(&a);
    return 0;
}
