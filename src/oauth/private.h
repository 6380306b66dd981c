/* What the files of the oauth room share. */
#ifndef OAUTH_PRIVATE_H
#define OAUTH_PRIVATE_H

#include <pthread.h>

#include <ecclesia/oauth/token.h>
#include <ecclesia/platform/oauth.h>
#include <ecclesia/platform/platform.h>
#include <ecclesia/store/refresh.h>

/* ---- wire.c: one question to a platform's sign-in server ---- */

/* A value that was given at connecting, else of [PLATFORM] of the configuration (client_id,
 * client_secret, client_token), else the table's default. "" when nowhere. Borrowed until the
 * operation ends. */
const char *oauth_value(struct call *call, const struct platform *p, const char *key);
/* base: the profile's own, NULL for auth_base. [PLATFORM] auth_base goes before both. False when a
 * value of the path is missing or unfit. */
bool oauth_place(struct call *call, const struct platform *p, const char *base, const char *path,
                 struct text *out, struct error *err);
bool oauth_elsewhere(const struct call *call,
                     const struct platform *p); /* auth_base is configured */
/* "key=value", "&" before it when it is not the first; a NULL or empty value: nothing. */
void oauth_add(struct text *t, const char *key, const char *value);
/* What is asked for, joined by the profile's separator; device: what the device flow allows. */
void oauth_scopes(const struct oauth_profile *o, bool device, struct text *out);
void oauth_wipe(struct text *t);   /* and releases */
void oauth_tree_wipe(cJSON *tree); /* wipes every text in it and frees */

struct wire {
    const char *base; /* NULL: auth_base; see oauth_place() */
    const char *path;
    bool api;          /* the path follows api_base */
    bool get;          /* the form goes into the query */
    bool client;       /* prove which client we are */
    int timeout_ms;    /* 0: 20 s */
    struct text *form; /* the caller's, wiped by him */
};
/* *out: the answer, yours: oauth_tree_wipe(); NULL for an empty one. A refusal is judged by its
 * word, which stands in err->code: ERROR_AUTH what was handed in is no good (any more),
 * ERROR_CONFIG the app's registration is not right, ERROR_FORBIDDEN a person or an admin does not
 * allow it, ERROR_INPUT. */
bool wire_ask(struct call *call, const struct platform *p, const struct wire *w, cJSON **out,
              struct error *err);
/* The token of an answer; ERROR_GARBAGE. */
bool wire_token(struct call *call, const cJSON *answer, struct token *out, struct error *err);

/* ---- flow.c: a token as JSON that is to be sealed ---- */

cJSON *token_tree(const struct token *t);
void token_of_tree(struct token *t, const cJSON *tree);

/* ---- token.c, renewal.c ---- */

/* What the store has of a connection's token. */
struct held {
    struct connection connection;
    struct secret *access; /* NULL none */
    struct refresh_row row;
};
bool held_read(struct token_keeper *k, const struct platform *p, struct id connection,
               struct held *out, struct error *err);
void held_release(struct held *h);

struct token_keeper {
    struct store *store;
    struct vault *vault;
    struct token_keeper_options o;
    pthread_mutex_t mutex; /* guards flights */
    pthread_cond_t landed;
    struct flight *flights;
};

/* Renews it, alone in this process and on this machine; h: as just read. *out: the new token. */
bool renewal_run(struct token_keeper *k, const struct platform *p, struct call *call,
                 const char *refused, const struct held *h, struct secret **out, struct error *err);
/* What is good for now: neither about to end nor the one that was refused; strict: nor too old. */
bool held_good(const struct token_keeper *k, const struct held *h, const char *refused,
               bool strict);
/* A token that the store could not take is saved now, or at least used. True with *out. */
bool spill_import(struct token_keeper *k, const struct platform *p, const struct held *h,
                  const char *refused, struct secret **out);

/* What envelopes are bound to, beside the state's hash or the connection. */
extern const char flow_label[], result_label[], spill_label[];

#endif
