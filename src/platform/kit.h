/* What adapters share: building a request, sending it, reading the answer, judging an error. */
#ifndef PLATFORM_KIT_H
#define PLATFORM_KIT_H

#include <ecclesia/platform/platform.h>

/* Fills err from an answer that is not 2xx. body: parsed JSON or NULL when it is none. Always
 * returns false. */
typedef bool kit_judge(struct call *call, const struct http_answer *answer, const cJSON *body,
                       struct error *err);

/* Borrowed until kit_send() returns. */
struct kit_request {
    const char *method;
    const char *base;                        /* NULL: call->api_base */
    const char *path;                        /* "/youtube/v3/liveBroadcasts?part=id", encoded */
    const char *route;                       /* for traces, without ids and query */
    const char *token;                       /* "Authorization: Bearer …" is added; NULL none */
    const char *basic_user, *basic_password; /* "Authorization: Basic …"; NULL none */
    const cJSON *json;                       /* body as JSON */
    const char *form;                        /* body as application/x-www-form-urlencoded */
    const void *bytes;                       /* body as it is, of content_type */
    size_t byte_count;
    const char *content_type;
    bool effect, creates;
    int64_t timeout_ms; /* 0 default */
    kit_judge *judge;   /* NULL: kit_judge_status */
};

/* Sends and reads. 2xx: *out (may be NULL when no body is wanted) gets the parsed body, yours:
 * cJSON_Delete(); an empty body gives NULL there. A 2xx that is not JSON where one is wanted is
 * ERROR_GARBAGE. Not 2xx: the judge fills err. */
bool kit_send(struct call *call, const struct kit_request *request, cJSON **out, struct error *err);
/* The common judgement by HTTP status alone: 401 AUTH, 403 FORBIDDEN, 404/410 NOT_FOUND, 408
 * NET_POST, 429 RATE with Retry-After, 4xx INVALID, 503 with Retry-After RATE, 5xx SERVER. */
bool kit_judge_status(struct call *call, const struct http_answer *answer, const cJSON *body,
                      struct error *err);

/* Fills err with the platform's name, the answer's status (answer may be NULL), the platform's own
 * code and, of a kind that waits, Retry-After. Always false: `return kit_error(err, call, answer,
 * …)`. */
bool kit_error(struct error *err, const struct call *call, const struct http_answer *answer,
               enum error_kind kind, const char *code, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* "key=value" with encoding onto t, "&" between; none at the start or after "?". NULL value:
 * nothing. */
bool kit_query(struct text *t, const char *key, const char *value);
/* What was given at connecting: a sealed credential, else the connection's option, else [PLATFORM]
 * of the configuration (client_id, client_secret), else the table's default. "" when nowhere.
 * Borrowed until the operation ends. */
const char *kit_value(struct call *call, const struct platform *p, const char *key);
/* Our marker: "[ec:1a2b3c4d]" from call->idem_key; out needs 16 bytes. Adapters put it at the end
 * of a description. */
void kit_marker(const struct call *call, char out[16]);
/* description, blank line, marker; cut so that the whole fits limit characters. Yours: free(). An
 * update gives the create's marker, which must stay in place. */
char *kit_describe(const char *marker, const char *description, size_t limit);
/* out->remote's string member, "" when absent. Borrowed until it is changed. */
const char *kit_remembered(const struct outcome *o, const char *key);
void kit_remember(struct outcome *o, const char *key, const char *value); /* NULL forgets */
/* A note for a person, cleaned and cut. */
void kit_note(struct outcome *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Counts in the adapter's memory how often the same wait was called again: 1, 2, … Another word
 * starts anew; NULL forgets, and is 0. */
int kit_waited(struct outcome *o, const char *word);
/* Wipes what t holds and releases it. */
void kit_wipe(struct text *t);
/* Parsed t->settings; never NULL; yours: cJSON_Delete(). */
cJSON *kit_settings(const struct target *t);

extern const struct platform platform_youtube, platform_facebook, platform_zoom, platform_jitsi;
extern const struct platform platform_google_meet, platform_teams, platform_restream,
    platform_instagram;

#endif
