/* The ledger of what platforms allow in a day: what is sent is counted before it goes, so that the
 * count is never too low; taken from the store in small portions, so that it costs no commit a
 * call, and given back at the end. */
#ifndef MANAGER_QUOTA_H
#define MANAGER_QUOTA_H

#include "manager/breaker.h"
#include "manager/private.h"

#include <ecclesia/store/limits.h>

struct quota_kind {
    enum platform_id platform;
    const char *name;  /* "units": in JSON and in the store */
    const char *noun;  /* "YouTube's units of the day" */
    const char *whose; /* for a person: "project", "host" */
    int64_t limit;
    int reserve_percent; /* kept for start and stop */
    int64_t portion;     /* taken from the store at once */
    const char *zone;    /* whose midnight begins a new day */
    bool by_project;     /* counted by the app; else by the account */
    int64_t (*cost)(const struct http_request *request);
    const char *remedy;
};
/* The kinds of a platform, ends with NULL name; NULL none. */
const struct quota_kind *quota_kinds(enum platform_id p);

struct quotas;
bool quotas_new(struct quotas **out, struct manager *m, struct error *err);
/* Gives back what was taken and not used. */
void quotas_free(struct quotas *q);
/* Takes what the request costs. False with ERROR_QUOTA when only the reserve is left, or nothing,
 * and what asks may not have it. client_id: of the call. */
bool quotas_take(struct quotas *q, const struct connection *c, const char *client_id,
                 const struct http_request *request, enum urgency u, struct error *err);
/* How much of what polls may use is used, in percent; from memory alone: 0 when nothing was sent.
 */
int quotas_pressure(struct quotas *q, enum platform_id p);

/* What is allowed in a day, of it kept for start and stop; and of whom it is counted. */
int64_t quota_limit(struct manager *m, const struct quota_kind *k);
int64_t quota_reserve(struct manager *m, const struct quota_kind *k);
void quota_scope(const struct quota_kind *k, const struct connection *c, const char *client_id,
                 char *out, size_t size);

/* ---- pure ---- */
/* The day of that zone that now lies in, "2026-11-22", and when it ends. */
void quota_day(const char *zone, int64_t now_ms, char day[16], int64_t *end_ms);
/* Moves the marks on, so that a_ is between half an hour and an hour old. */
void quota_mark(struct quota_row *row, int64_t now_ms);
struct forecast {
    int percent;      /* used, of the limit */
    int64_t lasts_ms; /* until when the usable part lasts at this rate; 0: beyond the day's end */
    bool spent;       /* nothing but the reserve is left */
};
struct forecast quota_forecast(const struct quota_row *row, int64_t limit, int64_t reserve,
                               int64_t now_ms, int64_t end_ms);

#endif
