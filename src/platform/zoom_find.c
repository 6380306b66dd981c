/* Our meeting after a create whose answer was lost: looked up by the marker in its agenda. */
#include "platform/zoom.h"

#include <string.h>

#include <ecclesia/base/clock.h>

#define PAGE_SIZE      "300"
#define PAGES_MOST     10  /* of a list: 3000 meetings */
#define AGENDA_IN_LIST 250 /* bytes at least of an agenda that the list may have cut */
#define READS_MOST     20  /* meetings whose cut agenda is read whole in one find */
#define LATE_MS        INT64_C(120000)

static const char look_remedy[] =
    "Look in Zoom's web pages whether the meeting is there; delete what is not needed, then retry.";

struct search {
    struct call *call;
    char marker[16];
    int64_t start_ms;
    bool series; /* ours comes again: the list shows it with the start of any of its times */
    int reads;
    char read[24]; /* the one read last; a series stands in the list once for each of its times */
    char id[24];   /* "" not found */
    bool exact;    /* its start is the planned one as well */
};

/* Whether it begins when ours would: at the planned time or, when that was over at creation, at any
 * moment since. */
static bool start_fits(const struct search *s, const cJSON *item, int64_t start_ms)
{
    int64_t type = 2;

    if (s->series)
        return json_int(item, "type", &type) && type == 8;
    return start_ms == s->start_ms || (s->start_ms <= s->call->now_ms && start_ms > s->start_ms &&
                                       start_ms <= s->call->now_ms + LATE_MS);
}

/* The list cuts agendas at 250 characters, and our marker stands at the end: a meeting whose start
 * fits is then read whole. */
static bool agenda_marked(struct search *s, const cJSON *item, const char *id, int64_t start_ms,
                          bool *marked, struct error *err)
{
    const char *agenda = json_string(item, "agenda");
    struct error local = { 0 };
    cJSON *whole = NULL;

    *marked = agenda && strstr(agenda, s->marker);
    if (*marked || !agenda || strlen(agenda) < AGENDA_IN_LIST || !start_fits(s, item, start_ms) ||
        text_equal(s->read, id))
        return true;
    text_copy_to(s->read, sizeof(s->read), id);
    if (s->reads++ == READS_MOST)
        return error_platform(err, ERROR_REFUSED, "zoom", look_remedy,
                              "Too many Zoom meetings begin at the same time to look through.");
    if (!zoom_read(s->call, id, &whole, &local))
        return local.kind == ERROR_NOT_FOUND || zoom_fail(err, &local);
    agenda = json_string(whole, "agenda");
    *marked = agenda && strstr(agenda, s->marker);
    cJSON_Delete(whole);
    return true;
}

static bool search_page(struct search *s, const cJSON *answer, struct error *err)
{
    const cJSON *list = json_at(answer, "meetings"), *item;

    if (!cJSON_IsArray(list))
        return zoom_garbage(err, "list of meetings");
    cJSON_ArrayForEach (item, list) {
        const char *start = json_string(item, "start_time");
        int64_t start_ms = 0;
        char id[24];
        bool marked = false;

        if (!json_id(item, "id", id, sizeof(id)) || !zoom_is_id(id))
            continue;
        if (start && !clock_parse_rfc3339(start, &start_ms))
            start_ms = 0;
        if (!agenda_marked(s, item, id, start_ms, &marked, err))
            return false;
        if (!marked)
            continue;
        s->exact = start_ms == s->start_ms;
        if (s->exact || !*s->id)
            text_copy_to(s->id, sizeof(s->id), id);
        if (s->exact)
            return true;
    }
    return true;
}

/* Every page of one list, until the meeting with both marker and start is found. */
static bool search_list(struct search *s, const char *type, struct error *err)
{
    char next[200] = "";
    bool done = true;

    for (int page = 0; done && !s->exact; page++) {
        struct zoom_ask ask = { .method = "GET", .route = "/users/{user}/meetings" };
        struct text path;
        cJSON *answer = NULL;
        const char *token;

        if (page == PAGES_MOST)
            return error_platform(err, ERROR_REFUSED, "zoom", look_remedy,
                                  "The Zoom user has too many meetings to look through.");
        text_init(&path, 1200);
        done = zoom_user_path(s->call, &path, err);
        text_addf(&path, "/meetings?type=%s&page_size=" PAGE_SIZE, type);
        if (*next) {
            text_add(&path, "&next_page_token=");
            text_add_urlencoded(&path, next);
        }
        ask.path = text_str(&path);
        done = done && zoom_ask(s->call, &ask, &answer, err) && search_page(s, answer, err);
        token = done ? json_string(answer, "next_page_token") : NULL;
        if (!text_copy_to(next, sizeof(next), token ? token : ""))
            done = zoom_garbage(err, "page token");
        cJSON_Delete(answer);
        text_release(&path);
        if (!*next)
            break;
    }
    return done;
}

/* Upcoming first, which is short; a meeting that began meanwhile, or lies over six months ahead, is
 * only in the whole list. */
bool zoom_meeting_find(struct call *call, const struct meeting *m, const struct target *t,
                       struct outcome *out, struct error *err)
{
    struct search s = { .call = call, .start_ms = m->start_ms };
    struct series series;
    struct error local = { 0 };
    cJSON *whole = NULL;
    bool done;

    s.series = series_read(&series, t->platform, t->settings, NULL) && series.unit != SERIES_NONE;
    out->found = false;
    kit_marker(call, s.marker);
    if (!search_list(&s, "upcoming", err) || (!*s.id && !search_list(&s, "scheduled", err)))
        return false;
    if (!*s.id)
        return true;
    if (!zoom_read(call, s.id, &whole, &local))
        return local.kind == ERROR_NOT_FOUND || zoom_fail(err, &local);
    done = zoom_learn(call, whole, out, err);
    out->found = done;
    cJSON_Delete(whole);
    return done;
}
