/* What the files of the Instagram adapter share. */
#ifndef PLATFORM_INSTAGRAM_H
#define PLATFORM_INSTAGRAM_H

#include "platform/kit.h"

#define INSTAGRAM_VERSION "v26.0"

/* Connected with an access token, so that Instagram can be asked at all. */
bool instagram_can_ask(struct call *call);
/* GET of /VERSION/node with fields and the token; *out is yours. */
bool instagram_ask(struct call *call, const char *node, const char *route, const char *fields,
                   cJSON **out, struct error *err);
/* "rtmps://host/rtmp/KEY", or the key alone with its address apart, to address and key. False when
 * it is not of that form: Instagram takes no plain rtmp. */
bool instagram_split(const char *pasted, const char *apart, char *address, size_t address_size,
                     char *key, size_t key_size);

/* The target has a key: its own, or a newer one that was pasted since, which is then sealed for it.
 */
bool instagram_key(struct call *call, const struct target *t, struct outcome *out);
/* "2 h ago", into text; *old: of yesterday or before. */
const char *instagram_key_age(const struct call *call, const struct outcome *out, char *text,
                              size_t size, bool *old);

bool instagram_create(struct call *call, const struct livestream *l, const struct target *t,
                      struct outcome *out, struct error *err);
bool instagram_update(struct call *call, const struct livestream *l, const struct target *t,
                      struct outcome *out, struct error *err);
bool instagram_start(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err);
bool instagram_stop(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err);
bool instagram_remove(struct call *call, const struct livestream *l, const struct target *t,
                      struct outcome *out, struct error *err);
bool instagram_poll(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err);

#endif
