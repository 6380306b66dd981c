#include <ecclesia/base/text.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void text_init(struct text *t, size_t ceiling)
{
    memset(t, 0, sizeof(*t));
    /* Room for the NUL must always be addable. */
    t->ceiling = ceiling < SIZE_MAX / 2 ? ceiling : SIZE_MAX / 2;
}

void text_release(struct text *t)
{
    free(t->data);
    text_init(t, t->ceiling);
}

void text_clear(struct text *t)
{
    t->length = 0;
    t->overflow = false;
    if (t->data)
        t->data[0] = '\0';
}

/* Makes room for `length` more bytes and the NUL. After a refusal every later append is refused
 * too, so that no text with a hole in it can come out. */
static bool text_reserve(struct text *t, size_t length)
{
    size_t need, room;
    char *grown;

    if (t->overflow || length > t->ceiling - t->length) {
        t->overflow = true;
        return false;
    }
    need = t->length + length + 1;
    if (need <= t->room)
        return true;
    room = t->room < 32 ? 32 : t->room * 2;
    if (room < need)
        room = need;
    if (room > t->ceiling + 1)
        room = t->ceiling + 1;
    grown = realloc(t->data, room);
    if (!grown) {
        t->overflow = true;
        return false;
    }
    t->data = grown;
    t->room = room;
    return true;
}

bool text_append(struct text *t, const void *bytes, size_t length)
{
    if (!text_reserve(t, length))
        return false;
    if (length > 0)
        memcpy(t->data + t->length, bytes, length);
    t->length += length;
    t->data[t->length] = '\0';
    return true;
}

bool text_add(struct text *t, const char *s)
{
    return text_append(t, s, strlen(s));
}

bool text_addf(struct text *t, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        t->overflow = true;
        return false;
    }
    if (!text_reserve(t, (size_t)length))
        return false;
    va_start(args, format);
    vsnprintf(t->data + t->length, (size_t)length + 1, format, args);
    va_end(args);
    t->length += (size_t)length;
    return true;
}

const char *text_str(const struct text *t)
{
    return t->data ? t->data : "";
}

char *text_take(struct text *t)
{
    char *taken = NULL;

    if (t->data || text_append(t, "", 0)) {
        taken = t->overflow ? NULL : t->data;
        if (taken)
            t->data = NULL;
    }
    text_release(t);
    return taken;
}

char *text_copy(const char *s)
{
    return s ? strdup(s) : NULL;
}

bool text_replace(char **slot, const char *s)
{
    char *copy = NULL;

    if (s) {
        copy = strdup(s);
        if (!copy)
            return false;
    }
    free(*slot);
    *slot = copy;
    return true;
}

char *text_format(const char *format, ...)
{
    va_list args;
    char *made = NULL;
    int length;

    va_start(args, format);
    length = vasprintf(&made, format, args);
    va_end(args);
    return length < 0 ? NULL : made;
}

bool text_copy_to(char *out, size_t size, const char *s)
{
    size_t length = s ? strlen(s) : 0;
    bool whole = true;

    if (size == 0)
        return false;
    if (length >= size) {
        whole = false;
        length = size - 1;
        /* Back to the first byte of the character that would be cut. */
        while (length > 0 && ((unsigned char)s[length] & 0xC0) == 0x80)
            length--;
    }
    if (length > 0)
        memmove(out, s, length);
    out[length] = '\0';
    return whole;
}

bool text_equal(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return strcmp(a, b) == 0;
}

bool text_starts(const char *s, const char *prefix)
{
    return s && prefix && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_starts_nocase(const char *s, const char *prefix)
{
    return s && prefix && strncasecmp(s, prefix, strlen(prefix)) == 0;
}

void text_wipe(void *data, size_t length)
{
    if (data && length > 0)
        explicit_bzero(data, length);
}
