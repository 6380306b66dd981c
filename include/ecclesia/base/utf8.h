/* Foreign text made fit for a terminal, a log and a store; display widths. */
#ifndef ECCLESIA_BASE_UTF8_H
#define ECCLESIA_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one character at s (length bytes left). Returns its length in bytes, or 0 when it is not
 * valid UTF-8 (overlong forms, surrogates and values past U+10FFFF are not valid). */
size_t utf8_decode(const char *s, size_t length, uint32_t *character);
bool utf8_valid(const char *s, size_t length);
size_t utf8_count(const char *s); /* characters; an invalid byte counts as one */

/* Copies s to out (size bytes with the NUL): invalid bytes, C0 and C1 controls, ESC, DEL and
 * bidirectional controls become U+FFFD (or '?' for ASCII), line breaks and tabs become one blank.
 * Cuts on a character boundary. Nothing that a platform or a person sent reaches a terminal or a
 * log without this. */
void utf8_clean(char *out, size_t size, const char *s);

/* Columns that s takes on a terminal (wcwidth; unprintables count 0). Needs no locale: decodes
 * UTF-8 itself. */
int utf8_width(const char *s);
/* Bytes of the longest prefix of s that takes at most `columns`; *used gets its width (may be
 * NULL). */
size_t utf8_prefix(const char *s, int columns, int *used);

#endif
