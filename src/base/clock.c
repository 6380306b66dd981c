#include <ecclesia/base/clock.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static pthread_once_t clock_once = PTHREAD_ONCE_INIT;
static _Atomic int64_t fixed_at = -1; /* negative: the real clock */

static const char *shift; /* the file of a test, mapped; NULL */
enum { OFFSET_DIGITS = 20 };

static void clock_map(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char seen[OFFSET_DIGITS];

    /* Reading beyond the end of a mapped file would kill the program. */
    if (fd >= 0 && pread(fd, seen, sizeof seen, 0) == (ssize_t)sizeof seen) {
        void *at = mmap(NULL, OFFSET_DIGITS, PROT_READ, MAP_SHARED, fd, 0);
        if (at != MAP_FAILED)
            shift = at;
    }
    if (fd >= 0)
        close(fd);
}

static int64_t clock_offset(void)
{
    char digits[OFFSET_DIGITS + 1];

    memcpy(digits, shift, OFFSET_DIGITS);
    digits[OFFSET_DIGITS] = '\0';
    return strtoll(digits, NULL, 10);
}

static void clock_look_at_environment(void)
{
    const char *wanted = getenv("ECCLESIA_TEST_CLOCK"), *file = getenv("ECCLESIA_TEST_CLOCK_FILE");
    int64_t ms;

    if (file && *file)
        clock_map(file);

    if (wanted && clock_parse_rfc3339(wanted, &ms))
        atomic_store(&fixed_at, ms);
}

static int64_t clock_read(clockid_t which)
{
    struct timespec now;

    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
    int64_t fixed;

    pthread_once(&clock_once, clock_look_at_environment);
    fixed = atomic_load(&fixed_at);
    if (fixed >= 0)
        return fixed;
    return clock_read(CLOCK_REALTIME) + (shift ? clock_offset() : 0);
}

bool clock_is_tested(void)
{
    pthread_once(&clock_once, clock_look_at_environment);
    return shift != NULL;
}

int64_t clock_mono(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

void clock_fix(int64_t now_ms)
{
    /* First, so that a later first look at the environment does not undo it. */
    pthread_once(&clock_once, clock_look_at_environment);
    atomic_store(&fixed_at, now_ms);
}

void clock_deadline(struct timespec *at, int64_t ms)
{
    const int64_t longest = INT64_C(1000) * 86400 * 365 * 10;

    if (ms < 0)
        ms = 0;
    if (ms > longest)
        ms = longest;
    clock_gettime(CLOCK_MONOTONIC, at);
    at->tv_sec += ms / 1000;
    at->tv_nsec += (long)(ms % 1000) * 1000000;
    if (at->tv_nsec >= 1000000000) {
        at->tv_sec++;
        at->tv_nsec -= 1000000000;
    }
}

/* Seconds and the rest in [0, 1000), also before 1970; years that four digits cannot say are held
 * at the edge. */
static int clock_split(int64_t ms, struct tm *out)
{
    const int64_t first = INT64_C(-62167219200000), last = INT64_C(253402300799999);
    int64_t seconds;
    int rest;
    time_t t;

    if (ms < first)
        ms = first;
    if (ms > last)
        ms = last;
    seconds = ms / 1000;
    rest = (int)(ms % 1000);
    if (rest < 0) {
        rest += 1000;
        seconds--;
    }
    t = (time_t)seconds;
    gmtime_r(&t, out);
    return rest;
}

void clock_rfc3339(char *out, int64_t ms)
{
    struct tm tm;
    int rest = clock_split(ms, &tm);
    size_t length = strftime(out, CLOCK_RFC3339_SIZE, "%4Y-%m-%dT%H:%M:%S", &tm);

    snprintf(out + length, CLOCK_RFC3339_SIZE - length, ".%03dZ", rest);
}

void clock_rfc3339_s(char *out, int64_t ms)
{
    struct tm tm;

    clock_split(ms, &tm);
    strftime(out, CLOCK_RFC3339_SIZE, "%4Y-%m-%dT%H:%M:%SZ", &tm);
}

/* Exactly `digits` digits with a value in [low, high]. Moves *s on. */
static bool take_number(const char **s, int digits, int low, int high, int *out)
{
    int value = 0;

    for (int i = 0; i < digits; i++) {
        char c = (*s)[i];

        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *s += digits;
    *out = value;
    return value >= low && value <= high;
}

static bool take_one_of(const char **s, const char *set)
{
    if (**s == '\0' || !strchr(set, **s))
        return false;
    (*s)++;
    return true;
}

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* ":SS" and ".fraction", both optional. */
static bool take_seconds(const char **s, int *seconds, int *ms)
{
    int weight = 100;

    *seconds = 0;
    *ms = 0;
    if (!take_one_of(s, ":"))
        return true;
    if (!take_number(s, 2, 0, 60, seconds))
        return false;
    if (!take_one_of(s, "."))
        return true;
    if (**s < '0' || **s > '9')
        return false;
    for (; **s >= '0' && **s <= '9'; (*s)++, weight /= 10)
        *ms += (**s - '0') * weight;
    return true;
}

/* "Z", "+02:00" or "+0200", and the end. */
static bool take_offset(const char **s, int *minutes)
{
    int sign, h, m;

    *minutes = 0;
    if (take_one_of(s, "Zz"))
        return **s == '\0';
    sign = **s == '-' ? -1 : 1;
    if (!take_one_of(s, "+-") || !take_number(s, 2, 0, 23, &h))
        return false;
    take_one_of(s, ":");
    if (!take_number(s, 2, 0, 59, &m))
        return false;
    *minutes = sign * (h * 60 + m);
    return **s == '\0';
}

bool clock_parse_rfc3339(const char *s, int64_t *ms)
{
    struct tm tm;
    int year, month, rest, offset;

    memset(&tm, 0, sizeof(tm));
    if (!s || !take_number(&s, 4, 0, 9999, &year) || !take_one_of(&s, "-") ||
        !take_number(&s, 2, 1, 12, &month) || !take_one_of(&s, "-") ||
        !take_number(&s, 2, 1, days_in(year, month), &tm.tm_mday) || !take_one_of(&s, "Tt ") ||
        !take_number(&s, 2, 0, 23, &tm.tm_hour) || !take_one_of(&s, ":") ||
        !take_number(&s, 2, 0, 59, &tm.tm_min) || !take_seconds(&s, &tm.tm_sec, &rest) ||
        !take_offset(&s, &offset))
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    *ms = ((int64_t)timegm(&tm) - offset * 60) * 1000 + rest;
    return true;
}
