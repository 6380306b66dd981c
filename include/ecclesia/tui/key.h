/* A key: a character's code point, or CONSOLE_FUNCTION + one of curses' KEY_ codes. */
#ifndef ECCLESIA_TUI_KEY_H
#define ECCLESIA_TUI_KEY_H

enum {
    CONSOLE_FUNCTION = 0x200000,
    CONSOLE_PASTE_BEGIN = 0x300000, /* pasted text begins: what follows is no command */
    CONSOLE_PASTE_END = 0x300001
};

#endif
