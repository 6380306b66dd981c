#include "fakecall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

static const char api_base[] = "https://api.test";
static const char auth_base[] = "https://auth.test";

/* The path after the base that the URL starts with; the whole URL when with neither. */
static const char *path_of(const char *url)
{
    if (text_starts(url, api_base))
        return url + sizeof(api_base) - 1;
    if (text_starts(url, auth_base))
        return url + sizeof(auth_base) - 1;
    return url;
}

static bool is_what(const struct fake_request *r, const char *what)
{
    size_t method = strcspn(what, " ");

    return strlen(r->method) == method && strncmp(r->method, what, method) == 0 &&
           text_starts(path_of(r->url), what + method + (what[method] ? 1 : 0));
}

static bool holds(const struct fake_request *r, const char *part)
{
    return strstr(r->url, part) || strstr(r->headers, part) ||
           (r->body_length && memmem(r->body, r->body_length, part, strlen(part)));
}

static struct fake_request *record(struct fake *f, const struct http_request *request)
{
    struct fake_request *r = &f->requests[f->request_count++];
    struct text headers;

    ck_assert_uint_lt(f->request_count, sizeof(f->requests) / sizeof(f->requests[0]));
    text_init(&headers, 64 * 1024);
    for (size_t i = 0; i < HTTP_HEADERS_MAX && request->headers[i]; i++)
        text_addf(&headers, "%s\n", request->headers[i]);
    r->method = text_copy(request->method);
    r->url = text_copy(request->url);
    r->headers = text_copy(text_str(&headers));
    r->body = calloc(1, request->body_length + 1);
    ck_assert_ptr_nonnull(r->body);
    if (request->body)
        memcpy(r->body, request->body, request->body_length);
    r->body_length = request->body ? request->body_length : 0;
    r->effect = request->effect;
    r->creates = request->creates;
    text_release(&headers);
    ck_assert_msg(request->route && *request->route, "no route for %s %s", r->method, r->url);
    ck_assert_msg(!strchr(request->route, '?'), "the route %s has a query", request->route);
    ck_assert_msg(strcmp(r->method, "GET") != 0 || !r->effect, "GET %s says it has an effect",
                  r->url);
    ck_assert_msg(!r->creates || r->effect, "%s creates without effect", r->url);
    return r;
}

/* Header strings of a script, as net would hand them over. */
static void answer_headers(struct http_answer *answer, const struct fake_step *step)
{
    size_t count = 0;

    while (count < 4 && step->headers[count])
        count++;
    answer->headers = count ? calloc(count, sizeof(*answer->headers)) : NULL;
    for (size_t i = 0; i < count; i++) {
        const char *colon = strchr(step->headers[i], ':');

        ck_assert_ptr_nonnull(colon);
        answer->headers[i].name =
            text_format("%.*s", (int)(colon - step->headers[i]), step->headers[i]);
        answer->headers[i].value = text_copy(colon + 1 + strspn(colon + 1, " "));
    }
    answer->header_count = count;
}

static void check_parts(const struct fake_request *r, const struct fake_step *step)
{
    ck_assert_msg(is_what(r, step->what), "expected %s\nbut sent %s %s\n%s", step->what, r->method,
                  r->url, r->body);
    for (size_t i = 0; i < 10 && step->holds[i]; i++)
        ck_assert_msg(holds(r, step->holds[i]), "%s lacks %s:\n%s\n%s%s", step->what,
                      step->holds[i], r->url, r->headers, r->body);
    for (size_t i = 0; i < 4 && step->lacks[i]; i++)
        ck_assert_msg(!holds(r, step->lacks[i]), "%s must not hold %s:\n%s\n%s%s", step->what,
                      step->lacks[i], r->url, r->headers, r->body);
}

static bool play(struct call *call, const struct http_request *request, struct http_answer *answer,
                 struct error *err)
{
    struct fake *f = call->context;
    struct fake_request *r = record(f, request);
    const struct fake_step *step = &f->steps[f->at];
    struct error slip;
    cJSON *tree;

    memset(answer, 0, sizeof(*answer));
    ck_assert_msg(step->what != NULL, "nothing more was expected, but sent %s %s\n%s", r->method,
                  r->url, r->body);
    f->at++;
    check_parts(r, step);
    if (step->status == 0)
        return error_platform(err, step->fails, platform_slug(call->platform), NULL,
                              "the script lets this fail");
    if (step->answer && !step->html) {
        tree = json_parse(step->answer, strlen(step->answer), &slip);
        ck_assert_msg(tree != NULL, "the script's answer to %s: %s", step->what, slip.message);
        cJSON_Delete(tree);
    }
    answer->status = step->status;
    answer->body = text_copy(step->answer ? step->answer : "");
    answer->length = strlen(answer->body);
    answer->took_ms = 1;
    answer_headers(answer, step);
    return true;
}

static const char *find_credential(struct call *call, const char *key)
{
    struct fake *f = call->context;

    for (const struct fake_secret *s = f->secrets; s && s->key; s++)
        if (strcmp(s->key, key) == 0)
            return s->value;
    return NULL;
}

static bool give_token(struct call *call, const char **out, struct error *err)
{
    struct fake *f = call->context;

    *out = f->access;
    return f->access || error_platform(err, ERROR_AUTH, platform_slug(call->platform),
                                       "Connect it again.", "there is no token");
}

static bool sign_hmac(const EVP_MD *digest, const char *key, const void *message, size_t length,
                      unsigned char *out, size_t *out_length)
{
    unsigned made = 0;

    if (!HMAC(digest, key, (int)strlen(key), message, length, out, &made))
        return false;
    *out_length = made;
    return true;
}

static bool sign_rsa(const char *pem, const void *message, size_t length, unsigned char *out,
                     size_t *out_length)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done;

    *out_length = 1024;
    done = key && ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
           EVP_DigestSign(ctx, out, out_length, message, length) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    BIO_free(bio);
    return done;
}

static bool sign(struct call *call, enum call_signature kind, const char *key, const void *message,
                 size_t length, unsigned char *out, size_t *out_length, struct error *err)
{
    bool done = false;

    (void)call;
    switch (kind) {
    case CALL_HS256:
        done = sign_hmac(EVP_sha256(), key, message, length, out, out_length);
        break;
    case CALL_HS384:
        done = sign_hmac(EVP_sha384(), key, message, length, out, out_length);
        break;
    case CALL_HS512:
        done = sign_hmac(EVP_sha512(), key, message, length, out, out_length);
        break;
    case CALL_RS256:
        done = sign_rsa(key, message, length, out, out_length);
        break;
    }
    return done || error_set(err, ERROR_INPUT, "Give a private key in PEM form.",
                             "The key cannot be used for signing.");
}

static bool derive(struct call *call, const char *purpose, unsigned char out[32], struct error *err)
{
    struct text t;
    unsigned length = 32;
    bool done;

    text_init(&t, 1024);
    text_addf(&t, "%s|%s", purpose, call->idem_key);
    done =
        HMAC(EVP_sha256(), "tests", 5, (const unsigned char *)text_str(&t), t.length, out, &length);
    text_release(&t);
    return done || error_set(err, ERROR_INTERNAL, NULL, "HMAC failed");
}

static bool save(struct call *call, const struct outcome *o, struct error *err)
{
    struct fake *f = call->context;
    struct fake_saved *s = &f->saved[f->saved_count++];
    struct text t;

    ck_assert_uint_lt(f->saved_count, sizeof(f->saved) / sizeof(f->saved[0]));
    text_init(&t, 64 * 1024);
    json_print(&t, o->remote);
    s->remote = text_take(&t);
    text_copy_to(s->remote_id, sizeof(s->remote_id), o->remote_id);
    text_copy_to(s->url, sizeof(s->url), o->url);
    text_copy_to(s->ingest_url, sizeof(s->ingest_url), o->ingest_url);
    text_copy_to(s->stream_key, sizeof(s->stream_key), o->stream_key);
    if (o->stream_key[0])
        ck_assert_msg(!strstr(s->remote, o->stream_key), "the stream key is in remote: %s",
                      s->remote);
    return f->saved_count != f->progress_fails_at ||
           error_set(err, ERROR_STORE, NULL, "the script lets this progress fail");
}

/* Alone in the world: everything is free. */
static bool hold(struct call *call, const char *what, struct error *err)
{
    (void)call;
    (void)what;
    (void)err;
    return true;
}

static bool play_feed(struct call *call, const struct http_feed *feed, int *status,
                      struct error *err)
{
    struct fake *f = call->context;

    f->feed_count++;
    text_copy_to(f->feed_url, sizeof(f->feed_url), feed->url);
    ck_assert_msg(feed->route && !strchr(feed->route, '?'), "a feed needs a route");
    *status = f->feed_status;
    if (f->feed_status == 0)
        return error_platform(err, ERROR_NET_POST, platform_slug(call->platform), NULL,
                              "the script cuts the feed");
    for (const char *const *m = f->feed; f->feed_status == 101 && m && *m; m++)
        feed->take(feed->context, *m, strlen(*m));
    return true;
}

void fake_feed(struct fake *f, int status, const char *const *messages)
{
    f->feed = messages;
    f->feed_status = status;
    f->call.listen = play_feed;
}

void fake_init(struct fake *f, enum platform_id platform, const struct fake_step *steps)
{
    memset(f, 0, sizeof(*f));
    f->steps = steps;
    f->access = "token-1";
    f->options = cJSON_CreateObject();
    f->call.platform = platform;
    f->call.api_base = api_base;
    f->call.auth_base = auth_base;
    f->call.client_id = "";
    f->call.client_secret = "";
    f->call.options = f->options;
    f->call.account_ref = "";
    f->call.idem_key = "1a2b3c4d5e6f708192a3b4c5d6e7f809";
    f->call.zone = "Europe/London";
    ck_assert(clock_parse_rfc3339("2026-12-01T09:12:00Z", &f->call.now_ms));
    f->call.context = f;
    f->call.http = play;
    f->call.credential = find_credential;
    f->call.token = give_token;
    f->call.sign = sign;
    f->call.derive = derive;
    f->call.hold = hold;
    f->call.progress = save;
}

void fake_release(struct fake *f)
{
    for (size_t i = 0; i < f->request_count; i++) {
        free(f->requests[i].method);
        free(f->requests[i].url);
        free(f->requests[i].headers);
        free(f->requests[i].body);
    }
    for (size_t i = 0; i < f->saved_count; i++)
        free(f->saved[i].remote);
    cJSON_Delete(f->options);
    memset(f, 0, sizeof(*f));
}

void fake_done(const struct fake *f)
{
    ck_assert_msg(f->steps[f->at].what == NULL, "was never sent: %s", f->steps[f->at].what);
}

void fake_expect(struct fake *f, const struct fake_step *steps)
{
    fake_done(f);
    f->steps = steps;
    f->at = 0;
}

size_t fake_count(const struct fake *f, const char *what)
{
    size_t count = 0;

    for (size_t i = 0; i < f->request_count; i++)
        count += is_what(&f->requests[i], what);
    return count;
}

void fake_target(struct target *t, enum platform_id platform, const char *settings)
{
    memset(t, 0, sizeof(*t));
    t->platform = platform;
    t->status = TARGET_PENDING;
    t->viewers = -1;
    t->settings = text_copy(settings ? settings : "{}");
    t->remote_id = text_copy("");
    t->remote = text_copy("{}");
    t->url = text_copy("");
    t->ingest_url = text_copy("");
    t->note = text_copy("");
    t->error = text_copy("");
    t->remedy = text_copy("");
    t->error_code = text_copy("");
}

void fake_target_take(struct target *t, const struct outcome *o)
{
    struct text printed;

    text_init(&printed, 64 * 1024);
    json_print(&printed, o->remote);
    t->status = o->status;
    t->viewers = o->viewers;
    t->started_ms = o->started_ms;
    t->ended_ms = o->ended_ms;
    t->has_key = t->has_key || o->stream_key[0];
    text_replace(&t->remote_id, o->remote_id);
    text_replace(&t->remote, text_str(&printed));
    text_replace(&t->url, o->url);
    text_replace(&t->ingest_url, o->ingest_url);
    text_replace(&t->note, o->note);
    text_release(&printed);
}

void fake_target_saved(struct target *t, const struct fake_saved *s)
{
    t->has_key = t->has_key || s->stream_key[0];
    text_replace(&t->remote_id, s->remote_id);
    text_replace(&t->remote, s->remote);
    text_replace(&t->url, s->url);
    text_replace(&t->ingest_url, s->ingest_url);
}

void fake_target_release(struct target *t)
{
    free(t->settings);
    free(t->remote_id);
    free(t->remote);
    free(t->url);
    free(t->ingest_url);
    free(t->note);
    free(t->error);
    free(t->remedy);
    free(t->error_code);
    memset(t, 0, sizeof(*t));
}
