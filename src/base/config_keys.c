/* The table of keys. ecclesia.conf(5) is made from it. */
#include "base/config_parts.h"

#include <string.h>

const char *const config_platforms[CONFIG_PLATFORMS] = {
    "restream", "zoom", "google_meet", "teams", "jitsi", "instagram", "youtube", "facebook",
};

/* clang-format off */
const struct config_key config_keys[] = {
    {"audit",    "keep",    CONFIG_DURATION, "1095d",
     "How long the audit's rows are kept; 0 keeps them for ever."},
    {"church",   "slug",    CONFIG_TEXT,     "",
     "The church that a command is for when --church does not say."},
    {"console",  "theme",   CONFIG_TEXT,     "",
     "Name of the theme, or a path to a .theme file; empty chooses by the terminal."},
    {"console",  "ascii",   CONFIG_BOOL,     "false",
     "Draw with ASCII alone, for terminals and fonts without line drawing."},
    {"keys",     "*",       CONFIG_COMMAND,  "",
     "A key and the command it runs; [keys streams] binds it in that view only, [keys] everywhere."},
    {"log",      "file",    CONFIG_PATH,     "",
     "Where the trace of platform calls is appended; \"-\" is standard error, empty writes none."},
    {"net",      "connect", CONFIG_DURATION, "5s",
     "How long connecting to a platform may take."},
    {"net",      "total",   CONFIG_DURATION, "30s",
     "How long one whole request to a platform may take."},
    {"net",      "ca_file", CONFIG_PATH,     "",
     "PEM file of trusted certificate authorities; empty uses the system's."},
    {"net",      "proxy",   CONFIG_TEXT,     "",
     "Proxy for calls to platforms, as http://HOST:PORT; empty uses none. The environment's proxy is never used."},
    {"poll",     "live",    CONFIG_DURATION, "15s",
     "How often a platform is asked about what is live."},
    {"poll",     "pending", CONFIG_DURATION, "5m",
     "How often a platform is asked about what is coming."},
    {"poll",     "idle",    CONFIG_DURATION, "10m",
     "How often connections are looked over while nothing happens."},
    {"queue",    "settle",  CONFIG_DURATION, "30s",
     "How long to wait before looking whether a request whose answer was lost has arrived all the same."},
    {"queue",    "workers", CONFIG_NUMBER,   "0",
     "Jobs at work at the same time, one of them always kept free for stopping; 0 is as many as all platforms together may have."},
    {"queue",    "grace",   CONFIG_DURATION, "5s",
     "How long calls under way may take to finish when the program ends."},
    {"refresh",  "margin",  CONFIG_DURATION, "5m",
     "How long before its end an access token is renewed."},
    {"refresh",  "again",   CONFIG_DURATION, "5s",
     "Pause before a renewal is tried once more after its answer was lost, or after it was refused."},
    {"refresh",  "base",    CONFIG_DURATION, "5s",
     "Shortest pause before a platform that could not be reached for a renewal is asked again."},
    {"refresh",  "cap",     CONFIG_DURATION, "15m",
     "Longest such pause."},
    {"refresh",  "save",    CONFIG_DURATION, "30s",
     "How long saving new tokens is tried before they are put, sealed, into a file beside the database."},
    {"retry",    "base",    CONFIG_DURATION, "0",
     "First pause before trying again; 0 keeps the pause that suits each kind of failure."},
    {"retry",    "cap",     CONFIG_DURATION, "0",
     "Longest pause before trying again; 0 keeps the one that suits each kind of failure."},
    {"retry",    "tries",   CONFIG_NUMBER,   "0",
     "Tries before giving up; 0 keeps the number that suits each kind of failure."},
    {"signin",   "wait",    CONFIG_DURATION, "10m",
     "How long a sign-in waits for its person; ten minutes is also the most."},
    {"store",    "ballast", CONFIG_NUMBER,   "16",
     "MiB kept in reserve beside the database: given up when the disk is full, so that what platforms have answered can be saved; 0 keeps none."},
    {"vault",    "key_file", CONFIG_PATH,    "",
     "File with the master key, 32 bytes, mode 0600; empty uses master.key in the config directory."},
    {"vault",    "passphrase_file", CONFIG_PATH, "",
     "File whose first line is the passphrase of the keys, mode 0600, where nobody can be asked for it; empty asks on the terminal."},
    {"wait",     "default", CONFIG_DURATION, "2m",
     "How long --wait waits when it is given no time."},
    {"PLATFORM", "api_base", CONFIG_URL,     "",
     "Where the platform's API is: a national cloud, a host of your own, the simulator; empty uses the platform's own."},
    {"PLATFORM", "auth_base", CONFIG_URL,    "",
     "Where the platform's sign-in is; empty uses the platform's own."},
    {"PLATFORM", "client_id", CONFIG_TEXT,   "",
     "Id of the app that you registered at the platform."},
    {"PLATFORM", "client_secret", CONFIG_TEXT, "",
     "Secret of that app. Keep the file readable by yourself alone."},
    {"PLATFORM", "client_token", CONFIG_TEXT, "",
     "Facebook's client token of that app, for signing in by a code."},
    {"PLATFORM", "redirect_uri", CONFIG_TEXT, "",
     "Where a sign-in sends the browser back to, exactly as registered with the app; http://127.0.0.1:PORT listens there, empty does so on a port of its own choice."},
    {"PLATFORM", "allowance", CONFIG_NUMBER, "0",
     "What the platform allows in a day, where it is another number than the usual: units of your Google project (10000), meetings that a Zoom user may make or change (100); 0 is the usual."},
    {"PLATFORM", "pkce",    CONFIG_BOOL,     "true",
     "Whether a sign-in bears the proof of RFC 7636 where the platform does not promise to know it."},
    {NULL, NULL, CONFIG_TEXT, NULL, NULL},
};
/* clang-format on */

static bool section_fits(const struct config_key *row, const char *section)
{
    if (strcmp(row->section, "PLATFORM") == 0) {
        for (size_t i = 0; i < CONFIG_PLATFORMS; i++)
            if (strcmp(config_platforms[i], section) == 0)
                return true;
        return false;
    }
    if (strcmp(row->section, "keys") == 0 && strncmp(section, "keys ", 5) == 0)
        return true;
    return strcmp(row->section, section) == 0;
}

const struct config_key *config_find(const char *section, const char *key)
{
    for (const struct config_key *row = config_keys; row->section; row++)
        if (section_fits(row, section) &&
            (strcmp(row->key, "*") == 0 || strcmp(row->key, key) == 0))
            return row;
    return NULL;
}

bool config_section_known(const char *section)
{
    for (const struct config_key *row = config_keys; row->section; row++)
        if (section_fits(row, section))
            return true;
    return false;
}
