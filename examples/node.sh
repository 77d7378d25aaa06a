# For the examples to source: what they say, and a node on a free port and a temporary data folder, which go when the
# example ends. After start_node PROGRAM: $address is where clients connect, $work the folder, $node_pid the process.

# An example that can be given the program describes itself in its first lines and begins with take_program "$@".

say() { printf '\n== %s\n' "$*"; }

build_chisme() {
  say "packages"
  examples/install_dependencies.sh
  echo "all there"

  say "build (the first time takes some minutes)"
  cmake -S . -B build -G Ninja >/dev/null
  ninja -C build chisme
}

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; }

# take_program [--help | --binary CHISME]: goes to the project's folder and sets $chisme, which is built where none is
# given.
take_program() {
  local given=
  case "${1-}" in
    "") ;;
    --help) usage; exit 0 ;;
    --binary) given=$(realpath "${2:?--binary needs a program}") ;;
    *) usage >&2; exit 2 ;;
  esac
  cd "$(dirname "$0")/.."
  [ -n "$given" ] || build_chisme
  chisme=${given:-build/chisme}
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

# The one of Debian; says what is missing where it is not there.
need_confluent_kafka() {
  /usr/bin/python3 -c 'import confluent_kafka' 2>/dev/null && return
  echo "$0: needs python3-confluent-kafka: apt-get install python3-confluent-kafka" >&2
  exit 1
}

give_up_on_node() {
  echo "the node has neither started nor ended after $1 s; its log:" >&2
  cat "$work/node.log" >&2
  kill -KILL "$node_pid"
  exit 1
}

start_node() {
  local guard=30 begun=$SECONDS
  say "a node"
  "$1" node --log.dirs "$work/data" --listeners PLAINTEXT://127.0.0.1:0 2>"$work/node.log" &
  node_pid=$!
  until grep -q 'node started' "$work/node.log"; do
    kill -0 "$node_pid" 2>/dev/null || { cat "$work/node.log"; exit 1; }
    [ $((SECONDS - begun)) -lt $guard ] || give_up_on_node $guard
    sleep 0.05
  done
  cat "$work/node.log"
  address=$(sed -n 's/.*node started.*listeners=PLAINTEXT:\/\/\([^ ]*\).*/\1/p' "$work/node.log")
  awk '/VmRSS/ { printf "resident memory: %.1f MiB\n", $2 / 1024 }' "/proc/$node_pid/status"
}
