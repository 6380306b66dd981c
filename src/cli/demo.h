/* Inner face of the demonstration. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include <sys/types.h>

#include "cli/private.h"

struct demo {
    struct cli *cli;
    char directory[256]; /* removed at the end; "" before it is made */
    char database[300], key_file[300], place[300];
    pid_t child;  /* the simulator; -1 none */
    int to_child; /* it ends when this is closed */
    cJSON *ready; /* owned: its ready line */
    struct demo_booth *booth;
};

/* Starts the simulator and reads its ready line. The child removes the directory should we not come
 * to do so ourselves. */
bool demo_child_start(struct demo *d, struct error *err);
void demo_child_stop(struct demo *d);
/* Removes the directory with all in it; argument: struct demo. */
void demo_remove(void *argument);
/* The church, its connections, livestreams and meetings. */
bool demo_seed(struct demo *d, struct error *err);
/* Who sends to the platforms that are live by a person's hand. Stop it before the engine is closed.
 */
bool demo_booth_start(struct demo *d, struct error *err);
void demo_booth_stop(struct demo *d);
/* Jobs of the livestream or meeting that wait for their next look take it at once. Any thread. */
void demo_hurry(struct demo *d, struct id subject);
/* From now on this goes wrong at the platforms. */
bool demo_faults(struct demo *d, const char *name, struct error *err);

#endif
