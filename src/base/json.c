#include <ecclesia/base/json.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

#include "base/json_scan.h"

/* The largest whole number that a double holds without a doubt. */
static const double exact_limit = 9007199254740991.0;

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The key that comes twice in this one object; NULL when none does. Sorts, because a foreign object
 * of thousands of keys must not cost their square. *failed is set without memory. */
static const char *repeated_key(const cJSON *object, bool *failed)
{
    const char **keys, *found = NULL;
    const cJSON *child;
    size_t count = 0, n = 0;

    cJSON_ArrayForEach (child, object)
        count++;
    if (count < 2)
        return NULL;
    keys = malloc(count * sizeof(*keys));
    if (!keys) {
        *failed = true;
        return NULL;
    }
    cJSON_ArrayForEach (child, object)
        keys[n++] = child->string;
    qsort(keys, count, sizeof(*keys), compare_keys);
    for (size_t i = 1; i < count && !found; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            found = keys[i];
    free(keys);
    return found;
}

/* The same for the whole tree, whose depth the scan has bounded. */
static const char *repeated_anywhere(const cJSON *node, bool *failed)
{
    const char *found = cJSON_IsObject(node) ? repeated_key(node, failed) : NULL;
    const cJSON *child;

    cJSON_ArrayForEach (child, node) {
        if (found || *failed)
            break;
        found = repeated_anywhere(child, failed);
    }
    return found;
}

cJSON *json_parse(const char *bytes, size_t length, struct error *err)
{
    const char *why = NULL, *twice;
    bool failed = false;
    size_t at = 0;
    cJSON *tree;

    if (!json_scan(bytes, length, &at, &why)) {
        error_set(err, ERROR_GARBAGE, NULL, "The JSON cannot be read: %s, at byte %zu of %zu.", why,
                  at, length);
        return NULL;
    }
    tree = cJSON_ParseWithLength(bytes, length);
    twice = tree ? repeated_anywhere(tree, &failed) : NULL;
    if (!tree || failed) {
        error_set(err, ERROR_MEMORY, NULL, "There is no memory left to read %zu bytes of JSON.",
                  length);
    } else if (twice) {
        error_set(err, ERROR_GARBAGE, NULL,
                  "The JSON cannot be read: the key \"%.100s\" comes twice.", twice);
    } else {
        return tree;
    }
    cJSON_Delete(tree);
    return NULL;
}

/* One step of a path. An object is first asked for all that is left, because keys may have dots
 * ("@odata.nextLink"). */
static const cJSON *json_step(const cJSON *node, const char **path)
{
    size_t length = strcspn(*path, ".");
    char word[128];

    if (cJSON_IsObject(node)) {
        const cJSON *whole = cJSON_GetObjectItemCaseSensitive(node, *path);

        if (whole) {
            *path = NULL;
            return whole;
        }
    }
    if (length >= sizeof(word))
        return NULL;
    memcpy(word, *path, length);
    word[length] = '\0';
    *path = (*path)[length] ? *path + length + 1 : NULL;
    if (cJSON_IsObject(node))
        return cJSON_GetObjectItemCaseSensitive(node, word);
    if (cJSON_IsArray(node) && length > 0 && length < 6 && strspn(word, "0123456789") == length)
        return cJSON_GetArrayItem(node, (int)strtol(word, NULL, 10));
    return NULL;
}

const cJSON *json_at(const cJSON *node, const char *path)
{
    if (path && *path == '\0')
        path = NULL;
    while (node && path)
        node = json_step(node, &path);
    return node;
}

const char *json_string(const cJSON *node, const char *path)
{
    return cJSON_GetStringValue(json_at(node, path));
}

/* Only digits with a sign before them, within 64 bits. */
static bool whole_from_text(const char *s, int64_t *out)
{
    const char *digits = *s == '-' ? s + 1 : s;
    size_t length = strlen(digits);
    uint64_t value = 0, most = *s == '-' ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;

    if (length == 0 || length > 19 || strspn(digits, "0123456789") != length)
        return false;
    for (; *digits; digits++)
        value = value * 10 + (uint64_t)(*digits - '0');
    if (value > most)
        return false;
    *out = *s != '-' ? (int64_t)value : value > INT64_MAX ? INT64_MIN : -(int64_t)value;
    return true;
}

bool json_int(const cJSON *node, const char *path, int64_t *out)
{
    const cJSON *found = json_at(node, path);
    double value;

    if (cJSON_IsString(found))
        return whole_from_text(found->valuestring, out);
    if (!cJSON_IsNumber(found))
        return false;
    value = found->valuedouble;
    if (!(fabs(value) <= exact_limit) || value != floor(value))
        return false;
    *out = (int64_t)value;
    return true;
}

bool json_bool(const cJSON *node, const char *path, bool otherwise)
{
    const cJSON *found = json_at(node, path);

    return cJSON_IsBool(found) ? cJSON_IsTrue(found) : otherwise;
}

bool json_id(const cJSON *node, const char *path, char *out, size_t size)
{
    const cJSON *found = json_at(node, path);
    char digits[32] = "";
    const char *value = digits;
    int64_t whole;

    if (size == 0)
        return false;
    out[0] = '\0';
    if (cJSON_IsString(found))
        value = found->valuestring;
    else if (cJSON_IsNumber(found) && json_int(found, NULL, &whole))
        snprintf(digits, sizeof(digits), "%lld", (long long)whole);
    /* Half an id would be another object's. */
    if (*value == '\0' || strlen(value) >= size)
        return false;
    return text_copy_to(out, size, value);
}

void json_add_string(cJSON *object, const char *key, const char *value)
{
    if (value)
        cJSON_AddStringToObject(object, key, value);
}

void json_add_time(cJSON *object, const char *key, int64_t ms)
{
    char out[CLOCK_RFC3339_SIZE];

    if (ms == 0)
        return;
    clock_rfc3339(out, ms);
    cJSON_AddStringToObject(object, key, out);
}

bool json_print(struct text *t, const cJSON *node)
{
    char *printed = cJSON_PrintUnformatted(node);
    bool fine;

    if (!printed)
        return false;
    fine = text_add(t, printed);
    cJSON_free(printed);
    return fine;
}
