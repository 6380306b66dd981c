#include "store/list.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

void *list_grow(void **array, size_t count, size_t *room, size_t size, struct error *err)
{
    if (count == *room) {
        size_t more = *room ? *room * 2 : 16;
        void *bigger = realloc(*array, more * size);
        if (!bigger) {
            error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
            return NULL;
        }
        *array = bigger;
        *room = more;
    }
    void *element = (char *)*array + count * size;
    memset(element, 0, size);
    return element;
}

char *list_like(const char *text, bool anywhere)
{
    struct text t;

    text_init(&t, 4096);
    if (anywhere)
        text_add(&t, "%");
    for (; *text; text++) {
        if (strchr("%_\\", *text))
            text_add(&t, "\\");
        text_append(&t, text, 1);
    }
    text_add(&t, "%");
    return text_take(&t);
}
