/* Where the console's records come from and its commands go to: the engine and the table of
 * commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/tui/console.h>

struct over_engine {
    struct engine *engine;
    struct church church; /* owned; not changed after the start, so that workers may read it */
    char *actor;          /* owned */
};

/* A read transaction around one call; the call's own error goes out. */
#define READ(over, err, call)                                                                      \
    do {                                                                                           \
        struct db *db = NULL;                                                                      \
        bool fine_;                                                                                \
                                                                                                   \
        if (!db_read(engine_store((over)->engine), &db, err))                                      \
            return false;                                                                          \
        fine_ = (call);                                                                            \
        db_read_end(db);                                                                           \
        return fine_;                                                                              \
    } while (0)

static bool get_church(void *self, struct church *out, struct error *err)
{
    struct over_engine *o = self;

    READ(o, err, church_by_id(db, o->church.id, out, err));
}

/* What was stored, as it is now. */
static bool review(struct over_engine *o, struct db *db, struct connection *list, size_t count,
                   struct error *err)
{
    bool done = true;

    for (size_t i = 0; done && i < count; i++)
        done = connection_review(engine_manager(o->engine), db, &list[i], err);
    return done;
}

static bool get_connections(void *self, struct connection **out, size_t *count, struct error *err)
{
    struct over_engine *o = self;

    READ(o, err,
         connection_list(db, o->church.id, out, count, err) && review(o, db, *out, *count, err));
}

static bool get_livestreams(void *self, const struct record_filter *f, struct livestream **out,
                            size_t *count, struct error *err)
{
    struct over_engine *o = self;

    READ(o, err, livestream_list(db, o->church.id, f, out, count, err));
}

static bool get_meetings(void *self, const struct record_filter *f, struct meeting **out,
                         size_t *count, struct error *err)
{
    struct over_engine *o = self;

    READ(o, err, meeting_list(db, o->church.id, f, out, count, err));
}

static bool get_events(void *self, const struct event_filter *f, struct event **out, size_t *count,
                       struct error *err)
{
    struct over_engine *o = self;

    READ(o, err, event_list(db, o->church.id, f, out, count, err));
}

static const struct platform *get_platform(void *self, enum platform_id p)
{
    (void)self;
    return platform_get(p);
}

static bool is_simulated(void *self, enum platform_id p)
{
    struct over_engine *o = self;

    return config_simulated(manager_config(engine_manager(o->engine)), platform_slug(p));
}

static void get_worker(void *self, char *out, size_t size)
{
    struct over_engine *o = self;

    if (engine_working(o->engine))
        text_copy_to(out, size, "this console");
    else
        engine_worker(o->engine, out, size);
}

/* The words as the commands take them; borrows all of o. */
static struct command_context context_of(const struct over_engine *o, struct cancel *cancel)
{
    return (struct command_context){ .engine = o->engine,
                                     .church = o->church,
                                     .actor = o->actor,
                                     .cancel = cancel,
                                     .interactive = true };
}

static bool find_subject(struct over_engine *o, enum subject_kind kind, const char *words,
                         struct id *out)
{
    struct livestream l = { 0 };
    struct meeting m = { 0 };
    struct db *db = NULL;
    bool found;

    if (!db_read(engine_store(o->engine), &db, NULL))
        return false;
    found = kind == SUBJECT_MEETING ? meeting_find(db, o->church.id, words, &m, NULL)
                                    : livestream_find(db, o->church.id, words, &l, NULL);
    db_read_end(db);
    if (found)
        *out = kind == SUBJECT_MEETING ? m.id : l.id;
    meeting_release(&m);
    livestream_release(&l);
    return found;
}

static bool ask_disconnect(struct over_engine *o, const char *slug, char *out, size_t size)
{
    enum platform_id p;
    int64_t users = 0;

    if (slug == NULL || !platform_from_slug(slug, &p))
        return false; /* the command itself says what is wrong */
    if (!connection_users(engine_manager(o->engine), o->church.id, p, &users, NULL))
        users = 0;
    if (users > 0)
        snprintf(out, size,
                 "Disconnect %s? %lld coming stream%s or meeting%s cannot use it any more. Its "
                 "sign-in is wiped here and given back there.",
                 platform_name(p), (long long)users, users == 1 ? "" : "s", users == 1 ? "" : "s");
    else
        snprintf(out, size, "Disconnect %s? Its sign-in is wiped here and given back there.",
                 platform_name(p));
    return true;
}

static bool get_question(void *self, int argc, const char *const *argv, char *out, size_t size)
{
    struct over_engine *o = self;
    int used = 0;
    const struct command *command = command_find(argc, argv, &used);
    const char *argument = used < argc ? argv[used] : NULL, *verb;
    enum subject_kind kind;
    struct id id;

    if (command == NULL || !command->danger)
        return false;
    verb = strchr(command->words, ' ');
    if (verb == NULL)
        return ask_disconnect(o, argument, out, size);
    kind = text_starts(command->words, "meeting") ? SUBJECT_MEETING : SUBJECT_LIVESTREAM;
    if (kind == SUBJECT_LIVESTREAM && !text_starts(command->words, "livestream")) {
        snprintf(out, size, "%s %s: %s Do it?", command->words, argument != NULL ? argument : "",
                 command->help);
        return true;
    }
    return argument != NULL && find_subject(o, kind, argument, &id) &&
           manager_question(engine_manager(o->engine), kind, id, verb + 1, out, size);
}

static enum role get_role(void *self, int argc, const char *const *argv)
{
    (void)self;
    return command_role(argc, argv);
}

/* Where the last word of the line begins. */
static size_t last_word(const char *line)
{
    size_t start = 0;
    char quote = 0;

    for (size_t i = 0; line[i] != '\0'; i++) {
        if (quote != 0)
            quote = line[i] == quote ? 0 : quote;
        else if (line[i] == '"' || line[i] == '\'')
            quote = line[i];
        else if (line[i] == ' ')
            start = i + 1;
    }
    return start;
}

static size_t get_completions(void *self, const char *line, char **out, size_t most)
{
    struct over_engine *o = self;
    struct command_context c = context_of(o, NULL);
    size_t count = command_complete(&c, line, out, most), kept = 0, start = last_word(line);

    for (size_t i = 0; i < count; i++) {
        char *whole = text_format("%.*s%s", (int)start, line, out[i]);

        free(out[i]);
        if (whole != NULL)
            out[kept++] = whole;
    }
    return kept;
}

static bool run(void *self, int argc, const char *const *argv, struct cancel *cancel,
                struct command_result *out, struct error *err)
{
    struct command_context c = context_of(self, cancel);

    return command_run(&c, argc, argv, out, err);
}

static bool sign_in(void *self, const struct signin_request *r, const struct signin_front *front,
                    struct cancel *cancel, struct connection *out, struct error *err)
{
    struct over_engine *o = self;
    struct signin_request ours = *r;

    ours.church = o->church.id;
    return signin_run(engine_manager(o->engine), &ours, front, &(struct actor){ o->actor }, cancel,
                      out, err);
}

bool console_source_engine(struct console_source *out, struct engine *engine, const char *church,
                           const char *actor, bool create, struct error *err)
{
    struct over_engine *o = calloc(1, sizeof *o);
    struct command_context c = { .engine = engine };

    if (o == NULL || (o->actor = text_copy(actor != NULL ? actor : "console")) == NULL) {
        free(o);
        return error_set(err, ERROR_MEMORY, NULL, "No memory for the console.");
    }
    if (!command_context_church(&c, church, create, err)) {
        free(o->actor);
        free(o);
        return false;
    }
    o->engine = engine;
    o->church = c.church; /* taken over */
    *out = (struct console_source){ .self = o,
                                    .church = get_church,
                                    .connections = get_connections,
                                    .sign_in = sign_in,
                                    .livestreams = get_livestreams,
                                    .meetings = get_meetings,
                                    .events = get_events,
                                    .platform = get_platform,
                                    .simulated = is_simulated,
                                    .worker = get_worker,
                                    .question = get_question,
                                    .role = get_role,
                                    .complete = get_completions,
                                    .run = run };
    return true;
}

void console_source_engine_free(struct console_source *s)
{
    struct over_engine *o = s->self;

    if (o == NULL)
        return;
    church_release(&o->church);
    free(o->actor);
    free(o);
    s->self = NULL;
}
