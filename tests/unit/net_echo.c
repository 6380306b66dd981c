/* A refusal that repeats what was secret in its request: it is taken out, and nothing else is. */
#include "testlib.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

#include "net/echo.h"

static char *masked(const struct http_request *r, int status, const char *body)
{
    struct http_answer a = { .status = status, .body = text_copy(body), .length = strlen(body) };

    echo_mask(r, &a);
    ck_assert_uint_eq(strlen(a.body), strlen(body));
    return a.body;
}

static void ck_masked(const struct http_request *r, const char *body, const char *wanted)
{
    char *got = masked(r, 400, body);

    ck_assert_str_eq(got, wanted);
    free(got);
    got = masked(r, 200, body);
    ck_assert_str_eq(got, body);
    free(got);
}

static struct http_request with_body(const char *body)
{
    return (struct http_request){ .url = "https://x.example/a",
                                  .body = body,
                                  .body_length = strlen(body) };
}

START_TEST(of_a_form)
{
    struct http_request r = with_body("grant_type=refresh_token&refresh_token=1%2F%2Fsecret-one&"
                                      "client_secret=second+secret&client_id=public-id");

    ck_masked(&r, "token 1//secret-one of public-id", "token xxxxxxxxxxxxx of public-id");
    ck_masked(&r, "1%2F%2Fsecret-one", "xxxxxxxxxxxxxxxxx");
    ck_masked(&r, "second secret, second+secret: refresh_token",
              "xxxxxxxxxxxxx, xxxxxxxxxxxxx: refresh_token");
    r = with_body("code=abcdefgh");
    ck_masked(&r, "abcdefghabcdefgh", "xxxxxxxxxxxxxxxx");
    r = with_body("code=abc&client_secret=&=&&code");
    ck_masked(&r, "abc &= code", "abc &= code");
    r = with_body("code=%zz%4secret");
    ck_masked(&r, "%zz%4secret", "xxxxxxxxxxx");
}
END_TEST

START_TEST(of_json)
{
    struct http_request r =
        with_body("{\"title\":\"Sunday Service\",\"settings\":{\"password\" : "
                  "\"Psalm23x\",\"n\":[1,\"streamKey\"]},\"streamKey\":\"key-0-1-2\"}");

    ck_masked(&r, "Sunday Service: Psalm23x, key-0-1-2", "Sunday Service: xxxxxxxx, xxxxxxxxx");
    r = with_body("{\"streamKey\":\"never ends");
    ck_masked(&r, "never ends", "never ends");
    r = with_body("{\"code\":");
    ck_masked(&r, "code", "code");
    r = with_body("{\"code\":\"a\\\"bcdefg\",\"x\":\"y\"}");
    ck_masked(&r, "a\\\"bcdefg y", "xxxxxxxxx y");
}
END_TEST

START_TEST(of_headers_and_address)
{
    struct http_request r = { .url = "https://x.example/a?access_token=query-secret&part=snippet",
                              .headers = { "Accept: application/json",
                                           "Authorization: Bearer bearer-secret" } };

    ck_masked(&r, "query-secret bearer-secret snippet application/json",
              "xxxxxxxxxxxx xxxxxxxxxxxxx snippet application/json");
    /* "the-id:the secret&" */
    r = (struct http_request){ .url = "https://x.example",
                               .headers = { "authorization: Basic dGhlLWlkOnRoZSBzZWNyZXQm" } };
    ck_masked(&r, "the-id has the secret& coded dGhlLWlkOnRoZSBzZWNyZXQm",
              "the-id has xxxxxxxxxxx coded xxxxxxxxxxxxxxxxxxxxxxxx");
}
END_TEST

START_TEST(in_headers_of_the_answer)
{
    struct http_request r = with_body("code=secret-code");
    struct http_header header = { text_copy("WWW-Authenticate"),
                                  text_copy("Bearer, no secret-code") };
    struct http_answer a = {
        .status = 401, .body = text_copy(""), .headers = &header, .header_count = 1
    };

    echo_mask(&r, &a);
    ck_assert_str_eq(header.value, "Bearer, no xxxxxxxxxxx");
    free(header.name);
    free(header.value);
    free(a.body);
}
END_TEST

TEST_MAIN("net_echo", of_a_form, of_json, of_headers_and_address, in_headers_of_the_answer)
