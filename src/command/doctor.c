/* doctor: looks at everything that a service relies on; one line a check, one remedy a finding. */
#include "command/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const names[] = { "ok", "skipped", "warning", "failed" };

void doctor_add(struct doctor *d, const char *check, enum finding finding, const char *remedy,
                const char *format, ...)
{
    cJSON *item = cJSON_CreateObject();
    char text[900];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    cJSON_AddStringToObject(item, "check", check);
    cJSON_AddStringToObject(item, "state", names[finding]);
    cJSON_AddStringToObject(item, "text", text);
    json_add_string(item, "remedy", remedy && *remedy ? remedy : NULL);
    cJSON_AddItemToArray(d->items, item);
    d->failed += finding == DOCTOR_FAILED;
    d->warned += finding == DOCTOR_WARNING;
}

void doctor_add_error(struct doctor *d, const char *check, enum finding finding,
                      const struct error *why)
{
    doctor_add(d, check, why->kind == ERROR_TIMEOUT ? DOCTOR_WARNING : finding, why->remedy, "%s",
               why->message);
}

int doctor_findings(const struct doctor *d)
{
    return d->failed + d->warned;
}

/* ---- configuration */

/* Whether the file, which other accounts can read, holds a client's secret. */
static bool gives_away(const char *path)
{
    char line[2000];
    bool secret = false;
    struct stat st;
    FILE *file;

    if (stat(path, &st) != 0 || (st.st_mode & 044) == 0)
        return false;
    file = fopen(path, "re");
    while (file && !secret && fgets(line, sizeof(line), file)) {
        const char *s = line + strspn(line, " \t");

        secret = strncmp(s, "client_secret", strlen("client_secret")) == 0;
    }
    if (file)
        fclose(file);
    return secret;
}

static void check_exposed(struct doctor *d, const char *path, bool *found)
{
    if (!gives_away(path))
        return;
    *found = true;
    doctor_add(d, "config", DOCTOR_WARNING,
               "Run chmod 600 on it (chown it to the account that runs ecclesia); if others have "
               "used this machine, make a new client secret at the platform.",
               "%s can be read by other accounts and holds the secret of an app.", path);
}

static void doctor_config(struct doctor *d)
{
    const struct error *trouble = d->context->trouble;
    char directory[2048], path[2100];
    bool found = false;

    if (!d->config) {
        doctor_add_error(d, "config", DOCTOR_FAILED, trouble);
        return;
    }
    check_exposed(d, "/etc/ecclesia/ecclesia.conf", &found);
    if (config_directory(directory, sizeof(directory), NULL)) {
        snprintf(path, sizeof(path), "%s/ecclesia.conf", directory);
        check_exposed(d, path, &found);
    }
    if (d->context->config_file)
        check_exposed(d, d->context->config_file, &found);
    if (!found)
        doctor_add(d, "config", DOCTOR_OK, NULL, "The configuration can be read.");
}

/* ---- all of them */

static const struct {
    void (*look)(struct doctor *d);
    bool store; /* of no use without the database */
    const char *name;
} checks[] = {
    { doctor_config, false, "config" },  { doctor_database, false, "database" },
    { doctor_disk, false, "disk" },      { doctor_permissions, false, "permissions" },
    { doctor_memory, false, "memory" },  { doctor_keys, true, "keys" },
    { doctor_secrets, true, "secrets" }, { doctor_audit, true, "audit" },
};

static void look_all(struct doctor *d)
{
    struct doctor_net *net = doctor_net_begin(d);

    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (checks[i].store && !d->context->engine)
            doctor_add(d, checks[i].name, DOCTOR_SKIPPED, NULL, "Not without the database.");
        else
            checks[i].look(d);
    }
    doctor_net_end(net, d);
    doctor_terminal(d);
}

bool doctor_run(struct command_context *c, const struct command_line *l, struct command_result *r,
                struct error *err)
{
    struct doctor d = { .context = c,
                        .audit_head = command_value(l, "--audit-head"),
                        .offline = line_has(l, "--offline"),
                        .items = cJSON_CreateArray() };
    cJSON *json = cJSON_CreateObject();

    d.config = c->config ? c->config : c->engine ? manager_config(context_manager(c)) : NULL;
    look_all(&d);
    cJSON_AddItemToObject(json, "items", d.items);
    cJSON_AddNumberToObject(json, "failed", d.failed);
    cJSON_AddNumberToObject(json, "warnings", d.warned);
    if (*d.head)
        cJSON_AddStringToObject(json, "auditHead", d.head);
    r->failed = doctor_findings(&d);
    if (r->failed == 0)
        result_say(r, "All is well.");
    else
        result_say(r, "%d check%s failed, %d warn%s.", d.failed, d.failed == 1 ? "" : "s", d.warned,
                   d.warned == 1 ? "s" : "");
    return result_json(r, "doctor", json, err);
}
