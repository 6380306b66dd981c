/* Microsoft's identity platform and the errors of Graph, for the platforms that stand on them. */
#ifndef PLATFORM_MICROSOFT_H
#define PLATFORM_MICROSOFT_H

#include "platform/kit.h"

/* Judges an answer of Graph that is not 2xx; err->code gets Graph's code ("ErrorItemNotFound"). */
kit_judge microsoft_judge;
/* Judges one of the token endpoint; err->code gets "AADSTS70008", or its word where it gave no such
 * number. */
kit_judge microsoft_judge_token;

/* True when p's credentials are of an app without a person: no refresh_token. */
bool microsoft_is_app(struct call *call, const struct platform *p);
/* The credentials fit together: who signs in, and where. */
bool microsoft_check(struct call *call, const struct platform *p, struct error *err);
/* A new access token, for p's scopes; where consent to all of them is missing, for `fewer`. */
bool microsoft_renew(struct call *call, const struct platform *p, const char *fewer,
                     struct token *out, struct error *err);

/* What to do about an account that is no work or school account. */
extern const char microsoft_personal_remedy[];

/* Outlook's name of an IANA zone ("GMT Standard Time" of "Europe/London"), or the IANA name when it
 * has none. */
const char *microsoft_zone(const char *iana);

#endif
