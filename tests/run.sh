#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests: those in C++, then the suites against the real process.
# The last line says "N passed, N failed, N skipped"; the exit code is 0 where nothing failed.
#   --quick          only the tests in C++
#   --asan           builds them (into build-asan/) with address and undefined-behaviour sanitizers
#   --fuzz SECONDS   afterwards every fuzz target for so long (build-fuzz/, needs clang)
#   --bench          afterwards the benchmarks
# With CI=true a client that cannot be had is a failure and no skip.
set -uo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; }

quick= preset=default folder=build fuzz= bench=
while (($#)); do
  case "$1" in
    --quick) quick=yes ;;
    --asan) preset=asan folder=build-asan ;;
    --fuzz)
      fuzz=${2:-}
      [[ $fuzz =~ ^[0-9]+$ ]] || { echo "run.sh: --fuzz needs a number of seconds" >&2; exit 2; }
      shift ;;
    --bench) bench=yes ;;
    -h | --help) usage; exit 0 ;;
    *) echo "run.sh: \"$1\" is not an option" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

passed=0 failed=0 skipped=0
out=$(mktemp -d "${TMPDIR:-/tmp}/chisme-tests.XXXXXX")
trap 'rm -rf "$out"' EXIT

step() { printf '\n==> %s\n' "$*"; }
finish() {
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0))
  exit
}
# What nothing else can go on without.
need() {
  "$@" && return
  echo "run.sh: failed: $*" >&2
  failed=$((failed + 1))
  finish
}
count() { grep -cE "$1" "$2" || true; }

# A suite that ends with "N passed, N failed, N skipped" of its own.
run_suite() {
  local name=$1 ended=0
  shift
  step "$name: $*"
  "$@" 2>&1 | tee "$out/$name" || ended=1
  local counts
  counts=$(grep -oE '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$out/$name" | tail -n 1 | grep -oE '[0-9]+' | tr '\n' ' ')
  local ok=0 bad=0 skip=0
  read -r ok bad skip <<<"${counts:-0 0 0}"
  # A suite that broke off without saying which check failed has failed all the same.
  ((ended == 0 || bad > 0)) || bad=1
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + ${skip:-0}))
}

run_cpp_tests() {
  step "ctest: unit, wire, sim and tidy tests from $folder/"
  local ended=0 bad
  ctest --test-dir "$folder" --verbose >"$out/ctest" 2>&1 || ended=1
  grep -vE '\[ RUN      \]|\[       OK \]|\[-{10}\]|^[0-9]+: $' "$out/ctest"
  passed=$((passed + $(count '\[       OK \] ' "$out/ctest")))
  skipped=$((skipped + $(count '\[  SKIPPED \] .*\([0-9]+ ms\)' "$out/ctest")))
  bad=$(count '\[  FAILED  \] .*\([0-9]+ ms\)' "$out/ctest")
  ((ended == 0 || bad > 0)) || bad=1
  failed=$((failed + bad))
}

run_fuzz_targets() {
  step "fuzzing, $fuzz s a target"
  need examples/install_dependencies.sh fuzz
  need cmake --preset fuzz
  need cmake --build --preset fuzz
  local target name
  for target in build-fuzz/tests/fuzz/*_fuzz; do
    [[ -x $target ]] || continue
    name=$(basename "$target")
    step "$name"
    mkdir -p "build-fuzz/corpus/$name"
    if "$target" -max_total_time="$fuzz" -print_final_stats=1 -artifact_prefix="build-fuzz/$name-" \
      "build-fuzz/corpus/$name" >"$out/$name" 2>&1; then
      grep -E 'number_of_executed_units|new_units_added|^Done' "$out/$name"
      passed=$((passed + 1))
    else
      tail -n 40 "$out/$name"
      failed=$((failed + 1))
    fi
  done
}

step "what is needed"
groups=(build)
[[ -n $quick ]] || groups+=(tests)
need examples/install_dependencies.sh "${groups[@]}"

step "building into $folder/"
need cmake --preset "$preset"
need cmake --build "$folder"

run_cpp_tests
if [[ -z $quick ]]; then
  for suite in clients nemesis; do
    [[ ! -x tests/$suite/run.sh ]] || run_suite "$suite" "tests/$suite/run.sh"
  done
fi
[[ -z $fuzz ]] || run_fuzz_targets
if [[ -n $bench ]]; then
  bench_program=$(find "$folder" -name chisme_bench -type f -perm -u+x | head -n 1)
  step "benchmarks"
  need "$bench_program"
fi
finish
