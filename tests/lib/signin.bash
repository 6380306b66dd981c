# What scripts about signing in share, after e2e.bash: a sign-in in the background and the browser that answers it.
db=$HOME/.local/share/ecclesia/ecclesia.db
rows() { sqlite3 "$db" "$1" 2>/dev/null; }

# begin NAME WORD…: a sign-in in the background, its words in $work/NAME.out; what is written to descriptor 8 is pasted.
begin()
{
    name=$1
    shift
    rm -f "$work/paste" "$work/$name.out" # the one before must not be read
    mkfifo "$work/paste"
    "$ECCLESIA" "$@" >"$work/$name.out" 2>"$work/$name.err" <"$work/paste" &
    pid=$!
    exec 8>"$work/paste"
}

# The address that is shown, once it is; with --json it stands on standard error.
shown()
{
    until_true grep -qm1 '^http' "$work/$name.out" "$work/$name.err"
    url=$(cat "$work/$name.out" "$work/$name.err" | grep -m1 '^http')
}

# finish STATUS
finish()
{
    local status
    exec 8>&-
    wait "$pid"
    status=$?
    cp "$work/$name.out" "$work/out"
    cp "$work/$name.err" "$work/err"
    [ "$status" -eq "$1" ] || fail "$name: exit status $status instead of $1"
}

# Where the browser is sent to when the person allows it; more for the page's query.
back() { curl -s -o /dev/null -w '%{redirect_url}' "$url&sim_answer=allow$1"; }
status() { "$ECCLESIA" connection list --json | jq -r ".items[] | select(.platform == \"$1\") | .status"; }
# asked PLATFORM PATH [STATUS]: how many such requests the simulator has had.
asked()
{
    curl -s "$ECCLESIA_SIM/_sim/requests?platform=$1" |
        jq "[.[] | select(.path == \"$2\" and (${3:-0} == 0 or .status == ${3:-0}))] | length"
}
# A port that nobody has, for a way back whose port is compared.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# ---- each way of connecting, from nothing to nothing

# What the simulator says of itself: sim zoom.client_id
sim() { jq -r ".platforms.$1" "$work/sim.json"; }

# set_of OBJECT: its members as --set words, from files, so that values keep their line breaks.
set_of()
{
    local key
    words=()
    for key in $(sim "$1 | keys[]"); do
        jq -j ".platforms.$1.$key" "$work/sim.json" >"$work/value.$key"
        words+=(--set "$key=@$work/value.$key")
    done
}

# is_connected PLATFORM METHOD EXPIRY SCOPES: as the list tells it. EXPIRY: end, none; SCOPES: the least number.
is_connected()
{
    local expiry='.accessExpiresAt > (now | todate)'
    [ "$3" = end ] || expiry='.accessExpiresAt == null and (.expiryNote | length > 0)'
    run 0 connection list --json
    json "(.items | length == 1) and (.items[0] | .platform == \"$1\" and .status == \"connected\" and .method == \"$2\" and .simulated and
        (.accountName | length > 0) and (.scopes | length >= $4) and (has(\"notAllowed\") | not) and $expiry)"
    run 0 connection check "$1" --json
    json '.status == "connected"'
    ways[$1]=$((${ways[$1]:-0} + 1))
}
declare -A ways # how many there were, by platform

# gone PLATFORM: disconnects; neither a row nor, in the files, a byte of one is left.
gone()
{
    rows "SELECT hex(blob) FROM secrets" >"$work/blobs"
    [ -s "$work/blobs" ] || [ "$1" = jitsi ] || fail "$1: nothing was sealed"
    run 0 disconnect "$1"
    [ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "$1: a sealed row is left"
    python3 - "$work/blobs" "$db"* <<'P' || fail "$1: bytes of a sealed row are left in a file"
import sys
blobs = [bytes.fromhex(line) for line in open(sys.argv[1]).read().split()]
for path in sys.argv[2:]:
    data = open(path, 'rb').read()
    for blob in blobs:
        if blob[-48:] in data:
            sys.exit(path)
P
    run 0 connection list --json
    json ".items[0].status == \"disconnected\" and .items[0].accessExpiresAt == null"
    # The next way begins at nothing.
    sqlite3 "$db" "DELETE FROM connections"
}

# by_browser PLATFORM EXPIRY SCOPES WORD…
by_browser()
{
    local p=$1 expiry=$2 scopes=$3
    shift 3
    begin browser connect "$p" --method oauth --timeout 60 "$@"
    shown
    curl -s -o "$work/page" -L "$url&sim_answer=allow" || fail "$p: the browser was not answered"
    grep -q "You may close this window" "$work/page" || fail "$p: no page at the end"
    finish 0
    out_has "Signed in at"
    is_connected "$p" oauth "$expiry" "$scopes"
    gone "$p"
}

# by_paste PLATFORM EXPIRY SCOPES WORD…: the address that a browser elsewhere ended at.
by_paste()
{
    local p=$1 expiry=$2 scopes=$3
    shift 3
    begin paste connect "$p" --method oauth --timeout 60 "$@"
    shown
    back "" >&8
    echo >&8
    finish 0
    is_connected "$p" oauth "$expiry" "$scopes"
    gone "$p"
}

# by_values PLATFORM OBJECT EXPIRY SCOPES
by_values()
{
    set_of "$2"
    run 0 connect "$1" "${words[@]}"
    is_connected "$1" credentials "$3" "$4"
    gone "$1"
}

# has_not PLATFORM METHOD…: that way is refused by name, and not listed.
has_not()
{
    local p=$1 method
    shift
    for method; do
        run 1 connect "$p" --method "$method"
        err_has "no sign-in of that kind"
        "$ECCLESIA" platform show "$p" --json | jq -e ".signIn | index(\"$method\") | not" >/dev/null || fail "$p lists $method"
    done
}

# taken_back PLATFORM PATH: the platform was asked to end the grant, as often as that can be.
taken_back() { [ "$(asked "$1" "$2" 200)" -eq "$3" ] || fail "$1: $(asked "$1" "$2" 200) grants were taken back, not $3"; }
