/* A person's sign-in in the console: the worker that waits (signin.c), what is done with it
 * (view_signin.c) and what is shown of it (draw_signin.c). It goes on when its view is left; one a
 * platform, several platforms at once. */
#ifndef TUI_SIGNIN_H
#define TUI_SIGNIN_H

#include "tui/private.h"

enum { SIGNIN_URL_MOST = 6000, SIGNIN_ANSWER_MOST = 300, SIGNIN_PASTE_MOST = 8 * 1024 };

enum signin_asks { SIGNIN_ASKS_NOTHING, SIGNIN_ASKS_ACCOUNT /* yes or no */, SIGNIN_ASKS_VALUE };

/* What there is to show; a copy. */
struct signin_state {
    enum platform_id platform;
    char url[SIGNIN_URL_MOST], redirect_uri[512];
    bool returns, simulated;
    char user_code[64], device_url[600];
    char device_complete[700]; /* the page with the code in it; "" none */
    char note[900];
    int64_t end_mono; /* 0 while nothing is shown yet */
    enum signin_asks asks;
    char account[200], picture[500],
        before[200];             /* of SIGNIN_ASKS_ACCOUNT; before "": none is replaced */
    char question[900], key[40]; /* of SIGNIN_ASKS_VALUE */
    unsigned changes;            /* counts up */
};

/* ---- signin.c; the screen's thread ---- */

/* Begins one, with a copy of the app's values (NULL: those that are stored or configured); false
 * with err when that cannot be. */
bool signin_begin(struct console *c, enum platform_id p, const struct signin_values *values,
                  struct error *err);
/* A copy of how it stands; false when none is under way. */
bool signin_look(const struct console *c, enum platform_id p, struct signin_state *out);
/* Another line that the browser ended at. False: it was not taken. */
bool signin_paste(struct console *c, enum platform_id p, const char *line);
/* The answer to what it asks: yes or no, or a value (wiped by the caller). */
void signin_answer(struct console *c, enum platform_id p, bool yes, const char *value);
void signin_break_off(struct console *c, enum platform_id p);

/* The app's values that a person typed. */
bool signin_values_add(struct signin_values *v, const char *key,
                       const char *value); /* false without memory */
void signin_values_wipe(struct signin_values *v);

/* ---- view_signin.c, for draw_signin.c ---- */

/* Connecting values can be typed in instead of signing in. */
bool signin_by_values(const struct console *c, enum platform_id p);
/* What Enter shows as a QR code: the page for the code first, then the address; NULL past the last.
 */
const char *signin_qr_of(const struct signin_state *s, int which);
/* Seconds until it is over. */
int signin_left(const struct console *c, const struct signin_state *s);

#endif
