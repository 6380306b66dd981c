#include "base/config_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

extern char **environ;

struct entry {
    char *section, *key, *value; /* owned */
    char *where;                 /* owned: "FILE:LINE" */
    enum config_layer layer;
};

struct config {
    struct entry *entries;
    size_t count, room;
};

static struct entry *entry_find(const struct config *c, const char *section, const char *key)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->entries[i].section, section) == 0 && strcmp(c->entries[i].key, key) == 0)
            return &c->entries[i];
    return NULL;
}

static void entry_release(struct entry *e)
{
    if (e->value)
        text_wipe(e->value, strlen(e->value)); /* a client's secret may be one */
    free(e->section);
    free(e->key);
    free(e->value);
    free(e->where);
    memset(e, 0, sizeof(*e));
}

static struct entry *entry_new(struct config *c, const char *section, const char *key)
{
    struct entry *grown, *e;

    if (c->count == c->room) {
        size_t room = c->room ? c->room * 2 : 32;

        grown = realloc(c->entries, room * sizeof(*grown));
        if (!grown)
            return NULL;
        c->entries = grown;
        c->room = room;
    }
    e = &c->entries[c->count];
    memset(e, 0, sizeof(*e));
    e->section = text_copy(section);
    e->key = text_copy(key);
    if (!e->section || !e->key) {
        entry_release(e);
        return NULL;
    }
    c->count++;
    return e;
}

/* Says what can be written instead: the section's keys, or the sections. */
static void list_known(struct text *t, const char *section)
{
    const char *last = "";

    for (const struct config_key *row = config_keys; row->section; row++) {
        if (!section) {
            if (strcmp(last, row->section) != 0)
                text_addf(t, "%s[%s]", *last ? ", " : "", row->section);
            last = row->section;
        } else if (config_find(section, row->key) == row) {
            text_addf(t, "%s%s", *last ? ", " : "", row->key);
            last = row->key;
        }
    }
}

static bool unknown(const char *where, const char *section, const char *key, struct error *err)
{
    struct text known;

    if (*section == '\0')
        return error_set(err, ERROR_CONFIG, "Write a section above it, such as [console].",
                         "%s: \"%.60s\" stands before the first [section].", where, key);
    text_init(&known, 200);
    if (config_section_known(section)) {
        list_known(&known, section);
        error_set(err, ERROR_CONFIG, NULL, "%s: [%s] has no key \"%.60s\".", where, section, key);
    } else {
        list_known(&known, NULL);
        error_set(err, ERROR_CONFIG, NULL, "%s: there is no section [%.60s].", where, section);
    }
    if (err)
        snprintf(err->remedy, sizeof(err->remedy), "Known here: %s.", text_str(&known));
    text_release(&known);
    return false;
}

bool config_put(struct config *c, enum config_layer layer, const char *where, const char *section,
                const char *key, const char *value, struct error *err)
{
    const struct config_key *row = config_find(section, key);
    struct entry *e = entry_find(c, section, key);
    const char *why;
    char *kept;

    if (!row || *key == '\0')
        return unknown(where, section, key, err);
    if (e && e->layer == layer && layer <= CONFIG_LAYER_USER)
        return error_set(err, ERROR_CONFIG, "Keep one of the two lines.",
                         "%s: [%s] %s was set already, at %s.", where, section, key, e->where);
    if (!config_value_take(row->type, value, &kept, &why))
        return error_set(err, ERROR_CONFIG,
                         "Correct the value or remove it; the default is then used.",
                         "%s: [%s] %s cannot be \"%.80s\": %s.", where, section, key, value, why);
    if (!e && kept)
        e = entry_new(c, section, key);
    if (!e || !kept || !text_replace(&e->where, where)) {
        free(kept);
        return error_set(err, ERROR_MEMORY, NULL,
                         "There is not enough memory to read the configuration.");
    }
    free(e->value);
    e->value = kept;
    e->layer = layer;
    return true;
}

bool config_set(struct config *c, const char *section, const char *key, const char *value,
                struct error *err)
{
    return config_put(c, CONFIG_LAYER_SET, "command line", section, key, value, err);
}

/* ---- environment ---- */

/* Variables of ours that are no keys. */
static const char *const single[] = {
    "ECCLESIA_SIM",    "ECCLESIA_MASTER_KEY", "ECCLESIA_DB",
    "ECCLESIA_CONFIG", "ECCLESIA_TEST_CLOCK", "ECCLESIA_TEST_PACE",
    "ECCLESIA_CRASH",  "ECCLESIA_SEED",       "ECCLESIA_CHURCH",
};

/* "ECCLESIA_GOOGLE_MEET_" for google_meet; with key "api_base" the whole name. */
static void variable_name(char *out, size_t size, const char *section, const char *key)
{
    snprintf(out, size, "ECCLESIA_%s_%s", section, key);
    for (; *out; out++)
        *out = (char)toupper((unsigned char)*out);
}

/* Takes the variable when it is section's. *known tells that its name belongs to the section, right
 * or wrong. */
static bool environment_section(struct config *c, const char *section, const char *name,
                                const char *value, bool *known, struct error *err)
{
    char wanted[100];

    variable_name(wanted, sizeof(wanted), section, "");
    *known = strncmp(name, wanted, strlen(wanted)) == 0;
    if (!*known)
        return true;
    for (const struct config_key *row = config_keys; row->section; row++) {
        if (config_find(section, row->key) != row || strcmp(row->key, "*") == 0)
            continue;
        variable_name(wanted, sizeof(wanted), section, row->key);
        if (strcmp(wanted, name) == 0)
            return config_put(c, CONFIG_LAYER_ENVIRONMENT, name, section, row->key, value, err);
    }
    if (strcmp(section, "keys") == 0)
        return error_set(err, ERROR_CONFIG, "Write key bindings into the configuration file.",
                         "%s: keys cannot be bound by the environment.", name);
    return error_set(err, ERROR_CONFIG,
                     "Unset it or correct its name; ecclesia.conf(5) lists the keys.",
                     "%s: [%s] has no such key.", name, section);
}

static bool environment_variable(struct config *c, const char *name, const char *value,
                                 struct error *err)
{
    bool known = false;

    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
        if (strcmp(single[i], name) == 0)
            return true;
    for (const struct config_key *row = config_keys; row->section && !known; row++)
        if (strcmp(row->section, "PLATFORM") != 0 &&
            !environment_section(c, row->section, name, value, &known, err))
            return false;
    for (size_t i = 0; i < CONFIG_PLATFORMS && !known; i++)
        if (!environment_section(c, config_platforms[i], name, value, &known, err))
            return false;
    return true;
}

static bool environment_read(struct config *c, struct error *err)
{
    for (char **e = environ; e && *e; e++) {
        const char *equals = strchr(*e, '=');
        char name[100];

        if (strncmp(*e, "ECCLESIA_", 9) != 0 || !equals || (size_t)(equals - *e) >= sizeof(name))
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)(equals - *e), *e);
        if (!environment_variable(c, name, equals + 1, err))
            return false;
    }
    return true;
}

/* Platform number i listens on 127.0.0.(2+i), all on one port. */
static bool simulator_read(struct config *c, struct error *err)
{
    static const char *const bases[] = { "api_base", "auth_base" };
    const char *base = getenv("ECCLESIA_SIM");
    const char *port;
    int64_t number;
    char url[64];

    if (!base || !*base)
        return true;
    port = strrchr(base, ':');
    if (!port || strncmp(base, "http://", 7) != 0 || !config_is_loopback(base) ||
        !config_parse_number(port + 1, &number) || number < 1 || number > 65535)
        return error_set(err, ERROR_CONFIG, "Give it the \"base\" that `ecclesia sim` prints.",
                         "ECCLESIA_SIM must be http://127.0.0.1:PORT, the address of a simulator "
                         "on this machine.");
    for (int i = 0; i < CONFIG_PLATFORMS; i++) {
        snprintf(url, sizeof(url), "http://127.0.0.%d:%d", 2 + i, (int)number);
        for (size_t b = 0; b < 2; b++)
            if (!config_put(c, CONFIG_LAYER_SIMULATOR, "ECCLESIA_SIM", config_platforms[i],
                            bases[b], url, err))
                return false;
    }
    return true;
}

/* ---- loading ---- */

static bool files_read(struct config *c, const char *file, struct error *err)
{
    char path[4096];
    const char *named = file ? file : getenv("ECCLESIA_CONFIG");

    if (named && *named)
        return config_read_file(c, CONFIG_LAYER_USER, named, true, err);
    if (!config_read_file(c, CONFIG_LAYER_SYSTEM, "/etc/ecclesia/ecclesia.conf", false, err))
        return false;
    /* Without a home there is no file of the user's to read. */
    if (!config_directory(path, sizeof(path) - sizeof("/ecclesia.conf"), NULL))
        return true;
    snprintf(path + strlen(path), sizeof("/ecclesia.conf"), "/ecclesia.conf");
    return config_read_file(c, CONFIG_LAYER_USER, path, false, err);
}

bool config_load(struct config **out, const char *file, struct error *err)
{
    struct config *c = calloc(1, sizeof(*c));

    if (!c)
        return error_set(err, ERROR_MEMORY, NULL,
                         "There is not enough memory to read the configuration.");
    if (!files_read(c, file, err) || !simulator_read(c, err) || !environment_read(c, err)) {
        config_free(c);
        return false;
    }
    *out = c;
    return true;
}

void config_free(struct config *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->count; i++)
        entry_release(&c->entries[i]);
    free(c->entries);
    free(c);
}

/* ---- reading ---- */

const char *config_text(const struct config *c, const char *section, const char *key)
{
    const struct entry *e = entry_find(c, section, key);
    const struct config_key *row;

    if (e)
        return e->value;
    row = config_find(section, key);
    return row ? row->otherwise : "";
}

int64_t config_ms(const struct config *c, const char *section, const char *key)
{
    int64_t ms = 0;

    return config_duration(config_text(c, section, key), &ms) ? ms : 0;
}

int64_t config_number(const struct config *c, const char *section, const char *key)
{
    int64_t number = 0;

    return config_parse_number(config_text(c, section, key), &number) ? number : 0;
}

bool config_bool(const struct config *c, const char *section, const char *key)
{
    bool on = false;

    return config_parse_bool(config_text(c, section, key), &on) && on;
}

bool config_simulated(const struct config *c, const char *slug)
{
    return config_is_loopback(config_text(c, slug, "api_base")) ||
           config_is_loopback(config_text(c, slug, "auth_base"));
}

void config_each(const struct config *c, const char *prefix,
                 void (*each)(void *, const char *section, const char *key, const char *value),
                 void *argument)
{
    for (size_t i = 0; i < c->count; i++)
        if (text_starts(c->entries[i].section, prefix))
            each(argument, c->entries[i].section, c->entries[i].key, c->entries[i].value);
}

/* ---- places ---- */

/* $XDG_…, or HOME and the path below it; an XDG path that is not absolute does not count, as its
 * rules say. */
static bool place(char *out, size_t size, const char *variable, const char *below, const char *name,
                  struct error *err)
{
    const char *base = getenv(variable);
    const char *home = getenv("HOME");
    int length;

    if (base && base[0] == '/')
        length = snprintf(out, size, "%s/%s", base, name);
    else if (home && home[0] == '/')
        length = snprintf(out, size, "%s/%s/%s", home, below, name);
    else
        return error_set(err, ERROR_CONFIG, "Set HOME, or say the places with --db and --config.",
                         "Neither %s nor HOME says where ecclesia keeps its files.", variable);
    if (length < 0 || (size_t)length >= size)
        return error_set(err, ERROR_CONFIG, "Use a shorter path.", "The path in %s is too long.",
                         variable);
    return true;
}

bool config_data_path(char *out, size_t size, struct error *err)
{
    return place(out, size, "XDG_DATA_HOME", ".local/share", "ecclesia/ecclesia.db", err);
}

bool config_directory(char *out, size_t size, struct error *err)
{
    return place(out, size, "XDG_CONFIG_HOME", ".config", "ecclesia", err);
}
