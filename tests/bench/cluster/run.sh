#!/usr/bin/env bash
# Clusters of three nodes on this machine, loaded, killed and left alone, as a table: see main.py. All arguments go
# there; --help lists them.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
/usr/bin/python3 -c 'import confluent_kafka' 2>/dev/null ||
  { echo "$0: needs python3-confluent-kafka: examples/install_dependencies.sh" >&2; exit 2; }
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH="$here:$here/..:$here/../../nemesis:$here/../../clients"
exec /usr/bin/python3 "$here/main.py" "$@"
