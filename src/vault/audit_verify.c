/* Checking the audit's chain from its anchor to its head. The first row that is not as it was
 * sealed is named; what follows it proves nothing. */
#include "vault/audit.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

struct walk {
    struct vault *v;
    struct db *db;
    struct audit_report *out;
    struct audit_mark head, anchor;
    int64_t known_seq; /* 0 none */
    unsigned char known_mac[AUDIT_MAC];
    bool known_met;
    int64_t last;                  /* number of the row before */
    unsigned char prev[AUDIT_MAC]; /* its mac */
    bool failed;                   /* not the chain's fault */
    struct error *err;
};

/* The first finding stays. Returns false. */
static bool broken(struct walk *w, int64_t seq, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool broken(struct walk *w, int64_t seq, const char *format, ...)
{
    va_list arguments;

    if (w->out->broken)
        return false;
    va_start(arguments, format);
    vsnprintf(w->out->why, sizeof w->out->why, format, arguments);
    va_end(arguments);
    w->out->broken = seq;
    return false;
}

/* NULL: no such key (a finding), or the store failed. */
static const struct vault_key *key_of(struct walk *w, int64_t id)
{
    const struct vault_key *key;
    bool failed;

    key = keys_find(w->v, w->db, id, &failed, w->err);
    w->failed = w->failed || failed;
    return key && strcmp(key->purpose, "audit") == 0 ? key : NULL;
}

static bool check_row(struct walk *w, const struct audit_row *r)
{
    long long seq = (long long)r->seq, before = (long long)w->last;
    unsigned char mac[AUDIT_MAC];
    const struct vault_key *key;

    if (r->seq != w->last + 1)
        return broken(w, w->last + 1, "Row %lld is missing", before + 1);
    if (!r->sealed)
        return r->seq > w->head.seq ||
               broken(w, r->seq, "The seal of row %lld was taken away", seq);
    if (r->seq > w->head.seq)
        return broken(w, r->seq, "Row %lld was not written by ecclesia", seq);
    key = key_of(w, r->key_id);
    if (w->failed)
        return false;
    if (r->torn || !key)
        return broken(w, r->seq, "Row %lld was changed", seq);
    audit_row_mac(w->v, key, r, r->late, r->prev, mac);
    if (sodium_memcmp(mac, r->mac, AUDIT_MAC) != 0)
        return broken(w, r->seq, "Row %lld was changed", seq);
    if (sodium_memcmp(r->prev, w->prev, AUDIT_MAC) != 0)
        return broken(w, r->seq, "Row %lld does not follow the row before it", seq);
    memcpy(w->prev, r->mac, AUDIT_MAC);
    if (r->seq == w->known_seq)
        w->known_met = sodium_memcmp(r->mac, w->known_mac, AUDIT_MAC) == 0;
    return true;
}

static bool look_at(void *argument, const struct audit_row *r)
{
    struct walk *w = argument;

    w->out->rows++;
    w->out->late += r->late != 0;
    if (!r->sealed && w->out->waiting++ == 0)
        w->out->waiting_since_ms = r->at_ms;
    if (!w->out->broken)
        check_row(w, r);
    w->last = r->seq;
    return !w->failed;
}

/* ---- marks */

static bool check_mark(struct walk *w, const char *kind, const struct audit_mark *m, int64_t seq)
{
    const struct vault_key *key;

    if (!m->there)
        return true;
    key = key_of(w, m->key_id);
    if (w->failed)
        return false;
    return audit_mark_good(w->v, key, kind, m) ||
           broken(w, seq > 0 ? seq : 1, "The mark of the %s was changed",
                  strcmp(kind, "head") == 0 ? "newest row" : "rows that were pruned");
}

/* "SEQ:MAC" */
static bool take_known(struct walk *w, const char *known, struct error *err)
{
    char *end;

    if (!known)
        return true;
    w->known_seq = strtoll(known, &end, 10);
    return (w->known_seq > 0 && *end == ':' && strlen(end + 1) == 2 * AUDIT_MAC &&
            text_from_hex(w->known_mac, AUDIT_MAC, end + 1)) ||
           error_set(err, ERROR_INPUT, "Copy it whole from the log or from a backup.",
                     "\"%.40s\" is not a head of the audit (NUMBER:64 hex digits).", known);
}

/* What the rows alone do not show: that some are gone at the end, or all. */
static bool check_end(struct walk *w, struct error *err)
{
    int64_t given;

    if (!audit_last(w->db, &given, err))
        return false;
    if (w->last < w->head.seq || w->last < given)
        broken(w, w->last + 1, "Row %lld is missing, and what came after it",
               (long long)w->last + 1);
    else if (!w->out->broken && w->head.seq > w->anchor.seq &&
             sodium_memcmp(w->prev, w->head.mac, AUDIT_MAC) != 0)
        broken(w, w->head.seq, "Row %lld is not the one that the mark of the newest row names",
               (long long)w->head.seq);
    if (w->known_seq > w->anchor.seq && !w->known_met)
        broken(w, w->known_seq, "Row %lld is not the one that was noted: the audit was replaced",
               (long long)w->known_seq);
    return true;
}

/* It is there from the first transaction on; without it no row can be told from a forged one. */
static bool check_head_there(struct walk *w, struct error *err)
{
    int64_t given;

    if (w->head.there)
        return true;
    if (!audit_last(w->db, &given, err))
        return false;
    broken(w, given > 0 ? given : 1, "The mark of the newest row is missing");
    return true;
}

bool vault_audit_verify(struct vault *v, struct db *db, const char *known, struct audit_report *out,
                        struct error *err)
{
    struct walk w = { .v = v, .db = db, .out = out, .err = err };

    *out = (struct audit_report){ .rows = 0 };
    if (!vault_usable(v, err) || !take_known(&w, known, err) ||
        !audit_mark_get(db, "head", &w.head, err) || !audit_mark_get(db, "anchor", &w.anchor, err))
        return false;
    out->head = w.head.seq;
    out->pruned = w.anchor.seq;
    if (w.head.seq)
        sodium_bin2hex(out->head_mac, sizeof out->head_mac, w.head.mac, AUDIT_MAC);
    if (!check_head_there(&w, err))
        return false;
    check_mark(&w, "anchor", &w.anchor, w.anchor.seq);
    w.last = w.anchor.seq;
    memcpy(w.prev, w.anchor.mac, AUDIT_MAC);
    if (w.failed || !audit_each(db, w.anchor.seq, 0, look_at, &w, err) || w.failed)
        return false;
    check_mark(&w, "head", &w.head, w.head.seq);
    return !w.failed && check_end(&w, err);
}
