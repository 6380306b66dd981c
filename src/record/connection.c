#include <ecclesia/record/connection.h>

#include <stdlib.h>
#include <string.h>

static const char *const status_names[] = {
    [CONNECTION_DISCONNECTED] = "disconnected",
    [CONNECTION_CONNECTED] = "connected",
    [CONNECTION_EXPIRED] = "expired",
    [CONNECTION_ERROR] = "error",
};

const char *connection_status_name(enum connection_status s)
{
    return status_names[s];
}

bool connection_status_parse(const char *name, enum connection_status *out)
{
    for (int i = 0; name && i <= CONNECTION_ERROR; i++) {
        if (strcmp(name, status_names[i]) == 0) {
            *out = (enum connection_status)i;
            return true;
        }
    }
    return false;
}

static const char *const breaker_names[] = { "closed", "open", "half_open" };

const char *breaker_state_name(enum breaker_state s)
{
    return breaker_names[s];
}

bool breaker_state_parse(const char *name, enum breaker_state *out)
{
    for (int i = 0; name && i <= BREAKER_HALF; i++) {
        if (strcmp(name, breaker_names[i]) == 0) {
            *out = (enum breaker_state)i;
            return true;
        }
    }
    return false;
}

/* How long an answer proves anything. The poller asks sooner. */
static const int64_t fresh_ms = 24 * 3600 * INT64_C(1000);

struct connection_verdict connection_judge(const struct connection_facts *f, int64_t now_ms)
{
    struct connection_verdict error = { CONNECTION_ERROR, f->trouble ? f->trouble : "" };

    if (!f->has_secrets)
        return (struct connection_verdict){ CONNECTION_DISCONNECTED, "" };
    /* A key that does not fit says nothing about the platform: it goes before what the platform
     * said. */
    if (!f->secrets_open) {
        if (!error.reason[0])
            error.reason = "key_wrong";
        return error;
    }
    if (f->refused)
        return (struct connection_verdict){ CONNECTION_EXPIRED,
                                            strcmp(error.reason, "rotation_lost") == 0
                                                ? error.reason
                                                : "revoked" };
    if (error.reason[0])
        return error;
    if (!f->accepted)
        return (struct connection_verdict){ CONNECTION_ERROR, "never_checked" };
    if (f->access_expires_ms && f->access_expires_ms <= now_ms && !f->renewable)
        return (struct connection_verdict){ CONNECTION_EXPIRED, "ended" };
    if (f->last_ok_ms + fresh_ms < now_ms)
        return (struct connection_verdict){ CONNECTION_ERROR, "stale" };
    return (struct connection_verdict){ CONNECTION_CONNECTED, "" };
}

void connection_release(struct connection *c)
{
    if (!c)
        return;
    free(c->method);
    free(c->account_ref);
    free(c->account_name);
    free(c->scopes);
    free(c->reason);
    free(c->reason_text);
    free(c->remedy);
    free(c->options);
    free(c->note);
    *c = (struct connection){ 0 };
}

struct connection_facts connection_facts_of(const struct connection *c, bool has_secrets,
                                            bool secrets_open)
{
    return (struct connection_facts){
        .has_secrets = has_secrets,
        .secrets_open = secrets_open,
        .accepted = c->accepted,
        .refused = c->refused,
        .last_ok_ms = c->last_ok_ms,
        .access_expires_ms = c->access_expires_ms,
        .renewable = c->renewable,
        .trouble = "",
    };
}
