#!/bin/bash
# The keys, from the command line: where they come from, and replacing them whatever is cut off.
. "${0%/*}/../lib/e2e.bash"
start_sim
config=$HOME/.config/ecclesia
connect youtube
run 0 key status --json
json '.locked == false and (.keys | map(.purpose) | sort) == ["audit","secret","token"] and .pending == null'
json '.keys | map(select(.purpose == "secret"))[0] | .state == "active" and .rows > 0'
run 0 connection check youtube

# Replaced: the connection still works, the old file is kept, no key is shown.
old=$(cat "$config/master.key")
run 0 key rotate
out_has "The master key is new"
out_has "is kept as"
grep -qF "$(cat "$config/master.key")" "$work/out" && fail "the key was shown"
[ "$old" != "$(cat "$config/master.key")" ] || fail "the key file is the old one"
grep -qF "$old" "$config"/master.key.until-* || fail "the old key is not kept"
run 0 connection check youtube
run 2 key rotate --only both
run 2 key rotate --only data --to file
run 0 key rotate --only data --json
json '.master == false and .moved > 0 and .left == []'

# Killed anywhere: the next command knows nothing of it and works; the next rotation ends it.
for point in file wrap wrapped kept swapped key keyed batch batched finish; do
    (ECCLESIA_CRASH=vault.rotate.$point exec "$ECCLESIA" key rotate --to file) >/dev/null 2>&1
    [ $? -eq 137 ] || fail "vault.rotate.$point was not reached"
    run 0 connection check youtube
done
run 0 key status
out_has "A rotation was cut off"
run 0 key rotate --json
json '.resumed'
run 0 key rotate
run 0 key status --json
json '.pending == null and ([.keys[] | select(.state == "retiring")] == [])'
[ ! -e "$config/master.key.new" ] || fail "the new file is left"

# A passphrase: asked for where it can be, else named; without it one can look.
printf 'our help is in the name\n' >"$work/words"
run 1 key rotate --to passphrase --passphrase-file "$work/words"
err_has "can be read or changed by other accounts"
chmod 600 "$work/words"
run 0 key rotate --to passphrase --passphrase-file "$work/words"
[ ! -e "$config/master.key" ] || fail "the key file is still there"
setsid -w "$ECCLESIA" livestream list >"$work/out" 2>"$work/err" || fail "looking without the passphrase"
setsid -w "$ECCLESIA" key status --json >"$work/out" 2>"$work/err" || fail "status without the passphrase"
json '.locked and (.source | contains("passphrase"))'
setsid -w "$ECCLESIA" connect youtube --set refresh_token=x >"$work/out" 2>"$work/err" && fail "sealed without a key"
setsid -w "$ECCLESIA" key rotate --to file >"$work/out" 2>"$work/err" && fail "rotated without a key"
export ECCLESIA_VAULT_PASSPHRASE_FILE=$work/words
run 0 connection check youtube
printf 'another\n' >"$work/wrong"
chmod 600 "$work/wrong"
ECCLESIA_VAULT_PASSPHRASE_FILE=$work/wrong run 1 connection check youtube
err_has "is the wrong one"
printf 'in the name of the lord' | run 0 key rotate --only master --passphrase-file -
run 1 connection check youtube
printf 'in the name of the lord' >"$work/words"
run 0 connection check youtube
run 0 key rotate --to file
unset ECCLESIA_VAULT_PASSPHRASE_FILE
run 0 connection check youtube

# A systemd credential opens what the file sealed, is preferred to nothing else's loss, and is not written by us.
mkdir "$work/credentials"
raw=$(cat "$config/master.key")
mv "$config/master.key" "$work/credentials/ecclesia.key"
run 1 connection check youtube
err_has "missing"
CREDENTIALS_DIRECTORY=$work/credentials run 0 key status --json
json ".source == \"credential $work/credentials/ecclesia.key\""
CREDENTIALS_DIRECTORY=$work/credentials run 0 connection check youtube
CREDENTIALS_DIRECTORY=$work/credentials run 1 key rotate
err_has "--to file"
CREDENTIALS_DIRECTORY=$work/credentials run 0 key rotate --only data
printf 'no key' >"$work/credentials/ecclesia.key"
CREDENTIALS_DIRECTORY=$work/credentials run 1 connection check youtube

# The environment opens it too, and a new file can take its place.
rm -r "$work/credentials"
run 1 connection check youtube
ECCLESIA_MASTER_KEY=$raw run 0 connection check youtube
ECCLESIA_MASTER_KEY=$raw run 1 key rotate
err_has "environment"
ECCLESIA_MASTER_KEY=$raw run 0 key rotate --to file
run 0 connection check youtube
ECCLESIA_MASTER_KEY=$raw run 1 connection check youtube
err_has "is the wrong one"
exit 0
