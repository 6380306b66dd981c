#include "testlib.h"

#include <string.h>

#include <ecclesia/base/id.h>

START_TEST(ids_are_hex_and_differ)
{
    struct id a = id_new(), b = id_new();

    ck_assert_uint_eq(strlen(a.hex), 32);
    ck_assert_uint_eq(strspn(a.hex, "0123456789abcdef"), 32);
    ck_assert(!id_equal(a, b));
    ck_assert(id_equal(a, a));
    ck_assert(!id_is_none(a));
    ck_assert(id_is_none((struct id){ "" }));
    ck_assert(id_equal((struct id){ "" }, (struct id){ "" }));
}
END_TEST

START_TEST(parse_takes_only_what_we_make)
{
    struct id made = id_new(), back = { "" };

    ck_assert(id_parse(&back, made.hex));
    ck_assert(id_equal(made, back));
    ck_assert(!id_parse(&back, "0123456789abcdef0123456789abcde"));
    ck_assert(!id_parse(&back, "0123456789abcdef0123456789abcdef0"));
    ck_assert(!id_parse(&back, "0123456789ABCDEF0123456789abcdef"));
    ck_assert(!id_parse(&back, "0123456789abcdef0123456789abcdeg"));
    ck_assert(!id_parse(&back, ""));
    ck_assert(!id_parse(&back, NULL));
    ck_assert(id_equal(made, back));
}
END_TEST

START_TEST(a_seed_repeats_everything)
{
    unsigned char first[37], second[37];
    struct id id;
    uint64_t drawn;

    random_seed(7);
    random_bytes(first, sizeof(first));
    id = id_new();
    drawn = random_below(1000000);
    random_seed(7);
    random_bytes(second, sizeof(second));
    ck_assert_mem_eq(first, second, sizeof(first));
    ck_assert(id_equal(id, id_new()));
    ck_assert_uint_eq(drawn, random_below(1000000));
    random_seed(8);
    random_bytes(second, sizeof(second));
    ck_assert_mem_ne(first, second, sizeof(first));
}
END_TEST

START_TEST(below_is_uniform_and_below)
{
    unsigned counts[6] = { 0 };

    random_seed(test_seed());
    for (int i = 0; i < 60000; i++)
        counts[random_below(6)]++;
    /* 10,000 each, a standard deviation of 91: seven of them either way. */
    for (int i = 0; i < 6; i++) {
        ck_assert_uint_gt(counts[i], 9350);
        ck_assert_uint_lt(counts[i], 10650);
    }
    ck_assert_uint_eq(random_below(0), 0);
    ck_assert_uint_eq(random_below(1), 0);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_lt(random_below(UINT64_MAX), UINT64_MAX);
}
END_TEST

/* The kernel's come first: a seed is for good. */
TEST_MAIN("base_id", ids_are_hex_and_differ, parse_takes_only_what_we_make,
          a_seed_repeats_everything, below_is_uniform_and_below)
