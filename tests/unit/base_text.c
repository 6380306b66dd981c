#include "testlib.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

START_TEST(grows_up_to_its_ceiling)
{
    struct text t;

    text_init(&t, 10);
    ck_assert_str_eq(text_str(&t), "");
    ck_assert(text_add(&t, "12345"));
    ck_assert(text_addf(&t, "%d", 67890));
    ck_assert_str_eq(text_str(&t), "1234567890");
    ck_assert(!t.overflow);
    ck_assert(!text_add(&t, "x"));
    ck_assert(t.overflow);
    ck_assert_str_eq(text_str(&t), "1234567890");
    ck_assert(t.room <= 11);
    text_release(&t);
    ck_assert(text_add(&t, "again"));
    ck_assert_uint_eq(t.length, 5);
    text_release(&t);
}
END_TEST

START_TEST(has_no_hole_after_an_overflow)
{
    struct text t;

    text_init(&t, 4);
    ck_assert(text_add(&t, "ab"));
    ck_assert(!text_add(&t, "cdef"));
    ck_assert(!text_add(&t, "g"));
    ck_assert_str_eq(text_str(&t), "ab");
    ck_assert_ptr_null(text_take(&t));
    ck_assert(!t.overflow);
    ck_assert(text_add(&t, "abcd"));
    text_clear(&t);
    ck_assert_str_eq(text_str(&t), "");
    ck_assert(text_append(&t, "a\0b", 3));
    ck_assert_uint_eq(t.length, 3);
    text_release(&t);
}
END_TEST

START_TEST(take_hands_over)
{
    struct text t;
    char *s;

    text_init(&t, 100);
    s = text_take(&t);
    ck_assert_str_eq(s, "");
    free(s);
    text_add(&t, "mine");
    s = text_take(&t);
    ck_assert_str_eq(s, "mine");
    ck_assert_uint_eq(t.length, 0);
    ck_assert_ptr_null(t.data);
    free(s);
}
END_TEST

START_TEST(formats_longer_than_any_buffer)
{
    char *s = text_format("%5000d|%s", 7, "end");
    struct text t;

    ck_assert_uint_eq(strlen(s), 5004);
    text_init(&t, 100000);
    for (int i = 0; i < 10; i++)
        ck_assert(text_addf(&t, "%s", s));
    ck_assert_uint_eq(t.length, 50040);
    text_release(&t);
    free(s);
}
END_TEST

START_TEST(copy_cuts_on_a_character)
{
    char out[6];

    ck_assert(text_copy_to(out, sizeof(out), "12345"));
    ck_assert_str_eq(out, "12345");
    ck_assert(!text_copy_to(out, sizeof(out), "123456"));
    ck_assert_str_eq(out, "12345");
    ck_assert(!text_copy_to(out, sizeof(out), "1234\xC3\xA9"));
    ck_assert_str_eq(out, "1234");
    ck_assert(!text_copy_to(out, sizeof(out), "12\xF0\x9F\x99\x8F"));
    ck_assert_str_eq(out, "12");
    ck_assert(text_copy_to(out, sizeof(out), NULL));
    ck_assert_str_eq(out, "");
    ck_assert(!text_copy_to(out, 1, "a"));
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(replace_and_compare)
{
    char *slot = NULL;

    ck_assert(text_replace(&slot, "one"));
    ck_assert(text_replace(&slot, slot));
    ck_assert_str_eq(slot, "one");
    ck_assert(text_replace(&slot, NULL));
    ck_assert_ptr_null(slot);
    ck_assert_ptr_null(text_copy(NULL));
    ck_assert(text_equal(NULL, NULL));
    ck_assert(!text_equal(NULL, ""));
    ck_assert(text_equal("a", "a"));
    ck_assert(!text_equal("a", "b"));
    ck_assert(text_starts("livestream", "live"));
    ck_assert(!text_starts("live", "livestream"));
    ck_assert(!text_starts("Live", "live"));
    ck_assert(text_starts_nocase("Live", "live"));
    ck_assert(!text_starts(NULL, "x"));
}
END_TEST

START_TEST(wipe_leaves_nothing)
{
    char secret[] = "stream-key";

    text_wipe(secret, sizeof(secret));
    for (size_t i = 0; i < sizeof(secret); i++)
        ck_assert_int_eq(secret[i], 0);
    text_wipe(NULL, 3);
}
END_TEST

START_TEST(encodes_for_urls)
{
    struct text t;

    text_init(&t, 100);
    ck_assert(text_add_urlencoded(&t, "aZ09-._~ /?&=+%\xC3\xA9"));
    ck_assert_str_eq(text_str(&t), "aZ09-._~%20%2F%3F%26%3D%2B%25%C3%A9");
    text_release(&t);
    text_init(&t, 4);
    ck_assert(!text_add_urlencoded(&t, "a  "));
    ck_assert(t.overflow);
    text_release(&t);
}
END_TEST

START_TEST(encodes_base64)
{
    /* RFC 4648, section 10. */
    static const char *const plain[] = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
    static const char *const coded[] = { "",         "Zg==",     "Zm8=",    "Zm9v",
                                         "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };
    struct text t;

    text_init(&t, 100);
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        text_clear(&t);
        ck_assert(text_add_base64(&t, plain[i], strlen(plain[i])));
        ck_assert_str_eq(text_str(&t), coded[i]);
    }
    text_clear(&t);
    ck_assert(text_add_base64(&t, "\xFB\xFF\xFE", 3));
    ck_assert(text_add_base64url(&t, "\xFB\xFF\xFE\xFF", 4));
    ck_assert_str_eq(text_str(&t), "+//+-__-_w");
    text_release(&t);
}
END_TEST

START_TEST(hex_both_ways)
{
    unsigned char bytes[4] = { 0x00, 0x9f, 0xAB, 0xff };
    unsigned char back[4];
    struct text t;

    text_init(&t, 8);
    ck_assert(text_add_hex(&t, bytes, 4));
    ck_assert_str_eq(text_str(&t), "009fabff");
    ck_assert(text_from_hex(back, 4, "009FabFf"));
    ck_assert_mem_eq(back, bytes, 4);
    ck_assert(!text_from_hex(back, 4, "009fabf"));
    ck_assert(!text_from_hex(back, 4, "009fabff0"));
    ck_assert(!text_from_hex(back, 4, "009fabfg"));
    ck_assert(!text_from_hex(back, 4, NULL));
    text_release(&t);
}
END_TEST

TEST_MAIN("base_text", grows_up_to_its_ceiling, has_no_hole_after_an_overflow, take_hands_over,
          formats_longer_than_any_buffer, copy_cuts_on_a_character, replace_and_compare,
          wipe_leaves_nothing, encodes_for_urls, encodes_base64, hex_both_ways)
