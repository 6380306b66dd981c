#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/json.h>
#include <ecclesia/base/text.h>
#include <ecclesia/platform/oauth.h>

#include "testlib.h"

/* ---- platforms, with a table of each kind of field ---- */

static const char *const privacies[] = { "public", "unlisted", "private", NULL };
static const struct setting youtube_settings[] = {
    { "privacy", SETTING_CHOICE, PLATFORM_LIVESTREAMS, "public", privacies, 0, 0, "Who can watch",
      "Unlisted: only who has the link." },
    { "chat", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Live chat",
      "Viewers may write." },
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL },
};
static const struct setting zoom_settings[] = {
    { "passcode", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 10, "Passcode",
      "Up to 10 characters; empty: Zoom makes one." },
    { "waiting_room", SETTING_BOOL, PLATFORM_MEETINGS, "true", NULL, 0, 0, "Waiting room",
      "The host lets each one in." },
    { "most", SETTING_NUMBER, PLATFORM_MEETINGS, "100", NULL, 1, 1000, "Most people",
      "How many may join." },
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL },
};
static const struct credential zoom_credentials[] = {
    { "account_id", false, true, "", NULL, "Account ID",
      "From the app's page at marketplace.zoom.us." },
    { "client_id", false, true, "", NULL, "Client ID", "From the same page." },
    { "client_secret", true, true, "", NULL, "Client secret", "From the same page." },
    { NULL, false, false, NULL, NULL, NULL, NULL },
};
static const struct credential youtube_credentials[] = {
    { "refresh_token", true, true, "", NULL, "Refresh token", "From Google's sign-in." },
    { NULL, false, false, NULL, NULL, NULL, NULL },
};

static const struct oauth_profile by_person = { .takes = "client_id client_secret" };

static bool host_link(struct call *call, const struct meeting *m, const struct target *t,
                      struct text *out, struct error *err)
{
    (void)call;
    (void)m;
    (void)t;
    return text_add(out, "never called") || error_set(err, ERROR_MEMORY, NULL, "No memory.");
}

static const struct platform platforms[] = {
    { .id = PLATFORM_RESTREAM,
      .oauth = &by_person,
      .abilities = PLATFORM_LIVESTREAMS,
      .signin = SIGNIN_OAUTH,
      .about = "One stream in, many platforms out." },
    { .id = PLATFORM_ZOOM,
      .abilities = PLATFORM_MEETINGS,
      .signin = SIGNIN_CREDENTIALS | SIGNIN_OAUTH | SIGNIN_DEVICE,
      .oauth = &by_person,
      .meeting_host_link = host_link,
      .about = "Meetings with a link and a passcode.",
      .credentials = zoom_credentials,
      .settings = zoom_settings },
    { .id = PLATFORM_JITSI,
      .abilities = PLATFORM_MEETINGS,
      .signin = SIGNIN_CREDENTIALS,
      .about = "Meetings on a server of your own." },
    { .id = PLATFORM_INSTAGRAM,
      .abilities = PLATFORM_LIVESTREAMS,
      .signin = SIGNIN_CREDENTIALS,
      .about = "Live video on a phone's screen." },
    { .id = PLATFORM_YOUTUBE,
      .abilities = PLATFORM_LIVESTREAMS,
      .signin = SIGNIN_CREDENTIALS | SIGNIN_OAUTH | SIGNIN_DEVICE,
      .oauth = &by_person,
      .about = "Live broadcasts on the church's channel.",
      .credentials = youtube_credentials,
      .settings = youtube_settings },
    { .id = PLATFORM_FACEBOOK,
      .abilities = PLATFORM_LIVESTREAMS,
      .signin = SIGNIN_CREDENTIALS,
      .about = "Live video on the church's page." },
};

static const struct platform *get_platform(void *self, enum platform_id p)
{
    (void)self;
    for (size_t i = 0; i < sizeof platforms / sizeof platforms[0]; i++) {
        if (platforms[i].id == p)
            return &platforms[i];
    }
    return NULL;
}

/* ---- copies: what a source hands out is the console's ---- */

static struct target *copy_targets(const struct target *from, size_t count)
{
    struct target *to = calloc(count > 0 ? count : 1, sizeof *to);

    for (size_t i = 0; i < count; i++) {
        to[i] = from[i];
        to[i].settings = text_copy(from[i].settings);
        to[i].remote_id = text_copy(from[i].remote_id);
        to[i].remote = text_copy(from[i].remote);
        to[i].url = text_copy(from[i].url);
        to[i].ingest_url = text_copy(from[i].ingest_url);
        to[i].note = text_copy(from[i].note);
        to[i].error = text_copy(from[i].error);
        to[i].remedy = text_copy(from[i].remedy);
        to[i].error_code = text_copy(from[i].error_code);
    }
    return to;
}

static bool fits(const struct record_filter *f, const char *title, int status)
{
    return (f->status < 0 || f->status == status) &&
           (f->text == NULL || strcasestr(title, f->text) != NULL);
}

static bool failing(struct stage *f, struct error *err)
{
    f->reads++;
    if (f->reads_fail)
        error_set(err, ERROR_STORE, "Look whether the disk is full.",
                  "The database cannot be read.");
    return f->reads_fail;
}

static bool get_church(void *self, struct church *out, struct error *err)
{
    struct stage *f = self;

    if (failing(f, err))
        return false;
    *out = (struct church){ .id = { "c" },
                            .slug = text_copy("church"),
                            .name = text_copy(f->church),
                            .zone = text_copy("Europe/London") };
    return true;
}

static bool get_connections(void *self, struct connection **out, size_t *count, struct error *err)
{
    struct stage *f = self;

    if (failing(f, err))
        return false;
    *out = calloc(PLATFORM_COUNT, sizeof **out);
    *count = f->connection_count;
    for (size_t i = 0; i < f->connection_count; i++) {
        const struct connection *from = &f->connections[i];
        struct connection *to = &(*out)[i];

        *to = *from;
        to->method = text_copy(from->method);
        to->account_ref = text_copy(from->account_ref);
        to->account_name = text_copy(from->account_name);
        to->scopes = text_copy(from->scopes);
        to->reason = text_copy(from->reason);
        to->reason_text = text_copy(from->reason_text);
        to->remedy = text_copy(from->remedy);
        to->options = text_copy(from->options);
    }
    return true;
}

static bool get_livestreams(void *self, const struct record_filter *filter, struct livestream **out,
                            size_t *count, struct error *err)
{
    struct stage *f = self;
    size_t limit = filter->limit > 0 ? filter->limit : 200, seen = 0;

    if (failing(f, err))
        return false;
    *out = calloc(limit, sizeof **out);
    *count = 0;
    for (size_t i = 0; i < f->stream_count && *count < limit; i++) {
        const struct livestream *from = &f->streams[i];
        struct livestream *to = &(*out)[*count];

        if (!fits(filter, from->title, (int)from->status) || seen++ < filter->offset)
            continue;
        *to = *from;
        to->title = text_copy(from->title);
        to->description = text_copy(from->description);
        to->thumbnail = text_copy(from->thumbnail);
        to->targets = copy_targets(from->targets, from->target_count);
        (*count)++;
    }
    return true;
}

static bool get_meetings(void *self, const struct record_filter *filter, struct meeting **out,
                         size_t *count, struct error *err)
{
    struct stage *f = self;
    size_t limit = filter->limit > 0 ? filter->limit : 200, seen = 0;

    if (failing(f, err))
        return false;
    *out = calloc(limit, sizeof **out);
    *count = 0;
    for (size_t i = 0; i < f->meeting_count && *count < limit; i++) {
        const struct meeting *from = &f->meetings[i];
        struct meeting *to = &(*out)[*count];

        if (!fits(filter, from->title, (int)from->status) || seen++ < filter->offset)
            continue;
        *to = *from;
        to->title = text_copy(from->title);
        to->description = text_copy(from->description);
        to->targets = copy_targets(from->targets, from->target_count);
        (*count)++;
    }
    return true;
}

static bool event_fits(const struct event *e, const struct event_filter *f)
{
    return e->id > f->after && (f->before == 0 || e->id < f->before) &&
           (f->level < 0 || (int)e->level >= f->level) &&
           (f->platform < 0 || e->platform == f->platform) && e->at_ms >= f->since_ms;
}

static bool get_events(void *self, const struct event_filter *filter, struct event **out,
                       size_t *count, struct error *err)
{
    struct stage *f = self;
    size_t limit = filter->limit > 0 ? filter->limit : 200, fitting = 0, skip, seen = 0;

    if (failing(f, err))
        return false;
    for (size_t i = 0; i < f->event_count; i++)
        fitting += event_fits(&f->events[i], filter);
    skip = filter->newest && fitting > limit ? fitting - limit : 0;
    *out = calloc(limit, sizeof **out);
    *count = 0;
    for (size_t i = 0; i < f->event_count && *count < limit; i++) {
        const struct event *from = &f->events[i];
        struct event *to = &(*out)[*count];

        if (!event_fits(from, filter) || seen++ < skip)
            continue;
        *to = *from;
        to->kind = text_copy(from->kind);
        to->text = text_copy(from->text);
        to->remedy = text_copy(from->remedy);
        to->actor = text_copy(from->actor);
        (*count)++;
    }
    return true;
}

/* ---- commands ---- */

static bool is_simulated(void *self, enum platform_id p)
{
    (void)p;
    return ((struct stage *)self)->simulated;
}

static void get_worker(void *self, char *out, size_t size)
{
    text_copy_to(out, size, ((struct stage *)self)->worker);
}

static bool get_question(void *self, int argc, const char *const *argv, char *out, size_t size)
{
    struct stage *f = self;
    const char *verb = argc > 1 ? argv[1] : "";

    if (strcmp(argv[0], "disconnect") == 0)
        snprintf(out, size, "Disconnect %s? 2 coming streams and meetings lose it.", verb);
    else if (strcmp(verb, "stop") == 0)
        snprintf(
            out, size,
            "Stop Sunday Service? Its 500 viewers on YouTube and Facebook see the end at once.");
    else if (strcmp(verb, "delete") == 0)
        snprintf(out, size, "Delete Evening Prayer? It goes from YouTube and Facebook too.");
    else if (strcmp(verb, "cancel") == 0)
        snprintf(out, size, "Cancel Elders? The link on Zoom stops working.");
    else if (f->question_all)
        snprintf(out, size, "Do it?");
    else
        return false;
    return true;
}

static enum role get_role(void *self, int argc, const char *const *argv)
{
    (void)self;
    return argc > 1 && strcmp(argv[1], "list") == 0 ? ROLE_VIEWER : ROLE_OPERATOR;
}

static size_t complete(void *self, const char *line, char **out, size_t most)
{
    static const char *const all[] = { "livestream list", "livestream start", "livestream stop",
                                       "meeting list" };
    size_t n = 0;

    (void)self;
    for (size_t i = 0; i < 4 && n < most; i++) {
        if (text_starts(all[i], line))
            out[n++] = text_copy(all[i]);
    }
    return n;
}

static bool run(void *self, int argc, const char *const *argv, struct cancel *cancel,
                struct command_result *out, struct error *err)
{
    struct stage *f = self;
    size_t used;
    bool fine;

    pthread_mutex_lock(&f->lock);
    while (f->hold && !cancel_asked(cancel)) {
        pthread_mutex_unlock(&f->lock);
        test_nap();
        pthread_mutex_lock(&f->lock);
    }
    used = strlen(f->ran);
    for (int i = 0; i < argc; i++)
        used += (size_t)snprintf(f->ran + used, sizeof f->ran - used, "%s%s", i > 0 ? "|" : "",
                                 argv[i]);
    snprintf(f->ran + used, sizeof f->ran - used, "\n");
    text_copy_to(out->said, sizeof out->said, f->said);
    if (f->answer != NULL)
        out->json = json_parse(f->answer, strlen(f->answer), NULL);
    fine = f->refuse.kind == ERROR_NONE;
    if (!fine)
        *err = f->refuse;
    if (cancel_asked(cancel))
        fine = error_set(err, ERROR_CANCELLED, NULL, "Stopped waiting.");
    pthread_mutex_unlock(&f->lock);
    return fine;
}

char *stage_ran(struct stage *f)
{
    char *copy;

    pthread_mutex_lock(&f->lock);
    copy = text_copy(f->ran);
    pthread_mutex_unlock(&f->lock);
    return copy;
}

/* ---- sign-ins ---- */

static void take_pasted(struct stage *f, int fd)
{
    size_t used = strlen(f->pasted);
    ssize_t got = read(fd, f->pasted + used, sizeof f->pasted - used - 1);

    f->pasted[used + (got > 0 ? (size_t)got : 0)] = '\0';
}

/* The next step; the lock is held by nobody when it returns. */
static enum stage_signin next_step(struct stage *f, enum platform_id p, int fd,
                                   struct cancel *cancel)
{
    enum stage_signin step;

    for (;;) {
        pthread_mutex_lock(&f->lock);
        take_pasted(f, fd);
        step = f->signin[p];
        f->signin[p] = STAGE_SIGNIN_WAITS;
        pthread_mutex_unlock(&f->lock);
        if (step != STAGE_SIGNIN_WAITS || cancel_asked(cancel))
            return step;
        test_nap();
    }
}

static bool sign_in_ends(struct stage *f, enum stage_signin step, const struct signin_front *front,
                         struct cancel *cancel, struct connection *out, struct error *err)
{
    char answer[100];
    bool fine = step == STAGE_SIGNIN_FOUND ? front->confirm(front->self, &f->found)
                : step == STAGE_SIGNIN_ASKS
                    ? front->ask(front->self, f->signin_question, "page_id", answer, sizeof answer)
                    : false;

    if (cancel_asked(cancel))
        return error_set(err, ERROR_CANCELLED, NULL, "The sign-in was broken off.");
    if (step == STAGE_SIGNIN_FAILS) {
        pthread_mutex_lock(&f->lock);
        *err = f->refuse;
        pthread_mutex_unlock(&f->lock);
        return false;
    }
    if (!fine)
        return error_set(err, ERROR_REFUSED, "Begin again and choose the other account there.",
                         "It was not connected; nothing was changed.");
    out->account_name = text_copy(step == STAGE_SIGNIN_ASKS ? answer : f->found.account);
    return true;
}

static bool sign_in(void *self, const struct signin_request *r, const struct signin_front *front,
                    struct cancel *cancel, struct connection *out, struct error *err)
{
    struct stage *f = self;
    struct signin_shown shown = f->shown[r->platform];
    enum stage_signin step;
    size_t used = 0;

    shown.platform = r->platform;
    pthread_mutex_lock(&f->lock);
    f->signins[r->platform]++;
    f->given[0] = '\0';
    for (size_t i = 0; i < r->value_count; i++)
        used += (size_t)snprintf(f->given + used, sizeof f->given - used, "%s=%s ",
                                 r->values[i].key, r->values[i].value);
    pthread_mutex_unlock(&f->lock);
    if (f->signin_needs_id && r->value_count == 0)
        return error_set(err, ERROR_INPUT, "The guide says where to register the app.", "%s",
                         f->signin_trouble != NULL ? f->signin_trouble
                                                   : "Signing in needs a client_id.");
    do {
        front->show(front->self, &shown);
        step = next_step(f, r->platform, front->paste_fd, cancel);
        shown.note = "That answer belongs to another sign-in.";
    } while (step == STAGE_SIGNIN_SHOWS);
    return sign_in_ends(f, step, front, cancel, out, err);
}

int64_t stage_mono(void)
{
    return INT64_C(1000000);
}

void stage_signins(struct stage *f)
{
    f->source.sign_in = sign_in;
    f->found = (struct signin_found){ .platform = PLATFORM_YOUTUBE, .account = "St Mark's Church" };
}

void stage_signin(struct stage *f, enum platform_id p, enum stage_signin step)
{
    pthread_mutex_lock(&f->lock);
    f->signin[p] = step;
    pthread_mutex_unlock(&f->lock);
}

/* ---- making ---- */

void stage_start(struct stage *f)
{
    *f =
        (struct stage){ .church = "St Mark's", .worker = "this console", .said = "Done as asked." };
    f->streams = calloc(STAGE_MOST, sizeof *f->streams);
    f->meetings = calloc(STAGE_MOST, sizeof *f->meetings);
    f->events = calloc(STAGE_MOST, sizeof *f->events);
    pthread_mutex_init(&f->lock, NULL);
    f->source = (struct console_source){ .self = f,
                                         .church = get_church,
                                         .connections = get_connections,
                                         .livestreams = get_livestreams,
                                         .meetings = get_meetings,
                                         .events = get_events,
                                         .platform = get_platform,
                                         .simulated = is_simulated,
                                         .worker = get_worker,
                                         .question = get_question,
                                         .role = get_role,
                                         .complete = complete,
                                         .run = run };
    clock_fix(STAGE_NOW);
}

void stage_release(struct stage *f)
{
    for (size_t i = 0; i < f->connection_count; i++)
        connection_release(&f->connections[i]);
    for (size_t i = 0; i < f->stream_count; i++)
        livestream_release(&f->streams[i]);
    for (size_t i = 0; i < f->meeting_count; i++)
        meeting_release(&f->meetings[i]);
    for (size_t i = 0; i < f->event_count; i++)
        event_release(&f->events[i]);
    free(f->streams);
    free(f->meetings);
    free(f->events);
    pthread_mutex_destroy(&f->lock);
}

static struct id make_id(char kind, size_t number)
{
    struct id id;

    snprintf(id.hex, sizeof id.hex, "%c%031zx", kind, number);
    return id;
}

struct connection *stage_connect(struct stage *f, enum platform_id p, enum connection_status status,
                                 const char *account)
{
    struct connection *c = &f->connections[f->connection_count];

    *c = (struct connection){ .id = make_id('a', f->connection_count),
                              .platform = p,
                              .status = status,
                              .method = text_copy("credentials"),
                              .account_ref = text_copy(""),
                              .account_name = text_copy(account),
                              .scopes = text_copy("stream chat"),
                              .reason = text_copy(""),
                              .reason_text = text_copy(""),
                              .remedy = text_copy(""),
                              .options = text_copy("{}"),
                              .last_ok_ms = STAGE_NOW - 4000,
                              .simulated = f->simulated };
    f->connection_count++;
    return c;
}

static struct target *add_target(struct target **list, size_t *count, enum subject_kind kind,
                                 enum platform_id p, enum target_status status, const char *url)
{
    struct target *t;

    *list = realloc(*list, (*count + 1) * sizeof **list);
    t = &(*list)[*count];
    *t = (struct target){ .id = make_id('d', *count),
                          .kind = kind,
                          .platform = p,
                          .status = status,
                          .wish = status == TARGET_LIVE ? WISH_LIVE : WISH_READY,
                          .settings = text_copy("{}"),
                          .remote_id = text_copy("remote"),
                          .remote = text_copy("{}"),
                          .url = text_copy(url),
                          .ingest_url = text_copy(""),
                          .note = text_copy(""),
                          .viewers = -1,
                          .error = text_copy(""),
                          .remedy = text_copy(""),
                          .error_code = text_copy(""),
                          .checked_ms = STAGE_NOW - 4000 - (int64_t)*count * 2000 };
    (*count)++;
    return t;
}

struct livestream *stage_stream(struct stage *f, const char *title, int64_t start_ms,
                                enum livestream_status status)
{
    struct livestream *l = &f->streams[f->stream_count];

    *l = (struct livestream){ .id = make_id('b', f->stream_count),
                              .title = text_copy(title),
                              .description = text_copy(""),
                              .thumbnail = text_copy(""),
                              .start_ms = start_ms,
                              .status = status,
                              .start_asked = status == LIVESTREAM_LIVE,
                              .started_ms =
                                  status == LIVESTREAM_LIVE ? STAGE_NOW - 41 * STAGE_MINUTE : 0 };
    f->stream_count++;
    return l;
}

struct target *stage_stream_target(struct livestream *l, enum platform_id p,
                                   enum target_status status, const char *url)
{
    return add_target(&l->targets, &l->target_count, SUBJECT_LIVESTREAM, p, status, url);
}

struct meeting *stage_meeting(struct stage *f, const char *title, int64_t start_ms,
                              enum meeting_status status)
{
    struct meeting *m = &f->meetings[f->meeting_count];

    *m = (struct meeting){ .id = make_id('e', f->meeting_count),
                           .title = text_copy(title),
                           .description = text_copy(""),
                           .start_ms = start_ms,
                           .end_ms = start_ms + 60 * STAGE_MINUTE,
                           .status = status,
                           .cancelled = status == MEETING_CANCELLED };
    f->meeting_count++;
    return m;
}

struct target *stage_meeting_target(struct meeting *m, enum platform_id p,
                                    enum target_status status, const char *url)
{
    return add_target(&m->targets, &m->target_count, SUBJECT_MEETING, p, status, url);
}

void stage_event(struct stage *f, int64_t at_ms, enum event_level level, int platform,
                 const char *text, const char *remedy)
{
    struct event *e = &f->events[f->event_count];

    *e = (struct event){ .id = (int64_t)f->event_count + 1,
                         .at_ms = at_ms,
                         .level = level,
                         .platform = platform,
                         .kind = text_copy("test"),
                         .text = text_copy(text),
                         .remedy = text_copy(remedy),
                         .actor = text_copy("engine") };
    f->event_count++;
}

static void fill_streams(struct stage *f)
{
    struct livestream *l =
        stage_stream(f, "Sunday Service", STAGE_NOW - 28 * STAGE_MINUTE - 41000, LIVESTREAM_LIVE);
    struct target *t;

    stage_stream_target(l, PLATFORM_YOUTUBE, TARGET_LIVE, "https://youtu.be/k3Jx91mQ2aA")->viewers =
        412;
    stage_stream_target(l, PLATFORM_FACEBOOK, TARGET_LIVE, "https://fb.watch/9xQq1aBcDe/")
        ->viewers = 88;
    stage_stream_target(l, PLATFORM_RESTREAM, TARGET_LIVE,
                        "https://player.restream.io/?token=4c1d");
    t = stage_stream_target(l, PLATFORM_INSTAGRAM, TARGET_FAILED, "");
    t->error_kind = ERROR_AUTH;
    text_replace(&t->error, "The stream key has expired.");
    text_replace(&t->remedy, "Get a new one in Live Producer, then press r.");
    l = stage_stream(f, "Evening Prayer",
                     STAGE_NOW + 7 * 60 * STAGE_MINUTE + 31 * STAGE_MINUTE + 19000,
                     LIVESTREAM_SCHEDULED);
    stage_stream_target(l, PLATFORM_YOUTUBE, TARGET_PENDING, "https://youtu.be/ep");
    stage_stream_target(l, PLATFORM_FACEBOOK, TARGET_PENDING, "");
    l = stage_stream(f, "Wednesday Bible Study",
                     STAGE_NOW + 3 * 1440 * STAGE_MINUTE + 541 * STAGE_MINUTE + 19000,
                     LIVESTREAM_SCHEDULED);
    stage_stream_target(l, PLATFORM_YOUTUBE, TARGET_PENDING, "");
}

static void fill_meetings(struct stage *f)
{
    struct meeting *m =
        stage_meeting(f, "Elders", STAGE_NOW + 1440 * STAGE_MINUTE + 541 * STAGE_MINUTE + 19000,
                      MEETING_SCHEDULED);

    m->primary = PLATFORM_ZOOM;
    stage_meeting_target(m, PLATFORM_ZOOM, TARGET_PENDING,
                         "https://us02web.zoom.us/j/88112233445?pwd=abc");
    stage_meeting_target(m, PLATFORM_JITSI, TARGET_PENDING, "https://meet.example.org/ec-elders");
    m = stage_meeting(f, "Youth group", STAGE_NOW - 88 * STAGE_MINUTE - 41000, MEETING_ENDED);
    m->primary = PLATFORM_JITSI;
    stage_meeting_target(m, PLATFORM_JITSI, TARGET_ENDED, "https://meet.example.org/ec-youth");
}

void stage_fill(struct stage *f)
{
    struct connection *c;

    stage_connect(f, PLATFORM_RESTREAM, CONNECTION_CONNECTED, "stmarks");
    stage_connect(f, PLATFORM_ZOOM, CONNECTION_CONNECTED, "office@stmarks.example");
    stage_connect(f, PLATFORM_YOUTUBE, CONNECTION_CONNECTED, "St Mark's Church");
    stage_connect(f, PLATFORM_FACEBOOK, CONNECTION_CONNECTED, "St Mark's");
    c = stage_connect(f, PLATFORM_INSTAGRAM, CONNECTION_EXPIRED, "stmarks.church");
    text_replace(&c->reason_text, "Instagram has ended this sign-in.");
    text_replace(&c->remedy, "Press c and sign in again.");
    fill_streams(f);
    fill_meetings(f);
    stage_event(f, STAGE_NOW - 1440 * STAGE_MINUTE, EVENT_INFO, -1,
                "Sunday Service: planned by mary", "");
    stage_event(f, STAGE_NOW - 41 * STAGE_MINUTE, EVENT_INFO, -1, "Sunday Service: started by mary",
                "");
    stage_event(f, STAGE_NOW - 40 * STAGE_MINUTE, EVENT_INFO, PLATFORM_FACEBOOK,
                "Sunday Service: live", "");
    stage_event(f, STAGE_NOW - 39 * STAGE_MINUTE, EVENT_WARNING, PLATFORM_RESTREAM,
                "Sunday Service: no signal from the encoder yet", "");
    stage_event(f, STAGE_NOW - 3000, EVENT_INFO, PLATFORM_YOUTUBE,
                "Sunday Service: testing \xe2\x86\x92 live", "");
    stage_event(f, STAGE_NOW - 1000, EVENT_ERROR, PLATFORM_INSTAGRAM,
                "Sunday Service: ingest refused the stream key (attempt 3, next 10:28:48)", "");
}
