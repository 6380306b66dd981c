# No secret is found in what a command prints, nor in anything that a script leaves behind. Sourced by e2e.bash.
#
# Whatever the simulator gives out that is secret (tokens, codes, device codes, stream keys, host links) begins with one mark, and its ready
# credentials are known by heart; a test that makes up a secret of its own puts the mark into it ($secret_mark). So each can be looked for
# without knowing it, plain and in the dresses in which it could travel.
secret_mark=5ec2e75ec2e7
secret_words="$secret_mark 5ec2-e75e-c2e7 sim-refresh-token-of sim-meet-refresh-token simrestreamrefreshtoken sim-user-token-of
    sim-page-token-of GOCSPX-ecclesia-sim-secret sim-restream-secret- simZoomClientSecret simZoomServerSecret sim-zoom-webhook-secret
    EcclesiaSecretOfTheWebApp s3cret-of-the-simulated 0123456789abcdef0123456789abcdef fedcba9876543210fedcba9876543210
    BgkqhkiG9w0BAQEFAASC"

# Files of the script's own that may hold secrets (what the simulator tells of itself, from what values are given): names as grep --exclude takes them.
may_hold=(sim.json objects 'value.*')

# Plain, as hex digits, and as the middle of base64 at each of the three places where it can begin.
secret_dresses()
{
    local word front coded
    for word in $secret_words; do
        echo "$word"
        printf %s "$word" | od -An -tx1 -v | tr -d ' \n'
        echo
        for front in '' x xx; do
            # The first characters hold bits of what stands before, the last two of what comes after.
            coded=$(printf '%s%s' "$front" "$word" | base64 -w0)
            coded=${coded%%=*}
            coded=${coded:${#front} * 2:${#coded} - ${#front} * 2 - 2}
            echo "$coded"
            echo "$coded" | tr +/ -_
        done
    done | sort -u
}

secret_patterns=${secret_patterns:-${ECCLESIA%/*}/tests/secret_patterns}
if [ ! -s "$secret_patterns" ] || [ "${BASH_SOURCE[0]}" -nt "$secret_patterns" ]; then
    mkdir -p "${secret_patterns%/*}"
    secret_dresses >"$secret_patterns.$$" && mv "$secret_patterns.$$" "$secret_patterns"
fi

# told FILE…: what of these outputs holds a secret. The link that starts a meeting as its host is shown to the operator who asks for that
# meeting: it is looked over here, and must not be found in anything that lasts.
told()
{
    grep -qaF -f "$secret_patterns" -- "$@" 2>/dev/null || return 0
    sed -E '/^ *host link +http/d; s/"hostLink":"[^"]*"//g' -- "$@" 2>/dev/null | grep -oaF -f "$secret_patterns"
}

# no_secret FILE…: outputs of a command.
no_secret()
{
    local found
    found=$(told "$@" | head -n 3)
    [ -z "$found" ] || fail "a secret was given away: $found"
}

# What is left in the script's places, and in its home when that is its own.
no_secret_left()
{
    local places=("$work") name exclude=() found
    [[ $HOME == /tmp/ecl.* ]] && places=("$HOME" "$work")
    for name in "${may_hold[@]}" out err; do exclude+=("--exclude=$name"); done
    for name in "$work/out" "$work/err"; do
        [ ! -f "$name" ] || [ -z "$(told "$name")" ] || { echo "FAIL: a secret is in $name"; return 1; }
    done
    found=$(grep -rlaF -D skip -f "$secret_patterns" "${exclude[@]}" -- "${places[@]}" 2>/dev/null | sort -u)
    [ -z "$found" ] && return 0
    echo "FAIL: a secret is left in the open:"
    while read -r name; do
        echo "  $name: $(grep -oaF -m 1 -f "$secret_patterns" -- "$name" | head -n 1)"
    done <<<"$found"
    return 1
}

end_of_script()
{
    local status=$?
    [ "$status" -ne 0 ] || no_secret_left || status=1
    rm -rf "$work"
    exit "$status"
}
