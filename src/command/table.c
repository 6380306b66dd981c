/* The table of commands. */
#include "command/private.h"

#define END                                                                                        \
    {                                                                                              \
        NULL, NULL, false, false, NULL                                                             \
    }

/* clang-format off */
#define WAIT { "--wait", "[=SECONDS]", false, false, "Come back only when every platform has settled, at most so long" }

static const struct command_option connect_options[] = {
    { "--method", "METHOD", false, false,
      "oauth: by a browser anywhere; device: by a code typed in elsewhere; credentials: by values given with --set; the platform's best by default" },
    { "--set", "KEY=VALUE", true, false,
      "A value that the platform asks for; KEY=- reads it from standard input, KEY=@FILE from a file" },
    { "--timeout", "SECONDS", false, false, "How long to wait for the sign-in (600, which is also the most; [signin] wait)" },
    { "--port", "PORT", false, false, "The port of this machine that the browser comes back to, for ssh -L PORT:127.0.0.1:PORT" },
    { "--yes", NULL, false, false, "Take the account that signed in without asking" },
    END
};
static const struct command_option list_options[] = {
    { "--status", "STATUS", false, false, "Only those in this status" },
    { "--platform", "PLATFORM", false, false, "Only those on this platform" },
    { "--find", "TEXT", false, false, "Only those with this in their title" },
    { "--limit", "N", false, false, "At most so many (200)" },
    { "--cursor", "CURSOR", false, false, "Go on where the last list was cut: its nextCursor" },
    END
};
static const struct command_option livestream_create_options[] = {
    { "--title", "TITLE", false, true, "What members read first" },
    { "--description", "TEXT", false, false, "More about it" },
    { "--thumbnail", "FILE", false, false, "A PNG or JPEG to show before it begins" },
    { "--start", "WHEN", false, false,
      "now, today 10:00, sun 9:30, 2026-11-29 10:00, +90m; now starts it at once, none at all leaves it to be started by hand" },
    { "--end", "WHEN", false, false, "When it is planned to end; +90m counts from the start" },
    { "--platform", "PLATFORM[:KEY=VALUE,…]", true, true,
      "Where to show it, with that platform's settings (see: ecclesia platform show PLATFORM)" },
    WAIT, END
};
static const struct command_option livestream_edit_options[] = {
    { "--title", "TITLE", false, false, "A new title" },
    { "--description", "TEXT", false, false, "A new description" },
    { "--thumbnail", "FILE", false, false, "Another PNG or JPEG" },
    { "--start", "WHEN", false, false, "A new time; none makes it a draft to be started by hand" },
    { "--end", "WHEN", false, false, "A new end; +90m counts from the start, none leaves it open" },
    { "--platform", "PLATFORM:KEY=VALUE,…", true, false, "New settings on a platform that it has" },
    WAIT, END
};
static const struct command_option meeting_create_options[] = {
    { "--title", "TITLE", false, true, "What members read first" },
    { "--description", "TEXT", false, false, "More about it" },
    { "--start", "WHEN", false, true, "now, today 19:30, wed 19:30, 2026-11-29 10:00, +90m" },
    { "--end", "WHEN", false, false, "When it ends; +90m counts from the start (one hour after the start)" },
    { "--primary", "PLATFORM", false, false, "The platform that members are sent to first (the first one named)" },
    { "--platform", "PLATFORM[:KEY=VALUE,…]", true, true,
      "Where to hold it, with that platform's settings (see: ecclesia platform show PLATFORM)" },
    WAIT, END
};
static const struct command_option meeting_edit_options[] = {
    { "--title", "TITLE", false, false, "A new title" },
    { "--description", "TEXT", false, false, "A new description" },
    { "--start", "WHEN", false, false, "A new time; the end moves along unless --end says otherwise" },
    { "--end", "WHEN", false, false, "A new end; +90m counts from the start" },
    { "--primary", "PLATFORM", false, false, "Another of its platforms as the primary one" },
    { "--platform", "PLATFORM:KEY=VALUE,…", true, false, "New settings on a platform that it has" },
    WAIT, END
};
static const struct command_option meeting_show_options[] = {
    { "--host-link", NULL, false, false,
      "Also the link that opens it as the host, asked for now: whoever has it is the host, so it is shown nowhere else" },
    END
};
static const struct command_option wait_options[] = { WAIT, END };
static const struct command_option job_list_options[] = {
    { "--state", "STATE", false, false, "scheduled, running, unknown, succeeded, dead, cancelled; live: those not over" },
    { "--limit", "N", false, false, "At most so many, the newest (200)" },
    END
};
static const struct command_option drain_options[] = {
    { "--timeout", "SECONDS", false, false, "Give up after so long" },
    END
};
static const struct command_option log_options[] = {
    { "-f", NULL, false, false, "Go on showing what happens until Ctrl-C" },
    { "--level", "LEVEL", false, false, "info, warning or error: at least this" },
    { "--platform", "PLATFORM", false, false, "Only of this platform" },
    { "--since", "WHEN", false, false, "Not older than this: today 9:00, 2026-11-29 10:00, -90m" },
    { "--after", "ID", false, false, "Only those after the one with this id, oldest first" },
    { "--limit", "N", false, false, "At most so many (200)" },
    END
};
static const struct command_option key_rotate_options[] = {
    { "--only", "master|data", false, false, "One of the two keys alone" },
    { "--to", "file|passphrase", false, false, "Where the new master key is to come from (from where it comes now)" },
    { "--passphrase-file", "FILE", false, false,
      "The new passphrase is the first line of FILE, which others may not read; - is standard input (asked for on the terminal)" },
    END
};
static const struct command_option audit_list_options[] = {
    { "--since", "WHEN", false, false, "Not older than this: today 9:00, 2026-11-29 10:00, -90m" },
    { "--limit", "N", false, false, "At most so many, the newest (200)" },
    END
};
static const struct command_option audit_verify_options[] = {
    { "--audit-head", "SEQ:MAC", false, false,
      "A head of the audit that a backup or the log has noted: it must still be in the chain" },
    END
};
static const struct command_option backup_options[] = {
    { "--encrypt", NULL, false, false, "Ask for a passphrase and encrypt the whole file with it" },
    { "--passphrase-file", "FILE", false, false,
      "Encrypt it; the passphrase is the first line of FILE, which others may not read; - is standard input" },
    END
};
static const struct command_option restore_options[] = {
    { "--passphrase-file", "FILE", false, false,
      "The passphrase of an encrypted backup is the first line of FILE; - is standard input (asked for on the terminal)" },
    END
};
static const struct command_option doctor_options[] = {
    { "--offline", NULL, false, false, "Ask no platform" },
    { "--audit-head", "SEQ:MAC", false, false,
      "A head of the audit that a backup or the log has noted: it must still be in the chain" },
    END
};
static const struct command_option church_create_options[] = {
    { "--name", "NAME", false, true, "Its name" },
    { "--time-zone", "ZONE", false, true, "Its time zone, as Europe/London" },
    END
};

const struct command commands[] = {
    { "platform list", "", NULL, ROLE_VIEWER, NEEDS_NOTHING, "List the platforms and what each can do.",
      "ecclesia platform list", false, false, platform_list_run },
    { "platform show", "PLATFORM", NULL, ROLE_VIEWER, NEEDS_NOTHING,
      "Show how an app is registered at a platform, what connecting asks for, and which settings there are.",
      "ecclesia platform show youtube", false, false, platform_show_run },
    { "connect", "PLATFORM", connect_options, ROLE_ADMIN, NEEDS_CHURCH,
      "Sign the church in at a platform; the values are checked there before they are kept, encrypted.",
      "ecclesia connect youtube", false, false, connect_run },
    { "disconnect", "PLATFORM", NULL, ROLE_ADMIN, NEEDS_CHURCH,
      "Give the sign-in back and forget its secrets.",
      "ecclesia disconnect zoom", true, false, disconnect_run },
    { "connection list", "", NULL, ROLE_VIEWER, NEEDS_CHURCH, "List the church's sign-ins and whether they work.",
      "ecclesia connection list", false, false, connection_list_run },
    { "connection show", "PLATFORM", NULL, ROLE_VIEWER, NEEDS_CHURCH,
      "Show one sign-in: what it may do, when it ends, how the way there is, and how far the day's allowance goes.",
      "ecclesia connection show youtube", false, false, connection_show_run },
    { "connection check", "[PLATFORM]", NULL, ROLE_ADMIN, NEEDS_CHURCH,
      "Ask one platform, or all connected ones, whether the sign-in works now.",
      "ecclesia connection check zoom", false, false, connection_check_run },
    { "livestream list", "", list_options, ROLE_VIEWER, NEEDS_CHURCH,
      "List livestreams: live first, then coming, then over.",
      "ecclesia livestream list --status live", false, false, livestream_list_run },
    { "livestream show", "ID", NULL, ROLE_VIEWER, NEEDS_CHURCH,
      "Show one livestream with each platform's link and status; ID may be the beginning of its id or title.",
      "ecclesia livestream show \"Sunday Service\"", false, false, livestream_show_run },
    { "livestream create", "", livestream_create_options, ROLE_OPERATOR, NEEDS_CHURCH,
      "Create one livestream on several platforms at once.",
      "ecclesia livestream create --title \"Sunday Service\" --start \"sun 9:30\" --platform youtube:privacy=public "
      "--platform facebook", false, true, livestream_create_run },
    { "livestream edit", "ID", livestream_edit_options, ROLE_OPERATOR, NEEDS_CHURCH,
      "Change a livestream here and on every platform.",
      "ecclesia livestream edit 1a2b3c --title \"Family Service\"", false, true, livestream_edit_run },
    { "livestream start", "ID", wait_options, ROLE_OPERATOR, NEEDS_CHURCH, "Go live on every platform.",
      "ecclesia livestream start 1a2b3c --wait", false, true, livestream_start_run },
    { "livestream stop", "ID", wait_options, ROLE_OPERATOR, NEEDS_CHURCH, "End the broadcast on every platform.",
      "ecclesia livestream stop 1a2b3c", true, true, livestream_stop_run },
    { "livestream retry", "ID PLATFORM", wait_options, ROLE_OPERATOR, NEEDS_CHURCH,
      "Try a failed platform again; the others go on untouched.",
      "ecclesia livestream retry 1a2b3c instagram --wait", false, true, livestream_retry_run },
    { "livestream delete", "ID", wait_options, ROLE_OPERATOR, NEEDS_CHURCH,
      "Delete a livestream that is not live, here and on every platform.",
      "ecclesia livestream delete 1a2b3c", true, true, livestream_delete_run },
    { "livestream report", "ID", NULL, ROLE_VIEWER, NEEDS_CHURCH,
      "Tell what happened on each platform, from the event log.",
      "ecclesia livestream report 1a2b3c", false, false, livestream_report_run },
    { "meeting list", "", list_options, ROLE_VIEWER, NEEDS_CHURCH, "List meetings: coming first, then over.",
      "ecclesia meeting list --find Bible", false, false, meeting_list_run },
    { "meeting show", "ID", meeting_show_options, ROLE_VIEWER, NEEDS_CHURCH,
      "Show one meeting with each platform's link and status; ID may be the beginning of its id or title.",
      "ecclesia meeting show \"Bible Study\"", false, false, meeting_show_run },
    { "meeting create", "", meeting_create_options, ROLE_OPERATOR, NEEDS_CHURCH,
      "Schedule one meeting on several platforms at once.",
      "ecclesia meeting create --title \"Bible Study\" --start \"wed 19:30\" --end +90m --platform zoom "
      "--platform jitsi", false, true, meeting_create_run },
    { "meeting edit", "ID", meeting_edit_options, ROLE_OPERATOR, NEEDS_CHURCH,
      "Change a meeting here and on every platform.",
      "ecclesia meeting edit 1a2b3c --start \"wed 20:00\"", false, true, meeting_edit_run },
    { "meeting cancel", "ID", wait_options, ROLE_OPERATOR, NEEDS_CHURCH, "Cancel a meeting on every platform.",
      "ecclesia meeting cancel 1a2b3c", true, true, meeting_cancel_run },
    { "meeting retry", "ID PLATFORM", wait_options, ROLE_OPERATOR, NEEDS_CHURCH,
      "Try a failed platform again; the others go on untouched.",
      "ecclesia meeting retry 1a2b3c zoom --wait", false, true, meeting_retry_run },
    { "meeting ics", "ID", NULL, ROLE_VIEWER, NEEDS_CHURCH,
      "Print the meeting as a calendar file with all links.",
      "ecclesia meeting ics 1a2b3c > study.ics", false, false, meeting_ics_run },
    { "job list", "", job_list_options, ROLE_VIEWER, NEEDS_CHURCH,
      "List the work for platforms: what runs, what waits and until when, what was given up.",
      "ecclesia job list --state dead", false, false, job_list_run },
    { "job retry", "ID", wait_options, ROLE_OPERATOR, NEEDS_CHURCH,
      "Run a job that waits or was given up, now.",
      "ecclesia job retry 42 --wait", false, true, job_retry_run },
    { "job cancel", "ID", NULL, ROLE_OPERATOR, NEEDS_CHURCH, "Take back a job that has not begun.",
      "ecclesia job cancel 42", true, false, job_cancel_run },
    { "job drain", "", drain_options, ROLE_OPERATOR, NEEDS_STORE,
      "Work until no job is due; what waits for later stays.",
      "ecclesia job drain --timeout 60", false, false, job_drain_run },
    { "log", "", log_options, ROLE_VIEWER, NEEDS_CHURCH, "Show what happened: the newest events, oldest of them first.",
      "ecclesia log -f --level warning", false, false, log_run },
    { "audit list", "", audit_list_options, ROLE_ADMIN, NEEDS_CHURCH,
      "Show who did what: sign-ins, keys, livestreams, meetings, retries; the rows are sealed and cannot be changed unseen.",
      "ecclesia audit list --since \"today 9:00\"", false, false, audit_list_run },
    { "audit verify", "", audit_verify_options, ROLE_ADMIN, NEEDS_STORE,
      "Check that no row of the audit was changed, added, moved or taken away since it was written; names the first one.",
      "ecclesia audit verify", false, false, audit_verify_run },
    { "key status", "", NULL, ROLE_ADMIN, NEEDS_STORE,
      "Tell where the master key comes from, whether it opens the secrets, and which keys there are.",
      "ecclesia key status", false, false, key_status_run },
    { "key rotate", "", key_rotate_options, ROLE_ADMIN, NEEDS_STORE,
      "Replace the master key and the key that seals what is stored, and seal all anew; may be cut off and run again.",
      "ecclesia key rotate", false, false, key_rotate_run },
    { "doctor", "", doctor_options, ROLE_ADMIN, NEEDS_WHAT_THERE_IS,
      "Check the configuration, the database, its disk and files, keys, every sealed field, the audit, names, certificates, platforms and the clock; say what to do.",
      "ecclesia doctor", false, false, doctor_run },
    { "backup", "FILE", backup_options, ROLE_ADMIN, NEEDS_STORE,
      "Write the whole database into a new file and check it; the credentials in it stay sealed, the master key is never in it.",
      "ecclesia backup /media/stick/ecclesia.bak --encrypt", false, false, backup_run },
    { "restore", "FILE", restore_options, ROLE_ADMIN, NEEDS_PLACES,
      "Put the database of a backup in the place of the present one, which is kept beside it; nothing else may use it meanwhile.",
      "ecclesia restore /media/stick/ecclesia.bak", false, false, restore_run },
    { "church list", "", NULL, ROLE_ADMIN, NEEDS_STORE, "List the churches in this database.",
      "ecclesia church list", false, false, church_list_run },
    { "church create", "SLUG", church_create_options, ROLE_ADMIN, NEEDS_STORE, "Add a church.",
      "ecclesia church create st-marks --name \"St Mark's\" --time-zone Europe/London", false, false,
      church_create_run },
    { "version", "", NULL, ROLE_VIEWER, NEEDS_NOTHING, "Print the version.", "ecclesia version", false, false,
      version_run },
    { "help", "[COMMAND…]", NULL, ROLE_VIEWER, NEEDS_NOTHING, "Explain the commands, or one of them.",
      "ecclesia help livestream create", false, false, help_run },
    { NULL, NULL, NULL, ROLE_VIEWER, NEEDS_NOTHING, NULL, NULL, false, false, NULL },
};
/* clang-format on */

const size_t command_count = sizeof(commands) / sizeof(commands[0]) - 1;
