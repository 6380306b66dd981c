#include <ecclesia/platform/call.h>

#include <string.h>

#include <ecclesia/base/text.h>

void token_wipe(struct token *t)
{
    if (t)
        text_wipe(t, sizeof(*t));
}

/* What an adapter remembered. A memory that does not read is started anew: the platform is asked
 * again then, which costs a call and loses nothing. */
static cJSON *remembered_object(const char *remote)
{
    cJSON *tree = remote && *remote ? json_parse(remote, strlen(remote), NULL) : NULL;

    if (cJSON_IsObject(tree))
        return tree;
    cJSON_Delete(tree);
    return cJSON_CreateObject();
}

bool outcome_init(struct outcome *o, const struct target *t)
{
    memset(o, 0, sizeof(*o));
    o->status = t->status;
    o->viewers = t->viewers;
    o->started_ms = t->started_ms;
    o->ended_ms = t->ended_ms;
    text_copy_to(o->remote_id, sizeof(o->remote_id), t->remote_id ? t->remote_id : "");
    text_copy_to(o->url, sizeof(o->url), t->url ? t->url : "");
    text_copy_to(o->ingest_url, sizeof(o->ingest_url), t->ingest_url ? t->ingest_url : "");
    o->remote = remembered_object(t->remote);
    return o->remote != NULL;
}

void outcome_release(struct outcome *o)
{
    if (!o)
        return;
    cJSON_Delete(o->remote);
    text_wipe(o->stream_key, sizeof(o->stream_key));
    memset(o, 0, sizeof(*o));
}
