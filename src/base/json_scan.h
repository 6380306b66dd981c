/* The strict look at foreign JSON before cJSON sees it. Inner header of base. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* False, with the place in *at and a phrase in *why, when the bytes are not exactly one JSON text
 * within our limits. Whether keys come twice is not looked at here. */
bool json_scan(const char *bytes, size_t length, size_t *at, const char **why);

#endif
