/* Zoom's notices, signed over "v0:timestamp:body". */
#include "sim/zoom.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static cJSON *notice_object(const struct sim_object *o, const char *event)
{
    cJSON *out = cJSON_CreateObject();

    /* The id is a text in some events and a number in others. */
    if (sim_word_in(
            "meeting.started meeting.ended meeting.participant_joined meeting.participant_left",
            event))
        cJSON_AddStringToObject(out, "id", o->id);
    else
        cJSON_AddNumberToObject(out, "id", strtod(o->id, NULL));
    cJSON_AddStringToObject(out, "uuid", json_string(o->fields, "uuid"));
    cJSON_AddStringToObject(out, "host_id", o->owner);
    cJSON_AddStringToObject(out, "topic", o->title != NULL ? o->title : "");
    cJSON_AddItemToObject(out, "type", cJSON_Duplicate(json_at(o->fields, "type"), true));
    sim_put_time(out, "start_time",
                 strcmp(event, "meeting.started") == 0 ? clock_now() : o->start_ms);
    cJSON_AddStringToObject(out, "timezone", json_string(o->fields, "timezone"));
    cJSON_AddItemToObject(out, "duration", cJSON_Duplicate(json_at(o->fields, "duration"), true));
    if (text_starts(event, "meeting.participant_")) {
        cJSON *who = cJSON_AddObjectToObject(out, "participant");
        cJSON_AddStringToObject(who, "user_id", "16778240");
        cJSON_AddStringToObject(who, "user_name", "Ruth Naomi");
        sim_put_time(who, "join_time", clock_now());
    }
    return out;
}

static void send_signed(struct sim *sim, const cJSON *notice)
{
    const char *secret =
        sim->hook_secret[SIM_ZOOM] != NULL ? sim->hook_secret[SIM_ZOOM] : SIM_ZOOM_HOOK_SECRET;
    unsigned char sum[32];
    struct text body, message, headers;
    long long at = clock_now() / 1000;

    text_init(&body, 8192);
    text_init(&message, 8300);
    text_init(&headers, 400);
    json_print(&body, notice);
    text_addf(&message, "v0:%lld:%s", at, text_str(&body));
    sim_hmac256(sum, secret, text_str(&message), message.length);
    text_addf(
        &headers,
        "Content-Type: application/json\r\nx-zm-request-timestamp: %lld\r\nx-zm-signature: v0=",
        at);
    text_add_hex(&headers, sum, sizeof sum);
    text_add(&headers, "\r\n");
    sim_hook_send(sim, SIM_ZOOM, "", text_str(&headers), text_str(&body));
    text_release(&body);
    text_release(&message);
    text_release(&headers);
}

void sim_zoom_notice(struct sim *sim, const struct sim_object *o, const char *event)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "event", event);
    cJSON_AddNumberToObject(out, "event_ts", (double)clock_now());
    cJSON *payload = cJSON_AddObjectToObject(out, "payload");
    cJSON_AddStringToObject(payload, "account_id", SIM_ZOOM_ACCOUNT);
    cJSON_AddItemToObject(payload, "object", notice_object(o, event));
    send_signed(sim, out);
    cJSON_Delete(out);
}

/* A new address is asked to prove itself. */
void sim_zoom_hooked(struct sim *sim)
{
    cJSON *out = cJSON_CreateObject();
    char plain[24];

    sim_random_text(sim, plain, 22, sim_alnum);
    cJSON_AddStringToObject(out, "event", "endpoint.url_validation");
    cJSON_AddNumberToObject(out, "event_ts", (double)clock_now());
    cJSON_AddStringToObject(cJSON_AddObjectToObject(out, "payload"), "plainToken", plain);
    send_signed(sim, out);
    cJSON_Delete(out);
}
