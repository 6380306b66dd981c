/* What the simulator's tests share: one simulator for each test, and a libcurl client that tells
 * how a request ended. */
#ifndef TESTS_UNIT_SIM_KIT_H
#define TESTS_UNIT_SIM_KIT_H

#include "testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include <ecclesia/base/json.h>
#include <ecclesia/sim/sim.h>

struct reply {
    CURLcode code;
    long status;
    struct text body, head;
    cJSON *json; /* NULL when it is none */
};

static struct sim *sim;
static struct reply last;
static CURL *client;
static char bearer[600]; /* "" none */

static size_t kit_take(char *bytes, size_t size, size_t count, void *to)
{
    text_append(to, bytes, size * count);
    return size * count;
}

static void kit_forget(void)
{
    text_release(&last.body);
    text_release(&last.head);
    cJSON_Delete(last.json);
    memset(&last, 0, sizeof last);
    text_init(&last.body, 1 << 22);
    text_init(&last.head, 1 << 16);
}

static void kit_start_with(const struct sim_options *options)
{
    struct error err;

    error_clear(&err);
    memset(&last, 0, sizeof last);
    ck_assert_msg(sim_start(&sim, options, &err), "%s", err.message);
    client = curl_easy_init();
    bearer[0] = '\0';
    kit_forget();
}

static __attribute__((unused)) void kit_start(void)
{
    struct sim_options options = { .seed = 7, .step_ms = 60 };

    kit_start_with(&options);
}

static __attribute__((unused)) void kit_stop(void)
{
    kit_forget();
    curl_easy_cleanup(client);
    sim_stop(sim);
    sim = NULL;
}

/* One request; the answer is in `last` until the next. type NULL: no body is sent. header may be
 * NULL. */
static const struct reply *kit_ask(const char *method, const char *url, const char *type,
                                   const void *body, size_t length, const char *header)
{
    struct curl_slist *headers = NULL;
    char line[700];

    kit_forget();
    curl_easy_reset(client);
    curl_easy_setopt(client, CURLOPT_NOSIGNAL, 1L);
    /* On a kept connection libcurl would send anew, by itself, what got no answer. */
    curl_easy_setopt(client, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(client, CURLOPT_URL, url);
    curl_easy_setopt(client, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(client, CURLOPT_TIMEOUT_MS, 10000L);
    curl_easy_setopt(client, CURLOPT_WRITEFUNCTION, kit_take);
    curl_easy_setopt(client, CURLOPT_WRITEDATA, &last.body);
    curl_easy_setopt(client, CURLOPT_HEADERDATA, &last.head);
    curl_easy_setopt(client, CURLOPT_HEADERFUNCTION, kit_take);
    if (type != NULL) {
        snprintf(line, sizeof line, "Content-Type: %s", type);
        headers = curl_slist_append(headers, line);
        curl_easy_setopt(client, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl_easy_setopt(client, CURLOPT_POSTFIELDS, body);
    } else if (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0) {
        curl_easy_setopt(client, CURLOPT_POSTFIELDS, "");
    }
    if (bearer[0] != '\0') {
        snprintf(line, sizeof line, "Authorization: Bearer %s", bearer);
        headers = curl_slist_append(headers, line);
    }
    if (header != NULL)
        headers = curl_slist_append(headers, header);
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(client, CURLOPT_HTTPHEADER, headers);
    last.code = curl_easy_perform(client);
    curl_easy_getinfo(client, CURLINFO_RESPONSE_CODE, &last.status);
    last.json =
        last.body.length > 0 ? json_parse(text_str(&last.body), last.body.length, NULL) : NULL;
    curl_slist_free_all(headers);
    return &last;
}

/* At a platform: path and query begin with a slash. */
static __attribute__((unused)) const struct reply *
kit_call(const char *slug, const char *method, const char *path, const char *type, const char *body)
{
    char url[8000];

    snprintf(url, sizeof url, "%s%s", sim_address(sim, slug), path);
    return kit_ask(method, url, type, body, body != NULL ? strlen(body) : 0, NULL);
}

static __attribute__((unused)) const struct reply *kit_get(const char *slug, const char *path)
{
    return kit_call(slug, "GET", path, NULL, NULL);
}

static __attribute__((unused)) const struct reply *kit_json(const char *slug, const char *method,
                                                            const char *path, const char *body)
{
    return kit_call(slug, method, path, "application/json", body);
}

static __attribute__((unused)) const struct reply *kit_form(const char *slug, const char *path,
                                                            const char *body)
{
    return kit_call(slug, "POST", path, "application/x-www-form-urlencoded", body);
}

static __attribute__((unused)) const char *kit_text(const char *path)
{
    const char *found = json_string(last.json, path);

    return found != NULL ? found : "";
}

/* The control surface, without HTTP. Fails the test unless it answers 2xx. The answer is in `last`.
 */
static __attribute__((unused)) const cJSON *kit_control(const char *method, const char *path,
                                                        const char *body)
{
    int status = 0;

    kit_forget();
    ck_assert(sim_control(sim, method, path, body, &last.body, &status));
    ck_assert_msg(status / 100 == 2, "%s %s: %d %s", method, path, status, text_str(&last.body));
    last.json = json_parse(text_str(&last.body), last.body.length, NULL);
    return last.json;
}

static __attribute__((unused)) void kit_fault(const char *json)
{
    struct error err;

    error_clear(&err);
    ck_assert_msg(sim_fault_add(sim, json, &err), "%s", err.message);
}

/* The value of a header of the last answer, "" when absent. Borrowed until the next call. */
static __attribute__((unused)) const char *kit_header(const char *name)
{
    static char value[2000];
    const char *at = strcasestr(text_str(&last.head), name);

    value[0] = '\0';
    if (at != NULL && at[strlen(name)] == ':') {
        at += strlen(name) + 1;
        at += strspn(at, " ");
        snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r\n"), at);
    }
    return value;
}

/* A value out of the ready line: "platforms.youtube.client_id". Yours: free(). */
static __attribute__((unused)) char *kit_ready(const char *path)
{
    struct text line;

    text_init(&line, 1 << 20);
    ck_assert(sim_describe(sim, &line));
    cJSON *json = json_parse(text_str(&line), line.length, NULL);
    char *found = text_copy(json_string(json, path));
    ck_assert_msg(found != NULL, "the ready line has no %s", path);
    cJSON_Delete(json);
    text_release(&line);
    return found;
}

/* Puts a fresh YouTube access token of St Mark's into `bearer`. */
static __attribute__((unused)) void kit_sign_in_youtube(void)
{
    char *id = kit_ready("platforms.youtube.client_id"),
         *secret = kit_ready("platforms.youtube.client_secret");
    char *refresh = kit_ready("platforms.youtube.credentials.refresh_token");
    char form[1000];

    snprintf(form, sizeof form,
             "grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s", id, secret,
             refresh);
    bearer[0] = '\0';
    ck_assert_int_eq(kit_form("youtube", "/token", form)->status, 200);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    free(id);
    free(secret);
    free(refresh);
}

/* The value of a parameter in the Location of the last answer, percent-decoded; "" when absent. */
static __attribute__((unused)) const char *kit_location(const char *name)
{
    static char value[600];
    const char *query = strchr(kit_header("Location"), '?');
    size_t length = strlen(name);

    value[0] = '\0';
    for (const char *at = query; at != NULL; at = strchr(at + 1, '&')) {
        if (strncmp(at + 1, name, length) != 0 || at[1 + length] != '=')
            continue;
        int got = 0;
        char *plain =
            curl_easy_unescape(client, at + 2 + length, (int)strcspn(at + 2 + length, "&"), &got);
        snprintf(value, sizeof value, "%.*s", got, plain);
        curl_free(plain);
        break;
    }
    return value;
}

/* One state of one object of a platform, "" when there is none. */
static __attribute__((unused)) const char *kit_state(const char *slug, const char *id)
{
    static char state[64];
    char path[100];

    snprintf(path, sizeof path, "/_sim/objects?platform=%s", slug);
    state[0] = '\0';
    for (const cJSON *o = kit_control("GET", path, NULL)->child; o != NULL; o = o->next)
        if (text_equal(json_string(o, "id"), id))
            snprintf(state, sizeof state, "%s", json_string(o, "state"));
    return state;
}

#endif
