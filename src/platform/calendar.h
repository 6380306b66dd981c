/* What adapters share whose meetings stand in a calendar: guests, a status told by the clock. */
#ifndef PLATFORM_CALENDAR_H
#define PLATFORM_CALENDAR_H

#include "platform/kit.h"

/* Addresses of people; owned. */
struct calendar_guests {
    char **mail;
    size_t count;
};

/* "a@example.org; b@example.org", also with commas, blanks or line breaks between; who stands there
 * twice counts once. ERROR_INPUT names the setting (key) and what is no address.
 * calendar_guests_release() in any case.
 */
bool calendar_guests_read(struct calendar_guests *g, enum platform_id p, const char *key,
                          const char *list, struct error *err);
void calendar_guests_release(struct calendar_guests *g);

/* The list of attendees as it shall be: who stands there, with their answers, without those whom
 * only `before` named, and whom `wanted` names in addition. So people whom somebody invited in the
 * calendar itself stay. *out is yours, or NULL when nothing differs. mail_path: where an attendee
 * has the address; make: a new attendee. False without memory. */
bool calendar_guests_merge(const cJSON *there, const char *mail_path,
                           const struct calendar_guests *before,
                           const struct calendar_guests *wanted, cJSON *(*make)(const char *mail),
                           cJSON **out, struct error *err);

/* Status and times by the plan alone, for a platform that does not tell. */
void calendar_by_clock(const struct call *call, const struct meeting *m, struct outcome *out);
/* A note when the calendar's own start is another than the plan's; `where` is "Google Calendar". */
void calendar_note_moved(const struct call *call, const struct meeting *m, int64_t start_ms,
                         const char *where, struct outcome *out);

#endif
