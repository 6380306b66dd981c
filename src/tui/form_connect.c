/* Signing in by credentials: the form is the platform's table of what it wants. */
#include <stdio.h>
#include <string.h>

#include <ecclesia/base/json.h>
#include <ecclesia/platform/oauth.h>

#include "tui/record_form.h"
#include "tui/signin.h"

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

static const char *given(const struct signin_values *v, const char *key)
{
    for (size_t i = 0; v != NULL && i < v->count; i++) {
        if (strcmp(v->keys[i], key) == 0)
            return v->texts[i];
    }
    return NULL;
}

/* Of the connecting values those that belong to the app; which Page or account it is comes out
 * later. */
void form_app_open(struct console *c, enum platform_id p, const struct signin_values *values,
                   const char *wrong)
{
    const struct platform *platform = c->source->platform(c->source->self, p);
    bool fine = true;
    char title[160];

    snprintf(title, sizeof title, "%s: the app to sign in with", platform_name(p));
    form_open(&c->form, title, "Go on");
    c->form_about = FORM_APP;
    c->form_platform = p;
    c->form_serial++;
    for (const struct credential *k = platform->credentials; fine && k != NULL && k->key != NULL;
         k++) {
        const char *value = given(values, k->key);

        if (!oauth_takes(platform->oauth, k->key) || text_equal(k->key, platform->oauth->choice))
            continue;
        fine = add_field(c, k, NULL);
        if (fine) {
            c->form.fields[c->form.count - 1].required = false;
            if (value != NULL)
                form_set(&c->form.fields[c->form.count - 1], value);
        }
    }
    if (!fine) {
        form_close(&c->form);
        console_say(c, true, "No memory for the form.");
        return;
    }
    form_ready(&c->form);
    text_copy_to(c->form.message, sizeof c->form.message, wrong);
    c->form.message_bad = wrong[0] != '\0';
}

void form_app_submit(struct console *c)
{
    struct signin_values values = { .count = 0 };
    enum platform_id p = c->form_platform;
    bool fine = true;

    for (size_t i = 0; fine && i < c->form.count; i++) {
        const struct form_field *field = &c->form.fields[i];

        if (form_value(field)[0] != '\0')
            fine = signin_values_add(&values, field->key, form_value(field));
    }
    if (fine) {
        form_close(&c->form);
        signin_start(c, p, &values);
    } else {
        form_fail(&c->form, NULL, "No memory for the values.");
    }
    signin_values_wipe(&values);
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
