/* The Connections tab: every platform that this program speaks, whether a church is signed in there
 * or not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "tui/private.h"

enum { COLUMN_PLATFORM, COLUMN_STATUS, COLUMN_ACCOUNT, COLUMN_FOR, COLUMN_CHECKED };

static const struct list_column columns[] = {
    { "Platform", 15, 0, 9 }, { "Status", 19, 1, 8 },  { "Account", 14, 1, 5 },
    { "For", 17, 0, 1 },      { "Checked", 12, 0, 3 }, { NULL, 0, 0, 0 },
};

/* A row: the platform, and the connection as it was when the rows were read. */
struct row {
    enum platform_id platform;
    bool has;
    struct connection connection;
    struct id id; /* made of the platform's number: the row's place does not hang on a connection */
};

static const struct row *at(const struct view *v, size_t i)
{
    return i < v->list.count ? &((const struct row *)v->rows)[i] : NULL;
}

static enum connection_status status_of(const struct row *r)
{
    return r->has ? r->connection.status : CONNECTION_DISCONNECTED;
}

static void release(void *rows, size_t count)
{
    struct row *list = rows;

    for (size_t i = 0; i < count; i++) {
        if (list[i].has)
            connection_release(&list[i].connection);
    }
    free(list);
}

static bool fits(const struct record_filter *f, enum platform_id p)
{
    return f->text == NULL || strcasestr(platform_name(p), f->text) != NULL;
}

static bool load(struct console *c, const struct record_filter *f, void **rows, size_t *count,
                 struct error *err)
{
    struct connection *list = NULL;
    size_t have = 0, n = 0;
    struct row *made = calloc(PLATFORM_COUNT, sizeof *made);

    if (made == NULL)
        return error_set(err, ERROR_MEMORY, NULL, "No memory for the connections.");
    if (!c->source->connections(c->source->self, &list, &have, err)) {
        free(made);
        return false;
    }
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        if (c->source->platform(c->source->self, (enum platform_id)p) == NULL ||
            !fits(f, (enum platform_id)p) || f->offset > 0)
            continue;
        made[n].platform = (enum platform_id)p;
        snprintf(made[n].id.hex, sizeof made[n].id.hex, "%032x", (unsigned)p + 1);
        for (size_t i = 0; i < have && !made[n].has; i++) {
            if (list[i].platform == made[n].platform) {
                made[n].connection = list[i];
                made[n].has = true;
                list[i] = (struct connection){ .platform = PLATFORM_COUNT };
            }
        }
        n++;
    }
    for (size_t i = 0; i < have; i++) {
        if (list[i].platform != PLATFORM_COUNT)
            connection_release(&list[i]);
    }
    free(list);
    *rows = made;
    *count = n;
    return true;
}

static struct id row_id(const struct view *v, size_t i)
{
    return at(v, i)->id;
}

/* One that ends soon says so; its cell is narrow. */
static const char *status_word(const struct row *r)
{
    static const char *const soon[] = { "ends today",     "ends in a day",  "ends in 2 days",
                                        "ends in 3 days", "ends in 4 days", "ends in 5 days",
                                        "ends in 6 days", "ends in 7 days" };
    int64_t left = r->has ? r->connection.health.grant_end_ms - clock_now() : 0;
    int64_t days = (left + 12 * 3600 * INT64_C(1000)) / (24 * 3600 * INT64_C(1000));

    if (status_of(r) == CONNECTION_CONNECTED && left > 0 && days < 8)
        return soon[days];
    return status_of(r) == CONNECTION_DISCONNECTED ? "not connected"
                                                   : connection_status_name(status_of(r));
}

/* Whether asking the platform once more may put it right, so that nobody has to sign in again. */
static bool may_pass(const struct row *r)
{
    static const char *const passing[] = { "refresh_unreachable", "stale", "never_checked", "tls",
                                           "probe_failed",        "store" };

    for (size_t i = 0; status_of(r) == CONNECTION_ERROR && i < sizeof passing / sizeof passing[0];
         i++) {
        if (text_equal(r->connection.reason, passing[i]))
            return true;
    }
    return false;
}

/* What the row says: how a sign-in stands that is under way, what is wrong and the key for it. */
static void status_text(struct console *c, const struct row *r, int width, char *out, size_t size)
{
    enum connection_status status = status_of(r);
    char key[24];

    if (signin_row(c, r->platform, width, out, size))
        return;
    keymap_key_for(&c->keymap, VIEW_CONNECTIONS, may_pass(r) ? ACTION_CHECK : ACTION_CONNECT, key,
                   sizeof key);
    if ((status == CONNECTION_EXPIRED || status == CONNECTION_ERROR) && key[0] != '\0')
        snprintf(out, size, "%s: press %s", status_word(r), key);
    else
        text_copy_to(out, size, status_word(r));
}

static enum look status_look(const struct console *c, const struct row *r, enum glyph *mark)
{
    static const struct {
        enum glyph mark;
        enum look look;
    } of[] = { [CONNECTION_DISCONNECTED] = { GLYPH_WAITING, LOOK_DIM },
               [CONNECTION_CONNECTED] = { GLYPH_LIVE, LOOK_GOOD },
               [CONNECTION_EXPIRED] = { GLYPH_WARNING, LOOK_WARNING },
               [CONNECTION_ERROR] = { GLYPH_FAILED, LOOK_FAILED } };

    *mark = of[status_of(r)].mark;
    if (c->signins[r->platform] != NULL)
        *mark = GLYPH_BUSY;
    return of[status_of(r)].look;
}

static const char *purpose(struct console *c, enum platform_id p)
{
    unsigned abilities = c->source->platform(c->source->self, p)->abilities;

    if ((abilities & PLATFORM_LIVESTREAMS) == 0)
        return "meetings";
    return (abilities & PLATFORM_MEETINGS) != 0 ? "streams, meetings" : "streams";
}

/* The clock time today, the day before. */
static void checked_text(struct console *c, const struct row *r, char *out, size_t size)
{
    int64_t ms = r->has ? r->connection.last_ok_ms : 0;

    out[0] = '\0';
    if (ms <= 0)
        return;
    zone_when(out, size, console_zone(c), ms, clock_now());
    if (strcmp(out, "today") == 0)
        zone_clock(out, size, console_zone(c), ms, true);
}

static void cell(void *context, size_t i, int column, int width, struct list_cell *out)
{
    const struct view *v = context;
    const struct row *r = at(v, i);
    enum glyph mark;
    char words[80];

    switch (column) {
    case COLUMN_PLATFORM:
        text_copy_to(out->text, sizeof out->text, platform_name(r->platform));
        break;
    case COLUMN_STATUS:
        out->look = status_look(v->console, r, &mark);
        status_text(v->console, r, width - 2, words, sizeof words);
        snprintf(out->text, sizeof out->text, "%s %s", paint_glyph(&v->console->paint, mark),
                 words);
        break;
    case COLUMN_ACCOUNT:
        text_copy_to(out->text, sizeof out->text, r->has ? r->connection.account_name : "");
        break;
    case COLUMN_FOR:
        text_copy_to(out->text, sizeof out->text, purpose(v->console, r->platform));
        out->look = LOOK_DIM;
        break;
    default:
        checked_text(v->console, r, out->text, sizeof out->text);
        out->look = LOOK_DIM;
        break;
    }
}

/* What is wrong and what to do; for a row that is fine, when that was last seen. */
static void state_lines(struct console *c, const struct row *r, struct detail *d)
{
    const struct connection *k = &r->connection;
    char text[1000], at_text[60], key[24];

    keymap_key_for(&c->keymap, VIEW_CONNECTIONS, may_pass(r) ? ACTION_CHECK : ACTION_CONNECT, key,
                   sizeof key);
    if (c->signins[r->platform] != NULL) {
        snprintf(text, sizeof text,
                 signin_asks_account(c, r->platform)
                     ? "Somebody has signed in. Press %s to say whether it is the right account."
                     : "A sign-in waits for somebody. Press %s to see its address and code.",
                 key);
        detail_fact(d, "Sign-in", text);
        if (status_of(r) == CONNECTION_DISCONNECTED)
            return;
    }
    if (status_of(r) == CONNECTION_DISCONNECTED) {
        snprintf(text, sizeof text, "Not connected. Press %s to sign in.", key);
        detail_fact(d, "Status", text);
        return;
    }
    checked_text(c, r, at_text, sizeof at_text);
    if (status_of(r) == CONNECTION_CONNECTED) {
        snprintf(text, sizeof text, "Connected%s%s.", at_text[0] != '\0' ? ", last answered " : "",
                 at_text);
        detail_fact(d, "Status", text);
        return;
    }
    snprintf(text, sizeof text, "%s%s%s",
             k->reason_text[0] != '\0' ? k->reason_text : status_word(r),
             k->remedy[0] != '\0' ? "  " : "", k->remedy);
    detail_fact(d, "Status", text);
    snprintf(text, sizeof text, may_pass(r) ? "%s asks %s again." : "%s signs in at %s again.", key,
             platform_name(r->platform));
    detail_fact(d, "Key", text);
    if (at_text[0] != '\0') {
        snprintf(text, sizeof text, "It last worked: %s.", at_text);
        detail_fact(d, "", text);
    }
}

static void detail(struct console *c, const struct view *v, struct detail *d)
{
    const struct row *r = at(v, v->list.cursor);

    text_copy_to(d->title, sizeof d->title, platform_name(r->platform));
    state_lines(c, r, d);
    if (r->has && r->connection.note != NULL && r->connection.note[0] != '\0')
        detail_fact(d, "Note", r->connection.note);
    if (r->has && r->connection.account_name[0] != '\0')
        detail_fact(d, "Account", r->connection.account_name);
    if (c->source->simulated(c->source->self, r->platform))
        detail_fact(
            d, "Simulated",
            "This is the rehearsal's platform on this machine. Nothing reaches the real one.");
    detail_fact(d, "About", c->source->platform(c->source->self, r->platform)->about);
    if (r->has && c->in_detail)
        detail_fact(d, "May do", r->connection.scopes);
}

static const struct target *target(const struct view *v, size_t i)
{
    (void)v;
    (void)i;
    return NULL;
}

static bool refuses(struct console *c, const struct view *v, enum action a, char *why, size_t size)
{
    const struct row *r = at(v, v->list.cursor);

    (void)c;
    if (r == NULL) {
        snprintf(why, size, "No platform is chosen. Esc shows all of them.");
        return true;
    }
    if ((a == ACTION_DISCONNECT || a == ACTION_CHECK) && status_of(r) == CONNECTION_DISCONNECTED) {
        snprintf(why, size, "%s is not connected. Press c to sign in.", platform_name(r->platform));
        return true;
    }
    if (a == ACTION_CONNECT && !signin_possible(c, r->platform) &&
        (c->source->platform(c->source->self, r->platform)->signin & SIGNIN_CREDENTIALS) == 0) {
        snprintf(why, size,
                 "%s is signed in to in a browser: run  ecclesia connect %s  in a shell.",
                 platform_name(r->platform), platform_slug(r->platform));
        return true;
    }
    return false;
}

static void act(struct console *c, struct view *v, enum action a)
{
    const struct row *r = at(v, v->list.cursor);
    char doing[80];

    switch (a) {
    case ACTION_CONNECT:
        if (signin_possible(c, r->platform))
            signin_open(c, r->platform);
        else
            form_connect_open(c, r->platform);
        break;
    case ACTION_DISCONNECT:
        snprintf(doing, sizeof doing, "Disconnecting %s", platform_name(r->platform));
        run_words(c, (const char *[]){ "disconnect", platform_slug(r->platform) }, 2, doing);
        break;
    case ACTION_CHECK:
        snprintf(doing, sizeof doing, "Asking %s", platform_name(r->platform));
        run_words(c, (const char *[]){ "connection", "check", platform_slug(r->platform) }, 3,
                  doing);
        break;
    default:
        break;
    }
}

const struct view_ops view_connections = {
    .tab = "Connections",
    .columns = columns,
    .empty = "This program speaks no platform.",
    .load = load,
    .release = release,
    .row_id = row_id,
    .cell = cell,
    .detail = detail,
    .target = target,
    .refuses = refuses,
    .act = act,
};
