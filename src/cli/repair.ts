/** `gotape repair`: a sound trace of one that was cut off or damaged. */
import { ExitCode } from '../base/errors.js';
import { formatCount, printable } from '../base/text.js';
import { openTraceSource } from '../trace/open-trace.js';
import { type RepairReport, repairTrace } from '../trace/repair/repair-trace.js';
import type { Context, Outcome } from './context.js';
import { ofTrace, writeEdited } from './edited-trace.js';

export interface RepairArgs {
  readonly file: string;
  readonly output: string;
  readonly force: boolean;
}

export async function runRepair(ctx: Context, { file, output, force }: RepairArgs): Promise<Outcome> {
  using source = openTraceSource(file);
  const report = await writeEdited(ctx, { output, force }, (sink) =>
    ofTrace(file, (async () => repairTrace(source, sink))()),
  );
  ctx.stderr.write(describeRepair(output, report));
  return { exitCode: report.lost.length > 0 ? ExitCode.dataLoss : ExitCode.ok };
}

function describeRepair(output: string, { lost, entries, kept, transitions }: RepairReport): string {
  const holds = `${formatCount(kept)} of ${formatCount(entries)} entries are kept, ${formatCount(transitions)} transitions`;
  const lines = [
    `gotape: ${printable(output)}: ${holds}; ${lost.length === 0 ? 'nothing was lost' : 'what was lost:'}`,
    ...lost.map((sentence) => `        ${printable(sentence)}`),
  ];
  return `${lines.join('\n')}\n`;
}
