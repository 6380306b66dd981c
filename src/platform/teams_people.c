/* Teams: who leads a meeting beside its organiser. A list of people goes out whole each time, so
 * those there are sent again. */
#include "platform/teams.h"

#include <string.h>
#include <strings.h>

#include "platform/calendar.h"

static bool has(const struct calendar_guests *g, const char *mail)
{
    for (size_t i = 0; i < g->count; i++)
        if (strcasecmp(g->mail[i], mail) == 0)
            return true;
    return false;
}

static bool stands_in(const cJSON *list, const char *mail)
{
    const cJSON *one;

    cJSON_ArrayForEach (one, list) {
        const char *upn = json_string(one, "upn");

        if (upn && strcasecmp(upn, mail) == 0)
            return true;
    }
    return false;
}

/* The list as it shall be: those there, without whom only `before` named, and all of `wanted` as
 * co-organisers. *differs says whether it is another. NULL without memory. */
static cJSON *people_wanted(const cJSON *there, const struct calendar_guests *before,
                            const struct calendar_guests *wanted, bool *differs)
{
    cJSON *list = cJSON_CreateArray();
    const cJSON *one;

    cJSON_ArrayForEach (one, there) {
        const char *upn = json_string(one, "upn"), *role = json_string(one, "role");
        bool leads = upn && has(wanted, upn), led = upn && has(before, upn) && !leads;
        cJSON *kept = led ? NULL : cJSON_Duplicate(one, true);

        *differs = *differs || led || (leads && !text_equal(role, "coorganizer"));
        if (leads) {
            cJSON_DeleteItemFromObjectCaseSensitive(kept, "role");
            json_add_string(kept, "role", "coorganizer");
        }
        if (kept)
            cJSON_AddItemToArray(list, kept);
    }
    for (size_t i = 0; list && i < wanted->count; i++) {
        if (stands_in(list, wanted->mail[i]))
            continue;
        cJSON *made = cJSON_CreateObject();
        json_add_string(made, "upn", wanted->mail[i]);
        json_add_string(made, "role", "coorganizer");
        cJSON_AddItemToArray(list, made);
        *differs = true;
    }
    return list;
}

bool teams_people_given(const struct teams *x)
{
    return *setting_text(&platform_teams, x->settings, "coorganizers") ||
           *kit_remembered(x->out, "coorganizers");
}

bool teams_people_changes(struct teams *x, const cJSON *item, cJSON *body, struct error *err)
{
    const char *asked = setting_text(&platform_teams, x->settings, "coorganizers");
    struct calendar_guests before = { 0 }, wanted = { 0 };
    bool differs = false, done;
    cJSON *list = NULL;

    if (!teams_people_given(x))
        return true;
    done = calendar_guests_read(&before, PLATFORM_TEAMS, "coorganizers",
                                kit_remembered(x->out, "coorganizers"), err) &&
           calendar_guests_read(&wanted, PLATFORM_TEAMS, "coorganizers", asked, err);
    if (done)
        list = people_wanted(json_at(item, "participants.attendees"), &before, &wanted, &differs);
    if (done && !list)
        done = teams_no_memory(err);
    if (done && differs)
        cJSON_AddItemToObject(cJSON_AddObjectToObject(body, "participants"), "attendees", list);
    else
        cJSON_Delete(list);
    if (done)
        kit_remember(x->out, "coorganizers", *asked ? asked : NULL);
    calendar_guests_release(&before);
    calendar_guests_release(&wanted);
    return done;
}
