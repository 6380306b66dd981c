/* Growing arrays of records, for the list functions. */
#ifndef STORE_LIST_H
#define STORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include <ecclesia/base/error.h>

/* Makes room for one more element of `size` bytes, zeroed; NULL without memory (err is set). The
 * caller fills it and counts up. */
void *list_grow(void **array, size_t count, size_t *room, size_t size, struct error *err);

/* A LIKE pattern that matches text as it is, at its beginning or (anywhere) inside. Yours: free().
 */
char *list_like(const char *text, bool anywhere);

#endif
