/* Whole databases: a copy of a live one, a check of one that nobody uses, and one put in another's
 * place. Not on the screen's thread. */
#ifndef ECCLESIA_STORE_COPY_H
#define ECCLESIA_STORE_COPY_H

#include <ecclesia/store/db.h>

/* A directory beside the database, for one process at a time: PATH.WORD. */
struct workplace {
    int lock; /* -1: there is none */
    char path[4200];
};
/* ERROR_CONFLICT when another process is at it. What an earlier one has left is removed. */
bool workplace_open(struct workplace *w, const char *db_path, const char *word, struct error *err);
void workplace_close(struct workplace *w); /* removes it with all that is in it */

/* The database as it is now, by SQLite's online backup, as a new file that needs no others beside
 * it; on the disk when it returns. */
bool store_copy(struct store *s, const char *to, struct error *err);

struct copy_info {
    struct id store_id;
    int64_t schema;
    int64_t bytes;
    char audit_head[100]; /* "SEQ:MAC" as vault_audit_head() has it; "" none */
    char key_source[16];  /* of the master key that wraps its keys; "" none */
};
/* Whether the file, which nobody has open, is a database of ours that this program understands
 * (else ERROR_STORE_FOREIGN) and whole (else ERROR_STORE). */
bool store_copy_check(const char *path, struct copy_info *out, struct error *err);

/* Folds what stands beside the file into it: it needs no others then, and is on the disk. */
bool store_fold(const char *path, struct error *err);

/* Puts the file (on the same file system) in the place of the database: all or nothing, on the disk
 * when it returns. The old one is kept under another name, which kept gets ("" when there was
 * none). ERROR_REFUSED, with who it is, while a process works on the database or has it open. */
bool store_replace(const char *db_path, const char *with, char *kept, size_t size,
                   struct error *err);

#endif
