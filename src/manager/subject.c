#include "manager/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

static const char *subject_word(enum subject_kind kind)
{
    return kind == SUBJECT_MEETING ? "meeting" : "livestream";
}

bool subject_zone(struct db *db, struct id church, char *out, size_t size)
{
    struct church c = { 0 };

    text_copy_to(out, size, "UTC");
    if (!church_by_id(db, church, &c, NULL))
        return false;
    text_copy_to(out, size, c.zone);
    church_release(&c);
    return true;
}

static bool judge_livestream(struct db *db, struct id id, struct error *err)
{
    struct livestream l = { 0 };
    int64_t now = clock_now();

    if (!livestream_get(db, id, &l, err))
        return false;
    enum livestream_status before = l.status;
    l.status = livestream_judge(&l);
    bool done = true;
    if (l.status != before) {
        if (l.status == LIVESTREAM_LIVE && !l.started_ms)
            l.started_ms = now;
        if (l.status == LIVESTREAM_ENDED)
            l.ended_ms = now;
        l.updated_ms = now;
        static const char *const words[] = { "is scheduled again", "is live", "has ended" };
        static const char *const kinds[] = { "livestream.scheduled", "livestream.live",
                                             "livestream.ended" };
        done =
            livestream_save(db, &l, err) &&
            tell(db,
                 &(struct tell){
                     .church = l.church, .subject = l.id, .platform = -1, .kind = kinds[l.status] },
                 err, "%s %s.", l.title, words[l.status]);
    }
    livestream_release(&l);
    return done;
}

static bool judge_meeting(struct db *db, struct id id, struct error *err)
{
    struct meeting m = { 0 };
    char zone[64];

    if (!meeting_get(db, id, &m, err))
        return false;
    subject_zone(db, m.church, zone, sizeof zone);
    enum meeting_status before = m.status;
    m.status = meeting_judge(&m, zone, clock_now());
    bool done = true;
    if (m.status != before) {
        m.updated_ms = clock_now();
        static const char *const words[] = { "is scheduled again", "is under way", "has ended",
                                             "was cancelled" };
        static const char *const kinds[] = { "meeting.scheduled", "meeting.active", "meeting.ended",
                                             "meeting.cancelled" };
        done =
            meeting_save(db, &m, err) &&
            tell(db,
                 &(struct tell){
                     .church = m.church, .subject = m.id, .platform = -1, .kind = kinds[m.status] },
                 err, "%s %s.", m.title, words[m.status]);
    }
    meeting_release(&m);
    return done;
}

bool subject_judge(struct manager *m, struct db *db, enum subject_kind kind, struct id id,
                   struct error *err)
{
    (void)m;
    return kind == SUBJECT_MEETING ? judge_meeting(db, id, err) : judge_livestream(db, id, err);
}

static int priority_of(const char *verb)
{
    if (strcmp(verb, "stop") == 0 || strcmp(verb, "cancel") == 0)
        return JOB_PRIORITY_STOP;
    if (strcmp(verb, "start") == 0)
        return JOB_PRIORITY_START;
    return strcmp(verb, "create") == 0 ? JOB_PRIORITY_CREATE : JOB_PRIORITY_UPDATE;
}

/* The key of what is created is the same for create and start: a start that creates makes the
 * object that a create would have made. */
static void idempotency_key(struct manager *m, const struct target *t, char out[33])
{
    char generation[24];
    struct id store = store_id(m->store);

    snprintf(generation, sizeof generation, "%lld", (long long)t->generation);
    vault_digest(out, (const char *const[]){ store.hex, t->id.hex, "create", generation }, 4);
}

bool subject_enqueue(struct manager *m, struct db *db, const struct target *t, const char *verb,
                     int64_t deadline_ms, struct error *err)
{
    struct job job = {
        .platform = t->platform,
        .church = t->church,
        .subject = t->subject,
        .target = t->id,
        .connection = t->connection,
        .priority = priority_of(verb),
        .deadline_ms = deadline_ms,
    };
    char unique[96];
    int64_t id;
    bool added;

    snprintf(job.kind, sizeof job.kind, "%s.%s", subject_word(t->kind), verb);
    snprintf(unique, sizeof unique, "%s/%s", t->id.hex, verb);
    idempotency_key(m, t, job.idem_key);
    if (!job_add(db, &job, unique, &id, &added, err))
        return false;
    if (added || strcmp(verb, "update") != 0)
        return true;
    /* One that runs has read the record as it was: another one follows it. */
    struct job before;
    if (!job_get(db, id, &before, err))
        return false;
    if (before.state != JOB_RUNNING)
        return true;
    snprintf(unique, sizeof unique, "%s/%s/next", t->id.hex, verb);
    return job_add(db, &job, unique, &id, &added, err);
}

bool subject_hurry(struct db *db, struct id target, bool *hurried, struct error *err)
{
    struct job *jobs = NULL;
    size_t n = 0;

    *hurried = false;
    if (!job_list(db, &(struct job_filter){ .state = -1, .live = true, .target = target }, &jobs,
                  &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (jobs[i].state == JOB_SCHEDULED && job_retry(db, jobs[i].id, NULL))
            *hurried = true;
        else if (jobs[i].state != JOB_SCHEDULED)
            *hurried = true; /* it is at work right now */
    }
    free(jobs);
    return true;
}

bool subject_supersede(struct db *db, struct id target, struct error *err)
{
    bool hurried;

    return job_supersede(db, target, err) && subject_hurry(db, target, &hurried, err);
}

static bool makes(const struct job *j)
{
    return strstr(j->kind, ".create") || strstr(j->kind, ".start");
}

bool subject_making(struct db *db, struct id target, bool *making, struct error *err)
{
    struct job *jobs = NULL;
    size_t n = 0;

    *making = false;
    if (!job_list(db, &(struct job_filter){ .state = -1, .live = true, .target = target }, &jobs,
                  &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        *making =
            *making || (makes(&jobs[i]) && (jobs[i].state != JOB_SCHEDULED || jobs[i].reconcile));
    free(jobs);
    return true;
}

bool subject_missed_change(struct db *db, struct id target, struct error *why, struct error *err)
{
    struct job *jobs = NULL;
    size_t n = 0;

    error_clear(why);
    if (!job_list(db, &(struct job_filter){ .state = -1, .target = target }, &jobs, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!strstr(jobs[i].kind, ".update") || jobs[i].state == JOB_CANCELLED)
            continue;
        if (jobs[i].state == JOB_DEAD)
            error_platform(why, jobs[i].error_kind, platform_slug(jobs[i].platform),
                           "Press r to try again.", "%s", jobs[i].error);
        break;
    }
    free(jobs);
    return true;
}

bool doubt_is_refused(enum error_kind kind)
{
    return kind == ERROR_FORBIDDEN || kind == ERROR_INVALID || kind == ERROR_NOT_FOUND ||
           kind == ERROR_REFUSED;
}

bool subject_doubt(struct manager *m, struct db *db, const struct target *t, enum doubt *out,
                   struct error *err)
{
    struct job *jobs = NULL;
    char key[33];
    size_t n = 0;

    *out = DOUBT_NONE;
    if (t->remote_id[0])
        return true;
    idempotency_key(m, t, key);
    if (!job_list(db, &(struct job_filter){ .state = -1, .target = t->id }, &jobs, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct job *j = &jobs[i];
        bool dead = j->state == JOB_DEAD;
        /* It was made, and then the platform said that it is not there: that may have been for a
         * moment only. */
        bool was_made = j->state == JOB_SUCCEEDED ||
                        (dead && j->error_kind == ERROR_NOT_FOUND && !j->reconcile);
        bool unsure =
            was_made || (dead && (j->reconcile || error_policy(j->error_kind)->maybe_done));
        if (!makes(j) || !unsure || !text_equal(j->idem_key, key))
            continue;
        if (dead && j->reconcile && doubt_is_refused(j->error_kind))
            *out = DOUBT_TOLD;
        else if (*out == DOUBT_NONE)
            *out = DOUBT_UNSURE;
    }
    free(jobs);
    return true;
}

static cJSON *parsed(const char *settings)
{
    cJSON *object = json_parse(settings, strlen(settings), NULL);
    return object ? object : cJSON_CreateObject();
}

bool subject_settings(struct target *t, const cJSON *settings, struct error *err)
{
    const struct platform *p = platform_get(t->platform);
    struct text text;

    if (!settings)
        return true;
    cJSON *merged = parsed(t->settings);
    const cJSON *value;
    cJSON_ArrayForEach (value, settings) {
        cJSON_DeleteItemFromObjectCaseSensitive(merged, value->string);
        cJSON_AddItemToObject(merged, value->string, cJSON_Duplicate(value, true));
    }
    unsigned fits = t->kind == SUBJECT_MEETING ? PLATFORM_MEETINGS : PLATFORM_LIVESTREAMS;
    bool good = !p || platform_settings_check(p, fits, merged, err);
    if (good) {
        text_init(&text, 16 * 1024);
        char *printed = json_print(&text, merged) ? text_take(&text) : NULL;
        text_release(&text);
        good = printed != NULL ||
               error_set(err, ERROR_INPUT, "Give shorter values.", "The settings are too long.");
        if (printed) {
            free(t->settings);
            t->settings = printed;
        }
    }
    cJSON_Delete(merged);
    return good;
}

bool subject_target(struct manager *m, struct db *db, enum subject_kind kind, struct id church,
                    struct id subject, const struct target_input *in, struct target *out,
                    struct error *err)
{
    unsigned needed = kind == SUBJECT_MEETING ? PLATFORM_MEETINGS : PLATFORM_LIVESTREAMS;
    const struct platform *p = platform_get(in->platform);
    struct connection c = { 0 };
    struct error why = { 0 };

    if (p && !(p->abilities & needed))
        return error_set(err, ERROR_INPUT, "`ecclesia platform list` shows what each can do.",
                         "%s has no %ss.", platform_name(in->platform), subject_word(kind));
    *out = (struct target){ .id = id_new(),
                            .subject = subject,
                            .church = church,
                            .kind = kind,
                            .platform = in->platform,
                            .viewers = -1 };
    char **texts[] = { &out->remote_id, &out->url,    &out->ingest_url, &out->note,
                       &out->error,     &out->remedy, &out->error_code };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = text_copy("");
    out->settings = text_copy("{}");
    out->remote = text_copy("{}");
    if (!out->settings || !out->remote)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    if (!subject_settings(out, in->settings, err))
        return false;
    if (platform_usable(m, db, church, in->platform, &c, &why)) {
        out->connection = c.id;
        connection_release(&c);
    } else {
        if (why.kind == ERROR_STORE || why.kind == ERROR_INTERNAL) {
            if (err)
                *err = why;
            return false;
        }
        out->status = TARGET_FAILED;
        target_set_error(out, &why);
    }
    return true;
}
