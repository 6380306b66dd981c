/* What becomes of a livestream, from the wish to the platform and back, against the simulated platforms. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

static struct world w;
static const enum platform_id youtube[] = { PLATFORM_YOUTUBE };

START_TEST(a_livestream_is_created_started_and_stopped)
{
    struct error err;

    world_open(&w, NULL);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    struct settled s = world_settle(&w, SUBJECT_LIVESTREAM, id);
    ck_assert_int_eq(s.fine, 1);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 1);
    TEST_OK(livestream_start(w.manager, id, &world_operator, &err), err);
    s = world_settle(&w, SUBJECT_LIVESTREAM, id);
    ck_assert_int_eq(s.fine, 1);
    struct livestream l = world_read_livestream(&w, id);
    ck_assert_int_eq(l.status, LIVESTREAM_LIVE);
    livestream_release(&l);
    TEST_OK(livestream_stop(w.manager, id, &world_operator, &err), err);
    s = world_settle(&w, SUBJECT_LIVESTREAM, id);
    ck_assert_int_eq(s.fine, 1);
    l = world_read_livestream(&w, id);
    ck_assert_int_eq(l.status, LIVESTREAM_ENDED);
    livestream_release(&l);
    world_close(&w);
}
END_TEST

TEST_MAIN("manager_livestreams", a_livestream_is_created_started_and_stopped)
