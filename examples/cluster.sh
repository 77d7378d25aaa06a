#!/usr/bin/env bash
# Three nodes that become a cluster, a steady stream of records, and in the middle of it kill -9 for the node that takes
# them. It is told what happened when, and shown that no acknowledged record was lost and none is there twice.
# Takes some seconds once all is built, ends with code 0 only if that is so, and ends only what it has started.
#
#   examples/cluster.sh                    installs what is missing and builds, as quickstart.sh does
#   examples/cluster.sh --binary CHISME    uses this program
set -euo pipefail
. "$(dirname "$0")/node.sh"
take_program "$@"
need_confluent_kafka

# In the background, so that a signal to this script ends it, too, and its nodes with it.
/usr/bin/python3 examples/cluster.py "$chisme" "$work" &
node_pid=$!
code=0
wait "$node_pid" || code=$?
node_pid=
exit "$code"
