/* What the files of the Zoom adapter share: who we are (zoom_account.c), what is said about a
 * meeting (zoom_body.c), how it is found again (zoom_find.c), how refusals read (zoom_error.c). */
#ifndef PLATFORM_ZOOM_H
#define PLATFORM_ZOOM_H

#include "platform/kit.h"
#include "platform/repeat.h"

#define ZOOM_TIMES_MOST 60 /* of a series */

extern const struct setting zoom_settings[];

/* The target's settings against each other and the record against Zoom's limits. */
bool zoom_check_meeting(const struct meeting *m, const struct target *t, struct error *err);

/* The body of a create: everything that is wanted, beginning at start_ms (which Zoom takes only
 * when it lies ahead), with marker at the end of the agenda. Only settings that a person has set
 * are in it: what is not said follows the account's own settings. Yours: cJSON_Delete(). NULL
 * without memory. */
cJSON *zoom_body_wanted(const struct meeting *m, const struct target *t, const struct repeat *r,
                        const char *marker, int64_t start_ms);
/* What of it differs from the meeting as Zoom has it now, as the body of a PATCH; an empty object
 * when nothing does. The marker that stands there stays. known: repeat_text() of what was
 * sent last, "" when it was no series of ours. Yours. NULL without memory. */
cJSON *zoom_body_changes(const struct call *call, const struct meeting *m, const struct target *t,
                         const struct repeat *r, const cJSON *remote, const char *known);
/* Names the settings that are set and that Zoom has otherwise, ", " between; it passes over what
 * the account's admin has locked without a word. */
void zoom_body_ignored(const struct target *t, const cJSON *remote, struct text *names);

/* ---- series (zoom_series.c) ---- */

/* Times and rule onto the body, in place of a single meeting's, when the series has one that starts
 * at start_ms; it is then the first, and those before it are not counted. */
void zoom_series_onto(cJSON *body, const struct repeat *r, int64_t start_ms);
/* Somebody changed the rule in Zoom's own pages. Counts and ends are not compared: Zoom counts
 * down. */
bool zoom_series_same(const cJSON *wanted, const cJSON *has);

/* One request with the app's token. path and route come without "/v2". */
struct zoom_ask {
    const char *method, *route, *path;
    const cJSON *json;
    bool effect, creates;
};
/* *out as of kit_send(). */
bool zoom_ask(struct call *call, const struct zoom_ask *ask, cJSON **out, struct error *err);
/* "/users/ID" of the host onto t, encoded. */
bool zoom_user_path(struct call *call, struct text *t, struct error *err);
/* ERROR_GARBAGE: "Zoom's answer has no usable …". */
bool zoom_garbage(struct error *err, const char *what);

bool zoom_check(struct call *call, struct error *err);
bool zoom_renew(struct call *call, struct token *out, struct error *err);
bool zoom_identify(struct call *call, struct account *out, struct error *err);
bool zoom_meeting_find(struct call *call, const struct meeting *m, const struct target *t,
                       struct outcome *out, struct error *err);

bool zoom_is_id(const char *id);
/* The whole meeting; holds start_url, so it is only looked at and freed. ERROR_NOT_FOUND when it is
 * gone. *out is yours. */
bool zoom_read(struct call *call, const char *id, cJSON **out, struct error *err);
/* Id and members' link, checked, into out. */
bool zoom_learn(struct call *call, const cJSON *meeting, struct outcome *out, struct error *err);
/* Hands a failure on: copies it, returns false. */
bool zoom_fail(struct error *err, const struct error *with);

/* Judge (HTTP status, code) of the REST interface, and of the token end point. */
kit_judge zoom_judge;
kit_judge zoom_judge_token;

#endif
