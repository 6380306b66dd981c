#include "tui/widgets/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <ecclesia/base/config.h>
#include <ecclesia/base/text.h>

enum { THEME_FILE_MOST = 64 * 1024 };

/* The built-in default in the words of a theme file: parsing it is the only way in, so that the two
 * cannot differ in meaning. */
struct builtin {
    const char *name, *columns;
};

static const struct builtin builtins[LOOK_COUNT] = {
    [LOOK_TEXT] = { "text", "default | default | normal" },
    [LOOK_DIM] = { "text.dim", "#8a8a8a | bright-black | dim" },
    [LOOK_HEADER] = { "header", "bold | bold | bold" },
    [LOOK_TAB] = { "tab", "#b2b2b2 | default | normal" },
    [LOOK_TAB_CHOSEN] = { "tab.chosen", "#ffffff bold | white bold | bold underline" },
    [LOOK_RULE] = { "rule", "#5f5f5f | bright-black | dim" },
    [LOOK_HEADING] = { "heading", "#87afd7 | cyan | underline" },
    [LOOK_CHOSEN] = { "row.chosen", "#ffffff on #005f87 | reverse | reverse" },
    [LOOK_GOOD] = { "status.good", "#87af87 | green | normal" },
    [LOOK_LIVE] = { "status.live", "#5fd75f bold | green bold | bold" },
    [LOOK_WAITING] = { "status.waiting", "#87afd7 | cyan | normal" },
    [LOOK_ENDED] = { "status.ended", "#8a8a8a | bright-black | dim" },
    [LOOK_WARNING] = { "status.warning", "#ffaf5f | yellow | bold" },
    [LOOK_FAILED] = { "status.failed", "#ff5f5f bold | red bold | bold underline" },
    [LOOK_SIMULATED] = { "simulated", "#000000 on #ffaf00 bold | black on yellow | reverse bold" },
    [LOOK_LINK] = { "link", "#5fafff underline | blue underline | underline" },
    [LOOK_KEY] = { "key", "#ffd787 bold | yellow bold | bold" },
    [LOOK_KEY_OFF] = { "key.off", "#767676 | bright-black | dim" },
    [LOOK_FIELD] = { "field", "default on #303030 | default underline | underline" },
    [LOOK_FIELD_FOCUS] = { "field.focus", "#ffffff on #005f87 | reverse | reverse" },
    [LOOK_NOTICE] = { "notice", "#ffffff on #af0000 bold | white on red bold | reverse bold" },
    [LOOK_MESSAGE] = { "message", "#ffffd7 | default bold | bold" },
    [LOOK_DIALOG] = { "dialog", "#ffffff on #262626 | default | normal" },
    [LOOK_BUTTON] = { "button", "#d0d0d0 on #444444 | default | normal" },
    [LOOK_BUTTON_FOCUS] = { "button.focus", "#ffffff on #005f87 bold | reverse | reverse" },
};

static const char *const colour_names[16] = {
    "black",        "red",           "green",       "yellow",         "blue",
    "magenta",      "cyan",          "white",       "bright-black",   "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white"
};

static const struct {
    const char *name;
    unsigned flag;
} flag_names[] = { { "normal", 0 },
                   { "bold", STYLE_BOLD },
                   { "dim", STYLE_DIM },
                   { "italic", STYLE_ITALIC },
                   { "underline", STYLE_UNDERLINE },
                   { "reverse", STYLE_REVERSE } };

const char *theme_look_name(enum look l)
{
    return builtins[l].name;
}

static bool parse_colour(const char *word, int32_t *out)
{
    char *end = NULL;
    long value;

    if (strcmp(word, "default") == 0) {
        *out = THEME_OWN;
        return true;
    }
    for (int i = 0; i < 16; i++) {
        if (strcmp(word, colour_names[i]) == 0) {
            *out = i;
            return true;
        }
    }
    if (word[0] == '#') {
        if (strlen(word) != 7 || strspn(word + 1, "0123456789abcdefABCDEF") != 6)
            return false;
        *out = THEME_RGB | (int32_t)strtol(word + 1, NULL, 16);
        return true;
    }
    if (strspn(word, "0123456789") != strlen(word) || strlen(word) > 3)
        return false;
    value = strtol(word, &end, 10);
    if (value > 255)
        return false;
    *out = (int32_t)value;
    return true;
}

static bool parse_flag(const char *word, unsigned *flags)
{
    for (size_t i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++) {
        if (strcmp(word, flag_names[i].name) == 0) {
            *flags |= flag_names[i].flag;
            return true;
        }
    }
    return false;
}

/* "[colour] [on colour] [attribute …]". Puts the word that it does not know into bad. */
static bool parse_style(char *column, struct theme_style *out, char *bad, size_t size)
{
    struct theme_style style = { .fore = THEME_OWN, .back = THEME_OWN, .flags = 0 };
    char *rest = NULL;
    bool back = false;

    for (char *word = strtok_r(column, " \t", &rest); word != NULL;
         word = strtok_r(NULL, " \t", &rest)) {
        if (strcmp(word, "on") == 0) {
            back = true;
            continue;
        }
        if (parse_colour(word, back ? &style.back : &style.fore)) {
            back = false;
            continue;
        }
        if (back || !parse_flag(word, &style.flags)) {
            text_copy_to(bad, size, word);
            return false;
        }
    }
    if (back) {
        text_copy_to(bad, size, "on");
        return false;
    }
    *out = style;
    return true;
}

static bool parse_columns(struct theme_style styles[THEME_DEPTHS], const char *columns, char *bad,
                          size_t size)
{
    for (int depth = 0; depth < THEME_DEPTHS; depth++) {
        size_t length = strcspn(columns, "|");
        char column[128];

        if (length >= sizeof column) {
            text_copy_to(bad, size, columns);
            return false;
        }
        memcpy(column, columns, length);
        column[length] = '\0';
        if (!parse_style(column, &styles[depth], bad, size))
            return false;
        columns += length;
        if (*columns == '\0')
            return true; /* columns left out stay as they were */
        columns++;
    }
    text_copy_to(bad, size, "| (more than three columns)");
    return false;
}

static char *trimmed(char *s)
{
    size_t length;

    s += strspn(s, " \t\r");
    length = strlen(s);
    while (length > 0 && strchr(" \t\r", s[length - 1]) != NULL)
        s[--length] = '\0';
    return s;
}

static bool parse_line(struct theme *t, char *line, const char *name, int number, struct error *err)
{
    static const char remedy[] = "Correct the line, or choose another theme with :theme dark.";
    char bad[64];
    char *equals, *role;
    int look = 0;

    line = trimmed(line);
    if (*line == '\0' || *line == ';')
        return true;
    line[strcspn(line, ";")] = '\0';
    equals = strchr(line, '=');
    if (equals == NULL)
        return error_set(err, ERROR_CONFIG, remedy,
                         "Theme %s, line %d: there is no \"=\" after the role.", name, number);
    *equals = '\0';
    role = trimmed(line);
    while (look < LOOK_COUNT && strcmp(builtins[look].name, role) != 0)
        look++;
    if (look == LOOK_COUNT)
        return error_set(err, ERROR_CONFIG, remedy, "Theme %s, line %d: there is no role \"%s\".",
                         name, number, role);
    if (!parse_columns(t->style[look], trimmed(equals + 1), bad, sizeof bad))
        return error_set(err, ERROR_CONFIG, remedy,
                         "Theme %s, line %d: \"%s\" is neither a colour nor an attribute.", name,
                         number, bad);
    return true;
}

bool theme_parse(struct theme *t, const char *text, const char *name, struct error *err)
{
    struct theme copy = *t;
    char *all = text_copy(text), *next = all;
    bool fine = true;

    if (all == NULL)
        return error_set(err, ERROR_MEMORY, NULL, "No memory for theme %s.", name);
    for (int number = 1; fine && next != NULL; number++) {
        char *line = strsep(&next, "\n");

        fine = parse_line(&copy, line, name, number, err);
    }
    free(all);
    if (fine)
        *t = copy;
    return fine;
}

void theme_dark(struct theme *t)
{
    char bad[64];

    for (int look = 0; look < LOOK_COUNT; look++)
        parse_columns(t->style[look], builtins[look].columns, bad, sizeof bad);
}

void theme_mono(struct theme *t)
{
    theme_dark(t);
    for (int look = 0; look < LOOK_COUNT; look++)
        t->style[look][THEME_FULL] = t->style[look][THEME_SIXTEEN] = t->style[look][THEME_MONO];
}

/* The text of the first file that is there; NULL when none is. Yours: free(). */
static char *read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    char *data;
    size_t length;

    if (f == NULL)
        return NULL;
    data = malloc(THEME_FILE_MOST + 1);
    length = data != NULL ? fread(data, 1, THEME_FILE_MOST, f) : 0;
    fclose(f);
    if (data != NULL)
        data[length] = '\0';
    return data;
}

/* Where the program stands: PREFIX/bin/ecclesia has PREFIX/share/ecclesia/themes, build/ecclesia
 * has themes. */
static void program_directory(char *out, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", out, size - 1);
    char *slash;

    out[length > 0 ? length : 0] = '\0';
    slash = strrchr(out, '/');
    if (slash != NULL)
        *slash = '\0';
}

static char *find_file(const char *name)
{
    static const char *const beside[] = { "../share/ecclesia/themes", "../themes" };
    static const char *const fixed[] = { "/usr/local/share/ecclesia", "/usr/share/ecclesia" };
    char base[1024], path[1400];
    char *data = NULL;

    if (strchr(name, '/') != NULL)
        return read_file(name);
    if (config_directory(base, sizeof base, NULL)) {
        snprintf(path, sizeof path, "%s/themes/%s.theme", base, name);
        data = read_file(path);
    }
    program_directory(base, sizeof base);
    for (size_t i = 0; data == NULL && base[0] != '\0' && i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s/%s.theme", base, beside[i], name);
        data = read_file(path);
    }
    for (size_t i = 0; data == NULL && i < 2; i++) {
        snprintf(path, sizeof path, "%s/themes/%s.theme", fixed[i], name);
        data = read_file(path);
    }
    return data;
}

bool theme_load(struct theme *t, const char *name, struct error *err)
{
    char *data;
    bool fine;

    theme_dark(t);
    if (name == NULL || *name == '\0')
        name = "dark";
    data = find_file(name);
    if (data == NULL) {
        if (strcmp(name, "mono") == 0)
            theme_mono(t);
        else if (strcmp(name, "dark") != 0)
            return error_set(err, ERROR_CONFIG,
                             "There are: dark, mono, and the files in the themes folder.",
                             "There is no theme \"%s\".", name);
        return true;
    }
    fine = theme_parse(t, data, strchr(name, '/') != NULL ? strrchr(name, '/') + 1 : name, err);
    free(data);
    return fine;
}

int theme_nearest(int32_t rgb)
{
    static const int steps[6] = { 0, 95, 135, 175, 215, 255 };
    int want[3] = { (rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255 };
    int cube = 16, cube_distance = 0, grey, grey_distance = 0, level;

    for (int i = 0; i < 3; i++) {
        int best = 0;

        for (int s = 1; s < 6; s++) {
            if (abs(steps[s] - want[i]) < abs(steps[best] - want[i]))
                best = s;
        }
        cube += best * (i == 0 ? 36 : i == 1 ? 6 : 1);
        cube_distance += (steps[best] - want[i]) * (steps[best] - want[i]);
    }
    level = ((want[0] + want[1] + want[2]) / 3 - 8 + 5) / 10;
    level = level < 0 ? 0 : level > 23 ? 23 : level;
    grey = 8 + 10 * level;
    for (int i = 0; i < 3; i++)
        grey_distance += (grey - want[i]) * (grey - want[i]);
    return grey_distance < cube_distance ? 232 + level : cube;
}
