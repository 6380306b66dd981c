#include <ecclesia/oauth/survey.h>

#include <stdlib.h>

#include <ecclesia/store/flows.h>
#include <ecclesia/store/records.h>
#include <ecclesia/store/refresh.h>
#include <ecclesia/vault/envelope.h>

#include "oauth/private.h"

struct survey {
    struct vault *v;
    void (*each)(void *argument, const struct error *why);
    void *argument;
    int64_t count;
    struct error trouble; /* that is no fault of an envelope */
};

static bool opens(struct survey *s, const char *label, const char *subject, const void *blob,
                  size_t length)
{
    struct secret *plain = NULL;
    struct error why;
    bool ok;

    s->count++;
    error_clear(&why);
    ok = envelope_open(s->v, label, subject, blob, length, &plain, &why);
    secret_free(plain);
    if (ok || why.kind == ERROR_SECRET_TAMPERED || why.kind == ERROR_SECRET_FORMAT)
        return ok;
    s->trouble = why;
    return true;
}

static bool look_at_flow(void *argument, const struct flow_row *row)
{
    struct survey *s = argument;
    bool whole = opens(s, flow_label, row->state_hash, row->sealed, row->sealed_length);
    struct error why;

    if (row->result)
        whole = opens(s, result_label, row->state_hash, row->result, row->result_length) && whole;
    if (whole || s->trouble.kind != ERROR_NONE)
        return s->trouble.kind == ERROR_NONE;
    error_platform(
        &why, ERROR_SECRET_TAMPERED, platform_slug(row->platform),
        "Begin the sign-in again. Keep a copy of the database to find out who changed it.",
        "What the sign-in at %s that %s has begun remembers was changed outside "
        "ecclesia: it does not open.",
        platform_name(row->platform), *row->started_by ? row->started_by : "somebody");
    s->each(s->argument, &why);
    return true;
}

static void look_beside(struct survey *s, struct store *store, const struct connection *c)
{
    struct error why;
    size_t length = 0;
    void *blob = NULL;

    if (!spill_read(store, c->id, &blob, &length))
        return;
    if (!opens(s, spill_label, c->id.hex, blob, length)) {
        error_platform(&why, ERROR_SECRET_TAMPERED, platform_slug(c->platform), "Connect it again.",
                       "The tokens of %s that lie beside the database (.spill.%s) were changed "
                       "outside ecclesia: they do not open.",
                       platform_name(c->platform), c->id.hex);
        s->each(s->argument, &why);
    }
    free(blob);
}

bool oauth_survey(struct vault *v, struct store *store, struct db *db,
                  void (*each)(void *argument, const struct error *why), void *argument,
                  int64_t *count, struct error *err)
{
    struct survey s = { .v = v, .each = each, .argument = argument };
    struct connection *list = NULL;
    size_t connections = 0;

    error_clear(&s.trouble);
    if (!flow_row_each(db, look_at_flow, &s, err) ||
        !connection_list(db, (struct id){ "" }, &list, &connections, err))
        return false;
    for (size_t i = 0; i < connections; i++) {
        look_beside(&s, store, &list[i]);
        connection_release(&list[i]);
    }
    free(list);
    *count = s.count;
    if (s.trouble.kind == ERROR_NONE)
        return true;
    if (err)
        *err = s.trouble;
    return false;
}
