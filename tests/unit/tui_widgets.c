/* Widgets without a screen: typing, columns, forms, questions. */
#include <stdio.h>
#include <string.h>

#include "testlib.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/form.h"
#include "tui/widgets/key.h"
#include "tui/widgets/line_edit.h"
#include "tui/widgets/list.h"

static int key_of(const char *name)
{
    int key = 0;

    ck_assert_msg(key_parse(name, &key), "no key %s", name);
    return key;
}

/* ---- one line of text ---- */

static void keys(struct line_edit *e, const char *names)
{
    char all[300], *rest = all;

    snprintf(all, sizeof all, "%s", names);
    for (char *name = strsep(&rest, " "); name != NULL; name = strsep(&rest, " "))
        line_edit_key(e, key_of(name));
}

START_TEST(typing)
{
    struct line_edit e;

    ck_assert(line_edit_start(&e, 100));
    keys(&e, "a b c left left X");
    ck_assert_str_eq(e.data, "aXbc");
    keys(&e, "home delete end backspace");
    ck_assert_str_eq(e.data, "Xb");
    keys(&e, "ü space € left backspace");
    ck_assert_str_eq(e.data, "Xbü€");
    keys(&e, "left left delete");
    ck_assert_str_eq(e.data, "Xü€");
    line_edit_set(&e, "one two  three");
    keys(&e, "ctrl-w");
    ck_assert_str_eq(e.data, "one two  ");
    keys(&e, "ctrl-w ctrl-w x ctrl-a ctrl-k");
    ck_assert_str_eq(e.data, "");
    line_edit_set(&e, "one two");
    keys(&e, "ctrl-b ctrl-u");
    ck_assert_str_eq(e.data, "o");
    ck_assert(!line_edit_key(&e, key_of("enter")) && !line_edit_key(&e, key_of("tab")) &&
              !line_edit_key(&e, key_of("esc")) && !line_edit_key(&e, key_of("up")));
    line_edit_release(&e);
}
END_TEST

START_TEST(room_is_kept)
{
    struct line_edit e;

    ck_assert(line_edit_start(&e, 5));
    keys(&e, "a b c d €");
    ck_assert_str_eq(e.data, "abcd");
    keys(&e, "e f");
    ck_assert_str_eq(e.data, "abcde");
    line_edit_set(&e, "€€");
    ck_assert_str_eq(e.data, "€");
    line_edit_release(&e);
}
END_TEST

START_TEST(pasting)
{
    struct line_edit e;
    const char *text = "one\r\ttwo\033[A";

    ck_assert(line_edit_start(&e, 100));
    for (const char *s = text; *s != '\0'; s++)
        line_edit_paste(&e, *s);
    ck_assert_str_eq(e.data, "one  two[A");
    line_edit_set(&e, "");
    e.breaks = true;
    for (const char *s = text; *s != '\0'; s++)
        line_edit_paste(&e, *s);
    ck_assert_str_eq(e.data, "one\n two[A");
    ck_assert(line_edit_key(&e, '\n'));
    ck_assert_str_eq(e.data, "one\n two[A\n");
    line_edit_release(&e);
}
END_TEST

/* ---- columns ---- */

static const struct list_column columns[] = { { "Title", 14, 3, 9 },
                                              { "Starts", 16, 0, 4 },
                                              { "Platforms", 14, 2, 2 },
                                              { "Status", 13, 0, 8 },
                                              { NULL, 0, 0, 0 } };

static const char *fitted(int total)
{
    static char text[100];
    int widths[LIST_COLUMNS_MOST] = { 0 }, used = 0, left = list_fit(columns, total, widths),
        seen = 0;

    for (int i = 0; i < 4; i++) {
        used += widths[i] > 0 ? widths[i] + (used > 0 ? 2 : 0) : 0;
        seen += widths[i] > 0;
    }
    ck_assert_int_eq(seen, left);
    ck_assert_msg(total < 1 || used <= total, "%d columns take %d", total, used);
    snprintf(text, sizeof text, "%d %d %d %d", widths[0], widths[1], widths[2], widths[3]);
    return text;
}

START_TEST(columns_leave_by_priority)
{
    ck_assert_str_eq(fitted(76), "21 16 20 13");
    ck_assert_str_eq(fitted(63), "14 16 14 13");
    ck_assert_str_eq(fitted(62), "29 16 0 13");
    ck_assert_str_eq(fitted(46), "31 0 0 13");
    ck_assert_str_eq(fitted(29), "14 0 0 13");
    ck_assert_str_eq(fitted(28), "28 0 0 0");
    ck_assert_str_eq(fitted(5), "5 0 0 0");
    for (int total = 0; total < 300; total++)
        fitted(total);
}
END_TEST

START_TEST(cursor_stays_inside)
{
    struct list l = { .count = 10 };

    list_move(&l, 3);
    list_settle(&l, 4);
    ck_assert_uint_eq(l.cursor, 3);
    ck_assert_uint_eq(l.top, 0);
    list_move(&l, 1);
    list_settle(&l, 4);
    ck_assert_uint_eq(l.top, 1);
    list_move(&l, 1000);
    list_settle(&l, 4);
    ck_assert_uint_eq(l.cursor, 9);
    ck_assert_uint_eq(l.top, 6);
    l.count = 3;
    list_settle(&l, 4);
    ck_assert_uint_eq(l.cursor, 2);
    ck_assert_uint_eq(l.top, 0);
    list_move(&l, -1000);
    ck_assert_uint_eq(l.cursor, 0);
    l.count = 0;
    list_move(&l, 5);
    list_settle(&l, 0);
    ck_assert_uint_eq(l.cursor, 0);
}
END_TEST

/* ---- forms ---- */

static const char *const choices[] = { "public", "private", NULL };

static void make_form(struct form *f)
{
    struct form_field *field;

    form_open(f, "New", "Create");
    field = form_add(f, FORM_TEXT, "title", "Title", 50);
    field->required = true;
    form_set(field, "");
    form_add(f, FORM_HEADING, "", "Platforms", 0);
    form_set(form_add(f, FORM_CHECK, "youtube", "YouTube", 0), "true");
    field = form_add(f, FORM_FOLD, "", "1 setting", 0);
    field->parent = 2;
    field = form_add(f, FORM_CHOICE, "youtube.privacy", "Who", 0);
    field->parent = 3;
    field->choices = choices;
    form_set(field, "public");
    form_ready(f);
}

static enum form_result form_keys(struct form *f, const char *names)
{
    enum form_result result = FORM_GOES_ON;
    char all[300], *rest = all;

    snprintf(all, sizeof all, "%s", names);
    for (char *name = strsep(&rest, " "); name != NULL; name = strsep(&rest, " "))
        result = form_key(f, key_of(name));
    return result;
}

START_TEST(focus_skips_what_is_hidden)
{
    struct form f = { 0 };

    make_form(&f);
    ck_assert_uint_eq(f.focus, 0);
    form_keys(&f, "tab");
    ck_assert_uint_eq(f.focus, 2);
    form_keys(&f, "tab tab");
    ck_assert_uint_eq(f.focus, 5); /* the fold is closed: the button */
    form_keys(&f, "backtab space tab");
    ck_assert_uint_eq(f.focus, 4);
    form_keys(&f, "right");
    ck_assert_str_eq(form_value(form_find(&f, "youtube.privacy")), "private");
    form_keys(&f, "right");
    ck_assert_str_eq(form_value(form_find(&f, "youtube.privacy")), "public");
    form_keys(&f, "left");
    ck_assert(form_changed(form_find(&f, "youtube.privacy")));
    form_keys(&f, "up up space down");
    ck_assert_uint_eq(f.focus, 5); /* the box is not ticked: what hangs on it is gone */
    form_keys(&f, "tab");
    ck_assert_uint_eq(f.focus, 6);
    ck_assert_int_eq(form_keys(&f, "enter"), FORM_LEAVE);
    form_close(&f);
}
END_TEST

START_TEST(errors_lead_to_their_field)
{
    struct form f = { 0 };

    make_form(&f);
    ck_assert(!form_touched(&f));
    form_keys(&f, "tab tab");
    ck_assert(!form_check(&f));
    ck_assert_uint_eq(f.focus, 0);
    ck_assert_str_eq(form_find(&f, "title")->error, "This cannot be empty.");
    form_keys(&f, "a");
    ck_assert_str_eq(form_find(&f, "title")->error, "");
    ck_assert(form_check(&f) && form_touched(&f));
    /* A hidden field's error opens its fold. */
    form_fail(&f, form_find(&f, "youtube.privacy"), "Not allowed.");
    ck_assert(form_shown(&f, 4));
    ck_assert_uint_eq(f.focus, 4);
    form_close(&f);
}
END_TEST

START_TEST(a_busy_form_takes_nothing_but_leave)
{
    struct form f = { 0 };

    make_form(&f);
    f.busy = true;
    ck_assert_int_eq(form_keys(&f, "a ctrl-s"), FORM_GOES_ON);
    ck_assert_str_eq(form_value(form_find(&f, "title")), "");
    ck_assert_int_eq(form_keys(&f, "esc"), FORM_LEAVE);
    f.busy = false;
    ck_assert_int_eq(form_keys(&f, "a ctrl-s"), FORM_SUBMIT);
    ck_assert_str_eq(form_value(form_find(&f, "title")), "a");
    form_close(&f);
}
END_TEST

/* ---- questions ---- */

START_TEST(the_raising_key_never_answers)
{
    struct dialog d;

    dialog_ask(&d, "Stop it?", "Cancel", "Stop", '\r');
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(dialog_key(&d, '\r'), DIALOG_OPEN);
    ck_assert_int_eq(dialog_key(&d, '\t'), DIALOG_OPEN);
    ck_assert_int_eq(dialog_key(&d, '\r'), DIALOG_YES);
    ck_assert(!d.active);
    dialog_ask(&d, "Stop it?", "Cancel", "Stop", 'x');
    ck_assert_int_eq(dialog_key(&d, 'x'), DIALOG_OPEN);
    ck_assert_int_eq(dialog_key(&d, '\r'), DIALOG_NO);
    dialog_ask(&d, "Leave?", "Stay", "Leave", 'q');
    ck_assert_int_eq(dialog_key(&d, 'q'), DIALOG_OPEN);
    ck_assert_int_eq(dialog_key(&d, 27), DIALOG_NO);
}
END_TEST

/* No single key, and no key held down, says yes. */
START_TEST(no_one_key_says_yes)
{
    for (int raised = 1; raised < 128; raised++) {
        for (int key = 1; key < 128; key++) {
            struct dialog d;

            dialog_ask(&d, "Stop it?", "Cancel", "Stop", raised);
            for (int i = 0; i < 5 && d.active; i++)
                ck_assert_msg(dialog_key(&d, key) != DIALOG_YES,
                              "key %d held down says yes to what key %d raised", key, raised);
        }
    }
}
END_TEST

TEST_MAIN("tui_widgets", typing, room_is_kept, pasting, columns_leave_by_priority,
          cursor_stays_inside, focus_skips_what_is_hidden, errors_lead_to_their_field,
          a_busy_form_takes_nothing_but_leave, the_raising_key_never_answers, no_one_key_says_yes)
