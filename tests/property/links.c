/* Each platform's meeting has a link that members may be shown, and a link that they may not is
 * stored nowhere. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>

static struct world w;

static void close_world(void)
{
    world_close(&w);
}

static bool ends_with(const char *s, const char *tail)
{
    size_t length = strlen(s), n = strlen(tail);

    return length >= n && strcasecmp(s + length - n, tail) == 0;
}

/* A second opinion on what platform_link_check() says, written from the rule alone: https on one of
 * the hosts, or the simulator's loopback address; nothing before or within the host that could lead
 * elsewhere. */
static bool is_members_link(enum platform_id p, const char *url)
{
    static const char *const zoom[] = { "zoom.us", "zoom.com", "zoomgov.com", NULL };
    static const char *const google[] = { "youtube.com", "youtu.be", NULL };
    static const char *const meta[] = { "facebook.com", "fb.watch", "fb.me", NULL };
    const char *const *hosts = p == PLATFORM_ZOOM       ? zoom
                               : p == PLATFORM_YOUTUBE  ? google
                               : p == PLATFORM_FACEBOOK ? meta
                                                        : NULL;
    bool https = strncasecmp(url, "https://", 8) == 0, http = strncasecmp(url, "http://", 7) == 0;
    char host[300];

    if (!https && !http)
        return false;
    const char *at = url + (https ? 8 : 7);
    size_t length = strcspn(at, "/?#");
    if (length == 0 || length >= sizeof host || strpbrk(url, " \t\r\n\\<>\"") ||
        memchr(at, '@', length))
        return false;
    memcpy(host, at, length);
    host[length] = '\0';
    host[strcspn(host, ":")] = '\0';
    if (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host))
        return true;
    for (; https && hosts && *hosts; hosts++) {
        char below[64];
        snprintf(below, sizeof below, ".%s", *hosts);
        if (strcasecmp(host, *hosts) == 0 || ends_with(host, below))
            return true;
    }
    return false;
}

/* Whatever is stored as a link may be shown. */
static void check_links(void)
{
    struct db *db;
    struct rows r;
    struct error err;

    TEST_OK(db_read(engine_store(w.engine), &db, &err), err);
    TEST_OK(rows_open(&r, db, &err, "SELECT platform, url FROM targets WHERE url <> ''", ""), err);
    while (rows_next(&r)) {
        enum platform_id p;
        ck_assert(platform_from_slug(rows_text(&r, 0), &p));
        ck_assert_msg(is_members_link(p, rows_text(&r, 1)), "%s: %s", rows_text(&r, 0),
                      rows_text(&r, 1));
        ck_assert_ptr_null(strstr(rows_text(&r, 1), "evil.example"));
    }
    TEST_OK(rows_close(&r, &err), err);
    db_read_end(db);
}

START_TEST(a_meeting_has_a_link_for_each_platform)
{
    struct cases c = { .total = 12 };
    enum platform_id all[PLATFORM_COUNT];

    world_open(&w, NULL);
    size_t n = world_platforms(&w, PLATFORM_MEETINGS, all);
    ck_assert_uint_ge(n, 2);
    while (cases_next(&c)) {
        uint64_t wanted = 1 + dice(&c, (1u << n) - 1);
        enum platform_id chosen[PLATFORM_COUNT];
        size_t count = 0;
        for (size_t i = 0; i < n; i++) {
            if (wanted >> i & 1)
                chosen[count++] = all[i];
        }
        case_tell(&c, "%zu platforms, from %s", count, platform_slug(chosen[0]));
        struct id id = world_meeting(&w, "Prayer", chosen, count);
        struct settled s = world_settle(&w, SUBJECT_MEETING, id);
        ck_assert_int_eq(s.fine, (int)count);
        struct meeting m = world_read_meeting(&w, id);
        ck_assert_uint_eq(m.target_count, count);
        for (size_t i = 0; i < count; i++) {
            struct target *t = meeting_target(&m, chosen[i]);
            ck_assert_ptr_nonnull(t);
            ck_assert_msg(is_members_link(chosen[i], t->url), "%s: \"%s\"",
                          platform_slug(chosen[i]), t->url);
        }
        meeting_release(&m);
    }
    check_links();
}
END_TEST

/* ---- links that are none ---- */

static const char *const evil[] = {
    "https://evil.example/j/123",
    "http://evil.example/j/123",
    "https://zoom.us.evil.example/j/1",
    "https://evil.example/zoom.us",
    "https://evilzoom.us/j/1",
    "http://us02web.zoom.us/j/1?evil",
    "https://zoom.us@evil.example/j/1",
    "https://evil.example\\\\@zoom.us/j/1",
    "javascript:alert('evil')",
    "https://evil.example#zoom.us",
    "//evil.example/j/1",
    "https://zoom.us%2eevil.example/j/1",
    "https://evil.example\\u0000zoom.us",
    "https://zoom.us\\r\\nLocation: https://evil.example",
    "data:text/html,evil",
    "https://[::1].evil.example/",
    "https://facebook.com.evil.example/",
    "ftp://zoom.us/evil",
    "HTTPS://EVIL.example/j/1",
    "https://127.0.0.1.evil.example/j/1",
    "https://zoom.us:80:evil@x/j/1",
};
enum { EVIL = sizeof evil / sizeof *evil };

static void evil_body(struct cases *c, enum platform_id p, char *out, size_t size, const char *url)
{
    static const char *const shapes[] = {
        "{\\\"id\\\":9912345678,\\\"uuid\\\":\\\"x==\\\",\\\"join_url\\\":\\\"%s\\\",\\\"start_"
        "url\\\":\\\"%s\\\",\\\"registration_url\\\":\\\"%s\\\"}",
        "{\\\"id\\\":\\\"777\\\",\\\"permalink_url\\\":\\\"%s\\\",\\\"secure_stream_url\\\":"
        "\\\"rtmps://live.evil.example:443/rtmp/"
        "k\\\",\\\"video\\\":{\\\"id\\\":\\\"%s\\\"},\\\"status\\\":\\\"%s\\\"}",
        "{\\\"items\\\":[{\\\"id\\\":\\\"evil\\\",\\\"snippet\\\":{\\\"title\\\":\\\"%s\\\","
        "\\\"description\\\":\\\"%s\\\"},\\\"status\\\":{\\\"lifeCycleStatus\\\":\\\"%s\\\"}}]}",
    };
    int shape = p == PLATFORM_ZOOM       ? 0
                : p == PLATFORM_FACEBOOK ? 1
                : p == PLATFORM_YOUTUBE  ? 2
                                         : (int)dice(c, 3);
    char quoted[400] = "";

    /* Once more quoted: it stands in a text within JSON. */
    for (const char *s = url; *s; s++)
        snprintf(quoted + strlen(quoted), sizeof quoted - strlen(quoted),
                 *s == '\\' ? "\\\\" : "%c", *s);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(out, size, shapes[shape], quoted, quoted, quoted);
#pragma GCC diagnostic pop
}

/* One answer, or every one, is somebody else's: nothing of it is stored as a link; well again, the
 * right link comes. */
START_TEST(a_link_that_leads_elsewhere_is_never_stored)
{
    struct cases c = { .total = 40 };

    while (cases_next(&c)) {
        enum platform_id all[PLATFORM_COUNT];
        char body[3000];

        world_open(&w, &(struct world_options){ .seed = (uint64_t)c.number });
        bool meeting = dice(&c, 3) > 0;
        size_t n = world_platforms(&w, meeting ? PLATFORM_MEETINGS : PLATFORM_LIVESTREAMS, all);
        enum platform_id p = all[dice(&c, n)];
        const char *url = evil[dice(&c, EVIL)];
        int after = (int)dice(&c, 3), times = (int)dice(&c, 3);
        case_tell(&c, "%s of %s answers with %s, after %d, times %d", platform_slug(p),
                  meeting ? "meetings" : "livestreams", url, after, times);
        evil_body(&c, p, body, sizeof body, url);
        char when[60] = "";
        if (after)
            snprintf(when, sizeof when, ",\"after\":%d", after);
        if (times)
            snprintf(when + strlen(when), sizeof when - strlen(when), ",\"times\":%d", times);
        world_fault(&w, "{\"platform\":\"%s\",\"kind\":\"garbage\",\"body\":\"%s\"%s}",
                    platform_slug(p), body, when);
        enum subject_kind kind = meeting ? SUBJECT_MEETING : SUBJECT_LIVESTREAM;
        struct id id = meeting ? world_meeting(&w, "Prayer", &p, 1)
                               : world_livestream(&w, "Sunday Service", &p, 1, false);
        /* Looked at all the while, not only at its end. */
        int64_t end = clock_mono() + 400;
        do {
            check_links();
            test_nap();
        } while (world_live(&w, id) > 0 && clock_mono() < end);
        check_links();
        sim_faults_clear(w.sim);
        world_settle(&w, kind, id);
        check_links();
        world_close(&w);
    }
}
END_TEST

TEST_MAIN_FIXTURE("links", NULL, close_world, a_meeting_has_a_link_for_each_platform,
                  a_link_that_leads_elsewhere_is_never_stored)
