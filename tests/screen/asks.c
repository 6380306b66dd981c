/* What is dangerous asks first, and nothing answers by accident. */
#include <stdlib.h>
#include <string.h>

#include "screenlib.h"
#include "testlib.h"

static struct stage stage;
static struct screen screen;

static void setup(void)
{
    stage_start(&stage);
    stage_fill(&stage);
    screen_defaults(&screen);
}

static void teardown(void)
{
    screen_close(&screen);
    stage_release(&stage);
}

static void ran(const char *wanted)
{
    char *got = stage_ran(&stage);

    ck_assert_str_eq(got, wanted);
    free(got);
}

START_TEST(stop_asks)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "x");
    screen_expect("Stop Sunday Service? Its 500 viewers on YouTube and Facebook");
    screen_golden("stop_asks.80x24");
    ck_assert(strncmp(screen_at_cursor(), "Cancel ]", 8) == 0);
    screen_keys(&screen, "x x x x x x x x x x");
    screen_expect("Stop Sunday Service?");
    ran("");
    screen_keys(&screen, "enter");
    screen_expect_not("Stop Sunday Service?");
    ran("");
}
END_TEST

START_TEST(stop_asks_when_small)
{
    screen_open(&screen, &stage.source, 20, 60);
    screen_keys(&screen, "x");
    screen_golden("stop_asks.60x20");
    screen_resize(&screen, 10, 40);
    screen_golden("stop_asks.40x10");
    screen_keys(&screen, "esc");
    ran("");
}
END_TEST

START_TEST(yes_is_two_keys)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "x tab");
    ck_assert(strncmp(screen_at_cursor(), "Stop the broadcast ]", 20) == 0);
    screen_keys(&screen, "enter");
    ran("livestream|stop|b0000000000000000000000000000000\n");
    screen_expect("Done as asked.");
}
END_TEST

/* The keys of a yes typed twice do not stop the next one too. */
START_TEST(keys_go_nowhere_else)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "x s r n e q 1 3 j : / L");
    screen_expect("[ Cancel ]");
    screen_keys(&screen, "esc");
    ran("");
    screen_expect("[2 Streams]");
}
END_TEST

START_TEST(each_danger_by_its_name)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "j d");
    screen_expect("Delete Evening Prayer?");
    screen_keys(&screen, "right enter 3 x");
    screen_expect("[ Keep it ]  [ Cancel it ]");
    screen_keys(&screen, "l enter 1 j D");
    screen_expect("[ Cancel ]  [ Disconnect ]");
    screen_keys(&screen, "tab tab enter");
    ran("livestream|delete|b0000000000000000000000000000001\nmeeting|cancel|"
        "e0000000000000000000000000000000\n");
}
END_TEST

START_TEST(typed_dangers_ask_too)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "colon 'livestream stop b0' enter");
    screen_expect("Stop Sunday Service?");
    screen_keys(&screen, "enter enter enter");
    screen_expect("Stop Sunday Service?"); /* Enter raised it */
    ran("");
    screen_keys(&screen, "tab enter");
    ran("livestream|stop|b0\n");
}
END_TEST

START_TEST(pasted_text_is_no_command)
{
    screen_open(&screen, &stage.source, 24, 80);
    console_key(screen.console, CONSOLE_PASTE_BEGIN);
    screen_keys(&screen, "x tab enter q s 1 D");
    console_key(screen.console, CONSOLE_PASTE_END);
    screen_keys(&screen, "j");
    ck_assert(!console_quit(screen.console));
    screen_expect("[2 Streams]");
    screen_expect_not("[ Cancel ]");
    ran("");
}
END_TEST

START_TEST(refusals_say_what_to_do)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "d");
    screen_expect("Sunday Service is live.");
    screen_golden("refused.80x24");
    screen_keys(&screen, "esc j x");
    screen_expect("Evening Prayer");
    screen_expect_not("[ Cancel ]");
    screen_keys(&screen, "esc 1 j j D");
    screen_expect("Jitsi Meet is not connected. Press c to sign in.");
    screen_keys(&screen, "k k c");
    screen_expect("ecclesia connect restream");
    ran("");
}
END_TEST

START_TEST(retry_takes_what_failed)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "r");
    screen_keys(&screen, "enter r");
    screen_expect("YouTube has not failed, so there is nothing to try again.");
    screen_keys(&screen, "esc j j j r");
    ran("livestream|retry|b0000000000000000000000000000000|instagram\nlivestream|retry|"
        "b0000000000000000000000000000000|instagram\n");
}
END_TEST

START_TEST(an_error_is_shown_with_its_remedy)
{
    screen_open(&screen, &stage.source, 24, 80);
    error_set(&stage.refuse, ERROR_REFUSED, "Press r to try again.", "Nobody home.");
    screen_keys(&screen, "j s");
    screen_expect("✗ Nobody home. Press r to try again.");
    screen_keys(&screen, "j");
    screen_expect("Nobody home."); /* stays until it was seen */
    screen_keys(&screen, "esc");
    screen_expect_not("Nobody home.");
}
END_TEST

/* A slow answer holds up nothing. */
START_TEST(the_screen_goes_on)
{
    screen_open(&screen, &stage.source, 24, 80);
    stage.hold = true;
    screen_keys_only(&screen, "j s");
    screen_expect("Starting Evening Prayer");
    ck_assert(console_busy(screen.console));
    screen_keys_only(&screen, "1");
    screen_expect("[1 Connections]");
    screen_keys_only(&screen, "2");
    pthread_mutex_lock(&stage.lock);
    stage.hold = false;
    pthread_mutex_unlock(&stage.lock);
    screen_settle(&screen);
    screen_expect("Done as asked.");
}
END_TEST

START_TEST(leaving_while_live_asks)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "q q q");
    screen_expect("A broadcast is live and this console looks after it.");
    ck_assert(!console_quit(screen.console));
    screen_keys(&screen, "esc ctrl-z");
    screen_expect("[ Stay ]  [ Suspend ]");
    ck_assert(!console_suspend(screen.console));
    screen_keys(&screen, "esc q tab enter");
    ck_assert(console_quit(screen.console));
}
END_TEST

START_TEST(leaving_is_quick_where_another_works)
{
    stage.worker = "pid 4711 (ecclesia serve)";
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "ctrl-z");
    ck_assert(console_suspend(screen.console));
    screen_keys(&screen, "q");
    ck_assert(console_quit(screen.console));
}
END_TEST

START_TEST(read_only_only_looks)
{
    screen.options.read_only = true;
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "x");
    screen_expect("only looks");
    screen_keys(&screen, "esc n");
    screen_expect("only looks");
    screen_keys(&screen, "esc colon 'livestream stop b0' enter");
    screen_expect("only looks");
    ran("");
    screen_keys(&screen, "esc colon 'livestream list' enter");
    ran("livestream|list\n");
}
END_TEST

START_TEST(kiosk_stays)
{
    screen.options.kiosk = true;
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "q ctrl-z colon 'quit' enter ctrl-c");
    ck_assert(!console_quit(screen.console) && !console_suspend(screen.console));
    ran("");
}
END_TEST

TEST_MAIN_FIXTURE("asks", setup, teardown, stop_asks, stop_asks_when_small, yes_is_two_keys,
                  keys_go_nowhere_else, each_danger_by_its_name, typed_dangers_ask_too,
                  pasted_text_is_no_command, refusals_say_what_to_do, retry_takes_what_failed,
                  an_error_is_shown_with_its_remedy, the_screen_goes_on, leaving_while_live_asks,
                  leaving_is_quick_where_another_works, read_only_only_looks, kiosk_stays)
