#!/usr/bin/env bash
# From nothing to a first workload: installs what is missing, builds, starts a node with a data folder of its own,
# writes a text into a topic line by line with one Kafka client, reads it back with another one and compares.
#   examples/quickstart.sh [TEXT]
# Stops what it started and leaves nothing behind but build/. Exit code 0: what was read is what was written.
set -euo pipefail
cd "$(dirname "$0")/.."
text=${1:-examples/texts/the_well.txt}
topic=gossip
partitions=3

step() { printf '\n==> %s\n' "$*"; }

work=$(mktemp -d "${TMPDIR:-/tmp}/chisme-quickstart.XXXXXX")
node=
stop_node() {
  [[ -n $node ]] || return 0
  kill -TERM "$node" 2>/dev/null || true
  wait "$node" || true
  node=
}
trap 'stop_node; rm -rf "$work"' EXIT

step "what is needed"
examples/install_dependencies.sh build quickstart

step "building (the first time takes a few minutes)"
cmake -S . -B build -G Ninja >"$work/cmake.log" || { cat "$work/cmake.log"; exit 1; }
cmake --build build --target chisme

step "starting a node: build/chisme node --listeners PLAINTEXT://127.0.0.1:0 --log.dirs $work/data"
build/chisme node --listeners PLAINTEXT://127.0.0.1:0 --log.dirs "$work/data" 2>"$work/node.log" &
node=$!
until grep -q 'node started' "$work/node.log"; do
  kill -0 "$node" 2>/dev/null || { cat "$work/node.log"; echo "the node did not start" >&2; exit 1; }
  sleep 0.01
done
started=$(grep 'node started' "$work/node.log")
echo "$started"
server=$(grep -oE '127\.0\.0\.1:[0-9]+' <<<"$started" | head -n 1)
start_ms=$(grep -oE 'took_ms=[0-9.]+' <<<"$started" | cut -d= -f2)
export CHISME_BOOTSTRAP_SERVER=$server

step "chisme topic create $topic --partitions $partitions"
build/chisme topic create "$topic" --partitions "$partitions"

step "writing $text with librdkafka (python3-confluent-kafka), a record a line"
/usr/bin/python3 examples/quickstart/produce_lines.py "$server" "$topic" "$text" "$work/acknowledged.tsv"

step "reading everything back with kcat"
kcat -q -b "$server" -C -t "$topic" -o beginning -e -f '%p\t%o\t%s\n' >"$work/read.tsv"
head -n 5 "$work/read.tsv" | sed 's/^/  /'
echo "  ..."

step "comparing what was acknowledged with what was read: partition, offset and text of every record"
sort -n -k1,1 -k2,2 "$work/acknowledged.tsv" >"$work/expected"
sort -n -k1,1 -k2,2 "$work/read.tsv" >"$work/found"
if ! diff "$work/expected" "$work/found" >"$work/difference"; then
  echo "they differ (< acknowledged, > read):"
  head -n 20 "$work/difference"
  exit 1
fi

step "chisme topic describe $topic"
build/chisme topic describe "$topic"

memory=$(awk '/^VmRSS/ {printf "%.1f MiB", $2 / 1024}' "/proc/$node/status")
stop_node
step "summary"
echo "records written   $(wc -l <"$work/expected")"
echo "records read back $(wc -l <"$work/found"), the same ones"
echo "partitions        $(cut -f1 "$work/found" | sort -n | uniq -c | awk '{printf "%s%s: %s records", sep, $2, $1; sep=", "}')"
echo "start             $start_ms ms"
echo "memory            $memory"
