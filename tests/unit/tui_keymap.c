/* The table of keys: defaults, the person's own, and that foot line and help have one source. */
#include <string.h>

#include "testlib.h"
#include "tui/keymap.h"
#include "tui/widgets/key.h"

static struct keymap map;

static void setup(void)
{
    struct error err;

    TEST_OK(keymap_start(&map, &err), err);
}

static void teardown(void)
{
    keymap_release(&map);
}

static enum action action_of(int view, const char *name)
{
    const struct binding *b;
    int key = 0;

    ck_assert_msg(key_parse(name, &key), "no key %s", name);
    b = keymap_find(&map, view, key);
    return b != NULL ? b->action : ACTION_NONE;
}

START_TEST(names_go_both_ways)
{
    static const char *const names[][2] = { { "s", "s" },         { "G", "G" },
                                            { "ctrl-l", "^L" },   { "pgdn", "PgDn" },
                                            { "F12", "F12" },     { "f1", "F1" },
                                            { "colon", ":" },     { ":", ":" },
                                            { "tab", "Tab" },     { "backtab", "Shift-Tab" },
                                            { "enter", "Enter" }, { "esc", "Esc" },
                                            { "space", "Space" }, { "ü", "ü" } };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char shown[24];
        int key = 0;

        ck_assert_msg(key_parse(names[i][0], &key), "%s", names[i][0]);
        key_print(key, shown, sizeof shown);
        ck_assert_str_eq(shown, names[i][1]);
    }
}
END_TEST

START_TEST(no_keys_are_refused)
{
    static const char *const names[] = { "",       "ss",      "F0",     "F25",  "F1x", "ctrl-",
                                         "ctrl-1", "ctrl-ll", "strg-c", "\x01", "\xff" };
    int key;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_msg(!key_parse(names[i], &key), "%s", names[i]);
}
END_TEST

/* No key does two things in one view, and every action has a name, a sentence and keys that exist.
 */
START_TEST(the_table_is_sound)
{
    for (size_t i = 0; i < map.count; i++) {
        const struct binding *b = &map.bindings[i];

        for (int view = 0; view < VIEW_COUNT; view++) {
            if ((b->views & 1u << view) != 0)
                ck_assert_msg(keymap_find(&map, view, b->key) == b, "%s is bound twice in view %d",
                              action_table[b->action].name, view);
        }
    }
    for (int a = 1; a < ACTION_LINE; a++) {
        const char *keys = action_table[a].keys;
        size_t words = 1, bound = 0;

        ck_assert(action_table[a].name[0] != '\0' && action_table[a].help[0] != '\0' &&
                  action_table[a].views != 0);
        for (const char *s = keys; *s != '\0'; s++)
            words += *s == ' ';
        for (size_t i = 0; i < map.count; i++)
            bound += map.bindings[i].action == (enum action)a;
        ck_assert_msg(bound == words, "%s: a key in \"%s\" has no such name", action_table[a].name,
                      keys);
    }
}
END_TEST

START_TEST(defaults_by_view)
{
    ck_assert_int_eq(action_of(VIEW_STREAMS, "s"), ACTION_START);
    ck_assert_int_eq(action_of(VIEW_STREAMS, "x"), ACTION_STOP);
    ck_assert_int_eq(action_of(VIEW_MEETINGS, "x"), ACTION_CANCEL);
    ck_assert_int_eq(action_of(VIEW_MEETINGS, "s"), ACTION_NONE);
    ck_assert_int_eq(action_of(VIEW_CONNECTIONS, "D"), ACTION_DISCONNECT);
    ck_assert_int_eq(action_of(VIEW_CONNECTIONS, "d"), ACTION_NONE);
    ck_assert_int_eq(action_of(VIEW_CONNECTIONS, "n"), ACTION_NONE);
    ck_assert_int_eq(action_of(VIEW_CONNECTIONS, "down"), ACTION_DOWN);
}
END_TEST

START_TEST(own_keys_go_first)
{
    struct error err;
    const struct binding *b;
    char key[40];

    TEST_OK(keymap_set(&map, "keys streams", "S", "start", &err), err);
    TEST_OK(keymap_set(&map, "keys streams", "s", "none", &err), err);
    ck_assert_int_eq(action_of(VIEW_STREAMS, "S"), ACTION_START);
    ck_assert_int_eq(action_of(VIEW_STREAMS, "s"), ACTION_NONE);
    keymap_key_for(&map, VIEW_STREAMS, ACTION_START, key, sizeof key);
    ck_assert_str_eq(key, "S");
    TEST_OK(keymap_set(&map, "keys", "ctrl-q", "quit", &err), err);
    ck_assert_int_eq(action_of(VIEW_CONNECTIONS, "ctrl-q"), ACTION_QUIT);
    keymap_keys_for(&map, VIEW_STREAMS, ACTION_QUIT, key, sizeof key);
    ck_assert_str_eq(key, "q ^Q");
    TEST_OK(keymap_set(&map, "keys meetings", "f5", "meeting retry {id} {platform}", &err), err);
    ck_assert_int_eq(action_of(VIEW_MEETINGS, "f5"), ACTION_LINE);
    ck_assert_int_eq(action_of(VIEW_STREAMS, "f5"), ACTION_NONE);
    key_parse("f5", &map.bindings[0].key);
    b = keymap_find(&map, VIEW_MEETINGS, map.bindings[0].key);
    ck_assert_str_eq(b->line, "meeting retry {id} {platform}");
}
END_TEST

START_TEST(wrong_lines_are_named)
{
    struct error err;

    TEST_FAILS(keymap_set(&map, "keys members", "s", "start", &err), err, ERROR_CONFIG);
    ck_assert(strstr(err.message, "keys members") != NULL);
    TEST_FAILS(keymap_set(&map, "keys", "shift-x", "quit", &err), err, ERROR_CONFIG);
    ck_assert(strstr(err.message, "shift-x") != NULL);
    TEST_FAILS(keymap_set(&map, "keys", "s", "strat", &err), err, ERROR_CONFIG);
    ck_assert(strstr(err.message, "strat") != NULL);
    TEST_FAILS(keymap_set(&map, "keys meetings", "s", "start", &err), err, ERROR_CONFIG);
    ck_assert_int_eq(action_of(VIEW_STREAMS, "s"), ACTION_START);
}
END_TEST

TEST_MAIN_FIXTURE("tui_keymap", setup, teardown, names_go_both_ways, no_keys_are_refused,
                  the_table_is_sound, defaults_by_view, own_keys_go_first, wrong_lines_are_named)
