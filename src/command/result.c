/* What commands answer with: records read again, one line for a person. */
#include "command/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct manager *context_manager(const struct command_context *c)
{
    return engine_manager(c->engine);
}

struct store *context_store(const struct command_context *c)
{
    return engine_store(c->engine);
}

bool command_context_church(struct command_context *c, const char *slug, bool create,
                            struct error *err)
{
    const char *configured = config_text(manager_config(context_manager(c)), "church", "slug");

    if (!slug || !*slug)
        slug = *configured ? configured : NULL;
    church_release(&c->church);
    return manager_church(context_manager(c), slug, create, &c->church, err);
}

void command_context_release(struct command_context *c)
{
    church_release(&c->church);
}

void command_result_release(struct command_result *r)
{
    cJSON_Delete(r->json);
    memset(r, 0, sizeof(*r));
}

void result_say(struct command_result *r, const char *format, ...)
{
    char said[1200];
    va_list ap;

    va_start(ap, format);
    vsnprintf(said, sizeof(said), format, ap);
    va_end(ap);
    text_copy_to(r->said, sizeof(r->said), said);
}

bool result_json(struct command_result *r, const char *view, cJSON *json, struct error *err)
{
    if (!json)
        return error_set(err, ERROR_MEMORY, NULL, "There is not enough memory to show the answer.");
    cJSON_Delete(r->json);
    r->json = json;
    r->view = view;
    return true;
}

cJSON *list_shape(cJSON *items, bool more, int64_t cursor)
{
    cJSON *o = cJSON_CreateObject();
    char text[24];

    cJSON_AddItemToObject(o, "items", items);
    if (more) {
        snprintf(text, sizeof(text), "%lld", (long long)cursor);
        cJSON_AddStringToObject(o, "nextCursor", text);
    }
    return o;
}

bool targets_name(struct text *out, const struct target *targets, size_t count, int status)
{
    size_t all = 0, done = 0;

    for (size_t i = 0; i < count; i++)
        all += status < 0 || (int)targets[i].status == status;
    for (size_t i = 0; i < count; i++) {
        if (status >= 0 && (int)targets[i].status != status)
            continue;
        text_addf(out, "%s%s",
                  done == 0         ? ""
                  : done + 1 == all ? " and "
                                    : ", ",
                  platform_name(targets[i].platform));
        done++;
    }
    return all > 0;
}

bool context_livestream(const struct command_context *c, const char *words, struct livestream *out,
                        struct error *err)
{
    struct db *db;
    bool done;

    if (!db_read(context_store(c), &db, err))
        return false;
    done = livestream_find(db, c->church.id, words, out, err);
    db_read_end(db);
    return done;
}

bool context_meeting(const struct command_context *c, const char *words, struct meeting *out,
                     struct error *err)
{
    struct db *db;
    bool done;

    if (!db_read(context_store(c), &db, err))
        return false;
    done = meeting_find(db, c->church.id, words, out, err);
    db_read_end(db);
    return done;
}

/* "live on YouTube and Facebook, failed on Zoom" */
static void say_statuses(struct text *out, const struct target *targets, size_t count,
                         enum subject_kind kind)
{
    static const enum target_status order[] = { TARGET_LIVE, TARGET_PENDING, TARGET_ENDED,
                                                TARGET_FAILED };

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        struct text names;

        text_init(&names, 300);
        if (targets_name(&names, targets, count, (int)order[i]))
            text_addf(out, "%s%s on %s", out->length ? ", " : "",
                      target_status_name(order[i], kind), text_str(&names));
        text_release(&names);
    }
}

static bool result_of(struct command_result *r, enum subject_kind kind, struct id id,
                      const char *title, const struct target *targets, size_t count, cJSON *json,
                      const struct config *config, struct error *err)
{
    struct text statuses;

    text_init(&statuses, 900);
    say_statuses(&statuses, targets, count, kind);
    result_say(r, "%s: %s.", title, text_str(&statuses));
    text_release(&statuses);
    r->kind = kind;
    r->subject = id;
    if (json)
        shape_mark_simulated(json, config);
    return result_json(r, kind == SUBJECT_LIVESTREAM ? "livestream" : "meeting", json, err);
}

bool result_livestream(const struct command_context *c, struct id id, struct command_result *r,
                       struct error *err)
{
    struct livestream l = { 0 };
    struct db *db;
    bool done;

    if (!db_read(context_store(c), &db, err))
        return false;
    done = livestream_get(db, id, &l, err);
    db_read_end(db);
    if (!done)
        return false;
    done = result_of(r, SUBJECT_LIVESTREAM, id, l.title, l.targets, l.target_count,
                     shape_livestream(&l), manager_config(context_manager(c)), err);
    livestream_release(&l);
    return done;
}

bool result_meeting(const struct command_context *c, struct id id, struct command_result *r,
                    struct error *err)
{
    struct meeting m = { 0 };
    struct db *db;
    bool done;

    if (!db_read(context_store(c), &db, err))
        return false;
    done = meeting_get(db, id, &m, err);
    db_read_end(db);
    if (!done)
        return false;
    done = result_of(r, SUBJECT_MEETING, id, m.title, m.targets, m.target_count, shape_meeting(&m),
                     manager_config(context_manager(c)), err);
    meeting_release(&m);
    return done;
}

bool command_result_reload(struct command_context *c, struct command_result *r, struct error *err)
{
    bool waits = r->waits, done;
    struct error missing;

    if (id_is_none(r->subject))
        return true;
    error_clear(&missing);
    done = r->kind == SUBJECT_LIVESTREAM ? result_livestream(c, r->subject, r, &missing)
                                         : result_meeting(c, r->subject, r, &missing);
    r->waits = waits;
    if (done)
        return true;
    if (missing.kind == ERROR_MISSING) {
        /* A delete has come to its end: the record as it last was stands for programs alone. */
        const char *title = json_string(r->json, "title");

        result_say(r, "%s is deleted, here and on every platform.", title ? title : "It");
        r->view = NULL;
        return true;
    }
    if (err)
        *err = missing;
    return false;
}
