/* Fields to fill in. Keeps what was typed until it is closed; errors stand under their field.
 * Widgets know no record. */
#ifndef TUI_FORM_H
#define TUI_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/widgets/line_edit.h"

enum form_kind {
    FORM_HEADING, /* only its label */
    FORM_TEXT,
    FORM_SECRET,
    FORM_CHECK,  /* on or off */
    FORM_CHOICE, /* one of choices */
    FORM_FOLD    /* opens and closes what has it as its parent; has no value */
};

struct form_field {
    enum form_kind kind;
    char key[80]; /* for the maker: "title", "youtube", "youtube.privacy" */
    char label[80];
    char help[300];  /* what it wants */
    char note[80];   /* beside a check: "not connected" */
    char error[800]; /* "" when fine */
    bool required;
    int parent; /* index of the check or fold that must be on for this to be shown; -1 none */
    struct line_edit edit; /* of text and secret */
    bool on;
    const char *const *choices; /* NULL-terminated, borrowed */
    int chosen;
    char *was; /* owned: value at the start, to know what was changed */
};

struct form {
    bool active;
    char title[160], submit[40]; /* "Save" */
    char message[800];           /* what is wrong with the whole, or what is under way; "" */
    bool message_bad, busy;
    struct form_field *fields; /* owned */
    size_t count;
    size_t focus; /* a field; count: the submit button; count + 1: the leave button */
    int top;      /* first line shown */
};

enum form_result { FORM_GOES_ON, FORM_SUBMIT, FORM_LEAVE };

void form_open(struct form *f, const char *title, const char *submit);
void form_close(struct form *f); /* wipes what was typed */
/* The new field, to be filled further; NULL without memory. most: bytes of text (text and secret).
 */
struct form_field *form_add(struct form *f, enum form_kind kind, const char *key, const char *label,
                            size_t most);
/* Sets text, choice or check ("true") and takes it as the value at the start. */
void form_set(struct form_field *field, const char *value);
/* After the last field was added: the focus stands on the first. */
void form_ready(struct form *f);

struct form_field *form_find(const struct form *f, const char *key); /* borrowed; NULL */
/* Text, the choice's word, "true" or "false"; borrowed. */
const char *form_value(const struct form_field *field);
bool form_shown(const struct form *f, size_t index);  /* its parents are on */
bool form_counts(const struct form *f, size_t index); /* the same, were every fold open */
bool form_changed(const struct form_field *field);
bool form_touched(const struct form *f); /* any field was changed */
void form_clear_errors(struct form *f);
/* Checks that required fields have something; puts the focus on the first error. */
bool form_check(struct form *f);
void form_fail(struct form *f, struct form_field *field,
               const char *text); /* NULL: the whole; opens folds */

enum form_result form_key(struct form *f, int key);
void form_paste(struct form *f, int key);
void form_draw(struct form *f, struct paint *p, struct rect r);

#endif
