# What scripts about signing in share, after e2e.bash: a sign-in in the background and the browser that answers it.
db=$HOME/.local/share/ecclesia/ecclesia.db
rows() { sqlite3 "$db" "$1" 2>/dev/null; }

# begin NAME WORD…: a sign-in in the background, its words in $work/NAME.out; what is written to descriptor 8 is pasted.
begin()
{
    name=$1
    shift
    rm -f "$work/paste"
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
