/* Forms: made from the platforms' tables, checked, sent as words, and nothing typed is lost. */
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

START_TEST(new_livestream)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "n");
    screen_golden("form_livestream.80x24");
    screen_keys(&screen, "'Advent concert' tab 'With choir' tab 'sat 19:30' tab '+90m' tab tab");
    /* Restream is ticked as it is connected; untick it, go past Instagram to YouTube's settings. */
    screen_keys(&screen, "space tab tab tab space tab right tab space ctrl-s");
    ran("livestream|create|--title|Advent concert|--description|With choir|--start|sat "
        "19:30|--end|+90m|"
        "--platform|youtube:privacy=unlisted,chat=false|--platform|facebook\n");
    screen_expect("Done as asked.");
    screen_expect_not("New livestream");
}
END_TEST

START_TEST(new_meeting)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "3 n");
    screen_golden("form_meeting.80x24");
    screen_keys(&screen, "'Prayer, early' tab tab 'tomorrow 7:00' tab tab tab tab space tab "
                         "'a,b\\' tab tab ctrl-u '25' pgdn enter");
    ran("meeting|create|--title|Prayer, early|--start|tomorrow "
        "7:00|--primary|zoom|--platform|zoom:passcode=a\\,b\\\\,most=25\n");
}
END_TEST

START_TEST(wrong_values_are_told_beside_their_field)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "3 n ctrl-s");
    screen_expect("This cannot be empty.");
    screen_keys(&screen, "'Prayer' tab 'kept' tab 'half past never' tab '+90m' ctrl-s");
    screen_golden("form_wrong_time.80x24");
    screen_expect("half past never");
    screen_expect("kept");
    screen_keys(&screen, "ctrl-u 'tomorrow 10:00' tab ctrl-u 'tomorrow 9:00' ctrl-s");
    screen_expect("The end must be after the start.");
    screen_keys(&screen, "ctrl-u tab tab tab space tab tab tab ctrl-u '0' ctrl-s");
    screen_expect("This must be a whole number from 1 to 1000.");
    screen_keys(&screen, "backspace '12' up up up up space ctrl-s");
    screen_expect("Tick at least one platform.");
    ran("");
    screen_keys(&screen, "tab space ctrl-s");
    screen_expect("Tick this platform below, or choose another one here.");
    screen_keys(&screen, "right ctrl-s");
    ran("meeting|create|--title|Prayer|--description|kept|--start|tomorrow "
        "10:00|--primary|jitsi|--platform|jitsi\n");
}
END_TEST

START_TEST(a_refusal_keeps_what_was_typed)
{
    screen_open(&screen, &stage.source, 24, 80);
    error_set(&stage.refuse, ERROR_INPUT, "Make it shorter.",
              "The title has 140 characters; 100 are the most.");
    screen_keys(&screen, "n 'Much too long' tab tab '+1h' ctrl-s");
    screen_expect("✗ The title has 140 characters; 100 are the most. Make it shorter.");
    screen_expect("Much too long");
    error_platform(&stage.refuse, ERROR_INPUT, "youtube", "Choose public.",
                   "YouTube: privacy \"x\" is not allowed.");
    screen_keys(&screen, "ctrl-s");
    screen_expect("✗ YouTube: privacy \"x\" is not allowed. Choose public.");
    screen_expect("Who can watch"); /* the fold has opened */
    error_set(&stage.refuse, ERROR_STORE_BUSY, "Try again.", "The database is busy.");
    screen_keys(&screen, "ctrl-s");
    screen_expect("✗ The database is busy. Try again.");
    screen_golden("form_refused.80x24");
    stage.refuse.kind = ERROR_NONE;
    screen_keys(&screen, "enter");
    screen_expect_not("Much too long");
}
END_TEST

START_TEST(edit_sends_what_was_changed)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "j e");
    screen_golden("form_edit.80x24");
    screen_keys(&screen, "end ' II' tab tab tab tab tab space tab right ctrl-s");
    ran("livestream|edit|b0000000000000000000000000000001|--title|Evening Prayer "
        "II|--platform|youtube:privacy=unlisted\n");
    screen_keys(&screen, "e tab tab ctrl-u ctrl-s");
    char *got = stage_ran(&stage);

    ck_assert(strstr(got, "edit|b0000000000000000000000000000001|--start|\n") != NULL);
    free(got);
}
END_TEST

START_TEST(leaving_asks_when_something_was_typed)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "n esc");
    screen_expect_not("New livestream");
    screen_keys(&screen, "n a esc");
    screen_expect("Leave the form? What you typed is lost.");
    screen_keys(&screen, "esc esc enter");
    screen_expect("New livestream");
    screen_keys(&screen, "esc tab enter");
    screen_expect_not("New livestream");
    ran("");
}
END_TEST

START_TEST(secrets_are_not_shown)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "1 j c");
    screen_expect("Connect Zoom again");
    screen_keys(&screen, "'acc' tab 'client' tab 'hunter2' ctrl-a");
    screen_expect("•••••••");
    screen_expect_not("hunter2");
    screen_golden("form_connect.80x24");
    error_platform(&stage.refuse, ERROR_AUTH, "zoom", "Copy them again.",
                   "Zoom refused these values.");
    screen_keys(&screen, "ctrl-s");
    screen_expect("✗ Zoom refused these values. Copy them again.");
    screen_expect("•••••••");
    stage.refuse.kind = ERROR_NONE;
    screen_keys(&screen, "enter");
    ran("connect|zoom|--method|credentials|--set|account_id=acc|--set|client_id=client|--set|"
        "client_secret=hunter2\n"
        "connect|zoom|--method|credentials|--set|account_id=acc|--set|client_id=client|--set|"
        "client_secret=hunter2\n");
    screen_expect_not("hunter2");
}
END_TEST

/* A key in PEM is pasted with its line breaks; nothing of a paste moves the form. */
START_TEST(keys_are_pasted_whole)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "1 j j j j c");
    console_key(screen.console, CONSOLE_PASTE_BEGIN);
    for (const char *s = "--A\rB\tC\r--"; *s != '\0'; s++)
        console_key(screen.console, *s);
    console_key(screen.console, CONSOLE_PASTE_END);
    screen_keys(&screen, "ctrl-s");
    ran("connect|youtube|--method|credentials|--set|refresh_token=--A\nB C\n--\n");
}
END_TEST

START_TEST(waiting_can_be_given_up)
{
    screen_open(&screen, &stage.source, 24, 80);
    stage.hold = true;
    screen_keys_only(&screen, "1 j j j j c t ctrl-s");
    screen_expect("Asking YouTube whether it takes these");
    screen_expect("[ Stop waiting ]");
    screen_keys_only(&screen, "x x ctrl-s enter");
    screen_keys(&screen, "esc");
    screen_expect("✗ Stopped waiting.");
    screen_expect("Connect YouTube again");
    ran("connect|youtube|--method|credentials|--set|refresh_token=t\n");
}
END_TEST

START_TEST(small_screens_reach_every_field)
{
    screen_open(&screen, &stage.source, 10, 40);
    screen_keys(&screen, "n");
    screen_golden("form_livestream.40x10");
    screen_keys(&screen, "'A' tab tab tab tab tab tab tab tab");
    screen_expect("2 settings of YouTube");
    screen_keys(&screen, "pgdn");
    screen_expect("[ Create ]");
    screen_keys(&screen, "enter");
    ran("livestream|create|--title|A|--platform|restream|--platform|youtube|--platform|facebook\n");
}
END_TEST

TEST_MAIN_FIXTURE("forms", setup, teardown, new_livestream, new_meeting,
                  wrong_values_are_told_beside_their_field, a_refusal_keeps_what_was_typed,
                  edit_sends_what_was_changed, leaving_asks_when_something_was_typed,
                  secrets_are_not_shown, keys_are_pasted_whole, waiting_can_be_given_up,
                  small_screens_reach_every_field)
