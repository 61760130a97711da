#!/usr/bin/env bash
# Installs what building, the demo and (with --tests) the tests need. Everything comes from npm and, as root on Debian or
# Ubuntu, from apt; elsewhere it says exactly what is missing. Does nothing when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

tests=no
[ "${1:-}" = --tests ] && tests=yes

say() { echo "setup: $*" >&2; }

if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  say "Node 20.19 or newer is needed, this is $(node --version)"
  exit 1
fi

# What is missing, by the Debian package that has it.
missing=()
need() { eval "$1" > /dev/null 2>&1 || missing+=("$2"); }
need 'command -v clang' clang
need 'test -e /usr/include/bpf/bpf_helpers.h' libbpf-dev
need 'ldconfig -p | grep libbpf.so.1' libbpf1
need 'command -v c++' g++
need 'command -v make' make
need 'command -v python3' python3
if [ $tests = yes ]; then
  need 'command -v llvm-objdump' llvm
  need 'command -v objdump' binutils
  need 'command -v gcc' gcc
  need 'test -x /usr/bin/chromium' chromium
  need 'command -v unzip' unzip
  need 'command -v zip' zip
  need 'python3 -c "import venv, ensurepip"' python3-venv
fi

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    say "installing ${missing[*]} with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
  else
    say "these are missing: ${missing[*]}"
    say "on Debian or Ubuntu: sudo apt-get install ${missing[*]}"
    exit 1
  fi
fi

if [ $tests = yes ] && ! go version > /dev/null 2>&1; then
  say "the tests record real Go programs: install Go 1.21 or newer (https://go.dev/dl), it fetches the other releases itself"
  exit 1
fi

# npm ci leaves a copy of the lock file behind: older than ours means that something changed.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "installing the npm packages"
  npm ci --no-audit --no-fund --loglevel=error
fi
