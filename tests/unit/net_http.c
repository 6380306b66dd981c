#include "testlib.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include <ecclesia/net/http.h>

#include "net/address.h"

#define NOW INT64_C(1795343321000) /* 2026-11-22T10:28:41Z */
#define DAY INT64_C(86400000)

START_TEST(retry_after_in_seconds)
{
    ck_assert_int_eq(http_retry_after("120", NOW), 120000);
    ck_assert_int_eq(http_retry_after("  7  ", NOW), 7000);
    ck_assert_int_eq(http_retry_after("1.5", NOW), 2000);
    ck_assert_int_eq(http_retry_after("0", NOW), 1000);
    ck_assert_int_eq(http_retry_after("86401", NOW), DAY);
    ck_assert_int_eq(http_retry_after("99999999999999999999999999", NOW), DAY);
}
END_TEST

START_TEST(retry_after_as_a_date)
{
    ck_assert_int_eq(http_retry_after("Sun, 22 Nov 2026 10:29:41 GMT", NOW), 60000);
    ck_assert_int_eq(http_retry_after("Sunday, 22-Nov-26 10:29:41 GMT", NOW), 60000);
    ck_assert_int_eq(http_retry_after("Sun Nov 22 10:29:41 2026", NOW), 60000);
    ck_assert_int_eq(http_retry_after("2026-11-22T10:30:41Z", NOW), 120000);
    ck_assert_int_eq(http_retry_after("2026-11-22T11:30:41+01:00", NOW), 120000);
    /* Past, and too far off. */
    ck_assert_int_eq(http_retry_after("Sun, 22 Nov 2026 10:00:00 GMT", NOW), 1000);
    ck_assert_int_eq(http_retry_after("2026-11-20T10:30:41Z", NOW), 1000);
    ck_assert_int_eq(http_retry_after("2027-11-20T10:30:41Z", NOW), DAY);
}
END_TEST

START_TEST(retry_after_that_says_nothing)
{
    static const char *const nothing[] = {
        "", "   ", "-5", "soon", "12x", "1.5.2", "nan", "0x10", "Sunday", "2026-13-01T00:00:00Z"
    };

    ck_assert_int_eq(http_retry_after(NULL, NOW), 0);
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
        ck_assert_msg(http_retry_after(nothing[i], NOW) == 0, "%s", nothing[i]);
}
END_TEST

START_TEST(header_is_found_by_any_case_and_the_last_counts)
{
    struct http_header headers[] = { { (char *)"X-A", (char *)"1" },
                                     { (char *)"retry-after", (char *)"5" },
                                     { (char *)"x-a", (char *)"2" } };
    struct http_answer a = { .headers = headers, .header_count = 3 };

    ck_assert_str_eq(http_answer_header(&a, "X-a"), "2");
    ck_assert_str_eq(http_answer_header(&a, "Retry-After"), "5");
    ck_assert_ptr_null(http_answer_header(&a, "X"));
}
END_TEST

static bool private_text(const char *text)
{
    struct sockaddr_storage a;

    ck_assert_msg(address_parse(&a, text), "%s", text);
    return address_is_private((struct sockaddr *)&a);
}

START_TEST(private_addresses)
{
    static const char *const inside[] = {
        "127.0.0.1",
        "127.255.0.9",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "febf::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "[::1]",
        "64:ff9b::7f00:1",
    };
    static const char *const outside[] = { "8.8.8.8",     "172.15.0.1",  "172.32.0.1",
                                           "192.169.0.1", "100.63.0.1",  "100.128.0.1",
                                           "169.253.0.1", "128.0.0.1",   "::ffff:8.8.8.8",
                                           "2001:db8::1", "2a00::1",     "fec::1",
                                           "[2a00::1]",   "223.255.1.1", "64:ff9b::808:808" };

    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
        ck_assert_msg(private_text(inside[i]), "%s", inside[i]);
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
        ck_assert_msg(!private_text(outside[i]), "%s", outside[i]);
}
END_TEST

START_TEST(loopback_addresses)
{
    struct sockaddr_storage a;

    ck_assert(address_parse(&a, "127.8.9.1") && address_is_loopback((struct sockaddr *)&a));
    ck_assert(address_parse(&a, "[::1]") && address_is_loopback((struct sockaddr *)&a));
    ck_assert(address_parse(&a, "128.0.0.1") && !address_is_loopback((struct sockaddr *)&a));
    ck_assert(address_parse(&a, "::2") && !address_is_loopback((struct sockaddr *)&a));
    ck_assert(address_parse(&a, "::ffff:127.0.0.1") && !address_is_loopback((struct sockaddr *)&a));
    ck_assert(!address_parse(&a, "localhost"));
    ck_assert(!address_parse(&a, ""));
    ck_assert(!address_parse(&a, "127.1"));
    ck_assert(!address_parse(&a, "[]"));
    ck_assert(!address_parse(&a, "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc"));
}
END_TEST

TEST_MAIN("net_http", retry_after_in_seconds, retry_after_as_a_date, retry_after_that_says_nothing,
          header_is_found_by_any_case_and_the_last_counts, private_addresses, loopback_addresses)
