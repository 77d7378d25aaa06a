#!/usr/bin/env bash
# Installs what is missing of the Debian 12 packages that chisme needs. Installs nothing where all are there.
#
#   examples/install_dependencies.sh            to build and to run the quickstart
#   examples/install_dependencies.sh clients    also for the tests with real clients
#   examples/install_dependencies.sh clang      also for the fuzz targets, the tests under sanitizers, the format check
set -euo pipefail

packages=(
  g++ cmake ninja-build ccache pkg-config python3
  libcaf-dev libboost-dev libboost-program-options-dev libspdlog-dev libfmt-dev nlohmann-json3-dev libexpected-dev
  libgtest-dev libgmock-dev libisal-dev zlib1g-dev libsnappy-dev liblz4-dev libzstd-dev libssl-dev libre2-dev
  kcat python3-confluent-kafka
)
for group in "$@"; do
  case "$group" in
    clients)
      packages+=(python3-venv unzip)
      # Any recent enough one will do, wherever it comes from.
      command -v npm >/dev/null || packages+=(nodejs npm)
      command -v javac >/dev/null || packages+=(default-jdk-headless)
      command -v mvn >/dev/null || packages+=(maven)
      command -v go >/dev/null || packages+=(golang-go)
      ;;
    clang) packages+=(clang-14 clang-format-14 libclang-rt-14-dev) ;;
    *) echo "$0: unknown group $group (clients, clang)" >&2; exit 2 ;;
  esac
done

missing=()
for p in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "$0: only root can install these, and there is no sudo" >&2; exit 1; }
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
