/* What YouTube and Google Meet share: one identity, one token endpoint, one shape of errors. */
#ifndef PLATFORM_GOOGLE_H
#define PLATFORM_GOOGLE_H

#include "platform/kit.h"

/* Judges an answer of an API that is not 2xx; err->code gets Google's reason ("quotaExceeded"). */
kit_judge google_judge;
/* A new access token from the refresh_token, client_id and client_secret of p's credentials. */
bool google_renew(struct call *call, const struct platform *p, struct token *out,
                  struct error *err);
/* Milliseconds until the daily allowance comes back: midnight in Los Angeles. Always over 0. */
int64_t google_quota_wait(int64_t now_ms);

#endif
