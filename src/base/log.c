#include <ecclesia/base/log.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>

enum { LOG_RING = 512, LOG_LINE = 1024 };

/* Guards all below. A line is written under it too, so that the file has the order of the ring. */
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static char *log_ring[LOG_RING];
static size_t log_next;  /* where the next line goes */
static size_t log_count; /* lines in the ring */

/* Takes over fd, -1 for none. */
static void log_switch(int fd)
{
    int old;

    pthread_mutex_lock(&log_mutex);
    old = log_fd;
    log_fd = fd;
    pthread_mutex_unlock(&log_mutex);
    if (old >= 0)
        close(old);
}

bool log_open(const char *path, struct error *err)
{
    int fd;

    if (!path) {
        log_switch(-1);
        return true;
    }
    if (strcmp(path, "-") == 0)
        fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    else
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0)
        return error_set(err, ERROR_CONFIG,
                         "Name a file in a folder that exists and that you may write to.",
                         "The log file %s cannot be opened: %s.", path, strerror(errno));
    log_switch(fd);
    return true;
}

/* Mutex held. Nobody can be told of a full disk here; the ring has the line all the same. */
static void log_keep(const char *line, size_t length)
{
    char *copy = text_copy(line);

    if (copy) {
        free(log_ring[log_next]);
        log_ring[log_next] = copy;
        log_next = (log_next + 1) % LOG_RING;
        if (log_count < LOG_RING)
            log_count++;
    }
    if (log_fd >= 0) {
        char whole[LOG_LINE + 1];
        ssize_t put;

        memcpy(whole, line, length);
        whole[length] = '\n';
        do
            put = write(log_fd, whole, length + 1);
        while (put < 0 && errno == EINTR);
    }
}

void log_line(const char *area, const char *format, ...)
{
    char raw[LOG_LINE], line[LOG_LINE];
    size_t head;
    va_list args;

    clock_rfc3339(line, clock_now());
    head = strlen(line);
    head += (size_t)snprintf(line + head, sizeof(line) - head, " %.32s: ", area);
    va_start(args, format);
    if (vsnprintf(raw, sizeof(raw), format, args) < 0)
        raw[0] = '\0';
    va_end(args);
    utf8_clean(line + head, sizeof(line) - head, raw);
    pthread_mutex_lock(&log_mutex);
    log_keep(line, strlen(line));
    pthread_mutex_unlock(&log_mutex);
}

size_t log_recent(char **out, size_t most)
{
    size_t given = 0, from;

    pthread_mutex_lock(&log_mutex);
    if (most > log_count)
        most = log_count;
    from = (log_next + LOG_RING - most) % LOG_RING;
    for (size_t i = 0; i < most; i++) {
        out[given] = text_copy(log_ring[(from + i) % LOG_RING]);
        if (out[given])
            given++;
    }
    pthread_mutex_unlock(&log_mutex);
    return given;
}
