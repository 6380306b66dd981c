/* JSON by cJSON, with the strictness that foreign input needs. Trees are cJSON's own and freed with
 * cJSON_Delete(). */
#ifndef ECCLESIA_BASE_JSON_H
#define ECCLESIA_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include <ecclesia/base/error.h>
#include <ecclesia/base/text.h>

/* Refuses: not UTF-8, trailing bytes, more than 32 levels, over 20,000 values, keys that come
 * twice, \u0000. NULL with ERROR_GARBAGE and the place. */
cJSON *json_parse(const char *bytes, size_t length, struct error *err);

/* Look-ups that walk a path of object keys and array indexes: "snippet.title", "items.0.status". A
 * key with dots in it is found as the end of a path ("@odata.nextLink"). Borrowed; NULL when absent
 * or of another type. */
const cJSON *json_at(const cJSON *node, const char *path);
const char *json_string(const cJSON *node, const char *path);
/* A number, or a string of digits (64-bit ids and counters come as either). False when absent or
 * not whole. */
bool json_int(const cJSON *node, const char *path, int64_t *out);
bool json_bool(const cJSON *node, const char *path, bool otherwise);
/* An id as text, whether the platform sent a string or a number. out is "" and false when absent.
 */
bool json_id(const cJSON *node, const char *path, char *out, size_t size);

/* Adds only when value is not NULL. */
void json_add_string(cJSON *object, const char *key, const char *value);
void json_add_time(cJSON *object, const char *key,
                   int64_t ms); /* RFC 3339 UTC ms; left out when 0 */
/* Prints compact onto t. */
bool json_print(struct text *t, const cJSON *node);

#endif
