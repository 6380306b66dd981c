/* The target: one platform's part of a livestream or of a meeting. Its status is what the platform
 * last said. */
#ifndef ECCLESIA_RECORD_TARGET_H
#define ECCLESIA_RECORD_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include <ecclesia/base/error.h>
#include <ecclesia/base/id.h>
#include <ecclesia/record/slug.h>

enum subject_kind { SUBJECT_LIVESTREAM, SUBJECT_MEETING };

enum target_status {
    TARGET_PENDING,
    TARGET_LIVE, /* of a meeting this reads "active" */
    TARGET_ENDED,
    TARGET_FAILED
};

/* What the operator wants of it. */
enum target_wish {
    WISH_READY,  /* created and waiting */
    WISH_LIVE,   /* on air */
    WISH_ENDED,  /* over */
    WISH_DELETED /* gone from the platform */
};

const char *target_status_name(enum target_status s,
                               enum subject_kind kind); /* "pending", "live" or "active" … */

struct target {
    struct id id, subject, church,
        connection; /* connection: the one used; none when not connected at creation */
    enum subject_kind kind;
    enum platform_id platform;
    enum target_status status;
    enum target_wish wish;
    char *settings;  /* owned: JSON object of the platform's settings, "{}" at least */
    char *remote_id; /* owned: the platform's id of the broadcast or meeting, "" before creation */
    char *remote;    /* owned: JSON object, the adapter's own memory (other ids, states); never a
                        secret */
    char *url;       /* owned: watch or join link for members, https on the platform's host list, ""
                        before */
    char *ingest_url; /* owned: where the encoder sends (without key), "" when none */
    bool has_key;     /* a sealed stream key is kept for it */
    char *note; /* owned: what is happening, for a person: "Waiting for the encoder's signal", ""
                   when nothing */
    int64_t viewers;                   /* -1 unknown */
    enum error_kind error_kind;        /* ERROR_NONE when fine */
    char *error, *remedy, *error_code; /* owned, "" when fine; error_code is the platform's own */
    int attempts;                      /* of the job at work, 0 when none retries */
    int64_t next_attempt_ms;           /* when it goes again, 0 when nothing waits */
    int64_t checked_ms;                /* when the platform last answered about it, 0 never */
    int64_t started_ms, ended_ms;      /* as the platform said, 0 unknown */
    int64_t generation;                /* counts a person's "create again" */
};

void target_release(struct target *t);
/* Sets the error fields from err, or clears them for NULL. */
bool target_set_error(struct target *t, const struct error *err);

#endif
