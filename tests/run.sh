#!/usr/bin/env bash
# Builds everything and passes all tests. The last line is "N passed, N failed, N skipped".
#
#   tests/run.sh             unit, wire, simulation and structure tests, bad days, real clients
#   tests/run.sh --quick     without the bad days and the real clients
#   tests/run.sh --asan      the same tests (without the real clients) under address and undefined behaviour sanitizers
#   tests/run.sh --fuzz N    each fuzz target for N seconds
#   tests/run.sh --bench     the benchmarks, printed as a table
#
# What cannot be had or done here (a client library, a disk that only root can mount) is skipped by name; with CI=true
# that is a failure. The full run needs the network, for packages of Debian, pip, npm and Maven, and takes about 20
# minutes.
set -uo pipefail
cd "$(dirname "$0")/.."

mode=full
fuzz_seconds=60
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) mode=quick ;;
    --asan) mode=asan ;;
    --bench) mode=bench ;;
    --fuzz) mode=fuzz; fuzz_seconds=${2:?--fuzz needs seconds}; shift ;;
    -h|--help) sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "$0: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done

passed=0 failed=0 skipped=0
skipped_names=()
newest_schemas=
say() { printf '\n== %s\n' "$*"; }

# count OUTPUT: adds the closing line "N passed, N failed[, N skipped]" of a suite.
count() {
  local line
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1)
  [ -n "$line" ] || return 1
  passed=$((passed + $(sed -E 's/^([0-9]+) passed.*/\1/' <<<"$line")))
  failed=$((failed + $(sed -E 's/.* ([0-9]+) failed.*/\1/' <<<"$line")))
  [[ "$line" == *skipped* ]] && skipped=$((skipped + $(sed -E 's/.* ([0-9]+) skipped.*/\1/' <<<"$line")))
  note_skipped < <(sed -nE 's/^SKIPPED +([0-9.]+ s +)?//p' "$1")
  return 0
}

# note_skipped: names of skipped tests, one a line.
note_skipped() {
  local names
  mapfile -t names
  skipped_names+=("${names[@]}")
}

# suite NAME COMMAND...: runs a suite that closes with such a line.
suite() {
  local name=$1 out
  shift
  say "$name"
  out=$(mktemp)
  "$@" 2>&1 | tee "$out"
  local code=${PIPESTATUS[0]}
  if ! count "$out"; then
    echo "$name ended with code $code and without a result"
    failed=$((failed + 1))
  elif [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then
    echo "$name ended with code $code"
    failed=$((failed + 1))
  fi
  rm -f "$out"
}

# google_tests BINARY: runs a GoogleTest binary and counts its tests. A test that hangs is ended after a time that none
# needs, and named by the output.
google_tests() {
  local binary=$1 out p f s code
  say "$(basename "$binary")"
  out=$(mktemp)
  # Not exported: a node takes CHISME_... for options, and one that it does not know for a mistake.
  env ${newest_schemas:+"CHISME_NEWEST_SCHEMAS=$newest_schemas"} timeout -s ABRT 900 "$binary" >"$out" 2>&1
  code=$?
  if [ "$code" -eq 0 ]; then tail -n 3 "$out"; else grep -vE '^\[( RUN|       OK|---)' "$out"; fi
  p=$(sed -nE 's/^\[  PASSED  \] ([0-9]+) test.*/\1/p' "$out" | tail -n 1)
  f=$(sed -nE 's/^ *([0-9]+) FAILED TEST.*/\1/p' "$out" | tail -n 1)
  s=$(sed -nE 's/^\[  SKIPPED \] ([0-9]+) test.*/\1/p' "$out" | tail -n 1)
  passed=$((passed + ${p:-0}))
  failed=$((failed + ${f:-0}))
  skipped=$((skipped + ${s:-0}))
  # As they come they are told with a time behind, in the list at the end alone.
  note_skipped < <(sed -nE 's/^\[  SKIPPED \] ([^ ]*[^0-9 ][^ ]*)$/\1/p' "$out")
  if [ "$code" -ne 0 ] && [ "${f:-0}" -eq 0 ]; then
    echo "$binary ended with code $code; the last test was: $(grep '^\[ RUN' "$out" | tail -n 1)"
    failed=$((failed + 1))
  fi
  rm -f "$out"
}

build() { # build FOLDER TARGET CMAKE-OPTION...
  local folder=$1 target=$2
  shift 2
  say "build in $folder"
  cmake -S . -B "$folder" -G Ninja "$@" >"$folder.cmake.log" 2>&1 || { cat "$folder.cmake.log"; exit 1; }
  rm -f "$folder.cmake.log"
  ninja -C "$folder" "$target" || exit 1
}

finish() {
  local code=0
  [ "$failed" -eq 0 ] || code=1
  echo
  if [ "$skipped" -gt 0 ]; then
    [ ${#skipped_names[@]} -eq 0 ] || printf 'skipped: %s\n' "${skipped_names[@]}"
    [ "${CI:-}" != true ] || { echo "with CI=true nothing may be skipped"; code=1; }
  fi
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  exit $code
}

say "packages"
groups=()
# In CI for every mode with tests: the newest schemas come with Maven.
[ "$mode" = full ] || [ "${CI:-}" = true ] && groups=(clients)
[ "$mode" = fuzz ] && groups=(fuzz)
examples/install_dependencies.sh "${groups[@]}" || exit 1

case "$mode" in
  fuzz)
    build build-fuzz fuzz_targets -DCMAKE_CXX_COMPILER=clang++-14 -DCHISME_FUZZ=ON -DCHISME_BENCH=OFF \
      -DCHISME_SANITIZE=address,undefined
    for target in build-fuzz/tests/fuzz/*_fuzz; do
      say "$(basename "$target") for $fuzz_seconds s"
      corpus="build-fuzz/corpus/$(basename "$target")"
      mkdir -p "$corpus"
      if "$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "$corpus" \
        2>&1 | tail -n 12; [ "${PIPESTATUS[0]}" -eq 0 ]; then
        passed=$((passed + 1))
      else
        failed=$((failed + 1))
      fi
    done
    finish
    ;;
  bench)
    build build all -DCHISME_BENCH=ON
    exec build/tests/bench/chisme_bench
    ;;
  asan) folder=build-asan; build $folder all -DCHISME_SANITIZE=address,undefined -DCHISME_BENCH=OFF ;;
  *) folder=build; build $folder all -DCHISME_BENCH=OFF ;;
esac

if [ "${CI:-}" = true ]; then
  # The newest official schemas; where their registry does not answer, a test is skipped.
  tests/wire/fetch_newest_schemas.sh "$folder/newest-schemas" &&
    newest_schemas=$PWD/$folder/newest-schemas/common/message
fi
for tests in "$folder"/tests/*_tests; do
  google_tests "$tests"
done
if [ "$mode" = full ] || [ "$mode" = asan ]; then
  sanitized=()
  [ "$mode" = asan ] && sanitized=(NEMESIS_SANITIZED=1)
  suite "bad input and bad days" env CHISME="$PWD/$folder/chisme" "${sanitized[@]}" tests/nemesis/run.sh
fi
[ "$mode" = full ] && suite "real clients" tests/clients/run.sh
finish
