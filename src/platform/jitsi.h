/* What the files of the Jitsi adapter share: which server (jitsi_server.c), what a room is called
 * (jitsi_room.c), tokens (jitsi_token.c), links (jitsi_link.c) and what becomes of a meeting
 * (jitsi_status.c). */
#ifndef PLATFORM_JITSI_H
#define PLATFORM_JITSI_H

#include "platform/kit.h"
#include "platform/repeat.h"

#define JITSI_ROOM_SIZE 61 /* a room's name with its NUL */

enum jitsi_deployment { JITSI_PUBLIC, JITSI_SELFHOSTED, JITSI_JAAS };

/* The connection's options, read and checked. Borrows from the call. */
struct jitsi_server {
    enum jitsi_deployment deployment;
    char host[256];     /* lower case, with a port when one was given */
    char base[300];     /* of links, "https://meet.example.org" */
    char asked[300];    /* where we ask: the same, or the simulator */
    const char *tenant; /* before the room in the path: tenant, AppID or "" */
    const char *app_id;
    const char *key_id, *audience;
    enum call_signature algorithm;
    const char *key;      /* secret: what tokens are signed with, "" when none are made */
    char status_url[300]; /* where "/room-size" of Prosody is, without it; "" none */
};

/* ERROR_INPUT names the option and what it must be. */
bool jitsi_server_read(struct call *call, struct jitsi_server *out, struct error *err);
bool jitsi_check(struct call *call, struct error *err);
bool jitsi_identify(struct call *call, struct account *out, struct error *err);

enum jitsi_reach {
    JITSI_REACHED,
    JITSI_UNREACHED, /* why: one sentence for a person */
    JITSI_UNASKED    /* we could not ask; why is the error to hand on */
};
/* Asks for /config.js, as every browser does first. domain (256 bytes, "" when not told) gets the
 * server's inner XMPP domain. */
enum jitsi_reach jitsi_reach(struct call *call, const struct jitsi_server *s, char *domain,
                             struct error *why);

/* Title to at most 24 of [a-z0-9-], without a dash at either end; "meeting" when nothing is left.
 */
void jitsi_slug(const char *title, char out[25]);
/* "prayer-7k2m9x4qd8hn": the slug and 12 characters that are the same for each try of a wish and
 * cannot be guessed. */
bool jitsi_room_made(struct call *call, const char *title, char out[JITSI_ROOM_SIZE],
                     struct error *err);
/* A name that a person typed, as the server will read it. ERROR_INPUT proposes one. */
bool jitsi_room_typed(const char *typed, char out[JITSI_ROOM_SIZE], struct error *err);
/* Of a name that a person chose: strangers could hit upon it. */
bool jitsi_room_guessable(const char *room);

/* Who a token speaks for. Empty and NULL members are left out of the token: Prosody raises an
 * exception on null. */
struct jitsi_person {
    const char *id; /* required */
    const char *name, *email, *avatar;
    bool moderator;
};
struct jitsi_grant {
    const char *aud, *iss, *sub, *room; /* all required */
    int64_t nbf, iat, exp;              /* seconds; iat 0: left out */
    struct jitsi_person person;
    bool words;            /* features as "true", "false" (JaaS), else as true, false */
    const cJSON *settings; /* of the target: what a moderator may do; NULL: the table's defaults */
};
/* The payload, compact and in a fixed order. */
bool jitsi_payload(const struct jitsi_grant *grant, struct text *out, struct error *err);
/* header.payload.signature in base64url. */
bool jitsi_sign(struct call *call, enum call_signature algorithm, const char *key,
                const char *header, const char *payload, struct text *out, struct error *err);
/* A token of this server for the room: of the host, or of any guest; good until some hours after
 * end_ms. */
bool jitsi_token(struct call *call, const struct jitsi_server *s, const struct target *t,
                 const char *room, bool host, int64_t end_ms, struct text *out, struct error *err);

/* The link, checked against the connection's host. token may be NULL. */
bool jitsi_link(struct call *call, const struct jitsi_server *s, const char *room,
                const char *token, const struct meeting *m, const struct target *t,
                struct text *out, struct error *err);

/* What the operator should know of the room, into out->note; nothing when there is nothing. */
void jitsi_note(const struct jitsi_server *s, const struct target *t, struct outcome *out);
/* Pending before the meeting's time, live during it, ended after it. m: the one that is due. */
void jitsi_clock(const struct call *call, const struct meeting *m, struct outcome *out);
bool jitsi_poll(struct call *call, const struct meeting *m, const struct target *t,
                struct outcome *out, struct error *err);
/* The link for who leads the meeting, with a moderator's token where the server takes any. */
bool jitsi_host_link(struct call *call, const struct meeting *m, const struct target *t,
                     struct text *out, struct error *err);

#endif
