#!/bin/bash
# Everything that is sent to the platforms is held against the vendors' own specifications: of a run of all eight together
# (eight.sh) and of a wide one with every value of every setting. ECCLESIA_SPECS names the directory with the specifications,
# as contrib/spec-check/README.md wants it; make spec-check SPECS=DIR.
. "${0%/*}/../lib/e2e.bash"
here=$(cd "${0%/*}/../.." && pwd)
[ -n "${ECCLESIA_SPECS:-}" ] || { echo "ECCLESIA_SPECS does not name the vendors' specifications"; exit 77; }
command -v node >/dev/null && command -v npm >/dev/null || { echo "node or npm is not here"; exit 77; }
. "${0%/*}/../lib/e2e_screen.bash"
# What the platforms have is not ours to keep secret; what they were asked for is masked.
may_hold+=(objects.json)
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
    tags) echo worship ;;
    language) echo en-GB ;;
    content_tags) echo 6003139266461 ;;
    crosspost) echo 104882011229999 ;;
    countries) echo GB ;;
    age) echo 18 ;;
    delay | thumbnail_mb) echo 5 ;;
    reminder) echo 30 ;;
    channels) echo 16972700 ;;
    passcode) echo "Psalm$2" ;;
    alternative_hosts | coorganizers) echo deacon@stmarks.example ;;
    authentication_option) echo signIn_D8cJuqWVQ ;;
    authentication_domains) echo stmarks.example ;;
    invite) echo "ruth@example.org;naomi@example.org" ;;
    calendar) echo primary ;;
    room) echo "st-marks-$2" ;;
    host_name) echo Ruth ;;
    host_email) echo ruth@example.org ;;
    repeat_until) date -d '+6 weeks' +%F ;;
    repeat_count) echo 3 ;;
    esac
}

# companions PLATFORM KEY=VALUE: what it cannot be without, or means nothing without.
companions()
{
    case $1.$2 in
    *.repeat=none) ;;
    *.repeat=*) echo ",repeat_count=3" ;;
    *.repeat_count=* | *.repeat_until=*) echo ",repeat=weekly" ;;
    youtube.delay=*) echo ",monitor=true" ;;
    zoom.jbh_time=*) echo ",join_before_host=true,waiting_room=false" ;;
    zoom.waiting_room_for=*) echo ",waiting_room=true,join_before_host=false" ;;
    zoom.authentication_*) echo ",meeting_authentication=true" ;;
    zoom.registration_type=*) echo ",registration=automatic,repeat=weekly,repeat_count=3" ;;
    zoom.allow_multiple_devices=*) echo ",registration=automatic" ;;
    esac
}

# way PLATFORM: with this set the same settings go another way.
way() { case $1 in teams) echo "calendar=false" ;; google_meet) echo "can_end=true" ;; esac; }

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

# rows PLATFORM: "ENTRY|ENTRY…", up to five that do not speak against each other, so that each value is sent once.
rows()
{
    local other

    values "$1" | sort -s -n -k 1,1 >"$work/values"
    for other in "" $(way "$1"); do
        awk -v other="$other" '
            function key_of(word) { sub(/=.*/, "", word); return word }
            function flush() {
                if (row != "") print row (other == "" || key_of(other) in set ? "" : "|" other)
                row = ""; count = 0; delete set
            }
            # A link alone has one time.
            other == "calendar=false" && $2 ~ /repeat/ { next }
            {
                n = split($2, part, ",")
                for (i = 1; i <= n; i++) if (key_of(part[i]) in set && set[key_of(part[i])] != part[i]) { flush(); break }
                if (count == 5) flush()
                for (i = 1; i <= n; i++) set[key_of(part[i])] = part[i]
                row = row (row == "" ? "" : "|") $2
                count++
            }
            END { flush() }' "$work/values"
    done
}

# words_of PLATFORM:ROW…: fills words with the options for them.
words_of()
{
    local one

    words=()
    for one in "$@"; do
        words+=(--platform "${one%%:*}:$(tr '|,' '\n\n' <<<"${one#*:}" | awk '!seen[$0]++' | paste -sd ,)")
    done
}

# create KIND N PLATFORM:ROW…: what does not go together is tried apart.
create()
{
    local kind=$1 n=$2 one other words
    shift 2
    words_of "$@"
    if "$ECCLESIA" "$kind" create --title "Wide $kind $n" --description "Number $n & more" --start "+${n}h" --end "+50m" "${words[@]}" \
        --json >"$work/made" 2>"$work/err"; then
        made+=("$(jq -r .id "$work/made")")
        with+=("$*")
    elif [ $# -gt 1 ]; then
        for one in "$@"; do create "$kind" "$n" "$one"; done
    else
        other=$(way "${1%%:*}")
        [[ $1 == *"|$other" ]] || other=
        set -- "${1%%:*}" "${1#*:}" "${other:+|$other}"
        one=${2%"$3"}
        if [[ $one == *"|"* ]]; then
            for one in ${one//|/ }; do create "$kind" "$n" "$1:$one$3"; done
        else
            refused+=("$1:$2: $(head -n 1 "$work/err")")
        fi
    fi
}

# wide KIND PLATFORM…: the n-th record has the n-th row of each platform; each is changed, and half of them go away.
wide()
{
    local kind=$1 p n most=0 words next row word
    shift
    made=() with=()
    for p in "$@"; do
        rows "$p" >"$work/rows.$p"
        n=$(grep -c . "$work/rows.$p")
        [ "$n" -le "$most" ] || most=$n
    done
    for ((n = 1; n <= most; n++)); do
        next=()
        for p in "$@"; do
            row=$(sed -n "${n}p" "$work/rows.$p")
            [ -z "$row" ] || next+=("$p:$row")
        done
        create "$kind" "$n" "${next[@]}"
    done
    settled
    for ((n = 0; n < ${#made[@]}; n++)); do
        # To what the one after it has, where it is on that platform too.
        next=()
        for word in ${with[(n + 1) % ${#made[@]}]}; do
            [[ " ${with[n]}" != *" ${word%%:*}:"* ]] || next+=("$word")
        done
        words_of "${next[@]}"
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
settled() { patience=60 until_true nothing_due; }

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
base64 -d >"$work/picture.png" <<<"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
run 0 livestream create --title "Vigil" --start +3h --thumbnail "$work/picture.png" --platform youtube --platform facebook --json
settled
# The other kinds of sign-in ask in other places.
other_sign_in()
{
    local key words=()

    for key in $(jq -r ".platforms.$1.$2 | keys[]" "$work/sim.json"); do
        words+=(--set "$key=$(jq -r ".platforms.$1.$2.$key" "$work/sim.json")")
    done
    run 0 connect "$1" "${words[@]}"
    run 0 connection check "$1"
}
other_sign_in instagram facebook_credentials
other_sign_in teams app_credentials
for other in calendar=true calendar=false; do
    run 0 meeting create --title "Vestry $other" --start +3h --end +1h --platform "teams:$other" --wait --json
    run 0 meeting edit "$(jq -r .id "$work/out")" --title "Vestry later" --start +5h --end +1h --wait --json
    run 0 meeting cancel "$(jq -r .id "$work/out")" --wait
done
keep wide
[ ${#refused[@]} -eq 0 ] || printf 'refused before anything was sent: %s\n' "${refused[@]}"
sort -u "$work/not_tried"
wait "$eight" || fail "eight.sh: $(cat "$work/eight")"

# ---- the verdict ----

node "$kept/check.mjs" --specs "$ECCLESIA_SPECS" "$work"/runs/* || fail "something sent is not as the vendors specify it"
exit 0
