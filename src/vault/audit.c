/* The audit's chain: sealing, pruning. Checking is in audit_verify.c. */
#include "vault/audit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>

/* ---- seals */

static void hash_number(crypto_generichash_state *state, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)number);
    vault_hash_part(state, text);
}

void audit_row_mac(const struct vault *v, const struct vault_key *key, const struct audit_row *r,
                   int64_t late, const unsigned char prev[AUDIT_MAC], unsigned char out[AUDIT_MAC])
{
    const char *const texts[] = { r->church_text, r->actor,    r->actor_kind, r->action,
                                  r->object,      r->platform, r->outcome,    r->detail };
    crypto_generichash_state state;

    crypto_generichash_init(&state, key->bytes, KEY_BYTES, AUDIT_MAC);
    vault_hash_part(&state, "ec-audit-v1");
    crypto_generichash_update(&state, v->store_id, STORE_ID_BYTES);
    crypto_generichash_update(&state, prev, AUDIT_MAC);
    hash_number(&state, r->seq);
    hash_number(&state, r->at_ms);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        vault_hash_part(&state, texts[i]);
    hash_number(&state, r->simulated_number);
    hash_number(&state, late);
    hash_number(&state, key->id);
    crypto_generichash_final(&state, out, AUDIT_MAC);
    sodium_memzero(&state, sizeof state);
}

static void mark_seal(const struct vault *v, const struct vault_key *key, const char *kind,
                      const struct audit_mark *m, unsigned char out[AUDIT_MAC])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, key->bytes, KEY_BYTES, AUDIT_MAC);
    vault_hash_part(&state, "ec-audit-mark-v1");
    crypto_generichash_update(&state, v->store_id, STORE_ID_BYTES);
    vault_hash_part(&state, kind);
    hash_number(&state, m->seq);
    hash_number(&state, m->at_ms);
    hash_number(&state, key->id);
    crypto_generichash_update(&state, m->mac, AUDIT_MAC);
    crypto_generichash_final(&state, out, AUDIT_MAC);
    sodium_memzero(&state, sizeof state);
}

static bool put_mark(struct vault *v, const struct vault_key *key, struct db *db, const char *kind,
                     int64_t seq, const unsigned char mac[AUDIT_MAC], struct error *err)
{
    struct audit_mark m = { .seq = seq, .at_ms = clock_now(), .key_id = key->id };

    memcpy(m.mac, mac, AUDIT_MAC);
    mark_seal(v, key, kind, &m, m.seal);
    return audit_mark_put(db, kind, &m, err);
}

bool audit_mark_good(const struct vault *v, const struct vault_key *key, const char *kind,
                     const struct audit_mark *m)
{
    unsigned char seal[AUDIT_MAC];

    if (!key || key->id != m->key_id)
        return false;
    mark_seal(v, key, kind, m, seal);
    return sodium_memcmp(seal, m->seal, AUDIT_MAC) == 0;
}

/* So that an audit of which everything was taken away is no new one. */
bool audit_begin(struct vault *v, struct db *db, struct error *err)
{
    static const unsigned char nothing[AUDIT_MAC];
    const struct vault_key *key = keys_active(v, db, "audit", err);

    return key && put_mark(v, key, db, "head", 0, nothing, err);
}

/* ---- sealing what waits */

struct sealing {
    const struct vault *v;
    const struct vault_key *key;
    struct db *db;
    int64_t first; /* rows before this one were committed without a seal */
    struct audit_mark head;
    bool ok;
    struct error *err;
};

static bool seal_row(void *argument, const struct audit_row *r)
{
    struct sealing *s = argument;
    unsigned char mac[AUDIT_MAC];
    int64_t late = r->seq < s->first;

    /* A seal that is none of ours: the check will name the row. */
    if (r->sealed)
        return true;
    audit_row_mac(s->v, s->key, r, late, s->head.mac, mac);
    s->ok = audit_seal_put(s->db, r->seq, s->key->id, late != 0, s->head.mac, mac, s->err);
    s->head.seq = r->seq;
    memcpy(s->head.mac, mac, AUDIT_MAC);
    return s->ok;
}

static bool seal(struct vault *v, struct db *db, int64_t first, struct error *err)
{
    struct sealing s = { .v = v, .db = db, .first = first, .ok = true, .err = err };
    int64_t before;

    s.key = keys_active(v, db, "audit", err);
    if (!s.key || !audit_mark_get(db, "head", &s.head, err))
        return false;
    /* A good seal on top of a mark that was changed would hide the change: the rows wait. */
    if (!s.head.there || !audit_mark_good(v, s.key, "head", &s.head))
        return true;
    before = s.head.seq;
    if (!audit_each(db, before, 0, seal_row, &s, err) || !s.ok)
        return false;
    return s.head.seq == before || put_mark(v, s.key, db, "head", s.head.seq, s.head.mac, err);
}

bool vault_audit_seal(struct vault *v, struct db *db, struct error *err)
{
    return vault_usable(v, err) && seal(v, db, INT64_MAX, err);
}

static bool seal_call(void *argument, struct db *db, int64_t first, struct error *err)
{
    struct vault *v = argument;

    return v->locked || seal(v, db, first, err);
}

void vault_audit_start(struct vault *v)
{
    store_on_seal(v->store, seal_call, v);
}

void vault_audit_stop(struct vault *v)
{
    store_on_seal(v->store, NULL, NULL);
}

bool vault_audit_head(struct db *db, char *out, size_t size, struct error *err)
{
    char hex[2 * AUDIT_MAC + 1];
    struct audit_mark m;

    if (!audit_mark_get(db, "head", &m, err))
        return false;
    sodium_bin2hex(hex, sizeof hex, m.mac, AUDIT_MAC);
    snprintf(out, size, "%lld:%s", (long long)m.seq, hex);
    if (m.seq == 0)
        *out = '\0';
    return true;
}

/* ---- pruning */

static bool copy_row(void *argument, const struct audit_row *r)
{
    *(struct audit_row *)argument = *r; /* its texts are not looked at */
    return false;
}

/* The last of the old ones, when it is sealed. */
static bool find_anchor(struct db *db, int64_t before_ms, struct audit_row *last, struct error *err)
{
    struct audit_mark head;
    int64_t seq;

    *last = (struct audit_row){ .seq = 0 };
    if (!audit_older(db, before_ms, &seq, err) || !audit_mark_get(db, "head", &head, err))
        return false;
    if (seq > head.seq)
        seq = head.seq;
    return seq == 0 || audit_each(db, seq - 1, 1, copy_row, last, err);
}

bool vault_audit_prune(struct vault *v, struct db *db, int64_t before_ms, const char *actor,
                       int64_t *count, struct error *err)
{
    const struct vault_key *key;
    struct audit_report report;
    struct audit_row last;
    char detail[80];

    *count = 0;
    if (!vault_usable(v, err) || !(key = keys_active(v, db, "audit", err)) ||
        !find_anchor(db, before_ms, &last, err))
        return false;
    if (last.seq == 0 || !last.sealed)
        return true;
    /* An anchor stands for what is dropped: only what is as it was written may go. */
    if (!vault_audit_verify(v, db, NULL, &report, err))
        return false;
    if (report.broken) {
        log_line("audit", "old rows stay: %s", report.why);
        return true;
    }
    snprintf(detail, sizeof detail, "Rows up to %lld were dropped: they were old.",
             (long long)last.seq);
    return put_mark(v, key, db, "anchor", last.seq, last.mac, err) && audit_drop(db, count, err) &&
           audit_add(
               db,
               &(struct audit_row){ .actor = actor, .action = "audit.pruned", .detail = detail },
               err);
}
