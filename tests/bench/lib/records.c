#include "records.h"

#include <stdio.h>

#include <ecclesia/base/clock.h>

#include "bench.h"

struct id records_church(struct db *db)
{
    struct church church = { .id = id_new(),
                             .slug = (char *)"st-marks",
                             .name = (char *)"St Mark's",
                             .zone = (char *)"Europe/London" };
    struct error err = { 0 };

    bench_must(church_insert(db, &church, &err), "church", &err);
    return church.id;
}

static struct target make_target(const struct livestream *l, enum platform_id platform)
{
    static const struct {
        enum target_status status;
        enum target_wish wish;
    } of[] = {
        [LIVESTREAM_SCHEDULED] = { TARGET_PENDING, WISH_READY },
        [LIVESTREAM_LIVE] = { TARGET_LIVE, WISH_LIVE },
        [LIVESTREAM_ENDED] = { TARGET_ENDED, WISH_ENDED },
    };
    bool live = l->status == LIVESTREAM_LIVE;

    return (struct target){ .id = id_new(),
                            .subject = l->id,
                            .church = l->church,
                            .kind = SUBJECT_LIVESTREAM,
                            .platform = platform,
                            .status = of[l->status].status,
                            .wish = of[l->status].wish,
                            .settings = (char *)"{}",
                            .remote_id = (char *)(live ? "1" : ""),
                            .remote = (char *)"{}",
                            .url = (char *)(live ? "https://example.org/watch" : ""),
                            .ingest_url = (char *)"",
                            .note = (char *)"",
                            .viewers = live ? 100 : -1,
                            .error = (char *)"",
                            .remedy = (char *)"",
                            .error_code = (char *)"",
                            .checked_ms = live ? clock_now() : 0,
                            .started_ms = live ? l->start_ms : 0 };
}

void records_livestream(struct db *db, struct id church, const char *title, int64_t start_ms,
                        enum livestream_status status, int targets, struct id *out)
{
    struct target list[PLATFORM_COUNT];
    struct livestream l = { .id = id_new(),
                            .church = church,
                            .revision = 1,
                            .title = (char *)title,
                            .description = (char *)"Morning worship.",
                            .thumbnail = (char *)"",
                            .start_ms = start_ms,
                            .end_ms = start_ms + 3600000,
                            .status = status,
                            .created_ms = clock_now(),
                            .updated_ms = clock_now(),
                            .targets = list,
                            .target_count = (size_t)targets };
    struct error err = { 0 };

    if (status != LIVESTREAM_SCHEDULED) {
        l.start_asked = true;
        l.started_ms = start_ms;
    }
    for (int i = 0; i < targets; i++) {
        list[i] = make_target(&l, (enum platform_id)i);
        if (out)
            out[i] = list[i].id;
    }
    bench_must(livestream_insert(db, &l, &err), "a livestream", &err);
}

static void add_event(struct db *db, struct id church, int64_t at_ms, enum event_level level)
{
    struct event event = { .at_ms = at_ms,
                           .church = church,
                           .level = level,
                           .platform = PLATFORM_YOUTUBE,
                           .kind = (char *)"target.live",
                           .text = (char *)"Sunday Service: testing, then live.",
                           .remedy = (char *)"",
                           .actor = (char *)"engine" };
    struct error err = { 0 };

    bench_must(event_add(db, &event, &err), "an event", &err);
}

void records_fill(const char *path, int livestreams, int events)
{
    int64_t now = clock_now();
    struct store *store = NULL;
    struct error err = { 0 };
    struct db *db = NULL;
    struct id church;

    bench_must(store_open(&store, path, &err) && db_begin(store, &db, &err), "store", &err);
    church = records_church(db);
    for (int i = 0; i < livestreams; i++) {
        int64_t start = now + (int64_t)(i - livestreams / 2) * 3600000 + 60000;

        records_livestream(db, church, bench_cell("Sunday Service %d", i), start,
                           start < now ? LIVESTREAM_ENDED : LIVESTREAM_SCHEDULED, 1, NULL);
    }
    for (int i = 0; i < events; i++)
        add_event(db, church, now - (int64_t)(events - i) * 60000,
                  i % 50 ? EVENT_INFO : EVENT_WARNING);
    bench_must(db_commit(db, &err), "store", &err);
    store_close(store);
}
