#include "platform/calendar.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>

#define GAPS        "; ,\t\r\n"
#define GUESTS_MOST 200 /* above it Google stops passing answers on */

static bool no_memory(struct error *err)
{
    return error_set(err, ERROR_MEMORY, NULL, "There is no memory left for the guests.");
}

static bool guests_have(const struct calendar_guests *g, const char *mail)
{
    for (size_t i = 0; i < g->count; i++)
        if (strcasecmp(g->mail[i], mail) == 0)
            return true;
    return false;
}

/* One @ with something on both sides; the platform has the last word. */
static bool is_mail(const char *s)
{
    const char *at = strchr(s, '@');

    return at && at > s && at[1] && !strchr(at + 1, '@') && !strpbrk(s, "<>()\"\\");
}

bool calendar_guests_read(struct calendar_guests *g, enum platform_id p, const char *key,
                          const char *list, struct error *err)
{
    memset(g, 0, sizeof(*g));
    while (list && *(list += strspn(list, GAPS))) {
        int length = (int)strcspn(list, GAPS);
        char *mail = text_format("%.*s", length, list);
        char **more = realloc(g->mail, (g->count + 1) * sizeof(*more));

        list += length;
        g->mail = more ? more : g->mail;
        if (!mail || !more) {
            free(mail);
            return no_memory(err);
        }
        if (!is_mail(mail) || g->count == GUESTS_MOST) {
            error_platform(err, ERROR_INPUT, platform_slug(p),
                           "Write e-mail addresses with ; between, at most 200.",
                           g->count == GUESTS_MOST ? "%s: \"%s\" names too many people."
                                                   : "%s: \"%s\": \"%.80s\" is no e-mail.",
                           platform_name(p), key, mail);
            free(mail);
            return false;
        }
        if (guests_have(g, mail))
            free(mail);
        else
            g->mail[g->count++] = mail;
    }
    return true;
}

void calendar_guests_release(struct calendar_guests *g)
{
    for (size_t i = 0; i < g->count; i++)
        free(g->mail[i]);
    free(g->mail);
    memset(g, 0, sizeof(*g));
}

static bool stands_there(const cJSON *list, const char *mail_path, const char *mail)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        const char *has = json_string(item, mail_path);

        if (has && strcasecmp(has, mail) == 0)
            return true;
    }
    return false;
}

bool calendar_guests_merge(const cJSON *there, const char *mail_path,
                           const struct calendar_guests *before,
                           const struct calendar_guests *wanted, cJSON *(*make)(const char *mail),
                           cJSON **out, struct error *err)
{
    cJSON *list = cJSON_CreateArray();
    bool fine = list != NULL, differs = false;
    const cJSON *item;

    *out = NULL;
    cJSON_ArrayForEach (item, there) {
        const char *mail = json_string(item, mail_path);
        bool goes = mail && guests_have(before, mail) && !guests_have(wanted, mail);

        differs = differs || goes;
        if (!goes)
            fine = fine && cJSON_AddItemToArray(list, cJSON_Duplicate(item, true));
    }
    for (size_t i = 0; fine && i < wanted->count; i++) {
        if (stands_there(there, mail_path, wanted->mail[i]))
            continue;
        differs = true;
        fine = cJSON_AddItemToArray(list, make(wanted->mail[i]));
    }
    if (fine && differs)
        *out = list;
    else
        cJSON_Delete(list);
    return fine || no_memory(err);
}

void calendar_by_clock(const struct call *call, const struct meeting *m, struct outcome *out)
{
    out->viewers = -1;
    if (call->now_ms < m->start_ms) {
        out->status = TARGET_PENDING;
        out->started_ms = out->ended_ms = 0;
    } else if (call->now_ms < m->end_ms) {
        out->status = TARGET_LIVE;
        out->started_ms = m->start_ms;
        out->ended_ms = 0;
    } else {
        out->status = TARGET_ENDED;
        out->ended_ms = m->end_ms;
    }
}

void calendar_note_moved(const struct call *call, const struct meeting *m, int64_t start_ms,
                         const char *where, struct outcome *out)
{
    char day[40], hour[40];

    if (start_ms <= 0 || start_ms / 60000 == m->start_ms / 60000 || m->end_ms <= call->now_ms)
        return;
    zone_when(day, sizeof(day), call->zone, start_ms, call->now_ms);
    zone_clock(hour, sizeof(hour), call->zone, start_ms, false);
    kit_note(out, "In %s it begins %s at %s: change it here or there.", where, day, hour);
}
