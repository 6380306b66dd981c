/* A person's sign-in: what is shown of it at each size, what its keys do, and that nothing counts
 * by accident. */
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#define NCURSES_NOMACROS 1
#include <curses.h>

#include <ecclesia/base/text.h>

#include "screenlib.h"
#include "testlib.h"

#define URL                                                                                        \
    "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=123456789012-"      \
    "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.apps.googleusercontent.com&redirect_uri=http%3A%2F%2F127.0." \
    "0.1%3A38123&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fyoutube&state="                   \
    "rk8Zl2mNqX0vYt5uWs7pAa3bCc9dDe1fEg4hFi6jGkI&code_challenge="                                  \
    "0v1Kx2Lz3Mc4Nb5Vp6Qo7Wi8Eu9RyTtAsSdDfFgGhHj&code_challenge_method=S256&access_type=offline&"  \
    "prompt=consent"
#define BACK "http://127.0.0.1:38123/?state=abc&code=4%2F0AX-once"
#define PAGE "https://www.google.com/device"

static struct stage stage;
static struct screen screen;

static void setup(void)
{
    static const struct signin_shown shown = { .url = URL,
                                               .redirect_uri = "http://127.0.0.1:38123",
                                               .returns = true };

    stage_start(&stage);
    stage_fill(&stage);
    stage_signins(&stage);
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        stage.shown[p] = shown;
        stage.shown[p].end_mono = stage_mono() + 492000;
    }
    stage.shown[PLATFORM_YOUTUBE].user_code = "GQVQ-JKEC";
    stage.shown[PLATFORM_YOUTUBE].device_url = PAGE;
    screen_defaults(&screen);
    screen.options.mono = stage_mono;
    unsetenv("TMUX");
    unsetenv("STY");
    unsetenv("NO_COLOR");
}

static void teardown(void)
{
    screen_close(&screen);
    stage_release(&stage);
}

static struct connection *connection_of(enum platform_id p)
{
    for (size_t i = 0; i < stage.connection_count; i++) {
        if (stage.connections[i].platform == p)
            return &stage.connections[i];
    }
    return NULL;
}

/* Restream is signed in to by a person alone, so one key begins; it is the first row. */
static void open_restream(int rows, int columns)
{
    screen_open(&screen, &stage.source, rows, columns);
    screen_keys(&screen, "1");
    screen_keys_only(&screen, "c");
    screen_until(&screen, "Open this address");
}

/* YouTube has both ways and was connected by values: it asks which. */
static void open_youtube(int rows, int columns)
{
    screen_open(&screen, &stage.source, rows, columns);
    screen_keys(&screen, "1 slash 'youtu' enter");
    screen_keys_only(&screen, "c enter");
    screen_until(&screen, "code:");
}

static void found(enum platform_id p)
{
    stage_signin(&stage, p, STAGE_SIGNIN_FOUND);
    screen_until(&screen, "Is this the right account?");
}

static char *pasted(void)
{
    char *copy;

    pthread_mutex_lock(&stage.lock);
    copy = text_copy(stage.pasted);
    pthread_mutex_unlock(&stage.lock);
    return copy;
}

static bool has_pasted(const char *wanted)
{
    char *got = pasted();
    bool same = strcmp(got, wanted) == 0;

    free(got);
    return same;
}

static void paste(const char *text, size_t length)
{
    console_key(screen.console, CONSOLE_PASTE_BEGIN);
    for (size_t i = 0; i < length; i++)
        console_key(screen.console, (unsigned char)text[i]);
    console_key(screen.console, CONSOLE_PASTE_END);
    console_draw(screen.console);
}

/* ---- what is shown ---- */

START_TEST(choice_of_ways)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "1 slash 'youtu' enter c");
    screen_golden("signin_choice.80x24");
    screen_resize(&screen, 10, 40);
    screen_golden("signin_choice.40x10");
    screen_keys(&screen, "down");
    screen_expect("▸ 2  Type in values");
    ck_assert_int_eq(stage.signins[PLATFORM_YOUTUBE], 0);
    screen_keys(&screen, "enter");
    screen_expect("Connect YouTube again");
    screen_expect("Refresh token");
}
END_TEST

START_TEST(address_alone)
{
    open_restream(24, 80);
    screen_golden("signin_address.80x24");
    screen_resize(&screen, 10, 40);
    screen_golden("signin_address.40x10");
    screen_resize(&screen, 40, 120);
    screen_golden("signin_address.120x40");
}
END_TEST

START_TEST(code_and_address)
{
    open_youtube(24, 80);
    screen_golden("signin_code.80x24");
    screen_resize(&screen, 20, 60);
    screen_golden("signin_code.60x20");
    screen_resize(&screen, 10, 40);
    screen_golden("signin_code.40x10");
    screen_resize(&screen, 40, 120);
    screen_golden("signin_code.120x40");
}
END_TEST

/* However narrow, the last line says whole how to leave. */
START_TEST(the_way_back_is_never_cut)
{
    open_youtube(24, 80);
    for (int columns = 120; columns >= 40; columns--) {
        screen_resize(&screen, 20, columns);
        const char *foot = strstr(screen_text(), "\n y copy");
        ck_assert_msg(foot != NULL && strstr(foot, "Esc") && !strstr(foot, "\u2026"),
                      "%d columns: %s", columns, foot != NULL ? foot : "no words");
    }
}
END_TEST

START_TEST(plain_and_ascii)
{
    screen.options.plain = true;
    open_youtube(24, 80);
    screen_golden("signin_plain.80x24");
}
END_TEST

/* The rows below the heading that begin in the first column are the address and nothing else. */
START_TEST(address_is_whole)
{
    char joined[2000] = "";
    const char *line;

    open_restream(24, 80);
    line = strstr(screen_text(), "https://accounts");
    ck_assert(line != NULL && line[-1] == '\n');
    while (line[0] != ' ' && line[0] != '\n') {
        strncat(joined, line, strcspn(line, "\n"));
        line += strcspn(line, "\n") + 1;
    }
    ck_assert_str_eq(joined, URL);
}
END_TEST

START_TEST(address_is_whole_by_scrolling)
{
    struct text all;
    const char *at = URL;

    open_restream(10, 40);
    text_init(&all, 40000);
    for (int i = 0; i < 20; i++) {
        text_add(&all, screen_text());
        screen_keys_only(&screen, "down");
    }
    screen_expect("That is all. Up goes back");
    for (; strlen(at) > 40; at += 40) {
        char part[41];

        text_copy_to(part, sizeof part, at);
        ck_assert_msg(strstr(text_str(&all), part) != NULL, "never shown: %s", part);
    }
    text_release(&all);
}
END_TEST

START_TEST(nothing_to_show_yet)
{
    stage.shown[PLATFORM_RESTREAM] = (struct signin_shown){ .redirect_uri = "" };
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "1");
    screen_keys_only(&screen, "c");
    screen_expect("Asking Restream how to sign in …");
    screen_keys_only(&screen, "y p enter");
    screen_expect("Asking Restream how to sign in …");
}
END_TEST

/* ---- the QR code ---- */

/* A module by what stands in its cell: the upper one of two, or the lower. */
static bool module_dark(int y0, int x0, int row, int column)
{
    wchar_t wide[CCHARW_MAX + 1] = L"";
    attr_t attributes;
    short pair;
    cchar_t c;

    mvwin_wch(stdscr, y0 + row / 2, x0 + column, &c);
    getcchar(&c, wide, &attributes, &pair, NULL);
    if (wide[0] == L'█')
        return true;
    return wide[0] == (row % 2 == 0 ? L'▀' : L'▄');
}

static void compare_qr(const char *url, int y0, int x0)
{
    QRcode *q = QRcode_encodeString8bit(url, 0, QR_ECLEVEL_L);

    ck_assert(q != NULL);
    for (int row = -2; row < q->width + 2; row++) {
        for (int column = -2; column < q->width + 2; column++) {
            bool inside = row >= 0 && column >= 0 && row < q->width && column < q->width;
            bool wanted = inside && (q->data[row * q->width + column] & 1) != 0;

            ck_assert_msg(module_dark(y0, x0, row + 2, column + 2) == wanted, "module %d, %d of %s",
                          row, column, url);
        }
    }
    QRcode_free(q);
}

/* Where the first finder pattern begins, less the quiet zone. */
static void find_qr(int *y, int *x)
{
    for (*y = 0; *y < LINES; (*y)++) {
        for (*x = 0; *x + 7 < COLS; (*x)++) {
            bool here = true;

            for (int i = 0; i < 7 && here; i++)
                here = module_dark(*y, *x, 0, i) && !module_dark(*y, *x, 1, i) == (i > 0 && i < 6);
            if (here) {
                *y -= 1;
                *x -= 2;
                return;
            }
        }
    }
    ck_abort_msg("there is no QR code:\n%s", screen_text());
}

START_TEST(qr_of_the_page_says_the_page)
{
    unsigned long attributes;
    short fore, back;
    int y, x, pair;

    open_youtube(24, 80);
    screen_keys_only(&screen, "enter");
    screen_golden("signin_qr.80x24");
    find_qr(&y, &x);
    compare_qr(PAGE, y, x);
    /* Dark on light, whatever the theme. */
    screen_cell(y, x, &attributes, &pair);
    ck_assert_int_eq(extended_pair_content(pair, &(int){ 0 }, &(int){ 0 }), OK);
    pair_content((short)pair, &fore, &back);
    ck_assert_int_eq(fore, COLOR_BLACK);
    ck_assert_int_eq(back, 15);
    ck_assert_uint_eq(attributes & A_REVERSE, 0);
    /* The address's own is too large here, which is said with what to do instead. */
    screen_keys_only(&screen, "enter");
    screen_expect("The QR code needs a window of");
    screen_expect("y:");
    screen_keys_only(&screen, "enter");
    screen_expect("GQVQ-JKEC");
}
END_TEST

START_TEST(qr_beside_the_words_where_there_is_room)
{
    int y, x;

    open_youtube(40, 120);
    find_qr(&y, &x);
    compare_qr(PAGE, y, x);
    screen_expect("GQVQ-JKEC");
}
END_TEST

START_TEST(qr_of_the_address_in_a_large_window)
{
    int y, x;

    open_restream(60, 160);
    find_qr(&y, &x);
    compare_qr(URL, y, x);
    screen_keys_only(&screen, "enter");
    find_qr(&y, &x);
    compare_qr(URL, y, x);
}
END_TEST

/* ---- copying ---- */

static void expect_copied(const char *before)
{
    struct text t;

    text_init(&t, 8000);
    text_add(&t, before);
    text_add(&t, "]52;c;");
    text_add_base64(&t, URL, strlen(URL));
    ck_assert_msg(strstr(screen.sent, text_str(&t)) != NULL, "sent: %s", screen.sent);
    text_release(&t);
}

START_TEST(y_copies)
{
    open_restream(24, 80);
    screen_keys_only(&screen, "y");
    expect_copied("\033");
    screen_expect("The address was sent to your clipboard.");
    screen_expect("every terminal takes it (OSC 52)");
}
END_TEST

START_TEST(y_copies_through_tmux)
{
    setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
    open_youtube(24, 80);
    screen_keys_only(&screen, "y");
    expect_copied("\033");
    expect_copied("\033Ptmux;\033\033");
    screen_expect("set-clipboard on");
}
END_TEST

START_TEST(no_clipboard)
{
    screen.options.write_terminal = NULL;
    open_restream(24, 80);
    screen_keys_only(&screen, "y");
    screen_expect("This terminal has no clipboard.");
}
END_TEST

/* ---- leaving, coming back, breaking off ---- */

START_TEST(goes_on_when_left)
{
    open_restream(24, 80);
    ck_assert(console_counts(screen.console));
    screen_keys_only(&screen, "esc");
    screen_expect("goes on: press c to come back");
    screen_golden("signin_left.80x24");
    screen_expect("signing in … 8:12 left");
    ck_assert(console_counts(screen.console));
    screen_resize(&screen, 10, 40);
    screen_expect("signing in, 8:12");
    screen_resize(&screen, 24, 80);
    screen_keys_only(&screen, "2");
    ck_assert(!console_counts(screen.console));
    screen_keys_only(&screen, "1 c");
    screen_expect("Open this address");
    ck_assert_int_eq(stage.signins[PLATFORM_RESTREAM], 1);
}
END_TEST

START_TEST(leaving_the_program_asks)
{
    open_restream(24, 80);
    screen_keys_only(&screen, "esc q");
    screen_expect("The sign-in at Restream still");
    screen_expect("waits: leaving breaks it off.");
    screen_expect("A broadcast is live");
    screen_keys_only(&screen, "esc colon 'q' enter");
    ck_assert(!console_quit(screen.console));
    screen_expect("The sign-in at Restream still");
    screen_keys_only(&screen, "tab enter");
    ck_assert(console_quit(screen.console));
}
END_TEST

START_TEST(breaking_off_asks)
{
    open_restream(24, 80);
    screen_keys_only(&screen, "x");
    screen_expect("Break off the sign-in at Restream?");
    screen_keys_only(&screen, "x x enter");
    screen_expect("Open this address");
    screen_keys_only(&screen, "x tab enter");
    screen_until(&screen, "was broken off; nothing was changed.");
    screen_expect_not("signing in");
    ck_assert(!console_busy(screen.console));
}
END_TEST

START_TEST(several_at_once)
{
    stage.worker = "pid 4711";
    open_restream(24, 80);
    screen_keys_only(&screen, "esc slash 'youtu' enter c enter");
    screen_until(&screen, "GQVQ-JKEC");
    screen_keys_only(&screen, "esc esc esc q");
    screen_expect("The sign-ins at Restream and YouTube still wait: leaving");
    screen_keys_only(&screen, "esc");
    stage_signin(&stage, PLATFORM_RESTREAM, STAGE_SIGNIN_FOUND);
    screen_until(&screen, "Restream: somebody has signed in.");
    screen_expect("answer: press c");
    screen_expect("signing in … 8:12 left");
}
END_TEST

/* ---- pasting ---- */

START_TEST(pasted_address_is_handed_on)
{
    open_restream(24, 80);
    paste(BACK, strlen(BACK));
    screen_expect("Paste it here: " BACK);
    screen_golden("signin_pasting.80x24");
    screen_keys_only(&screen, "enter");
    TEST_UNTIL(has_pasted(BACK "\n"));
    screen_expect_not("once");
    screen_expect_not("code=4");
    stage_signin(&stage, PLATFORM_RESTREAM, STAGE_SIGNIN_SHOWS);
    screen_until(&screen, "That answer belongs to another sign-in.");
}
END_TEST

/* A terminal that does not say what is pasted types it: no letter of it is a command. */
START_TEST(typed_address_is_handed_on)
{
    open_restream(24, 80);
    screen_keys_only(&screen, "'" BACK "' enter");
    TEST_UNTIL(has_pasted(BACK "\n"));
    screen_expect("Open this address");
}
END_TEST

START_TEST(far_too_much_does_no_harm)
{
    char *much = malloc(64 * 1024);

    memset(much, 'x', 64 * 1024);
    memcpy(much, "http://127.0.0.1:38123/?code=", 29);
    open_restream(24, 80);
    paste(much, 64 * 1024);
    screen_keys_only(&screen, "enter");
    screen_expect("That is too long to be the address");
    screen_expect_not("xxxx");
    free(much);
    paste(BACK, strlen(BACK));
    screen_keys_only(&screen, "enter");
    TEST_UNTIL(has_pasted(BACK "\n"));
}
END_TEST

START_TEST(pasted_control_characters_are_dropped)
{
    open_restream(24, 80);
    paste("http://a\033[31m\r\n\x7f\tb", 19);
    screen_expect("Paste it here: http://a[31m   b");
    screen_keys_only(&screen, "esc");
    screen_expect_not("Paste it here");
    ck_assert(has_pasted(""));
}
END_TEST

/* ---- the account ---- */

START_TEST(nothing_counts_before_yes)
{
    stage.found.before = "St Anne's";
    stage.found.picture = "https://yt3.ggpht.com/stmarks=s88";
    open_restream(24, 80);
    found(PLATFORM_RESTREAM);
    screen_golden("signin_account.80x24");
    /* Neither letters nor what is pasted answer. */
    paste("y\r", 2);
    screen_keys_only(&screen, "y Y n N h t t p c x v p");
    screen_expect("Is this the right account?");
    screen_resize(&screen, 10, 40);
    screen_golden("signin_account.40x10");
    screen_resize(&screen, 24, 80);
    screen_keys_only(&screen, "enter");
    screen_expect("Nothing is connected before you say yes");
    screen_expect("answer: press c");
    screen_keys_only(&screen, "c tab enter");
    screen_until(&screen, "Restream is connected as St Mark's Church.");
}
END_TEST

START_TEST(another_account_is_refused)
{
    open_restream(24, 80);
    found(PLATFORM_RESTREAM);
    screen_keys_only(&screen, "up");
    screen_expect("▸ [ No, not this one ]");
    screen_keys_only(&screen, "enter");
    screen_until(&screen, "Begin again and choose the other");
    screen_expect("nothing was changed");
}
END_TEST

START_TEST(value_is_asked_for)
{
    stage.signin_question = "The account has several Pages: 1 (St Mark's), 2 (Youth).";
    open_restream(24, 80);
    stage_signin(&stage, PLATFORM_RESTREAM, STAGE_SIGNIN_ASKS);
    screen_until(&screen, "several Pages");
    screen_expect("page_id");
    screen_keys_only(&screen, "'2' enter");
    screen_until(&screen, "Restream is connected as 2.");
}
END_TEST

/* ---- when it fails ---- */

START_TEST(failure_says_what_to_do)
{
    open_restream(24, 80);
    error_set(&stage.refuse, ERROR_TIMEOUT, "Begin again, and open the address sooner.",
              "Nobody has signed in at Restream in time.");
    stage_signin(&stage, PLATFORM_RESTREAM, STAGE_SIGNIN_FAILS);
    screen_until(&screen, "Nobody has signed in at Restream in time.");
    screen_golden("signin_failed.80x24");
    screen_keys_only(&screen, "enter");
    screen_until(&screen, "Open this address");
    ck_assert_int_eq(stage.signins[PLATFORM_RESTREAM], 2);
}
END_TEST

START_TEST(failure_behind_ones_back_is_told)
{
    open_restream(24, 80);
    screen_keys_only(&screen, "esc 2");
    error_set(&stage.refuse, ERROR_FORBIDDEN, "Allow it there.", "Restream: it was refused.");
    stage_signin(&stage, PLATFORM_RESTREAM, STAGE_SIGNIN_FAILS);
    screen_until(&screen, "Restream: it was refused. Allow it there.");
    screen_expect("[2 Streams]");
}
END_TEST

/* An app that nobody has configured is asked for, and what was typed is good for another try. */
START_TEST(app_is_asked_for)
{
    stage.signin_needs_id = true;
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "1 j c enter");
    screen_expect("Zoom: the app to sign in with");
    screen_expect("Signing in needs a client_id.");
    screen_expect_not("Account ID");
    screen_keys_only(&screen, "'id-1' tab 'hidden' ctrl-s");
    screen_until(&screen, "Open this address");
    ck_assert_str_eq(stage.given, "client_id=id-1 client_secret=hidden ");
    error_set(&stage.refuse, ERROR_TIMEOUT, "Begin again.", "Nobody came.");
    stage_signin(&stage, PLATFORM_ZOOM, STAGE_SIGNIN_FAILS);
    screen_until(&screen, "Nobody came.");
    screen_keys_only(&screen, "enter");
    screen_until(&screen, "Open this address");
    ck_assert_str_eq(stage.given, "client_id=id-1 client_secret=hidden ");
    screen_expect_not("hidden");
}
END_TEST

/* What no value of the app's would mend opens no form. */
START_TEST(other_refusals_open_no_form)
{
    stage.signin_needs_id = true;
    stage.signin_trouble = "Instagram sends the browser back to https addresses alone.";
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "1 j c enter");
    screen_expect("sends the browser back to https addresses alone.");
    screen_expect("Enter  begins again");
}
END_TEST

/* ---- the row ---- */

START_TEST(expired_says_its_key_and_one_key_does_it)
{
    struct connection *k = connection_of(PLATFORM_RESTREAM), *y = connection_of(PLATFORM_YOUTUBE);

    k->status = CONNECTION_EXPIRED;
    y->status = CONNECTION_ERROR;
    text_replace(&y->reason, "probe_failed");
    text_replace(&y->method, "oauth");
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "1");
    screen_expect("▲ expired: press c");
    screen_expect("✗ error: press C");
    screen_keys_only(&screen, "c");
    screen_until(&screen, "Open this address");
    /* What was signed in by a person before is so again, at once. */
    screen_keys_only(&screen, "esc slash 'youtu' enter c");
    screen_until(&screen, "GQVQ-JKEC");
}
END_TEST

START_TEST(who_only_looks_signs_nobody_in)
{
    screen.options.read_only = true;
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "1 c");
    screen_expect("This console only looks");
    screen_keys(&screen, "colon 'connect restream' enter");
    screen_expect("This console only looks");
    ck_assert_int_eq(stage.signins[PLATFORM_RESTREAM], 0);
}
END_TEST

/* ---- the host's link ---- */

#define HOST_LINK "https://us02web.zoom.us/s/88112233445?zak=eyJ0eXAiOiJKV1Qi.credential"

START_TEST(host_link_on_demand)
{
    char *ran;

    stage.answer = "{\"targets\":[{\"platform\":\"zoom\",\"hostLink\":\"" HOST_LINK
                   "\"},{\"platform\":\"jitsi\"}]}";
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "3");
    screen_expect_not("zak=");
    screen_keys(&screen, "H");
    screen_golden("host_link.80x24");
    screen_expect(HOST_LINK);
    screen_keys(&screen, "y");
    ck_assert(strstr(screen.sent, "\033]52;c;") != NULL);
    screen_expect("The host's link was sent to your clipboard.");
    screen_keys(&screen, "esc");
    screen_expect_not("zak=");
    ran = stage_ran(&stage);
    ck_assert_str_eq(ran, "meeting|show|e0000000000000000000000000000000|--host-link\n");
    free(ran);
}
END_TEST

START_TEST(host_link_refused)
{
    stage.answer = "{\"targets\":[{\"platform\":\"zoom\",\"hostLinkError\":{\"detail\":\"Zoom is "
                   "not connected.\",\"remedy\":\"Connect it.\"}}]}";
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "3 H");
    screen_expect("Zoom is not connected. Connect it.");
    /* Jitsi here has none. */
    screen_keys(&screen, "esc enter down H");
    screen_expect("Jitsi Meet has no link for the host alone");
}
END_TEST

TEST_MAIN_FIXTURE("signin", setup, teardown, choice_of_ways, address_alone, code_and_address,
                  the_way_back_is_never_cut, plain_and_ascii, address_is_whole,
                  address_is_whole_by_scrolling, nothing_to_show_yet, qr_of_the_page_says_the_page,
                  qr_beside_the_words_where_there_is_room, qr_of_the_address_in_a_large_window,
                  y_copies, y_copies_through_tmux, no_clipboard, goes_on_when_left,
                  leaving_the_program_asks, breaking_off_asks, several_at_once,
                  pasted_address_is_handed_on, typed_address_is_handed_on,
                  far_too_much_does_no_harm, pasted_control_characters_are_dropped,
                  nothing_counts_before_yes, another_account_is_refused, value_is_asked_for,
                  failure_says_what_to_do, failure_behind_ones_back_is_told, app_is_asked_for,
                  other_refusals_open_no_form, expired_says_its_key_and_one_key_does_it,
                  who_only_looks_signs_nobody_in, host_link_on_demand, host_link_refused)
