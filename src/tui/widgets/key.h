/* Names of keys, and their characters. */
#ifndef TUI_KEY_H
#define TUI_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include <ecclesia/tui/key.h>

/* "s", "F5", "ctrl-l", "pgdn", "colon" ↔ key code. */
bool key_parse(const char *name, int *key);
void key_print(int key, char *out, size_t size);
/* A character's code point as UTF-8; returns its bytes. */
size_t key_utf8(int key, char out[5]);

#endif
