#!/bin/bash
# Everything that is sent to the platforms is held against the vendors' own specifications: of a run of all eight together
# (eight.sh) and of a wide one with every value of every setting. ECCLESIA_SPECS names the directory with the specifications,
# as contrib/spec-check/README.md wants it; make spec-check SPECS=DIR.
. "${0%/*}/../lib/e2e.bash"
here=$(cd "${0%/*}/../.." && pwd)
[ -n "${ECCLESIA_SPECS:-}" ] || { echo "ECCLESIA_SPECS does not name the vendors' specifications"; exit 77; }
command -v node >/dev/null && command -v npm >/dev/null || { echo "node or npm is not here"; exit 77; }
. "${0%/*}/../lib/e2e_screen.bash"
kept=$(mkdir -p "${BUILD:-build}/spec-check" && cd "${BUILD:-build}/spec-check" && pwd)
cp "$here"/contrib/spec-check/{*.mjs,package.json} "$kept"
if [ ! -e "$kept/node_modules/ajv-formats/package.json" ]; then
    timeout 90 npm install --prefix "$kept" --no-audit --no-fund >"$work/npm" 2>&1 || { echo "npm could not fetch ajv"; exit 77; }
fi

# ---- the runs ----

# keep NAME: what the simulator has seen and has.
keep()
{
    mkdir -p "$work/runs/$1"
    sim_get requests >"$work/runs/$1/requests.json"
    sim_get objects >"$work/runs/$1/objects.json"
}

# value KEY N: of a setting that is a text or a number.
value()
{
    case $1 in
    category) echo 29 ;;
    passcode) echo "Psalm$2" ;;
    alternative_hosts) echo "deacon@stmarks.example" ;;
    authentication_domains) echo "stmarks.example" ;;
    invite) echo "ruth@example.org;naomi@example.org" ;;
    calendar) echo primary ;;
    room) echo "st-marks-$2" ;;
    channels) echo "16972700" ;;
    countries) echo "GB;IE" ;;
    repeat_until) date -d '+6 weeks' +%F ;;
    repeat_count) echo 3 ;;
    age) echo 18 ;;
    reminder) echo 30 ;;
    esac
}

# companions PLATFORM KEY=VALUE: what it cannot be without, or means nothing without.
companions()
{
    case $1.$2 in
    *.repeat=none) ;;
    *.repeat=*) echo ",repeat_count=3" ;;
    *.repeat_count=* | *.repeat_until=*) echo ",repeat=weekly" ;;
    zoom.jbh_time=*) echo ",join_before_host=true,waiting_room=false" ;;
    zoom.authentication_*) echo ",meeting_authentication=true" ;;
    esac
}

# values PLATFORM: "RANK KEY=VALUE,…" for each value of each setting.
values()
{
    local key type choices each list rank n=0

    while IFS='|' read -r key type choices; do
        case $type in
        bool) list="true false" ;;
        choice) list=$choices ;;
        *) list=$(value "$key" $((++n))) ;;
        esac
        [ -n "$list" ] || echo "not tried: $1 $key" >>"$work/not_tried"
        rank=0
        for each in $list; do
            echo "$((++rank)) $key=$each$(companions "$1" "$key=$each")"
        done
    done < <("$ECCLESIA" platform show "$1" --json | jq -r '.settings[] | [.key, .type, (.choices // [] | join(" "))] | join("|")')
}

# rows PLATFORM: up to four values of different settings on a line, so that each value is sent once.
rows()
{
    local way

    for way in $(case $1 in teams) echo "- calendar=false" ;; google_meet) echo "- can_end=true" ;; *) echo "-" ;; esac); do
        values "$1" | sort -s -n -k 1,1 | awk -v way="$way" '
            function flush() { if (row != "") print row (way == "-" || seen[key_of(way)] ? "" : "," way); row = ""; count = 0; delete seen }
            function key_of(word) { sub(/=.*/, "", word); return word }
            {
                n = split($2, part, ",")
                for (i = 1; i <= n; i++) if (seen[key_of(part[i])]) { flush(); break }
                if (count == 4) flush()
                for (i = 1; i <= n; i++) { row = row (row == "" ? "" : ",") part[i]; seen[key_of(part[i])] = 1 }
                count++
            }
            END { flush() }'
    done
}

# create KIND N PLATFORM:ROW…: what does not go together is tried apart.
create()
{
    local kind=$1 n=$2 word words=()
    shift 2
    for word in "$@"; do words+=(--platform "$word"); done
    if "$ECCLESIA" "$kind" create --title "Wide $kind $n" --description "Number $n & more" --start "+${n}h" --end "+50m" "${words[@]}" \
        --json >"$work/made" 2>"$work/err"; then
        made+=("$(jq -r .id "$work/made")")
        with+=("$*")
    elif [ $# -gt 1 ]; then
        for word in "$@"; do create "$kind" "$n" "$word"; done
    elif [[ $1 == *,* ]]; then
        for word in $(tr , ' ' <<<"${1#*:}"); do create "$kind" "$n" "${1%%:*}:$word"; done
    else
        refused+=("$*: $(head -n 1 "$work/err")")
    fi
}

# wide KIND PLATFORM…: the n-th record has the n-th row of each platform; each is changed, and half of them go away.
wide()
{
    local kind=$1 p n most=0 words row word
    shift
    made=() with=()
    for p in "$@"; do
        rows "$p" >"$work/rows.$p"
        n=$(grep -c . "$work/rows.$p")
        [ "$n" -le "$most" ] || most=$n
    done
    for ((n = 1; n <= most; n++)); do
        words=()
        for p in "$@"; do
            row=$(sed -n "${n}p" "$work/rows.$p")
            [ -z "$row" ] || words+=("$p:$row")
        done
        create "$kind" "$n" "${words[@]}"
    done
    settled
    for ((n = 0; n < ${#made[@]}; n++)); do
        words=()
        # To what the one after it has, where it is on that platform too.
        for word in ${with[(n + 1) % ${#made[@]}]}; do
            [[ " ${with[n]}" != *" ${word%%:*}:"* ]] || words+=(--platform "$word")
        done
        "$ECCLESIA" "$kind" edit "${made[n]}" --title "Wider $kind $n" --start "+$((n + 30))h" --end "+70m" "${words[@]}" >/dev/null 2>"$work/err" ||
            "$ECCLESIA" "$kind" edit "${made[n]}" --title "Wider $kind $n" --start "+$((n + 30))h" --end "+70m" >/dev/null 2>"$work/err" ||
            refused+=("edit: $(head -n 1 "$work/err")")
    done
    settled
    for ((n = 0; n < ${#made[@]}; n += 2)); do
        "$ECCLESIA" "$kind" "$([ "$kind" = meeting ] && echo cancel || echo delete)" "${made[n]}" >/dev/null 2>&1
    done
    settled
    echo "$kind: ${#made[@]} made, changed, and half of them taken away, on $*"
}

nothing_due() { "$ECCLESIA" job list --json | jq -e '[.items[] | select(.state == "running" or .state == "scheduled")] == []' >/dev/null; }
settled()
{
    local end=$((SECONDS + 60))
    until nothing_due; do
        [ $SECONDS -lt $end ] || { "$ECCLESIA" job list >"$work/out"; fail "jobs are left"; }
        sleep 0.2
    done
}

# Side by side: the first mostly waits, as an operator does.
mkdir "$work/home"
HOME=$work/home TMUX_TMPDIR=$work/home ECCLESIA_JOURNAL=$work/runs/eight "${0%/*}/eight.sh" >"$work/eight" 2>&1 &
eight=$!
start_sim --encoder auto --step 20
refused=()
: >"$work/not_tried"
for platform in restream zoom google_meet teams jitsi instagram youtube facebook; do
    connect "$platform"
done
open_screen console 120x40
until_shows console "8 of 8 connected"
wide meeting zoom google_meet teams jitsi
wide livestream youtube facebook restream
keep wide
[ ${#refused[@]} -eq 0 ] || printf 'refused before anything was sent: %s\n' "${refused[@]}"
cat "$work/not_tried"
wait "$eight" || fail "eight.sh: $(cat "$work/eight")"

# ---- the verdict ----

node "$kept/check.mjs" --specs "$ECCLESIA_SPECS" "$work"/runs/* || fail "something sent is not as the vendors specify it"
exit 0
