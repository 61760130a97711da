#!/usr/bin/env bash
# Compiles every BPF program, for both architectures, into dist/bpf. Needs clang (14 or newer) and libbpf's headers;
# nothing else ever needs clang.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p dist/bpf
include=/usr/include/$(uname -m)-linux-gnu
for source in bpf/*.bpf.c; do
  for arch in x86 arm64; do
    case $arch in x86) name=x64 ;; arm64) name=arm64 ;; esac
    clang -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter -D__TARGET_ARCH_$arch -isystem "$include" \
      -c "$source" -o "dist/bpf/$(basename "$source" .bpf.c)-$name.bpf.o"
  done
done
