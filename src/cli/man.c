/* The manual, from the tables: contrib/man holds what this prints. */
#include "cli/private.h"

#include <string.h>

#include <ecclesia/command/version.h>
#include <ecclesia/platform/registration.h>

/* Text in roff: its own characters are escaped, an ellipsis is three points. */
static void put(const char *s)
{
    bool begin = true;

    for (; *s; s++) {
        if (begin && (*s == '.' || *s == '\''))
            fputs("\\&", stdout);
        begin = *s == '\n';
        if (strncmp(s, "…", 3) == 0) {
            fputs("...", stdout);
            s += 2;
        } else if (*s == '\\') {
            fputs("\\e", stdout);
        } else if (*s == '-') {
            fputs("\\-", stdout);
        } else {
            putchar(*s);
        }
    }
}

static void put_line(const char *s)
{
    put(s);
    putchar('\n');
}

/* .TP with a bold head. */
static void put_item(const char *head, const char *value, const char *body)
{
    fputs(".TP\n\\fB", stdout);
    put(head);
    fputs("\\fR", stdout);
    if (value && *value) {
        fputs(value[0] == '[' ? "\\fI" : " \\fI", stdout);
        put(value);
        fputs("\\fR", stdout);
    }
    putchar('\n');
    put_line(body);
}

static void put_options(const struct command_option *table)
{
    for (; table && table->name; table++)
        put_item(table->name, table->value, table->help);
}

/* Paragraphs and items of fixed text: a line that begins with ".SH" and its like stays as it is. */
static void put_text(const char *const *lines)
{
    for (; *lines; lines++) {
        if (**lines == '.')
            printf("%s\n", *lines);
        else
            put_line(*lines);
    }
}

static void put_command(const struct command *c)
{
    struct text usage;

    text_init(&usage, 2000);
    command_usage(c, &usage);
    fputs(".SS ", stdout);
    put_line(c->words);
    fputs(".B ecclesia ", stdout);
    put_line(text_str(&usage));
    fputs(".PP\n", stdout);
    put_line(c->help);
    put_options(c->options);
    fputs(".PP\nExample:\n.PP\n.nf\n.RS\n", stdout);
    put_line(c->example);
    fputs(".RE\n.fi\n", stdout);
    text_release(&usage);
}

static const char *const ecclesia_1_head[] = {
    ".SH NAME",
    "ecclesia - a church's livestreams and meetings on many platforms at once",
    ".SH SYNOPSIS",
    ".B ecclesia",
    "[OPTION...] [COMMAND]",
    ".br",
    ".B ecclesia demo",
    "[--faults none|some|storm|PLATFORM] [-- COMMAND ...]",
    ".br",
    ".B ecclesia sim",
    "[--listen ADDR:PORT] [--latency MS] [--encoder auto|manual] [--seed N] [--faults NAME]",
    ".SH DESCRIPTION",
    "Ecclesia connects a church to its platforms, creates, starts and stops one livestream on "
    "several of them at once,",
    "schedules one meeting on several of them, and shows members every link.",
    "Without a command it opens the console.",
    ".PP",
    "Every command works on the same database as the console. The work for platforms is kept "
    "there as jobs, and whoever",
    "holds the engine lock does it. When nobody does, a command carries its own jobs to their "
    "end before it exits: it",
    "leaves earlier only when all that is left goes again later than in ten seconds, or when "
    "the time of",
    "[wait] default is over; it then says so and exits with 0. When another ecclesia does the "
    "work, a command hands",
    "its jobs over and exits at once, unless --wait is given.",
    ".SH OPTIONS",
    "Before a command or after it:",
    NULL,
};
static const char *const ecclesia_1_signin[] = {
    ".SH SIGNING IN",
    "Each platform but Jitsi Meet wants an app, or a key, that the church makes there once: see "
    "PLATFORMS, `ecclesia platform "
    "show PLATFORM`, and the guides.",
    ".PP",
    "`ecclesia connect PLATFORM` shows an address and, where the window has room, a QR code of it. "
    "Open it in a browser on any "
    "machine. One on this",
    "machine comes back by itself. From another one, as over SSH, copy the address that the "
    "browser ends at, though its page "
    "cannot be shown, paste it",
    "and press Enter; or begin with ssh -L PORT:127.0.0.1:PORT and give --port PORT. With --method "
    "device a short code is typed "
    "in on any device. Nothing",
    "counts before the account that signed in is shown and said to be the right one.",
    ".PP",
    "With --method credentials, values made elsewhere are checked at the platform and kept, "
    "encrypted.",
    NULL,
};
static const char *const ecclesia_1_tail[] = {
    ".SH IDS",
    "An ID may be shortened to any beginning that is unique, of four characters at least. The "
    "beginning of a title does",
    "as well.",
    ".SH WHEN",
    "now, today 10:00, tomorrow 19:30, sun 9:30, 10:00, 2026-11-29 10:00 (in the church's time "
    "zone), RFC 3339,",
    "+90m, +2h, +3d. In --end a + counts from the start.",
    ".SH EXIT STATUS",
    ".TP",
    "0",
    "Done.",
    ".TP",
    "1",
    "Refused or failed; standard error says why. Also when every platform failed.",
    ".TP",
    "2",
    "The words or a value are wrong.",
    ".TP",
    "3",
    "There is no such record.",
    ".TP",
    "4",
    "Some platforms failed and some did not.",
    ".TP",
    "5",
    "The time of --wait was over; the work goes on.",
    ".PP",
    "With --json an error stands on standard output as {\"error\": ...} too.",
    ".SH FILES",
    ".TP",
    "/etc/ecclesia/ecclesia.conf, $XDG_CONFIG_HOME/ecclesia/ecclesia.conf",
    "Configuration, see ecclesia.conf(5).",
    ".TP",
    "$XDG_DATA_HOME/ecclesia/ecclesia.db",
    "The database.",
    ".TP",
    "$XDG_CONFIG_HOME/ecclesia/master.key",
    "The master key, made at the first use. Keep a copy apart from the database.",
    ".TP",
    "PREFIX/share/doc/ecclesia/guides/PLATFORM.md",
    "How to make the app or key at each platform, step by step.",
    ".SH ENVIRONMENT",
    ".TP",
    "ECCLESIA_SECTION_KEY",
    "Any key of the configuration, as ECCLESIA_QUEUE_SETTLE=5s.",
    ".TP",
    "ECCLESIA_DB, ECCLESIA_CONFIG, ECCLESIA_CHURCH",
    "As --db, --config, --church.",
    ".TP",
    "CREDENTIALS_DIRECTORY",
    "Set by systemd: its file ecclesia.key is the master key when it is there.",
    ".TP",
    "ECCLESIA_MASTER_KEY",
    "The master key itself, in hex or base64. A file is better.",
    ".TP",
    "ECCLESIA_SIM",
    "http://127.0.0.1:PORT, the base that `ecclesia sim` prints: every platform is then the "
    "simulated one.",
    ".TP",
    "NO_COLOR",
    "No colour.",
    ".SH SEE ALSO",
    "ecclesia.conf(5)",
    NULL,
};

/* Ways of connecting as one sentence. */
static void put_ways(const struct platform *p)
{
    const char *browser = p->signin & SIGNIN_OAUTH ? "a browser, " : "";
    const char *code = p->signin & SIGNIN_DEVICE ? "a code, " : "";

    printf("Connected by %s%s%svalues.\n", browser, code, *browser || *code ? "or " : "");
}

/* A line of its own. */
static void put_fact(const char *head, const char *body)
{
    printf(".br\n%s: ", head);
    put_line(body);
}

static void put_platform(const struct platform *p, const struct registration *r)
{
    struct text uri;

    text_init(&uri, 300);
    put_item(platform_slug(p->id), NULL, p->about);
    put_ways(p);
    put_fact("Where", r->console);
    put_fact("What", r->app);
    if (registration_loopback(p, &uri)) {
        put_fact("Redirect URI", text_str(&uri));
        put_fact("To be entered there", r->enter);
    }
    put_fact("Lasts", r->lasts);
    text_release(&uri);
}

static void put_platforms(void)
{
    fputs(".SH PLATFORMS\n", stdout);
    for (int i = 0; i < PLATFORM_COUNT; i++) {
        const struct platform *p = platform_get((enum platform_id)i);

        if (p && registration_get(p->id))
            put_platform(p, registration_get(p->id));
    }
}

static void put_ecclesia_1(void)
{
    printf(".TH ECCLESIA 1 \"\" \"ecclesia %s\" \"User Commands\"\n", ECCLESIA_VERSION);
    put_text(ecclesia_1_head);
    put_options(cli_globals);
    fputs(".SS The console\n", stdout);
    put_options(cli_console_options);
    fputs(".SS The demonstration\n", stdout);
    put_options(cli_demo_options);
    fputs(".SH COMMANDS\n", stdout);
    for (size_t i = 0; i < command_count; i++)
        put_command(&commands[i]);
    put_text(ecclesia_1_signin);
    put_platforms();
    put_text(ecclesia_1_tail);
}

static const char *form_of(enum config_type type)
{
    static const char *const forms[] = {
        [CONFIG_TEXT] = "text",          [CONFIG_PATH] = "path",
        [CONFIG_DURATION] = "time",      [CONFIG_NUMBER] = "whole number",
        [CONFIG_BOOL] = "true or false", [CONFIG_URL] = "address",
        [CONFIG_COMMAND] = "command",
    };

    return forms[type];
}

static void put_ecclesia_conf_5(void)
{
    static const char *const head[] = {
        ".SH NAME",
        "ecclesia.conf - configuration of ecclesia",
        ".SH DESCRIPTION",
        "Read are /etc/ecclesia/ecclesia.conf, then $XDG_CONFIG_HOME/ecclesia/ecclesia.conf "
        "(~/.config when that is not set);",
        "with --config FILE, that file alone. Then come variables of the environment: "
        "ECCLESIA_SECTION_KEY, as",
        "ECCLESIA_QUEUE_SETTLE. What comes later replaces what came before. A wrong section, key "
        "or value is an error",
        "with file and line, never ignored.",
        ".PP",
        "Lines are [section], key = value, or a comment that begins with ; or #. A blank and ; "
        "begin a comment within a",
        "line as well.",
        ".PP",
        "A time is a whole number with ms, s, m, h or d; without, it is seconds. An address begins "
        "with https://; http://",
        "is taken for loopback addresses only, and then everything of that platform is marked "
        "SIMULATED. In a path, ~ is",
        "the home directory.",
        ".SH KEYS",
        NULL,
    };
    const char *section = "";

    printf(".TH ECCLESIA.CONF 5 \"\" \"ecclesia %s\" \"File Formats\"\n", ECCLESIA_VERSION);
    put_text(head);
    for (const struct config_key *k = config_keys; k->section; k++) {
        if (strcmp(section, k->section) != 0) {
            section = k->section;
            printf(".SS [%s]\n", section);
            if (strcmp(section, "PLATFORM") == 0)
                put_line("One section each: restream, zoom, google_meet, teams, jitsi, instagram, "
                         "youtube, facebook.");
        }
        fputs(".TP\n\\fB", stdout);
        put(strcmp(k->key, "*") == 0 ? "KEY" : k->key);
        printf("\\fR = \\fI%s\\fR", form_of(k->type));
        if (*k->otherwise) {
            fputs(" (", stdout);
            put(k->otherwise);
            putchar(')');
        }
        putchar('\n');
        put_line(k->help);
    }
    put_text((const char *const[]){ ".SH SEE ALSO", "ecclesia(1)", NULL });
}

bool cli_man(const char *page)
{
    if (strcmp(page, "ecclesia.1") == 0)
        put_ecclesia_1();
    else if (strcmp(page, "ecclesia.conf.5") == 0)
        put_ecclesia_conf_5();
    else
        return false;
    return true;
}
