#!/usr/bin/env bash
# What tests/run.sh makes of suites that do not behave: each is planted here, and the totals are compared.
set -uo pipefail
cd "$(dirname "$0")"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
good=0 bad=0

# expect NAME TOTALS CODE CALL...: what is printed last, and the code, after that call and finish().
expect() {
  local name=$1 totals=$2 code=$3 out
  shift 3
  out=$(. ./counting.sh; "$@"; finish)
  local ended=$?
  if [ "$(tail -n 1 <<<"$out")" = "$totals" ] && [ "$ended" -eq "$code" ]; then
    good=$((good + 1))
  else
    bad=$((bad + 1))
    echo "FAILED $name: code $ended and: $out"
  fi
}

# planted TEXT CODE: a program that says so and ends so.
planted() {
  local program
  program=$(mktemp "$folder/XXXXXX")
  printf '#!/bin/sh\ncat <<"END"\n%s\nEND\nexit %d\n' "$1" "$2" >"$program"
  chmod +x "$program"
  echo "$program"
}

unset CI
none="0 passed, 1 failed, 0 skipped"
expect "a binary that passes" "3 passed, 0 failed, 0 skipped" 0 \
  google_tests "$(planted '[  PASSED  ] 3 tests.' 0)"
expect "a binary without tests" "$none" 1 \
  google_tests "$(planted '[==========] 0 tests from 0 test suites ran. (0 ms total)
[  PASSED  ] 0 tests.' 0)"
expect "a binary that says nothing" "$none" 1 google_tests "$(planted '' 0)"
expect "a binary that is not there" "$none" 1 google_tests "$folder/gone"
expect "a binary that ends in the middle" "$none" 1 google_tests "$(planted '[ RUN      ] a.b' 0)"
expect "a binary that crashes" "$none" 1 google_tests "$(planted '[ RUN      ] a.b' 134)"
expect "a binary that fails behind its tests" "3 passed, 1 failed, 0 skipped" 1 \
  google_tests "$(planted '[  PASSED  ] 3 tests.' 1)"
failing='[  PASSED  ] 2 tests.
[  FAILED  ] 1 test, listed below:
 1 FAILED TEST'
expect "a binary with a test that fails" "2 passed, 1 failed, 0 skipped" 1 google_tests "$(planted "$failing" 1)"
skipping='[  PASSED  ] 2 tests.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] a.b'
expect "a binary with a test that is skipped" "2 passed, 0 failed, 1 skipped" 0 google_tests "$(planted "$skipping" 0)"
CI=true expect "the same where nothing may be skipped" "2 passed, 0 failed, 1 skipped" 1 \
  google_tests "$(planted "$skipping" 0)"
expect "a suite that passes" "4 passed, 0 failed, 1 skipped" 0 suite x "$(planted '4 passed, 0 failed, 1 skipped' 0)"
expect "a suite that ran nothing" "$none" 1 suite x "$(planted '0 passed, 0 failed, 0 skipped' 0)"
expect "a suite without a result" "$none" 1 suite x "$(planted 'hello' 0)"
expect "a suite that passes and fails" "4 passed, 1 failed, 0 skipped" 1 suite x "$(planted '4 passed, 0 failed' 1)"

printf '%d passed, %d failed\n' "$good" "$bad"
[ "$bad" -eq 0 ]
