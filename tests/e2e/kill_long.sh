#!/bin/bash
# The same as kill.sh and kill_points.sh, longer: 1,600 programs killed at random moments, and every commit.
here=${0%/*}
KILL_ROUNDS=200 "$here/kill.sh" || exit 1
HOME=$HOME/points
mkdir "$HOME"
KILL_ALL=1 "$here/kill_points.sh"
