/* What a platform is, as data and a dozen functions. Adding one is a file and a row in the
 * registry.
 *
 * The tables here are the only description of a platform: the console's forms, the API's checks,
 * `platform show`, `connect --help` and the manual are made from them. */
#ifndef ECCLESIA_PLATFORM_PLATFORM_H
#define ECCLESIA_PLATFORM_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecclesia/platform/call.h>
#include <ecclesia/record/livestream.h>
#include <ecclesia/record/meeting.h>
#include <ecclesia/record/slug.h>

/* Abilities; also what a setting fits. */
enum { PLATFORM_LIVESTREAMS = 1, PLATFORM_MEETINGS = 2 };

enum setting_type {
    SETTING_TEXT,   /* limit: characters */
    SETTING_BOOL,   /* true, false (yes, no, on, off are taken) */
    SETTING_NUMBER, /* whole, least … limit */
    SETTING_CHOICE  /* one of choices */
};

/* One setting of a target, or one option given at connecting. Ends with key NULL. */
struct setting {
    const char *key; /* "privacy" */
    enum setting_type type;
    unsigned fits;              /* PLATFORM_LIVESTREAMS | PLATFORM_MEETINGS */
    const char *otherwise;      /* default as text, "" none */
    const char *const *choices; /* NULL-terminated, of SETTING_CHOICE */
    int64_t least, limit;
    const char *label; /* "Who can watch" */
    const char *help;  /* one line: what it does and what it wants */
};

/* One value asked for when connecting by credentials. Ends with key NULL. */
struct credential {
    const char *key; /* "refresh_token" */
    bool secret;     /* sealed by the vault and never shown; else kept in connection.options */
    bool required;
    const char *otherwise;      /* default of one that is not secret, "" none */
    const char *const *choices; /* NULL-terminated, or NULL */
    const char *label, *help;
};

/* Sign-in ways, in the order of preference. */
enum { SIGNIN_CREDENTIALS = 1, SIGNIN_OAUTH = 2, SIGNIN_DEVICE = 4 };

struct oauth_profile;

struct platform {
    enum platform_id id;
    unsigned abilities;
    unsigned signin;
    const struct oauth_profile
        *oauth;            /* of SIGNIN_OAUTH and SIGNIN_DEVICE; NULL: credentials alone */
    const char *api_base;  /* default; [PLATFORM] api_base replaces it */
    const char *auth_base; /* default, "" when there is none */
    const char *about;     /* one sentence for `platform show` */
    const char *endless;   /* why a sign-in may name no end, for a person; NULL: all name one */
    const char *stays;  /* where revoking is not possible, or takes more than this: what stays there
                           and where a person takes it back; NULL: nothing stays */
    const char *scopes; /* blank-separated, what we ask for */
    const struct credential *credentials;
    const char *adds; /* blank-separated credentials that can be given alone later, to what is
                         connected already; NULL none */
    bool key_once;    /* a stream key is good for one broadcast: a livestream's is wiped when it has
                         ended */
    const struct setting *settings;
    const char *const
        *link_hosts; /* NULL-terminated: members' links must be on one ("zoom.us" also allows
                        "us02web.zoom.us"); NULL: the connection's option "host" is the one */
    double calls_per_second; /* our ceiling, below the published one */
    int calls_burst;
    int parallel; /* jobs at once, at most 3 */

    /* Asks the platform for a new access token with the sealed credentials. NULL: token() hands out
     * the credential named by token_field. */
    bool (*renew)(struct call *call, struct token *out, struct error *err);
    const char *token_field;
    /* Checks connecting values before anything is sent or stored (options: JSON object of the
     * values that are not secret). NULL: tables suffice. */
    bool (*check)(struct call *call, struct error *err);
    /* Who are we? One cheap authenticated read: proves that the credentials work. */
    bool (*identify)(struct call *call, struct account *out, struct error *err);
    /* Takes the grant back at the platform, best effort. NULL: cannot. */
    bool (*revoke)(struct call *call, struct error *err);
    /* Checks a target's settings and the record against the platform's rules before anything is
     * sent. NULL: tables suffice. */
    bool (*livestream_check)(const struct livestream *l, const struct target *t, struct error *err);
    bool (*meeting_check)(const struct meeting *m, const struct target *t, struct error *err);

    /* Each reads the platform's present state first and brings it to what is wanted; "already so"
     * is success. All can be called again after any failure. t->remote_id and t->remote hold what
     * earlier calls reported. `find` looks for our object by its marker (call->idem_key) after a
     * create whose answer was lost: sets out->found. `create` makes the object and every part of it
     * that is missing. `start` creates first when remote_id is "". With out->again_ms set, success
     * means "not there yet, call me again then" and out->note says what is awaited. `remove` of
     * what is gone is success. `poll` only reads. A NULL function: the platform has no such thing.
     */
    bool (*livestream_find)(struct call *, const struct livestream *, const struct target *,
                            struct outcome *, struct error *);
    bool (*livestream_create)(struct call *, const struct livestream *, const struct target *,
                              struct outcome *, struct error *);
    bool (*livestream_update)(struct call *, const struct livestream *, const struct target *,
                              struct outcome *, struct error *);
    bool (*livestream_start)(struct call *, const struct livestream *, const struct target *,
                             struct outcome *, struct error *);
    bool (*livestream_stop)(struct call *, const struct livestream *, const struct target *,
                            struct outcome *, struct error *);
    bool (*livestream_remove)(struct call *, const struct livestream *, const struct target *,
                              struct outcome *, struct error *);
    bool (*livestream_poll)(struct call *, const struct livestream *, const struct target *,
                            struct outcome *, struct error *);

    bool (*meeting_find)(struct call *, const struct meeting *, const struct target *,
                         struct outcome *, struct error *);
    bool (*meeting_create)(struct call *, const struct meeting *, const struct target *,
                           struct outcome *, struct error *);
    bool (*meeting_update)(struct call *, const struct meeting *, const struct target *,
                           struct outcome *, struct error *);
    bool (*meeting_cancel)(struct call *, const struct meeting *, const struct target *,
                           struct outcome *,
                           struct error *); /* ends it when it runs, then deletes */
    bool (*meeting_poll)(struct call *, const struct meeting *, const struct target *,
                         struct outcome *, struct error *);
    /* The link that opens the meeting as its host, appended to out: a capability, made or asked for
     * each time it is shown, never stored, logged or sent to members. */
    bool (*meeting_host_link)(struct call *, const struct meeting *, const struct target *,
                              struct text *out, struct error *);
};

/* NULL for a platform that this program does not speak yet. */
const struct platform *platform_get(enum platform_id id);

/* settings is a JSON object (or NULL); unknown keys, wrong types and values out of range are
 * ERROR_INPUT that names platform and key and lists what is allowed. Text values of bools and
 * numbers are converted in place. */
bool platform_settings_check(const struct platform *p, unsigned fits, cJSON *settings,
                             struct error *err);
/* A target's value, or the table's default. Text: borrowed from settings or the table. */
const char *setting_text(const struct platform *p, const cJSON *settings, const char *key);
bool setting_bool(const struct platform *p, const cJSON *settings, const char *key);
int64_t setting_number(const struct platform *p, const cJSON *settings, const char *key);

/* A link that may be shown to members: https (http only when simulated and loopback), no user part,
 * host on the platform's list or the connection's own host. Else ERROR_GARBAGE that names the
 * link's host. options: connection.options parsed, may be NULL. */
bool platform_link_check(const struct platform *p, const cJSON *options, bool simulated,
                         const char *url, struct error *err);

#endif
