/* The records as rows: one file each in src/store. All take a db inside a transaction (db_begin to
 * write, db_read to read). What is put out is yours and released by its record's release function;
 * on failure *out is untouched and err tells why. Every query is bound to a church, except the
 * engine's own. */
#ifndef ECCLESIA_STORE_RECORDS_H
#define ECCLESIA_STORE_RECORDS_H

#include <ecclesia/record/church.h>
#include <ecclesia/record/connection.h>
#include <ecclesia/record/event.h>
#include <ecclesia/record/livestream.h>
#include <ecclesia/record/meeting.h>
#include <ecclesia/store/db.h>

/* churches */
bool church_insert(struct db *db, const struct church *c,
                   struct error *err); /* ERROR_CONFLICT when the slug is taken */
bool church_by_slug(struct db *db, const char *slug, struct church *out, struct error *err);
bool church_by_id(struct db *db, struct id id, struct church *out, struct error *err);
bool church_only(struct db *db, struct church *out,
                 struct error *err); /* the first made; ERROR_MISSING when there is none */
bool church_list(struct db *db, struct church **out, size_t *count,
                 struct error *err); /* free each, then the array */

/* connections */
bool connection_put(struct db *db, const struct connection *c,
                    struct error *err); /* insert or replace by id */
bool connection_get(struct db *db, struct id id, struct connection *out, struct error *err);
bool connection_for(struct db *db, struct id church, enum platform_id p, struct connection *out,
                    struct error *err); /* ERROR_MISSING */
bool connection_list(struct db *db, struct id church, struct connection **out, size_t *count,
                     struct error *err); /* none: all churches */

/* livestreams, with their targets */
bool livestream_insert(struct db *db, const struct livestream *l, struct error *err);
bool livestream_save(struct db *db, const struct livestream *l,
                     struct error *err); /* the record alone, not its targets */
bool livestream_get(struct db *db, struct id id, struct livestream *out, struct error *err);
/* By id, a unique id prefix (4 or more), or a unique prefix of the title: ERROR_MISSING, or
 * ERROR_CONFLICT that lists the candidates. */
bool livestream_find(struct db *db, struct id church, const char *words, struct livestream *out,
                     struct error *err);
bool livestream_remove(struct db *db, struct id id, struct error *err); /* with its targets */
struct record_filter {
    int status;             /* enum of the record, -1 any */
    int platform;           /* enum platform_id, -1 any */
    const char *text;       /* part of the title, without case; NULL any */
    int64_t from_ms, to_ms; /* start within; 0 open */
    size_t limit, offset;   /* limit 0: 200 */
};
/* Live first, then coming by start (drafts last of these), then ended, newest first. */
bool livestream_list(struct db *db, struct id church, const struct record_filter *f,
                     struct livestream **out, size_t *count, struct error *err);

/* meetings, with their targets */
bool meeting_insert(struct db *db, const struct meeting *m, struct error *err);
bool meeting_save(struct db *db, const struct meeting *m, struct error *err);
bool meeting_get(struct db *db, struct id id, struct meeting *out, struct error *err);
bool meeting_find(struct db *db, struct id church, const char *words, struct meeting *out,
                  struct error *err);
bool meeting_list(struct db *db, struct id church, const struct record_filter *f,
                  struct meeting **out, size_t *count, struct error *err);

/* targets */
bool target_get(struct db *db, struct id id, struct target *out, struct error *err);
bool target_save(struct db *db, const struct target *t, struct error *err);
bool target_delete(struct db *db, struct id id, struct error *err);
/* Those of a platform that a poller asks about: created at the platform and not over; all churches.
 */
bool target_list_open(struct db *db, enum platform_id p, struct target **out, size_t *count,
                      struct error *err);

/* events */
bool event_add(struct db *db, struct event *e, struct error *err); /* sets e->id; at_ms 0: now */
struct event_filter {
    int64_t after, before; /* ids; 0 open */
    int level;             /* at least this, -1 any */
    int platform;          /* -1 any */
    struct id subject;     /* none: any */
    int64_t since_ms;      /* 0 any */
    size_t limit;          /* 0: 200 */
    bool newest; /* the newest `limit` of them instead of the oldest; still in rising order of id */
};
bool event_list(struct db *db, struct id church, const struct event_filter *f, struct event **out,
                size_t *count, struct error *err);

#endif
