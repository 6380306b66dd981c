/* https://HOST/[TENANT/]ROOM[?jwt=TOKEN][#config.key=value&…]: the token goes before the "#". What
 * stands after it is a wish of the link, not a rule: a guest can take it off. */
#include "platform/jitsi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT_CEILING 540 /* encoded; the link must fit an invitation and struct outcome */

static void fragment_add(struct text *t, const char *key, const char *value)
{
    text_addf(t, "%sconfig.%s=%s", t->length ? "&" : "#", key, value);
}

/* A JSON string, percent-encoded, as the client reads it; of a very long title only the start. */
static void fragment_subject(struct text *t, const char *title)
{
    char cut[204];

    for (size_t size = sizeof(cut); size > 20; size -= 20) {
        cJSON *string;
        struct text plain, encoded;
        bool fits;

        text_copy_to(cut, size, title);
        string = cJSON_CreateString(cut);
        text_init(&plain, 2000);
        text_init(&encoded, SUBJECT_CEILING);
        fits = json_print(&plain, string) && text_add_urlencoded(&encoded, text_str(&plain));
        if (fits)
            fragment_add(t, "subject", text_str(&encoded));
        cJSON_Delete(string);
        text_release(&plain);
        text_release(&encoded);
        if (fits)
            return;
    }
}

static void fragment(struct text *t, const struct meeting *m, const cJSON *settings)
{
    const struct platform *p = &platform_jitsi;

    if (setting_bool(p, settings, "subject"))
        fragment_subject(t, m->title);
    if (setting_bool(p, settings, "start_muted"))
        fragment_add(t, "startWithAudioMuted", "true");
    if (setting_bool(p, settings, "start_without_video"))
        fragment_add(t, "startWithVideoMuted", "true");
    if (setting_bool(p, settings, "require_name"))
        fragment_add(t, "requireDisplayName", "true");
    /* The older disableDeepLinking does nothing any more. */
    if (setting_bool(p, settings, "stay_in_browser"))
        fragment_add(t, "deeplinking.disabled", "true");
    fragment_add(t, "prejoinConfig.enabled",
                 setting_bool(p, settings, "prejoin") ? "true" : "false");
    if (setting_bool(p, settings, "lobby"))
        fragment_add(t, "lobby.autoKnock", "true");
}

bool jitsi_link(struct call *call, const struct jitsi_server *s, const char *room,
                const char *token, const struct meeting *m, const struct target *t,
                struct text *out, struct error *err)
{
    cJSON *settings = kit_settings(t);
    size_t start = out->length;
    struct text tail;
    bool done;

    text_init(&tail, 1000);
    fragment(&tail, m, settings);
    text_addf(out, "%s/%s%s%s", s->base, s->tenant, *s->tenant ? "/" : "", room);
    if (token)
        text_addf(out, "?jwt=%s", token);
    text_add(out, text_str(&tail));
    if (out->overflow || tail.overflow)
        done = error_platform(err, ERROR_INPUT, "jitsi", "Shorten the title, or hide the subject.",
                              "The link to the Jitsi room would be too long.");
    else
        done = platform_link_check(&platform_jitsi, call->options, call->simulated,
                                   text_str(out) + start, err);
    text_release(&tail);
    cJSON_Delete(settings);
    return done;
}
