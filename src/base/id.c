#include <ecclesia/base/id.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Only after random_seed(): splitmix64, one state for all threads. */
static pthread_mutex_t seeded_mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t seeded_state;
static atomic_bool seeded;

void random_seed(uint64_t seed)
{
    pthread_mutex_lock(&seeded_mutex);
    seeded_state = seed;
    atomic_store(&seeded, true);
    pthread_mutex_unlock(&seeded_mutex);
}

static uint64_t seeded_next(void)
{
    uint64_t z;

    pthread_mutex_lock(&seeded_mutex);
    z = seeded_state += UINT64_C(0x9E3779B97F4A7C15);
    pthread_mutex_unlock(&seeded_mutex);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void kernel_bytes(unsigned char *out, size_t length)
{
    while (length > 0) {
        ssize_t got = getrandom(out, length, 0);

        if (got < 0) {
            if (errno == EINTR)
                continue;
            /* A kernel without randomness: ids that can be guessed would be worse than an end. */
            abort();
        }
        out += got;
        length -= (size_t)got;
    }
}

void random_bytes(void *out, size_t length)
{
    unsigned char *to = out;

    if (!atomic_load(&seeded)) {
        kernel_bytes(to, length);
        return;
    }
    while (length > 0) {
        uint64_t word = seeded_next();
        size_t take = length < sizeof(word) ? length : sizeof(word);

        memcpy(to, &word, take);
        to += take;
        length -= take;
    }
}

uint64_t random_below(uint64_t bound)
{
    uint64_t drawn, skip;

    if (bound == 0)
        return 0;
    /* The first 2^64 mod bound values would favour small results: they are drawn again. */
    skip = (0 - bound) % bound;
    do
        random_bytes(&drawn, sizeof(drawn));
    while (drawn < skip);
    return drawn % bound;
}

struct id id_new(void)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    struct id id;

    random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        id.hex[2 * i] = digits[bytes[i] >> 4];
        id.hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    id.hex[32] = '\0';
    return id;
}

bool id_parse(struct id *out, const char *hex)
{
    if (!hex || strlen(hex) != 32 || strspn(hex, "0123456789abcdef") != 32)
        return false;
    memcpy(out->hex, hex, 33);
    return true;
}

bool id_is_none(struct id id)
{
    return id.hex[0] == '\0';
}

bool id_equal(struct id a, struct id b)
{
    return strncmp(a.hex, b.hex, sizeof(a.hex)) == 0;
}
