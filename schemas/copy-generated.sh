#!/usr/bin/env bash
# tsc leaves generated JavaScript where it is: put it beside the code that imports it.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p dist/trace/gen
cp src/trace/gen/trace.js src/trace/gen/trace.d.ts dist/trace/gen/
