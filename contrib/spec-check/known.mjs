// Where the vendors' specifications say nothing, or something else than the vendors' own pages and servers.

// Calls that no specification at hand describes. A call that is neither there nor here fails.
export const outside = [
    { platform: "youtube", call: /^POST \/(token|revoke|device\/code)$/, reason: "OAuth 2.0" },
    { platform: "google_meet", call: /^POST \/(token|revoke|device\/code)$/, reason: "OAuth 2.0" },
    { platform: "zoom", call: /^POST \/oauth\/(token|revoke|devicecode)$/, reason: "OAuth 2.0" },
    { platform: "teams", call: /^POST \/[^/]+\/oauth2\/v2\.0\/(token|devicecode)$/, reason: "OAuth 2.0" },
    { platform: "facebook", call: /^GET \/v[\d.]+\/(debug_token|oauth\/access_token)$/, reason: "OAuth 2.0" },
    { platform: "instagram", call: /^(GET|POST) \/(refresh_access_token|access_token|oauth\/access_token)$/, reason: "OAuth 2.0" },
];

// What a specification has wrong. call: its name for the operation.
export const knownErrors = [
    {
        platform: "zoom", call: /^meeting(Create|Update)$/,
        error: /^\/start_time: must match format "date-time", not "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"$/,
        reason: "the property's own description allows a time on the clocks of `timezone`, without an offset",
    },
    {
        platform: "youtube", call: /^youtube\.liveStreams\.insert$/, error: /^\/cdn: .*'format'$/,
        reason: "cdn.format is dead since 2020; the reference asks for resolution and frameRate in its place",
    },
];
