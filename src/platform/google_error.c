/* Google's errors told to a person. The reason decides, never the domain or the message: those were
 * seen to vary. */
#include "platform/google.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>

struct reason_row {
    const char *reason; /* a "*" at the end matches any rest, one at the start any beginning */
    enum error_kind kind;
    const char *message; /* %s is the platform's name; NULL: Google's own text */
    const char *remedy;
};

#define CALENDAR_WAIT_MS (4 * 3600 * INT64_C(1000))

#define BY_ITSELF "It is tried again by itself."
#define WAITS     "It goes on by itself."
#define RECONNECT "Connect it again and allow everything that is asked."
#define IN_STUDIO "End or delete it in YouTube Studio, then try again."

/* The first match counts. */
static const struct reason_row reasons[] = {
    { "quotaExceeded", ERROR_QUOTA, NULL, NULL },
    { "dailyLimitExceeded", ERROR_QUOTA, NULL, NULL },
    { "RATE_LIMIT_EXCEEDED", ERROR_RATE, "%s asks us to wait: too many requests.", WAITS },
    { "rateLimitExceeded", ERROR_RATE, "%s asks us to wait: too many requests.", WAITS },
    { "userRateLimitExceeded", ERROR_RATE, "%s asks us to wait: too many requests.", WAITS },
    { "userRequestsExceedRateLimit", ERROR_RATE, "%s asks us to wait: too many requests.", WAITS },
    { "concurrentLimitExceeded", ERROR_RATE, "%s asks us to wait: too many requests.", WAITS },
    { "servingLimitExceeded", ERROR_RATE, "%s asks us to wait: too many requests.", WAITS },
    { "uploadRateLimitExceeded", ERROR_RATE, "%s asks us to wait: too many uploads.", WAITS },
    /* Limits of the channel: named like rates, but waiting does not clear them. */
    { "userBroadcastsExceedLimit", ERROR_FORBIDDEN,
      "%s does not take another broadcast: the channel has too many.",
      "Delete old planned broadcasts in YouTube Studio, then try again." },
    { "concurrentBroadcastsExceedLimit", ERROR_FORBIDDEN,
      "%s does not go live: too many broadcasts of this channel are live.", IN_STUDIO },
    { "sharedIngestionBroadcastsExceedLimit", ERROR_FORBIDDEN,
      "%s does not go live: another broadcast is live with the same stream key.", IN_STUDIO },
    { "liveStreamingNotEnabled", ERROR_FORBIDDEN, "%s: this channel may not stream live yet.",
      "Enable live streaming at youtube.com/features; the first time takes 24 h." },
    { "livePermissionBlocked", ERROR_FORBIDDEN, "%s has blocked live streaming for this channel.",
      "See youtube.com/features for the reason and how long it lasts." },
    { "insufficientLivePermissions", ERROR_FORBIDDEN,
      "%s: this sign-in may not manage the channel's broadcasts.", RECONNECT },
    { "youtubeSignupRequired", ERROR_FORBIDDEN, "%s: this Google account has no channel.",
      "Open youtube.com with that account, create a channel, then connect again." },
    { "channelNotFound", ERROR_FORBIDDEN, "%s: this Google account has no channel.",
      "Open youtube.com with that account, create a channel, then connect again." },
    { "insufficientPermissions", ERROR_FORBIDDEN, "%s: the sign-in lacks a permission.",
      RECONNECT },
    { "ACCESS_TOKEN_SCOPE_INSUFFICIENT", ERROR_FORBIDDEN, "%s: the sign-in lacks a permission.",
      RECONNECT },
    { "accessNotConfigured", ERROR_CONFIG,
      "%s: its API is switched off in the Google Cloud project.",
      "Enable it at console.cloud.google.com/apis/library in the project of the client id." },
    { "SERVICE_DISABLED", ERROR_CONFIG, "%s: its API is switched off in the Google Cloud project.",
      "Enable it at console.cloud.google.com/apis/library in the project of the client id." },
    { "authError", ERROR_AUTH, "%s refused the sign-in.", "Connect it again." },
    { "expired", ERROR_AUTH, "%s refused the sign-in: it has expired.", "Connect it again." },
    { "unauthorized", ERROR_AUTH, "%s refused the sign-in.", "Connect it again." },
    { "UNAUTHENTICATED", ERROR_AUTH, "%s refused the sign-in.", "Connect it again." },
    { "errorStreamInactive", ERROR_REFUSED, "%s does not receive the encoder's signal.",
      "Start sending to YouTube from your encoder." },
    { "redundantTransition", ERROR_REFUSED, "%s: the broadcast is already in that state.", NULL },
    { "invalidTransition", ERROR_REFUSED, "%s does not allow this step in the broadcast's state.",
      "Look at it in YouTube Studio; it may have been changed there." },
    { "liveBroadcastBindingNotAllowed", ERROR_REFUSED,
      "%s does not let the broadcast have a stream key in its state.",
      "Look at it in YouTube Studio, or create it again." },
    { "liveBroadcastDeletionNotAllowed", ERROR_REFUSED,
      "%s does not delete a broadcast that is on air or over.", "Stop it first." },
    { "*ModificationNotAllowed", ERROR_REFUSED,
      "%s does not change this setting any more: the broadcast has gone too far.", NULL },
    { "forbiddenForNonOrganizer", ERROR_FORBIDDEN,
      "%s: only the organiser of the event may change this.",
      "Connect with the account that made the event, or change it in the calendar." },
    { "PERMISSION_DENIED", ERROR_FORBIDDEN, "%s: this sign-in may not do this, or not there.",
      RECONNECT },
    { "duplicate", ERROR_CONFLICT, "%s: it exists already.", BY_ITSELF },
    { "conditionNotMet", ERROR_CONFLICT, "%s: somebody changed it at the same time.", BY_ITSELF },
    { "errorExecutingTransition", ERROR_SERVER, "%s could not take that step just now.",
      BY_ITSELF },
    { "internalError", ERROR_SERVER, "%s has trouble of its own.", BY_ITSELF },
    { "backendError", ERROR_SERVER, "%s has trouble of its own.", BY_ITSELF },
    { "serviceUnavailable", ERROR_SERVER, "%s has trouble of its own.", BY_ITSELF },
    { "backendNotConnected", ERROR_SERVER, "%s has trouble of its own.", BY_ITSELF },
    { "notReady", ERROR_SERVER, "%s has trouble of its own.", BY_ITSELF },
    { "*NotFound", ERROR_NOT_FOUND, "%s does not know it any more.", NULL },
    { "invalidScheduledStartTime", ERROR_INVALID, "%s does not take that start time.",
      "Choose a start that is in the future and not too far away." },
    { "invalidScheduledEndTime", ERROR_INVALID, "%s does not take that end time.",
      "Choose an end that is after the start." },
    { "invalidTitle", ERROR_INVALID, "%s does not take that title.",
      "Use 1 to 100 characters in the title." },
    { "invalidDescription", ERROR_INVALID, "%s does not take that description.",
      "Shorten the description." },
    { "invalidLatencyPreferenceOptions", ERROR_INVALID, "%s does not take that latency.",
      "Set the latency to normal." },
    { "invalidCategoryId", ERROR_INVALID, "%s does not know that category.",
      "Choose another category number, 29 is Nonprofits & Activism." },
    { "invalidImage", ERROR_INVALID, "%s cannot read the thumbnail.",
      "Save the picture again as PNG or JPEG." },
};

/* Google's texts can hold HTML: <a href="…">quota</a>. Tags go, the commonest entities are
 * resolved. */
static void plain_text(struct text *t, const char *s)
{
    static const char *const entities[][2] = { { "&amp;", "&" },   { "&lt;", "<" },
                                               { "&gt;", ">" },    { "&#39;", "'" },
                                               { "&quot;", "\"" }, { "&nbsp;", " " } };
    size_t count = sizeof(entities) / sizeof(entities[0]);

    while (*s) {
        const char *end = *s == '<' ? strchr(s, '>') : NULL;
        size_t i = 0;

        if (end) {
            s = end + 1;
            continue;
        }
        while (i < count && !text_starts(s, entities[i][0]))
            i++;
        if (i < count) {
            text_add(t, entities[i][1]);
            s += strlen(entities[i][0]);
        } else {
            text_append(t, s++, 1);
        }
    }
}

static bool reason_matches(const char *row, const char *reason)
{
    size_t length = strlen(row), own = strlen(reason);

    if (row[0] == '*')
        return own >= length - 1 && strcmp(reason + own - (length - 1), row + 1) == 0;
    return strcmp(row, reason) == 0;
}

/* errors[0].reason, then details[].reason, then status. A scope that is missing hides behind a
 * general reason at times, so that one of the details goes first. */
static const char *reason_of(const cJSON *body)
{
    const char *reason = json_string(body, "error.errors.0.reason");
    const cJSON *detail;

    cJSON_ArrayForEach (detail, json_at(body, "error.details")) {
        const char *said = json_string(detail, "reason");

        if (said && (!reason || strcmp(said, "ACCESS_TOKEN_SCOPE_INSUFFICIENT") == 0 ||
                     strcmp(said, "SERVICE_DISABLED") == 0))
            reason = said;
    }
    if (!reason)
        reason = json_string(body, "error.status");
    return reason ? reason : "";
}

int64_t google_quota_wait(int64_t now_ms)
{
    struct zone_time local;
    int64_t midnight;

    zone_local("America/Los_Angeles", now_ms, &local);
    local.day++;
    local.hour = local.minute = local.second = 0;
    midnight = zone_instant("America/Los_Angeles", &local);
    return midnight > now_ms ? midnight - now_ms : 60 * 1000;
}

/* The calendar's quotaExceeded is no day's allowance: Google suspects the account of sending spam,
 * and every further try prolongs it. */
static bool judge_calendar_quota(struct call *call, const struct http_answer *answer,
                                 const char *reason, struct error *err)
{
    kit_error(err, call, answer, ERROR_QUOTA, reason,
              "It goes on by itself in some hours. Invite fewer people, or set notify=nobody.",
              "Google Calendar takes no more events or invitations from this account for now.");
    if (err)
        err->retry_after_ms = CALENDAR_WAIT_MS;
    return false;
}

static bool judge_quota(struct call *call, const struct http_answer *answer, const char *reason,
                        struct error *err)
{
    int64_t wait = google_quota_wait(call->now_ms);
    char at[40];

    if (call->platform == PLATFORM_GOOGLE_MEET && strcmp(reason, "quotaExceeded") == 0)
        return judge_calendar_quota(call, answer, reason, err);
    zone_clock(at, sizeof(at), call->zone, call->now_ms + wait, false);
    kit_error(err, call, answer, ERROR_QUOTA, reason,
              "It goes on by itself then. A client id of your own has an allowance of its own.",
              "%s: today's allowance of requests is used up. It comes back at %s.",
              platform_name(call->platform), at);
    if (err)
        err->retry_after_ms = wait;
    return false;
}

static bool judge_row(struct call *call, const struct http_answer *answer,
                      const struct reason_row *row, const char *reason, struct error *err)
{
    const char *s = row->message, *slot = strstr(s, "%s");

    return kit_error(err, call, answer, row->kind, reason, row->remedy, "%.*s%s%s", (int)(slot - s),
                     s, platform_name(call->platform), slot + 2);
}

/* A reason that no row knows: Google's own text says what, the status what kind. */
static bool judge_unknown(struct call *call, const struct http_answer *answer, const cJSON *body,
                          const char *reason, struct error *err)
{
    const char *said = json_string(body, "error.message");
    struct error common;
    struct text t;

    kit_judge_status(call, answer, body, &common);
    /* Some pages say 403 of what others say 429; a plain 409 or 412 is a race. */
    if (answer->status == 409 || answer->status == 412)
        common.kind = ERROR_CONFLICT;
    text_init(&t, sizeof(common.message) - 1);
    if (said)
        plain_text(&t, said);
    kit_error(err, call, answer, common.kind, reason, common.remedy, "%s%s%s", common.message,
              t.length ? " It says: " : "", text_str(&t));
    text_release(&t);
    return false;
}

bool google_judge(struct call *call, const struct http_answer *answer, const cJSON *body,
                  struct error *err)
{
    const char *reason = reason_of(body);

    if (*reason == '\0')
        return kit_judge_status(call, answer, body, err);
    /* "required" has no row: it is a missing sign-in with 401 and a missing value of ours with 400,
     * as the status says. */
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (!reason_matches(reasons[i].reason, reason))
            continue;
        if (reasons[i].kind == ERROR_QUOTA)
            return judge_quota(call, answer, reason, err);
        return judge_row(call, answer, &reasons[i], reason, err);
    }
    return judge_unknown(call, answer, body, reason, err);
}
