/* Crash points. A test names one in ECCLESIA_CRASH ("queue.sent:3": at the third pass) and the
 * process dies there as by kill -9. In normal running a check of one flag. */
#ifndef ECCLESIA_BASE_CRASH_H
#define ECCLESIA_BASE_CRASH_H

void crash_point(const char *name);

#endif
