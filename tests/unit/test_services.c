/* blob/, auth/, the pool and the job cache. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/job_cache.h"
#include "auth/login_limit.h"
#include "auth/password.h"
#include "auth/token.h"
#include "base/pool.h"
#include "blob/blob.h"
#include "unit.h"

#define STORE_DIR "/tmp/labeld-blob-XXXXXX"

/* dir begins as STORE_DIR, and becomes where the store is. */
static struct blob_store *new_store(char *dir)
{
    struct blob_store *s;
    struct fault f = {0};

    assert_non_null(mkdtemp(dir));
    assert_int_equal(blob_open(dir, &s, &f), ERR_OK);
    return s;
}

static void blobs_are_kept_once_by_content(void **state)
{
    char dir[] = STORE_DIR, text[SHA256_B64_SIZE], bytes[8] = "";
    struct blob_store *s;
    struct sha256 a, b;
    struct fault f = {0};
    int64_t size;
    int fd;

    (void)state;
    s = new_store(dir);
    assert_int_equal(blob_put(s, STR("abc"), &a, &f), ERR_OK);
    assert_int_equal(blob_put(s, STR("abc"), &b, &f), ERR_OK);
    assert_memory_equal(a.b, b.b, SHA256_SIZE);
    blob_hash_format(&a, text);
    assert_string_equal(text, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    assert_true(blob_hash_parse(str_from(text), &b));
    assert_int_equal(blob_read(s, &b, &fd, &size), ERR_OK);
    assert_int_equal(size, 3);
    assert_int_equal(read(fd, bytes, sizeof bytes), 3);
    assert_string_equal(bytes, "abc");
    close(fd);
    b.b[0] ^= 1;
    assert_int_equal(blob_read(s, &b, &fd, &size), ERR_NOT_FOUND);
    assert_false(blob_hash_parse(STR("../../../../../../../../../../etc/passwd===="), &b));
    blob_close(s);
    remove_tree(dir);
}

/* Whoever has no descriptor left to look whether content is there cannot bring it, and does not
 * take it from those who have. */
static void a_blob_that_cannot_be_looked_at_stays(void **state)
{
    char dir[] = STORE_DIR;
    struct rlimit before, none_left;
    struct fault f = {0}, refused = {0};
    struct blob_store *s;
    struct blob_writer *w;
    struct sha256 a, b;
    int64_t size;
    int fd;

    (void)state;
    s = new_store(dir);
    assert_int_equal(blob_put(s, STR("abc"), &a, &f), ERR_OK);
    assert_int_equal(blob_begin(s, &w, &f), ERR_OK);
    assert_int_equal(blob_add(w, "abc", 3, &f), ERR_OK);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none_left = before;
    fd = dup(0);
    none_left.rlim_cur = (rlim_t)fd;
    close(fd);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none_left), 0);
    enum err e = blob_commit(w, &b, &size, &refused);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(e, ERR_INTERNAL);
    assert_non_null(strstr(refused.message, "Too many open files"));
    assert_int_equal(blob_read(s, &a, &fd, &size), ERR_OK);
    close(fd);
    assert_int_equal(blob_put(s, STR("abc"), &b, &f), ERR_OK);
    blob_close(s);
    remove_tree(dir);
}

/* Few and many: the way to the disk differs. Two of them are the same, one is there already. */
static void several_blobs_are_kept_together(void **state)
{
    char dir[] = STORE_DIR, name[64];
    struct blob_store *s;
    struct fault f = {0};

    (void)state;
    s = new_store(dir);
    for (size_t n = 0; n <= 8; n += 2) {
        struct blob_writer *w[8];
        struct sha256 hashes[8];
        int64_t sizes[8], size;
        int fd;

        for (size_t i = 0; i < n; i++) {
            char text = (char)('a' + (i == 7 ? 6 : i));

            assert_int_equal(blob_begin(s, &w[i], &f), ERR_OK);
            assert_int_equal(blob_add(w[i], &text, 1, &f), ERR_OK);
        }
        assert_int_equal(blob_commit_all(w, n, hashes, sizes, &f), ERR_OK);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(sizes[i], 1);
            assert_int_equal(blob_read(s, &hashes[i], &fd, &size), ERR_OK);
            assert_int_equal(size, 1);
            close(fd);
        }
    }
    blob_close(s);
    snprintf(name, sizeof name, "%s/tmp", dir);
    assert_int_equal(rmdir(name), 0); /* nothing is left there */
    remove_tree(dir);
}

static void interrupted_blobs_are_swept(void **state)
{
    char dir[] = STORE_DIR, name[64];
    struct blob_writer *w;
    struct blob_store *s;
    struct fault f = {0};

    (void)state;
    s = new_store(dir);
    assert_int_equal(blob_begin(s, &w, &f), ERR_OK);
    assert_int_equal(blob_add(w, "half", 4, &f), ERR_OK);
    snprintf(name, sizeof name, "%s/tmp/left", dir);
    close(open(name, O_CREAT | O_WRONLY, 0600));
    blob_abort(w);
    blob_close(s);
    assert_int_equal(blob_open(dir, &s, &f), ERR_OK);
    assert_int_equal(access(name, F_OK), 0); /* somebody else may be writing it */
    blob_tidy(s);
    assert_int_not_equal(access(name, F_OK), 0);
    blob_close(s);
    snprintf(name, sizeof name, "%s/tmp", dir);
    assert_int_equal(rmdir(name), 0);
    snprintf(name, sizeof name, "%s/sha256", dir);
    assert_int_equal(rmdir(name), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void blobs_of_the_first_layout_move(void **state)
{
    char dir[] = STORE_DIR, now[160], then[160], outer[60], inner[80];
    struct blob_store *s;
    struct sha256 hash;
    struct fault f = {0};
    int64_t size;
    int fd;

    (void)state;
    s = new_store(dir);
    assert_int_equal(blob_put(s, STR("abc"), &hash, &f), ERR_OK);
    char path[BLOB_PATH_SIZE];
    blob_path(&hash, path);
    snprintf(now, sizeof now, "%s/%s", dir, path);
    snprintf(outer, sizeof outer, "%s/%02x", dir, hash.b[0]);
    snprintf(inner, sizeof inner, "%s/%02x", outer, hash.b[1]);
    snprintf(then, sizeof then, "%s/%s", inner, strrchr(path, '/') + 1);
    assert_int_equal(mkdir(outer, 0700), 0);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_equal(rename(now, then), 0);
    assert_int_equal(blob_read(s, &hash, &fd, &size), ERR_NOT_FOUND);
    blob_tidy(s);
    assert_int_equal(blob_read(s, &hash, &fd, &size), ERR_OK);
    assert_int_equal(size, 3);
    close(fd);
    assert_int_not_equal(access(outer, F_OK), 0);
    blob_tidy(s); /* nothing to do any more */
    blob_close(s);
    remove_tree(dir);
}

static void *keep_many(void *store)
{
    static char no_write[] = "cannot write", no_commit[] = "cannot commit",
                no_read[] = "cannot read";
    struct blob_writer *w[8];
    struct sha256 hashes[8];
    int64_t sizes[8], size;
    struct fault f = {0};
    int fd;

    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < 8; i++) {
            char text[64];
            void *mine = i % 2 ? w : NULL; /* every other one all threads bring */
            int n = snprintf(text, sizeof text, "%p %d %zu", mine, round, i);

            if (blob_begin(store, &w[i], &f) != ERR_OK ||
                blob_add(w[i], text, (size_t)n, &f) != ERR_OK)
                return no_write;
        }
        if (blob_commit_all(w, 8, hashes, sizes, &f) != ERR_OK)
            return no_commit;
        for (size_t i = 0; i < 8; i++) {
            if (blob_read(store, &hashes[i], &fd, &size) != ERR_OK || size != sizes[i])
                return no_read;
            close(fd);
        }
    }
    return NULL;
}

static void uploads_side_by_side_share_their_flushes(void **state)
{
    char dir[] = STORE_DIR;
    struct blob_store *s;
    pthread_t threads[4];

    (void)state;
    s = new_store(dir);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, keep_many, s), 0);
    for (int i = 0; i < 4; i++) {
        void *wrong;

        pthread_join(threads[i], &wrong);
        if (wrong)
            fail_msg("%s", (char *)wrong);
    }
    blob_close(s);
    remove_tree(dir);
}

static bool unwanted(const struct sha256 *hash, void *ctx)
{
    return memcmp(hash->b, ((struct sha256 *)ctx)->b, SHA256_SIZE) == 0;
}

static void old_blobs_that_nobody_wants_are_removed(void **state)
{
    char dir[] = STORE_DIR;
    struct blob_store *s;
    struct sha256 a, b;
    struct fault f = {0};
    int64_t size;
    int fd;

    (void)state;
    s = new_store(dir);
    assert_int_equal(blob_put(s, STR("kept"), &a, &f), ERR_OK);
    assert_int_equal(blob_put(s, STR("gone"), &b, &f), ERR_OK);
    assert_int_equal(blob_sweep(s, 60, unwanted, &b), 0); /* too young */
    assert_int_equal(blob_sweep(s, -60, unwanted, &b), 1);
    assert_int_equal(blob_read(s, &b, &fd, &size), ERR_NOT_FOUND);
    assert_int_equal(blob_read(s, &a, &fd, &size), ERR_OK);
    close(fd);
    blob_close(s);
    remove_tree(dir);
}

static void passwords_verify(void **state)
{
    struct arena a;
    struct fault f = {0};

    (void)state;
    arena_init(&a, 1 << 16);
    struct str hash = password_hash(&a, STR("11111abc"));
    assert_true(str_starts(hash, STR("$argon2id$v=19$m=65536,t=2,p=1$")));
    assert_true(password_verify(hash, STR("11111abc")));
    assert_false(password_verify(hash, STR("11111abd")));
    assert_false(password_verify(STR_NULL, STR("11111abc")));
    assert_int_equal(password_check(STR("1234567"), "password", &f), ERR_INVALID);
    f = (struct fault){0};
    assert_int_equal(password_check(STR("12345678"), "password", &f), ERR_OK);
    arena_finish(&a);
}

static void tokens_differ_and_sign(void **state)
{
    char a[TOKEN_CHARS + 1], b[TOKEN_CHARS + 1];
    struct arena arena;

    (void)state;
    token_make(a);
    token_make(b);
    assert_int_equal(strlen(a), TOKEN_CHARS);
    assert_string_not_equal(a, b);
    arena_init(&arena, 1 << 16);
    /* computed with another implementation */
    struct str jwt = token_jwt(&arena, STR("secret"), STR("{\"a\":1}"));
    assert_str(jwt, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhIjoxfQ."
                    "57TF7smP9XDhIexBqPC-F1toZReYZLWb_YRU5tv0sxM");
    arena_finish(&arena);
}

static void guessing_is_slowed(void **state)
{
    struct login_limit *l = login_limit_create();
    int64_t now = 1000;

    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(login_limit_wait_s(l, STR("Anna"), STR("1.2.3.4"), now), 0);
        login_limit_result(l, STR("anna"), false, now);
    }
    assert_true(login_limit_wait_s(l, STR("ANNA"), STR("1.2.3.4"), now) > 0);
    assert_int_equal(login_limit_wait_s(l, STR("bert"), STR("5.6.7.8"), now), 0);
    now += 2000;
    assert_int_equal(login_limit_wait_s(l, STR("anna"), STR("1.2.3.4"), now), 0);
    login_limit_result(l, STR("anna"), true, now);
    for (int i = 0; i < 100; i++)
        login_limit_wait_s(l, STR("x"), STR("9.9.9.9"), now);
    assert_true(login_limit_wait_s(l, STR("y"), STR("9.9.9.9"), now) > 0);
    assert_int_equal(login_limit_wait_s(l, STR("y"), STR("9.9.9.9"), now + 60001), 0);
    login_limit_destroy(l);
}

struct count_task {
    struct pool_task task;
    _Atomic int *count;
};

static void count_one(struct pool_task *t, void *thread_data)
{
    (void)thread_data;
    atomic_fetch_add(((struct count_task *)t)->count, 1);
}

static void pools_finish_what_they_took(void **state)
{
    struct pool_config config = {.name = "test", .threads = 3, .queue_max = 1000};
    struct pool *p = pool_start(&config);
    struct count_task tasks[500];
    _Atomic int count = 0;

    (void)state;
    for (size_t i = 0; i < 500; i++) {
        tasks[i] = (struct count_task){.task = {.run = count_one}, .count = &count};
        assert_true(pool_submit(p, &tasks[i].task));
    }
    pool_stop(p);
    assert_int_equal(count, 500);
}

static void the_job_cache_knows_versions(void **state)
{
    struct job_cache *c = job_cache_create(1 << 20, 1 << 20);
    struct job_version v = {7, 1, 1}, newer = {7, 2, 1}, renamed = {7, 1, 2};
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    assert_false(job_cache_append(c, v, true, &out));
    job_cache_put(c, v, STR("{\"id\":7,\"entities\":[]}"), 7);
    assert_true(job_cache_has(c, v));
    assert_false(job_cache_has(c, newer));
    assert_false(job_cache_has(c, renamed));
    assert_true(job_cache_append(c, v, true, &out));
    assert_true(job_cache_append(c, v, false, &out));
    assert_str(buf_str(&out), "{\"id\":7,\"entities\":[]}{\"id\":7}");
    buf_finish(&out);
    /* far more than fits: the newest is there, memory stays bounded */
    char big[20000];
    memset(big, 'x', sizeof big);
    for (int64_t i = 1; i <= 2000; i++) {
        struct job_version each = {i, 1, 1};

        job_cache_put(c, each, (struct str){big, sizeof big}, 1);
        assert_true(job_cache_has(c, each));
    }
    assert_false(job_cache_has(c, (struct job_version){1, 1, 1}));
    job_cache_destroy(c);
}

static void large_jobs_push_no_small_ones_out(void **state)
{
    struct job_cache *c = job_cache_create(1 << 20, 1 << 20);
    size_t n = 400000;
    char *big = calloc(1, n);
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    job_cache_put(c, (struct job_version){7, 1, 1}, STR("{\"id\":7}"), 7);
    for (int64_t i = 1; i <= 6; i++) {
        job_cache_put(c, (struct job_version){i, 1, 1}, (struct str){big, n}, 1);
        assert_true(job_cache_append(c, (struct job_version){i, 1, 1}, true, &out));
        assert_int_equal(out.n, n);
        buf_clear(&out);
    }
    assert_false(job_cache_has(c, (struct job_version){1, 1, 1}));
    assert_true(job_cache_has(c, (struct job_version){7, 1, 1}));
    job_cache_put(c, (struct job_version){6, 2, 1}, STR("{\"id\":6}"), 7); /* it is small now */
    assert_true(job_cache_has(c, (struct job_version){6, 2, 1}));
    free(big);
    buf_finish(&out);
    job_cache_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blobs_are_kept_once_by_content),
        cmocka_unit_test(a_blob_that_cannot_be_looked_at_stays),
        cmocka_unit_test(several_blobs_are_kept_together),
        cmocka_unit_test(interrupted_blobs_are_swept),
        cmocka_unit_test(blobs_of_the_first_layout_move),
        cmocka_unit_test(uploads_side_by_side_share_their_flushes),
        cmocka_unit_test(old_blobs_that_nobody_wants_are_removed),
        cmocka_unit_test(passwords_verify),
        cmocka_unit_test(tokens_differ_and_sign),
        cmocka_unit_test(guessing_is_slowed),
        cmocka_unit_test(pools_finish_what_they_took),
        cmocka_unit_test(the_job_cache_knows_versions),
        cmocka_unit_test(large_jobs_push_no_small_ones_out),
    };

    return RUN(tests);
}
