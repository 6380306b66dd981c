/* Every setting of the meeting platforms: a wrong value is refused before anything is sent, by
 * words that name the platform, the setting, the value where it is shown, and what is allowed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <ecclesia/base/text.h>

#include "platform/kit.h"

static const struct platform *const platforms[] = { &platform_zoom, &platform_google_meet,
                                                    &platform_teams, &platform_jitsi };
enum { PLATFORMS = sizeof platforms / sizeof platforms[0] };

static void refused(const struct platform *p, const struct setting *s, cJSON *value,
                    const char *allowed)
{
    cJSON *settings = cJSON_CreateObject();
    struct error err = { 0 };

    cJSON_AddItemToObject(settings, s->key, value);
    ck_assert_msg(!platform_settings_check(p, PLATFORM_MEETINGS, settings, &err), "%s: %s takes it",
                  platform_slug(p->id), s->key);
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    ck_assert_str_eq(err.platform, platform_slug(p->id));
    ck_assert_msg(strstr(err.message, s->key) != NULL, "%s", err.message);
    ck_assert_msg(strstr(err.message, allowed) != NULL, "%s lacks %s", err.message, allowed);
    ck_assert_msg(*err.remedy != '\0', "%s has no remedy", s->key);
    cJSON_Delete(settings);
}

static void wrong_number(const struct platform *p, const struct setting *s)
{
    char allowed[80];

    snprintf(allowed, sizeof allowed, "from %lld to %lld", (long long)s->least,
             (long long)s->limit);
    refused(p, s, cJSON_CreateNumber((double)s->limit + 1), allowed);
    refused(p, s, cJSON_CreateNumber((double)s->least - 1), allowed);
    refused(p, s, cJSON_CreateNumber(1.5), allowed);
    refused(p, s, cJSON_CreateString("many"), allowed);
}

static void wrong_text(const struct platform *p, const struct setting *s)
{
    char *longer = malloc((size_t)s->limit + 2), allowed[40];

    ck_assert_msg(s->limit > 0, "%s has no limit", s->key);
    memset(longer, 'x', (size_t)s->limit + 1);
    longer[s->limit + 1] = '\0';
    snprintf(allowed, sizeof allowed, "at most %lld", (long long)s->limit);
    refused(p, s, cJSON_CreateString(longer), allowed);
    refused(p, s, cJSON_CreateTrue(), "text");
    free(longer);
}

START_TEST(every_setting_refuses_what_is_wrong)
{
    const struct platform *p = platforms[_i];

    for (const struct setting *s = p->settings; s->key; s++) {
        ck_assert_msg(s->fits == PLATFORM_MEETINGS, "%s fits no meeting", s->key);
        switch (s->type) {
        case SETTING_BOOL:
            refused(p, s, cJSON_CreateString("perhaps"), "true or false");
            refused(p, s, cJSON_CreateNumber(7), "true or false");
            break;
        case SETTING_CHOICE:
            for (size_t i = 0; s->choices[i]; i++)
                refused(p, s, cJSON_CreateString("zzz"), s->choices[i]);
            refused(p, s, cJSON_CreateTrue(), s->choices[0]);
            break;
        case SETTING_NUMBER:
            wrong_number(p, s);
            break;
        case SETTING_TEXT:
            wrong_text(p, s);
            break;
        }
    }
}
END_TEST

/* The table's own defaults are right values, and a setting's words are unlike those of another. */
START_TEST(every_default_is_allowed)
{
    const struct platform *p = platforms[_i];

    for (const struct setting *s = p->settings; s->key; s++) {
        cJSON *settings = cJSON_CreateObject();
        struct error err = { 0 };

        if (*s->otherwise)
            cJSON_AddStringToObject(settings, s->key, s->otherwise);
        ck_assert_msg(platform_settings_check(p, PLATFORM_MEETINGS, settings, &err), "%s",
                      err.message);
        cJSON_Delete(settings);
        for (const struct setting *other = p->settings; other < s; other++) {
            ck_assert_str_ne(other->key, s->key);
            ck_assert_msg(strcmp(other->label, s->label) != 0, "two settings are called %s",
                          s->label);
        }
        ck_assert_msg(strlen(s->label) <= 24, "%s is long for a form", s->label);
    }
}
END_TEST

/* "key=" on a command line takes a value back: the default counts again. */
START_TEST(an_empty_value_is_none)
{
    const struct platform *p = platforms[_i];

    for (const struct setting *s = p->settings; s->key; s++) {
        cJSON *settings = cJSON_CreateObject();
        struct error err = { 0 };

        cJSON_AddStringToObject(settings, s->key, "");
        ck_assert_msg(platform_settings_check(p, PLATFORM_MEETINGS, settings, &err), "%s",
                      err.message);
        if (s->type == SETTING_BOOL)
            ck_assert_int_eq(setting_bool(p, settings, s->key), setting_bool(p, NULL, s->key));
        else if (s->type == SETTING_NUMBER)
            ck_assert_int_eq(setting_number(p, settings, s->key), setting_number(p, NULL, s->key));
        else if (s->type == SETTING_CHOICE)
            ck_assert_str_eq(setting_text(p, settings, s->key), setting_text(p, NULL, s->key));
        cJSON_Delete(settings);
    }
}
END_TEST

/* What one setting alone does not tell: values that do not go together. */
static const struct {
    const struct platform *platform;
    const char *settings, *named[2];
} together[] = {
    { &platform_zoom,
      "{\"waiting_room\":true,\"join_before_host\":true}",
      { "waiting room", "host" } },
    { &platform_zoom, "{\"jbh_time\":\"5\"}", { "jbh_time", "before the host" } },
    { &platform_zoom, "{\"waiting_room_for\":\"everyone\"}", { "waiting_room_for", "true" } },
    { &platform_zoom,
      "{\"waiting_room_for\":\"everyone\",\"waiting_room\":false}",
      { "waiting_room_for", "true" } },
    { &platform_zoom,
      "{\"authentication_option\":\"signIn_D8cJuqWVQ\"}",
      { "authentication_option", "meeting_authentication" } },
    { &platform_zoom,
      "{\"authentication_domains\":\"church.example\"}",
      { "authentication_domains", "meeting_authentication" } },
    { &platform_zoom,
      "{\"allow_multiple_devices\":true,\"registration\":\"none\"}",
      { "allow_multiple_devices", "registration" } },
    { &platform_zoom,
      "{\"registration_type\":\"each\",\"registration\":\"manual\"}",
      { "registration_type", "repeat" } },
    { &platform_zoom,
      "{\"encryption_type\":\"e2ee\",\"auto_recording\":\"cloud\"}",
      { "end-to-end", "cloud" } },
    { &platform_zoom,
      "{\"encryption_type\":\"e2ee\",\"audio\":\"thirdParty\"}",
      { "end-to-end", "telephone" } },
    { &platform_zoom, "{\"passcode\":\"Grace 26\"}", { "passcode", "Zoom" } },
    { &platform_zoom, "{\"alternative_hosts\":\"deacon\"}", { "alternative_hosts", "deacon" } },
    { &platform_google_meet, "{\"calendar\":\"none\"}", { "calendar", "room" } },
    { &platform_google_meet,
      "{\"calendar\":\"none\",\"can_end\":true,\"invite\":\"a@x.example\"}",
      { "invitations", "calendar" } },
    { &platform_google_meet,
      "{\"moderation\":false,\"chat\":\"hosts\"}",
      { "moderation", "restricted" } },
    { &platform_google_meet, "{\"invite\":\"ruth\"}", { "invite", "ruth" } },
    { &platform_teams,
      "{\"calendar\":false,\"invite\":\"a@x.example\"}",
      { "invitations", "calendar" } },
    { &platform_teams,
      "{\"calendar\":false,\"repeat\":\"daily\",\"repeat_count\":2}",
      { "repeat", "calendar" } },
    { &platform_teams, "{\"invite\":\"ruth@\"}", { "invite", "ruth@" } },
    { &platform_teams, "{\"coorganizers\":\"deacon\"}", { "coorganizers", "deacon" } },
    { &platform_jitsi, "{\"room\":\"prayer%20room\"}", { "prayer%20room", "room" } },
    { &platform_jitsi, "{\"host_email\":\"pastor\"}", { "host_email", "pastor" } },
};

START_TEST(values_must_go_together)
{
    static char title[] = "Prayer", text[] = "";
    char *settings = text_copy(together[_i].settings);
    struct meeting m = { .title = title,
                         .description = text,
                         .start_ms = INT64_C(1796238000000),
                         .end_ms = INT64_C(1796241600000) };
    struct target t = { .platform = together[_i].platform->id, .settings = settings };
    struct error err = { 0 };

    ck_assert(!together[_i].platform->meeting_check(&m, &t, &err));
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    for (size_t i = 0; i < 2; i++)
        ck_assert_msg(strstr(err.message, together[_i].named[i]) != NULL, "%s lacks %s",
                      err.message, together[_i].named[i]);
    ck_assert(*err.remedy);
    free(settings);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("platform_settings");
    TCase *c = tcase_create("settings");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(c, every_setting_refuses_what_is_wrong, 0, PLATFORMS);
    tcase_add_loop_test(c, every_default_is_allowed, 0, PLATFORMS);
    tcase_add_loop_test(c, an_empty_value_is_none, 0, PLATFORMS);
    tcase_add_loop_test(c, values_must_go_together, 0, sizeof together / sizeof together[0]);
    suite_add_tcase(s, c);
    runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
