/* Inner header of sim/: what the wire, the faults, the control surface and the platforms share.
 *
 * One mutex (sim->lock) guards every piece of state here: objects, grants, faults, journal. The
 * wire takes it around each request, the clockwork thread around each tick, the in-process face
 * around each call. So a platform's file is plain single-threaded code: every hook below is called
 * with the lock held. Only wire.c knows libmicrohttpd. */
#ifndef ECCLESIA_SIM_PRIVATE_H
#define ECCLESIA_SIM_PRIVATE_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecclesia/base/error.h>
#include <ecclesia/base/json.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>
#include <ecclesia/sim/sim.h>

enum { SIM_PLATFORMS = 8, SIM_LISTENERS = SIM_PLATFORMS + 1, SIM_CONTROL = SIM_PLATFORMS };
enum { SIM_BODY_MAX = 8 * 1024 * 1024, SIM_CAPTURES = 4, SIM_HEADERS = 16 };

struct sim_platform;
struct sim_call;
struct sim_socket;

/* ---- answers (reply.c) ---- */

struct sim_header {
    char name[40];
    char *value;
};

struct sim_reply {
    int status; /* 0: nobody has answered yet */
    char type[64];
    struct text body;
    struct sim_header headers[SIM_HEADERS];
    int header_count;
    struct sim_socket *socket; /* with status 101: what the connection becomes; borrowed */
};

void sim_reply_init(struct sim_reply *r);
void sim_reply_release(struct sim_reply *r);
void sim_reply_json(struct sim_reply *r, int status,
                    cJSON *body); /* takes body; NULL is an empty body */
void sim_reply_text(struct sim_reply *r, int status, const char *type, const char *body);
void sim_reply_empty(struct sim_reply *r, int status);
void sim_reply_header(struct sim_reply *r, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A small HTML page with a heading and one paragraph; both are escaped. */
void sim_reply_page(struct sim_reply *r, int status, const char *heading, const char *paragraph);
void sim_add_escaped(struct text *t, const char *s);

/* ---- objects (object.c) ---- */

/* Whatever exists at a platform: a broadcast, a stream, a meeting, a room. */
struct sim_object {
    struct sim_object *next;
    int platform; /* index */
    char kind[24];
    char id[96];
    char owner[96]; /* the platform's id of the channel, page or user */
    char state[32]; /* the platform's own word */
    char key[160];  /* what an encoder sends to, "" when it takes no stream */
    char *title;
    int64_t start_ms, created_ms;
    bool deleted;
    bool sending;      /* an encoder is sending to key */
    int64_t due_mono;  /* the platform's `due` hook is called then; 0 never */
    int64_t feed_mono; /* the automatic encoder begins then; 0 never */
    cJSON *fields;     /* the platform's own view of it */
};

struct sim_object *sim_object_new(struct sim *sim, int platform, const char *kind, const char *id,
                                  const char *owner);
struct sim_object *sim_object_find(struct sim *sim, int platform, const char *kind,
                                   const char *id); /* alive only */
void sim_object_title(struct sim_object *o, const char *title);
void sim_object_state(struct sim_object *o, const char *state);
bool sim_object_is(const struct sim_object *o,
                   const char *states); /* its state is one of the blank-separated ones */
void sim_object_later(struct sim_object *o, int64_t ms); /* calls `due` then */
void sim_object_feed(struct sim *sim, struct sim_object *o, bool sending);
cJSON *sim_objects_list(struct sim *sim, int platform);
/* An object in o->fields, made when absent: "status". */
cJSON *sim_fields(struct sim_object *o, const char *part);
void sim_put(cJSON *object, const char *key,
             cJSON *value); /* takes value; replaces; NULL only removes */
void sim_put_string(cJSON *object, const char *key, const char *value);
void sim_put_bool(cJSON *object, const char *key, bool value);
void sim_put_number(cJSON *object, const char *key, double value);
void sim_put_time(cJSON *object, const char *key, int64_t ms); /* RFC 3339 without milliseconds */

/* ---- sign-in (grant.c, oauth.c, oauth_page.c) ---- */

struct sim_token {
    struct sim_token *next;
    char value[256];
    char kind[16];    /* the platform's own word: "", "page", "s2s" */
    char subject[96]; /* id of what the token speaks for when that is not the account (a page) */
    int64_t expires_mono; /* 0 never */
    int64_t issued_ms, expires_ms;
    bool dead;
};

struct sim_grant {
    struct sim_grant *next;
    int platform;
    char label[96]; /* "youtube:1 St Mark's": stands in the journal in place of a token */
    int account;    /* index into the platform's accounts */
    char client[128];
    char scope[1200]; /* blank-separated, as granted */
    char refresh[256],
        refresh_before[256];       /* the one that works, and the one before it where they rotate */
    struct sim_token *old_refresh; /* those before it, where they stay good */
    bool revoked;
    bool machine; /* made with the client's own credentials, no person behind it */
    char why[24]; /* the platform's own word for how it ended */
    struct sim_token *tokens;
};

struct sim_code {
    struct sim_code *next;
    int platform;
    char value[128];
    char client[128], redirect[600], scope[1200], challenge[128], method[8];
    int account;
    int64_t expires_mono;
    bool spent;
};

enum sim_device_state {
    SIM_DEVICE_PENDING,
    SIM_DEVICE_ALLOWED,
    SIM_DEVICE_REFUSED,
    SIM_DEVICE_SPENT
};

struct sim_device {
    struct sim_device *next;
    int platform;
    char device_code[128], user_code[24], client[128], scope[1200];
    int account;
    int64_t expires_mono, polled_mono;
    int interval_s;
    enum sim_device_state state;
};

struct sim_account {
    const char *id, *name, *email;
};

/* A program that is registered at the platform. secret NULL: a public client, which must use PKCE.
 */
struct sim_client {
    const char *id, *secret;
    bool machine; /* may ask in its own name */
};

/* What tells one platform's OAuth server from another's. */
struct sim_oauth {
    const struct sim_client *clients; /* ends with id NULL */
    const char *scopes;               /* blank-separated: all there are */
    const char *device_scopes;        /* those that the device flow may ask for; NULL: all */
    const char *code_prefix, *access_prefix, *refresh_prefix;
    int64_t code_ms;
    int access_s;
    int device_s, device_interval_s;
    bool rotates;     /* each refresh gives a new refresh token and the old one is dead */
    bool keeps_old;   /* of one that rotates: the old one stays good beside the new */
    bool reuse_kills; /* of one that rotates: whoever sends the old one ends the whole grant */
    const char *refresh_scope; /* a refresh token comes only with this scope; NULL: always */
    bool scopes_in_app; /* scopes are ticked in the app's settings: none in the URL means all */
    bool basic_only;    /* a client with a secret must use HTTP Basic */
    const char
        *device_page;  /* path of the page where the user code is typed; NULL: no device flow */
    bool refused_bare; /* "no" comes back as the bare redirect, without any parameter */
    const char
        *refused_more;     /* what else comes back with error=access_denied: "&a=b"; NULL nothing */
    const char *code_tail; /* hangs on the end of the redirect that brings the code; NULL nothing */
    bool scope_back;       /* the granted scopes come back beside the code */
    bool (*redirect_ok)(const char *uri);
    /* Writes the platform's own error body. word is RFC 6749's. */
    void (*refuse)(struct sim_call *c, int status, const char *word, const char *description);
    /* Adds what the platform adds to a token answer. */
    void (*decorate)(struct sim_call *c, struct sim_grant *g, struct sim_token *t, cJSON *answer);
    /* Adds where the user code is typed, under the platform's own names. */
    void (*device_answer)(struct sim_call *c, const struct sim_device *d, cJSON *answer);
};

void sim_oauth_drop(struct sim *sim);
struct sim_grant *sim_grant_new(struct sim *sim, int platform, int account, const char *client,
                                const char *scope);
struct sim_token *sim_token_new(struct sim *sim, struct sim_grant *g, const char *prefix,
                                int life_s);
/* Whose token it is; NULL unknown. Dead and expired ones are found too: sim_token_alive(). */
struct sim_grant *sim_token_find(struct sim *sim, int platform, const char *value,
                                 struct sim_token **token);
bool sim_token_alive(const struct sim_grant *g, const struct sim_token *t);
struct sim_grant *sim_refresh_find(struct sim *sim, int platform, const char *value);
void sim_grant_kill(struct sim_grant *g, const char *why);
void sim_tokens_kill(struct sim_grant *g);
const struct sim_client *sim_client_find(const struct sim_platform *p, const char *id);
const struct sim_account *sim_account_of(const struct sim_platform *p, const struct sim_grant *g);
bool sim_grants_action(struct sim *sim, int platform, const char *action, const char *scope,
                       struct error *err);

enum sim_code_trouble {
    SIM_CODE_GOOD,
    SIM_CODE_UNKNOWN,
    SIM_CODE_SPENT,
    SIM_CODE_OLD,
    SIM_CODE_CLIENT,
    SIM_CODE_REDIRECT,
    SIM_CODE_VERIFIER
};
/* Spends an authorization code: one use, its client, its redirect, its PKCE challenge. */
enum sim_code_trouble sim_code_spend(struct sim *sim, int platform, const char *value,
                                     const char *client, const char *redirect, const char *verifier,
                                     struct sim_grant **grant);
struct sim_code *sim_code_new(struct sim *sim, int platform);
struct sim_device *sim_device_new(struct sim *sim, int platform, const char *client,
                                  const char *scope);
struct sim_device *sim_device_find(struct sim *sim, int platform,
                                   const char *code); /* by either code */

/* ---- requests (request.c) ---- */

typedef void sim_handler(struct sim_call *c);

struct sim_route {
    const char *method;
    const char *path; /* "/v2/meetings/{}": {} captures one segment */
    sim_handler *run;
    const char *scope; /* blank-separated, any one is enough; NULL: no token is looked at */
    int cost;          /* the platform's own measure: quota units, or the rate label */
    const char *query; /* blank-separated query parameters that it knows; NULL: whatever comes */
};

/* One request on its way through. */
struct sim_call {
    struct sim *sim;
    const struct sim_platform *platform; /* NULL on the control address */
    int index;                           /* of the platform, or SIM_CONTROL */
    char method[16];
    char *path; /* decoded once */
    cJSON *query,
        *headers; /* objects of strings; header names in lower case; a name may stand twice */
    const unsigned char *body; /* borrowed */
    size_t length;
    bool has_length; /* a Content-Length header came */
    cJSON *json;     /* the body when it is declared and parses as JSON */
    cJSON *form;     /* the body when it is a form: object of strings */
    char capture[SIM_CAPTURES][160];
    const struct sim_route *route;
    struct sim_grant *grant; /* whose token it was, once known */
    struct sim_token *token;
    int owner; /* of the platform's accounts: whose things the path names, where it names one */
    struct sim_reply reply;
};

const char *sim_query(const struct sim_call *c, const char *name); /* NULL when absent */
const char *sim_form(const struct sim_call *c, const char *name);
const char *sim_param(const struct sim_call *c, const char *name);  /* form, then query */
const char *sim_header(const struct sim_call *c, const char *name); /* lower case */
bool sim_content_is(const struct sim_call *c, const char *type);
/* The token of "Authorization: Bearer …"; NULL when there is none. */
const char *sim_bearer(const struct sim_call *c);
/* Splits "a=1&b=2" into an object of strings. NULL without memory. */
cJSON *sim_parse_form(const char *s, size_t length);
void sim_parse_body(struct sim_call *c); /* fills json or form from body by its type */
void sim_call_release(struct sim_call *c);
/* Finds the route and sets captures. *known tells whether the path exists with another method. */
const struct sim_route *sim_route_find(struct sim_call *c, const struct sim_route *routes,
                                       const char *path, bool *known);
bool sim_word_in(const char *list, const char *word);    /* blank-separated list */
bool sim_words_any(const char *list, const char *words); /* any of words is in list */
bool sim_words_all(const char *list, const char *words); /* all of words are */

sim_handler sim_oauth_authorize;    /* the page, its form, and the redirect */
sim_handler sim_oauth_token;        /* RFC 6749 token endpoint */
sim_handler sim_oauth_device_start; /* RFC 8628 */
sim_handler sim_oauth_device_page;  /* where a person types the code */
/* The client that a token request names, authenticated. NULL: refused already. */
const struct sim_client *sim_oauth_client(struct sim_call *c);
cJSON *sim_oauth_answer(struct sim_call *c, struct sim_grant *g, bool with_refresh);
/* Adds claims (taken) as the answer's id_token. Its signature is not one: nobody here checks it. */
void sim_oauth_id_token(cJSON *answer, cJSON *claims);
bool sim_redirect_loopback_or_https(const char *uri);
/* The account that a sign-in page's form or query chose; the first when none was. */
int sim_oauth_account(struct sim_call *c);

/* ---- platforms ---- */

struct sim_platform {
    const char *slug;
    const struct sim_route *routes;     /* end with method NULL */
    const struct sim_account *accounts; /* end with id NULL */
    const struct sim_oauth *oauth;      /* NULL: no sign-in of that kind */
    /* Answers a request that faults let through: finds the route, checks what all requests there
     * need, runs it. */
    void (*answer)(struct sim_call *c);
    /* The platform's own error body for a bare status, and its own form of "too many requests". */
    void (*fail)(struct sim_call *c, int status);
    void (*rate_limited)(struct sim_call *c, int retry_after_s);
    /* What it says to everything when it refuses for good (the preset of its name). False: it lets
     * this one through. */
    bool (*refuse_all)(struct sim_call *c);
    /* The path that faults match, without what a version adds. NULL: the path itself. */
    const char *(*bare_path)(const char *path);
    void (*open)(struct sim *sim, int index);  /* its first state; after a reset too */
    void (*close)(struct sim *sim, int index); /* frees sim->state[index] */
    void (*due)(struct sim *sim, struct sim_object *o);
    void (*fed)(struct sim *sim, struct sim_object *o); /* o->sending has changed */
    /* Something happened without us. False with err: no such thing can happen to it. */
    bool (*remote)(struct sim *sim, struct sim_object *o, const char *event, const cJSON *body,
                   struct error *err);
    /* The object that `id` of a remote event means when none is there yet (a Jitsi room). May be
     * NULL. */
    struct sim_object *(*conjure)(struct sim *sim, const char *id);
    /* Somebody has said where notices go. May be NULL. */
    void (*hooked)(struct sim *sim);
    /* What is left of the day's allowance of requests. NULL: it has none. */
    void (*allow)(struct sim *sim, int left);
    /* Says what there is to say on an open WebSocket. NULL where there is none. */
    void (*feed)(struct sim *sim, struct sim_socket *s);
    /* Fills credentials and more into its part of the ready line. */
    void (*describe)(struct sim *sim, cJSON *part);
};

/* In the fixed order of addresses; NULL where the simulator does not speak one. */
extern const struct sim_platform *const sim_platforms[SIM_PLATFORMS];
extern const char *const sim_slugs[SIM_PLATFORMS];
int sim_platform_index(const char *slug); /* -1 */
extern const struct sim_platform sim_youtube, sim_facebook, sim_zoom, sim_jitsi, sim_google_meet,
    sim_teams, sim_restream, sim_instagram;

/* ---- faults (fault.c) ---- */

enum sim_fault_kind {
    SIM_STATUS,
    SIM_RATE_LIMIT,
    SIM_DELAY,
    SIM_REFUSE,
    SIM_RESET,
    SIM_STALL,
    SIM_LOST_ANSWER,
    SIM_CUT,
    SIM_GARBAGE,
    SIM_REFUSE_ALL, /* of the presets: the platform's own refusal */
    SIM_FAULT_KINDS
};

struct sim_fault {
    struct sim_fault *next;
    int id;
    int platform; /* index, -1: all */
    enum sim_fault_kind kind;
    char method[16]; /* "" any */
    char path[160];  /* prefix, "" any */
    long times;      /* left; negative: for ever */
    long after;      /* matches to let through first */
    double probability;
    int status;
    int retry_after_s;
    double per_second, tokens;
    int64_t refilled_mono;
    int64_t delay_ms;
    long bytes;
    char *body; /* garbage's own, or status's */
    cJSON *headers;
};

/* How a request ends on the wire. */
enum sim_fate { SIM_ANSWER, SIM_DROP, SIM_RST, SIM_HANG, SIM_CUT_AFTER };

struct sim_plan {
    enum sim_fate fate;
    long bytes;
    int64_t delay_ms;
    const char *fault; /* the kind's name for the journal; NULL none */
    bool answered;     /* the platform is not asked */
};

bool sim_fault_parse(struct sim *sim, const cJSON *json, int *id, struct error *err);
bool sim_fault_remove(struct sim *sim, int id);
void sim_faults_drop(struct sim *sim);
cJSON *sim_faults_list(struct sim *sim);
bool sim_faults_add_preset(struct sim *sim, const char *name, struct error *err);
/* Decides what happens to a request; may make the reply. */
void sim_faults_apply(struct sim_call *c, struct sim_plan *plan);

/* ---- journal (journal.c) ---- */

struct sim_entry {
    struct sim_entry *next;
    uint64_t n;
    int64_t at_ms, took_ms;
    int platform, status;
    char method[16];
    char *path;
    cJSON *query, *body;
    char grant[96];
    const char *fault;
};

uint64_t sim_journal_add(struct sim_call *c, const char *fault);
void sim_journal_end(struct sim *sim, uint64_t n, int status, int64_t took_ms);
void sim_journal_drop(struct sim *sim);
cJSON *sim_journal_list(struct sim *sim, int platform, uint64_t after);

/* ---- calendars (wall.c, recur.c, windows_zone.c) ---- */

enum { SIM_WALL_SIZE = 40 };
/* "2026-10-04T10:00:00" or with a fraction, and nothing behind: a time on some clocks. */
bool sim_wall_parse(const char *text, struct zone_time *out);
/* The clocks of a zone (NULL UTC): "2026-10-04T10:00:00"; with their offset: "…+01:00", "…Z". */
void sim_wall_print(char out[SIM_WALL_SIZE], const char *zone, int64_t ms);
void sim_offset_print(char out[SIM_WALL_SIZE], const char *zone, int64_t ms);

/* The IANA name for one of Windows' names ("GMT Standard Time"); NULL: it is none. */
const char *sim_windows_zone(const char *name);

/* A series. Zeroed but for zone and start_ms before sim_recur_rrule() fills it. */
struct sim_recur {
    const char *zone;
    int64_t start_ms;
    char unit; /* 'd', 'w', 'm', 'y' */
    int interval;
    unsigned weekdays; /* bit 0 Sunday; 0: that of the first */
    int week_start;    /* 0 Sunday */
    int nth;           /* 'm' and 'y': which of those weekdays in the month, -1 the last; 0: none */
    int month_day;     /* 'm' and 'y': 0: that of the first */
    int month;         /* 'y': 0: that of the first */
    int count;         /* 0: without number */
    int64_t until_ms;  /* 0: without end */
};
/* "FREQ=WEEKLY;BYDAY=WE;COUNT=5"; false: not understood. */
bool sim_recur_rrule(struct sim_recur *r, const char *rule);
/* The starts in [from, to), in order, at most `room` of them and ten years of them. */
size_t sim_recur_expand(const struct sim_recur *r, int64_t from, int64_t to, int64_t *out,
                        size_t room);

/* ---- WebSockets (socket.c) ---- */

struct sim_socket {
    struct sim_socket *next;
    int platform;
    int fd;
    void *handle; /* wire.c's */
    atomic_bool open, gone;
    bool goodbye;  /* a close frame is on its way out or out */
    bool released; /* its connection has been given back */
    struct text out;
    size_t sent; /* bytes of out */
    unsigned char in[2048];
    size_t got; /* bytes of in */
    /* The platform's own: whose token opened it, and how far it has been told. */
    char token[256], owner[96];
    uint64_t told;
};

/* Answers the handshake of a request, so that its connection becomes a socket. NULL: refused
 * already. Owned by sim->sockets. */
struct sim_socket *sim_socket_accept(struct sim_call *c);
void sim_socket_send(struct sim_socket *s, const char *text);
void sim_socket_close(struct sim_socket *s, int code); /* after what is to be sent before */
void sim_socket_free(struct sim_socket *s);
/* Lets all of them move. The handle of one that is done and must be closed without sim->lock, or
 * NULL. */
void *sim_sockets_run(struct sim *sim);

/* ---- the whole (sim.c) ---- */

struct sim_wire;  /* wire.c: sockets, daemon, threads */
struct sim_hooks; /* webhook.c */

struct sim {
    struct sim_options options;
    int step_ms;
    uint16_t port;
    bool tls;
    char base[64];
    char address[SIM_LISTENERS][64];
    struct in_addr ip[SIM_LISTENERS];
    struct sim_wire *wire;
    struct sim_hooks *hooks;

    pthread_mutex_t lock; /* guards all below */
    uint64_t random;
    struct sim_object *objects, **objects_end;
    struct sim_grant *grants;
    struct sim_code *codes;
    struct sim_device *devices;
    int grant_count[SIM_PLATFORMS];
    struct sim_fault *faults;
    int fault_id;
    struct sim_entry *journal, **journal_end;
    size_t journal_count;
    uint64_t journal_n;
    char *hook_url[SIM_PLATFORMS], *hook_secret[SIM_PLATFORMS];
    struct sim_socket *sockets;
    void *state[SIM_PLATFORMS];
};

bool sim_tick(struct sim *sim);  /* moves on what time moves; tells whether more is to come soon */
void sim_reset(struct sim *sim); /* everything as at the start */
void sim_dispatch(struct sim_call *c); /* one request, faults aside: control or platform */
void sim_control_answer(struct sim_call *c);
cJSON *sim_ready_line(struct sim *sim);

uint64_t sim_random(struct sim *sim);
void sim_random_text(struct sim *sim, char *out, size_t count,
                     const char *alphabet); /* writes count + NUL */
/* Of a secret: all of them begin with the same twelve digits, so that whoever looks for one that
 * got out needs not to know it. */
#define SIM_SECRET_MARK "5ec2e75ec2e7"
void sim_secret_text(struct sim *sim, char *out, size_t count,
                     const char *alphabet); /* count: more than the mark has */
void sim_random_uuid(struct sim *sim, char out[37]);
bool sim_chance(struct sim *sim, double probability);
extern const char sim_alnum[], sim_digits[], sim_b64url[];

/* wire.c */
bool sim_wire_start(struct sim *sim, struct error *err);
void sim_wire_stop(struct sim *sim);
void sim_wire_refuse(struct sim *sim, int listener, bool refuse); /* any thread */

/* crypto.c */
void sim_sha1(unsigned char out[20], const void *data, size_t length);
void sim_sha256(unsigned char out[32], const void *data, size_t length);
void sim_hmac256(unsigned char out[32], const char *key, const void *data, size_t length);
bool sim_b64url_decode(const char *s, size_t length, unsigned char *out, size_t room, size_t *got);
bool sim_b64_decode(const char *s, char *out, size_t room); /* standard alphabet, to a string */
bool sim_same(const char *a, const char *b);                /* constant time */
bool sim_verify_rs256(const char *public_pem, const void *signed_part, size_t length,
                      const unsigned char *sig, size_t sig_length);
/* One RSA key pair for the whole process, made at first use; PEM texts, "" when it could not be
 * made. */
const char *sim_rsa_private(void);
const char *sim_rsa_public(void);

/* webhook.c */
/* Queues one notice to where POST /_sim/webhooks said; nothing when nowhere. headers: "Name:
 * value\r\n" lines. */
void sim_hook_send(struct sim *sim, int platform, const char *suffix, const char *headers,
                   const char *body);
bool sim_hooks_start(struct sim *sim, struct error *err);
void sim_hooks_stop(struct sim *sim);

#endif
