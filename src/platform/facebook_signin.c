/* Facebook: from a person's token to the Page's own, which has no end. */
#include "platform/facebook.h"
#include "platform/profiles.h"

#include <string.h>

bool facebook_settle(struct call *call, struct token *t, struct oauth_found *found,
                     struct error *err)
{
    struct facebook f;
    bool done;

    memset(&f, 0, sizeof(f));
    /* From here on the call has a user_token, by which facebook_open() asks for the Page's. */
    if (!oauth_found_add(found, "user_token", t->access))
        return kit_error(err, call, NULL, ERROR_GARBAGE, "", "Try again.",
                         "Facebook's token is too long to be kept.");
    done = facebook_open(&f, call, NULL, NULL, NULL, err);
    if (done && !(f.own_token && oauth_found_add(found, "page_token", f.own_token) &&
                  oauth_found_add(found, "page_id", f.page)))
        done = kit_error(err, call, NULL, ERROR_GARBAGE, "", "Try again.",
                         "Facebook's answer has no token of the Page that can be used.");
    facebook_close(&f);
    if (done)
        token_wipe(t);
    return done;
}
