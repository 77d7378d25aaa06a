#!/usr/bin/env bash
# Builds everything and passes all tests. The last line is "N passed, N failed, N skipped".
#
#   tests/run.sh             unit, wire, simulation, thread and structure tests, bad days, real clients, then --checked
#   tests/run.sh --quick     unit, wire, simulation, thread and structure tests alone
#   tests/run.sh --checked   unit, wire, simulation and thread tests with fewer seeds, and a short fuzz of each target,
#                            under address and undefined behaviour sanitizers, not optimised
#   tests/run.sh --asan      all but the real clients under address and undefined behaviour sanitizers, optimised
#   tests/run.sh --tsan      what threads do outside CAF, under the thread sanitizer. CAF's library is not built with it,
#                            so everything that runs below one of its frames is left out: no race between actors is found
#   tests/run.sh --clang     as --quick, built by clang
#   tests/run.sh --fuzz N    each fuzz target for N seconds
#   tests/run.sh --cluster-clients   the real clients against a cluster of three nodes
#   tests/run.sh --bench     the benchmarks, printed as a table
#   tests/run.sh --bench-kafka   a table of this node beside Apache Kafka (tests/bench/kafka/run.sh --help)
#   tests/run.sh --bench-cluster   clusters of three nodes, loaded and killed (tests/bench/cluster/run.sh --help)
#   tests/run.sh --planted   whether the simulations find the bugs that are planted for it (tests/planted/README.md)
#   tests/run.sh --mutants [ARGUMENT...]   which lines no test notices (hours; tests/mutation/README.md)
#
# Warnings are errors here. What cannot be had or done here (a client library, a disk that only root can mount) is
# skipped by name; with CI=true that is a failure. The full run needs the network, for packages of Debian, pip, npm,
# Maven and Go, and takes about 35 minutes on two cores.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/lib/counting.sh

mode=full
fuzz_seconds=60
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) mode=quick ;;
    --checked) mode=checked ;;
    --asan) mode=asan ;;
    --tsan) mode=tsan ;;
    --clang) mode=clang ;;
    --cluster-clients) mode=cluster-clients ;;
    --bench) mode=bench ;;
    --planted) mode=planted ;;
    --mutants) shift; exec tests/mutation/run.py "$@" ;;
    --bench-kafka) mode=bench-kafka ;;
    --bench-cluster) mode=bench-cluster ;;
    --fuzz) mode=fuzz; fuzz_seconds=${2:?--fuzz needs seconds}; shift ;;
    -h|--help) sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "$0: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done

# Of the checked run, which need not find by them what longer ones are for.
short_fuzz_seconds=5
short_seeds=10

clang=(-DCMAKE_CXX_COMPILER=clang++-14)
# Not optimised: half the time to build, and the tests are short. The usual build type has flags that cannot be replaced.
checked=("${clang[@]}" -DCHISME_FUZZ=ON -DCHISME_SANITIZE=address,undefined
  -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -gline-tables-only -D_GLIBCXX_ASSERTIONS")
# Handed to the tests only: a node takes CHISME_... for options, and one that it does not know for a mistake.
test_variables=()

build() { # build FOLDER TARGETS CMAKE-OPTION...
  local folder=$1 targets
  read -ra targets <<<"$2"
  shift 2
  say "build in $folder"
  cmake -S . -B "$folder" -G Ninja -DCHISME_BENCH=OFF -DCHISME_WERROR=ON "$@" >"$folder.cmake.log" 2>&1 ||
    { cat "$folder.cmake.log"; exit 1; }
  rm -f "$folder.cmake.log"
  ninja -C "$folder" "${targets[@]}" || exit 1
}

# all_tests FOLDER [VARIABLE=VALUE...]: every GoogleTest binary that was built there.
all_tests() {
  local folder=$1 tests
  shift
  for tests in "$folder"/tests/*_tests; do
    google_tests "$tests" "${test_variables[@]}" "$@"
  done
}

# fuzz FOLDER SECONDS: each target for so long. What it finds on the way is kept as a start for the next time.
fuzz() {
  local folder=$1 seconds=$2 target corpus out
  out=$(mktemp)
  for target in "$folder"/tests/fuzz/*_fuzz; do
    say "$target for $seconds s"
    corpus="$folder/corpus/$(basename "$target")"
    mkdir -p "$corpus"
    if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="$folder/$(basename "$target")-" "$corpus" >"$out" 2>&1; then
      grep stat::number_of_executed_units "$out" && passed=$((passed + 1)) ||
        { echo "$target ran nothing"; failed=$((failed + 1)); }
    else
      tail -n 60 "$out"
      failed=$((failed + 1))
    fi
  done
  rm -f "$out"
}

# Tests and a short fuzz under sanitizers; those of structure read the sources, with the same result.
checked_tests() {
  build build-checked "unit_tests threads_tests wire_tests sim_tests fuzz_targets" "${checked[@]}"
  all_tests build-checked CHISME_SEEDS=$short_seeds
  fuzz build-checked $short_fuzz_seconds
}

say "packages"
groups=()
# In CI for every mode with tests: the newest schemas come with Maven.
[ "$mode" = full ] || [ "$mode" = cluster-clients ] || [ "$mode" = bench-kafka ] || [ "${CI:-}" = true ] && groups=(clients)
case "$mode" in full|quick|checked|fuzz|tsan|clang) groups+=(clang) ;; esac
examples/install_dependencies.sh "${groups[@]}" || exit 1

# The newest official schemas; where their registry does not answer, a test is skipped.
if [ "${CI:-}" = true ] && [ "$mode" != bench ]; then
  mkdir -p build
  tests/wire/fetch_newest_schemas.sh build/newest-schemas &&
    test_variables=("CHISME_NEWEST_SCHEMAS=$PWD/build/newest-schemas/common/message")
fi

suite "how tests are counted" tests/lib/counting_test.sh
case "$mode" in
  full)
    build build all
    all_tests build
    suite "format" tests/tidy/format.sh
    suite "the table of planted bugs" tests/planted/run.py --check
    suite "bad input and bad days" env CHISME="$PWD/build/chisme" tests/nemesis/run.sh
    suite "real clients" tests/clients/run.sh
    checked_tests
    ;;
  quick)
    build build all
    all_tests build
    suite "format" tests/tidy/format.sh
    suite "the table of planted bugs" tests/planted/run.py --check
    ;;
  checked)
    checked_tests
    ;;
  asan)
    build build-asan all -DCHISME_SANITIZE=address,undefined
    all_tests build-asan
    suite "bad input and bad days" env CHISME="$PWD/build-asan/chisme" NEMESIS_SANITIZED=1 tests/nemesis/run.sh
    ;;
  tsan)
    build build-tsan threads_tests "${clang[@]}" -DCHISME_SANITIZE=thread \
      -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -gline-tables-only"
    google_tests build-tsan/tests/threads_tests "TSAN_OPTIONS=suppressions=$PWD/tests/threads/tsan.supp"
    ;;
  clang)
    build build-clang all "${clang[@]}"
    all_tests build-clang
    ;;
  fuzz)
    build build-fuzz fuzz_targets "${clang[@]}" -DCHISME_FUZZ=ON -DCHISME_SANITIZE=address,undefined
    fuzz build-fuzz "$fuzz_seconds"
    ;;
  cluster-clients)
    build build chisme
    suite "real clients and three nodes" tests/clients/run.sh --nodes 3
    ;;
  planted)
    suite "planted bugs" tests/planted/run.py
    ;;
  bench)
    build build all -DCHISME_BENCH=ON
    exec build/tests/bench/chisme_bench
    ;;
  bench-kafka)
    build build chisme
    exec tests/bench/kafka/run.sh
    ;;
  bench-cluster)
    build build chisme
    exec tests/bench/cluster/run.sh
    ;;
esac
finish
