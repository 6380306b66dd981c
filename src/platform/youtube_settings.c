/* YouTube: the settings of a broadcast, as a table, and what of them does not go together. */
#include "platform/youtube.h"

#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>

static const char *const privacies[] = { "public", "unlisted", "private", NULL };
static const char *const latencies[] = { "normal", "low", "ultraLow", NULL };
static const char *const captions[] = { "off", "embedded", "http", NULL };
static const char *const projections[] = { "rectangular", "360", NULL };
static const char *const licenses[] = { "youtube", "creativeCommon", NULL };

enum { TAGS_MAX = 500 };

const struct setting youtube_settings[] = {
    { "privacy", SETTING_CHOICE, PLATFORM_LIVESTREAMS, "public", privacies, 0, 0, "Who can watch",
      "public: everybody; unlisted: who has the link; private: only you." },
    { "category", SETTING_TEXT, PLATFORM_LIVESTREAMS, "", NULL, 0, 4, "Category",
      "Number of a YouTube category, 29 is Nonprofits & Activism; empty leaves it." },
    { "tags", SETTING_TEXT, PLATFORM_LIVESTREAMS, "", NULL, 0, TAGS_MAX, "Tags",
      "Words to be found by, with commas between: church, worship." },
    { "language", SETTING_TEXT, PLATFORM_LIVESTREAMS, "", NULL, 0, 20, "Language",
      "Of title and speech, as en or pt-BR; empty leaves it." },
    { "license", SETTING_CHOICE, PLATFORM_LIVESTREAMS, "youtube", licenses, 0, 0, "Licence",
      "creativeCommon lets others use the recording in their own videos." },
    { "made_for_kids", SETTING_BOOL, PLATFORM_LIVESTREAMS, "false", NULL, 0, 0, "Made for kids",
      "Yes when it is made for children; YouTube then limits the chat." },
    { "latency", SETTING_CHOICE, PLATFORM_LIVESTREAMS, "normal", latencies, 0, 0, "Latency",
      "normal has the best picture; low and ultraLow are nearer to the moment." },
    { "dvr", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Pause and rewind",
      "Viewers may pause and go back while it is live." },
    { "record_from_start", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Recording",
      "Keeps the whole broadcast as a video." },
    { "embed", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Embedding",
      "Other web sites, such as the church's own, may show it." },
    { "captions", SETTING_CHOICE, PLATFORM_LIVESTREAMS, "off", captions, 0, 0, "Closed captions",
      "embedded: the encoder sends them; http: a caption program does, to the address that YouTube "
      "Studio shows." },
    { "projection", SETTING_CHOICE, PLATFORM_LIVESTREAMS, "rectangular", projections, 0, 0,
      "Picture", "360 for a camera that sees all around." },
    { "auto_start", SETTING_BOOL, PLATFORM_LIVESTREAMS, "false", NULL, 0, 0, "Start by itself",
      "YouTube goes live as soon as the encoder sends; not together with monitor." },
    { "auto_stop", SETTING_BOOL, PLATFORM_LIVESTREAMS, "false", NULL, 0, 0, "Stop by itself",
      "YouTube ends it for good a minute after the encoder stops, also after a mere dropout." },
    { "monitor", SETTING_BOOL, PLATFORM_LIVESTREAMS, "false", NULL, 0, 0, "Preview",
      "A private preview before it goes live; going live takes some seconds longer." },
    { "delay", SETTING_NUMBER, PLATFORM_LIVESTREAMS, "0", NULL, 0, 60, "Delay",
      "Seconds that viewers see it later than the preview; needs monitor." },
    { "thumbnail_mb", SETTING_NUMBER, PLATFORM_LIVESTREAMS, "2", NULL, 2, 50, "Thumbnail limit",
      "Largest thumbnail to send, in MB. YouTube's pages name 2 and 50." },
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL }
};

/* ---- tags ---- */

bool youtube_next_tag(const char **list, struct youtube_tag *out)
{
    *list += strspn(*list, ", \t\r\n");
    out->start = *list;
    out->length = strcspn(*list, ",\r\n");
    *list += out->length;
    while (out->length && strchr(" \t", out->start[out->length - 1]))
        out->length--;
    return out->length > 0;
}

/* YouTube counts the commas between them, and quotation marks around one with a blank in it. */
static size_t tags_length(const char *list)
{
    struct youtube_tag tag;
    char one[TAGS_MAX * 4 + 1];
    size_t length = 0;

    while (youtube_next_tag(&list, &tag)) {
        size_t bytes = tag.length < sizeof(one) ? tag.length : sizeof(one) - 1;

        memcpy(one, tag.start, bytes);
        one[bytes] = '\0';
        length += utf8_count(one) + (length ? 1 : 0) + (strchr(one, ' ') ? 2 : 0);
    }
    return length;
}

/* ---- what does not go ---- */

static bool wrong(struct error *err, const char *key, const char *given, const char *allowed,
                  const char *remedy)
{
    return error_platform(err, ERROR_INPUT, "youtube", remedy,
                          "YouTube: \"%s\" must be %s, not \"%.60s\".", key, allowed, given);
}

static bool together(struct error *err, const char *message, const char *remedy)
{
    return error_platform(err, ERROR_INPUT, "youtube", remedy, "YouTube: %s", message);
}

/* "en", "pt-BR", "zh-Hans-CN": letters and digits in parts of two to eight, the first of letters.
 */
static bool is_language(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t first = strspn(s, letters);

    if (first < 2 || first > 3)
        return *s == '\0';
    for (s += first; *s == '-'; s += first + 1) {
        first = strspn(s + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        if (first < 2 || first > 8)
            return false;
    }
    return *s == '\0';
}

static bool texts_fit(const cJSON *given, struct error *err)
{
    const char *category = setting_text(&platform_youtube, given, "category");
    const char *tags = setting_text(&platform_youtube, given, "tags");
    const char *language = setting_text(&platform_youtube, given, "language");

    if (strspn(category, "0123456789") != strlen(category))
        return wrong(err, "category", category, "the number of a category",
                     "29 is Nonprofits & Activism, 22 People & Blogs.");
    if (tags[strcspn(tags, "<>")])
        return wrong(err, "tags", tags, "words without < and >", "Leave those signs out.");
    if (tags_length(tags) > TAGS_MAX)
        return wrong(err, "tags", tags,
                     "at most 500 characters, each tag with a blank in it counting two more",
                     "Leave some out.");
    if (!is_language(language))
        return wrong(err, "language", language, "the code of a language", "As en, cy or pt-BR.");
    return true;
}

static bool switches_fit(const cJSON *given, struct error *err)
{
    const struct platform *p = &platform_youtube;
    bool monitor = setting_bool(p, given, "monitor");

    if (setting_bool(p, given, "auto_start") && monitor)
        return together(err, "\"auto_start\" and \"monitor\" exclude each other.",
                        "Switch one of the two off.");
    if (setting_number(p, given, "delay") > 0 && !monitor)
        return together(err, "\"delay\" needs \"monitor\".",
                        "Switch monitor on, or set delay to 0.");
    if (strcmp(setting_text(p, given, "latency"), "ultraLow") == 0 &&
        strcmp(setting_text(p, given, "captions"), "off") != 0)
        return together(err, "\"latency\" ultraLow takes no \"captions\".",
                        "Choose latency low, or captions off.");
    return true;
}

bool youtube_fits(const struct livestream *l, const struct target *t, struct error *err)
{
    cJSON *given = kit_settings(t);
    bool right = texts_fit(given, err) && switches_fit(given, err) &&
                 youtube_thumbnail_fits(l, t, given, err);

    cJSON_Delete(given);
    return right;
}

const char *youtube_captions(const cJSON *settings)
{
    const char *way = setting_text(&platform_youtube, settings, "captions");

    return strcmp(way, "embedded") == 0 ? "closedCaptionsEmbedded"
           : strcmp(way, "http") == 0   ? "closedCaptionsHttpPost"
                                        : "closedCaptionsDisabled";
}
