#!/usr/bin/env bash
# Static TypeScript-typed code for schemas/*.proto. `npm run build` calls it; the output is not committed.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p src/trace/gen
npx pbjs -t static-module -w esm --force-long --no-service --no-typeurl --no-delimited --no-verify \
  -o src/trace/gen/trace.js --dts schemas/trace.proto
