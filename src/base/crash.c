#include <ecclesia/base/crash.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t crash_once = PTHREAD_ONCE_INIT;
static char wanted[64];
static atomic_long passes_left;
static bool armed; /* written once, before anybody reads it */

static void crash_look_at_environment(void)
{
    const char *value = getenv("ECCLESIA_CRASH");
    const char *colon = value ? strrchr(value, ':') : NULL;
    size_t length = colon ? (size_t)(colon - value) : value ? strlen(value) : 0;
    long passes = colon ? strtol(colon + 1, NULL, 10) : 1;

    if (length == 0 || length >= sizeof(wanted))
        return;
    memcpy(wanted, value, length);
    atomic_store(&passes_left, passes < 1 ? 1 : passes);
    armed = true;
}

void crash_point(const char *name)
{
    pthread_once(&crash_once, crash_look_at_environment);
    if (!armed || strcmp(name, wanted) != 0)
        return;
    if (atomic_fetch_sub(&passes_left, 1) == 1)
        raise(SIGKILL);
}
