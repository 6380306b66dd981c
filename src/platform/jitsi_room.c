/* Names of rooms. Whoever knows a room's name is in it, so ours cannot be guessed; the server
 * compares names lower-cased and without some characters, so ours have none that it would change.
 */
#include "platform/jitsi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <ecclesia/base/utf8.h>

#define CODE_LENGTH 12
#define SLUG_LENGTH 24

static const char symbols[] = "23456789abcdefghjkmnpqrstvwxyz";

/* U+00C0 to U+017F without their marks. */
static const char folded[] = "aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuyty"
                             "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                             "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* '-' for a gap, '\0' for what leaves no trace. */
static char slug_letter(uint32_t c)
{
    if (c < 0x80)
        return isalnum((int)c) ? (char)tolower((int)c) : c == '\'' ? '\0' : '-';
    if (c >= 0xc0 && c < 0x180)
        return folded[c - 0xc0];
    if (c == 0x218 || c == 0x219)
        return 's';
    if (c == 0x21a || c == 0x21b)
        return 't';
    /* Typographic apostrophes and combining marks. */
    return c == 0x2018 || c == 0x2019 || (c >= 0x300 && c < 0x370) ? '\0' : '-';
}

void jitsi_slug(const char *title, char out[25])
{
    size_t left = strlen(title), n = 0;

    while (left > 0 && n < SLUG_LENGTH) {
        uint32_t c = 0;
        size_t step = utf8_decode(title, left, &c);
        char letter = step ? slug_letter(c) : '-';

        title += step ? step : 1;
        left -= step ? step : 1;
        if (letter && (letter != '-' || (n > 0 && out[n - 1] != '-')))
            out[n++] = letter;
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    out[n] = '\0';
    if (n == 0)
        snprintf(out, SLUG_LENGTH + 1, "meeting");
}

/* Of 16 unguessable bytes, read as one number and divided by 30 twelve times, the remainders: so
 * that no byte has to be thrown away, and each name comes as often as any other to 2^-69. */
static void code_from(const unsigned char bytes[16], char out[CODE_LENGTH + 1])
{
    unsigned char number[16];

    memcpy(number, bytes, sizeof(number));
    for (size_t i = 0; i < CODE_LENGTH; i++) {
        unsigned rest = 0;
        for (size_t k = 0; k < sizeof(number); k++) {
            rest = rest << 8 | number[k];
            number[k] = (unsigned char)(rest / (sizeof(symbols) - 1));
            rest %= sizeof(symbols) - 1;
        }
        out[i] = symbols[rest];
    }
    out[CODE_LENGTH] = '\0';
    text_wipe(number, sizeof(number));
}

bool jitsi_room_made(struct call *call, const char *title, char out[JITSI_ROOM_SIZE],
                     struct error *err)
{
    unsigned char bytes[32];
    char slug[SLUG_LENGTH + 1], code[CODE_LENGTH + 1];

    if (!call->derive(call, "jitsi-room", bytes, err))
        return false;
    jitsi_slug(title, slug);
    code_from(bytes, code);
    snprintf(out, JITSI_ROOM_SIZE, "%s-%s", slug, code);
    text_wipe(bytes, sizeof(bytes));
    return true;
}

bool jitsi_room_typed(const char *typed, char out[JITSI_ROOM_SIZE], struct error *err)
{
    static const char kept[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    static const char dropped[] = ":?#[]@!$&'()*+,;=></\"";
    char slug[SLUG_LENGTH + 1], remedy[120];
    size_t n = 0;
    bool fine = true;

    for (const char *s = typed; *s && fine; s++) {
        char c = (char)tolower((unsigned char)*s);
        if (isspace((unsigned char)c) || strchr(dropped, c))
            continue;
        fine = strchr(kept, c) && n < JITSI_ROOM_SIZE - 1;
        if (fine)
            out[n++] = c;
    }
    out[n] = '\0';
    if (fine && n > 0)
        return true;
    jitsi_slug(typed, slug);
    snprintf(remedy, sizeof(remedy),
             "Use at most %d of a-z, 0-9, - and _, for instance %s; or leave it empty.",
             JITSI_ROOM_SIZE - 1, slug);
    return error_platform(err, ERROR_INPUT, "jitsi", remedy,
                          "Jitsi: \"%.80s\" cannot be the name of a room.", typed);
}

/* Counts what stands in parts that mix letters and digits, as no word does. */
bool jitsi_room_guessable(const char *room)
{
    size_t random = 0;

    while (*room) {
        size_t length = strcspn(room, "-_"), digits = 0;
        for (size_t i = 0; i < length; i++)
            digits += isdigit((unsigned char)room[i]) != 0;
        if (digits > 0 && digits < length)
            random += length;
        room += length + (room[length] != '\0');
    }
    return random < 8;
}
