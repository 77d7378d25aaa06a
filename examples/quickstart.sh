#!/usr/bin/env bash
# From a fresh Debian 12 machine to records in a log: installs what is missing, builds, starts a node on a free port
# and a temporary data folder, writes a text through a Kafka client, reads it back through another one, compares, and
# stops what it started. Can be run again and again.
#
#   examples/quickstart.sh [FILE]       the text to write; without it this project's own documents
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

say "packages"
examples/install_dependencies.sh
echo "all there"

say "build (the first time takes some minutes)"
cmake -S . -B build -G Ninja >/dev/null
ninja -C build chisme

work=$(mktemp -d)
node_pid=
stop_node() {
  if [ -n "$node_pid" ]; then
    kill -TERM "$node_pid" 2>/dev/null || true
    wait "$node_pid" 2>/dev/null || true
    node_pid=
  fi
}
trap 'stop_node; rm -rf "$work"' EXIT

say "a node"
build/chisme node --log.dirs "$work/data" --listeners PLAINTEXT://127.0.0.1:0 2>"$work/node.log" &
node_pid=$!
until grep -q 'node started' "$work/node.log"; do
  kill -0 "$node_pid" 2>/dev/null || { cat "$work/node.log"; exit 1; }
done
cat "$work/node.log"
address=$(sed -n 's/.*node started.*listeners=PLAINTEXT:\/\/\([^ ]*\).*/\1/p' "$work/node.log")
awk '/VmRSS/ { printf "resident memory: %.1f MiB\n", $2 / 1024 }' "/proc/$node_pid/status"

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
