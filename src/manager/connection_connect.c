/* Connecting by values: checked by the platform's table, tried there, and only then kept. */
#include "manager/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/store/limits.h>
#include <ecclesia/store/refresh.h>

static const struct credential *find_field(const struct platform *p, const char *key)
{
    for (const struct credential *f = p->credentials; f && f->key; f++) {
        if (strcmp(f->key, key) == 0)
            return f;
    }
    return NULL;
}

static bool one_of(const char *const *choices, const char *value)
{
    for (; choices && *choices; choices++) {
        if (strcmp(*choices, value) == 0)
            return true;
    }
    return false;
}

static const char *given(const struct setting_value *values, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].key, key) == 0)
            return values[i].value;
    }
    return NULL;
}

bool connection_by_person(const struct connection *c)
{
    return text_equal(c->method, "oauth") || text_equal(c->method, "device");
}

bool connection_values(const struct platform *p, const struct setting_value *values, size_t count,
                       bool person, const char *client_secret, cJSON *options, struct error *err)
{
    const char *slug = platform_slug(p->id);

    for (size_t i = 0; i < count; i++) {
        if (person && find_field(p, values[i].key) && !oauth_takes(p->oauth, values[i].key))
            return error_platform(
                err, ERROR_INPUT, slug, "Leave it out, or say --method credentials.",
                "%s by signing in takes no %s.", platform_name(p->id), values[i].key);
        if (!find_field(p, values[i].key))
            return error_platform(
                err, ERROR_INPUT, slug, "`ecclesia platform show` lists what it takes.",
                "%s takes no value named \"%s\".", platform_name(p->id), values[i].key);
        if (strlen(values[i].value) > 16000)
            return error_platform(err, ERROR_INPUT, slug, "Check what was pasted.",
                                  "The value of %s is too long.", values[i].key);
    }
    for (const struct credential *f = p->credentials; f && f->key; f++) {
        const char *value = given(values, count, f->key);
        if (!value || !value[0])
            value = f->secret ? NULL : f->otherwise;
        bool configured = strcmp(f->key, "client_secret") == 0 && client_secret[0];
        if (f->required && !person && (!value || !value[0]) && !configured)
            return error_platform(err, ERROR_INPUT, slug, f->help, "%s needs %s (%s).",
                                  platform_name(p->id), f->label, f->key);
        if (value && value[0] && f->choices && !one_of(f->choices, value))
            return error_platform(err, ERROR_INPUT, slug, f->help, "%s cannot be \"%s\".", f->label,
                                  value);
        if (value && value[0] && !f->secret)
            json_add_string(options, f->key, value);
    }
    connection_stamp(p, values, count, options);
    return true;
}

/* The stream keys of livestreams stay; so does what was given beside the sign-in (added) when the
 * account is still the same: today's stream key is not lost by signing in again. */
static bool wipe_sign_in(struct db *db, struct id connection, const struct platform *p, bool added,
                         struct error *err)
{
    bool done = secret_row_delete(db, connection, "access_token", err) &&
                secret_row_delete(db, connection, "refresh_token", err);

    for (const struct credential *f = p->credentials; done && f && f->key; f++)
        done = (added && connection_added(p, f->key)) ||
               secret_row_delete(db, connection, f->key, err);
    return done;
}

bool connection_replace(struct manager *m, struct connection *c, const struct platform *p,
                        const struct setting_value *values, size_t count, const struct token *token,
                        const char *actor, struct error *err)
{
    struct connection old = { 0 };
    struct db *db = NULL;
    bool kept = false, done = true;

    if (!db_begin(m->store, &db, err))
        return false;
    /* The row keeps its id, so that what refers to it stays; its credentials are replaced whole. */
    if (connection_for(db, c->church, c->platform, &old, NULL)) {
        c->id = old.id;
        c->generation = old.generation;
        c->created_ms = old.created_ms;
        done = connection_carry(p, &old, c, &kept, err);
        connection_release(&old);
    }
    c->generation++;
    /* A renewal of the former sign-in whose answer was never seen is no business of this one. */
    done = done && connection_put(db, c, err) && wipe_sign_in(db, c->id, p, kept, err) &&
           refresh_row_put(db, c->id, &(struct refresh_row){ .issued_ms = clock_now() }, err) &&
           health_row_put_granted(db, c->id, clock_now(), err);
    for (const struct credential *f = p->credentials; done && f && f->key; f++) {
        const char *value = given(values, count, f->key);
        if (f->secret && value && value[0])
            done = vault_put(m->vault, db, c->id, c->platform, f->key, c->generation, value,
                             strlen(value), err);
    }
    done = done && (!token || token_save(m->vault, db, c, token, err)) &&
           connection_note(m, db, c, NULL, true, actor, err);
    if (!done) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, err);
}

bool connection_fill(struct connection *c, const char *method, const struct account *account,
                     const struct token *token, char *options, struct error *err)
{
    const char *scopes = account->scopes[0] || !token ? account->scopes : token->scopes;
    bool done = options && text_replace(&c->method, method) &&
                text_replace(&c->account_ref, account->ref) &&
                text_replace(&c->account_name, account->name) && text_replace(&c->scopes, scopes) &&
                text_replace(&c->reason, "") && text_replace(&c->reason_text, "") &&
                text_replace(&c->remedy, "");

    free(c->options);
    c->options = options;
    c->access_expires_ms = account->access_expires_ms;
    return done || error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
}

bool connection_connect(struct manager *m, struct id church, enum platform_id p,
                        const struct setting_value *values, size_t count, const struct actor *by,
                        struct cancel *cancel, struct connection *out, struct error *err)
{
    const struct platform *platform = platform_get(p);
    struct connection c = { 0 };
    struct account account = { 0 };
    struct caller *caller = NULL;
    struct text text;
    bool done = false;

    if (!platform)
        return error_set(err, ERROR_REFUSED, "`ecclesia platform list` shows those that it speaks.",
                         "This version does not speak %s yet.", platform_name(p));
    if (connection_adds(m, church, platform, values, count, &c)) {
        done = connection_add(m, platform, values, count, by, &c, err);
        if (done && out)
            *out = c;
        else
            connection_release(&c);
        return done;
    }
    c = (struct connection){
        .id = id_new(), .church = church, .platform = p, .created_ms = clock_now()
    };
    if (vault_locked(m->vault))
        return error_set(err, ERROR_KEY_WRONG, "Run this as the user that owns the key.",
                         "The master key cannot be read, so nothing can be sealed.");
    cJSON *options = cJSON_CreateObject();
    text_init(&text, 64 * 1024);
    if (!connection_values(platform, values, count, false,
                           config_text(m->config, platform_slug(p), "client_secret"), options, err))
        goto out;
    json_print(&text, options);
    c.options = text_take(&text);
    c.simulated = config_simulated(m->config, platform_slug(p));
    static const struct setting_value none = { "", "" };
    if (!caller_open(&caller, m,
                     &(struct caller_options){ .platform = p,
                                               .connection = &c,
                                               .values = count ? values : &none,
                                               .value_count = count,
                                               .cancel = cancel },
                     err))
        goto out;
    if (platform->check && !platform->check(caller_call(caller), err))
        goto out;
    if (!platform->identify(caller_call(caller), &account, err))
        goto out;
    c.renewable = platform->renew != NULL;
    if (!connection_fill(&c, "credentials", &account, caller_token(caller), text_copy(c.options),
                         err))
        goto out;
    done = connection_replace(m, &c, platform, values, count, caller_token(caller), by->name, err);
out:
    caller_close(caller);
    cJSON_Delete(options);
    text_release(&text);
    if (done && out)
        *out = c;
    else
        connection_release(&c);
    return done;
}
