/* Instagram: the stream key that a person pastes from Live Producer. It is good for one broadcast,
 * so that a new one takes the place of the one that a livestream was given, and its age is told. */
#include "platform/instagram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

/* Tells keys apart without being one: a MAC of a fixed word under the key. */
static bool fingerprint(struct call *call, const char *key, char out[33])
{
    static const char word[] = "ecclesia instagram stream key";
    unsigned char mac[1024];
    size_t length = 0;
    struct text hex;

    if (!call->sign(call, CALL_HS256, key, word, strlen(word), mac, &length, NULL) || length < 16)
        return false;
    text_init(&hex, 40);
    text_add_hex(&hex, mac, 16);
    text_copy_to(out, 33, text_str(&hex));
    text_release(&hex);
    return true;
}

static void remember_key(struct call *call, struct outcome *out, const char *is)
{
    int64_t at = call->now_ms;
    char digits[24];

    json_int(call->options, "stream_key_at", &at);
    snprintf(digits, sizeof(digits), "%lld", (long long)at);
    kit_remember(out, "key_is", is);
    kit_remember(out, "key_at", digits);
}

bool instagram_key(struct call *call, const struct target *t, struct outcome *out)
{
    const char *pasted = kit_value(call, &platform_instagram, "stream_key");
    const char *apart = kit_value(call, &platform_instagram, "stream_url");
    bool has = t->has_key && *out->ingest_url;
    char is[33] = "";

    /* What is on air keeps the key that it has. */
    if (!*pasted || (has && out->status == TARGET_LIVE) || !fingerprint(call, pasted, is) ||
        (has && text_equal(kit_remembered(out, "key_is"), is)))
        return has;
    if (!instagram_split(pasted, apart, out->ingest_url, sizeof(out->ingest_url), out->stream_key,
                         sizeof(out->stream_key)))
        return has;
    remember_key(call, out, is);
    return true;
}

/* In steps, so that what is read hours later is not far wrong and a note does not change all the
 * time. */
const char *instagram_key_age(const struct call *call, const struct outcome *out, char *text,
                              size_t size, bool *old)
{
    int64_t at = strtoll(kit_remembered(out, "key_at"), NULL, 10), age = call->now_ms - at;

    *old = at > 0 && age >= DAY_MS;
    if (at <= 0)
        snprintf(text, size, "at an unknown time");
    else if (age < HOUR_MS)
        snprintf(text, size, "less than an hour ago");
    else if (age < 2 * DAY_MS)
        snprintf(text, size, "%lld h ago", (long long)(age / HOUR_MS));
    else
        snprintf(text, size, "%lld days ago", (long long)(age / DAY_MS));
    return text;
}
