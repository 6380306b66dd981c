#!/bin/bash
# The guides are followed to the letter at the simulated platforms: each line that connects, with the simulator's values in the places that the
# reader fills, ends connected; then each line that checks.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/signin.bash"
cd "${0%/*}/../.." || exit 1
start_sim --encoder auto --step 20
# What the guides say is given with --set, is not in the configuration here.
for variable in ${!ECCLESIA_*}; do
    case $variable in *_CLIENT_ID | *_CLIENT_SECRET) unset "$variable" ;; esac
done
port=$(free_port)
sim() { jq -j ".platforms.$platform | $1 // empty" "$work/sim.json"; }

# value KEY LINE: the simulator's own, as the kind of app wants it.
value()
{
    case "$platform $2" in
    "zoom "*account_id=* | "restream "*"--method credentials"* | "teams "*refresh_token=*) sim ".credentials.$1" ;;
    "zoom "*client_secret=*) sim ".$1" ;;
    "zoom "*) sim ".public_client_id" ;;
    "teams "*user=*) sim ".app_credentials.$1" ;;
    "instagram "*login=facebook*) sim ".facebook_credentials.$1" ;;
    "jitsi "*private_key=*) sim ".jaas.$1" ;;
    *) sim "(.credentials.$1 // .$1)" ;;
    esac
}

# fill LINE: its words, into the array filled. What is written in small letters is meant so; capitals, @FILE and addresses are the reader's.
fill()
{
    local word key given
    filled=()
    read -ra words <<<"${1#ecclesia }"
    for word in "${words[@]}"; do
        key=${word%%=*} given=${word#*=}
        if [[ $word == 8765 ]]; then
            word=$port
        elif [[ $word == *=* && $given =~ [A-Z@.…] && ! $given =~ ^(RS256|NAME)$ ]]; then
            value "$key" "$1" >"$work/value.$key"
            [ -s "$work/value.$key" ] || fail "$platform: the simulator has no $key for: $1"
            word="$key=@$work/value.$key"
        fi
        filled+=("$word")
    done
}

# answer: a browser allows it; here it comes back by itself, from an https address it is pasted.
answer()
{
    begin guide "${filled[@]}" --timeout 20
    shown
    if [[ $(back "") == https* ]]; then
        back "" >&8
        echo >&8
    else
        curl -s -o /dev/null -L "$url&sim_answer=allow"
    fi
    finish 0
}

by_code()
{
    "$ECCLESIA" "${filled[@]}" --timeout 20 >"$work/guide.code" 2>&1 </dev/null &
    pid=$!
    until_true grep -q "type in the code" "$work/guide.code"
    curl -s -o /dev/null "$(sed -n 's/^Open \(http[^ ]*\) on.*/\1/p' "$work/guide.code")?user_code=$(sed -n 's/.*type in the code //p' "$work/guide.code")&sim_answer=allow"
    wait "$pid" || fail "$platform by a code: $(cat "$work/guide.code")"
}

followed=0
for guide in contrib/guides/*.md; do
    platform=$(basename "$guide" .md)
    awk '/^ *```/ { inside = /```sh$/ && !inside; next } inside { sub(/^ +/, ""); print }' "$guide" | grep '^ecclesia ' >"$work/lines"
    # The configuration that the guide wants, with a name for HOST; the rest of it is for special cases.
    if [ "$platform" = instagram ]; then
        ECCLESIA_INSTAGRAM_CLIENT_ID=$(sim .client_id) ECCLESIA_INSTAGRAM_CLIENT_SECRET=$(sim .client_secret)
        ECCLESIA_INSTAGRAM_REDIRECT_URI=$(sed -n 's/^redirect_uri = //p' "$guide" | sed 's/HOST/live.example.org/')
        export ECCLESIA_INSTAGRAM_CLIENT_ID ECCLESIA_INSTAGRAM_CLIENT_SECRET ECCLESIA_INSTAGRAM_REDIRECT_URI
    fi
    while read -r line <&3; do
        case $line in
        "ecclesia connect "*)
            fill "$line"
            [ "$platform" != restream ] || [[ $line == *--method* ]] || filled+=(--port "$port") # its own may be taken here
            case $line in
            *"--method device"*) by_code ;;
            *"--method credentials"* | *"connect jitsi"*) run 0 "${filled[@]}" ;;
            *) answer ;;
            esac
            [ "$(status "$platform")" = connected ] || fail "$guide: not connected after: $line"
            followed=$((followed + 1))
            ;;
        *"doctor"*) run 0 doctor ;;
        *) read -ra words <<<"${line#ecclesia }"; run 0 "${words[@]}" ;;
        esac
    done 3<"$work/lines"
    run 0 disconnect "$platform"
done
[ "$followed" -ge 25 ] || fail "only $followed lines were followed"
echo "$followed lines that connect"
exit 0
