#!/usr/bin/env bash
# From a fresh Debian 12 machine to records in a log: installs what is missing, builds, starts a node on a free port
# and a temporary data folder, writes a text through a Kafka client, reads it back through another one, compares, and
# stops what it started. Can be run again and again.
#
#   examples/quickstart.sh [FILE]       the text to write; without it this project's own documents
set -euo pipefail
cd "$(dirname "$0")/.."
. examples/node.sh

build_chisme
start_node build/chisme

say "a topic"
build/chisme topic create quickstart --partitions 3 --bootstrap-server "$address"

text=${1:-$work/text}
[ $# -gt 0 ] || cat README.md actors/README.md LICENSE >"$text"

say "writing $(wc -l <"$text") lines with confluent-kafka, reading them with kcat"
/usr/bin/python3 examples/quickstart.py "$address" quickstart "$text"

say "what the node says about the topic"
build/chisme topic describe quickstart --bootstrap-server "$address"

say "what lies on disk"
build/chisme log dump "$work/data/quickstart-0" | head -12

say "stopping the node"
stop_node
tail -n 1 "$work/node.log"
