#!/usr/bin/env bash
# Records TypeScript's own compiler, a Go program that nobody prepared for this, while it compiles gotape itself.
# Where BPF is not permitted, the same is shown on a recording from fixtures/.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p out
trace=out/tsc.gotape.zip
json=out/tsc.json.gz
tsc=node_modules/@typescript/typescript-$(node -p 'process.platform + "-" + process.arch')/lib/tsc

say() { printf '\n%s\n' "── $*" >&2; }

say "recording TypeScript's compiler (a stripped Go binary) while it compiles gotape"
rm -f $trace
status=0
node dist/main.js record -o $trace -- $tsc -p tsconfig.json --noEmit || status=$?
if [ ! -e $trace ]; then
  say "this machine does not permit recording (the reason stands above): going on with a recording made elsewhere"
  cp fixtures/go1.26-tsc.gotape.zip $trace
elif [ $status != 0 ]; then
  say "exit status $status: the compiler's own, or 3 when events were lost"
fi

say "where the time of all goroutines went: gotape analyze $trace"
node dist/main.js analyze --top 5 $trace || [ $? = 3 ]

say "as Chrome trace-event JSON: gotape convert $trace -o $json"
node dist/main.js convert $trace --to chrome --force -o $json || [ $? = 3 ]

say "now you have"
cat >&2 <<END
   $trace   the recording: gotape info, analyze, replay or convert it; attach it to a bug report
   $json        drop it into https://ui.perfetto.dev (nothing is uploaded) to see every goroutine's time line
END
