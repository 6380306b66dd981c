#include "tui/widgets/form.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/tui/key.h>

void form_open(struct form *f, const char *title, const char *submit)
{
    form_close(f);
    f->active = true;
    text_copy_to(f->title, sizeof f->title, title);
    text_copy_to(f->submit, sizeof f->submit, submit);
}

void form_close(struct form *f)
{
    for (size_t i = 0; i < f->count; i++) {
        line_edit_release(&f->fields[i].edit);
        free(f->fields[i].was);
    }
    free(f->fields);
    *f = (struct form){ .active = false };
}

struct form_field *form_add(struct form *f, enum form_kind kind, const char *key, const char *label,
                            size_t most)
{
    struct form_field *more = realloc(f->fields, (f->count + 1) * sizeof *more), *field;

    if (more == NULL)
        return NULL;
    f->fields = more;
    field = &f->fields[f->count];
    *field = (struct form_field){ .kind = kind, .parent = -1 };
    if ((kind == FORM_TEXT || kind == FORM_SECRET) && !line_edit_start(&field->edit, most))
        return NULL;
    field->edit.secret = kind == FORM_SECRET;
    text_copy_to(field->key, sizeof field->key, key);
    text_copy_to(field->label, sizeof field->label, label);
    f->count++;
    return field;
}

void form_set(struct form_field *field, const char *value)
{
    if (field->kind == FORM_TEXT || field->kind == FORM_SECRET)
        line_edit_set(&field->edit, value);
    else if (field->kind == FORM_CHECK)
        field->on = strcmp(value, "true") == 0;
    for (int i = 0;
         field->kind == FORM_CHOICE && field->choices != NULL && field->choices[i] != NULL; i++) {
        if (strcmp(field->choices[i], value) == 0)
            field->chosen = i;
    }
    /* A secret has no value at the start that could be left behind in memory. */
    if (field->kind != FORM_SECRET)
        text_replace(&field->was, form_value(field));
}

void form_ready(struct form *f)
{
    f->focus = 0;
    while (f->focus < f->count &&
           (f->fields[f->focus].kind == FORM_HEADING || !form_shown(f, f->focus)))
        f->focus++;
}

struct form_field *form_find(const struct form *f, const char *key)
{
    for (size_t i = 0; i < f->count; i++) {
        if (strcmp(f->fields[i].key, key) == 0)
            return &f->fields[i];
    }
    return NULL;
}

const char *form_value(const struct form_field *field)
{
    switch (field->kind) {
    case FORM_TEXT:
    case FORM_SECRET:
        return field->edit.data;
    case FORM_CHECK:
        return field->on ? "true" : "false";
    case FORM_CHOICE:
        return field->choices != NULL && field->choices[0] != NULL ? field->choices[field->chosen]
                                                                   : "";
    default:
        return "";
    }
}

bool form_shown(const struct form *f, size_t index)
{
    int parent = f->fields[index].parent;

    return parent < 0 || (f->fields[parent].on && form_shown(f, (size_t)parent));
}

bool form_counts(const struct form *f, size_t index)
{
    int parent = f->fields[index].parent;

    return parent < 0 || ((f->fields[parent].on || f->fields[parent].kind == FORM_FOLD) &&
                          form_counts(f, (size_t)parent));
}

bool form_changed(const struct form_field *field)
{
    if (field->kind == FORM_HEADING || field->kind == FORM_FOLD)
        return false;
    return strcmp(form_value(field), field->was != NULL          ? field->was
                                     : field->kind == FORM_CHECK ? "false"
                                                                 : "") != 0;
}

bool form_touched(const struct form *f)
{
    for (size_t i = 0; i < f->count; i++) {
        if (form_changed(&f->fields[i]))
            return true;
    }
    return false;
}

void form_clear_errors(struct form *f)
{
    f->message[0] = '\0';
    f->message_bad = false;
    for (size_t i = 0; i < f->count; i++)
        f->fields[i].error[0] = '\0';
}

void form_fail(struct form *f, struct form_field *field, const char *text)
{
    if (field == NULL) {
        text_copy_to(f->message, sizeof f->message, text);
        f->message_bad = true;
        return;
    }
    for (int p = field->parent; p >= 0; p = f->fields[p].parent)
        f->fields[p].on = f->fields[p].on || f->fields[p].kind == FORM_FOLD;
    text_copy_to(field->error, sizeof field->error, text);
    if (f->focus >= f->count || f->fields[f->focus].error[0] == '\0')
        f->focus = (size_t)(field - f->fields);
}

bool form_check(struct form *f)
{
    bool fine = true;

    for (size_t i = 0; i < f->count; i++) {
        struct form_field *field = &f->fields[i];

        if (!form_shown(f, i))
            continue;
        if (field->required && field->error[0] == '\0' && form_value(field)[0] == '\0')
            form_fail(f, field, "This cannot be empty.");
        fine = fine && field->error[0] == '\0';
    }
    return fine;
}

static bool can_focus(const struct form *f, size_t at)
{
    return at >= f->count || (f->fields[at].kind != FORM_HEADING && form_shown(f, at));
}

static void step(struct form *f, int by)
{
    size_t places = f->count + 2;

    do {
        f->focus = (f->focus + places + (size_t)(by + (int)places)) % places;
    } while (!can_focus(f, f->focus));
}

static bool change_choice(struct form_field *field, int by)
{
    int count = 0;

    while (field->choices != NULL && field->choices[count] != NULL)
        count++;
    if (count > 0)
        field->chosen = (field->chosen + count + by) % count;
    return true;
}

static bool field_key(struct form_field *field, int key)
{
    switch (field->kind) {
    case FORM_TEXT:
    case FORM_SECRET:
        return line_edit_key(&field->edit, key);
    case FORM_CHECK:
        if (key == ' ' || key == 'x')
            field->on = !field->on;
        return key == ' ' || key == 'x';
    case FORM_FOLD:
        if (key == ' ')
            field->on = !field->on;
        else if (key == 'l' || key == CONSOLE_FUNCTION + KEY_RIGHT)
            field->on = true;
        else if (key == 'h' || key == CONSOLE_FUNCTION + KEY_LEFT)
            field->on = false;
        else
            return false;
        return true;
    case FORM_CHOICE:
        if (key == ' ' || key == 'l' || key == CONSOLE_FUNCTION + KEY_RIGHT)
            return change_choice(field, 1);
        if (key == 'h' || key == CONSOLE_FUNCTION + KEY_LEFT)
            return change_choice(field, -1);
        return false;
    default:
        return false;
    }
}

enum form_result form_key(struct form *f, int key)
{
    if (key == 27 || key == 3)
        return FORM_LEAVE;
    if (f->busy)
        return FORM_GOES_ON; /* what was sent must stay what is shown */
    if (key == ('S' & 0x1f))
        return FORM_SUBMIT;
    if (f->focus < f->count && field_key(&f->fields[f->focus], key)) {
        f->fields[f->focus].error[0] = '\0';
        return FORM_GOES_ON;
    }
    if (key == '\n')
        key = '\r';
    if (f->focus >= f->count && (key == '\r' || key == ' '))
        return f->focus == f->count ? FORM_SUBMIT : FORM_LEAVE;
    if (key == '\t' || key == '\r' || key == CONSOLE_FUNCTION + KEY_DOWN)
        step(f, 1);
    else if (key == CONSOLE_FUNCTION + KEY_BTAB || key == CONSOLE_FUNCTION + KEY_UP)
        step(f, -1);
    else if (f->focus >= f->count && (key == 'h' || key == CONSOLE_FUNCTION + KEY_LEFT))
        f->focus = f->count;
    else if (f->focus >= f->count && (key == 'l' || key == CONSOLE_FUNCTION + KEY_RIGHT))
        f->focus = f->count + 1;
    else if (key == CONSOLE_FUNCTION + KEY_NPAGE)
        f->focus = f->count;
    else if (key == CONSOLE_FUNCTION + KEY_PPAGE)
        form_ready(f);
    return FORM_GOES_ON;
}

void form_paste(struct form *f, int key)
{
    if (!f->busy && f->focus < f->count &&
        (f->fields[f->focus].kind == FORM_TEXT || f->fields[f->focus].kind == FORM_SECRET))
        line_edit_paste(&f->fields[f->focus].edit, key);
}
