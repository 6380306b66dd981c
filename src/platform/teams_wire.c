/* Teams: what is asked of Microsoft Graph, and what of its answers is kept. */
#include "platform/teams.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/microsoft.h"

bool teams_fail(struct error *err, const struct error *with)
{
    if (err)
        *err = *with;
    return false;
}

bool teams_no_memory(struct error *err)
{
    return error_set(err, ERROR_MEMORY, NULL, "There is no memory left to make the request.");
}

bool teams_is_lasting(const struct error *why)
{
    return why->kind == ERROR_FORBIDDEN || why->kind == ERROR_NOT_FOUND ||
           why->kind == ERROR_INVALID || why->kind == ERROR_REFUSED;
}

static bool read_in_utc(struct teams *x, struct error *err)
{
    return repeat_read_utc(&x->repeat, x->call, x->m, x->t, SERIES_MOST, err);
}

bool teams_open(struct teams *x, struct call *call, const struct meeting *m, const struct target *t,
                struct outcome *out, struct error *err)
{
    memset(x, 0, sizeof(*x));
    x->call = call;
    x->m = m;
    x->t = t;
    x->out = out;
    out->again_ms = 0;
    out->note[0] = '\0';
    x->settings = kit_settings(t);
    if (!x->settings)
        return teams_no_memory(err);
    return (*kit_remembered(out, "utc") ? read_in_utc(x, err)
                                        : repeat_read(&x->repeat, call, m, t, SERIES_MOST, err)) &&
           call->token(call, &x->token, err);
}

bool teams_in_utc(struct teams *x, struct error *err)
{
    kit_remember(x->out, "utc", "yes");
    return read_in_utc(x, err);
}

void teams_close(struct teams *x)
{
    cJSON_Delete(x->settings);
}

void teams_advise(struct teams *x, const char *format, ...)
{
    char raw[4 * sizeof(x->out->note)];
    va_list args;

    va_start(args, format);
    vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    kit_note(x->out, "%s", raw);
    kit_remember(x->out, "advice", x->out->note);
}

/* ---- asking ---- */

/* "/me" is the person of the sign-in. An app is nobody, so it names whom it acts for: by the object
 * id once that is known, which is all that onlineMeetings takes. */
static bool who_onto(struct call *call, struct text *path, struct error *err)
{
    const char *user = call->account_ref;

    if (!microsoft_is_app(call, &platform_teams))
        return text_add(path, "/me");
    if (!user || !*user)
        user = kit_value(call, &platform_teams, "user");
    if (!*user)
        return kit_error(err, call, NULL, ERROR_REFUSED, "", "Connect teams again.",
                         "The connection does not know whose meetings it plans.");
    text_add(path, "/users/");
    return text_add_urlencoded(path, user);
}

bool teams_ask(struct call *call, const char *token, const struct teams_ask *ask, cJSON **out,
               struct error *err)
{
    size_t length = strlen(call->api_base);
    bool versioned = length >= 5 && text_equal(call->api_base + length - 5, "/v1.0");
    struct kit_request request = { .method = ask->method,
                                   .token = token,
                                   .json = ask->json,
                                   .effect = strcmp(ask->method, "GET") != 0,
                                   .creates = ask->creates,
                                   .judge = microsoft_judge };
    struct text path;
    char route[120];
    bool done = false;

    text_init(&path, 6000);
    text_add(&path, versioned ? "" : "/v1.0");
    if (who_onto(call, &path, err)) {
        text_add(&path, ask->path);
        snprintf(route, sizeof(route), "%s /v1.0/me%s", ask->method, ask->route);
        request.path = text_str(&path);
        request.route = route;
        done = path.overflow ? kit_error(err, call, NULL, ERROR_INTERNAL, "", "Report this.",
                                         "The path to Microsoft Graph is too long.")
                             : kit_send(call, &request, out, err);
    }
    text_release(&path);
    return done;
}

/* The address is foreign text, and the token goes with the request: nowhere but to Graph. */
bool teams_ask_next(struct call *call, const char *token, const char *link, const char *route,
                    cJSON **out, struct error *err)
{
    size_t length = strlen(call->api_base);
    struct kit_request request = {
        .method = "GET", .token = token, .route = route, .judge = microsoft_judge
    };

    if (!text_starts(link, call->api_base) || link[length] != '/')
        return kit_error(err, call, NULL, ERROR_GARBAGE, "", "Check [teams] api_base.",
                         "Microsoft's list goes on at an address that is not its own.");
    request.path = link + length;
    return kit_send(call, &request, out, err);
}

/* ---- what is kept ---- */

bool teams_is_event(const struct teams *x)
{
    if (*x->out->remote_id)
        return !text_equal(kit_remembered(x->out, "kind"), "link");
    return setting_bool(&platform_teams, x->settings, "calendar");
}

const char *teams_id(const struct teams *x)
{
    const char *whole = kit_remembered(x->out, "id");

    if (!*x->out->remote_id)
        return "";
    return text_starts(whole, x->out->remote_id) ? whole : x->out->remote_id;
}

bool teams_learn_id(struct teams *x, const cJSON *item, const char *kind, struct error *err)
{
    const char *id = json_string(item, "id");

    if (!id || !*id || strlen(id) > 1000)
        return kit_error(err, x->call, NULL, ERROR_GARBAGE, "", "It is looked up by itself.",
                         "Microsoft's answer does not say what it made.");
    kit_remember(x->out, "kind", kind);
    kit_remember(x->out, "id", id);
    text_copy_to(x->out->remote_id, sizeof(x->out->remote_id), id);
    return true;
}

bool teams_learn_url(struct teams *x, const char *url, struct error *err)
{
    if (!platform_link_check(&platform_teams, x->call->options, x->call->simulated, url, err))
        return false;
    return text_copy_to(x->out->url, sizeof(x->out->url), url) ||
           kit_error(err, x->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                     "Microsoft gave a meeting link that is too long.");
}

/* ---- one event or meeting ---- */

bool teams_thing_ask(struct teams *x, const char *method, const char *id, bool event,
                     const cJSON *json, cJSON **out, struct error *err)
{
    struct teams_ask ask = { .method = method,
                             .route = event ? "/events/{event}" : "/onlineMeetings/{meeting}",
                             .json = json };
    struct text path;
    bool done;

    text_init(&path, 3000);
    text_add(&path, event ? "/events/" : "/onlineMeetings/");
    text_add_urlencoded(&path, id);
    ask.path = text_str(&path);
    done = teams_ask(x->call, x->token, &ask, out, err);
    text_release(&path);
    return done;
}

bool teams_thing_read(struct teams *x, cJSON **item, struct error *err)
{
    struct error why = { 0 };

    *item = NULL;
    if (!teams_thing_ask(x, "GET", teams_id(x), teams_is_event(x), NULL, item, &why))
        return why.kind == ERROR_NOT_FOUND || teams_fail(err, &why);
    if (!json_string(*item, "id")) {
        cJSON_Delete(*item);
        *item = NULL;
        return kit_error(err, x->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "Microsoft's answer has no meeting in it.");
    }
    if (json_bool(*item, "isCancelled", false)) {
        cJSON_Delete(*item);
        *item = NULL;
    }
    return true;
}

bool teams_thing_delete(struct teams *x, const char *id, bool event, struct error *err)
{
    struct error why = { 0 };

    return teams_thing_ask(x, "DELETE", id, event, NULL, NULL, &why) ||
           why.kind == ERROR_NOT_FOUND || teams_fail(err, &why);
}

bool teams_is_list(const struct teams *x, const cJSON *answer, struct error *err)
{
    return cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(answer, "value")) ||
           kit_error(err, x->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                     "Microsoft's answer is no list.");
}
