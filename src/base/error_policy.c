#include <ecclesia/base/error.h>

#include <stddef.h>

/* The one place that says what follows from a kind. Units: milliseconds. A row with uses_attempt =
 * false and retry = true is a snooze: nothing was tried, so nothing is counted. An absent limit of
 * tries is 0. */
enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE,
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_MISSING = 3,
    EXIT_TIMEOUT = 5
};

/* clang-format off */
static const struct error_policy policies[ERROR_KIND_COUNT] = {
    /*                         name               retry  counted maybe   base         cap          tries exit */
    [ERROR_NONE]            = {"none",            false, true,  false, 0,           0,           0,  EXIT_DONE},
    [ERROR_NET_PRE]         = {"net_pre",         true,  true,  false, 2 * SECOND,  5 * MINUTE,  10, EXIT_FAILED},
    [ERROR_NET_POST]        = {"net_post",        true,  true,  true,  2 * SECOND,  5 * MINUTE,  8,  EXIT_FAILED},
    /* Nothing was sent, and only somebody's new certificate helps: patiently, for ever. */
    [ERROR_TLS_CERT]        = {"tls_cert",        true,  true,  false, 15 * MINUTE, 15 * MINUTE, 0,  EXIT_FAILED},
    [ERROR_SERVER]          = {"server",          true,  true,  true,  5 * SECOND,  10 * MINUTE, 8,  EXIT_FAILED},
    /* The platform's own time goes before; base and cap are for when it names none. */
    [ERROR_RATE]            = {"rate",            true,  false, false, 30 * SECOND, 15 * MINUTE, 0,  EXIT_FAILED},
    [ERROR_QUOTA]           = {"quota",           true,  false, false, 1 * HOUR,    1 * HOUR,    0,  EXIT_FAILED},
    /* Refreshing comes before this: an error of this kind is the answer to fresh credentials. */
    [ERROR_AUTH]            = {"auth",            false, true,  false, 0,           0,           0,  EXIT_FAILED},
    [ERROR_FORBIDDEN]       = {"forbidden",       false, true,  false, 0,           0,           0,  EXIT_FAILED},
    [ERROR_INVALID]         = {"invalid",         false, true,  false, 0,           0,           0,  EXIT_FAILED},
    [ERROR_NOT_FOUND]       = {"not_found",       false, true,  false, 0,           0,           0,  EXIT_FAILED},
    [ERROR_GARBAGE]         = {"garbage",         true,  true,  true,  10 * SECOND, 5 * MINUTE,  3,  EXIT_FAILED},
    [ERROR_BREAKER]         = {"breaker",         true,  false, false, 30 * SECOND, 10 * MINUTE, 0,  EXIT_FAILED},
    /* Until somebody sets it. */
    [ERROR_CLOCK]           = {"clock",           true,  false, false, 30 * SECOND, 5 * MINUTE,  0,  EXIT_FAILED},
    [ERROR_USAGE]           = {"usage",           false, true,  false, 0,           0,           0,  EXIT_USAGE},
    [ERROR_INPUT]           = {"input",           false, true,  false, 0,           0,           0,  EXIT_USAGE},
    [ERROR_MISSING]         = {"missing",         false, true,  false, 0,           0,           0,  EXIT_MISSING},
    [ERROR_REFUSED]         = {"refused",         false, true,  false, 0,           0,           0,  EXIT_FAILED},
    [ERROR_CONFIG]          = {"config",          false, true,  false, 0,           0,           0,  EXIT_FAILED},
    [ERROR_STORE]           = {"store",           true,  true,  false, 5 * SECOND,  5 * MINUTE,  8,  EXIT_FAILED},
    /* No platform is asked until the cause is gone; then within ten seconds. */
    [ERROR_STORE_FULL]      = {"store_full",      true,  false, false, 2 * SECOND,  9 * SECOND,  0,  EXIT_FAILED},
    [ERROR_STORE_BUSY]      = {"store_busy",      true,  false, false, 1 * SECOND,  9 * SECOND,  0,  EXIT_FAILED},
    [ERROR_STORE_FOREIGN]   = {"store_foreign",   false, true,  false, 0,           0,           0,  EXIT_FAILED},
    [ERROR_KEY_WRONG]       = {"key_wrong",       true,  false, false, 30 * SECOND, 5 * MINUTE,  0,  EXIT_FAILED},
    [ERROR_SECRET_TAMPERED] = {"secret_tampered", false, true,  false, 0,           0,           0,  EXIT_FAILED},
    [ERROR_SECRET_FORMAT]   = {"secret_format",   false, true,  false, 0,           0,           0,  EXIT_FAILED},
    [ERROR_CONFLICT]        = {"conflict",        true,  true,  false, 1 * SECOND,  30 * SECOND, 5,  EXIT_FAILED},
    [ERROR_CANCELLED]       = {"cancelled",       false, true,  false, 0,           0,           0,  EXIT_FAILED},
    [ERROR_TIMEOUT]         = {"timeout",         false, true,  false, 0,           0,           0,  EXIT_TIMEOUT},
    [ERROR_MEMORY]          = {"memory",          true,  true,  false, 5 * SECOND,  1 * MINUTE,  5,  EXIT_FAILED},
    [ERROR_INTERNAL]        = {"internal",        false, true,  false, 0,           0,           0,  EXIT_FAILED},
};
/* clang-format on */

const struct error_policy *error_policy(enum error_kind kind)
{
    size_t row = (size_t)kind;

    return &policies[row < ERROR_KIND_COUNT ? row : ERROR_INTERNAL];
}
