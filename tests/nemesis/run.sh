#!/usr/bin/env bash
# Bad input and bad days against the real process (see README.md); all arguments go to main.py, --help lists them.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
[ -z "${CHISME:-}" ] || export CHISME="$(realpath "$CHISME")"
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH="$here:$here/../clients"
exec python3 "$here/main.py" "$@"
