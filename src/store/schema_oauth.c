#include "store/schema.h"

/* Sign-ins under way, and what is known of the renewals of a connection's token. The state itself
 * stands nowhere, only its hash; verifier, app secret and tokens that wait for a person's yes stand
 * in the two blobs, sealed. */
const char schema_oauth[] =
    "CREATE TABLE oauth_flows ("
    " state_hash TEXT PRIMARY KEY, church_id TEXT NOT NULL REFERENCES churches(id),"
    " platform TEXT NOT NULL, redirect_uri TEXT NOT NULL, expected_iss TEXT NOT NULL,"
    " browser_hash TEXT NOT NULL, started_by TEXT NOT NULL, sealed BLOB NOT NULL,"
    " outcome TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('','arrived','failed')),"
    " result BLOB, note TEXT NOT NULL DEFAULT '',"
    " created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX oauth_flows_by_end ON oauth_flows (expires_ms);"

    "ALTER TABLE connections ADD COLUMN access_issued_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE connections ADD COLUMN refresh_fails INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE connections ADD COLUMN refresh_failing_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE connections ADD COLUMN refresh_next_ms INTEGER NOT NULL DEFAULT 0;";
