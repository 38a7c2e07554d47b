/* Paths of team files, heads of tar archives, the cache of previews. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/tar.h"
#include "domain/file.h"
#include "media/preview_cache.h"
#include "unit.h"

static void paths_have_one_form(void **state)
{
    static const struct {
        const char *in, *out; /* NULL: refused */
    } cases[] = {
        {"/a/b", "/a/b"}, {"a/b", "/a/b"},   {"//a///b//", "/a/b/"}, {"/", "/"},
        {"///", "/"},     {"/a/../b", NULL}, {"/..", NULL},          {"/./a", NULL},
        {"", NULL},       {"/a\n", NULL},    {"s3://a", NULL},       {"/...", "/..."},
    };
    struct arena a;

    (void)state;
    arena_init(&a, 1u << 20);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct call c = {.arena = &a};
        struct str out = STR_NULL;
        enum err e = file_path(&c, str_from(cases[i].in), "path", &out);

        assert_int_equal(e, cases[i].out ? ERR_OK : ERR_INVALID);
        assert_true(cases[i].out == NULL || str_is(out, cases[i].out));
        assert_true(e == ERR_OK || str_is(str_from(c.fault.field), "path"));
    }
    struct call c = {.arena = &a};
    struct file_range r = file_range(&c, STR("/a/"));
    assert_true(str_cmp(STR("/a/zz"), r.end) < 0 && str_cmp(STR("/a0"), r.end) >= 0);
    r = file_range(&c, STR("/a"));
    assert_true(str_cmp(STR("/a"), r.end) < 0 && str_cmp(STR("/a b"), r.end) >= 0);
    assert_true(str_is(file_name(STR("/a/b.tar.gz")), "b.tar.gz"));
    assert_true(str_is(file_name(STR("/a/b/")), "b"));
    assert_true(str_is(file_ext(STR("/a.b/c.tar.gz")), "gz"));
    assert_true(str_is(file_ext(STR("/a.b/.hidden")), ""));
    arena_finish(&a);
}

static void tar_heads_hold_long_names_and_large_files(void **state)
{
    char name[151];
    struct arena a;

    (void)state;
    memset(name, 'n', sizeof name);
    arena_init(&a, 1u << 20);
    struct str head = tar_head(&a, STR("a/b"), 5, 1);
    assert_int_equal(head.n, TAR_BLOCK);
    assert_string_equal(head.p, "a/b");
    assert_memory_equal(head.p + 124, "00000000005", 12);
    assert_memory_equal(head.p + 257, "ustar", 6);
    head = tar_head(&a, (struct str){name, 150}, 9ll << 30, 1);
    assert_int_equal(head.n, 3 * TAR_BLOCK);
    assert_int_equal(head.p[156], 'L');
    assert_memory_equal(head.p + TAR_BLOCK, name, 150);
    assert_int_equal((unsigned char)head.p[2 * TAR_BLOCK + 124], 0x80);
    assert_int_equal(head.p[2 * TAR_BLOCK + 131], 2); /* 9 GiB = 2 * 2^32 + ... */
    assert_int_equal(tar_padding(0), 0);
    assert_int_equal(tar_padding(1), 511);
    assert_int_equal(tar_padding(512), 0);
    arena_finish(&a);
}

static struct sha256 keep(struct preview_cache *c, const char *name, size_t bytes)
{
    struct sha256 key = sha256_of(str_from(name));
    struct preview_file file;
    struct fault f = {0};
    int64_t size;
    char *content = calloc(1, bytes);

    assert_int_equal(preview_cache_begin(c, &file, &f), ERR_OK);
    assert_int_equal(write(file.fd, content, bytes), bytes);
    assert_int_equal(preview_cache_keep(c, &file, &key, &size), ERR_OK);
    assert_int_equal(size, bytes);
    close(file.fd);
    free(content);
    usleep(2000); /* file times tell the order */
    return key;
}

static bool has(struct preview_cache *c, const struct sha256 *key)
{
    int64_t size;
    int fd;

    if (!preview_cache_get(c, key, &fd, &size))
        return false;
    close(fd);
    usleep(2000);
    return true;
}

static void the_least_used_previews_go(void **state)
{
    char dir[] = "/tmp/labeld-previews-XXXXXX", path[64];
    struct preview_cache *c;
    struct preview_file file;
    struct fault f = {0};

    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(preview_cache_open(dir, 1000, &c, &f), ERR_OK);
    struct sha256 one = keep(c, "1", 300), two = keep(c, "2", 300), three = keep(c, "3", 300);
    assert_true(has(c, &one)); /* now it is the newest */
    struct sha256 four = keep(c, "4", 300);
    assert_false(has(c, &two));
    assert_false(has(c, &three)); /* down to four fifths */
    assert_true(has(c, &one) && has(c, &four));
    assert_int_equal(preview_cache_begin(c, &file, &f), ERR_OK);
    close(file.fd); /* interrupted: neither kept nor dropped */
    preview_cache_close(c);
    assert_int_equal(preview_cache_open(dir, 400, &c, &f), ERR_OK); /* a smaller quota */
    assert_true(has(c, &four) && !has(c, &one));
    preview_cache_close(c);
    snprintf(path, sizeof path, "%s/new-0", dir);
    assert_int_not_equal(access(path, F_OK), 0);
    remove_tree(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_have_one_form),
        cmocka_unit_test(tar_heads_hold_long_names_and_large_files),
        cmocka_unit_test(the_least_used_previews_go),
    };

    return RUN(tests);
}
