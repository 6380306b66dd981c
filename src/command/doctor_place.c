/* doctor: who may use our files, whether secrets stay in memory, and the terminal. All of it works
 * without the database. */
#include "command/doctor.h"

#include <dirent.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MOST = 4400 };

/* ---- files */

static void look_at(struct doctor *d, const char *path, unsigned forbidden, const char *remedy)
{
    struct stat st;

    if (lstat(path, &st) != 0 || S_ISLNK(st.st_mode))
        return;
    if ((st.st_mode & forbidden) != 0)
        doctor_add(d, "permissions", DOCTOR_FAILED, remedy,
                   "%s can be used by other accounts (mode %03o).", path,
                   (unsigned)(st.st_mode & 0777));
    if (st.st_uid != geteuid())
        doctor_add(d, "permissions", DOCTOR_WARNING,
                   "Run ecclesia as the account that owns it: sudo -u ACCOUNT ecclesia …",
                   "%s belongs to another account.", path);
}

/* Every file of the directory whose name begins so. */
static void look_at_each(struct doctor *d, const char *directory, const char *beginning,
                         const char *remedy)
{
    DIR *list = opendir(directory);
    const struct dirent *e;
    char path[2 * PATH_MOST];

    while (list && (e = readdir(list)) != NULL) {
        if (strncmp(e->d_name, beginning, strlen(beginning)) != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", directory, e->d_name);
        look_at(d, path, 077, remedy);
    }
    if (list)
        closedir(list);
}

/* Splits at the last '/': *name is what follows it. */
static void directory_of(char directory[PATH_MOST], const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');

    *name = slash ? slash + 1 : path;
    if (!slash)
        text_copy_to(directory, PATH_MOST, ".");
    else
        snprintf(directory, PATH_MOST, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* A directory may be listed by others; what they can write there they can replace. */
static void look_at_database(struct doctor *d)
{
    static const char remedy[] = "Run chmod go= on it. If others could have changed it, see what "
                                 "the audit says.";
    const char *path =
        d->context->engine ? store_path(context_store(d->context)) : d->context->db_path;
    char directory[PATH_MOST];
    const char *name;

    if (!path)
        return;
    directory_of(directory, path, &name);
    look_at(d, directory, 022, remedy);
    look_at_each(d, directory, name, remedy);
}

static void look_at_keys(struct doctor *d)
{
    static const char remedy[] = "Run chmod 600 on it. If others could have read it, replace the "
                                 "key: ecclesia key rotate.";
    const char *configured = d->config ? config_text(d->config, "vault", "key_file") : "";
    char directory[PATH_MOST], path[PATH_MOST] = "";
    const char *name;

    if (config_directory(directory, sizeof(directory), NULL)) {
        look_at(d, directory, 022, "Run chmod go-w on it.");
        snprintf(path, sizeof(path), "%.4300s/master.key", directory);
    }
    if (d->context->key_file)
        text_copy_to(path, sizeof(path), d->context->key_file);
    else if (*configured)
        text_copy_to(path, sizeof(path), configured);
    if (!*path)
        return;
    directory_of(directory, path, &name);
    /* The key in use is the vault's affair, when there is one. */
    if (!d->context->engine)
        look_at(d, path, 077, remedy);
    snprintf(path, sizeof(path), "%.4300s.until-", name);
    look_at_each(d, directory, path, remedy);
}

void doctor_permissions(struct doctor *d)
{
    int before = doctor_findings(d);

    look_at_database(d);
    look_at_keys(d);
    if (doctor_findings(d) == before)
        doctor_add(d, "permissions", DOCTOR_OK, NULL, "Our files are for this account alone.");
}

/* ---- memory */

static bool has_swap(void)
{
    FILE *file = fopen("/proc/swaps", "re");
    char line[300];
    int lines = 0;

    while (file && fgets(line, sizeof(line), file))
        lines++;
    if (file)
        fclose(file);
    return lines > 1;
}

void doctor_memory(struct doctor *d)
{
    const rlim_t needed = 1024 * 1024;
    struct rlimit core = { 1, 1 }, locked = { 0, 0 };
    int before = doctor_findings(d);

    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 ||
        prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        doctor_add(d, "memory", DOCTOR_WARNING, "Run: ulimit -c 0, and start ecclesia again.",
                   "A crash could write secrets into a core file.");
    if (getrlimit(RLIMIT_MEMLOCK, &locked) == 0 && locked.rlim_cur < needed && geteuid() != 0 &&
        has_swap())
        doctor_add(d, "memory", DOCTOR_WARNING,
                   "Raise the limit of locked memory to 1 MiB (ulimit -l 1024, or LimitMEMLOCK= of "
                   "the service).",
                   "Only %lld KiB may be locked: keys could be written to the swap space.",
                   (long long)(locked.rlim_cur / 1024));
    if (doctor_findings(d) == before)
        doctor_add(d, "memory", DOCTOR_OK, NULL,
                   "No core file is written, and keys are kept out of the swap space.");
}

/* ---- terminal */

enum { COLUMNS_LEAST = 40, LINES_LEAST = 10 }; /* less, and the console shows nothing */

static bool is_described(const char *term)
{
    const char *home = getenv("HOME"), *own = getenv("TERMINFO");
    const char *const places[] = { own, "/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo",
                                   "/usr/lib/terminfo" };
    char path[PATH_MOST];

    for (size_t i = 0; i <= sizeof(places) / sizeof(places[0]); i++) {
        if (i == sizeof(places) / sizeof(places[0]))
            snprintf(path, sizeof(path), "%s/.terminfo/%c/%.100s", home ? home : "", *term, term);
        else
            snprintf(path, sizeof(path), "%s/%c/%.100s", places[i] ? places[i] : "", *term, term);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

void doctor_terminal(struct doctor *d)
{
    const char *term = getenv("TERM");
    int before = doctor_findings(d);
    struct winsize size = { .ws_col = 0 };

    if (!isatty(STDOUT_FILENO) && !d->context->interactive) {
        doctor_add(d, "terminal", DOCTOR_SKIPPED, NULL, "The output goes to no terminal.");
        return;
    }
    if (!term || !*term || strcmp(term, "dumb") == 0)
        doctor_add(d, "terminal", DOCTOR_WARNING, "Set it, as: export TERM=xterm-256color",
                   "The console cannot be opened: TERM does not say which terminal this is.");
    else if (strchr(term, '/') || !is_described(term))
        doctor_add(d, "terminal", DOCTOR_WARNING,
                   "Install ncurses-term, or set another: export TERM=xterm-256color",
                   "The console cannot be opened: this machine does not know the terminal %.60s.",
                   term);
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        doctor_add(d, "terminal", DOCTOR_WARNING,
                   "Set a UTF-8 locale, as: export LC_ALL=C.UTF-8; or start ecclesia --ascii",
                   "Letters beyond ASCII cannot be shown (%s).", nl_langinfo(CODESET));
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
        (size.ws_col < COLUMNS_LEAST || size.ws_row < LINES_LEAST))
        doctor_add(d, "terminal", DOCTOR_WARNING, "Make the window larger, at best 80×24 or more.",
                   "The terminal has only %d columns and %d lines.", size.ws_col, size.ws_row);
    if (doctor_findings(d) == before)
        doctor_add(d, "terminal", DOCTOR_OK, NULL, "%s, %d×%d, UTF-8.", term, size.ws_col,
                   size.ws_row);
}
