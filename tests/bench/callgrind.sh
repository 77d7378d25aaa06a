#!/bin/sh
# Instructions per request: an in-process node under callgrind with N and with 2N requests; the difference is what
# the requests cost, without start and end. The client's few instructions are in it.
#
#   tests/bench/callgrind.sh [produce|fetch] [N] [path of chisme_bench]
set -eu
kind=${1:-produce}
n=${2:-2000}
program=${3:-build/tests/bench/chisme_bench}
command -v valgrind >/dev/null || { echo "valgrind is missing: apt-get install valgrind" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

instructions() {
  valgrind --tool=callgrind --callgrind-out-file="$work/$1" "$program" --in-process "$kind" --requests "$1" \
    --folder "$work" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  sed -n 's/^summary: *\([0-9]*\).*/\1/p; s/^totals: *\([0-9]*\).*/\1/p' "$work/$1" | head -1
}

once=$(instructions "$n")
twice=$(instructions $((2 * n)))
echo "$kind: $(((twice - once) / n)) instructions per request ($once for $n, $twice for $((2 * n)))"
callgrind_annotate "$work/$((2 * n))" 2>/dev/null | sed -n '1,60p' >"${CALLGRIND_TABLE:-/dev/null}"
