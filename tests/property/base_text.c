/* Truths about foreign text and time that hold for every input, tried on random ones. */
#include "testlib.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/id.h>
#include <ecclesia/base/json.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/base/zone.h>

enum { ROUNDS = 3000 };

static void seed(void)
{
    random_seed(test_seed());
}

/* Bytes that like to make trouble, without a NUL. */
static void random_text(char *out, size_t size)
{
    static const char *const pieces[] = {
        "a",    "\x1B[", "\xC3\xA9",     "\xE2\x80\xAE", "\xF0\x9F\x99\x8F", "\xFF",
        "\xC2", "\r\n",  "\xE6\x97\xA5", "\x7F",         "\xC2\x9B",         "e\xCC\x81"
    };
    size_t length = random_below(size), at = 0;

    while (at < length) {
        const char *piece = pieces[random_below(sizeof(pieces) / sizeof(pieces[0]))];
        size_t n = strlen(piece);

        if (at + n > length)
            break;
        memcpy(out + at, piece, n);
        at += n;
    }
    out[at] = '\0';
}

START_TEST(clean_text_is_clean)
{
    for (int i = 0; i < ROUNDS; i++) {
        char in[80], out[80], again[80];
        size_t size = 1 + random_below(sizeof(out));

        random_text(in, sizeof(in));
        utf8_clean(out, size, in);
        ck_assert_uint_lt(strlen(out), size);
        ck_assert(utf8_valid(out, strlen(out)));
        for (const char *c = out; *c; c++)
            ck_assert((unsigned char)*c >= 0x20 && *c != 0x7F);
        utf8_clean(again, sizeof(again), out);
        ck_assert_str_eq(again, out);
    }
}
END_TEST

START_TEST(a_prefix_fits_and_the_next_character_does_not)
{
    for (int i = 0; i < ROUNDS; i++) {
        char s[80], head[80];
        int columns = (int)random_below(40), used;
        size_t bytes;

        random_text(s, sizeof(s));
        bytes = utf8_prefix(s, columns, &used);
        ck_assert_int_le(used, columns);
        memcpy(head, s, bytes);
        head[bytes] = '\0';
        ck_assert_int_eq(utf8_width(head), used);
        if (s[bytes])
            ck_assert_int_gt(utf8_width(s), columns);
        else
            ck_assert_int_eq(utf8_width(s), used);
    }
}
END_TEST

static cJSON *random_tree(int level)
{
    cJSON *node;
    char s[24], clean[80];
    int members = (int)random_below(4);

    switch (random_below(level < 4 ? 6 : 4)) {
    case 0:
        return cJSON_CreateNumber((double)random_below(1000000) - 500000);
    case 1:
        return cJSON_CreateBool((int)random_below(2));
    case 2:
        return cJSON_CreateNull();
    case 3:
        random_text(s, sizeof(s));
        utf8_clean(clean, sizeof(clean), s);
        return cJSON_CreateString(clean);
    case 4:
        node = cJSON_CreateArray();
        for (int i = 0; i < members; i++)
            cJSON_AddItemToArray(node, random_tree(level + 1));
        return node;
    default:
        node = cJSON_CreateObject();
        for (int i = 0; i < members; i++) {
            struct id key = id_new();

            cJSON_AddItemToObject(node, key.hex, random_tree(level + 1));
        }
        return node;
    }
}

/* What we print we take, as it was; and a damaged copy is refused or means something, but never
 * hurts. */
START_TEST(json_survives_the_way_and_back)
{
    for (int i = 0; i < ROUNDS; i++) {
        cJSON *tree = random_tree(0), *back, *damaged;
        struct error err;
        struct text t;

        text_init(&t, 1000000);
        ck_assert(json_print(&t, tree));
        error_clear(&err);
        back = json_parse(text_str(&t), t.length, &err);
        if (!back)
            ck_abort_msg("%s: %s", text_str(&t), err.message);
        ck_assert(cJSON_Compare(tree, back, true));
        t.data[random_below(t.length)] = "{}[]\",:\\\x01\xFF"
                                         "0u"[random_below(12)];
        damaged = json_parse(text_str(&t), t.length - random_below(2), &err);
        cJSON_Delete(damaged);
        cJSON_Delete(back);
        cJSON_Delete(tree);
        text_release(&t);
    }
}
END_TEST

START_TEST(times_survive_the_way_and_back)
{
    static const char *const zones[] = { "Europe/Berlin",     "America/New_York",
                                         "Asia/Kathmandu",    "UTC",
                                         "Africa/Casablanca", "Australia/Lord_Howe",
                                         "Pacific/Apia",      "America/Sao_Paulo" };

    for (int i = 0; i < ROUNDS; i++) {
        /* 2000 to 2060, in whole seconds. */
        int64_t ms = (INT64_C(946684800) + (int64_t)random_below(UINT64_C(1893456000))) * 1000,
                back;
        const char *zone = zones[random_below(sizeof(zones) / sizeof(zones[0]))];
        char printed[CLOCK_RFC3339_SIZE];
        struct zone_time wall, again;

        clock_rfc3339(printed, ms);
        ck_assert(clock_parse_rfc3339(printed, &back));
        ck_assert_int_eq(back, ms);
        zone_local(zone, ms, &wall);
        back = zone_instant(zone, &wall);
        /* Of an hour that comes twice the first is given: earlier then, with the same face. */
        ck_assert_int_le(back, ms);
        ck_assert_int_ge(back, ms - 2 * 3600000);
        zone_local(zone, back, &again);
        ck_assert_mem_eq(&wall, &again, sizeof(wall));
    }
}
END_TEST

TEST_MAIN_FIXTURE("base_text", seed, NULL, clean_text_is_clean,
                  a_prefix_fits_and_the_next_character_does_not, json_survives_the_way_and_back,
                  times_survive_the_way_and_back)
