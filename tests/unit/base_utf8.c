#include "testlib.h"

#include <string.h>

#include <ecclesia/base/utf8.h>

START_TEST(decodes_each_length)
{
    uint32_t c = 0;

    ck_assert_uint_eq(utf8_decode("A", 1, &c), 1);
    ck_assert_uint_eq(c, 'A');
    ck_assert_uint_eq(utf8_decode("\xC3\xA9", 2, &c), 2);
    ck_assert_uint_eq(c, 0xE9);
    ck_assert_uint_eq(utf8_decode("\xE2\x82\xAC", 3, &c), 3);
    ck_assert_uint_eq(c, 0x20AC);
    ck_assert_uint_eq(utf8_decode("\xF0\x9F\x99\x8F", 4, &c), 4);
    ck_assert_uint_eq(c, 0x1F64F);
    ck_assert_uint_eq(utf8_decode("\xF4\x8F\xBF\xBF", 4, &c), 4);
    ck_assert_uint_eq(c, 0x10FFFF);
    ck_assert_uint_eq(utf8_decode("", 0, &c), 0);
}
END_TEST

START_TEST(refuses_what_is_not_utf8)
{
    static const char *const bad[] = { "\x80",             /* a tail alone */
                                       "\xC3",             /* cut */
                                       "\xC3(",            /* no tail */
                                       "\xC0\xAF",         /* overlong '/' */
                                       "\xE0\x80\xAF",     /* overlong in three */
                                       "\xF0\x80\x80\xAF", /* overlong in four */
                                       "\xED\xA0\x80",     /* a surrogate */
                                       "\xF4\x90\x80\x80", /* past the last */
                                       "\xF8\x88\x80\x80\x80",
                                       "\xFF" };
    uint32_t c;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_uint_eq(utf8_decode(bad[i], strlen(bad[i]), &c), 0);
        ck_assert(!utf8_valid(bad[i], strlen(bad[i])));
    }
    ck_assert(utf8_valid("", 0));
    ck_assert(utf8_valid("gr\xC3\xBC\xC3\x9F", 6));
    ck_assert(!utf8_valid("gr\xC3\xBC", 3));
}
END_TEST

START_TEST(counts_characters)
{
    ck_assert_uint_eq(utf8_count(""), 0);
    ck_assert_uint_eq(utf8_count("abc"), 3);
    ck_assert_uint_eq(utf8_count("\xF0\x9F\x99\x8F\xC3\xA9"), 2);
    ck_assert_uint_eq(utf8_count("a\xFF\xFE"), 3);
}
END_TEST

/* What a hostile title may try, and what is left of it. */
START_TEST(cleans_foreign_text)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "Sunday Service", "Sunday Service" },
        { "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x99\x8F",
          "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x99\x8F" },
        { "a\x1B[2Jb", "a?[2Jb" },
        { "a\x07\x7F", "a??" },
        { "one\r\ntwo\n\nthree\tfour", "one two three four" },
        { "a\xC2\x9B"
          "31m",
          "a\xEF\xBF\xBD"
          "31m" }, /* CSI of C1 */
        { "a\xE2\x80\xAE"
          "b",
          "a\xEF\xBF\xBD"
          "b" }, /* right-to-left override */
        { "a\xE2\x81\xA6"
          "b",
          "a\xEF\xBF\xBD"
          "b" }, /* isolate */
        { "a\xE2\x80\xA8"
          "b",
          "a b" }, /* line separator */
        { "a\xFF"
          "b",
          "a\xEF\xBF\xBD"
          "b" },
        { "", "" },
    };
    char out[128];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        utf8_clean(out, sizeof(out), cases[i].in);
        ck_assert_str_eq(out, cases[i].out);
    }
    utf8_clean(out, sizeof(out), NULL);
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(cleaning_cuts_on_a_character)
{
    char out[6];

    utf8_clean(out, sizeof(out), "1234\xC3\xA9");
    ck_assert_str_eq(out, "1234");
    utf8_clean(out, sizeof(out),
               "123\xC3\xA9"
               "4");
    ck_assert_str_eq(out, "123\xC3\xA9");
    utf8_clean(out, sizeof(out), "123\xFF");
    ck_assert_str_eq(out, "123");
    utf8_clean(out, 1, "a");
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(measures_columns_without_a_locale)
{
    ck_assert_int_eq(utf8_width(""), 0);
    ck_assert_int_eq(utf8_width("abc"), 3);
    ck_assert_int_eq(utf8_width("gr\xC3\xBC\xC3\x9F"), 4);
    ck_assert_int_eq(utf8_width("\xE6\x97\xA5\xE6\x9C\xAC"), 4); /* two wide characters */
    ck_assert_int_eq(utf8_width("e\xCC\x81"), 1);                /* e and a combining accent */
    ck_assert_int_eq(utf8_width("\xF0\x9F\x99\x8F"), 2);
    ck_assert_int_eq(utf8_width("a\x1B"
                                "b"),
                     2);
}
END_TEST

START_TEST(finds_the_prefix_that_fits)
{
    const char *s = "a\xE6\x97\xA5"
                    "b";
    int used;

    ck_assert_uint_eq(utf8_prefix(s, 4, &used), 5);
    ck_assert_int_eq(used, 4);
    ck_assert_uint_eq(utf8_prefix(s, 3, &used), 4);
    ck_assert_int_eq(used, 3);
    ck_assert_uint_eq(utf8_prefix(s, 2, &used), 1); /* half a wide character does not fit */
    ck_assert_int_eq(used, 1);
    ck_assert_uint_eq(utf8_prefix(s, 0, NULL), 0);
    ck_assert_uint_eq(utf8_prefix("e\xCC\x81x", 1, &used), 3); /* the accent belongs to it */
}
END_TEST

TEST_MAIN("base_utf8", decodes_each_length, refuses_what_is_not_utf8, counts_characters,
          cleans_foreign_text, cleaning_cuts_on_a_character, measures_columns_without_a_locale,
          finds_the_prefix_that_fits)
