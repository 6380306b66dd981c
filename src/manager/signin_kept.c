/* What the former sign-in was made with: signing in again asks for nothing that is stored. */
#include "manager/signin.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

static bool keep(struct signin_kept *k, const char *key, const char *value)
{
    size_t n = k->count;

    if (n == SIGNIN_KEPT_MOST || !value || !value[0])
        return true;
    k->texts[n] = text_copy(value);
    k->list[n] = (struct setting_value){ key, k->texts[n] };
    k->count += k->texts[n] != NULL;
    return k->texts[n] != NULL;
}

/* Credentials that were typed in may be an app's of another kind (Zoom's server-to-server): a
 * configured app goes before those. */
static bool good_for_person(const struct manager *m, const struct connection *old)
{
    return old->status != CONNECTION_DISCONNECTED &&
           (connection_by_person(old) ||
            !config_text(m->config, platform_slug(old->platform), "client_id")[0]);
}

static bool keep_all(struct signin_kept *k, struct manager *m, struct db *db,
                     const struct connection *old, const struct platform *p)
{
    cJSON *options = old->options ? json_parse(old->options, strlen(old->options), NULL) : NULL;
    bool done = true;

    for (const struct credential *f = p->credentials; done && f && f->key; f++) {
        struct secret *s = NULL;

        if (!oauth_takes(p->oauth, f->key))
            continue;
        if (!f->secret)
            done = keep(k, f->key, options ? json_string(options, f->key) : NULL);
        else if (vault_get(m->vault, db, old->id, p->id, f->key, &s, NULL))
            done = keep(k, f->key, secret_text(s));
        secret_free(s);
    }
    cJSON_Delete(options);
    return done;
}

bool signin_keep(struct signin_kept *k, struct manager *m, struct signin_request *r)
{
    const struct platform *p = platform_get(r->platform);
    struct connection old = { 0 };
    struct db *db = NULL;
    bool done = true;

    if (r->value_count || !p || !p->oauth || !db_read(m->store, &db, NULL))
        return true;
    if (connection_for(db, r->church, r->platform, &old, NULL)) {
        if (good_for_person(m, &old))
            done = keep_all(k, m, db, &old, p);
        connection_release(&old);
    }
    db_read_end(db);
    r->values = k->count ? k->list : r->values;
    r->value_count = k->count;
    return done;
}

void signin_kept_wipe(struct signin_kept *k)
{
    for (size_t i = 0; i < k->count; i++) {
        text_wipe(k->texts[i], strlen(k->texts[i]));
        free(k->texts[i]);
    }
    *k = (struct signin_kept){ .count = 0 };
}
