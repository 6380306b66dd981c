/* Checks that livestreams and meetings share. */
#ifndef RECORD_CHECK_H
#define RECORD_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <ecclesia/record/target.h>

/* Valid UTF-8, without controls but line breaks and tabs, least … most characters; else ERROR_INPUT
 * naming `what`. */
bool check_text(const char *what, const char *s, size_t least, size_t most, struct error *err);
/* The same in one line: no line break and no tab either. */
bool check_line(const char *what, const char *s, size_t least, size_t most, struct error *err);
/* No platform twice. */
bool check_targets(const struct target *targets, size_t count, struct error *err);
struct target *find_target(struct target *targets, size_t count, enum platform_id p);

#endif
