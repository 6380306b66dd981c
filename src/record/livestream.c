#include <ecclesia/record/livestream.h>

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/utf8.h>
#include "record/check.h"

static const char *const status_names[] = { "scheduled", "live", "ended" };

const char *livestream_status_name(enum livestream_status s)
{
    return status_names[s];
}

bool livestream_status_parse(const char *name, enum livestream_status *out)
{
    for (int i = 0; name && i <= LIVESTREAM_ENDED; i++) {
        if (strcmp(name, status_names[i]) == 0) {
            *out = (enum livestream_status)i;
            return true;
        }
    }
    return false;
}

void livestream_release(struct livestream *l)
{
    if (!l)
        return;
    free(l->title);
    free(l->description);
    free(l->thumbnail);
    for (size_t i = 0; i < l->target_count; i++)
        target_release(&l->targets[i]);
    free(l->targets);
    *l = (struct livestream){ 0 };
}

bool livestream_check(const struct livestream *l, struct error *err)
{
    if (!check_line("title", l->title, 1, 100, err) ||
        !check_text("description", l->description, 0, 5000, err))
        return false;
    if (l->end_ms && !l->start_ms)
        return error_set(err, ERROR_INPUT, "Give a start as well, or leave the end out.",
                         "The livestream has an end but no start.");
    if (l->end_ms && l->end_ms <= l->start_ms)
        return error_set(err, ERROR_INPUT, "Give an end that is later than the start.",
                         "The end of the livestream is not after its start.");
    if (l->target_count == 0)
        return error_set(err, ERROR_INPUT, "Choose at least one, as in --platform youtube.",
                         "The livestream has no platform.");
    return check_targets(l->targets, l->target_count, err);
}

enum livestream_status livestream_judge(const struct livestream *l)
{
    size_t over = livestream_count(l, TARGET_ENDED);

    if (livestream_count(l, TARGET_LIVE) > 0)
        return LIVESTREAM_LIVE;
    /* A start that is still under way may yet bring it on air, unless it was stopped. */
    for (size_t i = 0; i < l->target_count && !l->stop_asked; i++) {
        if (l->targets[i].status == TARGET_PENDING)
            return LIVESTREAM_SCHEDULED;
    }
    return l->stop_asked || over > 0 ? LIVESTREAM_ENDED : LIVESTREAM_SCHEDULED;
}

/* What is allowed when. A cell is NULL when allowed, else why not. Remedies stand beside. */
static const struct {
    const char *refused[3]; /* by enum livestream_status */
    const char *remedy;
} acts[] = {
    [LIVESTREAM_EDIT] = { { NULL, NULL, "has ended" }, "Create a new livestream instead." },
    [LIVESTREAM_START] = { { NULL, NULL, "has ended" }, "Create a new livestream and start that." },
    [LIVESTREAM_STOP] = { { NULL, NULL, "has ended already" }, "" },
    [LIVESTREAM_RETRY] = { { NULL, NULL, "has ended" }, "Create a new livestream instead." },
    [LIVESTREAM_DELETE] = { { NULL, "is live", NULL }, "Stop it first." },
};

bool livestream_allows(const struct livestream *l, enum livestream_act act, struct error *err)
{
    const char *why = acts[act].refused[l->status];

    if (!why && act == LIVESTREAM_STOP && !l->start_asked && l->status == LIVESTREAM_SCHEDULED)
        return error_set(err, ERROR_REFUSED, "Delete it if it is not wanted any more.",
                         "%s has not been started.", l->title);
    if (!why && act == LIVESTREAM_START && l->start_asked && !l->stop_asked &&
        livestream_count(l, TARGET_FAILED) == 0 && livestream_count(l, TARGET_PENDING) == 0)
        return error_set(err, ERROR_REFUSED, "Nothing to do.",
                         "%s is live on every platform already.", l->title);
    if (!why && act != LIVESTREAM_DELETE && act != LIVESTREAM_STOP && l->stop_asked)
        return error_set(err, ERROR_REFUSED, "Wait until it has ended.", "%s is being stopped.",
                         l->title);
    if (why)
        return error_set(err, ERROR_REFUSED, acts[act].remedy, "%s %s.", l->title, why);
    return true;
}

struct target *livestream_target(const struct livestream *l, enum platform_id p)
{
    return find_target(l->targets, l->target_count, p);
}

size_t livestream_count(const struct livestream *l, enum target_status s)
{
    size_t n = 0;
    for (size_t i = 0; i < l->target_count; i++)
        n += l->targets[i].status == s;
    return n;
}
