# Runs suites and counts what passed, failed and was skipped. Sourced by tests/run.sh; tested by counting_test.sh.
#
# A suite closes with the line "N passed, N failed[, N skipped]"; what says nothing has failed.

passed=0 failed=0 skipped=0
skipped_names=()
say() { printf '\n== %s\n' "$*"; }

# count OUTPUT: adds the closing line "N passed, N failed[, N skipped]" of a suite. Fails where it ran nothing.
count() {
  local line p f s=0
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1)
  [ -n "$line" ] || return 1
  p=$(sed -E 's/^([0-9]+) passed.*/\1/' <<<"$line")
  f=$(sed -E 's/.* ([0-9]+) failed.*/\1/' <<<"$line")
  [[ "$line" == *skipped* ]] && s=$(sed -E 's/.* ([0-9]+) skipped.*/\1/' <<<"$line")
  [ $((p + f + s)) -gt 0 ] || return 1
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
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

# google_tests BINARY [VARIABLE=VALUE...]: runs a GoogleTest binary and counts its tests; one that ran none has failed.
# A test that hangs is ended after a time that none needs, and named by the output.
google_tests() {
  local binary=$1 out p f s code
  shift
  say "$binary"
  out=$(mktemp)
  # Not exported: a node takes CHISME_... for options, and one that it does not know for a mistake.
  env "$@" timeout -s ABRT 1800 "$binary" >"$out" 2>&1
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
  elif [ $((${p:-0} + ${f:-0} + ${s:-0})) -eq 0 ]; then
    echo "$binary ran no test"
    failed=$((failed + 1))
  fi
  rm -f "$out"
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
