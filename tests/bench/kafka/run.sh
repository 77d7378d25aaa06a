#!/usr/bin/env bash
# A table of this node beside Apache Kafka on the same machine: see compare.py. All arguments go there; --help
# lists them.
set -euo pipefail
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$PWD/..:$PWD/../../clients"
exec python3 compare.py "$@"
