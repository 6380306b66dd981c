/* Inner face of the configuration: config.c holds the values, config_value.c knows their types,
 * config_file.c reads files. */
#ifndef BASE_CONFIG_PARTS_H
#define BASE_CONFIG_PARTS_H

#include <ecclesia/base/config.h>

enum { CONFIG_PLATFORMS = 8 };

/* The slugs of [PLATFORM] sections in the order of enum platform_id, which base must not include.
 */
extern const char *const config_platforms[CONFIG_PLATFORMS];

/* Where a value comes from; a later one replaces an earlier one. */
enum config_layer {
    CONFIG_LAYER_SYSTEM,
    CONFIG_LAYER_USER,
    CONFIG_LAYER_SIMULATOR,
    CONFIG_LAYER_ENVIRONMENT,
    CONFIG_LAYER_SET
};

/* The row of a section and key; NULL when there is none. */
const struct config_key *config_find(const char *section, const char *key);
bool config_section_known(const char *section);

/* where: "FILE:LINE" or the variable's name, for messages. A key that comes twice in one file is an
 * error. */
bool config_put(struct config *c, enum config_layer layer, const char *where, const char *section,
                const char *key, const char *value, struct error *err);

bool config_read_file(struct config *c, enum config_layer layer, const char *path, bool must_exist,
                      struct error *err);

/* Checks a value by its type and brings it to the form that is kept: *out is yours. why gets what
 * is wrong with it. */
bool config_value_take(enum config_type type, const char *value, char **out, const char **why);
bool config_parse_number(const char *s, int64_t *n);
bool config_parse_bool(const char *s, bool *on);
/* http:// to 127.0.0.0/8, [::1] or localhost. */
bool config_is_loopback(const char *url);

#endif
