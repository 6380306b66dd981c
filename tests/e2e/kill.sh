#!/bin/bash
# kill -9 at 200 random moments while eight livestreams on two platforms are created, started, changed and stopped by programs of their
# own: afterwards nothing is lost and nothing is there twice. Then the same while every answer to a create is lost.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/kill.bash"
rounds=${KILL_ROUNDS:-25}
open_world
sim_pid=$!

kill_rounds "$rounds"
drain
check_world
check_acknowledged

start_now=yes
sim_do POST faults '{"platform":"youtube","method":"POST","path":"/youtube/v3/liveBroadcasts","kind":"lost_answer","probability":0.8}' >/dev/null
sim_do POST faults '{"platform":"facebook","method":"POST","kind":"lost_answer","probability":0.5}' >/dev/null
kill_rounds $(((rounds + 4) / 5))
sim_do DELETE faults >/dev/null
drain
check_world
check_acknowledged
echo "$(wc -l <"$work/there") objects, $(sql 'SELECT sum(rescues) FROM jobs') jobs taken over, $(sql "SELECT count(*) FROM attempts WHERE mode = 'reconcile'") looked up"
exit 0
