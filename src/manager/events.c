#include "manager/private.h"

#include <stdarg.h>
#include <stdio.h>

bool tell(struct db *db, const struct tell *t, struct error *err, const char *format, ...)
{
    char text[600];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    struct event e = {
        .church = t->church,
        .subject = t->subject,
        .level = t->level,
        .platform = t->platform,
        .kind = (char *)(t->kind ? t->kind : ""),
        .text = text,
        .remedy = (char *)(t->remedy ? t->remedy : ""),
        .actor = (char *)(t->actor ? t->actor : "engine"),
        .simulated = t->simulated,
    };
    return event_add(db, &e, err) && audit_event(db, &e, err);
}
