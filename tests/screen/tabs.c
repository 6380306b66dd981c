/* The three tabs as a person sees them. */
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

START_TEST(streams_at_80x24)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    screen_golden("streams.80x24");
}
END_TEST

START_TEST(connections_at_80x24)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "1");
    screen_golden("connections.80x24");
}
END_TEST

START_TEST(meetings_at_80x24)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "3");
    screen_golden("meetings.80x24");
}
END_TEST

TEST_MAIN_FIXTURE("tabs", setup, teardown, streams_at_80x24, connections_at_80x24, meetings_at_80x24)
