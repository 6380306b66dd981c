#include <ecclesia/record/meeting.h>

#include <stdlib.h>

#include <ecclesia/record/series.h>

#include "record/check.h"

static const char *const status_names[] = { "scheduled", "active", "ended", "cancelled" };

const char *meeting_status_name(enum meeting_status s)
{
    return status_names[s];
}

void meeting_release(struct meeting *m)
{
    if (!m)
        return;
    free(m->title);
    free(m->description);
    for (size_t i = 0; i < m->target_count; i++)
        target_release(&m->targets[i]);
    free(m->targets);
    *m = (struct meeting){ 0 };
}

bool meeting_check(const struct meeting *m, struct error *err)
{
    static const int64_t longest_ms = 24 * 3600 * INT64_C(1000);

    if (!check_line("title", m->title, 1, 200, err) ||
        !check_text("description", m->description, 0, 1900, err))
        return false;
    if (!m->start_ms || !m->end_ms)
        return error_set(err, ERROR_INPUT,
                         "Give both, as in --start \"wed 19:30\" --end \"wed 20:30\".",
                         "The meeting has no %s.", m->start_ms ? "end" : "start");
    if (m->end_ms <= m->start_ms)
        return error_set(err, ERROR_INPUT, "Give an end that is later than the start.",
                         "The end of the meeting is not after its start.");
    if (m->end_ms - m->start_ms > longest_ms)
        return error_set(err, ERROR_INPUT, "Make it shorter, or plan several.",
                         "The meeting is longer than 24 hours.");
    if (m->target_count == 0)
        return error_set(err, ERROR_INPUT, "Choose at least one, as in --platform zoom.",
                         "The meeting has no platform.");
    if (!check_targets(m->targets, m->target_count, err))
        return false;
    if (!meeting_target(m, m->primary))
        return error_set(err, ERROR_INPUT, "Make one of the chosen platforms the primary one.",
                         "The primary platform %s is not among the meeting's platforms.",
                         platform_name(m->primary));
    return true;
}

enum meeting_status meeting_judge(const struct meeting *m, const char *zone, int64_t now_ms)
{
    size_t live = 0, open = 0;
    int64_t until_ms = meeting_until_ms(m, zone);

    for (size_t i = 0; i < m->target_count; i++) {
        live += m->targets[i].status == TARGET_LIVE;
        open += m->targets[i].status == TARGET_PENDING;
    }
    if (m->cancelled)
        return MEETING_CANCELLED;
    if (live > 0)
        return MEETING_ACTIVE;
    /* Somebody may come back or come late; after the planned end nobody is awaited. */
    return now_ms >= until_ms || (open == 0 && m->start_ms <= now_ms && until_ms == m->end_ms)
               ? MEETING_ENDED
               : MEETING_SCHEDULED;
}

struct meeting meeting_due(const struct meeting *m, const struct target *t, const char *zone,
                           int64_t now_ms)
{
    struct meeting due = *m;
    struct series s;
    int n;

    if (!t || !series_read(&s, t->platform, t->settings, NULL) || s.unit == SERIES_NONE)
        return due;
    n = series_due(&s, zone, m->start_ms, m->end_ms - m->start_ms, now_ms);
    due.start_ms = series_start(&s, zone, m->start_ms, n);
    due.end_ms = due.start_ms + m->end_ms - m->start_ms;
    return due;
}

int64_t meeting_until_ms(const struct meeting *m, const char *zone)
{
    int64_t until = m->end_ms, end;
    struct series s;

    for (size_t i = 0; i < m->target_count; i++) {
        const struct target *t = &m->targets[i];

        if (!series_read(&s, t->platform, t->settings, NULL) || s.unit == SERIES_NONE)
            continue;
        end = series_start(&s, zone, m->start_ms, series_count(&s, zone, m->start_ms) - 1) +
              m->end_ms - m->start_ms;
        until = end > until ? end : until;
    }
    return until;
}

static const struct {
    const char *refused[4]; /* by enum meeting_status */
    const char *remedy;
} acts[] = {
    [MEETING_EDIT] = { { NULL, NULL, "has ended", "was cancelled" },
                       "Schedule a new meeting instead." },
    [MEETING_CANCEL] = { { NULL, NULL, "has ended already", "was cancelled already" }, "" },
    [MEETING_RETRY] = { { NULL, NULL, "has ended", "was cancelled" },
                        "Schedule a new meeting instead." },
};

bool meeting_allows(const struct meeting *m, enum meeting_act act, struct error *err)
{
    const char *why = acts[act].refused[m->status];
    return !why || error_set(err, ERROR_REFUSED, acts[act].remedy, "%s %s.", m->title, why);
}

struct target *meeting_target(const struct meeting *m, enum platform_id p)
{
    return find_target(m->targets, m->target_count, p);
}
