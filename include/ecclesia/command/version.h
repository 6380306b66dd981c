/* This program's version, once. */
#ifndef ECCLESIA_COMMAND_VERSION_H
#define ECCLESIA_COMMAND_VERSION_H

#define ECCLESIA_VERSION "0.1.0"

#endif
