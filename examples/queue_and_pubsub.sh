#!/usr/bin/env bash
# A queue and pub-sub on one topic: three workers share it as one group, two loners read all of it, each as a group of
# its own. Records flow while one worker is killed and another one is added; at the end it is counted who read what.
# Ends with code 0 only if the group had each record once and each loner, too. Can be run again and again.
#
#   examples/queue_and_pubsub.sh                    installs what is missing and builds, as quickstart.sh does
#   examples/queue_and_pubsub.sh --binary CHISME    uses this program
set -euo pipefail
. "$(dirname "$0")/node.sh"
take_program "$@"
need_confluent_kafka
start_node "$chisme"

say "one topic"
"$chisme" topic create orders --partitions 6 --bootstrap-server "$address"

/usr/bin/python3 examples/queue_and_pubsub.py "$address" orders

say "stopping the node"
stop_node
tail -n 1 "$work/node.log"
