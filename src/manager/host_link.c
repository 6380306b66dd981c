/* The link that opens a meeting as its host: asked for each time, told that it was, kept nowhere.
 */
#include "manager/private.h"

#include <string.h>

#include <ecclesia/base/text.h>

static bool tell_shown(struct manager *m, const struct meeting *meeting, const struct target *t,
                       bool simulated, const struct actor *by, struct error *err)
{
    struct db *db = NULL;

    if (!db_begin(m->store, &db, err))
        return false;
    if (tell(db,
             &(struct tell){ .church = meeting->church,
                             .subject = meeting->id,
                             .platform = (int)t->platform,
                             .kind = "meeting.host_link",
                             .actor = by->name,
                             .simulated = simulated },
             err, "%s: the host's link at %s was shown to %s.", meeting->title,
             platform_name(t->platform), by->name))
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

static bool ask_platform(struct manager *m, const struct connection *c, const char *zone,
                         const struct meeting *meeting, const struct target *t,
                         struct cancel *cancel, struct text *out, struct error *err)
{
    const struct caller_options o = {
        .platform = t->platform, .connection = c, .idem_key = "", .zone = zone, .cancel = cancel
    };
    const struct platform *p = platform_get(t->platform);
    struct caller *caller = NULL;
    struct error why = { 0 };
    bool done;

    if (!caller_open(&caller, m, &o, err))
        return false;
    done = p->meeting_host_link(caller_call(caller), meeting, t, out, &why);
    if (!done && why.kind == ERROR_AUTH && caller_renew_once(caller)) {
        text_clear(out);
        done = p->meeting_host_link(caller_call(caller), meeting, t, out, &why);
    }
    caller_close(caller);
    if (!done && err)
        *err = why;
    return done;
}

bool meeting_host_link(struct manager *m, const struct meeting *meeting, const struct target *t,
                       const struct actor *by, struct cancel *cancel, struct text *out,
                       struct error *err)
{
    const struct platform *p = platform_get(t->platform);
    struct connection c = { 0 };
    char zone[80] = "";
    struct db *db = NULL;
    bool done;

    if (!p || !p->meeting_host_link)
        return error_platform(err, ERROR_REFUSED, platform_slug(t->platform),
                              "Sign in there as the host, and open the members' link.",
                              "%s has no link for the host alone.", platform_name(t->platform));
    if (!db_read(m->store, &db, err))
        return false;
    done = platform_usable(m, db, meeting->church, t->platform, &c, err);
    if (done && !subject_zone(db, meeting->church, zone, sizeof zone))
        zone[0] = '\0'; /* the link has no times in it */
    db_read_end(db);
    done = done && ask_platform(m, &c, zone, meeting, t, cancel, out, err) &&
           tell_shown(m, meeting, t, c.simulated, by, err);
    connection_release(&c);
    if (!done && out->data)
        text_wipe(out->data, out->length);
    return done;
}
