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
may_hold+=("value.*")
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
            value "$key" "$1" >"$work/value.$platform.$key"
            [ -s "$work/value.$platform.$key" ] || fail "$platform: the simulator has no $key for: $1"
            word="$key=@$work/value.$platform.$key"
        fi
        filled+=("$word")
    done
}

# answer: a browser allows it; here it comes back by itself, from an https address it is pasted.
answer()
{
    begin guide "${filled[@]}" --timeout 90
    shown
    if [[ $(back "") == https* ]]; then
        back "" >&8
        echo >&8
    else
        curl -s -o /dev/null -L "$url&sim_answer=allow"
    fi
    finish 0
}

# code_begin, code_answer: by a code, which the simulator, as the real ones, is asked about every five seconds.
code_begin() { "$ECCLESIA" "${filled[@]}" --timeout 90 >"$work/$platform.code" 2>&1 </dev/null & pids[$platform]=$!; }
code_answer()
{
    until_true grep -q "type in the code" "$work/$1.code"
    curl -s -o /dev/null "$(sed -n 's/^Open \(http[^ ]*\) on.*/\1/p' "$work/$1.code")?user_code=$(sed -n 's/.*type in the code //p' "$work/$1.code")&sim_answer=allow"
}

declare -A pids=()
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
            *"--method device"*) echo "$line" >"$work/$platform.device"; continue ;;
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
# All codes at once.
for file in "$work"/*.device; do
    platform=$(basename "$file" .device)
    fill "$(cat "$file")"
    code_begin
done
for platform in "${!pids[@]}"; do code_answer "$platform"; done
for platform in "${!pids[@]}"; do
    wait "${pids[$platform]}" || fail "$platform by a code: $(cat "$work/$platform.code")"
    [ "$(status "$platform")" = connected ] || fail "$platform is not connected by a code"
    followed=$((followed + 1))
done
[ "$followed" -ge 25 ] || fail "only $followed lines were followed"
echo "$followed lines that connect"
exit 0
