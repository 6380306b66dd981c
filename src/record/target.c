#include <ecclesia/record/target.h>

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

const char *target_status_name(enum target_status s, enum subject_kind kind)
{
    switch (s) {
    case TARGET_PENDING:
        return "pending";
    case TARGET_LIVE:
        return kind == SUBJECT_MEETING ? "active" : "live";
    case TARGET_ENDED:
        return "ended";
    case TARGET_FAILED:
        return "failed";
    }
    return "";
}

void target_release(struct target *t)
{
    if (!t)
        return;
    char *owned[] = { t->settings, t->remote_id, t->remote, t->url,       t->ingest_url,
                      t->note,     t->error,     t->remedy, t->error_code };
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
    *t = (struct target){ 0 };
}

bool target_set_error(struct target *t, const struct error *err)
{
    t->error_kind = err ? err->kind : ERROR_NONE;
    return text_replace(&t->error, err ? err->message : "") &&
           text_replace(&t->remedy, err ? err->remedy : "") &&
           text_replace(&t->error_code, err ? err->code : "");
}
