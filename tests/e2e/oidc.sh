#!/bin/bash
# The same against an OAuth server of other people's: npm's oidc-provider, which wants PKCE, names itself in the answer, rotates refresh
# tokens and takes the whole grant away from whoever uses one twice.
. "${0%/*}/../lib/e2e.bash"
here=$(cd "${0%/*}/.." && pwd)
command -v node >/dev/null && command -v npm >/dev/null || { echo "node or npm is not here"; exit 77; }
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || { echo "node is older than 18"; exit 77; }
# Fetched once, exactly what the lock names, and kept; the server's file must lie beside what it imports.
kept=$(mkdir -p "${BUILD:-build}/npm" && cd "${BUILD:-build}/npm" && pwd)
if ! cmp -s "$here/lib/oidc/package-lock.json" "$kept/fetched"; then
    rm -f "$kept/fetched"
    cp "$here/lib/oidc/package.json" "$here/lib/oidc/package-lock.json" "$kept/"
    timeout 90 npm ci --prefix "$kept" --ignore-scripts --no-audit --no-fund >"$work/npm" 2>&1 ||
        { echo "npm could not fetch oidc-provider $(jq -r '.dependencies["oidc-provider"]' "$here/lib/oidc/package.json")"; exit 77; }
    cp "$here/lib/oidc/package-lock.json" "$kept/fetched"
fi
cp "$here/lib/oidc/server.mjs" "$kept/server.mjs"
mkfifo "$work/oidc.in"
(cd "$kept" && exec node server.mjs) <"$work/oidc.in" >"$work/oidc.out" 2>"$work/oidc.err" &
exec 7>"$work/oidc.in"
until_true grep -q '^http' "$work/oidc.out"
base=$(head -n 1 "$work/oidc.out")
export ECCLESIA_YOUTUBE_AUTH_BASE=$base ECCLESIA_YOUTUBE_API_BASE=$base ECCLESIA_REFRESH_AGAIN=100ms
export ECCLESIA_YOUTUBE_CLIENT_ID=app ECCLESIA_YOUTUBE_CLIENT_SECRET=s3cret-s3cret-s3cret-s3cret-s3cret

count() { curl -sf "$base/_test/counts" | jq ".$1"; }
expire() { curl -sf "$base/_test/expire" >/dev/null; }
browse() { curl -s -o /dev/null -L -c "$work/jar" -b "$work/jar" "$1"; }
sign_in()
{
    rm -f "$work/jar" "$work/signin"
    "$ECCLESIA" connect youtube --method oauth --yes --timeout 60 >"$work/signin" 2>&1 </dev/null &
    local pid=$!
    until_true grep -qm1 '^http' "$work/signin"
    browse "$(grep -m1 '^http' "$work/signin")"
    wait "$pid" || fail "sign-in: $(cat "$work/signin")"
}
check()
{
    "$ECCLESIA" connection check youtube --json >"$work/out" 2>"$work/err"
    [ "$(jq -r .status "$work/out")" = "$1" ] && [ -z "${2:-}" ] || [ "$(jq -r .reason "$work/out")" = "${2:-}" ] ||
        fail "not $*: $(cat "$work/out")"
}

# By a browser. Without the proof the server does not begin.
sign_in
run 0 connection list --json
json '.items[] | .status == "connected" and .accountName == "Ruth" and (.scopes | length) == 1'
url=$(grep -m1 '^http' "$work/signin")
curl -s "$(sed 's/&code_challenge[^&]*//; s/&code_challenge_method[^&]*//' <<<"$url")" -o /dev/null -w '%{redirect_url}' |
    grep -q 'error=invalid_request' || fail "the server does not insist on PKCE"

# It expires and is renewed: once, by however many processes at once.
expire
before=$(count refresh)
pids=
for i in $(seq 64); do
    "$ECCLESIA" connection check youtube --json >"$work/check.$i" 2>&1 &
    pids="$pids $!"
done
for pid in $pids; do wait "$pid" || fail "a check of sixty-four: $(cat "$work"/check.*)"; done
[ $(($(count refresh) - before)) -eq 1 ] || fail "sixty-four processes renewed $(($(count refresh) - before)) times"
expire
check connected
[ $(($(count refresh) - before)) -eq 2 ] || fail "the rotated token was not the one that was used"

# Killed at each step: never connected with tokens that are dead.
for point in in_flight answered saved; do
    expire
    ECCLESIA_CRASH=oauth.$point "$ECCLESIA" connection check youtube >/dev/null 2>&1
    [ $? -eq 137 ] || fail "was not killed at oauth.$point"
    run 0 connection list --json
    case $point in
    in_flight)
        json '.items[].status == "error"'
        check connected
        ;;
    answered) # the server takes the grant away when the spent token comes again
        json '.items[].status == "error"'
        check expired rotation_lost
        check expired
        sign_in
        ;;
    saved)
        json '.items[].status == "connected"'
        check connected
        ;;
    esac
done
expire
check connected
exit 0
