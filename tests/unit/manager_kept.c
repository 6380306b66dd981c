/* With whose app a sign-in begins: given values, those of the former connection, the configured
 * ones. */
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/manager/signin.h>

#include "world.h"

static struct world world;

static void teardown(void)
{
    world_close(&world);
}

static void open_world(const char *configured)
{
    const struct world_options o = { .unconnected = true, .idle = true };
    struct error err;

    world_open(&world, &o);
    TEST_OK(config_set(world.config, "zoom", "client_id", configured, &err), err);
}

/* Keeps the address and breaks off. */
struct look {
    struct cancel *cancel;
    char url[6000];
};

static void on_show(void *self, const struct signin_shown *s)
{
    struct look *l = self;

    text_copy_to(l->url, sizeof l->url, s->url ? s->url : "");
    cancel_ask(l->cancel);
}

/* The client_id that the address of a sign-in at Zoom has. */
static void begins_with(const struct setting_value *values, size_t count, const char *client_id)
{
    struct look l = { .cancel = cancel_new() };
    const struct signin_front front = { .self = &l, .show = on_show, .paste_fd = -1 };
    const struct signin_request r = { .church = world.church.id,
                                      .platform = PLATFORM_ZOOM,
                                      .ways = SIGNIN_WAY_BROWSER,
                                      .values = values,
                                      .value_count = count };
    struct error err;
    struct text wanted;

    error_clear(&err);
    ck_assert(!signin_run(world.manager, &r, &front, &world_operator, l.cancel, NULL, &err));
    ck_assert_msg(err.kind == ERROR_CANCELLED, "%s", err.message);
    text_init(&wanted, 300);
    text_addf(&wanted, "&client_id=%s&", client_id);
    ck_assert_msg(strstr(l.url, text_str(&wanted)) != NULL, "not %s: %s", client_id, l.url);
    text_release(&wanted);
    cancel_free(l.cancel);
}

/* What is typed in for Zoom belongs to a server-to-server app, which nobody can sign in with. */
START_TEST(configured_before_typed_credentials)
{
    struct error err;

    open_world("from-the-configuration");
    begins_with(NULL, 0, "from-the-configuration");
    TEST_OK(world_connect(&world, PLATFORM_ZOOM, NULL, &err), err);
    begins_with(NULL, 0, "from-the-configuration");
}
END_TEST

START_TEST(stored_where_nothing_is_configured)
{
    struct setting_value *values;
    struct error err;
    size_t count = 0, at = 0;

    open_world("");
    TEST_OK(world_connect(&world, PLATFORM_ZOOM, NULL, &err), err);
    values = world_credentials(&world, PLATFORM_ZOOM, &count);
    while (at < count && strcmp(values[at].key, "client_id") != 0)
        at++;
    ck_assert_uint_lt(at, count);
    begins_with(NULL, 0, values[at].value);
    free(values);
    /* Given ones go before both. */
    begins_with((struct setting_value[]){ { "client_id", "given" } }, 1, "given");
}
END_TEST

/* Of what was given back nothing is used again. */
START_TEST(nothing_of_a_connection_that_was_given_up)
{
    struct signin_request r = { .platform = PLATFORM_ZOOM };
    struct look l = { .cancel = NULL };
    const struct signin_front front = { .self = &l, .show = on_show, .paste_fd = -1 };
    struct error err;

    open_world("");
    r.church = world.church.id;
    TEST_OK(world_connect(&world, PLATFORM_ZOOM, NULL, &err), err);
    TEST_OK(connection_disconnect(world.manager, world.church.id, PLATFORM_ZOOM, &world_operator,
                                  NULL, &(int64_t){ 0 }, &err),
            err);
    error_clear(&err);
    ck_assert(!signin_run(world.manager, &r, &front, &world_operator, NULL, NULL, &err));
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    ck_assert(strstr(err.message, "client_id") != NULL);
}
END_TEST

TEST_MAIN_FIXTURE("manager_kept", NULL, teardown, configured_before_typed_credentials,
                  stored_where_nothing_is_configured, nothing_of_a_connection_that_was_given_up)
