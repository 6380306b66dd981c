/* What the files of the simulated Jitsi share. */
#ifndef SIM_JITSI_H
#define SIM_JITSI_H

#include "sim/private.h"

#define SIM_JITSI_APP_ID     "ecclesia"
#define SIM_JITSI_APP_SECRET "s3cret-of-the-simulated-jitsi-server"
#define SIM_JITSI_DOMAIN     "meet.jitsi"
#define SIM_JITSI_SYSTEM_KEY "sim-jitsi-system-key"
#define SIM_JAAS_APP_ID      "vpaas-magic-cookie-1fc542a3e4414a44b2611668195e2bfe"
#define SIM_JAAS_KEY_ID      SIM_JAAS_APP_ID "/4f4910"

/* What a token says, once it was found good. */
struct sim_jitsi_person {
    char name[100];
    bool moderator;
};

/* Checks a token for a room as Prosody's token module does, or as JaaS does. NULL when it is good;
 * else the refusal's words. room is the backend's name, in lower case. */
const char *sim_jitsi_token_check(const char *token, const char *room, bool jaas,
                                  struct sim_jitsi_person *person);

#endif
