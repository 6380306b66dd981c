#!/bin/bash
# Places that may not be written or read: a named error with a remedy each, and nothing is lost. Root may write anywhere, so
# as root it is tried as another account.
. "${0%/*}/../lib/e2e.bash"
place=$(mktemp -d /tmp/eclp.XXXXXX)
trap 'status=$?; chmod -R u+rwX "$place"; rm -rf "$place"; (exit $status); end_of_script' EXIT
as=()
if [ "$(id -u)" -eq 0 ]; then
    command -v setpriv >/dev/null || { echo "setpriv is not installed"; exit 77; }
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    # The build's directory may be closed to that account.
    cp "$ECCLESIA" "$place/ecclesia"
    ECCLESIA=$place/ecclesia
fi
chmod 755 "$place"
mkdir "$place/home"
[ ${#as[@]} -eq 0 ] || chown 65534:65534 "$place/home"
data=$place/home/.local/share/ecclesia
key=$place/home/.config/ecclesia/master.key

# try STATUS WORD…: as run, as that account.
try()
{
    local wanted=$1 status
    shift
    "${as[@]}" env HOME="$place/home" TMPDIR="$place/home" "$ECCLESIA" "$@" >"$work/out" 2>"$work/err"
    status=$?
    [ "$status" -eq "$wanted" ] || fail "exit status $status instead of $wanted: ecclesia $*"
    [ "$status" -ne 1 ] || [ "$(grep -c . "$work/err")" -ge 2 ] || fail "no remedy: ecclesia $*"
    grep -qiE 'sanitizer|runtime error' "$work/err" && fail "it crashed"
    return 0
}
there()
{
    try 0 livestream list --json
    json '[.items[].title] == ["Sunday Service"]'
}

try 1 livestream create --title "Sunday Service" --start +1d --platform youtube
err_has "YouTube is not connected"
there

chmod 500 "$data"
try 1 livestream list
err_has "Cannot write in the directory $data: no permission."
err_has "account that owns it"
try 1 livestream create --title "New" --start +1d --platform youtube
chmod 700 "$data"
there

chmod 000 "$data"
try 1 livestream list
err_has "$data"
chmod 700 "$data"
there

chmod 400 "$data/ecclesia.db"
try 1 livestream list
err_has "Cannot write the database $data/ecclesia.db: no permission."
chmod 000 "$data/ecclesia.db"
try 1 livestream list
err_has "$data/ecclesia.db"
chmod 600 "$data/ecclesia.db"
there

# Who may not read the key can look and plan, but not connect.
chmod 000 "$key"
try 0 livestream list
out_has "Sunday Service"
try 1 connect jitsi --set host=meet.example.org
err_has "key"
try 0 key status
out_has "may not read the master key"
chmod 600 "$key"
there

# First use where nothing can be made.
chmod 500 "$place/home"
try 1 --db "$place/home/new.db" livestream list
err_has "Cannot write in the directory $place/home: no permission."
try 1 --db "$place/home/new/new.db" livestream list
err_has "$place/home/new"
try 1 demo -- version
err_has "TMPDIR"
chmod 700 "$place/home"
there
[ "$("${as[@]}" ls -A "$place/home")" = ".config
.local" ] || fail "left behind: $(ls -A "$place/home")"
exit 0
