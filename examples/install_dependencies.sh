#!/usr/bin/env bash
# Installs what is missing on Debian 12 to build chisme and to try it; does nothing where nothing is missing.
#   install_dependencies.sh [build|quickstart|tests|fuzz]...     default: build
set -euo pipefail

packages_for() {
  case "$1" in
    build) echo g++ cmake ninja-build ccache pkg-config libcaf-dev libboost-dev libboost-program-options-dev \
      libspdlog-dev libfmt-dev nlohmann-json3-dev libexpected-dev libgtest-dev libgmock-dev libisal-dev zlib1g-dev \
      libsnappy-dev liblz4-dev libzstd-dev libssl-dev ;;
    quickstart) echo kcat python3 python3-confluent-kafka ;;
    tests) echo kcat python3 python3-venv python3-confluent-kafka
      # Any working node, npm, Maven or JDK will do, wherever it came from.
      command -v node >/dev/null || echo nodejs
      command -v npm >/dev/null || echo npm
      command -v mvn >/dev/null || echo maven
      command -v javac >/dev/null || echo default-jdk-headless ;;
    fuzz) echo clang-14 libclang-rt-14-dev ;;
    *) echo "install_dependencies.sh: \"$1\" is not one of build, quickstart, tests, fuzz" >&2; return 2 ;;
  esac
}

missing=()
for group in "${@:-build}"; do
  for package in $(packages_for "$group"); do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
done
if ((${#missing[@]} == 0)); then
  echo "==> everything that is needed is installed"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "missing: ${missing[*]}: install them as root" >&2; exit 1; }
  as_root=(sudo)
fi
echo "==> installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
