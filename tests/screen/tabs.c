/* The three tabs as a person sees them, at the three sizes that matter. */
#include <stdio.h>

#include <ecclesia/base/text.h>

#include "screenlib.h"
#include "testlib.h"

static struct stage stage;
static struct screen screen;

static void setup(void)
{
    stage_start(&stage);
    screen_defaults(&screen);
}

static void teardown(void)
{
    screen_close(&screen);
    stage_release(&stage);
}

static const struct {
    int rows, columns;
} sizes[] = { { 24, 80 }, { 20, 60 }, { 10, 40 } };

static void golden(const char *name, int size)
{
    char full[80];

    snprintf(full, sizeof full, "%s.%dx%d", name, sizes[size].columns, sizes[size].rows);
    screen_golden(full);
}

START_TEST(each_tab)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, sizes[_i].rows, sizes[_i].columns);
    golden("streams", _i);
    screen_keys(&screen, "enter");
    golden("streams_detail", _i);
    screen_keys(&screen, "1");
    golden("connections", _i);
    screen_keys(&screen, "3");
    golden("meetings", _i);
}
END_TEST

START_TEST(first_steps)
{
    screen_open(&screen, &stage.source, sizes[_i].rows, sizes[_i].columns);
    golden("first_steps", _i);
    stage_connect(&stage, PLATFORM_ZOOM, CONNECTION_CONNECTED, "office");
    stage_fill(&stage);
    stage.stream_count = 0;
    stage.meeting_count = 1;
    console_reload(screen.console);
    console_draw(screen.console);
    golden("first_steps_two_done", _i);
    stage.stream_count = 3;
    stage.meeting_count = 2;
}
END_TEST

START_TEST(help)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, sizes[_i].rows, sizes[_i].columns);
    screen_keys(&screen, "?");
    golden("help", _i);
    screen_keys(&screen, "G");
    golden("help_end", _i);
    screen_keys(&screen, "esc");
    screen_expect("Wednesday Bible");
}
END_TEST

/* Without UTF-8 nothing but ASCII goes out, also of titles. */
START_TEST(ascii)
{
    stage_fill(&stage);
    screen.options.utf8 = false;
    stage_stream(&stage, "Frühgottesdienst", STAGE_NOW + 86400000, LIVESTREAM_SCHEDULED);
    screen_open(&screen, &stage.source, 24, 80);
    screen_golden("ascii.80x24");
    for (const char *s = screen_text(); *s != '\0'; s++)
        ck_assert_msg((unsigned char)*s < 0x80, "not ASCII: %s", s);
    screen_expect("Fr?hgottesdienst");
}
END_TEST

START_TEST(plain)
{
    stage_fill(&stage);
    stage.simulated = true;
    screen.options.plain = true;
    screen_open(&screen, &stage.source, 24, 80);
    screen_golden("plain.80x24");
}
END_TEST

START_TEST(failure_is_told)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    stage.reads_fail = true;
    console_reload(screen.console);
    console_draw(screen.console);
    /* What was read before stays. */
    screen_expect("Wednesday Bible Study");
    screen_expect("The database cannot be read. Look whether the disk is full.");
    stage.reads_fail = false;
    console_reload(screen.console);
    console_draw(screen.console);
    screen_expect_not("cannot be read");
}
END_TEST

START_TEST(filter)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "/ e v e");
    screen_golden("filter.80x24");
    screen_expect("Evening Prayer");
    screen_expect_not("Wednesday");
    screen_keys(&screen, "enter");
    screen_expect("only \"eve\", Esc shows all");
    screen_keys(&screen, "/ backspace backspace backspace 'xyz' enter");
    screen_expect("Nothing has \"xyz\" in its name.");
    screen_keys(&screen, "esc");
    screen_expect("Wednesday");
    screen_keys(&screen, "/ 'e' esc");
    screen_expect("Sunday Service");
    /* Each tab has its own. */
    screen_keys(&screen, "/ 'wed' enter 3");
    screen_expect("Elders");
    screen_keys(&screen, "2");
    screen_expect_not("Evening Prayer");
}
END_TEST

/* The cursor keeps its record when others come before it. */
START_TEST(the_cursor_stays_on_its_record)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "j");
    ck_assert(text_starts(screen_at_cursor(), "▸ Evening Prayer"));
    {
        struct livestream first = stage.streams[0];

        stage.streams[0] = stage.streams[1];
        stage.streams[1] = first;
    }
    console_reload(screen.console);
    console_draw(screen.console);
    ck_assert(text_starts(screen_at_cursor(), "▸ Evening Prayer"));
    screen_keys(&screen, "k");
    ck_assert(text_starts(screen_at_cursor(), "▸ Evening Prayer"));
    screen_keys(&screen, "G");
    ck_assert(text_starts(screen_at_cursor(), "▸ Wednesday"));
    screen_keys(&screen, "g down");
    ck_assert(text_starts(screen_at_cursor(), "▸ Sunday"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tabs");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_loop_test(all, each_tab, 0, 3);
    tcase_add_loop_test(all, first_steps, 0, 3);
    tcase_add_loop_test(all, help, 0, 3);
    tcase_add_test(all, ascii);
    tcase_add_test(all, plain);
    tcase_add_test(all, failure_is_told);
    tcase_add_test(all, filter);
    tcase_add_test(all, the_cursor_stays_on_its_record);
    suite_add_tcase(suite, all);
    return test_run(suite);
}
