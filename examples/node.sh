# For the examples to source: what they say, and a node on a free port and a temporary data folder, which go when the
# example ends. After start_node PROGRAM: $address is where clients connect, $work the folder, $node_pid the process.

say() { printf '\n== %s\n' "$*"; }

build_chisme() {
  say "packages"
  examples/install_dependencies.sh
  echo "all there"

  say "build (the first time takes some minutes)"
  cmake -S . -B build -G Ninja >/dev/null
  ninja -C build chisme
}

stop_node() {
  if [ -n "$node_pid" ]; then
    kill -TERM "$node_pid" 2>/dev/null || true
    wait "$node_pid" 2>/dev/null || true
    node_pid=
  fi
}

work=$(mktemp -d)
node_pid=
trap 'stop_node; rm -rf "$work"' EXIT

start_node() {
  say "a node"
  "$1" node --log.dirs "$work/data" --listeners PLAINTEXT://127.0.0.1:0 2>"$work/node.log" &
  node_pid=$!
  until grep -q 'node started' "$work/node.log"; do
    kill -0 "$node_pid" 2>/dev/null || { cat "$work/node.log"; exit 1; }
  done
  cat "$work/node.log"
  address=$(sed -n 's/.*node started.*listeners=PLAINTEXT:\/\/\([^ ]*\).*/\1/p' "$work/node.log")
  awk '/VmRSS/ { printf "resident memory: %.1f MiB\n", $2 / 1024 }' "/proc/$node_pid/status"
}
