/* A TCP server on 127.0.0.1 that does byte for byte what a test wants, each connection in a thread
 * of its own. */
#ifndef TESTS_LIB_RAWSERVER_H
#define TESTS_LIB_RAWSERVER_H

#include <stdbool.h>
#include <stddef.h>

struct raw_server;

/* Plays one connection; the descriptor is closed after it. `number` counts connections from 0. */
typedef void raw_script(struct raw_server *s, int fd, int number);

/* Listens on a free port. script may be NULL: nothing is ever accepted. argument: raw_argument().
 */
struct raw_server *raw_start(raw_script *script, void *argument);
void raw_stop(struct raw_server *s);   /* cuts every connection, waits for every script */
void raw_deafen(struct raw_server *s); /* stops listening: the port refuses from now on */
void *raw_argument(struct raw_server *s);
int raw_port(const struct raw_server *s);
/* "http://127.0.0.1:PORT" and path; borrowed until the test's process ends. */
const char *raw_url(const struct raw_server *s, const char *path);

int raw_accepted(struct raw_server *s);  /* connections so far */
int raw_open(struct raw_server *s);      /* now */
int raw_open_most(struct raw_server *s); /* at the same time */
int raw_requests(struct raw_server *s);  /* read whole by raw_read() */
bool raw_stopping(struct raw_server *s);

/* Reads one request with the body that its Content-Length says, NUL-terminated; its length, 0 when
 * the peer left. */
size_t raw_read(struct raw_server *s, int fd, char *out, size_t size);
bool raw_write(int fd, const void *bytes, size_t length);
bool raw_say(int fd, const char *text);
/* "HTTP/1.1 STATUS", Content-Length and the body. */
bool raw_answer(int fd, const char *status, const char *body);
void raw_reset(int fd);       /* closes by RST once the script ends */
void raw_wait_closed(int fd); /* until the peer leaves or raw_stop() */

#endif
