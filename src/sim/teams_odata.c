/* What Graph's answers share: $select, ordering, pages, times in the zone that Prefer asks for. */
#include "sim/teams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/clock.h>

/* ---- times ---- */

const char *sim_teams_zone(struct sim_call *c, char *name, size_t size)
{
    static const char key[] = "outlook.timezone=\"";
    const char *prefer = sim_header(c, "prefer");
    const char *at = prefer != NULL ? strcasestr(prefer, key) : NULL;

    text_copy_to(name, size, "UTC");
    if (at == NULL)
        return "Etc/UTC";
    at += strlen(key);
    snprintf(name, size, "%.*s", (int)strcspn(at, "\""), at);
    const char *zone = sim_windows_zone(name);
    if (zone == NULL)
        sim_teams_error(c, 400, "TimeZoneNotSupportedException",
                        "A valid TimeZone value must be specified. The following TimeZone value "
                        "is not supported: '%s'.",
                        name);
    return zone;
}

/* That IANA names are taken as well is not confirmed: here they are not. */
bool sim_teams_read_time(struct sim_call *c, const cJSON *time, const char *what, int64_t *ms,
                         char *zone, size_t size)
{
    const char *at = json_string(time, "dateTime"), *name = json_string(time, "timeZone");
    const char *iana = sim_windows_zone(name != NULL ? name : "UTC");
    struct zone_time wall;

    if (!cJSON_IsObject(time) || at == NULL) {
        sim_teams_error(c, 400, "ErrorInvalidRequest", "The %s of the event is required.", what);
    } else if (iana == NULL) {
        sim_teams_error(c, 400, "TimeZoneNotSupportedException",
                        "A valid TimeZone value must be specified. The following TimeZone value "
                        "is not supported: '%s'.",
                        name);
    } else if (!sim_wall_parse(at, &wall)) { /* no offset and no Z in it: the zone stands beside */
        sim_teams_error(c, 400, "ErrorInvalidRequest",
                        "The value '%s' of property '%s.dateTime' is not a time without offset.",
                        at, what);
    } else {
        *ms = zone_instant(iana, &wall);
        text_copy_to(zone, size, iana);
        return true;
    }
    return false;
}

/* ---- $select ---- */

bool sim_teams_select(struct sim_call *c, const char *known, const char *type, cJSON *one)
{
    const char *wanted = sim_query(c, "$select");
    char name[80], list[1200] = "id";

    if (wanted == NULL || wanted[0] == '\0')
        return true;
    for (const char *at = wanted;; at++) {
        at += strspn(at, " ");
        size_t length = strcspn(at, ", ");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        if (!sim_word_in(known, name)) {
            sim_teams_bad(c, "Could not find a property named '%s' on type 'microsoft.graph.%s'.",
                          name, type);
            return false;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, " %s", name);
        at += length;
        at += strspn(at, " ");
        if (*at == '\0')
            break;
    }
    for (cJSON *m = one->child; m != NULL;) {
        cJSON *next = m->next;
        if (m->string[0] != '@' && !sim_word_in(list, m->string))
            cJSON_Delete(cJSON_DetachItemViaPointer(one, m));
        m = next;
    }
    return true;
}

void sim_teams_send(struct sim_call *c, int status, const char *set, const char *known, cJSON *one)
{
    char context[200], type[40];

    snprintf(type, sizeof type, "%.*s", (int)strlen(set) - 1, set); /* "events" are each an event */
    snprintf(context, sizeof context, "%s/v1.0/$metadata#users('%s')/%s/$entity",
             c->sim->address[SIM_TEAMS], sim_teams_accounts[c->owner].id, set);
    if (known != NULL && !sim_teams_select(c, known, type, one)) {
        cJSON_Delete(one);
        return;
    }
    cJSON_AddStringToObject(one, "@odata.context", context);
    sim_reply_json(&c->reply, status, one);
}

/* ---- lists ---- */

static bool number(struct sim_call *c, const char *name, long most, long otherwise, long *out)
{
    const char *text = sim_query(c, name);
    char *end = NULL;

    *out = text != NULL ? strtol(text, &end, 10) : otherwise;
    if (text == NULL || (end != text && *end == '\0' && *out >= 0 && *out <= most))
        return true;
    sim_teams_bad(c, "The value of the query option '%s' is not valid.", name);
    return false;
}

static int by_start(const void *a, const void *b)
{
    const cJSON *const *one = a, *const *two = b;
    const char *left = json_string(*one, "start.dateTime"),
               *right = json_string(*two, "start.dateTime");

    return strcmp(left != NULL ? left : "", right != NULL ? right : "");
}

/* The only order that is simulated; anything else is refused rather than passed over. */
static bool order(struct sim_call *c, cJSON *all)
{
    const char *wanted = sim_query(c, "$orderby");
    int count = cJSON_GetArraySize(all);

    if (wanted == NULL)
        return true;
    if (strcasecmp(wanted, "start/dateTime") != 0 &&
        strcasecmp(wanted, "start/dateTime asc") != 0 &&
        strcasecmp(wanted, "start/dateTime desc") != 0) {
        sim_teams_bad(c, "The query option '$orderby' is not supported with this value: %s.",
                      wanted);
        return false;
    }
    bool down = strlen(wanted) > 4 && strcasecmp(wanted + strlen(wanted) - 4, "desc") == 0;
    cJSON **items = calloc((size_t)count + 1, sizeof *items);
    if (items == NULL)
        abort();
    for (int i = 0; i < count; i++)
        items[i] = cJSON_DetachItemFromArray(all, 0);
    qsort(items, (size_t)count, sizeof *items, by_start);
    for (int i = 0; i < count; i++)
        cJSON_AddItemToArray(all, items[down ? count - 1 - i : i]);
    free(items);
    return true;
}

/* The address of the next page: this one's, further on. */
static void add_next(struct sim_call *c, cJSON *out, long skip)
{
    struct text t;

    text_init(&t, 8000);
    text_addf(&t, "%s%s?", c->sim->address[SIM_TEAMS], c->path);
    for (const cJSON *m = c->query->child; m != NULL; m = m->next) {
        if (strcmp(m->string, "$skip") == 0)
            continue;
        text_addf(&t, "%s=", m->string);
        text_add_urlencoded(&t, m->valuestring);
        text_add(&t, "&");
    }
    text_addf(&t, "$skip=%ld", skip);
    cJSON_AddStringToObject(out, "@odata.nextLink", text_str(&t));
    text_release(&t);
}

void sim_teams_send_list(struct sim_call *c, cJSON *all, const char *known, const char *type,
                         long otherwise)
{
    long top, skip;
    int total = cJSON_GetArraySize(all);

    if (!number(c, "$top", 1000, otherwise, &top) || !number(c, "$skip", 1000000, 0, &skip) ||
        !order(c, all)) {
        cJSON_Delete(all);
        return;
    }
    cJSON *out = cJSON_CreateObject(), *value = cJSON_CreateArray();
    if (text_equal(sim_query(c, "$count"), "true"))
        cJSON_AddNumberToObject(out, "@odata.count", total);
    for (long i = 0; i < top && cJSON_GetArraySize(all) > (int)skip; i++) {
        cJSON *one = cJSON_DetachItemFromArray(all, (int)skip);
        cJSON_AddItemToArray(value, one);
        if (known != NULL && !sim_teams_select(c, known, type, one))
            break;
    }
    cJSON_AddItemToObject(out, "value", value);
    if (skip + top < total)
        add_next(c, out, skip + top);
    cJSON_Delete(all);
    if (c->reply.status == 0)
        sim_reply_json(&c->reply, 200, out);
    else
        cJSON_Delete(out);
}
