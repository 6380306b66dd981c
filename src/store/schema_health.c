#include "store/schema.h"

/* How the way to a connection's platform is, and what warnings were given; and the ledger of the
 * platforms' allowances: `used` counts what has been taken of it, by all processes, never less than
 * was sent. a_ and b_ are two marks of the past hour, for the rate. */
const char schema_health[] =
    "CREATE TABLE connection_health ("
    " connection_id TEXT PRIMARY KEY REFERENCES connections(id) ON DELETE CASCADE,"
    " breaker TEXT NOT NULL DEFAULT 'closed' CHECK (breaker IN ('closed','open','half_open')),"
    " opens INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,"
    " breaker_until_ms INTEGER NOT NULL DEFAULT 0,"
    " wait TEXT NOT NULL DEFAULT '' CHECK (wait IN ('','rate','quota')),"
    " wait_until_ms INTEGER NOT NULL DEFAULT 0, clock_off_ms INTEGER NOT NULL DEFAULT 0,"
    " granted_ms INTEGER NOT NULL DEFAULT 0,"
    " warned_for_ms INTEGER NOT NULL DEFAULT 0, warned_days INTEGER NOT NULL DEFAULT 0) STRICT;"

    "DROP TABLE buckets;"
    "CREATE TABLE quotas ("
    " platform TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL, day TEXT NOT NULL,"
    " used INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0,"
    " a_ms INTEGER NOT NULL, a_used INTEGER NOT NULL, b_ms INTEGER NOT NULL, b_used INTEGER NOT "
    "NULL,"
    " PRIMARY KEY (platform, scope, name)) STRICT;";
