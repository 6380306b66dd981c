#!/bin/bash
# A disk that runs full while a platform is being asked: what it answers is saved all the same, out of the reserve.
if [ -z "${IN_SMALL_WORLD:-}" ]; then
    unshare -Urm true 2>/dev/null || { echo "no mount namespaces here"; exit 77; }
    IN_SMALL_WORLD=1 exec unshare -Urm "$0" "$@"
fi
. "${0%/*}/../lib/e2e.bash"
small=$work/small
mkdir "$small"
trap 'status=$?; umount "$small" 2>/dev/null; (exit $status); end_of_script' EXIT
mount -t tmpfs -o size=120m,mode=700 tmpfs "$small" 2>"$work/err" || { echo "no tmpfs can be mounted here"; exit 77; }
export ECCLESIA_DB=$small/e.db
start_sim
connect youtube

curl -s -d '{"platform":"youtube","kind":"delay","delayMs":2500,"times":1}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
"$ECCLESIA" livestream create --title "Full" --platform youtube --wait=60 --json >"$work/created" 2>"$work/create.err" &
creating=$!
until_true sh -c "[ -e $small/e.db.ballast ] && $ECCLESIA job list --state running --json | jq -e '.items | length == 1'"
[ "$(stat -c '%s %b' "$small/e.db.ballast")" = "16777216 32768" ] || fail "the reserve is not what it should be"
dd if=/dev/zero of="$small/fill" bs=64k status=none 2>/dev/null
[ "$(df --output=avail "$small" | tail -n 1)" -eq 0 ] || fail "the disk is not full"
wait "$creating" || fail "it was not saved: $(cat "$work/create.err")"
[ "$(jq -r '.targets[0].watchUrl' "$work/created")" != null ] || fail "what YouTube answered is lost"
[ ! -e "$small/e.db.ballast" ] || fail "the reserve was not given up"
[ "$(curl -s "$ECCLESIA_SIM/_sim/objects?platform=youtube" | jq '[.[] | select(.title == "Full")] | length')" -eq 1 ] ||
    fail "it was made more than once"
run 1 doctor --offline
out_has "MiB left"

# Room again: so is the reserve.
rm "$small/fill"
run 0 livestream create --title "Room" --platform youtube --wait=60
[ -e "$small/e.db.ballast" ] || fail "the reserve did not come back"
run 1 doctor --offline --json # 64 MiB and a little are a warning
json '.failed == 0 and .warnings == 1 and (.items[] | select(.check == "disk") | .state == "warning")'

# Its size is the admin's affair.
rm "$small/e.db.ballast"
ECCLESIA_STORE_BALLAST=0 run 0 livestream create --title "None" --platform youtube --wait=60
[ ! -e "$small/e.db.ballast" ] || fail "a reserve nobody wants"
exit 0
