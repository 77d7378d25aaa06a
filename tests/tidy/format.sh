#!/usr/bin/env bash
# Are all sources formatted as .clang-format says? Names the files that are not.
#
#   tests/tidy/format.sh         checks
#   tests/tidy/format.sh --fix   formats them
set -uo pipefail
cd "$(dirname "$0")/../.."

# One version: others break lines elsewhere.
format=clang-format-14
command -v "$format" >/dev/null || { echo "$0: $format is missing: examples/install_dependencies.sh clang" >&2; exit 1; }
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp' | while read -r f; do [ -e "$f" ] && echo "$f"; done)
[ "${#files[@]}" -gt 0 ] || { echo "$0: no sources found" >&2; exit 1; }

if [ "${1:-}" = --fix ]; then
  exec "$format" -i "${files[@]}"
elif "$format" --dry-run --Werror "${files[@]}" >/dev/null 2>&1; then
  echo "1 passed, 0 failed"
else
  "$format" --dry-run "${files[@]}" 2>&1 | sed -nE 's/^([^ :]+):[0-9]+:[0-9]+: .*/FAILED \1/p' | sort -u
  echo "tests/tidy/format.sh --fix formats them"
  echo "0 passed, 1 failed"
  exit 1
fi
