#!/bin/bash
# Each platform for livestreams, by each sign-in way that it has but a device's code (connect_device.sh), from the command line and an
# empty database; what a platform has not is said. A disconnect takes the grant back where the platform lets it, and leaves no
# byte of what was sealed.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/signin.bash"
start_sim --encoder auto --step 20
port=$(free_port)

by_browser youtube end 1
by_paste youtube end 1
by_values youtube youtube.credentials end 1
taken_back youtube /revoke 0 # it would take Google Meet's along

by_browser facebook end 3
by_paste facebook end 3
by_values facebook facebook.credentials end 3
run 0 connect facebook --set "user_token=$(sim facebook.user_token)"
is_connected facebook credentials end 3
gone facebook

# Instagram lets a browser come back to https alone: the configuration must name that address.
run 2 connect instagram --method oauth
err_has "https addresses alone"
ECCLESIA_INSTAGRAM_REDIRECT_URI=https://live.example.org/instagram by_paste instagram end 2
by_values instagram instagram.credentials end 0
by_values instagram instagram.facebook_credentials none 0
run 0 connect instagram --set "stream_key=$(sim instagram.credentials.stream_key)" \
    --set "stream_url=$(sim instagram.credentials.stream_url)"
is_connected instagram credentials none 0
gone instagram
has_not instagram device

by_browser restream end 6 --port "$port"
by_paste restream end 6 --port "$port"
taken_back restream /oauth/revoke 2
by_values restream restream.credentials end 6
taken_back restream /oauth/revoke 3
has_not restream device
# Its refresh tokens are good once: the one that was given has been spent.
set_of restream.credentials
run 1 connect restream "${words[@]}"
[ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "a spent token was sealed"

[ ${#ways[@]} -eq 4 ] || fail "only ${!ways[*]}"
exit 0
