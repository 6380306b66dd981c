/* Inside a sign-in: the way of a device's code, and the steps after somebody came back. */
#ifndef MANAGER_SIGNIN_H
#define MANAGER_SIGNIN_H

#include <ecclesia/manager/signin.h>
#include <ecclesia/oauth/flow.h>
#include <ecclesia/oauth/loopback.h>

#include "manager/private.h"

/* What is being tried: the app's values and what was found so far. Nothing of it is stored. */
struct attempt {
    struct manager *m;
    const struct platform *platform;
    struct connection connection; /* church, platform, options; what identify() found */
    char picture[500];            /* of the account; "" not known */
    const struct setting_value *values;
    size_t value_count;
    struct oauth_found found; /* secret */
    struct token token;       /* secret; access "" : none */
};
bool attempt_open(struct attempt *a, struct manager *m, const struct signin_request *r,
                  struct error *err);
void attempt_close(struct attempt *a); /* wipes */
bool attempt_call(struct attempt *a, struct cancel *cancel, struct caller **out, struct error *err);
/* The code for a token. flow: as it was begun. */
bool attempt_exchange(struct attempt *a, const struct flow *flow, const struct callback *c,
                      struct cancel *cancel, struct error *err);
/* Makes of the token what the adapter works with, and learns who it is. */
bool attempt_identify(struct attempt *a, const struct signin_front *front, struct cancel *cancel,
                      struct error *err);
/* Stores it. method: "oauth" or "device". */
bool attempt_store(struct attempt *a, const char *method, const struct actor *by,
                   struct error *err);
/* Gives the grant back. */
void attempt_revoke(struct attempt *a, struct cancel *cancel);

/* A device's code, on a thread of its own. */
struct signin_device;
enum device_news { DEVICE_NOTHING, DEVICE_SHOWN, DEVICE_SIGNED_IN, DEVICE_FAILED };
bool signin_device_start(struct signin_device **out, struct attempt *a, struct error *err);
int signin_device_fd(const struct signin_device *d); /* readable when there is news */
/* What is new; d's code may be shown after DEVICE_SHOWN (borrowed for life), token is filled with
 * DEVICE_SIGNED_IN, err with DEVICE_FAILED. */
enum device_news signin_device_news(struct signin_device *d, const struct device **shown,
                                    struct token *token, struct error *err);
void signin_device_stop(struct signin_device *d); /* wipes; NULL is fine */

/* ---- the run (signin.c, signin_ways.c, signin_end.c) ---- */

enum { SIGNIN_LINE_MOST = 16 * 1024 };

/* A sign-in that waits. */
struct signin {
    struct attempt attempt;
    const struct signin_front *front;
    struct cancel *cancel;
    int cancel_fd;
    int64_t end_mono;
    unsigned ways;

    /* by the browser */
    struct loopback *loopback; /* NULL: nobody listens here */
    struct flow flow;
    const char *browser; /* borrowed; NULL none */
    char state[STATE_SIZE], hash[65];
    bool flowing;
    struct text url;
    struct watch *watch; /* of the store: another process may be called back */

    /* by a code */
    struct signin_device *device;
    const struct device *code;

    int paste_fd;
    char line[SIGNIN_LINE_MOST + 1];
    size_t line_length;
    bool line_overflow;

    const char *method; /* how it succeeded; NULL not yet */
    bool over;          /* err says why */
};

/* The app's values that the church's former sign-in there was made with; without others they are
 * used again (signin_kept.c). */
enum { SIGNIN_KEPT_MOST = 8 };
struct signin_kept {
    struct setting_value list[SIGNIN_KEPT_MOST]; /* keys borrowed from the platform's table */
    char *texts[SIGNIN_KEPT_MOST];               /* owned: the list's values; secret */
    size_t count;
};
/* Puts them into r, when it has none. False without memory. Wipe it also then. */
bool signin_keep(struct signin_kept *k, struct manager *m, struct signin_request *r);
void signin_kept_wipe(struct signin_kept *k);

/* Opens every way that is asked for. */
bool signin_open_ways(struct signin *s, const struct signin_request *r, const struct actor *by,
                      struct error *err);
/* Asks the person whether this is the account; gives the grant back when not. */
bool signin_confirm(struct signin *s, struct error *err);
/* An event for what was not allowed. */
bool signin_tell_missing(struct attempt *a, const struct actor *by);

#endif
