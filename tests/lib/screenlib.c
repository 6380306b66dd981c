#include "screenlib.h"

#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NCURSES_NOMACROS 1
#include <curses.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>

#include "testlib.h"
#include "tui/widgets/key.h"

enum { SCREEN_MOST = 400 * 100 * 8 };
static char shown[SCREEN_MOST];

static void keep_sent(void *context, const void *bytes, size_t length)
{
    struct screen *s = context;
    size_t used = strlen(s->sent);

    if (length >= sizeof s->sent - used)
        length = sizeof s->sent - used - 1;
    memcpy(s->sent + used, bytes, length);
    s->sent[used + length] = '\0';
}

void screen_defaults(struct screen *s)
{
    *s = (struct screen){ .output = -1 };
    s->options = (struct console_options){
        .theme = "dark", .utf8 = true, .write_terminal = keep_sent, .context = s
    };
    setenv("TERM", "xterm-256color", 1);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    unsetenv("LINES");
    unsetenv("COLUMNS");
}

void screen_open(struct screen *s, const struct console_source *source, int rows, int columns)
{
    struct error err;
    FILE *in = fopen("/dev/null", "r"), *out;

    if (setlocale(LC_CTYPE, s->options.utf8 ? "C.UTF-8" : "C") == NULL)
        ck_abort_msg("there is no C.UTF-8 locale");
    s->output = memfd_create("screen", MFD_CLOEXEC);
    out = fdopen(dup(s->output), "w");
    if (in == NULL || out == NULL || newterm(getenv("TERM"), out, in) == NULL)
        ck_abort_msg("curses does not start");
    nonl();
    resize_term(rows, columns);
    s->console = console_new(source, &s->options, &err);
    if (s->console == NULL)
        ck_abort_msg("%s", err.message);
    console_reload(s->console);
    console_draw(s->console);
}

void screen_close(struct screen *s)
{
    console_free(s->console);
    endwin();
    close(s->output);
}

void screen_resize(struct screen *s, int rows, int columns)
{
    resize_term(rows, columns);
    console_resize(s->console);
    console_draw(s->console);
}

void screen_settle(struct screen *s)
{
    int64_t end = clock_mono() + TEST_PATIENCE_MS;

    while (console_busy(s->console)) {
        struct pollfd p = { .fd = console_fd(s->console), .events = POLLIN };

        if (clock_mono() > end)
            ck_abort_msg("a command did not end");
        poll(&p, 1, 1000);
        console_asks(s->console);
        console_draw(s->console);
    }
}

void screen_until(struct screen *s, const char *text)
{
    int64_t end = clock_mono() + TEST_PATIENCE_MS;

    for (;;) {
        struct pollfd p = { .fd = console_fd(s->console), .events = POLLIN };

        console_asks(s->console);
        console_draw(s->console);
        if (strstr(screen_text(), text) != NULL)
            return;
        if (clock_mono() > end)
            ck_abort_msg("\"%s\" never comes on the screen:\n%s", text, screen_text());
        poll(&p, 1, 100);
    }
}

static void type(struct screen *s, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;

        at += utf8_decode(text + at, length - at, &character);
        console_key(s->console, (int)character);
        console_draw(s->console);
    }
}

void screen_keys_only(struct screen *s, const char *keys)
{
    while (*(keys += strspn(keys, " ")) != '\0') {
        size_t length = *keys == '\'' ? strcspn(keys + 1, "'") + 2 : strcspn(keys, " ");
        char name[40];
        int key = 0;

        if (*keys == '\'') {
            type(s, keys + 1, length - 2);
        } else {
            snprintf(name, sizeof name, "%.*s", (int)length, keys);
            if (!key_parse(name, &key))
                ck_abort_msg("no key is called %s", name);
            console_key(s->console, key);
            console_draw(s->console);
        }
        keys += length;
    }
}

void screen_keys(struct screen *s, const char *keys)
{
    screen_keys_only(s, keys);
    screen_settle(s);
}

/* A cell's characters, without moving curses' own cursor for good. */
static size_t cell(int y, int x, char *out, size_t size)
{
    int was_y = getcury(stdscr), was_x = getcurx(stdscr);
    wchar_t wide[CCHARW_MAX + 1] = L"";
    attr_t attributes;
    short pair;
    cchar_t c;
    size_t used = 0;

    mvwin_wch(stdscr, y, x, &c);
    getcchar(&c, wide, &attributes, &pair, NULL);
    wmove(stdscr, was_y, was_x);
    for (const wchar_t *w = wide; *w != L'\0' && used + 5 < size; w++)
        used += key_utf8((int)*w, out + used);
    return used;
}

static int cell_width(int y, int x)
{
    char text[40] = "";

    cell(y, x, text, sizeof text);
    return utf8_width(text) > 1 ? 2 : 1;
}

const char *screen_text(void)
{
    size_t used = 0;

    for (int y = 0; y < LINES; y++) {
        size_t start = used;

        for (int x = 0; x < COLS; x += cell_width(y, x))
            used += cell(y, x, shown + used, sizeof shown - used - 2);
        while (used > start && shown[used - 1] == ' ')
            used--;
        shown[used++] = '\n';
    }
    shown[used] = '\0';
    return shown;
}

const char *screen_at_cursor(void)
{
    size_t used = 0;
    int y = getcury(stdscr), x = getcurx(stdscr);

    for (; x < COLS; x += cell_width(y, x))
        used += cell(y, x, shown + used, sizeof shown - used - 2);
    shown[used] = '\0';
    return shown;
}

void screen_cell(int y, int x, unsigned long *attributes, int *pair)
{
    int was_y = getcury(stdscr), was_x = getcurx(stdscr);
    wchar_t wide[CCHARW_MAX + 1];
    attr_t found;
    short small;
    cchar_t c;

    mvwin_wch(stdscr, y, x, &c);
    getcchar(&c, wide, &found, &small, pair);
    *attributes = found & ~(attr_t)A_COLOR;
    wmove(stdscr, was_y, was_x);
}

static void find(const char *text, unsigned long *attributes, int *pair)
{
    int was_y = getcury(stdscr), was_x = getcurx(stdscr);
    bool here = false;

    for (int y = 0; y < LINES && !here; y++) {
        for (int x = 0; x < COLS && !here; x++) {
            wmove(stdscr, y, x);
            here = text_starts(screen_at_cursor(), text);
            if (here)
                screen_cell(y, x, attributes, pair);
        }
    }
    wmove(stdscr, was_y, was_x);
    if (!here)
        ck_abort_msg("\"%s\" is not on the screen:\n%s", text, screen_text());
}

unsigned long screen_attributes(const char *text)
{
    unsigned long attributes = 0;
    int pair = 0;

    find(text, &attributes, &pair);
    return attributes;
}

int screen_pair(const char *text)
{
    unsigned long attributes = 0;
    int pair = 0;

    find(text, &attributes, &pair);
    return pair;
}

long screen_written(const struct screen *s)
{
    struct stat st;

    return fstat(s->output, &st) == 0 ? (long)st.st_size : -1;
}

bool screen_has_written(const struct screen *s, long since, const char *bytes)
{
    long length = screen_written(s) - since;
    char *written = calloc(1, (size_t)length + 1);
    bool found = written != NULL && pread(s->output, written, (size_t)length, since) == length &&
                 memmem(written, (size_t)length, bytes, strlen(bytes)) != NULL;

    free(written);
    return found;
}

void screen_expect(const char *text)
{
    if (strstr(screen_text(), text) == NULL)
        ck_abort_msg("\"%s\" is not on the screen:\n%s", text, screen_text());
}

void screen_expect_not(const char *text)
{
    if (strstr(screen_text(), text) != NULL)
        ck_abort_msg("\"%s\" is on the screen:\n%s", text, screen_text());
}

void screen_golden(const char *name)
{
    char path[300], *wanted;
    const char *update = getenv("UPDATE"), *text = screen_text();

    snprintf(path, sizeof path, "tests/screen/golden/%s.txt", name);
    if (update != NULL && strcmp(update, "1") == 0) {
        test_write_file(path, text, strlen(text));
        return;
    }
    wanted = test_read_file(path, NULL);
    if (wanted == NULL)
        ck_abort_msg("%s is missing; UPDATE=1 makes it", path);
    if (strcmp(wanted, text) != 0)
        ck_abort_msg("the screen is not as %s says (UPDATE=1 remakes it). Wanted:\n%s\nGot:\n%s",
                     path, wanted, text);
    free(wanted);
}
