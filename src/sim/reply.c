/* Building answers. A platform's code says status and body; the wire sends them. */
#include "sim/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_reply_init(struct sim_reply *r)
{
    memset(r, 0, sizeof *r);
    text_init(&r->body, SIM_BODY_MAX);
}

void sim_reply_release(struct sim_reply *r)
{
    for (int i = 0; i < r->header_count; i++)
        free(r->headers[i].value);
    r->header_count = 0;
    text_release(&r->body);
}

void sim_reply_json(struct sim_reply *r, int status, cJSON *body)
{
    r->status = status;
    text_clear(&r->body);
    text_copy_to(r->type, sizeof r->type, "application/json; charset=UTF-8");
    if (body != NULL)
        json_print(&r->body, body);
    cJSON_Delete(body);
}

void sim_reply_text(struct sim_reply *r, int status, const char *type, const char *body)
{
    r->status = status;
    text_clear(&r->body);
    text_copy_to(r->type, sizeof r->type, type);
    text_add(&r->body, body);
}

void sim_reply_empty(struct sim_reply *r, int status)
{
    r->status = status;
    r->type[0] = '\0';
    text_clear(&r->body);
}

void sim_reply_header(struct sim_reply *r, const char *name, const char *format, ...)
{
    if (r->header_count == SIM_HEADERS)
        return;
    struct sim_header *h = &r->headers[r->header_count];
    va_list ap;

    va_start(ap, format);
    if (vasprintf(&h->value, format, ap) < 0)
        h->value = NULL;
    va_end(ap);
    if (h->value == NULL)
        return;
    text_copy_to(h->name, sizeof h->name, name);
    r->header_count++;
}

void sim_add_escaped(struct text *t, const char *s)
{
    for (; *s != '\0'; s++) {
        switch (*s) {
        case '&':
            text_add(t, "&amp;");
            break;
        case '<':
            text_add(t, "&lt;");
            break;
        case '>':
            text_add(t, "&gt;");
            break;
        case '"':
            text_add(t, "&quot;");
            break;
        case '\'':
            text_add(t, "&#39;");
            break;
        default:
            text_append(t, s, 1);
        }
    }
}

void sim_reply_page(struct sim_reply *r, int status, const char *heading, const char *paragraph)
{
    sim_reply_text(
        r, status, "text/html; charset=utf-8",
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>SIMULATED</title><h1>");
    sim_add_escaped(&r->body, heading);
    text_add(&r->body, "</h1><p>");
    sim_add_escaped(&r->body, paragraph);
    text_add(&r->body,
             "</p><p><strong>SIMULATED</strong>: this is not the real platform.</p></html>\n");
}
