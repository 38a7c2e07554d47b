/* db/ and store/: the seam, migrations, group commit, list queries; on SQLite, and on PostgreSQL
 * when LABELD_TEST_PG names a database. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/writer.h"
#include "store/list.h"
#include "store/migrate.h"
#include "store/store_setting.h"
#include "unit.h"

static char path[64];
static struct db *db;
static struct arena arena;

static struct db_options options(void)
{
    const char *pg = getenv("LABELD_TEST_PG");

    return (struct db_options){
        .target = pg ? pg : path, .mode = DB_WRITE, .stmts = store_stmts, .stmts_len = STMT__MAX};
}

static int setup(void **state)
{
    struct db_options o = options();
    struct fault f = {0};
    int applied;

    (void)state;
    snprintf(path, sizeof path, "/tmp/labeld-unit-%d.db", getpid());
    unlink(path);
    arena_init(&arena, 1u << 20);
    if (db_open(&o, &db, &f) != ERR_OK)
        fail_msg("%s", f.message);
    if (db_engine(db) == DB_PG)
        db_script(db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &f);
    if (migrate(db, &applied, &f) != ERR_OK || db_prepare_all(db, &f) != ERR_OK)
        fail_msg("%s", f.message);
    db_use_arena(db, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    db_close(db);
    unlink(path);
    arena_finish(&arena);
    return 0;
}

static void migrations_are_recorded_and_checked(void **state)
{
    struct fault f = {0};
    int applied = -1;

    (void)state;
    assert_int_equal(migrate(db, &applied, &f), ERR_OK);
    assert_int_equal(applied, 0);
    db_script(db, "UPDATE migration SET hash = 'other' WHERE version = 1", &f);
    assert_int_equal(migrate(db, &applied, &f), ERR_INVALID);
    assert_non_null(strstr(f.message, "0001_init.sql"));
    f = (struct fault){0};
    db_script(db, "DELETE FROM migration", &f);
    db_script(
        db, "INSERT INTO migration (version, name, hash, applied_at) VALUES (99, 'x', 'y', 0)", &f);
    assert_int_equal(migrate(db, &applied, &f), ERR_INVALID);
    assert_non_null(strstr(f.message, "newer"));
}

static void a_violated_unique_rule_is_a_conflict(void **state)
{
    (void)state;
    db_begin(db);
    for (int i = 0; i < 2; i++) {
        db_savepoint(db);
        struct db_query *q =
            db_query_text(db, STR("INSERT INTO setting (name, value) VALUES (?1, ?2)"));
        db_bind_str(q, STR("a"));
        db_bind_str(q, STR("b"));
        assert_int_equal(db_run(q), i == 0 ? ERR_OK : ERR_CONFLICT);
        if (i == 0)
            db_release(db);
        else
            db_rollback_to_savepoint(db);
    }
    assert_int_equal(db_commit(db), ERR_OK);
}

/* ---- snapshots that are kept ---- */

static const char *seen_by(struct db *reader)
{
    struct str value = STR_NULL;

    assert_int_equal(db_begin(reader), ERR_OK);
    enum err e = store_setting_get(reader, STR("a"), &value);
    assert_int_equal(db_commit(reader), ERR_OK);
    assert_true(e == ERR_OK || e == ERR_NOT_FOUND);
    return value.p ? value.p : "nothing";
}

static void put(const char *value)
{
    assert_int_equal(db_begin(db), ERR_OK);
    assert_int_equal(store_setting_put(db, STR("a"), str_from(value)), ERR_OK);
    assert_int_equal(db_commit(db), ERR_OK);
}

static void a_kept_snapshot_shows_every_commit_of_the_process(void **state)
{
    struct db_options o = options();
    struct fault f = {0};
    struct db *reader;

    (void)state;
    o.mode = DB_READ;
    o.keep_snapshot = true;
    assert_int_equal(db_open(&o, &reader, &f), ERR_OK);
    db_use_arena(reader, &arena);
    assert_string_equal(seen_by(reader), "nothing");
    put("1");
    assert_string_equal(seen_by(reader), "1");
    if (db_engine(db) == DB_SQLITE) {
        /* what does not count as a commit of this process is as one of another: seen when settled
         */
        db_script(db, "UPDATE setting SET value = '2' WHERE name = 'a'", &f);
        assert_true(db_in_transaction(reader));
        assert_string_equal(seen_by(reader), "1");
        db_settle(reader);
        assert_string_equal(seen_by(reader), "2");
    }
    db_settle(reader);
    db_settle(reader); /* again is fine */
    assert_false(db_in_transaction(reader));
    db_close(reader);
}

/* ---- group commit ---- */

struct add_op {
    struct writer_op op;
    const char *name;
    enum err answer; /* what run returns after writing */
    enum err outcome_seen;
    pthread_mutex_t *lock;
    pthread_cond_t *cond;
    int *left;
};

static enum err run_add(struct writer_op *op, struct db *conn)
{
    struct add_op *a = (struct add_op *)op;
    enum err e = store_setting_put(conn, str_from(a->name), STR("v"));

    return e == ERR_OK ? a->answer : e;
}

static void done_add(struct writer_op *op, enum err e)
{
    struct add_op *a = (struct add_op *)op;

    pthread_mutex_lock(a->lock);
    a->outcome_seen = e;
    if (--*a->left == 0)
        pthread_cond_signal(a->cond);
    pthread_mutex_unlock(a->lock);
}

/* What is remembered holds for a snapshot, of whoever reads, and for none after it. */
static void numbers_are_remembered_until_somebody_commits(void **state)
{
    struct db_options o = options();
    struct db *reader;
    struct fault f = {0};
    struct sha256 key = {{1}}, other = {{1, 0, 1}};
    int64_t n = 0;

    (void)state;
    if (db_engine(db) == DB_PG)
        skip();
    o.mode = DB_READ;
    assert_int_equal(db_open(&o, &reader, &f), ERR_OK);
    for (int64_t round = 1; round <= 3; round++) {
        assert_int_equal(db_begin(reader), ERR_OK);
        db_remember(reader, &key, 99); /* nothing has been read: of which snapshot? */
        assert_false(db_recall(reader, &key, &n));
        assert_int_equal(db_script(reader, "SELECT COUNT(*) FROM team", &f), ERR_OK);
        assert_false(db_recall(reader, &key, &n));
        db_remember(reader, &key, round);
        assert_false(db_recall(reader, &other, &n)); /* has the same place */
        db_commit(reader);
        assert_false(db_recall(reader, &key, &n));
        assert_int_equal(db_begin(reader), ERR_OK);
        assert_int_equal(db_script(reader, "SELECT COUNT(*) FROM team", &f), ERR_OK);
        assert_true(db_recall(reader, &key, &n));
        assert_int_equal(n, round);
        assert_int_equal(db_script(db, "UPDATE epoch SET names = names + 1", &f), ERR_OK);
        assert_true(db_recall(reader, &key, &n)); /* it still reads what was before */
        db_commit(reader);
    }
    assert_int_equal(db_begin(db), ERR_OK);
    db_remember(db, &key, 7); /* a writer sees its own changes, which no number tells */
    assert_false(db_recall(db, &key, &n));
    db_commit(db);
    db_close(reader);
}

static void operations_succeed_and_fail_alone(void **state)
{
    struct writer_config config = {
        .db = options(), .threads = 2, .queue_max = 1000, .batch_max = 64};
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
    struct add_op ops[300];
    char names[300][16];
    struct writer *w;
    struct fault f = {0};
    int left = 300;

    (void)state;
    assert_int_equal(writer_start(&config, &w, &f), ERR_OK);
    for (int i = 0; i < 300; i++) {
        snprintf(names[i], sizeof names[i], "key%d", i);
        ops[i] = (struct add_op){.op = {.run = run_add, .done = done_add},
                                 .name = names[i],
                                 .answer = i % 3 == 0 ? ERR_FORBIDDEN : ERR_OK,
                                 .lock = &lock,
                                 .cond = &cond,
                                 .left = &left};
        assert_true(writer_submit(w, &ops[i].op));
    }
    pthread_mutex_lock(&lock);
    while (left > 0)
        pthread_cond_wait(&cond, &lock);
    pthread_mutex_unlock(&lock);
    writer_stop(w);
    for (int i = 0; i < 300; i++) {
        struct str value;
        enum err found = store_setting_get(db, str_from(names[i]), &value);

        assert_int_equal(ops[i].outcome_seen, i % 3 == 0 ? ERR_FORBIDDEN : ERR_OK);
        assert_int_equal(found, i % 3 == 0 ? ERR_NOT_FOUND : ERR_OK);
    }
}

/* ---- lists ---- */

/* Names of the roles that a filter leaves, joined by spaces; or the field that is refused. */
static const char *list_roles(const struct list_term *terms, size_t n, const char *sort, bool desc)
{
    static char text[256];
    struct list l = list_make(db, LIST_ROLES, NULL, 0);
    struct list_query query = {.page = 1,
                               .per_page = 100,
                               .sort = str_from(sort),
                               .descending = desc,
                               .terms = terms,
                               .terms_len = n};
    struct fault f = {0};
    struct role_row r;

    text[0] = '\0';
    if (list_open(&l, &query, &f) != ERR_OK) {
        snprintf(text, sizeof text, "%s", f.field);
        return text;
    }
    while (list_next(&l)) {
        store_role_read(l.q, &r);
        strncat(text, text[0] ? " " : "", 2);
        strncat(text, r.name.p, 32);
    }
    assert_int_equal(list_close(&l), ERR_OK);
    return text;
}

static void filters_become_sql(void **state)
{
    struct list_value two = {.kind = LIST_TEXT, .s = STR("2")};
    struct list_value values[] = {
        {.kind = LIST_INT, .i = 1}, {.kind = LIST_INT, .i = 4}, {.kind = LIST_INT, .i = 77}};
    struct list_value pattern = {.kind = LIST_TEXT, .s = STR("%VIEW%")};
    struct list_value null = {.kind = LIST_NULL};
    struct list_value wrong = {.kind = LIST_TEXT, .s = STR("x")};
    struct list_value inject = {.kind = LIST_TEXT, .s = STR("' OR '1'='1")};

    (void)state;
    store_roles_sync(db, 1);
    assert_string_equal(list_roles(NULL, 0, "role", true),
                        "viewer reviewer manager developer annotator admin");
    struct list_term t = {STR("id"), LIST_EQ, &two, 1};
    assert_string_equal(list_roles(&t, 1, NULL, false), "developer");
    t.op = LIST_GT;
    assert_string_equal(list_roles(&t, 1, NULL, false), "annotator viewer reviewer manager");
    t = (struct list_term){STR("id"), LIST_IN, values, 3};
    assert_string_equal(list_roles(&t, 1, NULL, true), "viewer admin");
    t.op = LIST_NOT_IN;
    assert_string_equal(list_roles(&t, 1, NULL, false), "developer annotator reviewer manager");
    t.values_len = 0;
    assert_string_equal(list_roles(&t, 1, "role", false),
                        "admin annotator developer manager reviewer viewer");
    t = (struct list_term){STR("role"), LIST_ILIKE, &pattern, 1};
    assert_string_equal(list_roles(&t, 1, NULL, false), "viewer reviewer");
    t.op = LIST_LIKE;
    assert_string_equal(list_roles(&t, 1, NULL, false), "");
    t = (struct list_term){STR("role"), LIST_EQ, &null, 1};
    assert_string_equal(list_roles(&t, 1, NULL, false), "");
    t = (struct list_term){STR("role"), LIST_EQ, &inject, 1};
    assert_string_equal(list_roles(&t, 1, NULL, false), "");
    t = (struct list_term){STR("id"), LIST_EQ, &wrong, 1};
    assert_string_equal(list_roles(&t, 1, NULL, false), "filter[0].value");
    t = (struct list_term){STR("perms"), LIST_EQ, &two, 1};
    assert_string_equal(list_roles(&t, 1, NULL, false), "filter[0].field");
    t = (struct list_term){STR("id"), LIST_LIKE, &pattern, 1};
    assert_string_equal(list_roles(&t, 1, NULL, false), "filter[0].operator");
    assert_string_equal(list_roles(NULL, 0, "createdAt", false), "sort");
}

static void pages_cover_everything_once(void **state)
{
    (void)state;
    store_roles_sync(db, 1);
    for (int mode = 0; mode < 2; mode++) {
        int64_t after = 0, seen = 0;

        for (int page = 1; page == 1 || (mode ? after != 0 : seen < 6); page++) {
            struct list l = list_make(db, LIST_ROLES, NULL, 0);
            struct list_query query = {
                .page = page, .per_page = 4, .by_token = mode == 1, .after = after};
            struct fault f = {0};

            assert_int_equal(list_open(&l, &query, &f), ERR_OK);
            assert_int_equal(l.total, 6);
            assert_int_equal(l.pages, 2);
            while (list_next(&l))
                assert_int_equal(db_col_i64(l.q, 0), ++seen);
            assert_int_equal(list_close(&l), ERR_OK);
            after = l.after;
        }
        assert_int_equal(seen, 6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(migrations_are_recorded_and_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(a_violated_unique_rule_is_a_conflict, setup, teardown),
        cmocka_unit_test_setup_teardown(a_kept_snapshot_shows_every_commit_of_the_process, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(numbers_are_remembered_until_somebody_commits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(operations_succeed_and_fail_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(filters_become_sql, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_cover_everything_once, setup, teardown),
    };

    return RUN(tests);
}
