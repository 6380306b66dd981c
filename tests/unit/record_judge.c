/* What follows from facts and targets: the pure judges, as tables and over every combination. */
#include "testlib.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/id.h>
#include <ecclesia/record/connection.h>
#include <ecclesia/record/livestream.h>
#include <ecclesia/record/meeting.h>

static const int64_t now = 1795000000000, hour = 3600000;

/* ---- connections ---- */

static struct connection_facts good_facts(void)
{
    return (struct connection_facts){ .has_secrets = true,
                                      .secrets_open = true,
                                      .accepted = true,
                                      .last_ok_ms = now - hour,
                                      .access_expires_ms = now + hour,
                                      .renewable = true,
                                      .trouble = "" };
}

static void check_judged(const struct connection_facts *f, enum connection_status status,
                         const char *reason)
{
    struct connection_verdict v = connection_judge(f, now);

    ck_assert_str_eq(connection_status_name(v.status), connection_status_name(status));
    ck_assert_str_eq(v.reason, reason);
}

START_TEST(a_connection_is_judged_by_its_facts)
{
    struct connection_facts f = good_facts();

    check_judged(&f, CONNECTION_CONNECTED, "");
    f.has_secrets = false;
    check_judged(&f, CONNECTION_DISCONNECTED, "");
    f = good_facts();
    f.secrets_open = false;
    check_judged(&f, CONNECTION_ERROR, "key_wrong");
    f.trouble = "secret_tampered";
    check_judged(&f, CONNECTION_ERROR, "secret_tampered");
    f = good_facts();
    f.refused = true;
    check_judged(&f, CONNECTION_EXPIRED, "revoked");
    f.secrets_open = false;
    f.trouble = "secret_format";
    check_judged(&f, CONNECTION_ERROR, "secret_format");
    f = good_facts();
    f.trouble = "tls";
    check_judged(&f, CONNECTION_ERROR, "tls");
    f = good_facts();
    f.accepted = false;
    check_judged(&f, CONNECTION_ERROR, "never_checked");
    f = good_facts();
    f.access_expires_ms = now;
    check_judged(&f, CONNECTION_CONNECTED, "");
    f.renewable = false;
    check_judged(&f, CONNECTION_EXPIRED, "ended");
    f.access_expires_ms = 0;
    check_judged(&f, CONNECTION_CONNECTED, "");
    f = good_facts();
    f.last_ok_ms = now - 24 * hour;
    check_judged(&f, CONNECTION_CONNECTED, "");
    f.last_ok_ms--;
    check_judged(&f, CONNECTION_ERROR, "stale");
}
END_TEST

/* Every combination of facts: connected only when all of them speak for it, and then always. */
START_TEST(connected_means_that_everything_speaks_for_it)
{
    static const char *const troubles[] = { "", "tls", NULL };
    const int64_t oks[] = { 0, now - 25 * hour, now - hour },
                  ends[] = { 0, now - 1, now, now + hour };
    int connected = 0;

    for (unsigned bits = 0; bits < 32; bits++) {
        for (unsigned k = 0; k < 3 * 4 * 3; k++) {
            struct connection_facts f = {
                .has_secrets = bits & 1,
                .secrets_open = bits & 2,
                .accepted = bits & 4,
                .refused = bits & 8,
                .renewable = bits & 16,
                .last_ok_ms = oks[k % 3],
                .access_expires_ms = ends[k / 3 % 4],
                .trouble = troubles[k / 12],
            };
            struct connection_verdict v = connection_judge(&f, now);
            bool valid = !f.access_expires_ms || f.access_expires_ms > now || f.renewable;
            bool all = f.has_secrets && f.secrets_open && f.accepted && !f.refused && valid &&
                       f.last_ok_ms == now - hour && (!f.trouble || !f.trouble[0]);
            ck_assert_msg((v.status == CONNECTION_CONNECTED) == all, "facts %u, case %u: %s", bits,
                          k, connection_status_name(v.status));
            ck_assert((v.status == CONNECTION_DISCONNECTED) == !f.has_secrets);
            ck_assert_ptr_nonnull(v.reason);
            ck_assert((v.reason[0] == '\0') ==
                      (v.status == CONNECTION_CONNECTED || v.status == CONNECTION_DISCONNECTED));
            connected += v.status == CONNECTION_CONNECTED;
        }
    }
    ck_assert_int_gt(connected, 0);
}
END_TEST

/* ---- livestreams ---- */

enum { MOST = 4 };

static void fill(struct target *targets, const char *letters)
{
    static const char all[] = "pleF";

    memset(targets, 0, MOST * sizeof *targets);
    for (size_t i = 0; letters[i]; i++)
        targets[i].status = (enum target_status)(strchr(all, letters[i]) - all);
}

START_TEST(a_livestream_is_live_while_any_target_is)
{
    static const struct {
        const char *targets; /* pending, live, ended, Failed */
        bool stop;
        enum livestream_status want;
    } rows[] = {
        { "p", false, LIVESTREAM_SCHEDULED },  { "l", false, LIVESTREAM_LIVE },
        { "e", false, LIVESTREAM_ENDED },      { "F", false, LIVESTREAM_SCHEDULED },
        { "lp", false, LIVESTREAM_LIVE },      { "lF", false, LIVESTREAM_LIVE },
        { "le", false, LIVESTREAM_LIVE },      { "ep", false, LIVESTREAM_SCHEDULED },
        { "eF", false, LIVESTREAM_ENDED },     { "FF", false, LIVESTREAM_SCHEDULED },
        { "Fp", false, LIVESTREAM_SCHEDULED }, { "p", true, LIVESTREAM_ENDED },
        { "l", true, LIVESTREAM_LIVE },        { "lF", true, LIVESTREAM_LIVE },
        { "ee", true, LIVESTREAM_ENDED },      { "F", true, LIVESTREAM_ENDED },
        { "epF", true, LIVESTREAM_ENDED },     { "pelF", true, LIVESTREAM_LIVE },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct target targets[MOST];
        struct livestream l = { .targets = targets,
                                .target_count = strlen(rows[i].targets),
                                .stop_asked = rows[i].stop,
                                .start_asked = true };
        fill(targets, rows[i].targets);
        ck_assert_msg(livestream_judge(&l) == rows[i].want, "%s, stop asked %d: %s",
                      rows[i].targets, rows[i].stop, livestream_status_name(livestream_judge(&l)));
    }
}
END_TEST

START_TEST(what_may_be_asked_of_a_livestream)
{
    static const struct {
        enum livestream_status status;
        bool start, stop; /* asked before */
        const char *targets;
        const char *allowed; /* Edit, Start, stOp, Retry, Delete */
    } rows[] = {
        { LIVESTREAM_SCHEDULED, false, false, "pp", "ESRD" },
        { LIVESTREAM_SCHEDULED, true, false, "pp", "ESORD" },
        { LIVESTREAM_SCHEDULED, false, false, "FF", "ESRD" },
        { LIVESTREAM_SCHEDULED, true, false, "FF", "ESORD" },
        { LIVESTREAM_LIVE, true, false, "ll", "EOR" },
        { LIVESTREAM_LIVE, true, false, "lF", "ESOR" },
        { LIVESTREAM_LIVE, true, false, "lp", "ESOR" },
        { LIVESTREAM_LIVE, true, true, "lp", "O" },
        { LIVESTREAM_LIVE, false, false, "l", "ESOR" },
        { LIVESTREAM_ENDED, true, false, "ee", "D" },
        { LIVESTREAM_ENDED, true, true, "ee", "D" },
        { LIVESTREAM_ENDED, true, true, "eF", "D" },
    };
    static const char letters[] = "ESORD";

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct target targets[MOST];
        struct livestream l = { .title = (char *)"Sunday Service",
                                .status = rows[i].status,
                                .start_asked = rows[i].start,
                                .stop_asked = rows[i].stop,
                                .targets = targets,
                                .target_count = strlen(rows[i].targets) };
        fill(targets, rows[i].targets);
        for (int act = LIVESTREAM_EDIT; act <= LIVESTREAM_DELETE; act++) {
            struct error err = { 0 };
            bool may = livestream_allows(&l, (enum livestream_act)act, &err);
            bool want = strchr(rows[i].allowed, letters[act]) != NULL;
            ck_assert_msg(may == want, "row %zu, act %c: %d", i, letters[act], may);
            ck_assert(may ||
                      (err.kind == ERROR_REFUSED && strstr(err.message, "Sunday Service") != NULL));
        }
    }
}
END_TEST

/* ---- meetings ---- */

START_TEST(a_meeting_follows_its_targets_and_the_clock)
{
    static const struct {
        const char *targets;
        int from, to; /* hours from now */
        bool cancelled;
        enum meeting_status want;
    } rows[] = {
        { "p", 1, 2, false, MEETING_SCHEDULED },   { "p", -1, 1, false, MEETING_SCHEDULED },
        { "p", -2, -1, false, MEETING_ENDED },     { "l", -1, 1, false, MEETING_ACTIVE },
        { "lp", -1, 1, false, MEETING_ACTIVE },    { "l", -2, -1, false, MEETING_ACTIVE },
        { "ep", -1, 1, false, MEETING_SCHEDULED }, { "ee", -1, 1, false, MEETING_ENDED },
        { "eF", -1, 1, false, MEETING_ENDED },     { "F", 1, 2, false, MEETING_SCHEDULED },
        { "lF", 1, 2, false, MEETING_ACTIVE },     { "p", 1, 2, true, MEETING_CANCELLED },
        { "l", -1, 1, true, MEETING_CANCELLED },   { "e", 1, 2, true, MEETING_CANCELLED },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct target targets[MOST];
        struct meeting m = { .targets = targets,
                             .target_count = strlen(rows[i].targets),
                             .cancelled = rows[i].cancelled,
                             .start_ms = now + rows[i].from * hour,
                             .end_ms = now + rows[i].to * hour };
        fill(targets, rows[i].targets);
        ck_assert_msg(meeting_judge(&m, NULL, now) == rows[i].want, "row %zu: %s", i,
                      meeting_status_name(meeting_judge(&m, NULL, now)));
    }
}
END_TEST

START_TEST(what_may_be_asked_of_a_meeting)
{
    static const bool want[4][3] = {
        /* edit, cancel, retry */
        [MEETING_SCHEDULED] = { true, true, true },
        [MEETING_ACTIVE] = { true, true, true },
        [MEETING_ENDED] = { false, false, false },
        [MEETING_CANCELLED] = { false, false, false },
    };

    for (int status = 0; status < 4; status++) {
        for (int act = 0; act < 3; act++) {
            struct meeting m = { .title = (char *)"Prayer", .status = (enum meeting_status)status };
            struct error err = { 0 };
            ck_assert_int_eq(meeting_allows(&m, (enum meeting_act)act, &err), want[status][act]);
            ck_assert(want[status][act] || err.kind == ERROR_REFUSED);
        }
    }
}
END_TEST

START_TEST(a_meeting_has_a_start_an_end_and_a_primary_platform)
{
    static const struct {
        int64_t from, to; /* ms from now, -1 unset */
        enum platform_id primary;
        size_t targets;
        bool good;
    } rows[] = {
        { 1000, 2000, PLATFORM_ZOOM, 2, true },
        { -1, 2000, PLATFORM_ZOOM, 2, false },
        { 1000, -1, PLATFORM_ZOOM, 2, false },
        { 2000, 2000, PLATFORM_ZOOM, 2, false },
        { 2000, 1000, PLATFORM_ZOOM, 2, false },
        { 1000, 1000 + 24 * 3600000, PLATFORM_ZOOM, 2, true },
        { 1000, 1001 + 24 * 3600000, PLATFORM_ZOOM, 2, false },
        { 1000, 2000, PLATFORM_TEAMS, 2, false },
        { 1000, 2000, PLATFORM_JITSI, 2, true },
        { 1000, 2000, PLATFORM_ZOOM, 0, false },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct target targets[MOST];
        fill(targets, "pp");
        targets[0].platform = PLATFORM_ZOOM;
        targets[1].platform = PLATFORM_JITSI;
        struct meeting m = { .title = (char *)"Prayer",
                             .description = (char *)"",
                             .primary = rows[i].primary,
                             .targets = targets,
                             .target_count = rows[i].targets,
                             .start_ms = rows[i].from < 0 ? 0 : now + rows[i].from,
                             .end_ms = rows[i].to < 0 ? 0 : now + rows[i].to };
        struct error err = { 0 };
        ck_assert_msg(meeting_check(&m, &err) == rows[i].good, "row %zu: %s", i, err.message);
        ck_assert(rows[i].good || (err.kind == ERROR_INPUT && err.remedy[0]));
    }
}
END_TEST

TEST_MAIN("record_judge", a_connection_is_judged_by_its_facts,
          connected_means_that_everything_speaks_for_it, a_livestream_is_live_while_any_target_is,
          what_may_be_asked_of_a_livestream, a_meeting_follows_its_targets_and_the_clock,
          what_may_be_asked_of_a_meeting, a_meeting_has_a_start_an_end_and_a_primary_platform)
