/* A person's sign-in at a platform, from the address that is shown to the connection that counts.
 *
 * All ways back are waited for at once: a browser on this machine, the address pasted back, a
 * device's code, and the server's public callback in another process. Nothing counts before the
 * account's name was shown and agreed to. A front shows and asks; it knows nothing of OAuth. */
#ifndef ECCLESIA_MANAGER_SIGNIN_H
#define ECCLESIA_MANAGER_SIGNIN_H

#include <ecclesia/manager/manager.h>

enum { SIGNIN_WAY_BROWSER = 1, SIGNIN_WAY_DEVICE = 2 };

struct signin_request {
    struct id church;
    enum platform_id platform;
    unsigned ways;                      /* 0: all that the platform has */
    const struct setting_value *values; /* the app's: client_id … */
    size_t value_count;
    const char *
        browser; /* the cookie (__Host-flow) of the browser that began it at the server, which alone
                  * may come back; NULL: a console's or a command's, bound by the person's yes */
    int port;    /* of the way back to this machine; 0: the platform's own, or any */
    int64_t timeout_ms; /* 0: [signin] wait; ten minutes at the most */
};

/* What there is to show now. Borrowed for the call. */
struct signin_shown {
    enum platform_id platform;
    const char *url;          /* to open in any browser; NULL: no such way */
    const char *redirect_uri; /* where that browser ends */
    bool returns;             /* a browser on this machine comes back by itself */
    const char *user_code, *device_url,
        *device_complete; /* NULL: no code (yet); complete may be NULL alone */
    const char *note;     /* what has just happened, for a person; NULL */
    int64_t end_mono;     /* when it is over, on the monotonic clock */
    bool simulated;
};

struct signin_found {
    enum platform_id platform;
    const char *account; /* name */
    const char *picture; /* https address of its picture; NULL: not known */
    const char *before;  /* name of another account that this one replaces; NULL */
    bool simulated;
};

/* Where a sign-in shows itself. All is called on the thread that runs it. */
struct signin_front {
    void *self;
    void (*show)(
        void *self,
        const struct signin_shown *shown); /* at the beginning and whenever something changed */
    int paste_fd;                          /* lines with pasted addresses; -1: none */
    bool (*confirm)(void *self, const struct signin_found *found); /* NULL: yes */
    bool (*ask)(void *self, const char *question, const char *key, char *out,
                size_t size); /* one value; NULL: cannot be asked */
};

/* Waits until the person has signed in and agreed; then seals and stores. Nothing is stored
 * otherwise, and an earlier connection stays as it was. ERROR_TIMEOUT, ERROR_CANCELLED,
 * ERROR_FORBIDDEN (refused there), ERROR_REFUSED (refused here). *out is yours. */
bool signin_run(struct manager *m, const struct signin_request *r, const struct signin_front *front,
                const struct actor *by, struct cancel *cancel, struct connection *out,
                struct error *err);

/* A browser has come back to the server: finishes what any process began, for that process to ask
 * its person. query: without "?"; browser: its cookie, NULL none. */
bool signin_callback(struct manager *m, enum platform_id p, const char *query, size_t length,
                     const char *browser, struct cancel *cancel, struct error *err);

/* What the connection was not allowed, as "meetings cannot be ended from here
 * (meeting:update:status); …"; false: nothing. */
bool signin_missing(const struct connection *c, struct text *out);

#endif
