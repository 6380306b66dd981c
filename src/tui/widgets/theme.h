/* Roles and how each looks at each depth of colour. Pure: knows no curses. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include <ecclesia/base/error.h>

enum look {
    LOOK_TEXT,
    LOOK_DIM,
    LOOK_HEADER,
    LOOK_TAB,
    LOOK_TAB_CHOSEN,
    LOOK_RULE,
    LOOK_HEADING,
    LOOK_CHOSEN,
    LOOK_GOOD,
    LOOK_LIVE,
    LOOK_WAITING,
    LOOK_ENDED,
    LOOK_WARNING,
    LOOK_FAILED,
    LOOK_SIMULATED,
    LOOK_LINK,
    LOOK_KEY,
    LOOK_KEY_OFF,
    LOOK_FIELD,
    LOOK_FIELD_FOCUS,
    LOOK_NOTICE,
    LOOK_MESSAGE,
    LOOK_DIALOG,
    LOOK_BUTTON,
    LOOK_BUTTON_FOCUS,
    LOOK_COUNT
};

/* Which column of a theme a terminal gets. */
enum theme_depth {
    THEME_FULL /* 256 or direct */,
    THEME_SIXTEEN /* also 8 */,
    THEME_MONO,
    THEME_DEPTHS
};

enum { STYLE_BOLD = 1, STYLE_DIM = 2, STYLE_ITALIC = 4, STYLE_UNDERLINE = 8, STYLE_REVERSE = 16 };

/* A colour: -1 the terminal's own, 0–255 of the palette, or THEME_RGB | 0xrrggbb. */
enum { THEME_OWN = -1, THEME_RGB = 0x1000000 };

struct theme_style {
    int32_t fore, back;
    unsigned flags;
};

struct theme {
    struct theme_style style[LOOK_COUNT][THEME_DEPTHS];
};

const char *theme_look_name(enum look l); /* "status.live" */

void theme_dark(struct theme *t); /* the built-in default, equal to themes/dark.theme */
/* Each depth looks as themes/mono.theme says. */
void theme_mono(struct theme *t);
/* Reads theme text over *t: roles and columns that it does not name stay. ERROR_CONFIG says name
 * and line; *t is then as it was. */
bool theme_parse(struct theme *t, const char *text, const char *name, struct error *err);
/* By path (with a slash), else NAME.theme in the config directory, beside the program and in the
 * system's places, else built in. On failure *t is the default. */
bool theme_load(struct theme *t, const char *name, struct error *err);
/* The nearest of the 256 colours' fixed part (16–255). */
int theme_nearest(int32_t rgb);

#endif
