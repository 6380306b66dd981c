/* The link that opens a meeting as its host: asked for by a key, shown until Esc, wiped then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/private.h"

struct host_ask {
    struct ask ask;
    struct console *console;
    struct id meeting;
    enum platform_id platform;
    char title[200];
    bool fine;
    struct command_result result;
};

static void run(struct ask *a)
{
    struct host_ask *h = (struct host_ask *)a;
    const struct console_source *s = h->console->source;
    const char *words[] = { "meeting", "show", h->meeting.hex, "--host-link" };

    h->fine = s->run(s->self, 4, words, a->cancel, &h->result, &a->err);
}

static const cJSON *target_of(const cJSON *json, enum platform_id p)
{
    const cJSON *t;

    cJSON_ArrayForEach (t, cJSON_GetObjectItemCaseSensitive(json, "targets")) {
        if (text_equal(json_string(t, "platform"), platform_slug(p)))
            return t;
    }
    return NULL;
}

/* No copy of a link stays behind in what is freed. */
static void wipe_links(const cJSON *json)
{
    const cJSON *t;

    cJSON_ArrayForEach (t, cJSON_GetObjectItemCaseSensitive(json, "targets")) {
        cJSON *link = cJSON_GetObjectItemCaseSensitive(t, "hostLink");

        if (cJSON_IsString(link))
            text_wipe(link->valuestring, strlen(link->valuestring));
    }
}

static void show(struct console *c, const struct host_ask *h, const char *link)
{
    struct host_view *v = &c->host;

    host_link_close(c);
    v->active = text_copy_to(v->link, sizeof v->link, link);
    snprintf(v->title, sizeof v->title, "%s: the host's link at %s", h->title,
             platform_name(h->platform));
    c->message[0] = '\0';
    if (!v->active)
        console_say(c, true, "The link of %s is too long to be shown.", platform_name(h->platform));
}

static void done(struct ask *a)
{
    struct host_ask *h = (struct host_ask *)a;
    struct console *c = h->console;
    const cJSON *t = h->fine ? target_of(h->result.json, h->platform) : NULL;
    const char *link = json_string(t, "hostLink"), *why = json_string(t, "hostLinkError.detail"),
               *remedy = json_string(t, "hostLinkError.remedy");

    if (link != NULL)
        show(c, h, link);
    else if (!h->fine)
        console_say_error(c, &a->err);
    else
        console_say(c, true, "%s%s%s",
                    why != NULL ? why : "The platform gave no link for the host.",
                    remedy != NULL ? " " : "", remedy != NULL ? remedy : "");
    wipe_links(h->result.json);
    command_result_release(&h->result);
    free(h);
    console_reload(c);
}

void host_link_ask(struct console *c, const struct meeting *m, const struct target *t)
{
    struct host_ask *h = calloc(1, sizeof *h);
    struct error err;

    if (h == NULL) {
        console_say(c, true, "No memory for the link.");
        return;
    }
    h->ask.run = run;
    h->ask.done = done;
    h->console = c;
    h->meeting = m->id;
    h->platform = t->platform;
    text_copy_to(h->title, sizeof h->title, m->title);
    if (asks_start(c->asks, &h->ask, &err)) {
        console_say(c, false, "Asking %s for the host's link %s", platform_name(t->platform),
                    paint_glyph(&c->paint, GLYPH_CUT));
    } else {
        console_say_error(c, &err);
        free(h);
    }
}

void host_link_close(struct console *c)
{
    text_wipe(&c->host, sizeof c->host);
}

void host_link_key(struct console *c, int key)
{
    if (key == 'y' || key == 'c')
        clipboard_copy(c, "The host's link", c->host.link);
    else if (key == 27 || key == 'q' || key == 3)
        host_link_close(c);
}

void host_link_draw(struct console *c, struct rect body)
{
    struct paint *p = &c->paint;
    struct rect r = { body.y + 1, body.x, body.rows - 1, body.columns };
    int rows;

    paint_title(p, (struct rect){ body.y, body.x, 1, body.columns }, c->host.title, NULL, LOOK_DIM);
    rows = paint_wrap(p, (struct rect){ r.y, r.x + 1, r.rows, r.columns - 2 }, LOOK_WARNING,
                      "Whoever has this link is the host. Give it to nobody else.");
    r.y += rows;
    r.rows -= rows;
    if (r.rows < paint_lines(c->host.link, r.columns))
        paint_wrap(p, (struct rect){ r.y, r.x + 1, r.rows, r.columns - 2 }, LOOK_TEXT,
                   "It is too long for this window: y copies it, or make the window larger.");
    else
        paint_wrap(p, r, LOOK_LINK, c->host.link);
}
