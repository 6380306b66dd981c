#include "manager/private.h"

#include "manager/gate.h"
#include "manager/quota.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>

bool manager_new(struct manager **out, const struct config *config, struct store *store,
                 struct vault *vault, struct error *err)
{
    struct manager *m = calloc(1, sizeof *m);

    if (!m)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    m->config = config;
    m->store = store;
    m->vault = vault;
    const struct token_keeper_options tokens = {
        .margin_ms = config_ms(config, "refresh", "margin"),
        .again_ms = config_ms(config, "refresh", "again"),
        .base_ms = config_ms(config, "refresh", "base"),
        .cap_ms = config_ms(config, "refresh", "cap"),
        .save_ms = config_ms(config, "refresh", "save"),
    };
    int64_t base = config_ms(config, "retry", "base"), cap = config_ms(config, "retry", "cap");
    const struct error_policy *shut = error_policy(ERROR_BREAKER), *rate = error_policy(ERROR_RATE);
    const struct gate_options gate = {
        .base_ms = base ? base : shut->base_ms,
        .cap_ms = cap ? cap : shut->cap_ms,
        .rate_base_ms = base ? base : rate->base_ms,
        .rate_cap_ms = cap ? cap : rate->cap_ms,
    };
    if (!gate_new(&m->gate, store, &gate, err) || !quotas_new(&m->quotas, m, err) ||
        !token_keeper_new(&m->tokens, store, vault, &tokens, err) ||
        !limiter_new(&m->limiter, err) || !holds_new(&m->holds, err)) {
        manager_free(m);
        return false;
    }
    *out = m;
    return true;
}

void manager_free(struct manager *m)
{
    if (!m)
        return;
    auditor_stop(m);
    poller_stop(m);
    token_keeper_free(m->tokens);
    limiter_free(m->limiter);
    holds_free(m->holds);
    gate_free(m->gate);
    quotas_free(m->quotas);
    free(m);
}

void manager_set_net(struct manager *m, struct net *net)
{
    m->net = net;
}

void manager_set_queue(struct manager *m, struct queue *queue)
{
    m->queue = queue;
}

struct vault *manager_vault(struct manager *m)
{
    return m->vault;
}

const struct config *manager_config(struct manager *m)
{
    return m->config;
}

bool manager_church_create(struct manager *m, const struct church *c, const struct actor *by,
                           struct error *err)
{
    struct church made = *c;
    struct db *db = NULL;

    if (id_is_none(made.id))
        made.id = id_new();
    if (!church_check(&made, err) || !db_begin(m->store, &db, err))
        return false;
    if (!church_insert(db, &made, err) ||
        !tell(db,
              &(struct tell){
                  .church = made.id, .platform = -1, .kind = "church.created", .actor = by->name },
              err, "The church %s was added.", made.name)) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, err);
}

/* The zone of this machine: TZ, else the link or file that Debian keeps. */
static const char *system_zone(char *out, size_t size)
{
    const char *tz = getenv("TZ");
    char link[256];

    if (tz && tz[0] == ':')
        tz++;
    if (tz && tz[0] && zone_known(tz)) {
        text_copy_to(out, size, tz);
        return out;
    }
    ssize_t n = readlink("/etc/localtime", link, sizeof link - 1);
    const char *name = NULL;
    if (n > 0) {
        link[n] = '\0';
        name = strstr(link, "zoneinfo/");
    }
    text_copy_to(out, size, name && zone_known(name + 9) ? name + 9 : "UTC");
    return out;
}

bool manager_church(struct manager *m, const char *slug, bool create, struct church *out,
                    struct error *err)
{
    struct error why = { 0 };
    struct db *db = NULL;
    char zone[64];

    if (!db_read(m->store, &db, err))
        return false;
    bool found = slug && slug[0] ? church_by_slug(db, slug, out, &why) : church_only(db, out, &why);
    db_read_end(db);
    if (found)
        return true;
    if (why.kind != ERROR_MISSING || (slug && slug[0]) || !create) {
        if (err)
            *err = why;
        return false;
    }
    const struct church first = { .slug = "church",
                                  .name = "Our church",
                                  .zone = (char *)system_zone(zone, sizeof zone) };
    /* Another process may have made it meanwhile: then that one it is. */
    if (!manager_church_create(m, &first, &(struct actor){ "engine" }, &why) &&
        why.kind != ERROR_CONFLICT) {
        if (err)
            *err = why;
        return false;
    }
    return manager_church(m, NULL, false, out, err);
}
