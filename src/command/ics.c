/* A meeting as an iCalendar object (RFC 5545): lines end in CR LF and are folded at 75 octets. */
#include "command/private.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/zone.h>
#include <ecclesia/record/series.h>

enum { LINE_OCTETS = 75 };

/* Never cuts within a character. Lines after the first begin with a blank, which counts. */
static void add_folded(struct text *out, const char *line)
{
    size_t left = strlen(line), room = LINE_OCTETS;

    while (left > room) {
        size_t cut = room;

        while (cut > 0 && ((unsigned char)line[cut] & 0xc0) == 0x80)
            cut--;
        text_append(out, line, cut);
        text_add(out, "\r\n ");
        line += cut;
        left -= cut;
        room = LINE_OCTETS - 1;
    }
    text_append(out, line, left);
    text_add(out, "\r\n");
}

/* Escapes what has a meaning in a TEXT value; controls other than line breaks are dropped. */
static void add_escaped(struct text *line, const char *value)
{
    for (; *value; value++) {
        if (*value == '\n')
            text_add(line, "\\n");
        else if (strchr("\\;,", *value))
            text_addf(line, "\\%c", *value);
        else if ((unsigned char)*value >= ' ' && *value != 127)
            text_append(line, value, 1);
    }
}

static void add_text(struct text *out, const char *name, const char *value)
{
    struct text line;

    text_init(&line, 32 * 1024);
    text_addf(&line, "%s:", name);
    add_escaped(&line, value);
    out->overflow |= line.overflow;
    add_folded(out, text_str(&line));
    text_release(&line);
}

static void add_time(struct text *out, const char *name, int64_t ms)
{
    struct zone_time t;

    zone_local(NULL, ms, &t);
    text_addf(out, "%s:%04d%02d%02dT%02d%02d%02dZ\r\n", name, t.year, t.month, t.day, t.hour,
              t.minute, t.second);
}

/* The description, then every link with its platform, the primary one first. */
static void add_description(struct text *out, const struct meeting *m)
{
    struct text body;

    text_init(&body, 24 * 1024);
    text_add(&body, m->description ? m->description : "");
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < m->target_count; i++) {
            const struct target *t = &m->targets[i];

            if ((t->platform == m->primary) != (pass == 0) || !t->url || !*t->url)
                continue;
            text_addf(&body, "%s%s%s: %s", body.length ? "\n" : "", platform_name(t->platform),
                      pass == 0 ? " (primary)" : "", t->url);
        }
    }
    if (body.length)
        add_text(out, "DESCRIPTION", text_str(&body));
    text_release(&body);
}

static const struct target *primary_of(const struct meeting *m)
{
    for (size_t i = 0; i < m->target_count; i++)
        if (m->targets[i].platform == m->primary)
            return &m->targets[i];
    return NULL;
}

/* One time of it; n counts from 0. */
static void add_event(struct text *out, const struct meeting *m, int n, int64_t start_ms,
                      int64_t now_ms)
{
    const struct target *primary = primary_of(m);
    char line[80];

    text_add(out, "BEGIN:VEVENT\r\n");
    if (n > 0)
        snprintf(line, sizeof(line), "UID:%s-%d@ecclesia", m->id.hex, n + 1);
    else
        snprintf(line, sizeof(line), "UID:%s@ecclesia", m->id.hex);
    add_folded(out, line);
    add_time(out, "DTSTAMP", now_ms);
    if (m->updated_ms)
        add_time(out, "LAST-MODIFIED", m->updated_ms);
    add_time(out, "DTSTART", start_ms);
    add_time(out, "DTEND", start_ms + m->end_ms - m->start_ms);
    text_addf(out, "SEQUENCE:%lld\r\n", (long long)m->revision);
    add_text(out, "SUMMARY", m->title ? m->title : "");
    add_description(out, m);
    if (primary && primary->url && *primary->url) {
        add_text(out, "LOCATION", primary->url);
        /* URL is a URI and not TEXT: nothing is escaped in it. */
        struct text url;

        text_init(&url, 2100);
        text_addf(&url, "URL:%s", primary->url);
        add_folded(out, text_str(&url));
        text_release(&url);
    }
    text_addf(out, "STATUS:%s\r\n", m->status == MEETING_CANCELLED ? "CANCELLED" : "CONFIRMED");
    text_add(out, "END:VEVENT\r\n");
}

/* A series is written out, each time an event of its own in UTC: a rule would need the zone's whole
 * history beside it, and calendars differ in what they make of that. */
bool ics_meeting(struct text *out, const struct meeting *m, const char *zone, int64_t now_ms)
{
    const struct target *primary = primary_of(m);
    struct series s = { 0 };
    int count;

    if (primary)
        series_read(&s, primary->platform, primary->settings, NULL);
    count = series_count(&s, zone, m->start_ms);
    text_add(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Ecclesia//Ecclesia//"
                  "EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n");
    for (int n = 0; n < count; n++)
        add_event(out, m, n, series_start(&s, zone, m->start_ms, n), now_ms);
    text_add(out, "END:VCALENDAR\r\n");
    return !out->overflow;
}
