/* What `platform show` says of registering an app is what the adapters and sign-ins ask for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/platform/oauth.h>
#include <ecclesia/platform/registration.h>

#include "platform/profiles.h"
#include "testlib.h"

static bool holds(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (; *(list += strspn(list, " ")); list += strcspn(list, " "))
        if (strcspn(list, " ") == length && strncmp(list, word, length) == 0)
            return true;
    return false;
}

static void add(struct text *t, const char *word)
{
    text_addf(t, "%s%s", t->length ? " " : "", word);
}

/* What one way of connecting asks for, by the registration's table. */
static void registered(const struct registration *r, unsigned way, struct text *out)
{
    for (const struct registration_scope *s = r->scopes; s->scope; s++)
        if (s->signin & way)
            add(out, s->scope);
}

static void asked(const struct oauth_profile *o, struct text *out)
{
    for (const struct oauth_scope *s = o->scopes; s && s->scope; s++)
        add(out, s->scope);
}

/* Both lists hold the same words, in any order, each once. */
static void same_words(const char *slug, const char *what, const char *a, const char *b)
{
    const char *sides[2][2] = { { a, b }, { b, a } };

    for (int i = 0; i < 2; i++) {
        const char *list = sides[i][0];
        char word[200];

        for (; *(list += strspn(list, " ")); list += strcspn(list, " ")) {
            snprintf(word, sizeof word, "%.*s", (int)strcspn(list, " "), list);
            ck_assert_msg(holds(sides[i][1], word), "%s, %s: %s is in %s alone", slug, what, word,
                          i == 0 ? "the registration" : "the sign-in");
            ck_assert_msg(!holds(list + strcspn(list, " "), word), "%s: %s twice", slug, word);
        }
    }
}

/* Also of platforms whose adapter does not name its sign-in yet. */
static const struct oauth_profile *profile_of(enum platform_id p)
{
    static const struct oauth_profile *const all[PLATFORM_COUNT] = {
        [PLATFORM_RESTREAM] = &oauth_restream,       [PLATFORM_ZOOM] = &oauth_zoom,
        [PLATFORM_GOOGLE_MEET] = &oauth_google_meet, [PLATFORM_TEAMS] = &oauth_teams,
        [PLATFORM_INSTAGRAM] = &oauth_instagram,     [PLATFORM_YOUTUBE] = &oauth_youtube,
        [PLATFORM_FACEBOOK] = &oauth_facebook,
    };

    return all[p];
}

START_TEST(scopes_are_those_asked_for)
{
    const struct platform *p = platform_get((enum platform_id)_i);
    const struct registration *r = registration_get((enum platform_id)_i);
    const struct oauth_profile *o = profile_of((enum platform_id)_i);
    const char *slug = platform_slug((enum platform_id)_i);
    struct text mine, theirs;

    text_init(&mine, 4000);
    text_init(&theirs, 4000);
    registered(r, SIGNIN_CREDENTIALS, &mine);
    same_words(slug, "credentials", text_str(&mine), p->scopes);
    text_clear(&mine);
    registered(r, SIGNIN_OAUTH, &mine);
    if (o)
        asked(o, &theirs);
    same_words(slug, "browser", text_str(&mine), text_str(&theirs));
    if (o && o->device_path) {
        text_clear(&mine);
        registered(r, SIGNIN_DEVICE, &mine);
        same_words(slug, "code", text_str(&mine),
                   o->device_scopes ? o->device_scopes : text_str(&theirs));
    }
    text_release(&mine);
    text_release(&theirs);
}
END_TEST

START_TEST(words_are_there)
{
    const struct registration *r = registration_get((enum platform_id)_i);
    const struct oauth_profile *o = profile_of((enum platform_id)_i);

    ck_assert_ptr_nonnull(r);
    ck_assert(text_starts(r->console, "https://"));
    ck_assert_uint_gt(strlen(r->app), 20);
    ck_assert_uint_gt(strlen(r->lasts), 10);
    ck_assert_uint_gt(strlen(r->review), 4);
    for (const struct registration_scope *s = r->scopes; s->scope; s++)
        ck_assert_uint_gt(strlen(s->why), 10);
    /* Whoever comes back to this machine is told how to enter that. */
    ck_assert_int_eq(r->enter != NULL, o && o->loopback_host);
    if (o && o->loopback_host && strchr(r->enter, '/')) {
        const char *uri = strstr(r->enter, "http://");
        char wanted[200];

        if (uri) {
            snprintf(wanted, sizeof wanted, "http://%s", o->loopback_host);
            ck_assert(text_starts(uri, wanted));
        }
    }
}
END_TEST

static const char *loopback(struct platform *p, const struct oauth_profile *o, struct text *t)
{
    text_clear(t);
    p->oauth = o;
    return registration_loopback(p, t) ? text_str(t) : "none";
}

START_TEST(redirect_uris)
{
    struct platform p = { .id = PLATFORM_RESTREAM };
    struct text t;

    text_init(&t, 300);
    ck_assert_str_eq(loopback(&p, NULL, &t), "none");
    ck_assert_str_eq(loopback(&p, &oauth_instagram, &t), "none");
    ck_assert_str_eq(loopback(&p, &oauth_restream, &t), "http://127.0.0.1:8482/restream");
    ck_assert_str_eq(loopback(&p, &oauth_youtube, &t), "http://127.0.0.1:PORT");
    ck_assert_str_eq(loopback(&p, &oauth_facebook, &t), "http://localhost:PORT/");
    ck_assert_str_eq(loopback(&p, &oauth_teams, &t), "http://localhost:PORT");
    /* Restream compares all of it, so what is to be entered is exactly that. */
    ck_assert_ptr_nonnull(
        strstr(registration_get(PLATFORM_RESTREAM)->enter, loopback(&p, &oauth_restream, &t)));
    text_clear(&t);
    registration_callback(&p, &t);
    ck_assert_str_eq(text_str(&t), "https://HOST/api/platforms/connections/restream/callback");
    text_release(&t);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("registration");
    Suite *suite = suite_create("platform_registration");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, scopes_are_those_asked_for, 0, PLATFORM_COUNT);
    tcase_add_loop_test(tc, words_are_there, 0, PLATFORM_COUNT);
    tcase_add_test(tc, redirect_uris);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
