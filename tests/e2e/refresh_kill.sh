#!/bin/bash
# Killed at each step of a renewal, and before and after each of its commits: afterwards a connection is never shown as connected
# by tokens that are dead. It is good, or it finds its way back, or it says that its sign-in was lost on the way.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/signin.bash"
export ECCLESIA_REFRESH_AGAIN=100ms ECCLESIA_REFRESH_BASE=50ms ECCLESIA_REFRESH_CAP=200ms ECCLESIA_TEST_PACE=100
start_sim --encoder auto --step 20
port=$(free_port)
declare -A token=([zoom]=/oauth/token [restream]=/oauth/token [youtube]=/token [teams]=/organizations/oauth2/v2.0/token)

sign_in()
{
    begin sign connect "$1" --method oauth --yes --port "$port"
    shown
    curl -s -o /dev/null -L "$url&sim_answer=allow"
    finish 0
}
grants() { curl -sf -d "{\"platform\":\"$1\",\"action\":\"$2\"}" "$ECCLESIA_SIM/_sim/grants" >/dev/null || fail "grants $1 $2"; }
fault() { curl -sf -d "$1" "$ECCLESIA_SIM/_sim/faults" >/dev/null || fail "fault $1"; }
heal() { curl -sf -X DELETE "$ECCLESIA_SIM/_sim/faults" >/dev/null; }
# "STATUS REASON" as the list tells it, and as a question to the platform does.
says() { "$ECCLESIA" connection list --json | jq -r ".items[] | select(.platform == \"$1\") | \"\(.status) \(.reason // \"\")\""; }
check() { "$ECCLESIA" connection check "$1" --json 2>/dev/null | jq -r '"\(.status) \(.reason // "")"'; }

# after PLATFORM STEP ASKED: what must hold when it was killed there, ASKED requests for a token after the beginning.
lost=0 good=0
after()
{
    local p=$1 step=$2 asked_before=$3 shown now spent
    shown=$(says "$p")
    spent=$(($(asked "$p" "${token[$p]}" 200) - asked_before))
    now=$(check "$p")
    case "$shown/$now" in
    "connected /connected ") good=$((good + 1)) ;;
    error\ */"connected ") good=$((good + 1)) ;;
    error\ */"expired rotation_lost")
        # Only where the answer was on its way, or had come and was not yet kept.
        [ "$spent" -gt 0 ] || fail "$p, $step: lost, although nothing was spent"
        [[ $p == zoom || $p == restream ]] || fail "$p, $step: lost, although its tokens stay good"
        lost=$((lost + 1))
        [ "$(says "$p")" = "expired rotation_lost" ] || fail "$p, $step: says $(says "$p")"
        sign_in "$p"
        ;;
    *) fail "$p, $step: it says \"$shown\", and the platform \"$now\"" ;;
    esac
    # What is there now lasts: it can be renewed.
    grants "$p" expire_access
    [ "$(check "$p")" = "connected " ] || fail "$p, $step: cannot be renewed afterwards: $(check "$p")"
}

# killed PLATFORM STEP: renews, to be killed there. False when it never came there.
killed()
{
    before=$(asked "$1" "${token[$1]}" 200)
    ECCLESIA_CRASH=$2 "$ECCLESIA" connection check "$1" >/dev/null 2>&1
    [ $? -eq 137 ]
}

for p in zoom restream youtube teams; do
    sign_in "$p"
    for step in oauth.in_flight oauth.answered oauth.saved; do
        grants "$p" expire_access
        killed "$p" $step || fail "$p: was not killed at $step"
        after "$p" $step "$before"
    done
    # Before and after each commit that the renewal and what it is for make; where an old token stays good there is nothing to lose.
    commits="store.commit store.committed"
    [[ $p == zoom || $p == restream ]] || commits=
    for step in $commits; do
        n=0
        while :; do
            n=$((n + 1))
            grants "$p" expire_access
            killed "$p" $step:$n || break
            after "$p" $step:$n "$before"
        done
        [ $n -gt 3 ] || fail "$p: only $n commits"
        [ "$(check "$p")" = "connected " ] || fail "$p: $(check "$p")"
    done
    # While the platform thinks about it: it is killed, and the platform does it all the same.
    grants "$p" expire_access
    before=$(asked "$p" "${token[$p]}" 200)
    fault "{\"platform\":\"$p\",\"path\":\"${token[$p]}\",\"kind\":\"stall\",\"times\":1}"
    "$ECCLESIA" connection check "$p" >/dev/null 2>&1 &
    pid=$!
    until_true eval "[ \"\$(rows \"SELECT count(*) FROM connections WHERE refresh_state = 'in_flight'\")\" = 1 ]"
    [[ $(says "$p") != "error refresh_unreachable" ]] || fail "$p: who is at it was taken for dead"
    kill -9 $pid
    wait $pid
    heal
    [ "$(says "$p")" = "error refresh_unreachable" ] || fail "$p: killed while asking, it says $(says "$p")"
    after "$p" stall "$before"
    run 0 disconnect "$p"
done
[ $lost -ge 4 ] && [ $good -ge 15 ] || fail "only $lost were lost and $good came back"
echo "$good came back, $lost were lost and said so"

# ---- at any moment

# How long each lives is by chance, from a seed that is told.
seed=${ECCLESIA_SEED:-$RANDOM}
echo "ECCLESIA_SEED=$seed"
RANDOM=$((${seed%%:*} % 32768))
sign_in zoom
for i in $(seq 15); do
    grants zoom expire_access
    "$ECCLESIA" connection check zoom >/dev/null 2>&1 &
    pid=$!
    sleep "0.0$((RANDOM % 60 + 10))"
    kill -9 $pid 2>/dev/null
    wait $pid
    shown=$(says zoom)
    now=$(check zoom)
    case "$shown/$now" in
    "connected /connected " | error\ */"connected ") ;;
    error\ */"expired rotation_lost") sign_in zoom ;;
    *) fail "killed at random, round $i: it says \"$shown\", and the platform \"$now\"" ;;
    esac
done
exit 0
