/* Between the files of the forms: what each does with its own form. */
#ifndef TUI_RECORD_FORM_H
#define TUI_RECORD_FORM_H

#include <stdlib.h>

#include "tui/private.h"

void form_connect_submit(struct console *c);
void form_app_submit(struct console *c);

#endif
