/* Where the parts of the screen stand, as text. */
#include <stdio.h>
#include <string.h>

#include "testlib.h"
#include "tui/layout.h"

static const char *made(struct layout_wish w)
{
    static char text[1000];
    struct layout l;

    layout_make(&l, &w);
    layout_print(&l, text, sizeof text);
    return text;
}

START_TEST(usual)
{
    struct layout_wish w = { .rows = 24, .columns = 80, .list_rows = 3, .detail_rows = 5 };

    ck_assert_str_eq(
        made(w), "header 0,0 1x80\ntabs 1,0 1x80\nrule 2,0 1x80\nlist 3,0 9x80\ndetail 12,0 6x80\n"
                 "log 18,0 5x80\nfoot 23,0 1x80\n");
}
END_TEST

START_TEST(notice_takes_the_rule)
{
    struct layout_wish w = { .rows = 24,
                             .columns = 80,
                             .list_rows = 3,
                             .detail_rows = 5,
                             .notice = true,
                             .message_rows = 2 };

    ck_assert_str_eq(
        made(w),
        "header 0,0 1x80\ntabs 1,0 1x80\nnotice 2,0 1x80\nlist 3,0 9x80\ndetail 12,0 6x80\n"
        "log 18,0 5x80\nmessage 21,0 2x80\nfoot 23,0 1x80\n");
}
END_TEST

START_TEST(long_lists_keep_half)
{
    struct layout_wish w = { .rows = 24, .columns = 80, .list_rows = 200, .detail_rows = 40 };

    ck_assert_str_eq(
        made(w), "header 0,0 1x80\ntabs 1,0 1x80\nrule 2,0 1x80\nlist 3,0 8x80\ndetail 11,0 7x80\n"
                 "log 18,0 5x80\nfoot 23,0 1x80\n");
}
END_TEST

START_TEST(smallest)
{
    struct layout_wish w = { .rows = 10, .columns = 40, .list_rows = 3, .detail_rows = 5 };

    ck_assert_str_eq(made(w), "header 0,0 1x40\ntabs 1,0 1x40\nlist 2,0 5x40\ndetail 7,0 1x40\nlog "
                              "8,0 1x40\nfoot 9,0 1x40\n");
    w.detail_open = true;
    ck_assert_str_eq(
        made(w), "header 0,0 1x40\ntabs 1,0 1x40\ndetail 2,0 6x40\nlog 8,0 1x40\nfoot 9,0 1x40\n");
}
END_TEST

START_TEST(log_grows)
{
    struct layout_wish w = {
        .rows = 24, .columns = 80, .list_rows = 3, .detail_rows = 5, .log = LAYOUT_LOG_LARGE
    };

    ck_assert_str_eq(
        made(w), "header 0,0 1x80\ntabs 1,0 1x80\nrule 2,0 1x80\nlist 3,0 4x80\ndetail 7,0 6x80\n"
                 "log 13,0 10x80\nfoot 23,0 1x80\n");
    w.log = LAYOUT_LOG_WHOLE;
    ck_assert_str_eq(
        made(w), "header 0,0 1x80\ntabs 1,0 1x80\nrule 2,0 1x80\nlog 3,0 20x80\nfoot 23,0 1x80\n");
}
END_TEST

START_TEST(too_small)
{
    ck_assert_str_eq(made((struct layout_wish){ .rows = 9, .columns = 40 }), "too small\n");
    ck_assert_str_eq(made((struct layout_wish){ .rows = 10, .columns = 39 }), "too small\n");
    ck_assert_str_eq(made((struct layout_wish){ .rows = 1, .columns = 1 }), "too small\n");
}
END_TEST

static int end_of(struct rect r)
{
    return r.y + r.rows;
}

/* Every size, every wish: the parts fill the rows one after the other, none lies over another or
 * outside. */
START_TEST(nothing_overlaps)
{
    for (unsigned bits = 0; bits < 24; bits++) {
        for (int rows = LAYOUT_LEAST_ROWS; rows < 120; rows++) {
            for (int list = 0; list < 60; list += 7) {
                struct layout_wish w = { .rows = rows,
                                         .columns = 80,
                                         .notice = (bits & 1) != 0,
                                         .detail_open = (bits & 2) != 0,
                                         .plain = (bits & 4) != 0,
                                         .log = (enum layout_log)(bits / 8),
                                         .list_rows = list,
                                         .detail_rows = list / 2,
                                         .message_rows = list % 5 };
                struct layout l;
                int y;

                layout_make(&l, &w);
                y = 2 + l.rule.rows + l.notice.rows;
                ck_assert_int_eq(l.header.rows + l.tabs.rows + l.foot.rows, 3);
                ck_assert(l.list.rows >= 0 && l.detail.rows >= 0 && l.log.rows >= 1);
                ck_assert_msg(w.log == LAYOUT_LOG_WHOLE || (w.detail_open && rows < 16) ||
                                  l.list.rows >= 3,
                              "%d rows: the list has %d", rows, l.list.rows);
                ck_assert_int_eq(l.list.y, y);
                ck_assert_int_eq(l.detail.y, end_of(l.list));
                ck_assert_int_eq(l.log.y, end_of(l.detail));
                ck_assert_int_eq(l.foot.y, end_of(l.log));
                ck_assert_int_eq(end_of(l.foot), rows);
                ck_assert(l.message.rows == 0 ||
                          (end_of(l.message) == l.foot.y && l.message.y >= 2));
                ck_assert_int_eq(end_of(l.body), l.log.y);
            }
        }
    }
}
END_TEST

TEST_MAIN("tui_layout", usual, notice_takes_the_rule, long_lists_keep_half, smallest, log_grows,
          too_small, nothing_overlaps)
