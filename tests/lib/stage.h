/* A console_source in memory: records made by hand, commands written down instead of carried out.
 */
#ifndef TESTS_LIB_STAGE_H
#define TESTS_LIB_STAGE_H

#include <pthread.h>

#include <ecclesia/tui/console.h>

/* 2026-11-22 10:28:41 UTC, a Sunday. */
enum { STAGE_MOST = 64 };
#define STAGE_NOW    INT64_C(1795343321000)
#define STAGE_MINUTE INT64_C(60000)

enum stage_signin {
    STAGE_SIGNIN_WAITS,
    STAGE_SIGNIN_SHOWS, /* shows again */
    STAGE_SIGNIN_FOUND, /* somebody has signed in: asks whether it is the right account, and ends */
    STAGE_SIGNIN_ASKS,  /* asks for a value, and ends */
    STAGE_SIGNIN_FAILS  /* with refuse */
};

struct stage {
    struct console_source source;
    struct connection connections[PLATFORM_COUNT];
    size_t connection_count;
    struct livestream *streams;
    size_t stream_count;
    struct meeting *meetings;
    size_t meeting_count;
    struct event *events;
    size_t event_count;
    bool simulated;
    const char *church; /* name */
    const char *worker; /* "this console" */

    bool reads_fail;
    unsigned reads; /* how many lists were read */

    /* Worker and test: guarded by lock. */
    pthread_mutex_t lock;
    char ran[4000];      /* the words of each command, one line each, words parted by | */
    struct error refuse; /* what run answers when its kind is not ERROR_NONE */
    char said[200];      /* what it says otherwise */
    bool hold;           /* run waits until hold is false or it is cancelled */
    bool question_all;   /* every command asks first */
    const char *answer;  /* JSON that run answers with; NULL: none */

    /* Sign-ins, after stage_signins(); worker and test: guarded by lock, but what is shown, which
     * is set before. */
    struct signin_shown shown[PLATFORM_COUNT];
    struct signin_found found;
    const char *signin_question;              /* of STAGE_SIGNIN_ASKS */
    bool signin_needs_id;                     /* without a client_id it cannot begin */
    const char *signin_trouble;               /* and says this of it; NULL: that it needs one */
    enum stage_signin signin[PLATFORM_COUNT]; /* what it does next; then it waits again */
    int signins[PLATFORM_COUNT];              /* how many have begun */
    char pasted[9000];                        /* what came in, line by line */
    char given[400];                          /* "key=value " of the last sign-in's values */
};

/* The sign-in of every platform that has one: shows what is in shown, then does as it is told. */
void stage_signins(struct stage *f);
/* Tells it the next step. */
void stage_signin(struct stage *f, enum platform_id p, enum stage_signin step);
/* A clock for countdowns that stands still. */
int64_t stage_mono(void);

/* An empty church. */
void stage_start(struct stage *f);
void stage_release(struct stage *f);
/* St Mark's on a Sunday morning: a service that is live on three of four, two to come, meetings, a
 * log. */
void stage_fill(struct stage *f);

struct connection *stage_connect(struct stage *f, enum platform_id p, enum connection_status status,
                                 const char *account);
struct livestream *stage_stream(struct stage *f, const char *title, int64_t start_ms,
                                enum livestream_status status);
struct meeting *stage_meeting(struct stage *f, const char *title, int64_t start_ms,
                              enum meeting_status status);
struct target *stage_stream_target(struct livestream *l, enum platform_id p,
                                   enum target_status status, const char *url);
struct target *stage_meeting_target(struct meeting *m, enum platform_id p,
                                    enum target_status status, const char *url);
void stage_event(struct stage *f, int64_t at_ms, enum event_level level, int platform,
                 const char *text, const char *remedy);
/* What ran so far; yours: free(). */
char *stage_ran(struct stage *f);

#endif
