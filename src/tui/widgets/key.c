#include "tui/widgets/key.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NCURSES_NOMACROS 1
#include <curses.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>

static const struct {
    const char *name;
    int key;
    const char *shown;
} names[] = {
    { "up", CONSOLE_FUNCTION + KEY_UP, "Up" },
    { "down", CONSOLE_FUNCTION + KEY_DOWN, "Down" },
    { "left", CONSOLE_FUNCTION + KEY_LEFT, "Left" },
    { "right", CONSOLE_FUNCTION + KEY_RIGHT, "Right" },
    { "home", CONSOLE_FUNCTION + KEY_HOME, "Home" },
    { "end", CONSOLE_FUNCTION + KEY_END, "End" },
    { "pgup", CONSOLE_FUNCTION + KEY_PPAGE, "PgUp" },
    { "pgdn", CONSOLE_FUNCTION + KEY_NPAGE, "PgDn" },
    { "insert", CONSOLE_FUNCTION + KEY_IC, "Insert" },
    { "delete", CONSOLE_FUNCTION + KEY_DC, "Delete" },
    { "backtab", CONSOLE_FUNCTION + KEY_BTAB, "Shift-Tab" },
    { "backspace", CONSOLE_FUNCTION + KEY_BACKSPACE, "Backspace" },
    { "tab", '\t', "Tab" },
    { "enter", '\r', "Enter" },
    { "esc", 27, "Esc" },
    { "space", ' ', "Space" },
    { "colon", ':', ":" },
    { "slash", '/', "/" },
    { "question", '?', "?" },
    { "equals", '=', "=" },
    { "semicolon", ';', ";" },
    { "hash", '#', "#" },
};

bool key_parse(const char *name, int *key)
{
    uint32_t character = 0;
    size_t length = strlen(name), step = utf8_decode(name, length, &character);

    if (length > 0 && step == length && character > ' ') {
        *key = (int)character;
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(name, names[i].name) == 0) {
            *key = names[i].key;
            return true;
        }
    }
    if (text_starts_nocase(name, "ctrl-") && length == 6 && (name[5] & 0xdf) >= 'A' &&
        (name[5] & 0xdf) <= 'Z') {
        *key = name[5] & 0x1f;
        return true;
    }
    if ((name[0] == 'f' || name[0] == 'F') && length >= 2 && length <= 3 &&
        strspn(name + 1, "0123456789") == length - 1) {
        int number = name[1] - '0';

        if (length == 3)
            number = number * 10 + name[2] - '0';
        *key = CONSOLE_FUNCTION + KEY_F(number);
        return number >= 1 && number <= 24;
    }
    return false;
}

void key_print(int key, char *out, size_t size)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].key == key) {
            text_copy_to(out, size, names[i].shown);
            return;
        }
    }
    if (key >= CONSOLE_FUNCTION + KEY_F(1) && key <= CONSOLE_FUNCTION + KEY_F(24))
        snprintf(out, size, "F%d", key - CONSOLE_FUNCTION - KEY_F(0));
    else if (key < ' ')
        snprintf(out, size, "^%c", key + '@');
    else if (key < CONSOLE_FUNCTION) {
        char character[5];

        key_utf8(key, character);
        text_copy_to(out, size, character);
    } else
        text_copy_to(out, size, "?");
}

size_t key_utf8(int key, char out[5])
{
    unsigned c = (unsigned)key;
    size_t n = 0;

    if (c < 0x80) {
        out[n++] = (char)c;
    } else if (c < 0x800) {
        out[n++] = (char)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        out[n++] = (char)(0xe0 | c >> 12);
        out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
    } else {
        out[n++] = (char)(0xf0 | c >> 18);
        out[n++] = (char)(0x80 | (c >> 12 & 0x3f));
        out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
    }
    if (c >= 0x80)
        out[n++] = (char)(0x80 | (c & 0x3f));
    out[n] = '\0';
    return n;
}
