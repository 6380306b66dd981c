/* Signing in by credentials: the form is the platform's table of what it wants. */
#include <stdio.h>
#include <string.h>

#include <ecclesia/base/json.h>

#include "tui/private.h"
#include "tui/record_form.h"

/* A private key in PEM is the longest. */
enum { CREDENTIAL_MOST = 16 * 1024 - 1, OPTION_MOST = 1000 };

static bool add_field(struct console *c, const struct credential *k, const cJSON *options)
{
    bool choice = k->choices != NULL && !k->secret;
    struct form_field *field =
        form_add(&c->form,
                 choice      ? FORM_CHOICE
                 : k->secret ? FORM_SECRET
                             : FORM_TEXT,
                 k->key, k->label, k->secret ? CREDENTIAL_MOST : OPTION_MOST);
    const char *stored;

    if (field == NULL)
        return false;
    field->required = k->required;
    field->choices = choice ? k->choices : NULL;
    field->edit.breaks = k->secret; /* keys in PEM have lines */
    snprintf(field->help, sizeof field->help, "%s%s", k->help,
             k->secret ? " Kept encrypted, never shown. @FILE reads it from a file." : "");
    stored = k->secret || options == NULL ? NULL : json_string(options, k->key);
    if (!k->secret)
        form_set(field, stored != NULL ? stored : k->otherwise != NULL ? k->otherwise : "");
    return true;
}

void form_connect_open(struct console *c, enum platform_id p)
{
    const struct platform *platform = c->source->platform(c->source->self, p);
    const struct connection *now = console_connection(c, p);
    cJSON *options = now != NULL && now->options != NULL
                         ? json_parse(now->options, strlen(now->options), NULL)
                         : NULL;
    bool again = now != NULL && now->status != CONNECTION_DISCONNECTED;
    char title[160];
    bool fine = true;

    snprintf(title, sizeof title, again ? "Connect %s again" : "Connect %s", platform_name(p));
    form_open(&c->form, title, "Connect");
    c->form_about = FORM_CONNECT;
    c->form_platform = p;
    c->form_serial++;
    for (const struct credential *k = platform->credentials; fine && k != NULL && k->key != NULL;
         k++)
        fine = add_field(c, k, options);
    cJSON_Delete(options);
    if (!fine) {
        form_close(&c->form);
        console_say(c, true, "No memory for the form.");
        return;
    }
    form_ready(&c->form);
}

void form_connect_submit(struct console *c)
{
    const char *words[WORDS_MOST] = { "connect", platform_slug(c->form_platform), "--method",
                                      "credentials" };
    char *set[WORDS_MOST], doing[120];
    int count = 4, sets = 0;
    bool fine = true;

    for (size_t i = 0; fine && i < c->form.count && count + 2 <= WORDS_MOST; i++) {
        const struct form_field *field = &c->form.fields[i];

        if (form_value(field)[0] == '\0')
            continue;
        set[sets] = text_format("%s=%s", field->key, form_value(field));
        fine = set[sets] != NULL;
        if (!fine)
            break;
        words[count++] = "--set";
        words[count++] = set[sets++];
    }
    snprintf(doing, sizeof doing, "Asking %s whether it takes these %s",
             platform_name(c->form_platform), paint_glyph(&c->paint, GLYPH_CUT));
    if (fine)
        run_for_form(c, words, count, doing);
    else
        form_fail(&c->form, NULL, "No memory for the values.");
    while (sets > 0) {
        sets--;
        text_wipe(set[sets], strlen(set[sets]));
        free(set[sets]);
    }
}
