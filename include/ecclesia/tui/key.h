/* A key: a character's code point, or CONSOLE_FUNCTION + one of curses' KEY_ codes. */
#ifndef ECCLESIA_TUI_KEY_H
#define ECCLESIA_TUI_KEY_H

enum {
    CONSOLE_FUNCTION = 0x200000,
    /* Pasted text begins: what follows is no command. Past curses' own codes, within the 16 bits
       that it keeps of one. */
    CONSOLE_PASTE_BEGIN = CONSOLE_FUNCTION + 0x1000,
    CONSOLE_PASTE_END = CONSOLE_FUNCTION + 0x1001
};

#endif
