/* The clipboard of the machine that the person sits at, by OSC 52: also over SSH, and through tmux
 * and screen. */
#include <stdlib.h>
#include <string.h>

#include "tui/private.h"

/* What one piece handed through by screen may be. */
enum { SCREEN_PIECE = 240 };

/* tmux hands on what stands in its own wrapping when allow-passthrough is on, and takes the plain
 * form when set-clipboard is: it gets both. */
static void for_tmux(struct text *out, const struct text *plain)
{
    text_append(out, plain->data, plain->length);
    text_add(out, "\033Ptmux;");
    for (size_t i = 0; i < plain->length; i++) {
        if (plain->data[i] == '\033')
            text_add(out, "\033");
        text_append(out, plain->data + i, 1);
    }
    text_add(out, "\033\\");
}

static void for_screen(struct text *out, const struct text *plain)
{
    for (size_t at = 0; at < plain->length; at += SCREEN_PIECE) {
        size_t left = plain->length - at;

        text_add(out, "\033P");
        text_append(out, plain->data + at, left < SCREEN_PIECE ? left : SCREEN_PIECE);
        text_add(out, "\033\\");
    }
}

static bool inside(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && *value != '\0';
}

bool clipboard_copy(struct console *c, const char *what, const char *text)
{
    bool tmux = inside("TMUX"), screen = !tmux && inside("STY"), sent;
    struct text plain, whole;

    if (c->options.write_terminal == NULL) {
        console_say(c, true,
                    "This terminal has no clipboard. Mark the text with the mouse, or show the QR "
                    "code with Enter.");
        return false;
    }
    text_init(&plain, 32 * 1024);
    text_init(&whole, 80 * 1024);
    text_add(&plain, "\033]52;c;");
    text_add_base64(&plain, text, strlen(text));
    text_add(&plain, "\a");
    if (tmux)
        for_tmux(&whole, &plain);
    else if (screen)
        for_screen(&whole, &plain);
    else
        text_append(&whole, plain.data, plain.length);
    sent = !plain.overflow && !whole.overflow;
    if (sent)
        c->options.write_terminal(c->options.context, whole.data, whole.length);
    text_wipe(plain.data, plain.length);
    text_wipe(whole.data, whole.length);
    text_release(&plain);
    text_release(&whole);
    if (sent)
        console_say(c, false, "%s was sent to your clipboard. Nothing there when you paste? %s",
                    what,
                    tmux ? "Then tmux must be told: set -g set-clipboard on. Or mark it with the "
                           "mouse."
                         : "Not every terminal takes it (OSC 52): then mark it with the mouse.");
    else
        console_say(c, true, "%s is too long for the clipboard: mark it with the mouse.", what);
    return sent;
}
