/* Calendar: the list of events with its filters, pages and sync tokens; instances; calendars. */
#include "sim/google_meet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

struct entry {
    cJSON *view;
    int64_t start_ms, order;
};

struct collected {
    struct entry *entries;
    size_t count, room;
};

struct wish {
    int64_t from, to, updated;
    bool deleted, single;
    int64_t since; /* of a sync token; -1 none */
};

static void collect(struct collected *all, cJSON *view, int64_t start_ms)
{
    if (all->count == all->room) {
        size_t room = all->room > 0 ? all->room * 2 : 64;
        struct entry *more = realloc(all->entries, room * sizeof *more);
        if (more == NULL)
            abort();
        all->entries = more;
        all->room = room;
    }
    all->entries[all->count] =
        (struct entry){ .view = view, .start_ms = start_ms, .order = (int64_t)all->count };
    all->count++;
}

static void collect_instance(void *to_whom, cJSON *view, int64_t start_ms)
{
    collect(to_whom, view, start_ms);
}

static void release(struct collected *all)
{
    for (size_t i = 0; i < all->count; i++)
        cJSON_Delete(all->entries[i].view);
    free(all->entries);
}

static int by_start(const void *a, const void *b)
{
    const struct entry *one = a, *two = b;

    if (one->start_ms != two->start_ms)
        return one->start_ms < two->start_ms ? -1 : 1;
    return one->order < two->order ? -1 : 1;
}

static int by_updated(const void *a, const void *b)
{
    const struct entry *one = a, *two = b;
    const char *left = json_string(one->view, "updated"),
               *right = json_string(two->view, "updated");
    int order = strcmp(left != NULL ? left : "", right != NULL ? right : "");

    return order != 0 ? order : one->order < two->order ? -1 : 1;
}

/* ---- what is wanted ---- */

static bool read_time(struct sim_call *c, const char *name, int64_t otherwise, int64_t *out)
{
    const char *value = sim_query(c, name);

    *out = otherwise;
    if (value == NULL || clock_parse_rfc3339(value, out))
        return true;
    sim_calendar_error(c, 400, "global", "badRequest", NULL, "Bad Request");
    return false;
}

static bool truth(struct sim_call *c, const char *name)
{
    return text_equal(sim_query(c, name), "true");
}

/* Nothing that narrows a list goes together with a sync token. */
static bool sync_ok(struct sim_call *c, struct wish *w)
{
    static const char *const apart[] = { "iCalUID", "orderBy",   "privateExtendedProperty",
                                         "q",       "timeMin",   "sharedExtendedProperty",
                                         "timeMax", "updatedMin" };
    const char *token = sim_query(c, "syncToken");
    long long since = -1;
    int got = 0;

    w->since = -1;
    if (token == NULL)
        return true;
    for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++) {
        if (sim_query(c, apart[i]) == NULL)
            continue;
        sim_calendar_error(c, 400, "global", "badRequest", NULL,
                           "Sync token cannot be used with other query restrictions.");
        return false;
    }
    if (sscanf(token, "CSIM%lld=%n", &since, &got) != 1 || token[got] != '\0' || since < 0) {
        sim_calendar_error(c, 410, "calendar", "fullSyncRequired", "syncToken",
                           "Sync token is no longer valid, a full sync is required.");
        return false;
    }
    w->since = since;
    w->deleted = true;
    return true;
}

static bool wish_read(struct sim_call *c, struct wish *w)
{
    const char *order = sim_query(c, "orderBy");

    w->deleted = truth(c, "showDeleted");
    w->single = truth(c, "singleEvents");
    if (!read_time(c, "timeMin", INT64_MIN, &w->from) ||
        !read_time(c, "timeMax", INT64_MAX, &w->to) ||
        !read_time(c, "updatedMin", INT64_MIN, &w->updated) || !sync_ok(c, w))
        return false;
    if (w->from >= w->to) {
        sim_calendar_error(c, 400, "calendar", "timeRangeEmpty", "timeMax",
                           "The specified time range is empty.");
        return false;
    }
    if (order != NULL && !sim_word_in("startTime updated", order)) {
        sim_calendar_error(c, 400, "global", "invalidParameter", "orderBy",
                           "Invalid string value: '%s'. Allowed values: [startTime, updated]",
                           order);
        return false;
    }
    if (order != NULL && strcmp(order, "startTime") == 0 && !w->single) {
        sim_calendar_error(c, 400, "global", "badRequest", NULL,
                           "The requested ordering is not available for the particular query.");
        return false;
    }
    w->deleted = w->deleted || sim_query(c, "updatedMin") != NULL;
    return true;
}

/* ---- does an event fit? ---- */

static bool property_fits(const cJSON *view, const char *kind, const char *wanted)
{
    const char *equals = strchr(wanted, '=');
    char name[200];

    if (equals == NULL || (size_t)(equals - wanted) >= sizeof name)
        return false;
    snprintf(name, sizeof name, "%.*s", (int)(equals - wanted), wanted);
    const cJSON *part = json_at(view, kind);
    return text_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, name)),
                      equals + 1);
}

static bool text_fits(const cJSON *view, const char *wanted)
{
    static const char *const where[] = { "summary", "description", "location", "organizer.email" };
    const cJSON *guests = cJSON_GetObjectItemCaseSensitive(view, "attendees");

    for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
        const char *text = json_string(view, where[i]);
        if (text != NULL && strcasestr(text, wanted) != NULL)
            return true;
    }
    for (const cJSON *one = guests != NULL ? guests->child : NULL; one != NULL; one = one->next) {
        const char *email = json_string(one, "email");
        if (email != NULL && strcasestr(email, wanted) != NULL)
            return true;
    }
    return false;
}

static bool query_fits(struct sim_call *c, const cJSON *view)
{
    for (const cJSON *m = c->query->child; m != NULL; m = m->next) {
        const char *value = m->valuestring;
        if ((strcmp(m->string, "privateExtendedProperty") == 0 &&
             !property_fits(view, "extendedProperties.private", value)) ||
            (strcmp(m->string, "sharedExtendedProperty") == 0 &&
             !property_fits(view, "extendedProperties.shared", value)) ||
            (strcmp(m->string, "iCalUID") == 0 &&
             !text_equal(json_string(view, "iCalUID"), value)) ||
            (strcmp(m->string, "q") == 0 && !text_fits(view, value)))
            return false;
    }
    return true;
}

/* Of a series as a whole only its beginning counts against timeMax, and nothing against timeMin. */
static bool event_fits(const struct sim_object *o, const struct wish *w)
{
    const char *at = json_string(o->fields, "updated");
    bool series = json_at(o->fields, "recurrence.0") != NULL;
    bool cancelled_instance =
        o->deleted && !w->single && json_at(o->fields, "recurringEventId") != NULL;
    int64_t updated = 0;

    if (o->deleted && !w->deleted && !cancelled_instance)
        return false;
    if (w->since >= 0 && sim_calendar_serial(o) <= w->since)
        return false;
    if (at != NULL && clock_parse_rfc3339(at, &updated) && updated < w->updated)
        return false;
    return o->start_ms < w->to && (series || sim_calendar_end(o) > w->from);
}

static void gather(struct sim_call *c, const struct wish *w, struct collected *all)
{
    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (o->platform != SIM_MEET || strcmp(o->kind, "event") != 0 ||
            strcmp(o->owner, sim_meet_email(c)) != 0)
            continue;
        bool series = json_at(o->fields, "recurrence.0") != NULL;
        bool instance = json_at(o->fields, "recurringEventId") != NULL;
        if (!event_fits(o, w))
            continue;
        if (w->single && series && !o->deleted) {
            int64_t length = sim_calendar_end(o) - o->start_ms;
            sim_calendar_instances(c->sim, o, w->from == INT64_MIN ? 0 : w->from - length, w->to,
                                   collect_instance, all);
        } else if (!(w->single && (series || instance) && w->since < 0)) {
            collect(all, sim_calendar_view(o), o->start_ms);
        }
    }
}

static void filter(struct sim_call *c, const struct wish *w, struct collected *all)
{
    size_t kept = 0;

    for (size_t i = 0; i < all->count; i++) {
        struct entry *e = &all->entries[i];
        bool cancelled = text_equal(json_string(e->view, "status"), "cancelled");
        if (query_fits(c, e->view) && (!cancelled || w->deleted || !w->single))
            all->entries[kept++] = *e;
        else
            cJSON_Delete(e->view);
    }
    all->count = kept;
}

/* ---- answers ---- */

static int64_t newest(struct sim_call *c)
{
    int64_t serial = 0;

    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_MEET && sim_calendar_serial(o) > serial)
            serial = sim_calendar_serial(o);
    return serial;
}

static cJSON *envelope(struct sim_call *c, const char *kind)
{
    cJSON *out = cJSON_CreateObject();
    char at[CLOCK_RFC3339_SIZE];

    clock_rfc3339(at, clock_now());
    cJSON_AddStringToObject(out, "kind", kind);
    cJSON_AddStringToObject(out, "etag", "\"p33csimulated\"");
    cJSON_AddStringToObject(out, "summary", sim_meet_email(c));
    cJSON_AddStringToObject(out, "timeZone", SIM_MEET_ZONE);
    cJSON_AddStringToObject(out, "accessRole", "owner");
    cJSON_AddStringToObject(out, "updated", at);
    cJSON_AddArrayToObject(out, "defaultReminders");
    return out;
}

/* Sends the page of all that maxResults and pageToken ask for; the last one has the sync token. */
static void send_page(struct sim_call *c, struct collected *all)
{
    const char *token = sim_query(c, "pageToken");
    bool bad = false;
    long size = sim_meet_number(c, "maxResults", 1, 2500, 250, &bad);
    unsigned from = 0;
    char text[40];
    int got = 0;

    if (bad)
        return;
    if (token != NULL && (sscanf(token, "EPSIM%u=%n", &from, &got) != 1 || token[got] != '\0')) {
        sim_calendar_error(c, 400, "global", "invalid", "pageToken", "Invalid page token value.");
        return;
    }
    cJSON *out = envelope(c, "calendar#events"), *items = cJSON_AddArrayToObject(out, "items");
    size_t to = (size_t)from + (size_t)size;
    for (size_t i = from; i < all->count && i < to; i++)
        cJSON_AddItemToArray(items, cJSON_Duplicate(all->entries[i].view, true));
    if (to < all->count)
        snprintf(text, sizeof text, "EPSIM%zu=", to);
    else
        snprintf(text, sizeof text, "CSIM%lld=", (long long)newest(c));
    cJSON_AddStringToObject(out, to < all->count ? "nextPageToken" : "nextSyncToken", text);
    if (sim_google_fields(c, out))
        sim_reply_json(&c->reply, 200, out);
    else
        cJSON_Delete(out);
}

static bool own_calendar(struct sim_call *c)
{
    if (strcmp(c->capture[0], "primary") == 0 || strcmp(c->capture[0], sim_meet_email(c)) == 0)
        return true;
    sim_calendar_error(c, 404, "global", "notFound", NULL, "Not Found");
    return false;
}

void sim_calendar_list(struct sim_call *c)
{
    struct collected all = { .entries = NULL };
    const char *order = sim_query(c, "orderBy");
    struct wish w;

    if (!own_calendar(c) || !wish_read(c, &w))
        return;
    gather(c, &w, &all);
    filter(c, &w, &all);
    if (order != NULL && all.count > 0)
        qsort(all.entries, all.count, sizeof *all.entries,
              strcmp(order, "updated") == 0 ? by_updated : by_start);
    send_page(c, &all);
    release(&all);
}

void sim_calendar_list_instances(struct sim_call *c)
{
    struct collected all = { .entries = NULL };
    struct wish w = { .single = true, .deleted = truth(c, "showDeleted") };

    if (!own_calendar(c))
        return;
    struct sim_object *o = sim_calendar_find(c->sim, sim_meet_email(c), c->capture[1]);
    if (o == NULL || o->deleted) {
        sim_calendar_error(c, 404, "global", "notFound", NULL, "Not Found");
        return;
    }
    if (!read_time(c, "timeMin", 0, &w.from) || !read_time(c, "timeMax", INT64_MAX, &w.to))
        return;
    sim_calendar_instances(c->sim, o, w.from, w.to, collect_instance, &all);
    filter(c, &w, &all);
    send_page(c, &all);
    release(&all);
}

static cJSON *calendar_json(struct sim_call *c, bool entry)
{
    const struct sim_account *who = sim_account_of(c->platform, c->grant);
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "kind",
                            entry ? "calendar#calendarListEntry" : "calendar#calendar");
    cJSON_AddStringToObject(out, "etag", "\"simulated\"");
    cJSON_AddStringToObject(out, "id", who->email);
    cJSON_AddStringToObject(out, "summary", who->email);
    cJSON_AddStringToObject(out, "timeZone", SIM_MEET_ZONE);
    cJSON *types = cJSON_AddArrayToObject(cJSON_AddObjectToObject(out, "conferenceProperties"),
                                          "allowedConferenceSolutionTypes");
    cJSON_AddItemToArray(types, cJSON_CreateString("hangoutsMeet"));
    if (entry) {
        cJSON_AddBoolToObject(out, "primary", true);
        cJSON_AddStringToObject(out, "accessRole", "owner");
    }
    return out;
}

void sim_calendar_calendar(struct sim_call *c)
{
    if (own_calendar(c))
        sim_reply_json(&c->reply, 200, calendar_json(c, strstr(c->path, "calendarList") != NULL));
}

void sim_calendar_calendars(struct sim_call *c)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "kind", "calendar#calendarList");
    cJSON_AddStringToObject(out, "etag", "\"p33csimulated\"");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "items"), calendar_json(c, true));
    sim_reply_json(&c->reply, 200, out);
}
