/* The configuration: INI files, environment, defaults; one table of keys (base/config_keys.c) that
 * `ecclesia.conf(5)` is made from.
 *
 * Order: the default, /etc/ecclesia/ecclesia.conf, $XDG_CONFIG_HOME/ecclesia/ecclesia.conf (or the
 * file of --config alone), then ECCLESIA_SECTION_KEY. ECCLESIA_SIM=http://127.0.0.1:PORT points the
 * platforms at a simulator: platform number i (in the order of enum platform_id) at
 * http://127.0.0.(2+i):PORT. Unknown sections and keys and bad values are ERROR_CONFIG with file
 * and line. Read-only after loading: any thread. */
#ifndef ECCLESIA_BASE_CONFIG_H
#define ECCLESIA_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecclesia/base/error.h>

struct config;

enum config_type {
    CONFIG_TEXT,
    CONFIG_PATH,     /* ~ is expanded */
    CONFIG_DURATION, /* "250ms", "30s", "5m", "6h", "7d"; a bare number is seconds */
    CONFIG_NUMBER,
    CONFIG_BOOL,
    CONFIG_URL,    /* https://…, or http:// to a loopback address */
    CONFIG_COMMAND /* of [keys …]: any key name, any value */
};

struct config_key {
    const char *section; /* "PLATFORM" stands for each of the eight slugs; "keys" also for "keys
                            streams" … */
    const char *key;     /* "*" any */
    enum config_type type;
    const char *otherwise;
    const char *help; /* one sentence */
};
extern const struct config_key config_keys[]; /* ends with section NULL */

/* file NULL: the default places, which may be missing; a named file must exist. *out is yours:
 * config_free(). */
bool config_load(struct config **out, const char *file, struct error *err);
void config_free(struct config *c);
/* Sets one value as if given on the command line. */
bool config_set(struct config *c, const char *section, const char *key, const char *value,
                struct error *err);

const char *config_text(const struct config *c, const char *section,
                        const char *key); /* borrowed; the default or "" */
int64_t config_ms(const struct config *c, const char *section, const char *key);
int64_t config_number(const struct config *c, const char *section, const char *key);
bool config_bool(const struct config *c, const char *section, const char *key);
/* True when the platform (slug) points at a loopback address: everything it touches is marked
 * SIMULATED. */
bool config_simulated(const struct config *c, const char *slug);
/* Calls each set key of a section whose name starts with prefix ("keys"). */
void config_each(const struct config *c, const char *prefix,
                 void (*each)(void *, const char *section, const char *key, const char *value),
                 void *argument);

/* "250ms", "30s", "5m", "6h", "7d"; a bare number is seconds. False when it is none of these. */
bool config_duration(const char *s, int64_t *ms);

/* Default places; out of `size` bytes. Data: $XDG_DATA_HOME/ecclesia/ecclesia.db. Config directory:
 * $XDG_CONFIG_HOME/ecclesia. */
bool config_data_path(char *out, size_t size, struct error *err);
bool config_directory(char *out, size_t size, struct error *err);

#endif
