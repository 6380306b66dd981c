#!/bin/bash
# A passphrase typed on a terminal: before the console opens, for a command, for a new key, for a backup. It is never shown.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
start_sim
connect youtube
words='our help is in the name'

open_screen rotate 100x30 key rotate --to passphrase
until_shows rotate "New passphrase:"
type_in rotate "$words"
keys rotate Enter
until_shows rotate "The same again:"
type_in rotate "$words"
keys rotate Enter
until_shows rotate "The master key is new"
ended rotate 0
shows_not rotate "our help" || fail "the passphrase was shown"

# The console asks first, and asks again when it does not fit.
open_screen console 100x30
until_shows console "Passphrase of ecclesia's keys:"
type_in console "wrong"
keys console Enter
until_shows console "It does not fit."
type_in console "$words"
keys console Enter
until_shows console "done"
keys console q
ended console 0

# Without it one can look; the terminal is as it was.
open_screen none 100x30
until_shows none "Passphrase of ecclesia's keys:"
keys none C-c
until_shows none "done"
keys none q
ended none 0
cmp -s "$work/none.modes" "$work/none.modes.after" || fail "the terminal is not as it was"

# Who only looks is not asked.
open_screen look 100x30 livestream list
ended look 0
shows_not look "assphrase" || fail "asked for nothing"

open_screen backup 100x30 backup "$work/b.bak" --encrypt
until_shows backup "Passphrase of ecclesia's keys:"
type_in backup "$words"
keys backup Enter
until_shows backup "Passphrase of the backup:"
type_in backup "another"
keys backup Enter
until_shows backup "The same again:"
type_in backup "another"
keys backup Enter
until_shows backup "Written and checked"
ended backup 0
open_screen restore 100x30 restore "$work/b.bak"
until_shows restore "Passphrase of the backup:"
type_in restore "another"
keys restore Enter
until_shows restore "Restored"
ended restore 0
exit 0
