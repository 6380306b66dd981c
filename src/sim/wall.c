/* Times as calendars write them: on the clocks of a zone, with an offset or with the zone beside.
 */
#include "sim/private.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>

bool sim_wall_parse(const char *text, struct zone_time *out)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    char probe[32];
    int64_t ms;

    if (text == NULL)
        return false;
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
            return false;
    const char *rest = text + sizeof shape - 1;
    if (*rest == '.') {
        size_t digits = strspn(rest + 1, sim_digits);
        rest += digits > 0 ? 1 + digits : 0;
    }
    snprintf(probe, sizeof probe, "%.19sZ", text);
    if (*rest != '\0' || !clock_parse_rfc3339(probe, &ms))
        return false; /* something behind it, or no such day or hour */
    zone_local(NULL, ms, out);
    return true;
}

void sim_wall_print(char out[SIM_WALL_SIZE], const char *zone, int64_t ms)
{
    struct zone_time t;

    zone_local(zone, ms, &t);
    snprintf(out, SIM_WALL_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", t.year, t.month, t.day, t.hour,
             t.minute, t.second);
}

void sim_offset_print(char out[SIM_WALL_SIZE], const char *zone, int64_t ms)
{
    struct zone_time t;

    zone_local(zone, ms, &t);
    int64_t seconds = ms / 1000, minutes = (zone_instant(NULL, &t) / 1000 - seconds) / 60;
    sim_wall_print(out, zone, ms);
    size_t length = strlen(out);
    if (minutes == 0)
        snprintf(out + length, SIM_WALL_SIZE - length, "Z");
    else
        snprintf(out + length, SIM_WALL_SIZE - length, "%c%02d:%02d", minutes < 0 ? '-' : '+',
                 (int)(minutes < 0 ? -minutes : minutes) / 60,
                 (int)(minutes < 0 ? -minutes : minutes) % 60);
}
