/** All that gotape does with a trace from a stranger: each mutant ends in a result or one sentence. */
import { writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { bytesSource } from '../../src/base/byte-source.js';
import { errorText, UserError } from '../../src/base/errors.js';
import { runAnalyze } from '../../src/cli/analyze.js';
import type { Context } from '../../src/cli/context.js';
import { runInfo } from '../../src/cli/info.js';
import { runReplay } from '../../src/cli/replay.js';
import { runVerify } from '../../src/cli/verify.js';
import type { SpanSink } from '../../src/model/span-sink.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { replayTrace } from '../../src/replay/replay-trace.js';
import { readArchive } from '../../src/trace/archive-reader.js';
import { repairTrace } from '../../src/trace/repair/repair-trace.js';
import { TraceFile } from '../../src/trace/trace-file.js';
import { verifyTrace } from '../../src/trace/verify/verify-trace.js';
import { MemorySink } from '../trace/memory-file.js';

/** Everything but line feeds, which are ours; and what reorders text. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

type Run = (ctx: Context, file: string) => Promise<unknown>;

const all = { goid: undefined, from: undefined, to: undefined, speed: undefined };
const COMMANDS: readonly Run[] = [
  (ctx, file) => runInfo(ctx, { file, json: false }),
  (ctx, file) => runInfo(ctx, { file, json: true }),
  (ctx, file) => runAnalyze(ctx, { top: 10, json: false, file }),
  (ctx, file) => runReplay(ctx, { ...all, file, json: false }),
  (ctx, file) => runReplay(ctx, { ...all, file, json: true }),
  (ctx, file) => runVerify(ctx, { files: [file], json: false }),
];

const nobody: SpanSink = { begin() {}, span() {}, systemStack() {}, end() {} };

/**
 * Reads and replays the mutant; then does one thing more with it, in turn: a command, or verify and repair.
 * @param scratch a file for the commands
 */
export async function expectAnswer(mutant: Uint8Array, number: number, scratch: string): Promise<void> {
  await answer(async () => {
    const source = bytesSource(mutant);
    using trace = new TraceFile(source, readArchive(source));
    await replayTrace(trace, new GoroutineTable(), nobody);
  });
  // Mutants of one worker are all odd or all even. A command takes as long as four times verify.
  const turn = (number >>> 1) % (6 * COMMANDS.length);
  if (turn < COMMANDS.length) await expectPlainText(COMMANDS[turn]!, mutant, scratch);
  else if (turn % 2 === 0) await answer(async () => verifyTrace(bytesSource(mutant)));
  else await answer(async () => expectRepaired(mutant));
}

async function answer(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

function expectRepaired(mutant: Uint8Array): void {
  const sink = new MemorySink();
  repairTrace(bytesSource(mutant), sink);
  const { problems } = verifyTrace(bytesSource(sink.bytes));
  if (problems.length > 0) throw new Error(`repaired, and not sound: ${JSON.stringify(problems[0])}`);
}

async function expectPlainText(run: Run, mutant: Uint8Array, scratch: string): Promise<void> {
  writeFileSync(scratch, mutant);
  let text = '';
  const stream = () =>
    new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    });
  try {
    await run({ stdout: stream(), stderr: stream(), env: {} }, scratch);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    text += errorText(error);
  }
  const found = CONTROL.exec(text);
  if (found) throw new Error(`prints ${JSON.stringify(text.slice(found.index - 40, found.index + 40))}`);
}
