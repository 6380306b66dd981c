/* A church with every platform connected that both this program and the simulator speak. */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include <ecclesia/engine.h>
#include <ecclesia/sim/sim.h>

struct world {
    struct sim *sim;
    struct config *config;
    struct engine *engine; /* at work */
    struct id church;
    bool connected[PLATFORM_COUNT];
    char db[512], conf[512]; /* paths of the database and of its configuration */
};

/* Points HOME and the XDG directories into bench_directory(), starts the simulator, whose platforms
 * answer `latency_ms` late, and the engine, and connects. Ends the program when it cannot. Once a
 * process. */
void world_open(struct world *w, int latency_ms);
/* The engine alone; the simulator goes on. */
void world_rest(struct world *w);
void world_close(struct world *w);

/* HOME and the XDG directories; made. world_open() does it too. */
void world_home(void);
extern const struct actor world_actor;

#endif
