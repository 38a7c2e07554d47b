/* json/: reading, writing, merging. */
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"
#include "json/json_merge.h"
#include "json/json_read.h"
#include "json/json_write.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 8u << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

/* Parse text of n bytes; NULL when it is refused. */
static struct json_value *parse(const char *text, size_t n)
{
    const char *error;
    char *copy = arena_alloc(&arena, n + JSON_PADDING);

    memcpy(copy, text, n);
    struct json_value *v = json_parse(&arena, (struct str){copy, n}, &error);
    assert_true((v == NULL) == (error != NULL));
    return v;
}

static void values_keep_their_text(void **state)
{
    const char *text = " {\"a\": [1, 2.50, [ ]], \"b\" : \"x\\u00e9\\n\\ud83c\\udf4b\", \"c\":null,"
                       " \"d\":true, \"e\":{\"f\":\"]}\\\"\"}, \"n\":-12345678901} ";
    struct json_value *v = parse(text, strlen(text));

    (void)state;
    assert_non_null(v);
    assert_int_equal(json_count(&arena, v), 6);
    struct json_value *a = json_get(&arena, v, "a");
    assert_str(a->raw, "[1, 2.50, [ ]]");
    assert_int_equal(json_count(&arena, a), 3);
    assert_int_equal(json_first(&arena, a)->i, 1);
    assert_int_equal(json_first(&arena, a)->next->type, JSON_REAL);
    assert_str(json_first(&arena, a)->next->raw, "2.50");
    assert_null(json_first(&arena, json_first(&arena, a)->next->next));
    assert_str(json_get(&arena, v, "b")->s, "x\xc3\xa9\n\xf0\x9f\x8d\x8b");
    assert_int_equal(json_get(&arena, v, "c")->type, JSON_NULL);
    assert_true(json_get(&arena, v, "d")->b);
    assert_str(json_get(&arena, json_get(&arena, v, "e"), "f")->s, "]}\"");
    assert_int_equal(json_get(&arena, v, "n")->i, -12345678901);
    assert_null(json_get(&arena, v, "nothing"));
    assert_null(json_get(&arena, a, "a"));
}

static void of_equal_names_the_last_counts(void **state)
{
    struct json_value *v = parse("{\"a\":1,\"a\":2}", 13);

    (void)state;
    assert_int_equal(json_get(&arena, v, "a")->i, 2);
}

static void large_integers_stay_exact_or_become_real(void **state)
{
    const char *text = "[9223372036854775807, 9223372036854775808, 1e300, -0.0, 1E-2]";
    struct json_value *v = json_first(&arena, parse(text, strlen(text)));

    (void)state;
    assert_int_equal(v->i, INT64_MAX);
    v = v->next;
    assert_int_equal(v->type, JSON_REAL);
    assert_true(v->d > 9.2e18);
    assert_true(v->next->d > 9e299);
    assert_true(v->next->next->next->d == 0.01);
}

static void bad_text_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "[1,]",
                                      "{\"a\":}",
                                      "{a:1}",
                                      "[1 2]",
                                      "nul",
                                      "01",
                                      "1.",
                                      "+1",
                                      ".5",
                                      "'a'",
                                      "\"\t\"",
                                      "\"\\x\"",
                                      "[1]x",
                                      "\"\\ud800\"",
                                      "\"\x80\"",
                                      "\"\xc0\xaf\"",
                                      "1e400",
                                      "{\"a\" 1}",
                                      "\xef\xbb\xbf{}",
                                      "[\"a",
                                      "\"\\u12\"",
                                      "tru",
                                      "- 1",
                                      "{\"a\":1,}",
                                      "]",
                                      "NaN"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (parse(bad[i], strlen(bad[i])) != NULL)
            fail_msg("accepted: %s", bad[i]);
    assert_null(parse("\"a\0b\"", 5));
}

static void nesting_has_a_limit(void **state)
{
    char text[2 * JSON_DEPTH_MAX + 8];

    (void)state;
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        struct json_value *v = parse(text, 2 * (size_t)depth);
        assert_int_equal(v != NULL, depth <= JSON_DEPTH_MAX);
    }
}

static void writer_escapes_and_separates(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    struct json_w w = json_w_on(&out);
    json_obj(&w);
    json_kv_i64(&w, "min", INT64_MIN);
    json_kv_str(&w, "s", STR("a\"\\\n\x01\xc3\xa9"));
    json_kv_id(&w, "none", 0);
    json_kv_iso(&w, "at", 1666107597377);
    json_kv_arr(&w, "list");
    json_real(&w, 0.1);
    json_real(&w, 1.0 / 3);
    json_bool(&w, false);
    json_arr_end(&w);
    json_kv_raw(&w, "raw", STR("[ 1 ]"));
    json_splice(&w, STR("{\"x\":1}"));
    json_splice(&w, STR("{}"));
    json_obj_end(&w);
    assert_str(buf_str(&out), "{\"min\":-9223372036854775808,\"s\":\"a\\\"\\\\\\n\\u0001\xc3\xa9\","
                              "\"none\":null,\"at\":\"2022-10-18T15:39:57.377Z\",\"list\":[0.1,"
                              "0.3333333333333333,false],\"raw\":[ 1 ],\"x\":1}");
    buf_finish(&out);
}

static bool not_a(const struct json_value *v)
{
    return !str_is(v->key, "a");
}

static bool is_null(const struct json_value *v)
{
    return v->type == JSON_NULL;
}

static void merging_lays_members_over(void **state)
{
    const char *text = "{\"b\": 2.0, \"a\":9, \"c\":null}";
    struct json_value *change = parse(text, strlen(text));
    struct str base = STR("{\"a\":1,\"b\":1,\"c\":3}");

    (void)state;
    assert_str(json_merge(&arena, base, change, NULL, NULL, 1000),
               "{\"b\":2.0,\"a\":9,\"c\":null}");
    assert_str(json_merge(&arena, base, change, not_a, is_null, 1000), "{\"a\":1,\"b\":2.0}");
    assert_str(json_merge(&arena, STR_NULL, NULL, NULL, NULL, 1000), "{}");
    assert_null(json_merge(&arena, base, change, NULL, NULL, 10).p);
}

/* Whatever the reader accepts, the writer can say again. */
static void strings_survive_a_round_trip(void **state)
{
    char bytes[64];

    (void)state;
    srand(7);
    for (int round = 0; round < 2000; round++) {
        struct buf out;
        size_t n = (size_t)rand() % sizeof bytes;

        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)(rand() % 128);
        buf_init(&out, 4096);
        struct json_w w = json_w_on(&out);
        json_str(&w, (struct str){bytes, n});
        struct json_value *v = parse(out.p, out.n);
        assert_non_null(v);
        assert_int_equal(v->s.n, n);
        assert_memory_equal(v->s.p, bytes, n);
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_keep_their_text, setup, teardown),
        cmocka_unit_test_setup_teardown(of_equal_names_the_last_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(large_integers_stay_exact_or_become_real, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_text_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(nesting_has_a_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(writer_escapes_and_separates, setup, teardown),
        cmocka_unit_test_setup_teardown(merging_lays_members_over, setup, teardown),
        cmocka_unit_test_setup_teardown(strings_survive_a_round_trip, setup, teardown),
    };

    return RUN(tests);
}
