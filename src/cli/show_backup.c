/* Backups, for people. */
#include "cli/private.h"

#include <ecclesia/base/text.h>

static void line(struct cli *cli, const char *before, const char *value, const char *after)
{
    fputs(before, stdout);
    cli_put(cli, stdout, CLI_BOLD, value);
    fputs(after, stdout);
    fputs("\n", stdout);
}

void cli_show_backup(struct cli *cli, const cJSON *json)
{
    const char *source = json_string(json, "keySource"), *head = json_string(json, "auditHead");
    int64_t size = 0;

    json_int(json, "size", &size);
    line(cli, "Written and checked: ", json_string(json, "file"), "");
    printf("  %lld KiB, %s.\n", (long long)(size + 1023) / 1024,
           json_bool(json, "encrypted", false)
               ? "encrypted: without its passphrase it is lost"
               : "not encrypted: titles, links and names can be read in it");
    if (source)
        printf(
            "  The credentials in it are sealed: they open with the master key alone (source: %s), "
            "which is not in it. Keep that elsewhere.\n",
            source);
    if (head)
        printf("  Head of the audit: %s\n", head);
}

void cli_show_restored(struct cli *cli, const cJSON *json)
{
    const char *kept = json_string(json, "kept");
    const cJSON *fits = cJSON_GetObjectItem(json, "keyFits");

    line(cli, "Restored: ", json_string(json, "database"), "");
    if (kept)
        line(cli, "  What was there is kept as ", kept, "");
    if (cJSON_IsTrue(fits))
        fputs("  The master key opens its credentials.\n", stdout);
    if (cJSON_IsFalse(fits)) {
        fputs("  Its credentials stay locked: ", stdout);
        cli_put(cli, stdout, CLI_RED, json_string(json, "key"));
        fputs("\n    It wants the master key of the day it was made (master.key.until-… beside the "
              "present one?); or connect the platforms again.\n",
              stdout);
    }
}
