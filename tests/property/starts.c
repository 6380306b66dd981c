/* Starting a livestream asks every selected platform, whatever the others do. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

static struct world w;

static void close_world(void)
{
    world_close(&w);
}

static const char *const faults[] = {
    "\"kind\":\"status\",\"status\":500",
    "\"kind\":\"status\",\"status\":403",
    "\"kind\":\"rate_limit\",\"retryAfter\":1",
    "\"kind\":\"reset\"",
    "\"kind\":\"lost_answer\"",
    "\"kind\":\"garbage\"",
    "\"kind\":\"stall\"",
    "\"kind\":\"delay\",\"delayMs\":100",
    "\"kind\":\"refuse\"",
};
enum { FAULTS = sizeof faults / sizeof *faults };

/* Tries of the target that are written down: of its start, or of a create that goes before it. */
static int64_t attempts(struct id target)
{
    return world_sql_of(
        &w, "SELECT count(*) FROM attempts a JOIN jobs j ON j.id = a.job_id WHERE j.target_id = $1",
        target.hex);
}

static size_t choose(struct cases *c, enum platform_id out[PLATFORM_COUNT])
{
    size_t n = world_platforms(&w, PLATFORM_LIVESTREAMS, out), kept = 0;
    uint64_t wanted = 1 + dice(c, (1u << n) - 1);

    for (size_t i = 0; i < n; i++) {
        if (wanted >> i & 1)
            out[kept++] = out[i];
    }
    return kept;
}

START_TEST(every_selected_platform_is_asked)
{
    struct cases c = { .total = 30 };

    while (cases_next(&c)) {
        enum platform_id chosen[PLATFORM_COUNT], all[PLATFORM_COUNT];
        struct error err;
        size_t asked_before[PLATFORM_COUNT];
        int64_t tried_before[PLATFORM_COUNT] = { 0 };
        bool refuses[PLATFORM_COUNT] = { false };
        bool created_before = dice(&c, 2), at_once = !created_before && dice(&c, 2);

        world_open(&w, &(struct world_options){ .seed = (uint64_t)c.number });
        size_t n = choose(&c, chosen), count = world_platforms(&w, PLATFORM_LIVESTREAMS, all);
        struct id id = { "" };
        if (created_before) {
            id = world_livestream(&w, "Sunday Service", chosen, n, false);
            world_settle(&w, SUBJECT_LIVESTREAM, id);
            struct livestream l = world_read_livestream(&w, id);
            for (size_t i = 0; i < n; i++)
                tried_before[l.targets[i].platform] = attempts(l.targets[i].id);
            livestream_release(&l);
        }
        char told[400] = "";
        for (size_t i = 0; i < count; i++) {
            const char *fault = faults[dice(&c, FAULTS)];
            asked_before[all[i]] = world_request_count(&w, all[i], NULL, NULL);
            if (dice(&c, 3) == 0)
                continue;
            refuses[all[i]] = strstr(fault, "refuse") != NULL;
            snprintf(told + strlen(told), sizeof told - strlen(told), " %s %s",
                     platform_slug(all[i]), fault);
            world_fault(&w, "{\"platform\":\"%s\",%s}", platform_slug(all[i]), fault);
        }
        case_tell(&c, "%zu platforms from %s, %s:%s", n, platform_slug(chosen[0]),
                  created_before ? "created"
                  : at_once      ? "at once"
                                 : "new",
                  told);
        if (!created_before)
            id = world_livestream(&w, "Sunday Service", chosen, n, at_once);
        if (!at_once)
            TEST_OK(livestream_start(w.manager, id, &world_operator, &err), err);
        /* In the same transaction as the wish: a job for each. */
        struct livestream l = world_read_livestream(&w, id);
        ck_assert_uint_eq(l.target_count, n);
        for (size_t i = 0; i < n; i++)
            ck_assert_int_eq(
                world_sql_of(
                    &w,
                    "SELECT count(*) FROM jobs WHERE target_id = $1 AND kind = 'livestream.start'",
                    l.targets[i].id.hex),
                1);
        /* Each is tried, and asked as far as there is anybody to ask. A create before it counts for
         * it: it may go first. */
        for (size_t i = 0; i < n; i++) {
            enum platform_id p = l.targets[i].platform;
            WORLD_UNTIL(&w, attempts(l.targets[i].id) > tried_before[p]);
            if (!refuses[p])
                WORLD_UNTIL(&w, world_request_count(&w, p, NULL, NULL) > asked_before[p]);
        }
        /* Nobody else is. */
        for (size_t i = 0; i < count; i++) {
            if (!livestream_target(&l, all[i]))
                ck_assert_uint_eq(world_request_count(&w, all[i], NULL, NULL),
                                  asked_before[all[i]]);
        }
        livestream_release(&l);
        world_close(&w);
    }
}
END_TEST

/* One of them has no connection: it says so, and the others are asked all the same. */
START_TEST(a_platform_that_cannot_be_asked_says_so)
{
    struct cases c = { .total = 12 };

    while (cases_next(&c)) {
        enum platform_id all[PLATFORM_COUNT];
        struct error err;
        int64_t left;

        world_open(&w, NULL);
        size_t n = world_platforms(&w, PLATFORM_LIVESTREAMS, all), alone = dice(&c, n);
        bool before = dice(&c, 2);
        case_tell(&c, "%s is disconnected %s the livestream is made", platform_slug(all[alone]),
                  before ? "before" : "after");
        struct id id;
        if (before)
            TEST_OK(connection_disconnect(w.manager, w.church.id, all[alone], &world_operator, NULL,
                                          &left, &err),
                    err);
        id = world_livestream(&w, "Sunday Service", all, n, false);
        if (!before) {
            world_settle(&w, SUBJECT_LIVESTREAM, id);
            TEST_OK(connection_disconnect(w.manager, w.church.id, all[alone], &world_operator, NULL,
                                          &left, &err),
                    err);
        }
        TEST_OK(livestream_start(w.manager, id, &world_operator, &err), err);
        world_settle(&w, SUBJECT_LIVESTREAM, id);
        struct livestream l = world_read_livestream(&w, id);
        ck_assert_int_eq(l.status, LIVESTREAM_LIVE);
        for (size_t i = 0; i < n; i++) {
            const struct target *t = livestream_target(&l, all[i]);
            ck_assert_str_eq(target_status_name(t->status, SUBJECT_LIVESTREAM),
                             i == alone ? "failed" : "live");
            ck_assert(i != alone || (t->error_kind == ERROR_AUTH && t->error[0] && t->remedy[0]));
        }
        livestream_release(&l);
        world_close(&w);
    }
}
END_TEST

TEST_MAIN_FIXTURE("starts", NULL, close_world, every_selected_platform_is_asked,
                  a_platform_that_cannot_be_asked_says_so)
