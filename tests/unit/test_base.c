/* base/: strings, arena, buffer, time, hashes. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "unit.h"

static void numbers_are_whole_and_in_range(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {{"0", true, 0},
                 {"-0", true, 0},
                 {"9223372036854775807", true, INT64_MAX},
                 {"-9223372036854775808", true, INT64_MIN},
                 {"9223372036854775808", false, 0},
                 {"", false, 0},
                 {"-", false, 0},
                 {"1 ", false, 0},
                 {"+1", false, 0},
                 {"0x10", false, 0}};
    int64_t v;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(str_to_i64(str_from(cases[i].text), &v), cases[i].ok);
        if (cases[i].ok)
            assert_int_equal(v, cases[i].value);
    }
}

static void utf8_is_strict(void **state)
{
    static const char *const good[] = {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8d\x8b"};
    static const char *const bad[] = {
        "\x80", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xc3", "\xe2\x82", "\xff"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(str_is_utf8(str_from(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(str_is_utf8(str_from(bad[i])));
}

static void long_messages_end_between_characters(void **state)
{
    struct fault f = {0};
    char text[400];

    (void)state;
    for (size_t i = 0; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa9", 3);
    fault_set(&f, ERR_INVALID, "name", "x%s", text);
    assert_true(strlen(f.message) > 300);
    assert_true(str_is_utf8(str_from(f.message)));
    fault_set(&f, ERR_INTERNAL, NULL, "a later one");
    assert_int_equal(f.code, ERR_INVALID);
}

static void arena_keeps_its_cap(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 100000);
    assert_non_null(arena_alloc(&a, 50000));
    assert_null(arena_alloc(&a, 60000));
    assert_true(a.failed);
    arena_reset(&a);
    assert_false(a.failed);
    assert_non_null(arena_alloc(&a, 60000));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_array(&a, SIZE_MAX / 2, 4));
    arena_finish(&a);
}

static void arena_arrays_grow(void **state)
{
    struct arena a;
    int *list = NULL;
    size_t cap = 0;

    (void)state;
    arena_init(&a, 1 << 20);
    for (int i = 0; i < 1000; i++) {
        list = arena_room(&a, list, (size_t)i, &cap, sizeof *list);
        assert_non_null(list);
        list[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(list[i], i);
    assert_str(arena_printf(&a, "%s-%d", "x", 7), "x-7");
    arena_finish(&a);
}

static void buffer_stops_at_its_cap(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 10);
    buf_add(&b, "12345", 5);
    buf_printf(&b, "%d", 678);
    assert_str(buf_str(&b), "12345678");
    buf_add(&b, "abc", 3);
    assert_true(b.failed);
    assert_int_equal(b.n, 8);
    buf_clear(&b);
    assert_false(b.failed);
    buf_finish(&b);
}

static void times_are_iso(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {{0, "1970-01-01T00:00:00.000Z"},
                 {-1, "1969-12-31T23:59:59.999Z"},
                 {1666107597377, "2022-10-18T15:39:57.377Z"},
                 {951782399999, "2000-02-28T23:59:59.999Z"},
                 {951782400000, "2000-02-29T00:00:00.000Z"},
                 {4107542400000, "2100-03-01T00:00:00.000Z"},
                 {INT64_MAX, "9999-12-31T23:59:59.999Z"}};
    char text[CLOCK_ISO_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        clock_iso(cases[i].ms, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void times_are_read_in_all_forms(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } cases[] = {{"2022-10-18T15:39:57.377Z", 1666107597377},
                 {"2022-10-18T15:39:57.377123+00:00", 1666107597377},
                 {"2022-10-18T17:39:57.377+02:00", 1666107597377},
                 {"2022-10-18T15:39:57.377", 1666107597377},
                 {"2022-10-18T15:39:57", 1666107597000},
                 {"2022-10-18 15:39:57Z", 1666107597000},
                 {"2022-10-18T15:39", 1666107540000},
                 {"2022-10-18", 1666051200000},
                 {"2022-10-18T15:39:57 02:00", 1666100397000}, /* '+' of a query string */
                 {"2022-13-18", -1},
                 {"2022-02-29", -1},
                 {"2022-10-18T25:00", -1},
                 {"2022-10-18T15:39:57.Z", -1},
                 {"2022-10-18T15:39:57Zx", -1},
                 {"yesterday", -1},
                 {"", -1}};
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool ok = clock_parse(str_from(cases[i].text), &ms);

        assert_int_equal(ok, cases[i].ms != -1);
        if (ok)
            assert_int_equal(ms, cases[i].ms);
    }
}

static void every_time_reads_back(void **state)
{
    (void)state;
    for (int64_t ms = -62167219200000; ms < 253402300800000; ms += 86399999937) {
        char text[CLOCK_ISO_SIZE];
        int64_t back;

        clock_iso(ms, text);
        assert_true(clock_parse(str_from(text), &back));
        assert_int_equal(back, ms);
    }
}

static void hashes_and_base64(void **state)
{
    static const char *const bad[] = {"A", "====", "AA=A", "A===", "AAA*", "AA==AAAA"};
    char text[SHA256_B64_SIZE];
    unsigned char back[64];
    struct sha256 h = sha256_of(STR("abc"));
    struct sha256_ctx *c = sha256_begin();

    (void)state;
    b64_encode(h.b, sizeof h.b, text);
    assert_string_equal(text, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    assert_int_equal(b64_decode(str_from(text), back), SHA256_SIZE);
    assert_memory_equal(back, h.b, SHA256_SIZE);
    sha256_add(c, "a", 1);
    sha256_add(c, "bc", 2);
    h = sha256_end(c);
    assert_memory_equal(back, h.b, SHA256_SIZE);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(b64_decode(str_from(bad[i]), back), -1);
    b64url_encode((const unsigned char *)"\xfb\xff\xfe", 3, text);
    assert_string_equal(text, "-__-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_whole_and_in_range),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(long_messages_end_between_characters),
        cmocka_unit_test(arena_keeps_its_cap),
        cmocka_unit_test(arena_arrays_grow),
        cmocka_unit_test(buffer_stops_at_its_cap),
        cmocka_unit_test(times_are_iso),
        cmocka_unit_test(times_are_read_in_all_forms),
        cmocka_unit_test(every_time_reads_back),
        cmocka_unit_test(hashes_and_base64),
    };

    return RUN(tests);
}
