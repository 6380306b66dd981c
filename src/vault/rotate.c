/* Rotation: what is to be done, in which order, and what an earlier one has left. The master key
 * goes first, so that the new data key is never wrapped by the old one. */
#include "vault/rotate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/store/audit.h>
#include <ecclesia/store/meta.h>
#include <ecclesia/store/records.h>

static const char plan_name[] = "key_rotation";

bool rotate_plan_get(struct db *db, struct rotate_plan *p, struct error *err)
{
    char text[80];

    if (!meta_get(db, plan_name, text, sizeof text, err))
        return false;
    p->data = strcmp(text, "data") == 0;
    p->rows = strcmp(text, "rows") == 0;
    return true;
}

bool rotate_plan_put(struct db *db, const struct rotate_plan *p, struct error *err)
{
    return meta_put(db, plan_name, p->data ? "data" : p->rows ? "rows" : "", err);
}

bool rotate_tell(struct db *db, const char *actor, const char *kind, struct error *err,
                 const char *format, ...)
{
    char text[600];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return event_add(db,
                     &(struct event){ .level = EVENT_INFO,
                                      .platform = -1,
                                      .kind = (char *)kind,
                                      .text = text,
                                      .actor = (char *)actor },
                     err) &&
           audit_add(db, &(struct audit_row){ .actor = actor, .action = kind, .detail = text },
                     err);
}

static bool read_plan(struct vault *v, struct rotate_plan *p, struct error *err)
{
    struct db *db = NULL;
    bool ok;

    if (!db_read(v->store, &db, err))
        return false;
    ok = rotate_plan_get(db, p, err);
    db_read_end(db);
    return ok;
}

/* Whether a new key file was written whose place is still taken by the old one. */
static bool new_file_waits(const struct vault *v)
{
    char path[PATH_ROOM];

    return v->new_file && master_new_path(path, v->new_file, NULL) && access(path, F_OK) == 0;
}

bool vault_rotation_left(struct vault *v, struct db *db, char *out, size_t size, struct error *err)
{
    struct rotate_plan plan;

    if (!rotate_plan_get(db, &plan, err))
        return false;
    if (plan.data)
        snprintf(out, size, "a new data key is to be made");
    else if (plan.rows)
        snprintf(out, size, "fields are still to be sealed with the new data key");
    else if (new_file_waits(v))
        snprintf(out, size, "a new key file was written and is not in use yet (%s.new)",
                 v->new_file);
    else
        snprintf(out, size, "%s", "");
    return true;
}

void rotate_report_release(struct rotate_report *r)
{
    free(r->left);
    r->left = NULL;
    r->left_count = 0;
}

/* Nothing is begun that cannot be ended. */
static bool check_target(const struct vault *v, const struct rotate_options *o, struct error *err)
{
    const char *to = o->to ? o->to : v->master.kind;

    if (strcmp(to, "passphrase") == 0)
        return o->ask
                   ? true
                   : error_set(err, ERROR_REFUSED,
                               "Run ecclesia key rotate on a terminal, or give --passphrase-file.",
                               "Nobody can be asked for the new passphrase.");
    if (strcmp(to, "file") != 0)
        return error_set(err, ERROR_REFUSED,
                         "Say where it is to go: --to file or --to passphrase; or rotate the data "
                         "key alone: --only data.",
                         "The master key comes from the %s, which ecclesia cannot write.",
                         strcmp(to, "env") == 0 ? "environment" : "system (a systemd credential)");
    return v->new_file ? true
                       : error_set(err, ERROR_REFUSED, "Name it with --key-file.",
                                   "No place for a new key file is known.");
}

bool vault_rotate(struct vault *v, const struct rotate_options *o, struct rotate_report *out,
                  struct error *err)
{
    struct rotate_report report = { .resumed = false };
    struct rotate_plan plan;
    bool master = (o->what & ROTATE_MASTER) != 0, ok;

    if (!vault_usable(v, err) || !read_plan(v, &plan, err))
        return false;
    report.resumed = plan.data || plan.rows;
    if (o->what == 0 && !report.resumed)
        master = plan.data = true;
    /* While fields still move to a key that was made just now, no other is made. */
    if ((o->what & ROTATE_DATA) && !plan.rows)
        plan.data = true;
    if (master && !check_target(v, o, err))
        return false;
    ok = (!master || rotate_master(v, o, &plan, &report, err)) &&
         (!plan.data || rotate_new_key(v, o, &report, err)) &&
         ((!plan.data && !plan.rows) ||
          (rotate_rows(v, &report, err) && rotate_finish(v, o, &report, err)));
    vault_describe(v, report.source, sizeof report.source);
    if (ok)
        *out = report;
    else
        rotate_report_release(&report);
    return ok;
}
