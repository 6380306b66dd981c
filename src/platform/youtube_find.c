/* YouTube: was the broadcast made whose answer was lost? Told by the marker in its description. */
#include "platform/youtube.h"

#include <string.h>

#include <ecclesia/base/text.h>

#define BROADCASTS "/youtube/v3/liveBroadcasts"

enum { PAGES_MAX = 10 };

/* One page of a list; *found gets our broadcast, yours. */
static bool find_page(struct youtube *y, const char *which, const char *marker, char *page,
                      size_t size, cJSON **found, struct error *err)
{
    const char *query[] = { "part",
                            "id,snippet,contentDetails,status",
                            "broadcastStatus",
                            which,
                            "maxResults",
                            "50",
                            "pageToken",
                            *page ? page : NULL,
                            NULL };
    cJSON *answer = NULL, *items, *item;
    const char *next;

    if (!youtube_ask(y, "GET", BROADCASTS, query, &answer, err))
        return false;
    items = cJSON_GetObjectItemCaseSensitive(answer, "items");
    for (item = items ? items->child : NULL; item && !*found; item = item->next) {
        const char *description = json_string(item, "snippet.description");

        if (description && strstr(description, marker)) {
            *found = cJSON_DetachItemViaPointer(items, item);
            break;
        }
    }
    next = json_string(answer, "nextPageToken");
    text_copy_to(page, size, next ? next : "");
    cJSON_Delete(answer);
    return true;
}

/* Not found is only true when all was looked through: else a second broadcast would be made. */
static bool find_in(struct youtube *y, const char *which, const char *marker, cJSON **found,
                    struct error *err)
{
    char page[256] = "";

    for (int i = 0; i < PAGES_MAX; i++) {
        if (!find_page(y, which, marker, page, sizeof(page), found, err))
            return false;
        if (*found || !page[0])
            return true;
    }
    return kit_error(err, y->call, NULL, ERROR_REFUSED, "",
                     "Delete old planned broadcasts in YouTube Studio, then retry.",
                     "YouTube has more than %d broadcasts of that kind; ours cannot be looked up.",
                     PAGES_MAX * 50);
}

bool youtube_find(struct call *call, const struct livestream *l, const struct target *t,
                  struct outcome *out, struct error *err)
{
    /* Exactly one filter is allowed, so two lists. A lost insert is upcoming, or active when it
     * started by itself. */
    static const char *const lists[] = { "upcoming", "active" };
    struct youtube y;
    cJSON *item = NULL;
    char marker[16];
    bool done = youtube_open(&y, call, l, t, out, err);

    out->found = false;
    if (done && out->remote_id[0])
        done = youtube_read(&y, &item, err);
    else if (done) {
        youtube_marker(&y, marker);
        for (size_t i = 0; done && !item && i < 2; i++)
            done = find_in(&y, lists[i], marker, &item, err);
    }
    if (done && item) {
        done = youtube_adopt(&y, item, err);
        out->found = done;
    }
    cJSON_Delete(item);
    youtube_close(&y);
    return done;
}
