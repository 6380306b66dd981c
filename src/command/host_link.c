/* meeting show --host-link: what opens the meeting as its host, on demand. */
#include "command/private.h"

#include <string.h>

/* Into the shape of its target: the link, or why there is none. */
static bool add_link(struct command_context *c, const struct meeting *m, const struct target *t,
                     cJSON *shape)
{
    struct actor by = { .name = c->actor };
    struct error why;
    struct text link;
    bool done;

    error_clear(&why);
    text_init(&link, 8000);
    done = meeting_host_link(context_manager(c), m, t, &by, c->cancel, &link, &why);
    if (done)
        cJSON_AddStringToObject(shape, "hostLink", text_str(&link));
    else
        cJSON_AddItemToObject(shape, "hostLinkError", shape_error(&why));
    if (link.data)
        text_wipe(link.data, link.length);
    text_release(&link);
    return done;
}

bool host_links_add(struct command_context *c, const struct meeting *m, struct command_result *r,
                    struct error *err)
{
    cJSON *targets = cJSON_GetObjectItemCaseSensitive(r->json, "targets");

    for (size_t i = 0; i < m->target_count; i++) {
        cJSON *shape = cJSON_GetArrayItem(targets, (int)i);
        const struct platform *p = platform_get(m->targets[i].platform);

        if (!shape || !p || !p->meeting_host_link)
            continue;
        if (add_link(c, m, &m->targets[i], shape))
            r->fine++;
        else
            r->failed++;
    }
    return r->fine + r->failed > 0 ||
           error_set(err, ERROR_REFUSED,
                     "Sign in at the platform as the host, and open the members' link.",
                     "No platform of %s has a link for the host alone.", m->title);
}

enum role command_role(int argc, const char *const *argv)
{
    int used = 0;
    const struct command *command = command_find(argc, argv, &used);

    if (!command)
        return ROLE_VIEWER;
    for (int i = used; i < argc; i++) {
        if (command->role == ROLE_VIEWER && strcmp(argv[i], "--host-link") == 0)
            return ROLE_OPERATOR;
    }
    return command->role;
}
