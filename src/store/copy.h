/* What copying and replacing share. */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/private.h"

/* Brings the file and its name in the directory onto the disk. */
bool copy_sync(const char *path, struct error *err);

#endif
