/* Literal IP addresses, and which of them are not the open internet's. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* A literal address, also in the brackets of a URL; a name is none and gives false. */
bool address_parse(struct sockaddr_storage *out, const char *text);
/* 127.0.0.0/8 and ::1, nothing else: the only peers that may be spoken to without TLS. */
bool address_is_loopback(const struct sockaddr *a);
/* Loopback, private, link-local, carrier-grade NAT, multicast, unspecified, and IPv4 ones of these
 * dressed as IPv6. Every family that is not IP counts as private. */
bool address_is_private(const struct sockaddr *a);

#endif
