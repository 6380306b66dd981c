/* Inner face of the command room: what the files of commands share. */
#ifndef COMMAND_PRIVATE_H
#define COMMAND_PRIVATE_H

#include <ecclesia/command/command.h>
#include <ecclesia/platform/platform.h>

enum { LINE_ARGUMENTS = 8, LINE_OPTIONS = 64 };

/* Everything is borrowed from argv. */
struct command_line {
    const struct command *command;
    const char *arguments[LINE_ARGUMENTS];
    size_t argument_count;
    struct {
        const struct command_option *option;
        const char *value; /* "" for a flag */
    } given[LINE_OPTIONS];
    size_t given_count;
};

/* argv: what follows the command's words. */
bool line_parse(struct command_line *l, const struct command *command, int argc,
                const char *const *argv, struct error *err);
/* ERROR_USAGE with the line's form as the remedy. */
bool line_wrong(const struct command *command, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool line_has(const struct command_line *l, const char *option);

/* ---- values of options and arguments ---- */

/* Any platform's slug that this program speaks; ERROR_INPUT lists them. */
bool take_platform(const char *slug, enum platform_id *out, struct error *err);
/* The option as an enum platform_id; -1 when it is absent. */
bool take_platform_option(const struct command_line *l, const char *option, int *out,
                          struct error *err);
/* base_ms: what "+90m" and a bare "10:30" count from; 0 for now. Leaves *set false when the option
 * is absent; "none" sets 0. */
bool take_when(const struct command_context *c, const struct command_line *l, const char *option,
               int64_t base_ms, bool *set, int64_t *ms, struct error *err);
bool take_number(const struct command_line *l, const char *option, int64_t least, int64_t most,
                 int64_t otherwise, int64_t *out, struct error *err);
/* --wait[=SECONDS] into result. */
bool take_wait(const struct command_context *c, const struct command_line *l,
               struct command_result *r, struct error *err);

struct targets {
    struct target_input list[PLATFORM_COUNT];
    cJSON *settings[PLATFORM_COUNT]; /* owned; list borrows them */
    size_t count;
    char *thumbnail; /* owned: the picture's whole path, NULL when none was given */
};
/* Every --platform PLATFORM[:key=value,…], checked by the platform's table. */
bool take_targets(const struct command_line *l, unsigned fits, struct targets *out,
                  struct error *err);
void targets_release(struct targets *t);

/* ---- what several commands do ---- */

struct store *context_store(const struct command_context *c);
struct manager *context_manager(const struct command_context *c);
/* {"items": […]}; takes items. */
cJSON *list_shape(cJSON *items, bool more, int64_t cursor);
/* Adds "YouTube, Facebook and Zoom" of the targets in that status; status -1: of all. False when
 * there was none. */
bool targets_name(struct text *out, const struct target *targets, size_t count, int status);
bool context_livestream(const struct command_context *c, const char *words, struct livestream *out,
                        struct error *err);
bool context_meeting(const struct command_context *c, const char *words, struct meeting *out,
                     struct error *err);
/* The passphrase that --passphrase-file names, else one that is asked for. ERROR_REFUSED when
 * nobody can be. *out is yours: secret_free(). */
bool take_passphrase(struct command_context *c, const struct command_line *l, const char *prompt,
                     bool twice, struct secret **out, struct error *err);
/* Reads the record and fills json, kind, subject, view and said ("… is live on YouTube."). */
bool result_livestream(const struct command_context *c, struct id id, struct command_result *r,
                       struct error *err);
bool result_meeting(const struct command_context *c, struct id id, struct command_result *r,
                    struct error *err);
/* Asks each platform of m that has one for the host's link and puts it into r's json, or why there
 * is none; r->fine and r->failed count them. */
bool host_links_add(struct command_context *c, const struct meeting *m, struct command_result *r,
                    struct error *err);
/* The connection as json, with what of it is set and what was not allowed. */
bool result_connection(struct command_context *c, const struct connection *found,
                       struct command_result *r, struct error *err);
/* Replaces said; overlong texts are cut on a character. */
void result_say(struct command_result *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Fails with ERROR_MEMORY when json is NULL, else keeps it. */
bool result_json(struct command_result *r, const char *view, cJSON *json, struct error *err);

extern const char audit_remedy[]; /* when the audit is not as it was written */

/* RFC 5545 of one meeting. False without memory. */
bool ics_meeting(struct text *out, const struct meeting *m, const char *zone, int64_t now_ms);

/* ---- the commands ---- */

#define COMMAND_RUN(name)                                                                          \
    bool name(struct command_context *c, const struct command_line *l, struct command_result *r,   \
              struct error *err)

COMMAND_RUN(platform_list_run);
COMMAND_RUN(platform_show_run);
COMMAND_RUN(connect_run);
COMMAND_RUN(disconnect_run);
COMMAND_RUN(connection_list_run);
COMMAND_RUN(connection_show_run);
COMMAND_RUN(connection_check_run);
COMMAND_RUN(livestream_list_run);
COMMAND_RUN(livestream_show_run);
COMMAND_RUN(livestream_create_run);
COMMAND_RUN(livestream_edit_run);
COMMAND_RUN(livestream_start_run);
COMMAND_RUN(livestream_stop_run);
COMMAND_RUN(livestream_retry_run);
COMMAND_RUN(livestream_delete_run);
COMMAND_RUN(livestream_report_run);
COMMAND_RUN(meeting_list_run);
COMMAND_RUN(meeting_show_run);
COMMAND_RUN(meeting_create_run);
COMMAND_RUN(meeting_edit_run);
COMMAND_RUN(meeting_cancel_run);
COMMAND_RUN(meeting_retry_run);
COMMAND_RUN(meeting_ics_run);
COMMAND_RUN(job_list_run);
COMMAND_RUN(job_retry_run);
COMMAND_RUN(job_cancel_run);
COMMAND_RUN(job_drain_run);
COMMAND_RUN(log_run);
COMMAND_RUN(audit_list_run);
COMMAND_RUN(audit_verify_run);
COMMAND_RUN(key_status_run);
COMMAND_RUN(key_rotate_run);
COMMAND_RUN(doctor_run);
COMMAND_RUN(backup_run);
COMMAND_RUN(restore_run);
COMMAND_RUN(church_list_run);
COMMAND_RUN(church_create_run);
COMMAND_RUN(version_run);
COMMAND_RUN(help_run);

#endif
