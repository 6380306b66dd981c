/* A question with two answers. It begins on the harmless one, and the key that raised it never
 * answers it: while that key repeats, nothing happens. Widgets know no record. */
#ifndef TUI_DIALOG_H
#define TUI_DIALOG_H

#include <stdbool.h>

#include "tui/widgets/paint.h"

enum dialog_answer { DIALOG_OPEN, DIALOG_NO, DIALOG_YES };

struct dialog {
    bool active;
    char question[700];
    char no[32], yes[48]; /* "Cancel", "Stop the broadcast" */
    bool on_yes;          /* where the person stands */
    int raised_by;        /* key; 0 once another key was pressed */
};

void dialog_ask(struct dialog *d, const char *question, const char *no, const char *yes,
                int raised_by);
enum dialog_answer dialog_key(struct dialog *d, int key); /* anything but OPEN has closed it */
void dialog_draw(struct dialog *d, struct paint *p, struct rect screen);

#endif
