#!/bin/bash
# Words, exit statuses, output: what needs no platform.
. "${0%/*}/../lib/e2e.bash"

run 0 version
out_has "ecclesia "
run 0 --version
run 0 help
out_has "livestream create"
run 0 help livestream create
out_has "--platform"
out_has "Example:"
run 0 livestream stop --help
out_has "Usage: ecclesia livestream stop ID"
run 0 connect --help
run 0 help --json
json '.items | length > 30'

# Nothing is there yet.
run 0 livestream list
out_empty
run 0 livestream list --json
json '. == {"items": []}'
run 0 --json meeting list
json '.items == []'
[ -f "$HOME/.local/share/ecclesia/ecclesia.db" ] || fail "no database was made"
[ "$(stat -c %a "$HOME/.local/share/ecclesia/ecclesia.db")" = 600 ] || fail "others can read the database"

# Usage: 2, on standard error, with the form.
for words in frob "livestream frob" "livestream show" "livestream show a b" "livestream create --title x" \
    "livestream create --platform youtube" "livestream list --status on" "log --level loud" "--frob" "help frob" \
    "livestream create --title x --platform you" "livestream create --title x --platform youtube:a=b" \
    "livestream start abcd --wait=soon" "meeting create --title x --start soonish --platform zoom" "job retry x" \
    "--db" "connect nowhere" "church create UPPER --name N --time-zone UTC" "church create x --name N --time-zone Mars"; do
    # shellcheck disable=SC2086
    run 2 $words
    out_empty
    err_has "ecclesia: "
done
run 2 livestream show --json
json '.error.code == "usage" and (.error.detail | length > 0)'
err_has "ID is missing"

# Missing: 3.
for words in "livestream show abcd" "livestream stop abcd" "meeting cancel abcd" "job retry 99" "livestream report abcd" \
    "--church none livestream list"; do
    # shellcheck disable=SC2086
    run 3 $words
    out_empty
done
run 3 livestream show abcd --json
json '.error.code == "missing"'

# A platform that is not connected fails at once, with a remedy: the whole is 1.
run 1 livestream create --title "No sign-in" --platform youtube --json
json '.targets[0].status == "failed" and (.targets[0].remedy | length > 0) and .title == "No sign-in"'
err_has "YouTube"
id=$(jq -r .id "$work/out")
run 0 livestream show "${id:0:6}" --json
json ".id == \"$id\""
run 0 livestream show "No s" --json
json ".id == \"$id\""
run 0 livestream list --json
json '.items | length == 1'
run 0 log --json
json '[.items[] | select(.text | contains("No sign-in"))] | length > 0'

# Churches.
run 0 church create st-marks --name "St Mark's" --time-zone Europe/London
run 1 church create st-marks --name "Again" --time-zone Europe/London
run 0 church list --json
json '[.items[].slug] | contains(["st-marks"])'
run 0 --church st-marks livestream list --json
json '.items == []'
ECCLESIA_CHURCH=st-marks run 0 livestream list --json
json '.items == []'
run 3 --church st-marks livestream show "$id"

# Another database, another key.
run 0 --db "$work/other/x.db" --key-file "$work/other.key" key status --json
json '.locked == false'
[ -f "$work/other/x.db" ] && [ -f "$work/other.key" ] || fail "--db or --key-file had no effect"

# Output that cannot be written is no success.
"$ECCLESIA" help >/dev/full 2>"$work/err" && fail "a full disk went unnoticed"
err_has "could not be written"

# Configuration: a mistake is named with file and line.
mkdir -p "$HOME/.config/ecclesia"
printf '[queue]\nsettel = 3s\n' >"$HOME/.config/ecclesia/ecclesia.conf"
run 1 livestream list
err_has "ecclesia.conf:2: [queue] has no key \"settel\""
printf '[queue]\nsettle = 3s\n' >"$HOME/.config/ecclesia/ecclesia.conf"
run 0 livestream list
ECCLESIA_QUEUE_SETTLE=soon run 1 livestream list
err_has "ECCLESIA_QUEUE_SETTLE"
ECCLESIA_SIM=http://example.org:80 run 1 livestream list
err_has "ECCLESIA_SIM"
run 1 --config "$work/none.conf" livestream list
err_has "none.conf"
exit 0
