# Programs that are killed at any moment, and what must hold afterwards. Sourced by tests/e2e/kill*.sh after lib/e2e.bash.
export ECCLESIA_YOUTUBE_ALLOWANCE=100000000 ECCLESIA_TEST_PACE=40 ECCLESIA_QUEUE_SETTLE=200ms ECCLESIA_QUEUE_GRACE=50ms ECCLESIA_RETRY_BASE=10ms \
    ECCLESIA_RETRY_CAP=50ms ECCLESIA_NET_TOTAL=2s ECCLESIA_POLL_LIVE=300ms ECCLESIA_POLL_PENDING=300ms
RANDOM=${ECCLESIA_SEED:-$RANDOM}
db=$HOME/kill.db
export ECCLESIA_DB=$db

sql() { sqlite3 -batch -noheader -separator ' ' "$db" ".timeout 10000" "$1"; }
sim_do() { curl -s -X "$1" ${3:+-d "$3"} "$ECCLESIA_SIM/_sim/$2"; }

open_world()
{
    start_sim --encoder auto --step 20 --seed 7 --latency 25
    sim_do POST allowance '{"platform":"youtube","left":100000000}' >/dev/null
    connect youtube
    connect facebook
}

# Works until nothing is left to be done.
drain()
{
    local end=$((SECONDS + 120))
    while [ -n "$(sql "SELECT 1 FROM jobs WHERE state IN ('scheduled','running','unknown') LIMIT 1")" ]; do
        "$ECCLESIA" job drain --timeout 30 >"$work/out" 2>"$work/err"
        [ $SECONDS -lt $end ] || fail "never done: $(sql "SELECT id, kind, platform, state, attempt, reconcile, superseded, error FROM jobs
            WHERE state IN ('scheduled','running','unknown')")"
    done
}

# What is at the platforms is what the database knows: nothing lost, nothing twice.
check_world()
{
    [ "$(sql 'PRAGMA integrity_check')" = ok ] || fail "the database is damaged: $(sql 'PRAGMA integrity_check')"
    [ -z "$(sql 'PRAGMA foreign_key_check')" ] || fail "the database points at what is not there"
    # A broadcast that never went live is deleted at its stop, and one that is over stays at the platform.
    sql "SELECT platform, remote_id FROM targets WHERE remote_id <> '' ORDER BY 1, 2" >"$work/known"
    sql "SELECT platform, remote_id FROM targets WHERE remote_id <> '' AND status IN ('pending','live') ORDER BY 1, 2" >"$work/open"
    sim_do GET objects | jq -r '.[] | select((.kind == "broadcast" or .kind == "live_video") and (.deleted | not)) |
        "\(.platform) \(.id) \(.title)"' | sort >"$work/there"
    local platform id title twice
    while read -r platform id title; do
        grep -q "^$platform .*$id" "$work/known" || fail "lost: $platform has $id ($title) and nobody knows it: $(tell "$title")"
    done <"$work/there"
    while read -r platform id; do
        awk -v p="$platform" -v known="$id" '$1 == p && index(known, $2) { found = 1 } END { exit !found }' "$work/there" ||
            fail "gone: $platform does not have $id any more"
    done <"$work/open"
    twice=$(cut -d' ' -f1,3- "$work/there" | sort | uniq -d)
    [ -z "$twice" ] || fail "made twice: $twice: $(tell "${twice#* }")"
}

# The history of a livestream, for who looks into a failure.
tell()
{
    sql "SELECT j.id, j.kind, j.platform, j.state, j.attempt, j.reconcile, j.rescues, j.superseded, j.error FROM jobs j
         JOIN livestreams l ON l.id = j.subject_id WHERE l.title = '${1//\'/}'"
    sql "SELECT a.job_id, a.no, a.mode, a.phase, a.http_status, a.class FROM attempts a JOIN jobs j ON j.id = a.job_id
         JOIN livestreams l ON l.id = j.subject_id WHERE l.title = '${1//\'/}'"
}

# killed MS WORD…: runs the program and kills it after that long.
killed()
{
    local ms=$1
    shift
    timeout -s KILL "$(printf '0.%03d' "$ms")" "$ECCLESIA" "$@"
}

# One livestream's next step, by a program of its own that does not live long. $1: its number.
step()
{
    local title="L$1" id status ms=$((20 + RANDOM % 400)) newest
    newest=$(sql "SELECT id || ' ' || status || ' ' || start_asked || ' ' || stop_asked FROM livestreams
                  WHERE title LIKE '$title-%' ORDER BY created_ms DESC LIMIT 1")
    read -r id status started stopped <<<"$newest"
    case ${status:-none},${started:-0},${stopped:-0} in
    none,*|ended,*|*,1)
        [ "$((RANDOM % 3))" -gt 0 ] || { killed "$ms" job drain --timeout 20; return; }
        title=$title-$round
        killed "$ms" livestream create --title "$title" ${start_now:+--start now} --platform youtube --platform facebook --json \
            >"$work/made.$1" && echo "$title" >>"$work/acknowledged" ;;
    *,0,0) killed "$ms" livestream start "$id" ;;
    *)
        if [ $((RANDOM % 2)) -eq 0 ]; then
            killed "$ms" livestream stop "$id" && echo "$id" >>"$work/stopped"
        else
            killed "$ms" livestream edit "$id" --description "Round $round"
        fi ;;
    esac
}

# kill_rounds N: N times eight programs at once, each killed at a moment of its own.
kill_rounds()
{
    local n slot
    for ((n = 0; n < $1; n++)); do
        round=$((round + 1))
        for slot in 1 2 3 4 5 6 7 8; do
            # A seed for each, drawn here: a child would not move the parent's on.
            ( RANDOM=$((round * 8 + slot + ${ECCLESIA_SEED:-0})); step $slot ) >/dev/null 2>&1 &
        done
        wait $(jobs -p | grep -v "^$sim_pid\$")
    done
}

# What was told to be done is done.
check_acknowledged()
{
    local title id
    [ -s "$work/acknowledged" ] || fail "no command came to its end: it tests nothing"
    while read -r title; do
        [ "$(sql "SELECT count(*) FROM livestreams WHERE title = '$title'")" = 1 ] || fail "$title was created and is not there once"
    done <"$work/acknowledged"
    # Killed again and again at the same piece of work, the program has given it up and says so: then the operator asks again.
    sql "SELECT DISTINCT subject_id FROM jobs WHERE state = 'dead' AND kind = 'livestream.stop' AND error LIKE 'The program died%'" >"$work/given_up"
    while read -r id; do
        [ -n "$(sql "SELECT 1 FROM targets WHERE subject_id = '$id' AND error <> ''")" ] || fail "$id does not say that its stop was given up"
        [ "$(sql "SELECT status FROM livestreams WHERE id = '$id'")" = ended ] || run 0 livestream stop "$id" --wait=60
    done <"$work/given_up"
    [ ! -e "$work/stopped" ] || while read -r id; do
        [ "$(sql "SELECT status FROM livestreams WHERE id = '$id'")" = ended ] ||
            fail "$id was stopped and has not ended: $(sql "SELECT platform, status, wish, remote_id, error, note FROM targets WHERE subject_id = '$id'")
$(tell "$(sql "SELECT title FROM livestreams WHERE id = '$id'")")"
    done <"$work/stopped"
}
round=0
