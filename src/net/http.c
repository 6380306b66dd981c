#include <ecclesia/net/http.h>

#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

enum { RETRY_LEAST_S = 1, RETRY_MOST_S = 24 * 3600 };

void http_answer_release(struct http_answer *a)
{
    if (!a)
        return;
    /* It may have been the answer to a token request. */
    if (a->body)
        text_wipe(a->body, a->length);
    free(a->body);
    for (size_t i = 0; i < a->header_count; i++) {
        free(a->headers[i].name);
        free(a->headers[i].value);
    }
    free(a->headers);
    memset(a, 0, sizeof(*a));
}

const char *http_answer_header(const struct http_answer *a, const char *name)
{
    for (size_t i = a->header_count; i > 0; i--)
        if (strcasecmp(a->headers[i - 1].name, name) == 0)
            return a->headers[i - 1].value;
    return NULL;
}

static int64_t retry_clamp(int64_t ms)
{
    if (ms < RETRY_LEAST_S * INT64_C(1000))
        return RETRY_LEAST_S * INT64_C(1000);
    if (ms > RETRY_MOST_S * INT64_C(1000))
        return RETRY_MOST_S * INT64_C(1000);
    return ms;
}

/* "120", also "1.5", which some proxies write: rounded up. Digits past the ceiling are read but no
 * longer counted. */
static bool retry_seconds(const char *s, int64_t *ms)
{
    int64_t seconds = 0;

    if (!isdigit((unsigned char)*s))
        return false;
    for (; isdigit((unsigned char)*s); s++)
        if (seconds <= RETRY_MOST_S)
            seconds = seconds * 10 + (*s - '0');
    if (*s == '.') {
        bool more = false;

        for (s++; isdigit((unsigned char)*s); s++)
            more = more || *s != '0';
        seconds += more;
    }
    *ms = seconds * 1000;
    return *s == '\0';
}

/* "Sun, 22 Nov 2026 10:28:41 GMT" and the two older forms. curl reads many more; those we leave
 * unread. */
bool http_date(const char *value, int64_t *ms)
{
    time_t at;

    if (!value || !isalpha((unsigned char)*value) || !strchr(value, ':'))
        return false;
    at = curl_getdate(value, NULL);
    if (at == -1)
        return false;
    *ms = (int64_t)at * 1000;
    return true;
}

int64_t http_retry_after(const char *value, int64_t now_ms)
{
    char s[64];
    int64_t ms;

    while (value && isspace((unsigned char)*value))
        value++;
    if (!value || !*value || !text_copy_to(s, sizeof(s), value))
        return 0;
    for (size_t i = strlen(s); i > 0 && isspace((unsigned char)s[i - 1]); i--)
        s[i - 1] = '\0';
    if (retry_seconds(s, &ms))
        return retry_clamp(ms);
    if (http_date(s, &ms) || clock_parse_rfc3339(s, &ms))
        return retry_clamp(ms - now_ms);
    return 0;
}
