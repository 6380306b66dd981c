/* A growing string with a ceiling.
 *
 * Every text fed from outside is given a ceiling at birth; past it, appending fails and `overflow`
 * stays set, so that one check at the end is enough. `data` is always NUL-terminated once anything
 * was appended; use text_str() before. */
#ifndef ECCLESIA_BASE_TEXT_H
#define ECCLESIA_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
    char *data;     /* owned; NULL while empty */
    size_t length;  /* bytes, without the NUL */
    size_t room;    /* bytes allocated */
    size_t ceiling; /* bytes, without the NUL */
    bool overflow;  /* an append was refused: ceiling or memory */
};

void text_init(struct text *t, size_t ceiling);
void text_release(struct text *t); /* frees; t may be used again with its ceiling */
void text_clear(struct text *t);   /* empties, keeps the memory */
bool text_append(struct text *t, const void *bytes, size_t length);
bool text_add(struct text *t, const char *s);
bool text_addf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_str(const struct text *t); /* borrowed, never NULL */
/* Yours: free(); t is empty again. NULL without memory, and after an overflow: what was cut is not
 * handed out. */
char *text_take(struct text *t);

/* strdup that takes NULL for NULL; yours: free(). NULL without memory. */
char *text_copy(const char *s);
/* Replaces *slot by a copy of s (s may be NULL). False without memory, *slot is then untouched. */
bool text_replace(char **slot, const char *s);
/* A new formatted string, yours: free(). NULL without memory. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Copies with a cut on a character boundary; always terminates. Returns false when it had to cut.
 */
bool text_copy_to(char *out, size_t size, const char *s);
bool text_equal(const char *a, const char *b); /* NULL-safe */
bool text_starts(const char *s, const char *prefix);
bool text_starts_nocase(const char *s, const char *prefix);
/* Wipes memory in a way that the compiler keeps. */
void text_wipe(void *data, size_t length);

/* Percent-encodes all but RFC 3986 unreserved characters onto t. */
bool text_add_urlencoded(struct text *t, const char *s);
/* Base64 (standard, padded) and base64url (no padding) onto t. */
bool text_add_base64(struct text *t, const void *bytes, size_t length);
bool text_add_base64url(struct text *t, const void *bytes, size_t length);
bool text_add_hex(struct text *t, const void *bytes, size_t length);
/* Lower or upper hex to exactly `length` bytes. */
bool text_from_hex(void *out, size_t length, const char *hex);

#endif
