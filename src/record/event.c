#include <ecclesia/record/event.h>

#include <stdlib.h>
#include <string.h>

static const char *const level_names[] = { "info", "warning", "error" };

const char *event_level_name(enum event_level l)
{
    return level_names[l];
}

bool event_level_parse(const char *name, enum event_level *out)
{
    for (int i = 0; name && i <= EVENT_ERROR; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *out = (enum event_level)i;
            return true;
        }
    }
    return false;
}

void event_release(struct event *e)
{
    if (!e)
        return;
    free(e->kind);
    free(e->text);
    free(e->remedy);
    free(e->actor);
    *e = (struct event){ 0 };
}
