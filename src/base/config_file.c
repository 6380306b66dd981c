/* Reading one INI file. inih as Debian builds it does not tell its handler the line, so the reader
 * counts them. */
#include "base/config_parts.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

enum { LINE_LONGEST = 16 * 1024 };

struct reading {
    struct config *config;
    enum config_layer layer;
    const char *path;
    FILE *file;
    int line;
    bool whole; /* the last piece ended its line */
    bool failed;
    struct error *err;
};

static char *read_piece(char *out, int size, void *argument)
{
    struct reading *r = argument;
    size_t length;

    if (r->failed || !fgets(out, size, r->file))
        return NULL;
    if (r->whole)
        r->line++;
    length = strlen(out);
    r->whole = length > 0 && out[length - 1] == '\n';
    return out;
}

static int take_pair(void *argument, const char *section, const char *key, const char *value)
{
    struct reading *r = argument;
    char *where;

    if (r->failed)
        return 1;
    where = text_format("%s:%d", r->path, r->line);
    r->failed =
        !config_put(r->config, r->layer, where ? where : r->path, section, key, value, r->err);
    free(where);
    return 1;
}

static bool parse(struct reading *r)
{
    int status;

    /* An indented line is a pair of its own and not more of the value above. */
    ini_allow_multiline = false;
    ini_use_stack = false;
    ini_allow_realloc = true;
    ini_max_line = LINE_LONGEST;
    status = ini_parse_stream(read_piece, r, take_pair, r);
    if (r->failed)
        return false;
    if (ferror(r->file))
        return error_set(r->err, ERROR_CONFIG, "Check the file and its directory.",
                         "%s could not be read: %s.", r->path, strerror(errno));
    if (status > 0)
        return error_set(
            r->err, ERROR_CONFIG,
            "Write [section] lines and key = value lines; ; begins a comment.",
            "%s:%d: this line is neither a section, a key with a value, nor a comment.", r->path,
            status);
    if (status < 0)
        return error_set(r->err, ERROR_MEMORY, NULL, "%s could not be read: out of memory.",
                         r->path);
    return true;
}

bool config_read_file(struct config *c, enum config_layer layer, const char *path, bool must_exist,
                      struct error *err)
{
    struct reading r = { .config = c, .layer = layer, .path = path, .whole = true, .err = err };
    bool done;

    r.file = fopen(path, "re");
    if (!r.file) {
        if (!must_exist && (errno == ENOENT || errno == ENOTDIR))
            return true;
        return error_set(err, ERROR_CONFIG, "Check the path and who may read it.",
                         "%s could not be opened: %s.", path, strerror(errno));
    }
    done = parse(&r);
    fclose(r.file);
    return done;
}
