#!/usr/bin/env bash
# Runs the real-client suites (see README.md); all arguments go to the harness, --help lists them.
set -euo pipefail
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1
exec python3 -m harness "$@"
