/* What can be given alone to a platform that is connected already: Instagram's stream key of today,
 * which must not cost the sign-in that it belongs to. When each was given is kept beside it as
 * "KEY_at". */
#include "manager/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

static bool is_added(const struct platform *p, const char *key)
{
    const char *at = p->adds ? strstr(p->adds, key) : NULL;
    size_t length = strlen(key);

    return at && (at == p->adds || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0');
}

bool connection_added(const struct platform *p, const char *key)
{
    return is_added(p, key);
}

static const struct credential *field_of(const struct platform *p, const char *key)
{
    for (const struct credential *f = p->credentials; f && f->key; f++)
        if (strcmp(f->key, key) == 0)
            return f;
    return NULL;
}

void connection_stamp(const struct platform *p, const struct setting_value *values, size_t count,
                      cJSON *options)
{
    char name[80];

    for (size_t i = 0; i < count; i++) {
        const struct credential *f = field_of(p, values[i].key);

        if (!f || !f->secret || !values[i].value[0] || !is_added(p, values[i].key))
            continue;
        snprintf(name, sizeof name, "%.60s_at", values[i].key);
        cJSON_DeleteItemFromObjectCaseSensitive(options, name);
        cJSON_AddNumberToObject(options, name, (double)clock_now());
    }
}

bool connection_adds(struct manager *m, struct id church, const struct platform *p,
                     const struct setting_value *values, size_t count, struct connection *found)
{
    struct db *db = NULL;

    for (size_t i = 0; i < count; i++)
        if (!is_added(p, values[i].key))
            return false;
    if (count == 0 || !db_read(m->store, &db, NULL))
        return false;
    bool there = connection_for(db, church, p->id, found, NULL);
    db_read_end(db);
    if (there && found->status != CONNECTION_DISCONNECTED)
        return true;
    connection_release(found);
    *found = (struct connection){ 0 };
    return false;
}

/* What is kept of one in the options: its value when it is not secret, else when it was given. */
static bool carry(const cJSON *from, cJSON *to, const struct credential *f)
{
    char name[80];
    const cJSON *item;

    snprintf(name, sizeof name, f->secret ? "%.60s_at" : "%.60s", f->key);
    item = cJSON_GetObjectItemCaseSensitive(from, name);
    return !item || cJSON_HasObjectItem(to, name) ||
           cJSON_AddItemToObject(to, name, cJSON_Duplicate(item, true));
}

bool connection_carry(const struct platform *p, const struct connection *old, struct connection *c,
                      bool *kept, struct error *err)
{
    cJSON *from = NULL, *to = NULL;
    struct text text;
    bool done = true;

    *kept = p->adds && old->status != CONNECTION_DISCONNECTED && old->account_ref[0] &&
            text_equal(old->account_ref, c->account_ref);
    if (!*kept)
        return true;
    from = old->options ? json_parse(old->options, strlen(old->options), NULL) : NULL;
    to = c->options ? json_parse(c->options, strlen(c->options), NULL) : NULL;
    if (!to)
        to = cJSON_CreateObject();
    for (const struct credential *f = p->credentials; done && f && f->key; f++)
        done = !is_added(p, f->key) || carry(from, to, f);
    text_init(&text, 64 * 1024);
    done = done && json_print(&text, to) && text_replace(&c->options, text_str(&text));
    text_release(&text);
    cJSON_Delete(from);
    cJSON_Delete(to);
    return done || error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
}

/* The options as they are, with the new values over them. */
static bool merge_options(const struct platform *p, const struct setting_value *values,
                          size_t count, struct connection *c, struct error *err)
{
    cJSON *options = c->options ? json_parse(c->options, strlen(c->options), NULL) : NULL;
    struct text text;
    bool done;

    if (!options)
        options = cJSON_CreateObject();
    for (size_t i = 0; i < count; i++) {
        const struct credential *f = field_of(p, values[i].key);

        if (!f || f->secret)
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(options, f->key);
        if (values[i].value[0])
            json_add_string(options, f->key, values[i].value);
    }
    connection_stamp(p, values, count, options);
    text_init(&text, 64 * 1024);
    done = json_print(&text, options) && text_replace(&c->options, text_str(&text));
    text_release(&text);
    cJSON_Delete(options);
    return done || error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
}

static bool check(struct manager *m, const struct platform *p, const struct setting_value *values,
                  size_t count, const struct connection *c, struct error *err)
{
    struct caller *caller = NULL;

    if (!p->check)
        return true;
    if (!caller_open(
            &caller, m,
            &(struct caller_options){
                .platform = p->id, .connection = c, .values = values, .value_count = count },
            err))
        return false;
    bool fine = p->check(caller_call(caller), err);
    caller_close(caller);
    return fine;
}

static bool put_all(struct manager *m, struct db *db, const struct platform *p,
                    const struct setting_value *values, size_t count, struct connection *c,
                    const struct actor *by, struct error *err)
{
    bool done = connection_put(db, c, err);

    for (size_t i = 0; i < count && done; i++) {
        const struct credential *f = field_of(p, values[i].key);

        if (f && f->secret && values[i].value[0])
            done = vault_put(m->vault, db, c->id, c->platform, f->key, c->generation,
                             values[i].value, strlen(values[i].value), err) &&
                   tell(db,
                        &(struct tell){ .church = c->church,
                                        .subject = c->id,
                                        .platform = (int)p->id,
                                        .kind = "connection.value",
                                        .actor = by->name,
                                        .simulated = c->simulated },
                        err, "%s: a new %s was given.", platform_name(p->id), f->label);
    }
    return done;
}

bool connection_add(struct manager *m, const struct platform *p, const struct setting_value *values,
                    size_t count, const struct actor *by, struct connection *c, struct error *err)
{
    struct db *db = NULL;

    if (vault_locked(m->vault))
        return error_set(err, ERROR_KEY_WRONG, "Run this as the user that owns the key.",
                         "The master key cannot be read, so nothing can be sealed.");
    for (size_t i = 0; i < count; i++)
        if (strlen(values[i].value) > 16000)
            return error_platform(err, ERROR_INPUT, platform_slug(p->id), "Check what was pasted.",
                                  "The value of %s is too long.", values[i].key);
    if (!merge_options(p, values, count, c, err) || !check(m, p, values, count, c, err) ||
        !db_begin(m->store, &db, err))
        return false;
    c->updated_ms = clock_now();
    if (put_all(m, db, p, values, count, c, by, err))
        return db_commit(db, err);
    db_rollback(db);
    return false;
}
