/** `gotape merge`: several traces as one. */
import { ExitCode } from '../base/errors.js';
import { formatBytes, formatCount, formatNs, printable } from '../base/text.js';
import { type MergeResult, mergeTraces } from '../trace/edit/merge-traces.js';
import { openTrace, type TraceFile } from '../trace/open-trace.js';
import { assertLevel } from './compact.js';
import type { Context, Outcome } from './context.js';
import { type EditOutput, writeEdited } from './edited-trace.js';
import { versionText } from './version.js';

export interface MergeArgs extends EditOutput {
  readonly files: readonly string[];
  readonly level: number;
}

export async function runMerge(ctx: Context, args: MergeArgs): Promise<Outcome> {
  assertLevel(args.level);
  using opened = new OpenTraces();
  for (const file of args.files) await opened.add(file);
  const options = { level: args.level, producer: `gotape ${versionText()}` };
  const result = await writeEdited(ctx, args, (file) => mergeTraces(opened.all, file, options));
  const damage = opened.all.flatMap(({ name, trace }) => trace.damage.map((sentence) => `${name}: ${sentence}`));
  report(ctx, args.output, result, damage);
  return { exitCode: result.gaps > 0 || damage.length > 0 ? ExitCode.dataLoss : ExitCode.ok };
}

class OpenTraces implements Disposable {
  readonly all: { readonly name: string; readonly trace: TraceFile }[] = [];

  async add(path: string): Promise<void> {
    this.all.push({ name: printable(path), trace: await openTrace(path) });
  }

  [Symbol.dispose](): void {
    for (const { trace } of this.all) trace[Symbol.dispose]();
  }
}

function report(ctx: Context, output: string, result: MergeResult, damage: readonly string[]): void {
  const { sources, transitions, bytes, lost, gaps } = result;
  for (const { name, host, offsetNs, uncertaintyNs, alignment, pids } of sources) {
    const where = printable(host.hostname) || 'unknown host';
    const exact = alignment === 'monotonic' ? 'same clock' : `± ${formatNs(uncertaintyNs)}, by wall clock`;
    const changes = pids.map(({ pid, original }) => `; its process ${original} is ${pid} here`).join('');
    ctx.stdout.write(`${name}: ${where}, starts at ${formatNs(offsetNs)} (${exact})${changes}\n`);
  }
  const lines = [
    `${formatCount(transitions)} transitions of ${formatCount(sources.length)} traces, ${formatBytes(bytes)} → ${printable(output)}`,
    ...(gaps > 0 ? [`LOST ${formatCount(lost)} events, or not recorded, in ${formatCount(gaps)} gaps`] : []),
    ...damage.map((sentence) => `DAMAGE ${sentence}`),
  ];
  ctx.stderr.write(`gotape: ${lines.join('\n        ')}\n`);
}
