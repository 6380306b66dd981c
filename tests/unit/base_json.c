#include "testlib.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ecclesia/base/json.h>

static cJSON *parse(const char *s)
{
    struct error err;
    cJSON *tree;

    error_clear(&err);
    tree = json_parse(s, strlen(s), &err);
    if (!tree)
        ck_abort_msg("%s: %s", s, err.message);
    return tree;
}

START_TEST(takes_all_of_json)
{
    static const char *const good[] = {
        "null",
        " true ",
        "false",
        "0",
        "-0",
        "-12.5e+3",
        "1E9",
        "\"\"",
        "[]",
        "{}",
        "[1,[2,{}],\"x\"]",
        "{\"a\":{\"b\":[null]},\"c\":\"\\u00e9\\ud83d\\ude4f\\n\\/\\\"\\\\\"}",
        "\t\r\n[ 1 , 2 ]\n",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        cJSON_Delete(parse(good[i]));
}
END_TEST

START_TEST(refuses_what_others_let_pass)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "", "nothing" },
        { "   ", "not a number" },
        { "{} x", "after the end" },
        { "{}{}", "after the end" },
        { "[1,]", "not a number" },
        { "[1 2]", "comma" },
        { "{\"a\" 1}", "colon" },
        { "{a:1}", "string was expected" },
        { "{\"a\":1,}", "string was expected" },
        { "01", "after the end" },
        { "1.", "not a number" },
        { ".5", "not a number" },
        { "+1", "not a number" },
        { "1e", "not a number" },
        { "nul", "not a JSON value" },
        { "NaN", "not a number" },
        { "\"a\nb\"", "control character" },
        { "\"a", "does not end" },
        { "\"\\x41\"", "escape" },
        { "\"\\u12g4\"", "escape" },
        { "\"a\\u0000b\"", "\\u0000" },
        { "\"\\ud800\"", "surrogate" },
        { "\"\\udc00\"", "surrogate" },
        { "\"\xFF\"", "UTF-8" },
        { "\xEF\xBB\xBF{}", "not a number" },
        { "{\"a\":1,\"a\":2}", "twice" },
        { "[{\"x\":{\"k\":1,\"b\":2,\"k\":3}}]", "\"k\" comes twice" },
        { "{\"a\":1,\"\\u0061\":2}", "twice" },
    };
    struct error err;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        error_clear(&err);
        if (json_parse(bad[i].text, strlen(bad[i].text), &err))
            ck_abort_msg("%s was taken", bad[i].text);
        ck_assert_int_eq(err.kind, ERROR_GARBAGE);
        if (!strstr(err.message, bad[i].says))
            ck_abort_msg("%s: %s", bad[i].text, err.message);
    }
    ck_assert_ptr_null(json_parse("\"a\0b\"", 5, &err));
    ck_assert_ptr_null(json_parse("1\0", 2, &err));
    ck_assert_ptr_null(
        json_parse("[1,2]", 4, &err)); /* the length counts, not the bytes behind it */
}
END_TEST

START_TEST(case_of_keys_matters)
{
    cJSON *tree = parse("{\"a\":1,\"A\":2}");
    int64_t value;

    ck_assert(json_int(tree, "A", &value));
    ck_assert_int_eq(value, 2);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(levels_are_bounded)
{
    struct error err;
    struct text t;

    for (int levels = 32; levels <= 34; levels++) {
        cJSON *tree;

        text_init(&t, 1000);
        for (int i = 0; i < levels; i++)
            text_add(&t, "[");
        for (int i = 0; i < levels; i++)
            text_add(&t, "]");
        tree = json_parse(text_str(&t), t.length, &err);
        ck_assert((tree != NULL) == (levels <= 32));
        cJSON_Delete(tree);
        text_release(&t);
    }
    ck_assert_ptr_nonnull(strstr(err.message, "too many levels"));
}
END_TEST

START_TEST(values_are_bounded)
{
    struct error err;
    struct text t;

    for (int values = 19999; values <= 20000; values++) {
        cJSON *tree;

        text_init(&t, 100000);
        text_add(&t, "[0");
        for (int i = 1; i < values; i++)
            text_add(&t, ",0");
        text_add(&t, "]");
        tree = json_parse(text_str(&t), t.length, &err);
        ck_assert((tree != NULL) == (values <= 19999)); /* the array is one itself */
        cJSON_Delete(tree);
        text_release(&t);
    }
    ck_assert_ptr_nonnull(strstr(err.message, "too many values"));
}
END_TEST

START_TEST(a_flood_of_keys_is_no_flood_of_work)
{
    struct text t;
    clock_t before = clock();
    cJSON *tree;

    text_init(&t, 1000000);
    text_add(&t, "{");
    for (int i = 0; i < 19000; i++)
        text_addf(&t, "%s\"k%d\":0", i ? "," : "", i);
    text_add(&t, "}");
    tree = parse(text_str(&t));
    cJSON_Delete(tree);
    text_release(&t);
    ck_assert_int_lt((clock() - before) / (CLOCKS_PER_SEC / 1000), 3000);
}
END_TEST

START_TEST(walks_paths)
{
    cJSON *tree = parse("{\"snippet\":{\"title\":\"Easter\",\"live\":true},"
                        "\"items\":[{\"status\":\"ok\"},{\"status\":\"late\"}],"
                        "\"@odata.nextLink\":\"https://next\",\"null\":null}");

    ck_assert_str_eq(json_string(tree, "snippet.title"), "Easter");
    ck_assert_str_eq(json_string(tree, "items.1.status"), "late");
    ck_assert_str_eq(json_string(tree, "@odata.nextLink"), "https://next");
    ck_assert_ptr_null(json_string(tree, "snippet.live"));
    ck_assert_ptr_null(json_string(tree, "snippet.title.more"));
    ck_assert_ptr_null(json_string(tree, "items.2.status"));
    ck_assert_ptr_null(json_string(tree, "items.-1.status"));
    ck_assert_ptr_null(json_string(tree, "items..status"));
    ck_assert_ptr_null(json_string(tree, "null"));
    ck_assert_ptr_null(json_string(NULL, "a"));
    ck_assert(json_at(tree, "null") != NULL);
    ck_assert_ptr_eq(json_at(tree, ""), tree);
    ck_assert_ptr_eq(json_at(tree, NULL), tree);
    ck_assert(json_bool(tree, "snippet.live", false));
    ck_assert(json_bool(tree, "snippet.dead", true));
    ck_assert(!json_bool(tree, "snippet.title", false));
    cJSON_Delete(tree);
}
END_TEST

START_TEST(whole_numbers_come_either_way)
{
    static const struct {
        const char *json;
        bool fine;
        int64_t value;
    } cases[] = {
        { "{\"n\":42}", true, 42 },
        { "{\"n\":-7}", true, -7 },
        { "{\"n\":1e3}", true, 1000 },
        { "{\"n\":1.5}", false, 0 },
        { "{\"n\":9007199254740991}", true, INT64_C(9007199254740991) },
        { "{\"n\":9007199254740993}", false, 0 }, /* a double cannot say it */
        { "{\"n\":1e400}", false, 0 },
        { "{\"n\":\"9223372036854775807\"}", true, INT64_MAX },
        { "{\"n\":\"-9223372036854775808\"}", true, INT64_MIN },
        { "{\"n\":\"9223372036854775808\"}", false, 0 },
        { "{\"n\":\"12a\"}", false, 0 },
        { "{\"n\":\"\"}", false, 0 },
        { "{\"n\":\"-\"}", false, 0 },
        { "{\"n\":true}", false, 0 },
        { "{}", false, 0 },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cJSON *tree = parse(cases[i].json);
        int64_t value = 99;

        if (json_int(tree, "n", &value) != cases[i].fine)
            ck_abort_msg("%s", cases[i].json);
        ck_assert_int_eq(value, cases[i].fine ? cases[i].value : 99);
        cJSON_Delete(tree);
    }
}
END_TEST

START_TEST(ids_come_whole_or_not_at_all)
{
    cJSON *tree =
        parse("{\"zoom\":85746065432,\"yt\":\"abcDEF-1\",\"big\":12345678901234567890,\"e\":\"\"}");
    char out[12];

    ck_assert(json_id(tree, "zoom", out, sizeof(out)));
    ck_assert_str_eq(out, "85746065432");
    ck_assert(json_id(tree, "yt", out, sizeof(out)));
    ck_assert_str_eq(out, "abcDEF-1");
    ck_assert(!json_id(tree, "big", out, sizeof(out)));
    ck_assert_str_eq(out, "");
    ck_assert(!json_id(tree, "yt", out, 4));
    ck_assert_str_eq(out, "");
    ck_assert(!json_id(tree, "e", out, sizeof(out)));
    ck_assert(!json_id(tree, "absent", out, sizeof(out)));
    cJSON_Delete(tree);
}
END_TEST

START_TEST(writes_compact)
{
    cJSON *object = cJSON_CreateObject();
    struct text t;

    json_add_string(object, "title", "a\"\n");
    json_add_string(object, "none", NULL);
    json_add_time(object, "start", INT64_C(1795343321007));
    json_add_time(object, "end", 0);
    text_init(&t, 100);
    ck_assert(json_print(&t, object));
    ck_assert_str_eq(text_str(&t),
                     "{\"title\":\"a\\\"\\n\",\"start\":\"2026-11-22T10:28:41.007Z\"}");
    ck_assert(!json_print(&t, object) && t.overflow);
    text_release(&t);
    cJSON_Delete(object);
}
END_TEST

TEST_MAIN("base_json", takes_all_of_json, refuses_what_others_let_pass, case_of_keys_matters,
          levels_are_bounded, values_are_bounded, a_flood_of_keys_is_no_flood_of_work, walks_paths,
          whole_numbers_come_either_way, ids_come_whole_or_not_at_all, writes_compact)
