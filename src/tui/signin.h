/* A person's sign-in in the console: the worker that waits (signin.c) and what is shown of it (view_signin.c). It goes on when its view is
 * left. */
#ifndef TUI_SIGNIN_H
#define TUI_SIGNIN_H

#include "tui/private.h"

enum { SIGNIN_URL_MOST = 6000, SIGNIN_ANSWER_MOST = 300 };

enum signin_asks { SIGNIN_ASKS_NOTHING, SIGNIN_ASKS_ACCOUNT /* yes or no */, SIGNIN_ASKS_VALUE };

/* What there is to show; a copy. */
struct signin_state {
    enum platform_id platform;
    char url[SIGNIN_URL_MOST], redirect_uri[512];
    bool returns, simulated;
    char user_code[64], device_url[600]; /* the page with the code in it, when there is one */
    char note[900];
    int64_t end_mono;
    enum signin_asks asks;
    char question[900], key[40];
    unsigned changes; /* counts up */
};

/* Screen's thread. Begins one; false with err when that cannot be. */
bool signin_begin(struct console *c, enum platform_id p, struct error *err);
/* A copy of how it stands; false when none is under way. */
bool signin_look(const struct console *c, struct signin_state *out);
/* Another line that the browser ended at. */
bool signin_paste(struct console *c, const char *line);
/* The answer to what it asks: yes or no, or a value (wiped by the caller). */
void signin_answer(struct console *c, bool yes, const char *value);
void signin_break_off(struct console *c);

#endif
