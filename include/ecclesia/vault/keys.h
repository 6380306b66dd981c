/* The keys themselves: what there is, replacing them, and whether everything that they sealed
 * opens. Any thread, not the screen's. */
#ifndef ECCLESIA_VAULT_KEYS_H
#define ECCLESIA_VAULT_KEYS_H

#include <ecclesia/base/cancel.h>
#include <ecclesia/vault/vault.h>

struct key_info {
    int64_t id;
    char purpose[16]; /* "secret", "token", "audit" */
    char state[16];   /* "active", "retiring", "destroyed" */
    char
        source[16]; /* of the master key that wraps it: "file", "credential", "env", "passphrase" */
    int64_t created_ms;
    int64_t rows; /* sealed fields that say that they need it */
    bool odd; /* something stands in its row that this program never writes there: it was changed
                 from outside */
};
/* Works with a locked vault. Array yours: free(). */
bool vault_keys(struct db *db, struct key_info **out, size_t *count, struct error *err);
/* What a rotation that was cut off has left to do, for a person; "" when there is none. Running
 * vault_rotate() again ends it. Works with a locked vault. */
bool vault_rotation_left(struct vault *v, struct db *db, char *out, size_t size, struct error *err);

enum { ROTATE_MASTER = 1, ROTATE_DATA = 2 };
struct rotate_options {
    unsigned what;     /* 0: what a rotation that was cut off has left, else both */
    const char *to;    /* of the master key: "file", "passphrase"; NULL: of the kind that it is */
    const char *actor; /* written into events */
    /* The new passphrase; NULL when nobody can be asked. */
    bool (*ask)(void *argument, struct secret **out, struct error *err);
    void *ask_argument;
};

/* A sealed field that no key opens, or that could not be moved to the new one. */
struct rotate_left {
    struct id connection;
    int platform; /* enum platform_id, -1 unknown */
    char field[80];
    int64_t generation, key_id;
    struct error why;
};
struct rotate_report {
    bool resumed;             /* it ended what an earlier one had begun */
    bool master;              /* the master key was replaced */
    char source[320];         /* where it comes from now */
    char old_file[2200];      /* where the old key file is kept, "" none */
    int64_t key_id;           /* the data key in use, when that was replaced; else 0 */
    int64_t moved;            /* fields that were sealed anew */
    int64_t destroyed;        /* data keys that nothing needs any more */
    struct rotate_left *left; /* owned */
    size_t left_count;
};
void rotate_report_release(struct rotate_report *r);

/* Replaces the master key: all data keys are wrapped anew in one transaction, a new key file having
 * been written first and put in the old one's place after. Replaces the data key: every field is
 * sealed anew, 200 a transaction. Can be killed at any point: everything stays readable, and the
 * next call goes on. Fields that do not open stay as they are, with their key, and are listed.
 * ERROR_REFUSED for a master key that this program cannot write (systemd credential, environment)
 * without `to`. *out is yours on success: rotate_report_release(). */
bool vault_rotate(struct vault *v, const struct rotate_options *options, struct rotate_report *out,
                  struct error *err);

/* Opens every sealed field of every connection and calls each that does not open, with the reason
 * (borrowed). *count gets how many there are. False when the store could not be read to the end.
 * Stops when each returns false. */
bool vault_survey(struct vault *v, struct db *db,
                  bool (*each)(void *argument, const struct rotate_left *finding), void *argument,
                  int64_t *count, struct error *err);

#endif
