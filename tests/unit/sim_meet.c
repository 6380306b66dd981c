/* The simulated Google Meet: calendar events and their conferences, series, spaces, records. */
#include "sim_kit.h"

#include <time.h>

#define EVENTS "/calendar/v3/calendars/primary/events"
#define AUTH   "https://www.googleapis.com/auth/"

static void sign_in(void)
{
    char *id = kit_ready("platforms.google_meet.credentials.client_id");
    char *secret = kit_ready("platforms.google_meet.credentials.client_secret");
    char *refresh = kit_ready("platforms.google_meet.credentials.refresh_token");
    char form[1000];

    snprintf(form, sizeof form,
             "grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s", id, secret,
             refresh);
    bearer[0] = '\0';
    ck_assert_int_eq(kit_form("google_meet", "/token", form)->status, 200);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    free(id);
    free(secret);
    free(refresh);
}

static void setup(void)
{
    kit_start();
    sign_in();
}

static const struct reply *get(const char *path)
{
    return kit_get("google_meet", path);
}

static const struct reply *json(const char *method, const char *path, const char *body)
{
    return kit_json("google_meet", method, path, body);
}

static const char *reason(void)
{
    return kit_text("error.errors.0.reason");
}

#define TIMES                                                                                      \
    "\"start\":{\"dateTime\":\"2099-12-08T19:00:00\",\"timeZone\":\"America/Chicago\"},"           \
    "\"end\":{\"dateTime\":\"2099-12-08T20:30:00\",\"timeZone\":\"America/Chicago\"}"
#define CONFERENCE(request)                                                                        \
    "\"conferenceData\":{\"createRequest\":{\"requestId\":\"" request                              \
    "\",\"conferenceSolutionKey\":{\"type\":\"hangoutsMeet\"}}}"
#define ELDERS                                                                                     \
    "{\"id\":\"ecc0001advent\",\"summary\":\"Elders\",\"attendees\":[{\"email\":\"ruth@example."   \
    "org\"}]," TIMES ","                                                                           \
    "\"extendedProperties\":{\"private\":{\"ecclesiaId\":\"m1\"}}," CONFERENCE("r1") "}"

static bool has_link(const char *path)
{
    ck_assert_int_eq(get(path)->status, 200);
    return kit_text("hangoutLink")[0] != '\0';
}

/* Waits until the event's conference is made. */
static void await_link(const char *path)
{
    TEST_UNTIL(has_link(path));
}

START_TEST(an_event_gets_its_conference_a_while_later)
{
    ck_assert_int_eq(
        json("POST", EVENTS "?conferenceDataVersion=1&sendUpdates=all", ELDERS)->status, 200);
    ck_assert_str_eq(kit_text("start.dateTime"), "2099-12-08T19:00:00-06:00");
    ck_assert_str_eq(kit_text("status"), "confirmed");
    ck_assert_str_eq(kit_text("attendees.0.responseStatus"), "needsAction");
    ck_assert_str_eq(kit_text("conferenceData.createRequest.status.statusCode"), "pending");
    ck_assert_str_eq(kit_text("hangoutLink"), "");
    ck_assert_str_eq(kit_state("google_meet", "ecc0001advent"), "confirmed");
    await_link(EVENTS "/ecc0001advent");
    ck_assert_str_eq(kit_text("conferenceData.createRequest.status.statusCode"), "success");
    ck_assert_str_eq(kit_text("conferenceData.entryPoints.0.entryPointType"), "video");
    ck_assert_str_eq(kit_text("conferenceData.entryPoints.0.uri"), kit_text("hangoutLink"));
    ck_assert_ptr_null(json_at(last.json, "sim")); /* what is ours stays ours */
}
END_TEST

START_TEST(an_id_is_good_once_even_after_a_delete)
{
    ck_assert_int_eq(json("POST", EVENTS, ELDERS)->status, 200);
    ck_assert_int_eq(json("POST", EVENTS, ELDERS)->status, 409);
    ck_assert_str_eq(reason(), "duplicate");
    ck_assert_ptr_null(json_at(last.json, "error.status")); /* the older form of an error */
    ck_assert_int_eq(kit_call("google_meet", "DELETE", EVENTS "/ecc0001advent", NULL, NULL)->status,
                     204);
    ck_assert_int_eq(kit_call("google_meet", "DELETE", EVENTS "/ecc0001advent", NULL, NULL)->status,
                     410);
    ck_assert_str_eq(reason(), "deleted");
    ck_assert_int_eq(get(EVENTS "/ecc0001advent")->status, 200);
    ck_assert_str_eq(kit_text("status"), "cancelled");
    ck_assert_int_eq(json("POST", EVENTS, ELDERS)->status, 409);
    ck_assert_int_eq(json("PATCH", EVENTS "/ecc0001advent", "{\"summary\":\"x\"}")->status, 403);
}
END_TEST

START_TEST(without_the_version_the_conference_is_silently_ignored)
{
    ck_assert_int_eq(json("POST", EVENTS, ELDERS)->status, 200);
    ck_assert_ptr_null(json_at(last.json, "conferenceData"));
    ck_assert_int_eq(json("PATCH", EVENTS "/ecc0001advent", "{" CONFERENCE("r2") "}")->status, 200);
    ck_assert_ptr_null(json_at(last.json, "conferenceData"));
    ck_assert_int_eq(json("PATCH", EVENTS "/ecc0001advent?conferenceDataVersion=1",
                          "{\"conferenceData\":{\"createRequest\":{\"requestID\":\"r3\","
                          "\"conferenceSolutionKey\":{\"type\":\"hangoutsMeet\"}}}}")
                         ->status,
                     200);
    ck_assert_ptr_null(json_at(last.json, "conferenceData")); /* misspelt: nobody says a word */
    ck_assert_int_eq(
        json("PATCH", EVENTS "/ecc0001advent?conferenceDataVersion=1", "{" CONFERENCE("r4") "}")
            ->status,
        200);
    await_link(EVENTS "/ecc0001advent");
    char *link = text_copy(kit_text("hangoutLink"));
    json("PATCH", EVENTS "/ecc0001advent?conferenceDataVersion=1", "{" CONFERENCE("r4") "}");
    ck_assert_str_eq(kit_text("hangoutLink"), link); /* the same request id again is ignored */
    json("PATCH", EVENTS "/ecc0001advent?conferenceDataVersion=1", "{" CONFERENCE("r5") "}");
    ck_assert_str_eq(kit_text("hangoutLink"), "");
    free(link);
}
END_TEST

START_TEST(wrong_events_are_refused_with_their_reason)
{
    static const struct {
        const char *body, *reason;
    } wrong[] = {
        { "{\"summary\":\"x\"}", "required" },
        { "{\"start\":{\"dateTime\":\"2099-12-08T19:00:00\"},\"end\":{\"dateTime\":\"2099-12-"
          "08T20:00:00Z\"}}",
          "required" },
        { "{\"start\":{\"dateTime\":\"2099-12-08T19:00:00Z\"},\"end\":{\"dateTime\":\"2099-12-"
          "08T18:00:00Z\"}}",
          "timeRangeEmpty" },
        { "{\"start\":{\"dateTime\":\"soon\"},\"end\":{\"dateTime\":\"2099-12-08T18:00:00Z\"}}",
          "invalid" },
        { "{\"start\":{\"date\":\"2099-12-08\"},\"end\":{\"dateTime\":\"2099-12-08T18:00:00Z\"}}",
          "invalid" },
        { "{\"start\":{\"dateTime\":\"2099-12-08T19:00:00\",\"timeZone\":\"Mars/Base\"},\"end\":{"
          "\"dateTime\":\"2099-12-08T20:00:00Z\"}}",
          "invalid" },
        { "{" TIMES ",\"id\":\"with-dash\"}", "invalid" },
        { "{" TIMES ",\"id\":\"abc\"}", "invalid" },
        { "{" TIMES ",\"attendees\":[{\"email\":\"nobody\"}]}", "invalid" },
        { "{" TIMES ",\"summary\":7}", "invalid" },
        { "{" TIMES ",\"visibility\":\"hidden\"}", "invalid" },
        { "{" TIMES ",\"recurrence\":[\"FREQ=WEEKLY\"]}", "invalid" },
        { "{" TIMES ",\"recurrence\":[\"RRULE:FREQ=NEVER\"]}", "invalid" },
        { "{" TIMES ",\"reminders\":{\"useDefault\":false,\"overrides\":[{\"method\":\"popup\","
          "\"minutes\":50000}]}}",
          "invalid" },
        { "{\"start\":{\"dateTime\":\"2099-12-08T19:00:00Z\"},\"end\":{\"dateTime\":\"2099-12-"
          "08T20:00:00Z\"},\"recurrence\":[\"RRULE:FREQ=WEEKLY\"]}",
          "required" },
        { "{" TIMES ",\"conferenceData\":{\"createRequest\":{\"requestId\":\"a\","
          "\"conferenceSolutionKey\":{\"type\":\"eventHangout\"}}}}",
          "invalid" },
        { "{" TIMES ",\"conferenceData\":{\"conferenceId\":\"abc-mnop-xyz\"}}", "invalid" },
        { "nonsense", "parseError" },
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json("POST", EVENTS "?conferenceDataVersion=1", wrong[i].body);
        ck_assert_msg(last.status == 400, "%s: %ld", wrong[i].body, last.status);
        ck_assert_msg(strcmp(reason(), wrong[i].reason) == 0, "%s: %s", wrong[i].body, reason());
    }
    ck_assert_int_eq(json("POST", EVENTS "?conferenceDataVersion=2", ELDERS)->status, 400);
    ck_assert_int_eq(json("POST", EVENTS "?sendUpdates=everyone", ELDERS)->status, 400);
    ck_assert_int_eq(json("POST", EVENTS "?sendupdates=all", ELDERS)->status, 400);
    ck_assert_int_eq(
        json("POST", "/calendar/v3/calendars/office@stannes.example/events", ELDERS)->status, 404);
    ck_assert_int_eq(get(EVENTS "/nothing00")->status, 404);
    ck_assert_int_eq(
        cJSON_GetArraySize(kit_control("GET", "/_sim/objects?platform=google_meet", NULL)), 0);
}
END_TEST

START_TEST(a_patch_merges_and_heeds_the_etag)
{
    char header[100], url[300];

    json("POST", EVENTS, ELDERS);
    snprintf(header, sizeof header, "If-Match: %s", kit_text("etag"));
    ck_assert_int_eq(json("PATCH", EVENTS "/ecc0001advent",
                          "{\"summary\":\"Moved\",\"start\":{\"dateTime\":\"2099-12-08T18:00:00\","
                          "\"timeZone\":\"America/Chicago\"}}")
                         ->status,
                     200);
    int64_t sequence = 0;
    ck_assert(json_int(last.json, "sequence", &sequence) && sequence == 1);
    ck_assert_str_eq(kit_text("extendedProperties.private.ecclesiaId"), "m1");
    ck_assert_str_eq(kit_text("end.dateTime"), "2099-12-08T20:30:00-06:00");
    snprintf(url, sizeof url, "%s" EVENTS "/ecc0001advent", sim_address(sim, "google_meet"));
    kit_ask("PATCH", url, "application/json", "{\"summary\":\"Late\"}", 18, header);
    ck_assert_int_eq(last.status, 412);
    ck_assert_str_eq(reason(), "conditionNotMet");
    ck_assert_int_eq(
        json("PUT", EVENTS "/ecc0001advent", "{\"summary\":\"Whole\"," TIMES "}")->status, 200);
    ck_assert_ptr_null(json_at(last.json, "extendedProperties"));
    ck_assert_str_eq(kit_text("id"), "ecc0001advent");
}
END_TEST

START_TEST(lists_find_what_was_marked_and_what_changed)
{
    char path[300];

    json("POST", EVENTS, ELDERS);
    json("POST", EVENTS, "{\"id\":\"other00001\",\"summary\":\"Choir\"," TIMES "}");
    get(EVENTS "?privateExtendedProperty=ecclesiaId%3Dm1");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "items")), 1);
    ck_assert_str_eq(kit_text("items.0.id"), "ecc0001advent");
    get(EVENTS "?q=choir");
    ck_assert_str_eq(kit_text("items.0.id"), "other00001");
    get(EVENTS "?timeMin=2099-12-10T00:00:00Z");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "items")), 0);
    get(EVENTS "?maxResults=1");
    ck_assert_str_eq(kit_text("nextSyncToken"), "");
    snprintf(path, sizeof path, EVENTS "?maxResults=1&pageToken=%s", kit_text("nextPageToken"));
    get(path);
    ck_assert_str_eq(kit_text("items.0.id"), "other00001");
    snprintf(path, sizeof path, EVENTS "?syncToken=%s", kit_text("nextSyncToken"));
    get(path);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "items")), 0);
    kit_call("google_meet", "DELETE", EVENTS "/other00001", NULL, NULL);
    get(path);
    ck_assert_str_eq(kit_text("items.0.status"), "cancelled");
    ck_assert_int_eq(get(EVENTS "?syncToken=long-ago")->status, 410);
    ck_assert_str_eq(reason(), "fullSyncRequired");
    ck_assert_int_eq(get(EVENTS "?syncToken=CSIM1=&q=x")->status, 400);
    ck_assert_int_eq(get(EVENTS "?orderBy=startTime")->status, 400);
    ck_assert_int_eq(get(EVENTS "?maxResults=9999")->status, 400);
}
END_TEST

START_TEST(a_series_has_instances_that_can_be_moved_and_cancelled)
{
    static const char series[] =
        "{\"id\":\"ser1esb1b1e\",\"summary\":\"Bible study\",\"start\":{\"dateTime\":\"2099-10-14T"
        "19:00:00\",\"timeZone\":\"Europe/London\"},\"end\":{\"dateTime\":\"2099-10-14T20:00:00\","
        "\"timeZone\":\"Europe/London\"},\"recurrence\":[\"RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=4\","
        "\"EXDATE;TZID=Europe/London:20991021T190000\"]}";

    ck_assert_int_eq(json("POST", EVENTS, series)->status, 200);
    get(EVENTS "/ser1esb1b1e/instances");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "items")), 3);
    ck_assert_str_eq(kit_text("items.0.id"), "ser1esb1b1e_20991014T180000Z");
    ck_assert_str_eq(kit_text("items.1.id"), "ser1esb1b1e_20991028T190000Z"); /* winter by then */
    ck_assert_str_eq(kit_text("items.1.start.dateTime"), "2099-10-28T19:00:00Z");
    ck_assert_int_eq(get(EVENTS "/ser1esb1b1e_20991021T180000Z")->status, 404);
    ck_assert_int_eq(
        json("PATCH", EVENTS "/ser1esb1b1e_20991028T190000Z", "{\"summary\":\"Prayer instead\"}")
            ->status,
        200);
    ck_assert_str_eq(kit_text("recurringEventId"), "ser1esb1b1e");
    kit_call("google_meet", "DELETE", EVENTS "/ser1esb1b1e_20991104T190000Z", NULL, NULL);
    ck_assert_int_eq(last.status, 204);
    get(EVENTS "?singleEvents=true&orderBy=startTime");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "items")), 2);
    ck_assert_str_eq(kit_text("items.1.summary"), "Prayer instead");
    get(EVENTS "?timeMin=2099-11-01T00:00:00Z");
    ck_assert_str_eq(kit_text("items.0.id"), "ser1esb1b1e"); /* unexpanded, the series itself */
}
END_TEST

START_TEST(a_space_is_made_set_up_and_its_call_ended)
{
    char path[100], end[120];

    ck_assert_int_eq(json("POST", "/v2/spaces",
                          "{\"config\":{\"accessType\":\"OPEN\",\"moderation\":\"ON\","
                          "\"moderationRestrictions\":{\"presentRestriction\":\"HOSTS_ONLY\"}}}")
                         ->status,
                     200);
    ck_assert_str_eq(kit_text("config.moderationRestrictions.presentRestriction"), "HOSTS_ONLY");
    snprintf(path, sizeof path, "/v2/%s", kit_text("name"));
    snprintf(end, sizeof end, "%s:endActiveConference", path);
    char *code = text_copy(kit_text("meetingCode")), *uri = text_copy(kit_text("meetingUri"));
    ck_assert_int_eq(json("POST", end, "{}")->status, 400);
    ck_assert_str_eq(kit_text("error.status"), "FAILED_PRECONDITION");
    ck_assert_ptr_null(json_at(last.json, "error.errors")); /* Meet has no list of reasons */
    ck_assert_int_eq(kit_ask("GET", uri, NULL, NULL, 0, NULL)->status, 200); /* somebody joins */
    ck_assert_int_eq(get(path)->status, 200);
    char record[100];
    snprintf(record, sizeof record, "/v2/%s", kit_text("activeConference.conferenceRecord"));
    ck_assert_int_eq(get(record)->status, 200);
    ck_assert_str_eq(kit_text("endTime"), "");
    char list[200];
    snprintf(list, sizeof list, "%s/participants?filter=latest_end_time%%20IS%%20NULL", record);
    get(list);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "participants")), 1);
    ck_assert_ptr_null(json_at(last.json, "totalSize"));
    snprintf(list, sizeof list, "%s/participants?fields=totalSize", record);
    get(list);
    int64_t total = 0;
    ck_assert(json_int(last.json, "totalSize", &total) && total == 1);
    ck_assert_int_eq(json("POST", end, "{}")->status, 200);
    ck_assert_int_eq(json("POST", end, "{}")->status, 400);
    snprintf(list, sizeof list, "/v2/conferenceRecords?filter=space.meeting_code%%3D%%22%s%%22",
             code);
    get(list);
    ck_assert_str_ne(kit_text("conferenceRecords.0.endTime"), "");
    get("/v2/conferenceRecords?filter=end_time%20IS%20NULL");
    ck_assert_ptr_null(json_at(last.json, "conferenceRecords"));
    ck_assert_int_eq(get("/v2/conferenceRecords?filter=nonsense")->status, 400);
    free(code);
    free(uri);
}
END_TEST

START_TEST(a_space_is_patched_by_its_mask)
{
    char path[200];

    json("POST", "/v2/spaces", "{}");
    char *name = text_copy(kit_text("name")), *code = text_copy(kit_text("meetingCode"));
    snprintf(path, sizeof path, "/v2/%s?updateMask=config.accessType", name);
    json("PATCH", path, "{\"config\":{\"accessType\":\"RESTRICTED\",\"moderation\":\"ON\"}}");
    ck_assert_str_eq(kit_text("config.accessType"), "RESTRICTED");
    ck_assert_str_eq(kit_text("config.moderation"), "OFF");
    snprintf(path, sizeof path, "/v2/%s?updateMask=config.accesType", name);
    ck_assert_int_eq(json("PATCH", path, "{\"config\":{}}")->status, 400);
    ck_assert_str_eq(kit_text("error.details.0.fieldViolations.0.field"), "update_mask");
    snprintf(path, sizeof path, "/v2/%s", name);
    ck_assert_int_eq(json("PATCH", path, "{\"config\":{\"accessType\":\"ANY\"}}")->status, 400);
    ck_assert_int_eq(json("PATCH", path, "{\"config\":{\"access\":\"OPEN\"}}")->status, 400);
    ck_assert_int_eq(json("PATCH", path, "{\"title\":\"x\"}")->status, 400);
    snprintf(path, sizeof path, "/v2/spaces/%s", code);
    ck_assert_int_eq(get(path)->status, 200);
    ck_assert_int_eq(json("PATCH", path, "{\"config\":{\"accessType\":\"OPEN\"}}")->status, 400);
    ck_assert_int_eq(get("/v2/spaces/nothing")->status, 404);
    ck_assert_int_eq(get("/v2/spaces/nothing?wrong=1")->status, 400);
    free(name);
    free(code);
}
END_TEST

START_TEST(a_room_that_calendar_made_cannot_be_ended_by_us)
{
    char path[200], code[40];

    json("POST", EVENTS "?conferenceDataVersion=1", ELDERS);
    await_link(EVENTS "/ecc0001advent");
    snprintf(code, sizeof code, "%s", kit_text("conferenceData.conferenceId"));
    kit_control("POST", "/_sim/remote",
                "{\"platform\":\"google_meet\",\"id\":\"ecc0001advent\",\"event\":\"started\"}");
    snprintf(path, sizeof path, "/v2/spaces/%s", code);
    ck_assert_int_eq(get(path)->status, 200);
    ck_assert_str_ne(kit_text("activeConference.conferenceRecord"), "");
    snprintf(path, sizeof path, "/v2/%s:endActiveConference", kit_text("name"));
    ck_assert_int_eq(json("POST", path, "{}")->status, 403);
    kit_control("POST", "/_sim/grants",
                "{\"platform\":\"google_meet\",\"action\":\"drop_scope\",\"scope\":\"" AUTH
                "meetings.space.readonly\"}");
    snprintf(path, sizeof path, "/v2/spaces/%s", code);
    ck_assert_int_eq(get(path)->status, 403); /* .created sees only what it created */
    ck_assert_str_eq(kit_text("error.status"), "PERMISSION_DENIED");
}
END_TEST

START_TEST(ten_rooms_a_minute_and_no_more)
{
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(json("POST", "/v2/spaces", "{}")->status, 200);
    ck_assert_int_eq(json("POST", "/v2/spaces", "{}")->status, 429);
    ck_assert_str_eq(kit_text("error.status"), "RESOURCE_EXHAUSTED");
    ck_assert_str_eq(kit_text("error.details.0.reason"), "RATE_LIMIT_EXCEEDED");
    ck_assert_int_eq(get(EVENTS)->status, 200); /* the calendar has its own allowance */
}
END_TEST

START_TEST(grants_faults_and_the_preset_speak_each_service_s_way)
{
    kit_control("POST", "/_sim/grants",
                "{\"platform\":\"google_meet\",\"action\":\"drop_scope\",\"scope\":\"" AUTH
                "meetings.space.created\"}");
    ck_assert_int_eq(json("POST", "/v2/spaces", "{}")->status, 403);
    ck_assert_str_eq(kit_text("error.details.0.reason"), "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    ck_assert_ptr_null(json_at(last.json, "error.errors"));
    kit_control("POST", "/_sim/grants",
                "{\"platform\":\"google_meet\",\"action\":\"expire_access\"}");
    ck_assert_int_eq(get(EVENTS)->status, 401);
    ck_assert_str_eq(reason(), "authError");
    ck_assert_int_eq(get("/v2/conferenceRecords")->status, 401);
    ck_assert_str_eq(kit_text("error.status"), "UNAUTHENTICATED");
    sign_in();
    kit_fault(
        "{\"platform\":\"google_meet\",\"kind\":\"rate_limit\",\"retryAfter\":7,\"times\":2}");
    get(EVENTS);
    ck_assert(last.status == 403 || last.status == 429);
    ck_assert_str_eq(kit_text("error.errors.0.domain"), "usageLimits");
    ck_assert_str_eq(kit_header("Retry-After"), "7");
    ck_assert_int_eq(get("/v2/conferenceRecords")->status, 429);
    kit_fault("{\"platform\":\"google_meet\",\"kind\":\"status\",\"status\":503,\"times\":1}");
    ck_assert_int_eq(get("/v2/conferenceRecords")->status, 503);
    ck_assert_str_eq(kit_text("error.status"), "UNAVAILABLE");
    kit_control("POST", "/_sim/preset", "{\"name\":\"google_meet\"}");
    ck_assert_int_eq(get(EVENTS)->status, 403);
    ck_assert_str_eq(reason(), "accessNotConfigured");
    ck_assert_int_eq(json("POST", "/v2/spaces", "{}")->status, 403);
    ck_assert_str_eq(kit_text("error.details.0.reason"), "SERVICE_DISABLED");
    sign_in(); /* signing in still works */
}
END_TEST

START_TEST(one_revocation_takes_all_of_google)
{
    char *refresh = kit_ready("platforms.google_meet.credentials.refresh_token"), form[300];

    kit_sign_in_youtube();
    ck_assert_int_eq(kit_get("youtube", "/youtube/v3/channels?part=id&mine=true")->status, 200);
    snprintf(form, sizeof form, "token=%s", refresh);
    ck_assert_int_eq(kit_form("google_meet", "/revoke", form)->status, 200);
    ck_assert_int_eq(kit_get("youtube", "/youtube/v3/channels?part=id&mine=true")->status, 401);
    free(refresh);
}
END_TEST

START_TEST(the_device_flow_is_of_no_use_here)
{
    char *id = kit_ready("platforms.google_meet.client_id"), form[300];

    snprintf(form, sizeof form, "client_id=%s&scope=" AUTH "calendar.events", id);
    ck_assert_int_eq(kit_form("google_meet", "/device/code", form)->status, 400);
    ck_assert_str_eq(kit_text("error"), "invalid_scope");
    free(id);
}
END_TEST

START_TEST(things_happen_without_us_and_the_journal_shows_no_secret)
{
    json("POST", EVENTS "?conferenceDataVersion=1", ELDERS);
    kit_control("POST", "/_sim/remote",
                "{\"platform\":\"google_meet\",\"id\":\"ecc0001advent\",\"event\":\"renamed\","
                "\"title\":\"Deacons\"}");
    get(EVENTS "/ecc0001advent");
    ck_assert_str_eq(kit_text("summary"), "Deacons");
    kit_control("POST", "/_sim/remote",
                "{\"platform\":\"google_meet\",\"id\":\"ecc0001advent\",\"event\":\"deleted\"}");
    get(EVENTS "/ecc0001advent?access_token=ya29.elsewhere");
    ck_assert_str_eq(kit_text("status"), "cancelled");
    const cJSON *all = kit_control("GET", "/_sim/requests?platform=google_meet", NULL);
    ck_assert_str_eq(json_string(all, "0.body.refresh_token"), "***");
    ck_assert_str_eq(json_string(all, "1.grant"), "google_meet:1 St Mark's");
    ck_assert_str_eq(json_string(all, "3.query.access_token"), "***");
    ck_assert_ptr_null(strstr(text_str(&last.body), bearer));
    ck_assert_ptr_null(strstr(text_str(&last.body), "1//0sim"));
    ck_assert_ptr_null(strstr(text_str(&last.body), "GOCSPX"));
}
END_TEST

TEST_MAIN_FIXTURE("sim_meet", setup, kit_stop, an_event_gets_its_conference_a_while_later,
                  an_id_is_good_once_even_after_a_delete,
                  without_the_version_the_conference_is_silently_ignored,
                  wrong_events_are_refused_with_their_reason, a_patch_merges_and_heeds_the_etag,
                  lists_find_what_was_marked_and_what_changed,
                  a_series_has_instances_that_can_be_moved_and_cancelled,
                  a_space_is_made_set_up_and_its_call_ended, a_space_is_patched_by_its_mask,
                  a_room_that_calendar_made_cannot_be_ended_by_us, ten_rooms_a_minute_and_no_more,
                  grants_faults_and_the_preset_speak_each_service_s_way,
                  one_revocation_takes_all_of_google, the_device_flow_is_of_no_use_here,
                  things_happen_without_us_and_the_journal_shows_no_secret)
